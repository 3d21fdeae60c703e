//! `/v1/sources`

use app::ports::{Changes, Held, SourceState, Write};
use domain::kernel::SourceId;
use serde_json::json;

use crate::house::House;

async fn add(house: &House, id: &str, failing: bool) {
    let now = house.ctx.now();
    let state = SourceState {
        checkpoint: Some(json!({"file": "/var/log/secret-path"})),
        attempted_at: Some(now),
        succeeded_at: Some(now),
        imported: true,
        failing: failing.then(|| (now, "cannot be opened".to_owned())),
        read: 10,
        unreadable: 1,
        ..SourceState::new(SourceId::parse(id).unwrap(), "foundry")
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
    let refused = house.post("/v1/sources/a/sync", json!({})).await;
    refused.problem(409, "conflict");
    let one = house.get("/v1/sources/b").await.is(200).json();
    assert_eq!((&one["id"], &one["reading"]), (&json!("b"), &json!(null)));
    house.get("/v1/sources/c").await.problem(404, "not-found");
    let forget = |id: &str| {
        house
            .ask("DELETE", &format!("/v1/sources/{id}"))
            .token(&house.admin)
    };
    forget("a").send().await.is(204);
    forget("a").send().await.problem(404, "not-found");
    forget("forewarn").send().await.problem(409, "conflict");
}

#[tokio::test]
async fn what_a_held_source_lacks_is_shown_and_accepted() {
    let house = House::open().await;
    add(&house, "a", false).await;
    let accept = async || house.post("/v1/sources/a/accept", json!({})).await;
    accept().await.problem(409, "conflict");
    let id = SourceId::parse("a").unwrap();
    let mut state = house.ctx.store.source(&id).await.unwrap().unwrap();
    let now = house.ctx.now();
    state.held = Some(Held {
        since: now,
        read_at: now,
        missing: 9,
        of: 10,
        accepted: false,
    });
    let writes = vec![Write::PutSource(Box::new(state))];
    let audit = Vec::new();
    house
        .ctx
        .store
        .commit(Changes { writes, audit })
        .await
        .unwrap();
    let shown = house.get("/v1/sources/a").await.is(200).json();
    assert_eq!(shown["state"], "held");
    assert_eq!(
        (&shown["held"]["missing"], &shown["held"]["of"]),
        (&json!(9), &json!(10))
    );
    let accepted = accept().await.is(200).json();
    assert_eq!(
        (&accepted["state"], &accepted["held"]),
        (&json!("ok"), &json!(null))
    );
}
