//! Tokens that are none, again and again.

use std::num::NonZeroU32;

use api::{Options, TrustedProxies};
use domain::kernel::Span;

use crate::house::{House, Reply};

const HERE: &str = "192.0.2.7";

async fn two_a_minute() -> House {
    let failures_a_minute = NonZeroU32::new(2).unwrap();
    House::with(Options {
        failures_a_minute,
        ..Options::default()
    })
    .await
}

async fn shown(house: &House, token: &str, from: &str) -> Reply {
    let ask = house.ask("GET", "/v1/tokens/self").token(token);
    ask.from(from).send().await
}

/// B47: what a request says of where it comes from is not believed.
#[tokio::test]
async fn a_forged_origin_is_no_other_address() {
    let house = two_a_minute().await;
    for n in 0..3 {
        let ask = house.ask("GET", "/v1/tokens/self").token("junk").from(HERE);
        let other = format!("203.0.113.{n}");
        let ask = ask.header("x-forwarded-for", other.as_bytes());
        let forwarded = format!("for={other}");
        let reply = ask.header("forwarded", forwarded.as_bytes()).send().await;
        reply.is(if n < 2 { 401 } else { 429 });
    }
}

/// Behind a proxy that is named, each client is held to account for itself.
#[tokio::test]
async fn a_trusted_proxy_tells_who_asks() {
    let failures_a_minute = NonZeroU32::MIN;
    let networks = vec!["192.0.2.7/32".parse().unwrap()];
    let house = House::with(Options {
        failures_a_minute,
        trusted_proxies: TrustedProxies::new(networks),
        ..Options::default()
    })
    .await;
    let ask = |client: &str| {
        let ask = house.ask("GET", "/v1/tokens/self").token("junk").from(HERE);
        ask.header("x-forwarded-for", client.as_bytes()).send()
    };
    ask("198.51.100.1").await.is(401);
    ask("198.51.100.1").await.is(429);
    // What the client itself wrote before the proxy did helps it nothing.
    ask("203.0.113.9, 198.51.100.1").await.is(429);
    ask("198.51.100.2").await.is(401);
}

#[tokio::test]
async fn an_address_that_fails_again_and_again_hears_when_to_come_back() {
    let house = two_a_minute().await;
    for _ in 0..2 {
        let refused = shown(&house, "junk", HERE).await;
        refused.problem(401, "invalid-token");
    }
    let refused = shown(&house, "junk", HERE).await;
    assert_eq!(refused.header("retry-after"), "30");
    refused.problem(429, "too-many-failures");
    let metrics = house.ask("GET", "/metrics").token("junk").from(HERE);
    metrics.send().await.is(429);
    // A genuine token passes, and others are not held to account.
    shown(&house, &house.admin, HERE).await.is(200);
    shown(&house, "junk", "192.0.2.8").await.is(401);
    house.clock.advance(Span::seconds(30));
    shown(&house, "junk", HERE).await.is(401);
    shown(&house, "junk", HERE).await.is(429);
}

/// B10, B11: a genuine token that expired or was revoked never counts, nor does one that
/// is missing, lacks a scope, or cannot be read as one.
#[tokio::test]
async fn what_is_genuine_never_counts() {
    let house = two_a_minute().await;
    let account = house
        .post("/v1/service-accounts", serde_json::json!({"name": "bot"}))
        .await
        .is(201)
        .json();
    let (_, expired) = house.token_of(&account["id"], &["None"], "1h").await;
    let (id, revoked) = house.token_of(&account["id"], &["None"], "2h").await;
    house
        .post(&format!("/v1/tokens/{id}/revoke"), serde_json::json!({}))
        .await
        .is(200);
    house.clock.advance(Span::hours(1));
    for _ in 0..5 {
        shown(&house, &expired, HERE).await.is(401);
        shown(&house, &revoked, HERE).await.is(401);
        shown(&house, "two words", HERE).await.is(400);
        house
            .ask("GET", "/v1/tokens")
            .from(HERE)
            .send()
            .await
            .is(401);
    }
    shown(&house, "junk", HERE).await.is(401);
}

/// A proxy that asks `/auth/verify` understands 401 and 403 only.
#[tokio::test]
async fn forward_auth_is_not_limited() {
    let house = two_a_minute().await;
    for _ in 0..5 {
        let ask = house.ask("GET", "/auth/verify").token("junk").from(HERE);
        ask.send().await.is(401);
    }
}
