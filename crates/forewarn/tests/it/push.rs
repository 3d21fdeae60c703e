//! Telling a source of credentials, and instants from now on.

use serde_json::json;
use testkit::http::Client;

/// Tells the source `legacy` of one credential.
pub(crate) fn push(caller: &Client, id: &str, expires_at: &str) -> Pushed {
    let line = json!({
        "external_id": id, "kind": "api_token", "name": id,
        "created_at": "2025-01-01T00:00:00Z", "expires_at": expires_at,
    });
    let kind = [("content-type", "application/x-ndjson")];
    let path = "/v1/sources/legacy/observations";
    Pushed(caller.try_request("POST", path, &kind, format!("{line}\n").as_bytes()))
}

/// What became of a push; the server may have died under it.
pub(crate) struct Pushed(std::io::Result<testkit::http::Reply>);

impl Pushed {
    pub(crate) fn answered(&self) -> bool {
        self.0
            .as_ref()
            .is_ok_and(|reply| (200..300).contains(&reply.status))
    }

    #[track_caller]
    pub(crate) fn succeeded(self) {
        let reply = self.0.unwrap();
        assert!((200..300).contains(&reply.status), "{}", reply.text());
    }
}

pub(crate) fn in_hours(hours: i64) -> String {
    in_seconds(hours * 3600)
}

pub(crate) fn in_seconds(seconds: i64) -> String {
    // A test of the real binary needs the real time.
    let now = std::time::UNIX_EPOCH.elapsed().unwrap();
    let at = i64::try_from(now.as_micros()).unwrap() + seconds * 1_000_000;
    domain::kernel::Instant::from_micros(at).to_string()
}
