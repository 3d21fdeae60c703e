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
