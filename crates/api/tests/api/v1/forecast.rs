//! `/v1/forecast`

use std::sync::Arc;

use app::ports::Channel;
use serde_json::{Value, json};
use testkit::RecordingChannel;

use crate::house::House;

async fn ada(house: &House) -> (Value, String) {
    let ada = json!({"name": "Ada", "email": "ada@example.org", "roles": ["Analyst"]});
    let ada = house.post("/v1/people", ada).await.is(201).json();
    let (id, _) = house.token_of(&ada["id"], &["Analyst"], "365d").await;
    (ada["id"].clone(), id)
}

#[tokio::test]
async fn the_forecast_names_each_step_and_who_hears_it() {
    let house = House::open().await;
    let mail: Arc<dyn Channel> = Arc::new(RecordingChannel::mail("mail"));
    house.ctx.channels.store(Arc::new(vec![mail]));
    let (ada, id) = ada(&house).await;
    let path = format!("/v1/credentials/{id}/forecast?days=400");
    let told = house.get(&path).await.is(200).json();
    assert_eq!(told["generated_at"], "2026-11-22T09:00:00Z");
    let notices = told["notices"].as_array().unwrap();
    let to_ada = format!("person:{}", ada.as_str().unwrap());
    let mut steps: Vec<&str> = notices
        .iter()
        .filter(|n| n["recipient"] == to_ada && n["channel"] == "mail")
        .map(|n| n["step"].as_str().unwrap())
        .collect();
    steps.dedup();
    assert_eq!(
        steps[..6],
        ["30d", "14d", "7d", "3d", "1d", "end"],
        "{notices:?}"
    );
    assert!(notices.is_sorted_by_key(|n| n["at"].as_str().unwrap()));
    assert_eq!(told["unheard"], json!([]));
    let all = house.get("/v1/forecast?days=400").await.is(200).json();
    let about = |n: &&Value| n["credential"] == id;
    assert_eq!(
        all["notices"]
            .as_array()
            .unwrap()
            .iter()
            .filter(about)
            .count(),
        notices.len()
    );
}

#[tokio::test]
async fn what_nobody_would_hear_of_is_said() {
    let house = House::open().await;
    let (_, id) = ada(&house).await;
    let told = house.get("/v1/forecast?days=400").await.is(200).json();
    let notices = told["notices"].as_array().unwrap();
    assert!(
        notices.iter().all(|n| n["channel"].is_null()),
        "there is no channel"
    );
    assert!(
        told["unheard"].as_array().unwrap().contains(&json!(id)),
        "{told}"
    );
    for bad in ["days=0", "days=3651", "days=x", "until=1"] {
        house
            .get(&format!("/v1/forecast?{bad}"))
            .await
            .problem(422, "invalid");
    }
}
