//! `/v1/tokens`

use domain::kernel::Span;
use serde_json::{Value, json};

use crate::house::House;

const FIELDS: [&str; 14] = [
    "created_at",
    "expires_at",
    "id",
    "kind",
    "labels",
    "last_used_at",
    "name",
    "owner",
    "remaining_seconds",
    "roles",
    "rotated_from",
    "scopes",
    "state",
    "team",
];

fn fields(item: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = item
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_token_asks_about_itself() {
    let house = House::open().await;
    let (id, token) = house.holder("bot", &["credentials:read"]).await;
    let reply = house
        .ask("GET", "/v1/tokens/self")
        .token(&token)
        .send()
        .await
        .is(200);
    let item = reply.json();
    assert_eq!(fields(&item), FIELDS);
    assert_eq!(
        reply.header("authentication-token-expiration"),
        item["expires_at"]
    );
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(item["id"], id);
    assert_eq!(item["kind"], "service_account");
    assert_eq!(item["scopes"], json!(["credentials:read"]));
    assert_eq!(item["state"], "active");
    assert_eq!(item["remaining_seconds"], 30 * 86_400);
    assert!(!reply.text().contains(&token), "never the value");
}

#[tokio::test]
async fn a_new_token_shows_its_value_once_and_lives_a_year() {
    let house = House::open().await;
    let reply = house
        .post(
            "/v1/tokens",
            json!({"name": "nightly", "roles": ["Analyst"]}),
        )
        .await
        .is(201);
    let issued = reply.json();
    let token = &issued["token"];
    assert_eq!(fields(token), FIELDS);
    assert_eq!(token["expires_at"], "2027-11-22T09:00:00Z");
    let path = reply.header("location").to_owned();
    assert_eq!(
        path,
        format!("/v1/tokens/{}", token["id"].as_str().unwrap())
    );
    let value = issued["value"].as_str().unwrap();
    let again = house.get(&path).await.is(200);
    assert!(!again.text().contains(value));
    let list = house.get("/v1/tokens").await.is(200);
    assert!(!list.text().contains(value));
}

/// B14, B15, B16, B20: names are text; only control characters and lengths are refused.
#[tokio::test]
async fn names_are_text() {
    let house = House::open().await;
    for bad in [
        "",
        " ",
        &"a".repeat(256),
        "a\r\nBcc: x@y",
        "a\u{0}",
        "a\u{1b}[31m",
    ] {
        let body = house
            .post("/v1/tokens", json!({"name": bad}))
            .await
            .problem(422, "invalid");
        assert_eq!(body["errors"][0]["pointer"], "#/name", "{bad:?}");
    }
    for good in [
        "a",
        &"a".repeat(255),
        "<script>",
        "{{7*7}} %n%s",
        "\u{202E}x\u{2028}",
        "=1+1",
    ] {
        let issued = house
            .post("/v1/tokens", json!({"name": good}))
            .await
            .is(201)
            .json();
        assert_eq!(issued["token"]["name"], good);
    }
}

/// B21: names need not be unique, whatever they are equal after; nothing is a conflict.
#[tokio::test]
async fn two_tokens_may_have_one_name() {
    let house = House::open().await;
    for name in ["caf\u{e9}", "cafe\u{301}", "CAF\u{c9}", "caf\u{e9}"] {
        house
            .post("/v1/tokens", json!({"name": name}))
            .await
            .is(201);
    }
}

/// B22, B23, B24, B25: ends that are past, absurd, or not RFC 3339.
#[tokio::test]
async fn ends_lie_in_the_future_and_are_rfc_3339() {
    let house = House::open().await;
    for bad in [
        json!({"expires_at": "2026-11-22T08:59:59Z"}),
        json!({"expires_at": "2026-11-22T09:00:00Z"}),
        json!({"expires_at": "10000-01-01T00:00:00Z"}),
        json!({"expires_at": "+292277026596-01-01T00:00:00Z"}),
        json!({"expires_at": "2027-02-30T00:00:00Z"}),
        json!({"expires_at": "2027-01-01T24:00:00Z"}),
        json!({"expires_at": "2027-01-01T00:00:00"}),
        json!({"expires_at": 1_900_000_000}),
        json!({"expires_at": null}),
        json!({"lifetime": "0s"}),
        json!({"lifetime": "-1h"}),
        json!({"lifetime": "1y"}),
        json!({"lifetime": "9223372036854775807h"}),
        json!({"lifetime": 3600}),
        json!({"lifetime": null}),
        json!({"lifetime": "1h", "expires_at": "2027-01-01T00:00:00Z"}),
    ] {
        let mut body = bad.clone();
        body["name"] = json!("a");
        house.post("/v1/tokens", body).await.problem(422, "invalid");
    }
    for good in [
        "2038-01-19T03:14:08Z",
        "9999-12-31T23:59:59Z",
        "2027-01-01T02:00:00.5+02:00",
    ] {
        house
            .post("/v1/tokens", json!({"name": "a", "expires_at": good}))
            .await
            .is(201);
    }
}

/// B27: role names are compared exactly.
#[tokio::test]
async fn a_role_is_never_folded() {
    let house = House::open().await;
    for role in ["admin", "ADMIN", "Admin ", "ROOT", ""] {
        house
            .post("/v1/tokens", json!({"name": "a", "roles": [role]}))
            .await
            .problem(422, "invalid");
    }
}

/// B28, B29: nobody grants more than they hold, and the refusal names the scope.
#[tokio::test]
async fn nobody_grants_more_than_they_hold() {
    let house = House::open().await;
    let (_, token) = house
        .holder("issuer", &["tokens:issue", "billing:read"])
        .await;
    let issue = |body: Value| {
        house
            .ask("POST", "/v1/tokens")
            .token(&token)
            .json(&body)
            .send()
    };
    issue(json!({"name": "a", "scopes": ["billing:read", "billing:read"]}))
        .await
        .is(201);
    for scopes in [
        json!(["billing:write"]),
        json!(["*"]),
        json!(["tokens:revoke"]),
    ] {
        let reply = issue(json!({"name": "a", "scopes": scopes})).await;
        let body = reply.problem(403, "insufficient-scope");
        assert!(
            body["detail"]
                .as_str()
                .unwrap()
                .contains(scopes[0].as_str().unwrap()),
            "{body}"
        );
    }
    issue(json!({"name": "a", "roles": ["Admin"]}))
        .await
        .problem(403, "insufficient-scope");
    let many: Vec<String> = (0..10_000).map(|n| format!("s:{n}")).collect();
    let reply = house
        .post("/v1/tokens", json!({"name": "a", "scopes": many}))
        .await;
    reply.problem(422, "invalid");
}

/// B30: fields that only the server sets.
#[tokio::test]
async fn fields_that_do_not_exist_are_named() {
    let house = House::open().await;
    for field in ["id", "owner_id", "hash", "created_at", "kind", "Name"] {
        let reply = house
            .post("/v1/tokens", json!({"name": "a", (field): "x"}))
            .await;
        let body = reply.problem(422, "invalid");
        assert_eq!(body["errors"][0]["pointer"], format!("#/{field}"));
    }
}

/// B36: other people's tokens, unknown and malformed ids look alike.
#[tokio::test]
async fn a_foreign_token_does_not_exist() {
    let house = House::open().await;
    let (foreign, _) = house.holder("one", &[]).await;
    let (_, token) = house.holder("other", &[]).await;
    let long = "x".repeat(300);
    for id in [foreign.as_str(), "AAAAAAAAAAAA", "no%20id", &long] {
        let reply = house
            .ask("GET", &format!("/v1/tokens/{id}"))
            .token(&token)
            .send()
            .await;
        reply.problem(404, "not-found");
    }
    let list = house
        .ask("GET", "/v1/tokens")
        .token(&token)
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "only one's own");
}

