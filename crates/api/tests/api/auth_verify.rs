//! `/auth/verify`

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_proxy_learns_who_it_is_whatever_the_method() {
    let house = House::open().await;
    let (id, token) = house
        .holder("bot", &["billing:read", "billing:write"])
        .await;
    for method in ["GET", "POST", "DELETE", "OPTIONS"] {
        let ask = house.ask(
            method,
            "/auth/verify?scope=billing:read&scope=billing:write",
        );
        let reply = ask.token(&token).send().await.is(200);
        assert_eq!(reply.header("x-token-id"), id);
        assert!(reply.header("x-token-owner").starts_with("sva_"));
        assert_eq!(reply.header("x-token-scopes"), "billing:read billing:write");
        assert!(
            reply
                .header("authentication-token-expiration")
                .ends_with('Z')
        );
    }
}

/// B12: what is missing is refused, whichever way it was asked for.
#[tokio::test]
async fn a_missing_scope_does_not_pass() {
    let house = House::open().await;
    let (_, token) = house.holder("bot", &["billing:read"]).await;
    for path in [
        "/auth/verify?scope=billing:write",
        "/auth/verify?scope=billing:read%20billing:write",
        "/auth/verify/original/path?scope=billing:write",
    ] {
        let reply = house.ask("GET", path).token(&token).send().await;
        reply.problem(403, "insufficient-scope");
    }
    let below = house
        .ask("GET", "/auth/verify/original?anything=1")
        .token(&token);
    below
        .header("x-forewarn-scope", b"billing:write")
        .send()
        .await
        .is(403);
    let below = house
        .ask("GET", "/auth/verify/original?anything=1")
        .token(&token);
    below
        .header("x-forewarn-scope", b"billing:read")
        .send()
        .await
        .is(200);
    let below = house
        .ask("GET", "/auth/verify/original?anything=1")
        .token(&token);
    // No scope is spelled so, hence nobody holds it.
    below
        .header("x-forewarn-scope", b"billing:r\xe9ad")
        .send()
        .await
        .is(422);
    // A misspelt parameter must not let everybody pass.
    house
        .ask("GET", "/auth/verify?scopes=x")
        .token(&token)
        .send()
        .await
        .is(422);
    house
        .ask("GET", "/auth/verify")
        .send()
        .await
        .problem(401, "unauthenticated");
}

/// A connector token passes where what it is for is asked for, and is nobody's user
/// otherwise.
#[tokio::test]
async fn a_connector_token_is_no_user_of_other_services() {
    let house = House::open().await;
    let body = json!({"name": "push", "ingest_source": "legacy"});
    let issued = house.post("/v1/tokens", body).await.is(201).json();
    let token = issued["value"].as_str().unwrap();
    for path in ["/auth/verify", "/auth/verify?scope=", "/auth/verify/a?x=1"] {
        let refused = house.ask("GET", path).token(token).send().await;
        refused.problem(403, "forbidden");
    }
    for (scope, status) in [("observations:write", 200), ("billing:read", 403)] {
        let path = format!("/auth/verify?scope={scope}");
        house.ask("GET", &path).token(token).send().await.is(status);
    }
    let bootstrap = house.ask("GET", "/auth/verify").token(&house.admin);
    bootstrap.send().await.is(200);
}
