//! The front answers as the router does, and never shows what is no longer true.

use domain::kernel::Span;
use serde_json::{Value, json};

use crate::house::{Ask, House, Reply};

/// The same request to the front, twice, and straight to the router.
async fn both<'a>(ask: impl Fn() -> Ask<'a>) -> [Reply; 3] {
    [
        ask().send().await,
        ask().send().await,
        ask().past_the_front().send().await,
    ]
}

/// Headers without those that name one request, and the length, which the server adds.
fn headers(reply: &Reply) -> Vec<(String, String)> {
    let pairs = reply.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), value)
    });
    let mut all: Vec<_> = pairs
        .filter(|(name, _)| name != "request-id" && name != "content-length")
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn the_front_answers_as_the_router_does() {
    let house = House::open().await;
    let (_, asker) = house.holder("asker", &["introspect"]).await;
    let (_, other) = house.holder("other", &["billing:read"]).await;
    let form = format!("token={other}");
    let junk = "fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql";
    let own = || house.ask("GET", "/v1/tokens/self");
    let introspect = || house.ask("POST", "/oauth2/introspect");
    let verify = |query: &str| house.ask("POST", &format!("/auth/verify{query}"));
    alike(1, || own().token(&other)).await;
    alike(2, || own().token(junk)).await;
    alike(3, || own().token("a b")).await;
    alike(4, || own().token(&other).token(&asker)).await;
    alike(5, own).await;
    alike(6, || introspect().token(&asker).form(&form)).await;
    alike(7, || introspect().token(&asker).form("token=junk")).await;
    alike(8, || introspect().token(&asker).form("")).await;
    alike(9, || {
        introspect().token(&asker).form("token=a&access_token=b")
    })
    .await;
    alike(10, || introspect().token(&asker).json(&json!({}))).await;
    alike(11, || introspect().token(&other).form(&form)).await;
    alike(12, || introspect().token(junk).form(&form)).await;
    alike(13, || verify("").token(&other)).await;
    alike(14, || verify("?scope=billing:read").token(&other)).await;
    alike(15, || verify("?scope=billing:write").token(&other)).await;
    alike(16, || verify("?scopes=x").token(&other)).await;
    alike(17, || verify("").token(junk)).await;
}

async fn alike<'a>(number: u32, ask: impl Fn() -> Ask<'a>) {
    let [first, again, routed] = both(ask).await;
    for front in [&first, &again] {
        assert_eq!(front.status, routed.status, "request {number}");
        assert_eq!(front.body, routed.body, "request {number}");
        assert_eq!(headers(front), headers(&routed), "request {number}");
    }
}

#[tokio::test]
async fn what_is_shown_again_has_the_time_of_now() {
    let house = House::open().await;
    let (_, token) = house.holder("robot", &["billing:read"]).await;
    let own = || house.ask("GET", "/v1/tokens/self").token(&token);
    own().send().await.is(200);
    house.clock.advance(Span::seconds(20));
    let [first, _, routed] = both(own).await;
    assert_eq!(first.body, routed.body);
    let body: Value = first.json();
    assert_eq!(body["last_used_at"], house.ctx.now().to_string());
}

#[tokio::test]
async fn a_change_is_shown_at_once_and_a_revoked_token_never_again() {
    let house = House::open().await;
    let (id, token) = house.holder("robot", &["billing:read"]).await;
    let own = || house.ask("GET", "/v1/tokens/self").token(&token);
    own().send().await.is(200);
    let path = format!("/v1/tokens/{id}");
    let patch = house.ask("PATCH", &path).token(&house.admin);
    let patch = patch.json(&json!({"name": "renamed"}));
    patch.send().await.is(200);
    assert_eq!(own().send().await.json()["name"], "renamed");
    let role = house.ask("PATCH", "/v1/roles/role%20of%20robot");
    let role = role
        .token(&house.admin)
        .json(&json!({"scopes": ["billing:write"]}));
    role.send().await.is(200);
    let [first, _, routed] = both(own).await;
    assert_eq!(first.json()["scopes"], json!(["billing:write"]));
    assert_eq!(first.body, routed.body);
    house
        .post(&format!("{path}/revoke"), json!({}))
        .await
        .is(200);
    own().send().await.is(401);
}

#[tokio::test]
async fn what_was_asked_is_counted() {
    let house = House::open().await;
    let (_, other) = house.holder("other", &["billing:read"]).await;
    let junk = "fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql";
    for token in [other.as_str(), other.as_str(), junk] {
        house
            .ask("GET", "/v1/tokens/self")
            .token(token)
            .send()
            .await;
    }
    house.ask("GET", "/auth/verify").send().await;
    let text = house.get("/metrics").await.is(200).text();
    for line in [
        "forewarn_verifications_total{call=\"self\",answer=\"answered\"} 2",
        "forewarn_verifications_total{call=\"self\",answer=\"refused\"} 1",
        "forewarn_verifications_total{call=\"forward_auth\",answer=\"refused\"} 1",
        "forewarn_verifications_total{call=\"introspect\",answer=\"answered\"} 0",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}
