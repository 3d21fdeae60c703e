//! `serve --demo`: a first look shows what Forewarn is for.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::server::{Launch, Server};

use crate::house::{BINARY, issued};
use crate::wire::comes_true;

#[test]
fn within_a_minute_the_log_warns_of_exactly_what_ends_within_a_week_once_each() {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::new(BINARY, &folder.path().join("data"))
        .arg("--demo")
        .bootstrap()
        .start();
    let expected = ending(&server);
    assert!(
        expected.len() >= 3,
        "the demonstration has something to show"
    );
    comes_true(60, || warned(&server).len() >= expected.len());
    // Whatever else would come has had its time.
    std::thread::sleep(Duration::from_secs(3));
    let warned = warned(&server);
    let told: BTreeMap<String, String> = warned.iter().cloned().collect();
    assert_eq!(told, expected, "{}", server.log());
    assert_eq!(warned.len(), told.len(), "each once: {warned:?}");
    a_fresh_token_tells_of_itself(&server);
}

fn a_fresh_token_tells_of_itself(server: &Server) {
    let made = server
        .admin()
        .post("/v1/tokens", &json!({"name": "mine"}))
        .expect(201);
    let (id, value) = issued(&made.json());
    let me = server
        .client()
        .bearer(&value)
        .get("/v1/tokens/self")
        .expect(200);
    let end = me.json()["expires_at"].clone();
    assert_eq!(
        (&me.json()["id"], &me.json()["name"]),
        (&json!(id), &json!("mine"))
    );
    assert_eq!(me.header("authentication-token-expiration"), end.as_str());
}

#[test]
fn the_demonstration_looks_like_an_organisation() {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::new(BINARY, &folder.path().join("data"))
        .arg("--demo")
        .bootstrap()
        .start();
    let count = |path: &str| {
        let page = server.admin().get(path).expect(200).json();
        page["items"].as_array().unwrap().len()
    };
    for (path, least) in [
        ("/v1/people?limit=200", 5),
        ("/v1/teams?limit=200", 3),
        ("/v1/sources?limit=200", 3),
        ("/v1/credentials?limit=200", 20),
        ("/v1/credentials?limit=200&orphaned=true", 1),
        ("/v1/credentials?limit=200&state=expired", 1),
    ] {
        assert!(count(path) >= least, "{path}: {}", count(path));
    }
    let channels = server.admin().get("/v1/channels").expect(200).json();
    assert!(
        channels["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["id"] == "demo-outbox")
    );
    let told = comes_true(60, || {
        let page = server
            .admin()
            .get("/v1/alerts?limit=200")
            .expect(200)
            .json();
        !page["items"].as_array().unwrap().is_empty()
    });
    assert!(told, "alerts stand: {}", server.log());
}

/// Issuer's id and name of what ends within 168 h; bootstrap tokens are exempt.
fn ending(server: &Server) -> BTreeMap<String, String> {
    let path = "/v1/credentials?expires_within=168h&limit=200";
    let page = server.admin().get(path).expect(200).json();
    assert!(page["next_cursor"].is_null());
    let items = page["items"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    items
        .filter(|item| item["kind"] != "bootstrap")
        .map(|item| (text(&item["external_id"]), text(&item["name"])))
        .collect()
}

/// Issuer's id and name of every warning so far.
fn warned(server: &Server) -> Vec<(String, String)> {
    let log = server.log();
    log.lines().filter_map(crate::house::warning).collect()
}
