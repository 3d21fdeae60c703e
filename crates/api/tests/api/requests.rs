//! How any request is read: tokens, paths, methods, bodies.

use serde_json::json;

use crate::house::House;

const EXAMPLE: &str = "fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql";

/// B1: without a token a bare challenge, no error code.
#[tokio::test]
async fn without_a_token_the_challenge_names_no_error() {
    let house = House::open().await;
    for header in [None, Some("Basic YTpi")] {
        let mut ask = house.ask("GET", "/v1/tokens/self");
        if let Some(value) = header {
            ask = ask.header("authorization", value.as_bytes());
        }
        let reply = ask.send().await;
        assert_eq!(
            reply.header("www-authenticate"),
            "Bearer realm=\"forewarn\""
        );
        reply.problem(401, "unauthenticated");
    }
}

/// B2: the scheme has no case and may be followed by several blanks; junk is refused.
#[tokio::test]
async fn the_scheme_has_no_case() {
    let house = House::open().await;
    for good in ["bearer ", "BEARER ", "Bearer   "] {
        let value = format!("{good}{}", house.admin);
        let ask = house
            .ask("GET", "/v1/tokens/self")
            .header("authorization", value.as_bytes());
        ask.send().await.is(200);
    }
    for junk in ["Bearer", "Bearer\tx", "Bearer a b"] {
        let ask = house
            .ask("GET", "/v1/tokens/self")
            .header("authorization", junk.as_bytes());
        let reply = ask.send().await;
        assert!(
            reply
                .header("www-authenticate")
                .contains("error=\"invalid_request\"")
        );
        reply.problem(400, "bad-request");
    }
}

/// B3: two headers, or a header and a token in the body.
#[tokio::test]
async fn one_way_to_authenticate_at_a_time() {
    let house = House::open().await;
    let twice = house
        .ask("GET", "/v1/tokens/self")
        .token(&house.admin)
        .token(&house.admin);
    twice.send().await.problem(400, "bad-request");
    let form = format!("token=x&access_token={}", house.admin);
    let both = house
        .ask("POST", "/oauth2/introspect")
        .token(&house.admin)
        .form(&form);
    both.send().await.problem(400, "bad-request");
}

/// B4: a token in the query is never read.
#[tokio::test]
async fn a_token_in_the_query_does_not_count() {
    let house = House::open().await;
    let path = format!("/v1/tokens/self?access_token={}", house.admin);
    let reply = house.ask("GET", &path).send().await;
    assert!(!reply.text().contains(&house.admin));
    reply.problem(401, "unauthenticated");
}

