//! `/auth/verify`, asked by a proxy for each request it lets through.

use crate::house::House;

#[test]
fn a_proxy_learns_who_it_is_whatever_the_method() {
    let house = House::open();
    let (id, value) = house.holder("bot", &["billing:read"]);
    let bot = house.bearer(&value);
    for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS"] {
        let reply = bot
            .request(method, "/auth/verify?scope=billing:read", &[], b"")
            .expect(200);
        assert_eq!(reply.header("x-token-id"), Some(id.as_str()), "{method}");
        assert!(
            reply
                .header("x-token-owner")
                .is_some_and(|o| o.starts_with("sva_"))
        );
        assert_eq!(reply.header("x-token-scopes"), Some("billing:read"));
        assert!(reply.header("authentication-token-expiration").is_some());
    }
}

/// B12: a missing scope is 403, a missing token 401.
#[test]
fn who_may_not_is_told_apart_from_who_is_unknown() {
    let house = House::open();
    let (_, value) = house.holder("bot", &["billing:read"]);
    let refused = house
        .bearer(&value)
        .get("/auth/verify?scope=billing:write")
        .expect(403);
    assert!(
        refused
            .header("www-authenticate")
            .is_some_and(|c| c.contains("billing:write"))
    );
    let _ = house
        .server
        .client()
        .get("/auth/verify?scope=billing:read")
        .expect(401);
    let _ = house.bearer(&value).get("/auth/verify").expect(200);
}