/// L26, B38, B40: page sizes, cursors, orders.
#[tokio::test]
async fn pages_are_bounded_and_cursors_belong_to_their_list() {
    let house = House::open().await;
    for n in 0..5 {
        house
            .post("/v1/tokens", json!({"name": format!("n{n}")}))
            .await
            .is(201);
    }
    for bad in [
        "limit=0",
        "limit=-1",
        "limit=201",
        "limit=1000000000",
        "sort=mac",
        "sort=name;--",
    ] {
        house
            .get(&format!("/v1/tokens?{bad}"))
            .await
            .problem(422, "invalid");
    }
    for bad in ["x", "AAAAAAAAAAAAAAAA", ""] {
        house
            .get(&format!("/v1/tokens?cursor={bad}"))
            .await
            .problem(400, "bad-request");
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/tokens?sort=name&limit=2".to_owned());
    loop {
        let page = house.get(&path).await.is(200).json();
        let items = page["items"].as_array().unwrap();
        seen.extend(
            items
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        let foreign = format!("/v1/tokens?sort=expires_at&limit=2&cursor={cursor}");
        house.get(&foreign).await.problem(400, "bad-request");
        path = format!("/v1/tokens?sort=name&limit=2&cursor={cursor}");
    }
    assert_eq!(seen.len(), 6, "five and the first admin's: {seen:?}");
    assert!(seen.is_sorted());
}

/// B39: filters take text as it is.
#[tokio::test]
async fn filters_are_literal() {
    let house = House::open().await;
    house
        .post("/v1/tokens", json!({"name": "100%_sure"}))
        .await
        .is(201);
    let count = async |query: &str| {
        let page = house
            .get(&format!("/v1/tokens?{query}"))
            .await
            .is(200)
            .json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(count("name=%25_").await, 1);
    assert_eq!(count("name=0_0").await, 0);
    assert_eq!(
        count("scope=%27%20OR%201%3D1--").await,
        1,
        "only * holds it"
    );
    assert_eq!(count("name=(a%2B)%2B$").await, 0);
}

#[tokio::test]
async fn filters_look_at_scopes_states_and_ends() {
    let house = House::open().await;
    let (id, _) = house
        .holder("bot", &["billing:read", "billing:write"])
        .await;
    let names = async |query: &str| -> Vec<String> {
        let page = house
            .get(&format!("/v1/tokens?{query}"))
            .await
            .is(200)
            .json();
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(
        names("scope=billing:read&scope=billing:write")
            .await
            .contains(&id)
    );
    assert!(!names("scope=billing:read&scope=other").await.contains(&id));
    assert!(names("role=role%20of%20bot").await == [id.clone()]);
    assert!(
        names("expires_within=30d").await.contains(&id),
        "the span itself is inside"
    );
    let short = Span::from_micros(Span::days(30).as_micros() - 1);
    assert!(
        !names(&format!("expires_within={short}"))
            .await
            .contains(&id)
    );
    house
        .post(&format!("/v1/tokens/{id}/revoke"), json!({}))
        .await
        .is(200);
    assert!(names("state=revoked&state=expired").await == [id.clone()]);
    assert!(!names("expires_within=30d").await.contains(&id));
    house
        .get("/v1/tokens?state=dead")
        .await
        .problem(422, "invalid");
    house
        .get("/v1/tokens?expires_within=0s")
        .await
        .problem(422, "invalid");
}

/// B41: the same key and body make nothing twice and never show the value again.
#[tokio::test]
async fn a_repeated_create_answers_without_the_value() {
    let house = House::open().await;
    let create = |key: &str, name: &str| {
        let ask = house.ask("POST", "/v1/tokens").token(&house.admin);
        ask.header("idempotency-key", key.as_bytes())
            .json(&json!({"name": name}))
            .send()
    };
    let first = create("k1", "a").await.is(201).json();
    let again = create("k1", "a").await.is(201).json();
    assert_eq!(first["token"]["id"], again["token"]["id"]);
    assert!(first["value"].is_string() && again["value"].is_null());
    create("k1", "b").await.problem(422, "invalid");
    create(&"k".repeat(255), "a").await.is(201);
    create(&"k".repeat(256), "a")
        .await
        .problem(400, "bad-request");
    create("a b", "a").await.problem(400, "bad-request");
}

/// B42: a token is rotated once; a revoked one not at all; the overlap stops at the end.
#[tokio::test]
async fn rotation_happens_once() {
    let house = House::open().await;
    let (id, token) = house.holder("bot", &["credentials:read"]).await;
    let rotate = || house.ask("POST", "/v1/tokens/self/rotate").token(&token);
    let ends_first = json!({ "lifetime": "1h", "overlap": "2h" });
    for refused in [json!({ "lifetime": "31d" }), ends_first] {
        rotate().json(&refused).send().await.problem(422, "invalid");
    }
    let fresh = rotate()
        .json(&json!({"overlap": "1h"}))
        .send()
        .await
        .is(201)
        .json();
    assert_eq!(fresh["token"]["rotated_from"], id);
    let new = fresh["value"].as_str().unwrap();
    rotate().send().await.problem(409, "conflict");
    for value in [token.as_str(), new] {
        house
            .ask("GET", "/v1/tokens/self")
            .token(value)
            .send()
            .await
            .is(200);
    }
    house.clock.advance(Span::hours(1));
    house
        .ask("GET", "/v1/tokens/self")
        .token(&token)
        .send()
        .await
        .is(401);
    house
        .ask("GET", "/v1/tokens/self")
        .token(new)
        .send()
        .await
        .is(200);
    house
        .ask("POST", "/v1/tokens/self/revoke")
        .token(new)
        .send()
        .await
        .is(200);
    let id = fresh["token"]["id"].as_str().unwrap();
    let reply = house
        .post(&format!("/v1/tokens/{id}/rotate"), json!({}))
        .await;
    reply.problem(409, "conflict");
}

/// B43: revoking again answers the same; an unknown id does not exist.
#[tokio::test]
async fn revoking_twice_is_revoking_once() {
    let house = House::open().await;
    let (id, token) = house.holder("bot", &[]).await;
    let path = format!("/v1/tokens/{id}/revoke");
    for _ in 0..2 {
        let item = house.post(&path, json!({})).await.is(200).json();
        assert_eq!(item["state"], "revoked");
    }
    house
        .ask("GET", "/v1/tokens/self")
        .token(&token)
        .send()
        .await
        .is(401);
    house
        .post("/v1/tokens/AAAAAAAAAAAA/revoke", json!({}))
        .await
        .problem(404, "not-found");
}

/// B44: a token may end itself, but not the last one that may do everything.
#[tokio::test]
async fn the_last_admin_token_stays() {
    let house = House::open().await;
    let (_, token) = house.holder("bot", &[]).await;
    house
        .ask("POST", "/v1/tokens/self/revoke")
        .token(&token)
        .send()
        .await
        .is(200);
    house
        .post("/v1/tokens/self/revoke", json!({}))
        .await
        .problem(409, "conflict");
}

/// B46: a change names the version it saw.
#[tokio::test]
async fn a_stale_change_is_refused() {
    let house = House::open().await;
    let (id, _) = house.holder("bot", &[]).await;
    let path = format!("/v1/tokens/{id}");
    let tag = house.get(&path).await.is(200).header("etag").to_owned();
    let patch = |tag: &str, name: &str| {
        let ask = house.ask("PATCH", &path).token(&house.admin);
        ask.header("if-match", tag.as_bytes())
            .json(&json!({"name": name}))
            .send()
    };
    let changed = patch(&tag, "new").await.is(200);
    assert_eq!(changed.json()["name"], "new");
    patch(&tag, "other")
        .await
        .problem(412, "precondition-failed");
    patch(changed.header("etag"), "other").await.is(200);
    patch("3", "x").await.problem(400, "bad-request");
    let ask = house
        .ask("PATCH", &path)
        .token(&house.admin)
        .json(&json!({"name": null}));
    ask.send().await.problem(422, "invalid");
}
