//! `POST /v1/tokens`

use serde_json::{Value, json};
use testkit::http::Reply;

use crate::house::{House, issued};

/// T16: neither the store nor a page nor the log holds a value.
#[test]
fn a_token_shows_its_value_once_and_never_again() {
    let house = House::open();
    let reply = house
        .admin()
        .post("/v1/tokens", &json!({"name": "nightly"}))
        .expect(201);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let (id, value) = issued(&reply.json());
    assert!(value.starts_with("fwns_") && value.contains(&id) && value.len() == 56);
    for path in [
        format!("/v1/tokens/{id}"),
        "/v1/tokens".to_owned(),
        "/v1/credentials".to_owned(),
        "/v1/credentials.csv".to_owned(),
        "/v1/audit".to_owned(),
    ] {
        assert!(
            !house.admin().get(&path).expect(200).text().contains(&value),
            "{path}"
        );
    }
    assert!(!house.server.log().contains(&value));
    for file in std::fs::read_dir(house.path("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let secret = &value.as_bytes()[18..50];
        assert!(
            !bytes.windows(secret.len()).any(|w| w == secret),
            "kept in a file"
        );
    }
}

#[test]
fn a_token_lives_a_year_unless_told_otherwise() {
    let house = House::open();
    let remaining = |body: &Value| {
        let answer = house.admin().post("/v1/tokens", body).expect(201).json();
        answer["token"]["remaining_seconds"].as_i64().unwrap()
    };
    assert!((8759 * 3600..=8760 * 3600).contains(&remaining(&json!({"name": "a"}))));
    let short = remaining(&json!({"name": "a", "lifetime": "90d"}));
    assert!((90 * 86_400 - 60..=90 * 86_400).contains(&short));
}

/// B14, B15, B22, B23, B24, B25, B27, B30: what cannot be meant is refused, by field.
#[test]
fn what_cannot_be_meant_is_refused_and_nothing_is_made() {
    let house = House::open();
    let before = count(&house);
    for (body, field) in [
        (json!({"name": ""}), "#/name"),
        (json!({"name": "a".repeat(256)}), "#/name"),
        (json!({"name": "a\r\nb"}), "#/name"),
        (
            json!({"name": "a", "expires_at": "2020-01-01T00:00:00Z"}),
            "#/expires_at",
        ),
        (
            json!({"name": "a", "expires_at": "2027-02-30T00:00:00Z"}),
            "#/expires_at",
        ),
        (
            json!({"name": "a", "expires_at": "10000-01-01T00:00:00Z"}),
            "#/expires_at",
        ),
        (json!({"name": "a", "lifetime": "0s"}), "#/lifetime"),
        (
            json!({"name": "a", "lifetime": "9223372036854775807d"}),
            "#/lifetime",
        ),
        (json!({"name": "a", "lifetime": -1}), "#/lifetime"),
        (json!({"name": "a", "roles": ["admin"]}), "#/roles/0"),
        (json!({"name": "a", "id": "x"}), "#/id"),
    ] {
        let reply = house.admin().post("/v1/tokens", &body).expect(422);
        assert_eq!(
            reply.header("content-type"),
            Some("application/problem+json")
        );
        let pointer = reply.json()["errors"][0]["pointer"].clone();
        assert!(
            pointer
                .as_str()
                .is_some_and(|p| field.starts_with(p) && p != "#"),
            "{body}: {pointer}"
        );
    }
    assert_eq!(count(&house), before);
}

/// B31: JSON that can be read in two ways is not read.
#[test]
fn one_key_twice_is_a_bad_request() {
    let house = House::open();
    let kind = [("content-type", "application/json")];
    let twice = br#"{"name":"a","name":"b"}"#;
    let _ = house
        .admin()
        .request("POST", "/v1/tokens", &kind, twice)
        .expect(400);
}

/// B12, B28: nobody makes a token that may do more than its maker; the refusal names
/// the scope.
#[test]
fn nobody_grants_more_than_they_hold() {
    let house = House::open();
    let (_, maker) = house.holder("maker", &["tokens:issue", "billing:read"]);
    let ask = |body: Value| house.bearer(&maker).post("/v1/tokens", &body);
    let _ = ask(json!({"name": "a", "scopes": ["billing:read"]})).expect(201);
    let refused = ask(json!({"name": "a", "scopes": ["billing:write"]})).expect(403);
    assert!(
        refused.text().contains("billing:write"),
        "{}",
        refused.text()
    );
    let _ = ask(json!({"name": "a", "roles": ["Admin"]})).expect(403);
    let (_, weak) = house.holder("weak", &["billing:read"]);
    let refused = house
        .bearer(&weak)
        .post("/v1/tokens", &json!({"name": "a"}))
        .expect(403);
    let challenge = refused.header("www-authenticate").unwrap_or_default();
    assert!(challenge.contains("insufficient_scope") && challenge.contains("tokens:issue"));
}

/// B41: a repeated create makes nothing twice and shows no value again.
#[test]
fn a_repeated_create_makes_nothing_twice() {
    let house = House::open();
    let create = |key: &str, body: Value| -> Reply {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        house
            .admin()
            .request("POST", "/v1/tokens", &headers, body.to_string().as_bytes())
    };
    let first = create("k", json!({"name": "a"})).expect(201).json();
    let again = create("k", json!({"name": "a"})).expect(201).json();
    assert_eq!(first["token"]["id"], again["token"]["id"]);
    assert!(first["value"].is_string() && again["value"].is_null());
    let _ = create("k", json!({"name": "b"})).expect(422);
    let _ = create(&"k".repeat(10_240), json!({"name": "a"})).expect(400);
}

/// B41: the same create from many callers at once.
#[test]
fn creates_at_the_same_time_make_one_token() {
    let house = House::open();
    let before = count(&house);
    let (admin, body) = (house.admin(), json!({"name": "a"}).to_string());
    let answers: Vec<Reply> = std::thread::scope(|scope| {
        let ask = || {
            let headers = [
                ("content-type", "application/json"),
                ("idempotency-key", "same"),
            ];
            admin.request("POST", "/v1/tokens", &headers, body.as_bytes())
        };
        let callers: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        callers.into_iter().map(|c| c.join().unwrap()).collect()
    });
    let shown = answers
        .iter()
        .filter(|r| r.status == 201 && r.json()["value"].is_string());
    assert_eq!(shown.count(), 1, "one caller sees the value");
    assert!(answers.iter().all(|r| [201, 409].contains(&r.status)));
    assert_eq!(count(&house), before + 1);
}

fn count(house: &House) -> usize {
    let page = house.admin().get("/v1/tokens?limit=200").expect(200).json();
    page["items"].as_array().unwrap().len()
}
