//! `/v1/feeds`, and `/feeds/{secret}.ics` and `.atom` under which they are read.

use std::process::Command;

use app::reconcile::register;
use domain::kernel::{SourceId, Span};
use serde_json::{Value, json};

use crate::house::House;

/// Markup, separators of a calendar, a turned line, and one that is over.
const LINES: &str = r#"{"external_id":"k1","name":"a,b;c\\d <b>&amp;</b>","kind":"key","expires_at":"2026-12-01T00:00:00Z"}
{"external_id":"k2","name":"turned \u202e name","expires_at":"2026-12-10T12:30:00.5Z"}
{"external_id":"k3","name":"over","expires_at":"2026-12-11T00:00:00Z","revoked_at":"2026-11-20T00:00:00Z"}
{"external_id":"k4","name":"long ago","expires_at":"2026-10-01T00:00:00Z"}
{"external_id":"k5","name":"far","expires_at":"2027-11-01T00:00:00Z"}
{"external_id":"k6","name":"no end"}
"#;

async fn house() -> House {
    let house = House::open().await;
    let vault = SourceId::parse("vault").unwrap();
    register(&house.ctx, &vault, "push").await.unwrap();
    let path = "/v1/sources/vault/observations";
    let push = house.ask("POST", path).token(&house.admin);
    push.body("application/x-ndjson", LINES)
        .send()
        .await
        .is(200);
    house
}

/// Makes an address; answers its id and the two paths.
async fn make(house: &House, token: &str, wish: Value) -> (String, String, String) {
    let made = house.ask("POST", "/v1/feeds").token(token).json(&wish);
    let made = made.send().await.is(201).json();
    let path = |field: &str| {
        let url = made[field].as_str().unwrap();
        url.strip_prefix("http://127.0.0.1:8080")
            .unwrap()
            .to_owned()
    };
    let id = made["feed"]["id"].as_str().unwrap().to_owned();
    (id, path("calendar_url"), path("atom_url"))
}

