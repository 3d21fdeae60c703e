//! `/v1/sources`

use app::ports::{Changes, SourceState, Write};
use domain::kernel::SourceId;
use serde_json::json;

use crate::house::House;

async fn add(house: &House, id: &str, failing: bool) {
    let now = house.ctx.now();
    let state = SourceState {
        id: SourceId::parse(id).unwrap(),
        system: "foundry".to_owned(),
        checkpoint: Some(json!({"file": "/var/log/secret-path"})),
        attempted_at: Some(now),
        succeeded_at: Some(now),
        complete_at: None,
        imported: true,
        failing: failing.then(|| (now, "cannot be opened".to_owned())),
        read: 10,
        unreadable: 1,
        remarks: Vec::new(),
        version: 0,
    };
    let writes = vec![Write::PutSource(Box::new(state))];
    house
        .ctx
        .store
        .commit(Changes {
            writes,
            audit: Vec::new(),
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn sources_say_how_they_do_and_are_forgotten() {
    let house = House::open().await;
    add(&house, "a", false).await;
    add(&house, "b", true).await;
    let list = house.get("/v1/sources").await.is(200);
    assert!(
        !list.text().contains("secret-path"),
        "checkpoints are the connector's own"
    );
    let items = list.json()["items"].clone();
    assert_eq!(
        (&items[0]["state"], &items[1]["state"]),
        (&json!("ok"), &json!("failing"))
    );
    assert_eq!(items[1]["failing"], "cannot be opened");
    house.post("/v1/sources/a/sync", json!({})).await.is(202);
    let forget = |id: &str| {
        house
            .ask("DELETE", &format!("/v1/sources/{id}"))
            .token(&house.admin)
    };
    forget("a").send().await.is(204);
    forget("a").send().await.problem(404, "not-found");
    forget("forewarn").send().await.problem(409, "conflict");
}
