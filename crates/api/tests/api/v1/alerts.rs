//! `/v1/alerts`

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_snooze_says_until_when_in_one_way() {
    let house = House::open().await;
    for body in [
        json!({}),
        json!({"until": "2026-12-01T00:00:00Z", "for": "1d"}),
        json!({"for": "0s"}),
    ] {
        let reply = house.post("/v1/alerts/none/snooze", body).await;
        reply.problem(422, "invalid");
    }
    house
        .post("/v1/alerts/none/snooze", json!({"for": "1d"}))
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn filters_know_their_words() {
    let house = House::open().await;
    house
        .get("/v1/alerts?state=open&state=resolved&kind=expiry&subject=credential:x")
        .await
        .is(200);
    for bad in ["state=closed", "kind=Expiry", "subject=x"] {
        house
            .get(&format!("/v1/alerts?{bad}"))
            .await
            .problem(422, "invalid");
    }
}
