//! `/v1/audit`

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn what_was_done_stands_in_the_log_without_the_value() {
    let house = House::open().await;
    let issued = house
        .post("/v1/tokens", json!({"name": "a"}))
        .await
        .is(201)
        .json();
    let log = house.get("/v1/audit?limit=5").await.is(200);
    let newest = &log.json()["items"][0];
    let target = format!("token:{}", issued["token"]["id"].as_str().unwrap());
    assert_eq!(
        (&newest["action"], &newest["target"]),
        (&json!("token.issue"), &json!(target))
    );
    assert!(!log.text().contains(issued["value"].as_str().unwrap()));
    let verdict = house.get("/v1/audit/verify").await.is(200).json();
    assert_eq!(verdict["sound"], true);
}

#[tokio::test]
async fn the_log_is_narrowed_by_who_what_to_what_and_when() {
    let house = House::open().await;
    let body = json!({"name": "a"});
    house.post("/v1/tokens", body).await.is(201);
    for (query, found) in [
        ("action=token.&limit=1", true),
        ("action=issue", false),
        ("target=token:", true),
        ("actor=setup", true),
        ("actor=nobody%20at%20all", false),
        ("from=2000-01-01T00:00:00Z", true),
        ("until=2000-01-01T00:00:00Z", false),
    ] {
        let log = house.get(&format!("/v1/audit?{query}")).await.is(200);
        let items = log.json()["items"].as_array().map(Vec::len);
        assert_eq!(items != Some(0), found, "{query}");
    }
    let bad = house.get("/v1/audit?from=yesterday").await;
    bad.problem(422, "invalid");
}
