//! `POST /v1/tokens/{id}/revoke`, `/v1/tokens/self/revoke`

use serde_json::json;

use crate::house::House;

/// B11, P5: the first request after the answer fails, on every door.
#[test]
fn revoked_means_revoked_from_the_next_request_on() {
    let house = House::open();
    let (id, value) = house.holder("bot", &["billing:read"]);
    let bot = house.bearer(&value);
    let _ = bot.get("/auth/verify?scope=billing:read").expect(200);
    let _ = house
        .admin()
        .post(&format!("/v1/tokens/{id}/revoke"), &json!({}))
        .expect(200);
    let refused = bot.get("/v1/tokens/self").expect(401);
    let challenge = refused.header("www-authenticate").unwrap_or_default();
    assert!(challenge.contains("invalid_token"), "{challenge}");
    assert!(
        refused.text().contains("revoked"),
        "told to whoever proved the secret"
    );
    let _ = bot.get("/auth/verify?scope=billing:read").expect(401);
    let body = format!("token={value}");
    let inactive = house.admin().form("/oauth2/introspect", &body).expect(200);
    assert_eq!(inactive.json(), json!({"active": false}));
}

/// B43: revoking again is no error; an unknown id does not exist.
#[test]
fn revoking_twice_is_revoking_once() {
    let house = House::open();
    let (id, _) = house.holder("bot", &[]);
    for _ in 0..2 {
        let item = house
            .admin()
            .post(&format!("/v1/tokens/{id}/revoke"), &json!({}))
            .expect(200);
        assert_eq!(item.json()["state"], "revoked");
    }
    let _ = house
        .admin()
        .post("/v1/tokens/AAAAAAAAAAAA/revoke", &json!({}))
        .expect(404);
}

/// B44: any token may end itself, but not the last way in.
#[test]
fn the_last_way_in_stays_open() {
    let house = House::open();
    let (_, value) = house.holder("bot", &[]);
    let _ = house
        .bearer(&value)
        .post("/v1/tokens/self/revoke", &json!({}))
        .expect(200);
    let _ = house.bearer(&value).get("/v1/tokens/self").expect(401);
    let _ = house
        .admin()
        .post("/v1/tokens/self/revoke", &json!({}))
        .expect(409);
    let _ = house.admin().get("/v1/tokens/self").expect(200);
}
