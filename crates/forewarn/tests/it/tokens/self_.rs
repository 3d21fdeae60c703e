//! `/v1/tokens/self`

use serde_json::json;

use crate::house::House;

#[test]
fn a_token_just_made_tells_of_itself_and_of_its_end() {
    let house = House::open();
    let (id, value) =
        house.issue(&json!({"name": "fresh", "lifetime": "30d", "labels": {"a": "b"}}));
    let reply = house.bearer(&value).get("/v1/tokens/self").expect(200);
    let item = reply.json();
    assert_eq!(
        reply.header("authentication-token-expiration"),
        item["expires_at"].as_str()
    );
    assert_eq!((&item["id"], &item["name"]), (&json!(id), &json!("fresh")));
    assert_eq!(
        (&item["state"], &item["labels"]),
        (&json!("active"), &json!({"a": "b"}))
    );
    let fields = [
        "kind",
        "roles",
        "scopes",
        "owner",
        "team",
        "created_at",
        "remaining_seconds",
        "last_used_at",
        "rotated_from",
    ];
    for field in fields {
        assert!(item.get(field).is_some(), "{field}");
    }
    assert!(!reply.text().contains(&value));
}

#[test]
fn every_authenticated_reply_tells_the_end_even_a_refusal() {
    let house = House::open();
    let (_, value) = house.holder("bot", &["billing:read"]);
    for (path, status) in [
        ("/v1/tokens", 200),
        ("/v1/audit", 403),
        ("/v1/nothing", 404),
    ] {
        let reply = house.bearer(&value).get(path).expect(status);
        let end = reply.header("authentication-token-expiration");
        // A path that does not exist authenticates nobody.
        assert_eq!(end.is_some(), status != 404, "{path}");
    }
}

/// B36: `self` is the caller's own; what is foreign, unknown or malformed is alike.
#[test]
fn foreign_unknown_and_malformed_ids_are_alike() {
    let house = House::open();
    let (foreign, _) = house.issue(&json!({"name": "foreign"}));
    let (own, value) = house.holder("bot", &[]);
    let bot = house.bearer(&value);
    assert_eq!(
        bot.get(&format!("/v1/tokens/{own}")).expect(200).json()["id"],
        own
    );
    for id in [foreign.as_str(), "AAAAAAAAAAAA", "x", "%00", "..%2f"] {
        let _ = bot.get(&format!("/v1/tokens/{id}")).expect(404);
    }
}