/// B5, B6, B7, B8, B9, B13: whatever is not the very token answers alike.
#[tokio::test]
async fn whatever_is_not_the_token_is_an_invalid_token() {
    let house = House::open().await;
    let good = house.admin.clone();
    let swapped: String = good
        .chars()
        .map(|c| {
            if c.is_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let long = "a".repeat(8192);
    let mut bodies = Vec::new();
    for bad in [
        EXAMPLE,
        &good[1..],
        &good[..good.len() - 1],
        &format!("{good}x"),
        &swapped,
        &good.replace('_', "%5F"),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "x",
        &long,
    ] {
        let reply = house.ask("GET", "/v1/tokens/self").token(bad).send().await;
        assert!(
            reply
                .header("www-authenticate")
                .contains("error=\"invalid_token\""),
            "{bad:.60}"
        );
        bodies.push(reply.problem(401, "invalid-token"));
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "nothing tells them apart");
    let bytes = house
        .ask("GET", "/v1/tokens/self")
        .header("authorization", b"Bearer \xff\xfe");
    bytes.send().await.problem(400, "bad-request");
}

/// B10, B11: what is wrong with a token is told to whoever proved it, and counts alike.
#[tokio::test]
async fn expired_and_revoked_are_told_to_the_holder() {
    let house = House::open().await;
    let (_, short) = house.holder("short", &["credentials:read"]).await;
    let (id, gone) = house.holder("gone", &["credentials:read"]).await;
    house
        .post(&format!("/v1/tokens/{id}/revoke"), json!({}))
        .await
        .is(200);
    let reply = house
        .ask("GET", "/v1/tokens/self")
        .token(&gone)
        .send()
        .await;
    assert!(reply.header("www-authenticate").contains("revoked"));
    reply.problem(401, "invalid-token");
    house.clock.advance(domain::kernel::Span::days(30));
    let reply = house
        .ask("GET", "/v1/tokens/self")
        .token(&short)
        .send()
        .await;
    assert!(reply.header("www-authenticate").contains("expired"));
    reply.problem(401, "invalid-token");
}

/// B12: the missing scope is named.
#[tokio::test]
async fn a_missing_scope_is_named() {
    let house = House::open().await;
    let (_, token) = house.holder("reader", &["credentials:read"]).await;
    let ask = house.ask("GET", "/v1/audit").token(&token);
    let reply = ask.send().await;
    assert!(
        reply
            .header("www-authenticate")
            .contains("scope=\"audit:read\"")
    );
    assert!(
        !reply.header("authentication-token-expiration").is_empty(),
        "on refusals too"
    );
    let body = reply.problem(403, "insufficient-scope");
    assert_eq!(body["error"], "insufficient_scope");
}

/// B35: no spelling of a path leads around its guard.
#[tokio::test]
async fn odd_paths_are_unknown_paths() {
    let house = House::open().await;
    for path in [
        "/v1/tokens/../audit",
        "/v1/tokens/%2e%2e/audit",
        "//v1/tokens",
        "/v1//tokens",
        "/v1/tokens/",
        "/v1/tokens;x",
        "/v1/tokens%2Fself",
        "/V1/tokens",
        "/nothing",
    ] {
        house.get(path).await.problem(404, "not-found");
    }
    for path in [
        "/v1/tokens/..",
        "/v1/tokens/%00",
        "/v1/tokens/%ff",
        "/v1/tokens/a%2Fb",
    ] {
        house.get(path).await.problem(404, "not-found");
    }
}

/// B37: other methods hear which are allowed; a header cannot change the method.
#[tokio::test]
async fn other_methods_hear_which_are_allowed() {
    let house = House::open().await;
    for method in ["PUT", "TRACE", "OPTIONS", "DELETE"] {
        let reply = house
            .ask(method, "/v1/tokens")
            .token(&house.admin)
            .send()
            .await;
        assert_eq!(reply.header("allow"), "GET, HEAD, POST", "{method}");
        reply.problem(405, "method-not-allowed");
    }
    let reply = house
        .ask("HEAD", "/v1/tokens/self/revoke")
        .token(&house.admin)
        .send()
        .await;
    assert_eq!(reply.is(405).header("allow"), "POST");
    let head = house
        .ask("HEAD", "/v1/tokens/self")
        .token(&house.admin)
        .send()
        .await
        .is(200);
    assert!(head.body.is_empty());
    let over = house.ask("GET", "/v1/tokens/self").token(&house.admin);
    over.header("x-http-method-override", b"DELETE")
        .send()
        .await
        .is(200);
}

/// B31, B32: JSON that could be read in two ways, or without end.
#[tokio::test]
async fn json_is_read_in_one_way_or_not_at_all() {
    let house = House::open().await;
    let deep = format!("{{\"name\":{}", "[".repeat(100_000));
    let large = format!("{{\"name\":\"{}\"}}", "a".repeat(1024 * 1024));
    for (body, status, slug) in [
        (r#"{"name":"a","name":"b"}"#, 400, "bad-request"),
        (r#"{"name":"a"} {}"#, 400, "bad-request"),
        (r#"{"name":1e400}"#, 400, "bad-request"),
        (r#"{"name":"\ud800"}"#, 400, "bad-request"),
        ("", 400, "bad-request"),
        (deep.as_str(), 400, "bad-request"),
        (large.as_str(), 413, "too-large"),
    ] {
        let ask = house.ask("POST", "/v1/tokens").token(&house.admin);
        ask.body("application/json", body)
            .send()
            .await
            .problem(status, slug);
    }
}

/// B33: other types, charsets and encodings.
#[tokio::test]
async fn only_plain_json_in_utf_8_is_read() {
    let house = House::open().await;
    let body = r#"{"name":"a"}"#;
    for media_type in [
        "text/plain",
        "application/xml",
        "application/json; charset=utf-16",
        "",
    ] {
        let ask = house.ask("POST", "/v1/tokens").token(&house.admin);
        ask.body(media_type, body)
            .send()
            .await
            .problem(415, "unsupported-media-type");
    }
    let ask = house.ask("POST", "/v1/tokens").token(&house.admin);
    let gzip = ask
        .header("content-encoding", b"gzip")
        .body("application/json", body);
    gzip.send().await.problem(415, "unsupported-media-type");
    let ask = house.ask("POST", "/v1/tokens").token(&house.admin);
    ask.body("Application/JSON; charset=UTF-8", body)
        .send()
        .await
        .is(201);
}

/// B47: what the request says about its host or its way is not believed.
#[tokio::test]
async fn no_link_is_taken_from_a_request() {
    let house = House::open().await;
    let ask = house
        .ask("POST", "/v1/tokens")
        .token(&house.admin)
        .json(&json!({"name": "a"}));
    let ask = ask
        .header("host", b"evil.example")
        .header("x-forwarded-host", b"evil.example");
    let reply = ask.send().await.is(201);
    assert!(!reply.text().contains("evil"));
    assert!(reply.header("location").starts_with("/v1/tokens/"));
}

/// B48: no page of another origin may read an answer.
#[tokio::test]
async fn no_other_origin_is_let_in() {
    let house = House::open().await;
    let ask = house.ask("GET", "/v1/tokens/self").token(&house.admin);
    let reply = ask
        .header("origin", b"https://evil.example")
        .send()
        .await
        .is(200);
    assert!(
        reply
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("access-control-"))
    );
}

/// B79: `Accept` does not change the answer; it is JSON, as documented.
#[tokio::test]
async fn the_answer_is_json_whatever_is_accepted() {
    let house = House::open().await;
    for accept in ["application/xml", "application/json;q=0", "?", "*/*"] {
        let ask = house.ask("GET", "/v1/tokens/self").token(&house.admin);
        let reply = ask.header("accept", accept.as_bytes()).send().await.is(200);
        assert_eq!(reply.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn every_reply_is_hardened_and_has_an_id() {
    let house = House::open().await;
    for path in ["/v1/tokens/self", "/nothing", "/livez", "/docs"] {
        let reply = house.get(path).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert!(
            reply
                .header("content-security-policy")
                .contains("default-src 'none'")
        );
        assert_eq!(reply.header("request-id").len(), 20);
    }
    let ask = house
        .ask("GET", "/livez")
        .header("request-id", b"from-a-proxy.1");
    assert_eq!(ask.send().await.header("request-id"), "from-a-proxy.1");
    let ask = house.ask("GET", "/livez").header("request-id", b"a b\"");
    assert_eq!(ask.send().await.header("request-id").len(), 20);
}

#[tokio::test]
async fn unknown_parameters_are_refused_by_name() {
    let house = House::open().await;
    let body = house
        .get("/v1/tokens?scopes=a")
        .await
        .problem(422, "invalid");
    assert_eq!(body["errors"][0]["parameter"], "scopes");
    house
        .get("/v1/tokens/self?x=1")
        .await
        .problem(422, "invalid");
}
