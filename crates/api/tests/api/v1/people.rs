//! `/v1/people`, `/v1/teams`, `/v1/service-accounts`

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_deactivated_person_loses_their_tokens_until_they_return() {
    let house = House::open().await;
    let ada = json!({"name": "Ada", "email": "ada@example.org", "roles": ["Analyst"]});
    let ada = house.post("/v1/people", ada).await.is(201).json();
    let (_, token) = house.token_of(&ada["id"], &["Analyst"], "30d").await;
    let path = format!("/v1/people/{}", ada["id"].as_str().unwrap());
    let set = |active: bool| {
        house
            .ask("PATCH", &path)
            .token(&house.admin)
            .json(&json!({"active": active}))
            .send()
    };
    let own = || house.ask("GET", "/v1/tokens/self").token(&token).send();
    own().await.is(200);
    set(false).await.is(200);
    own().await.problem(401, "invalid-token");
    set(true).await.is(200);
    own().await.is(200);
}

/// B60: addresses that smuggle something are refused by field.
#[tokio::test]
async fn an_address_is_one_plain_mailbox() {
    let house = House::open().await;
    for bad in [
        "a",
        "a@b@c",
        "a@b\r\nRCPT TO:<x@y>",
        "Ada <ada@example.org>",
    ] {
        let reply = house
            .post("/v1/people", json!({"name": "Ada", "email": bad}))
            .await;
        assert_eq!(
            reply.problem(422, "invalid")["errors"][0]["pointer"],
            "#/email"
        );
    }
}

#[tokio::test]
async fn lists_are_paged() {
    let house = House::open().await;
    for n in 0..3 {
        house
            .post("/v1/teams", json!({"name": format!("t{n}")}))
            .await
            .is(201);
    }
    let first = house.get("/v1/teams?limit=2").await.is(200).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = house
        .get(&format!("/v1/teams?limit=2&cursor={cursor}"))
        .await
        .is(200)
        .json();
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert!(second["next_cursor"].is_null());
}

/// B41: creates of every kind can be repeated.
#[tokio::test]
async fn every_create_takes_a_key() {
    let house = House::open().await;
    for (path, body) in [
        ("/v1/people", json!({"name": "Ada"})),
        ("/v1/teams", json!({"name": "Platform"})),
        ("/v1/service-accounts", json!({"name": "bot"})),
    ] {
        let create = || {
            let ask = house
                .ask("POST", path)
                .token(&house.admin)
                .header("idempotency-key", path.as_bytes());
            ask.json(&body).send()
        };
        let (first, again) = (create().await.is(201).json(), create().await.is(201).json());
        assert_eq!(first["id"], again["id"], "{path}");
    }
}
