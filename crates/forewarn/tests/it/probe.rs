//! A credential that is asked about itself, and a source whose own credential lapses: what
//! people hear, and how soon.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::house::House;
use crate::receiver::{HOOK_SECRET, Receiver};
use crate::wire::comes_true;

/// A fake of somebody's API: it answers well until its credentials are ended.
struct Api {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Api {
    fn start(body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&ended);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0_u8; 4096];
                if stream.read(&mut request).unwrap_or(0) == 0 {
                    continue;
                }
                let (status, body) = match flag.load(Ordering::SeqCst) {
                    true => ("401 Unauthorized", ""),
                    false => ("200 OK", body),
                };
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).ok();
            }
        });
        Self { address, ended }
    }

    fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
    }
}

/// A house that reads every second and tells a webhook, and the folder of its secrets.
fn house(hook: &Receiver, source: &str) -> (House, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let secret = |name: &str, value: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, value).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, private).unwrap();
        path.display().to_string()
    };
    let source = source.replace("KEY", &secret("key", "sample-key"));
    let house = House::with(&format!(
        "[notifier]\ninterval = '1s'\n[egress]\nallow_cidrs = ['127.0.0.0/8']\n\
         [audience]\ncatch_all = ['ops@example.org']\n[channels.kept]\nkind = 'outbox'\n\
         [channels.hook]\nkind = 'webhook'\nurl = '{}'\nsecret = {{ file = '{}' }}\n{source}",
        hook.url(),
        secret("hook", HOOK_SECRET),
    ));
    (house, folder)
}

fn events(hook: &Receiver, kind: &str) -> Vec<Value> {
    let bodies = hook.received().into_iter().map(|received| received.body);
    bodies.filter(|body| body["type"] == kind).collect()
}

/// F27: the alert comes within seconds and names the credential, what it is used by, its
/// owner and its team; it is over when the credential works again.
#[test]
fn a_token_behind_a_probe_that_is_refused_is_said_at_once_with_all_it_takes_down() {
    let (hook, api) = (Receiver::start(), Api::start("fine"));
    let source = format!(
        "[sources.export-key]\nsystem = 'http-probe'\nurl = 'http://{}/me'\nname = 'export key'\n\
         header = {{ file = 'KEY' }}\nowner = 'ada@example.org'\nteam = 'Platform'\n\
         used_by = ['nightly export']\n",
        api.address
    );
    let (house, _secrets) = house(&hook, &source);
    let admin = house.admin();
    let person = json!({"name": "Ada", "email": "ada@example.org"});
    let person = admin.post("/v1/people", &person).expect(201).json();
    let team = json!({"name": "Platform", "members": [person["id"]]});
    let _ = admin.post("/v1/teams", &team).expect(201);
    let listed = || admin.get("/v1/credentials?source=export-key").json()["items"][0].clone();
    let owned = || !listed()["owner"].is_null() && !listed()["team"].is_null();
    assert!(comes_true(30, owned), "{}", listed());
    assert!(events(&hook, "credential.refused").is_empty());
    api.end();
    let told = || !events(&hook, "credential.refused").is_empty();
    assert!(comes_true(20, told), "{:?}", hook.received());
    let said = events(&hook, "credential.refused")[0].to_string();
    for part in ["export key", "nightly export", "Ada", "Platform"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let state = admin.get("/v1/sources").json()["items"].to_string();
    assert!(
        !state.contains("failing\":\""),
        "the source is well: {state}"
    );
    api.ended.store(false, Ordering::SeqCst);
    let open = || admin.get("/v1/alerts?kind=refused").json()["items"].clone();
    assert!(comes_true(20, || open() == json!([])), "{}", open());
}

/// F27: a source whose own credential is refused is blind at once, over another channel;
/// what is known of it is still warned of, marked with when it was last confirmed.
#[test]
fn a_source_whose_own_token_lapses_is_blind_and_its_known_ends_are_warned_of() {
    let hook = Receiver::start();
    let end = crate::push::in_hours(30);
    let body = format!(
        r#"[{{"id":1,"name":"deploy","created_at":"2026-01-01T00:00:00Z","expires_at":"{end}","revoked":false,"active":true,"scopes":[],"user_id":5}}]"#
    );
    let api = Api::start(Box::leak(body.into_boxed_str()));
    let source = format!(
        "[sources.lab]\nsystem = 'gitlab'\nurl = 'http://{}'\ntoken = {{ file = 'KEY' }}\n",
        api.address
    );
    let (house, _secrets) = house(&hook, &source);
    let admin = house.admin();
    let listed = || admin.get("/v1/credentials?source=lab").json()["items"].clone();
    assert!(
        comes_true(30, || listed().as_array().is_some_and(|l| !l.is_empty())),
        "{}",
        listed()
    );
    api.end();
    let told = || !events(&hook, "source.blind").is_empty();
    assert!(comes_true(20, told), "{:?}", hook.received());
    let said = events(&hook, "source.blind")[0].to_string();
    assert!(said.contains("lab") && said.contains("refuse"), "{said}");
    let item = listed()[0].clone();
    assert_eq!(item["state"], "active", "{item}");
    assert!(item.to_string().contains("last confirmed at"), "{item}");
    let forecast = admin.get(&format!(
        "/v1/credentials/{}/forecast",
        item["id"].as_str().unwrap()
    ));
    assert!(
        !forecast.json()["notices"].as_array().unwrap().is_empty(),
        "{}",
        forecast.text()
    );
}
