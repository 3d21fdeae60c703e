//! `/v1/sources/{id}/observations`

use api::Options;
use app::reconcile::register;
use domain::kernel::SourceId;
use serde_json::{Value, json};

use crate::house::{Ask, House};

const LINES: &str = "{\"external_id\":\"k1\",\"name\":\"nightly\",\"expires_at\":\"2027-01-01T00:00:00Z\"}\n{broken\n{\"external_id\":\"k2\"}\n\n";

async fn house() -> House {
    let house = House::with(Options {
        push_bytes_max: 4096,
        ..Options::default()
    })
    .await;
    for id in ["vault", "other"] {
        let id = SourceId::parse(id).unwrap();
        register(&house.ctx, &id, "push").await.unwrap();
    }
    house
}

fn push<'a>(house: &'a House, source: &str, token: &str) -> Ask<'a> {
    let path = format!("/v1/sources/{source}/observations");
    house.ask("POST", &path).token(token)
}

#[tokio::test]
async fn what_is_pushed_stands_in_the_inventory() {
    let house = house().await;
    let ask = push(&house, "vault", &house.admin).body("application/x-ndjson", LINES);
    let report = ask.send().await.is(200).json();
    assert_eq!(
        (&report["lines"], &report["accepted"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(
        (&report["unreadable"], &report["errors"][0]["line"]),
        (&json!(1), &json!(2))
    );
    let list = house
        .get("/v1/credentials?source=vault&sort=name")
        .await
        .is(200)
        .json();
    let names: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["external_id"])
        .collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&&json!("k1")) && names.contains(&&json!("k2")));
}

#[tokio::test]
async fn a_connector_token_pushes_to_its_own_source_only() {
    let house = house().await;
    let body = json!({"name": "agent", "ingest_source": "vault"});
    let issued = house.post("/v1/tokens", body).await.is(201).json();
    assert_eq!(issued["token"]["kind"], "connector");
    let token = issued["value"].as_str().unwrap();
    push(&house, "vault", token)
        .body("application/x-ndjson", LINES)
        .send()
        .await
        .is(200);
    push(&house, "other", token)
        .body("application/x-ndjson", LINES)
        .send()
        .await
        .problem(403, "forbidden");
    let (_, powerless) = house.holder("bot", &[]).await;
    let ask = push(&house, "vault", &powerless).body("application/x-ndjson", LINES);
    ask.send().await.problem(403, "insufficient-scope");
}

/// B32, B33: the push has its own limit and its own types.
#[tokio::test]
async fn pushes_are_bounded() {
    let house = house().await;
    let ask = push(&house, "vault", &house.admin);
    ask.body("application/x-ndjson", "x".repeat(4097))
        .send()
        .await
        .problem(413, "too-large");
    let ask = push(&house, "vault", &house.admin);
    ask.body("text/csv", LINES)
        .send()
        .await
        .problem(415, "unsupported-media-type");
    let path = "/v1/sources/vault/observations?snapshot=whole";
    let ask = house
        .ask("POST", path)
        .token(&house.admin)
        .body("application/x-ndjson", LINES);
    ask.send().await.problem(422, "invalid");
    push(&house, "none", &house.admin)
        .body("application/x-ndjson", LINES)
        .send()
        .await
        .problem(404, "not-found");
}

/// B75: a check names every line that cannot be read, and keeps nothing.
#[tokio::test]
async fn a_check_names_every_bad_line_and_keeps_nothing() {
    let house = House::open().await;
    let source = SourceId::parse("vault").unwrap();
    register(&house.ctx, &source, "push").await.unwrap();
    let bad = "{\"external_id\":7}\n".repeat(3000);
    let path = "/v1/sources/vault/observations?check=true";
    let ask = house.ask("POST", path).token(&house.admin);
    let ask = ask.body("application/x-ndjson", format!("{LINES}{bad}"));
    let report = ask.send().await.is(200).json();
    assert_eq!(report["accepted"], 2);
    assert_eq!(report["unreadable"], 3001);
    let errors = report["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 3001);
    assert_eq!(errors[3000]["line"], 3003);
    let list = house.get("/v1/credentials?source=vault").await.is(200);
    assert_eq!(list.json()["items"], json!([]));
}
