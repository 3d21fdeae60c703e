//! `/v1/policies/dry-run`: what anybody may try, and what not.

use serde_json::json;

use crate::house::House;

/// B33: a candidate that would make a forecast of millions is refused before it is tried;
/// who hears what is told to those who may read people.
#[tokio::test]
async fn a_dry_run_costs_and_tells_no_more_than_it_may() {
    let house = House::open().await;
    let (_, token) = house.holder("nobody", &[]).await;
    let run = |policy: serde_json::Value| {
        let body = json!({"name": "default", "policy": policy});
        house
            .ask("POST", "/v1/policies/dry-run")
            .token(&token)
            .json(&body)
            .send()
    };
    run(json!({"steps": ["7d"]})).await.is(200);
    run(json!({"steps": ["7d"], "backoff": "1us"}))
        .await
        .is(422);
    let many: Vec<String> = (1..=51).map(|days| format!("{days}d")).collect();
    run(json!({"steps": many})).await.is(422);
    let hearers: Vec<String> = (0..51).map(|n| format!("a{n}@example.org")).collect();
    run(json!({"steps": ["7d"], "audience": {"7d": hearers}}))
        .await
        .is(422);
    let curious = json!({"steps": ["7d"], "audience": {"7d": ["admins"]}});
    run(curious).await.problem(403, "insufficient-scope");
}
