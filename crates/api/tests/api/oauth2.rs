//! `/oauth2`

use crate::house::House;

/// B45: whoever asks must be known; of a token that does not work nothing is told.
#[tokio::test]
async fn introspection_tells_nothing_of_what_does_not_work() {
    let house = House::open().await;
    let (id, token) = house.holder("bot", &["billing:read"]).await;
    let ask = |form: String| {
        house
            .ask("POST", "/oauth2/introspect")
            .token(&house.admin)
            .form(&form)
            .send()
    };
    for bad in [
        "x",
        "fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql",
        "%00",
    ] {
        let reply = ask(format!("token={bad}")).await.is(200);
        assert_eq!(reply.text(), r#"{"active":false}"#);
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    let known = ask(format!("token={token}&token_type_hint=access_token&x=1"))
        .await
        .is(200)
        .json();
    assert_eq!(
        (known["active"].as_bool(), known["jti"].as_str()),
        (Some(true), Some(id.as_str()))
    );
    assert_eq!(known["scope"], "billing:read");
    assert!(known["exp"].is_i64());
    let form = format!("token={token}");
    house
        .ask("POST", "/oauth2/introspect")
        .form(&form)
        .send()
        .await
        .is(401);
    ask(String::new()).await.problem(400, "bad-request");
    let json = house.ask("POST", "/oauth2/introspect").token(&house.admin);
    json.body("application/json", "{}")
        .send()
        .await
        .problem(415, "unsupported-media-type");
}

/// B43: revoking a token that nobody knows is no error (RFC 7009 §2.2).
#[tokio::test]
async fn revoking_an_unknown_token_is_no_error() {
    let house = House::open().await;
    let (_, token) = house.holder("bot", &[]).await;
    let revoke = |form: String| {
        house
            .ask("POST", "/oauth2/revoke")
            .token(&house.admin)
            .form(&form)
            .send()
    };
    for value in ["x", &token, &token] {
        revoke(format!("token={value}")).await.is(200);
    }
    house
        .ask("GET", "/v1/tokens/self")
        .token(&token)
        .send()
        .await
        .is(401);
}
