//! `/oauth2/introspect` (RFC 7662), `/oauth2/revoke` (RFC 7009)

use serde_json::json;

use crate::house::House;

/// B45: whoever asks must be known; of what does not work nothing is told.
#[test]
fn a_resource_server_learns_what_a_token_may() {
    let house = House::open();
    let (id, value) = house.holder("bot", &["billing:read"]);
    let (_, resource) = house.holder("resource", &["introspect"]);
    let ask = |form: &str| house.bearer(&resource).form("/oauth2/introspect", form);
    let known = ask(&format!("token={value}")).expect(200).json();
    assert_eq!(
        (&known["active"], &known["jti"]),
        (&json!(true), &json!(id))
    );
    assert_eq!(known["scope"], "billing:read");
    let end = known["exp"].as_i64().unwrap() - known["iat"].as_i64().unwrap_or_default();
    assert!(end > 0);
    for nothing in [
        "token=x",
        "token=fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql",
    ] {
        assert_eq!(ask(nothing).expect(200).json(), json!({"active": false}));
    }
    let form = format!("token={value}");
    let _ = house
        .server
        .client()
        .form("/oauth2/introspect", &form)
        .expect(401);
    let _ = house
        .bearer(&value)
        .form("/oauth2/introspect", &form)
        .expect(403);
}

/// B43: the answer is 200 whether the token was there or not.
#[test]
fn revocation_is_the_same_twice() {
    let house = House::open();
    let (_, value) = house.holder("bot", &[]);
    for token in [&value, &value, "x"] {
        let _ = house
            .admin()
            .form("/oauth2/revoke", &format!("token={token}"))
            .expect(200);
    }
    let _ = house.bearer(&value).get("/v1/tokens/self").expect(401);
}