#[tokio::test]
async fn whoever_knows_the_address_reads_it_until_it_is_revoked() {
    let house = house().await;
    let (id, ics, atom) = make(&house, &house.admin, json!({"for": "all"})).await;
    let calendar = house.ask("GET", &ics).send().await.is(200);
    assert_eq!(
        calendar.header("content-type"),
        "text/calendar; charset=utf-8"
    );
    assert_eq!(calendar.header("cache-control"), "private, max-age=900");
    let feed = house.ask("GET", &atom).send().await.is(200);
    assert_eq!(
        feed.header("content-type"),
        "application/atom+xml; charset=utf-8"
    );
    let list = house.get("/v1/feeds").await.is(200);
    let secret = ics.trim_start_matches("/feeds/").trim_end_matches(".ics");
    assert!(
        !list.text().contains(&secret[12..]),
        "a secret is seen once"
    );
    assert_eq!(list.json()["items"][0]["for"], "all");
    let path = format!("/v1/feeds/{id}");
    house
        .ask("DELETE", &path)
        .token(&house.admin)
        .send()
        .await
        .is(204);
    for gone in [&ics, &atom] {
        house
            .ask("GET", gone)
            .send()
            .await
            .problem(404, "not-found");
    }
    house
        .ask("DELETE", &path)
        .token(&house.admin)
        .send()
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn an_address_that_is_nearly_right_is_not_found() {
    let house = house().await;
    let (_, ics, _) = make(&house, &house.admin, json!({"for": "all"})).await;
    let secret = ics.trim_start_matches("/feeds/").trim_end_matches(".ics");
    let last = secret.chars().last().unwrap();
    let other = if last == 'a' { 'b' } else { 'a' };
    let wrong = format!("{}{other}", &secret[..43]);
    for name in [
        format!("{wrong}.ics"),
        format!("{secret}.html"),
        secret.to_owned(),
        format!("{}.ics", &secret[..43]),
        format!("{secret}a.ics"),
        ".ics".to_owned(),
        format!("{}.ics", "a".repeat(44)),
    ] {
        let path = format!("/feeds/{name}");
        house
            .ask("GET", &path)
            .send()
            .await
            .problem(404, "not-found");
    }
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let house = house().await;
    let (_, ics, atom) = make(&house, &house.admin, json!({"for": "all"})).await;
    for path in [&ics, &atom] {
        let first = house.ask("GET", path).send().await.is(200);
        let tag = first.header("etag").to_owned();
        let again = house
            .ask("GET", path)
            .header("if-none-match", tag.as_bytes());
        let again = again.send().await.is(304);
        assert!(again.body.is_empty());
        let changed = house.ask("GET", path).header("if-none-match", b"\"x\"");
        changed.send().await.is(200);
    }
}

#[tokio::test]
async fn nobody_follows_what_they_may_not_see() {
    let house = house().await;
    let (_, bare) = house.holder("bare", &["tokens:issue"]).await;
    let wish = |of: &str| json!({ "for": of });
    let ask = |token: &str, of: &str| house.ask("POST", "/v1/feeds").token(token).json(&wish(of));
    ask(&bare, "all")
        .send()
        .await
        .problem(403, "insufficient-scope");
    ask(&bare, "me").send().await.problem(422, "invalid");
    ask(&bare, "everything")
        .send()
        .await
        .problem(422, "invalid");
    house
        .post("/v1/teams", json!({"name": "others"}))
        .await
        .is(201);
    ask(&bare, "team:others")
        .send()
        .await
        .problem(403, "insufficient-scope");
    ask(&bare, "team:nobody")
        .send()
        .await
        .problem(422, "invalid");
    let list = house
        .ask("GET", "/v1/feeds")
        .token(&bare)
        .send()
        .await
        .is(200);
    assert_eq!(list.json()["items"], json!([]));
}

/// P6: an address shows what its maker may see when it is read.
#[tokio::test]
async fn a_feed_ends_with_the_rights_of_its_maker() {
    let house = house().await;
    let (_, looker) = house.holder("looker", &["credentials:read"]).await;
    let wish = json!({"for": "all"});
    let refused = house.ask("POST", "/v1/feeds").token(&looker).json(&wish);
    // The address would outlive the token, as a token made with it would.
    refused.send().await.problem(403, "insufficient-scope");
    let scopes = ["credentials:read", "tokens:issue"];
    let (_, reader) = house.holder("reader", &scopes).await;
    let (_, ics, _) = make(&house, &reader, wish).await;
    house.ask("GET", &ics).send().await.is(200);
    let role = "/v1/roles/role%20of%20reader";
    let change = json!({"scopes": ["tokens:read"]});
    let patch = house.ask("PATCH", role).token(&house.admin).json(&change);
    patch.send().await.is(200);
    house
        .ask("GET", &ics)
        .send()
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn a_person_follows_their_own_until_they_leave() {
    let house = house().await;
    let ada = json!({"name": "Ada", "email": "ada@example.org"});
    let ada = house.post("/v1/people", ada).await.is(201).json();
    let (_, token) = house.token_of(&ada["id"], &[], "20d").await;
    let (_, ics, _) = make(&house, &token, json!({"for": "me", "discreet": true})).await;
    let calendar = house.ask("GET", &ics).send().await.is(200).text();
    assert!(
        calendar.contains("SUMMARY:API credential ends"),
        "{calendar}"
    );
    assert!(!calendar.contains("nightly") && !calendar.contains("a\\,b"));
    let path = format!("/v1/people/{}", ada["id"].as_str().unwrap());
    let gone = json!({"active": false});
    house
        .ask("PATCH", &path)
        .token(&house.admin)
        .json(&gone)
        .send()
        .await
        .is(200);
    house
        .ask("GET", &ics)
        .send()
        .await
        .problem(404, "not-found");
}

/// B16, B19: hostile names stay names for the PyPI packages `icalendar` and `feedparser`.
#[tokio::test]
async fn independent_readers_read_what_is_meant() {
    let Some(python) = testkit::outside::peers_python() else {
        return;
    };
    let house = house().await;
    let (_, ics, atom) = make(&house, &house.admin, json!({"for": "all"})).await;
    let read = read(&house, &python, &ics, &atom).await;
    let events = read["calendar"]["events"].as_array().unwrap();
    assert_eq!(read["calendar"]["broken"], json!([]));
    assert_eq!(read["calendar"]["alarms"], 0);
    let shown: Vec<(&str, &str, &str)> = events
        .iter()
        .map(|e| {
            let text = |field: &str| e[field].as_str().unwrap();
            (text("summary"), text("start"), text("status"))
        })
        .filter(|(summary, ..)| !summary.starts_with("bootstrap"))
        .collect();
    assert_eq!(
        shown,
        [
            (
                "a,b;c\\d <b>&amp;</b> ends",
                "2026-12-01T00:00:00+00:00",
                "CONFIRMED"
            ),
            (
                "turned · name ends",
                "2026-12-10T12:30:00+00:00",
                "CONFIRMED"
            ),
            ("over was ended", "2026-12-11T00:00:00+00:00", "CANCELLED"),
            ("far ends", "2027-11-01T00:00:00+00:00", "CONFIRMED"),
        ]
    );
    assert!(
        events
            .iter()
            .all(|e| e["seconds"] == 0.0 && e["transparent"] == true)
    );
    assert!(events.iter().all(|e| e["broken"] == json!([])));
    let feed = &read["feed"];
    assert_eq!(
        (&feed["version"], &feed["broken"]),
        (&json!("atom10"), &json!(false))
    );
    let titles: Vec<&str> = feed["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["title"].as_str().unwrap())
        .collect();
    assert!(
        titles[1].starts_with("a,b;c\\d") && titles[1].contains("&amp;"),
        "{titles:?}"
    );
    assert!(
        titles.iter().all(|t| !t.starts_with("far")),
        "more than 30 days ahead"
    );
}

#[tokio::test]
async fn an_event_keeps_its_id_when_its_end_moves() {
    let Some(python) = testkit::outside::peers_python() else {
        return;
    };
    let house = house().await;
    let (_, ics, atom) = make(&house, &house.admin, json!({"for": "all"})).await;
    let before = read(&house, &python, &ics, &atom).await;
    house.clock.advance(Span::hours(1));
    let moved =
        "{\"external_id\":\"k5\",\"name\":\"far\",\"expires_at\":\"2028-02-01T00:00:00Z\"}\n";
    let path = "/v1/sources/vault/observations";
    let push = house.ask("POST", path).token(&house.admin);
    push.body("application/x-ndjson", moved)
        .send()
        .await
        .is(200);
    let after = read(&house, &python, &ics, &atom).await;
    let far = |read: &Value| {
        let events = read["calendar"]["events"].as_array().unwrap();
        let far = events.iter().find(|e| e["summary"] == "far ends").unwrap();
        (far["uid"].clone(), far["sequence"].as_i64().unwrap())
    };
    assert_eq!(far(&before).0, far(&after).0);
    assert!(far(&before).1 < far(&after).1);
}

async fn read(house: &House, python: &std::path::Path, ics: &str, atom: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (path, name) in [(ics, "a.ics"), (atom, "a.atom")] {
        let body = house.ask("GET", path).send().await.is(200).body;
        let file = folder.path().join(name);
        std::fs::write(&file, body).unwrap();
        paths.push(file);
    }
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/peers/read_feed.py"
    );
    let done = Command::new(python)
        .arg(script)
        .args(&paths)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    serde_json::from_slice(&done.stdout).unwrap()
}
