//! Every call × every kind of caller. A call without a row fails.

use std::collections::BTreeSet;

use api::Needs;
use domain::kernel::Span;
use serde_json::{Value, json};

use crate::house::House;

/// Each call with a path that can be asked and a body it would read.
const ROWS: &[(&str, &str, &str, &str)] = &[
    ("GET", "/v1/tokens", "/v1/tokens", ""),
    ("POST", "/v1/tokens", "/v1/tokens", r#"{"name":"a"}"#),
    ("GET", "/v1/tokens/self", "/v1/tokens/self", ""),
    (
        "POST",
        "/v1/tokens/self/rotate",
        "/v1/tokens/self/rotate",
        "{}",
    ),
    (
        "POST",
        "/v1/tokens/self/revoke",
        "/v1/tokens/self/revoke",
        "",
    ),
    ("GET", "/v1/tokens/{id}", "/v1/tokens/none", ""),
    ("PATCH", "/v1/tokens/{id}", "/v1/tokens/none", "{}"),
    (
        "POST",
        "/v1/tokens/{id}/rotate",
        "/v1/tokens/none/rotate",
        "{}",
    ),
    (
        "POST",
        "/v1/tokens/{id}/revoke",
        "/v1/tokens/none/revoke",
        "",
    ),
    ("GET", "/v1/roles", "/v1/roles", ""),
    (
        "POST",
        "/v1/roles",
        "/v1/roles",
        r#"{"name":"a","scopes":[]}"#,
    ),
    ("GET", "/v1/roles/grantable", "/v1/roles/grantable", ""),
    ("GET", "/v1/roles/{name}", "/v1/roles/None", ""),
    ("PATCH", "/v1/roles/{name}", "/v1/roles/nobody", "{}"),
    ("DELETE", "/v1/roles/{name}", "/v1/roles/nobody", ""),
    ("GET", "/v1/credentials", "/v1/credentials", ""),
    ("GET", "/v1/credentials.csv", "/v1/credentials.csv", ""),
    (
        "GET",
        "/v1/credentials.ndjson",
        "/v1/credentials.ndjson",
        "",
    ),
    ("GET", "/v1/credentials/{id}", "/v1/credentials/none", ""),
    (
        "PATCH",
        "/v1/credentials/{id}",
        "/v1/credentials/none",
        "{}",
    ),
    ("GET", "/v1/policies", "/v1/policies", ""),
    (
        "POST",
        "/v1/policies/dry-run",
        "/v1/policies/dry-run",
        r#"{"name":"default","policy":{}}"#,
    ),
    ("GET", "/v1/silences", "/v1/silences", ""),
    (
        "POST",
        "/v1/silences",
        "/v1/silences",
        r#"{"match":{"source":"a"},"ends_at":"2027-01-01T00:00:00Z","reason":"a"}"#,
    ),
    ("DELETE", "/v1/silences/{id}", "/v1/silences/none", ""),
    ("GET", "/v1/watchers", "/v1/watchers", ""),
    (
        "POST",
        "/v1/watchers",
        "/v1/watchers",
        r#"{"match":{"label":{"env":"prod"}},"notify":["ops@example.org"]}"#,
    ),
    ("DELETE", "/v1/watchers/{id}", "/v1/watchers/none", ""),
    ("GET", "/v1/alerts", "/v1/alerts", ""),
    ("GET", "/v1/findings", "/v1/findings", ""),
    ("GET", "/v1/reviews", "/v1/reviews", ""),
    ("GET", "/v1/reviews/{id}", "/v1/reviews/none", ""),
    (
        "POST",
        "/v1/reviews/{id}/decisions",
        "/v1/reviews/none/decisions",
        r#"{"decisions":[]}"#,
    ),
    ("GET", "/v1/feeds", "/v1/feeds", ""),
    ("POST", "/v1/feeds", "/v1/feeds", r#"{"for":"all"}"#),
    ("DELETE", "/v1/feeds/{id}", "/v1/feeds/none", ""),
    ("GET", "/v1/alerts/{id}", "/v1/alerts/none", ""),
    (
        "POST",
        "/v1/alerts/{id}/acknowledge",
        "/v1/alerts/none/acknowledge",
        "{}",
    ),
    (
        "POST",
        "/v1/alerts/{id}/snooze",
        "/v1/alerts/none/snooze",
        r#"{"for":"1d"}"#,
    ),
    (
        "POST",
        "/v1/alerts/{id}/unsnooze",
        "/v1/alerts/none/unsnooze",
        "",
    ),
    (
        "POST",
        "/v1/alerts/{id}/let-lapse",
        "/v1/alerts/none/let-lapse",
        "{}",
    ),
    (
        "POST",
        "/v1/alerts/{id}/escalate",
        "/v1/alerts/none/escalate",
        "{}",
    ),
    ("GET", "/v1/monitors", "/v1/monitors", ""),
    (
        "POST",
        "/v1/monitors",
        "/v1/monitors",
        r#"{"name":"a","period":"1d"}"#,
    ),
    ("GET", "/v1/monitors/{id}", "/v1/monitors/mon_none", ""),
    ("PATCH", "/v1/monitors/{id}", "/v1/monitors/mon_none", "{}"),
    ("DELETE", "/v1/monitors/{id}", "/v1/monitors/mon_none", ""),
    ("GET", "/v1/people", "/v1/people", ""),
    ("POST", "/v1/people", "/v1/people", r#"{"name":"a"}"#),
    ("GET", "/v1/people/{id}", "/v1/people/per_none", ""),
    ("PATCH", "/v1/people/{id}", "/v1/people/per_none", "{}"),
    (
        "POST",
        "/v1/people/self/address",
        "/v1/people/self/address",
        r#"{"email":"new@example.org"}"#,
    ),
    (
        "DELETE",
        "/v1/people/self/address",
        "/v1/people/self/address",
        "",
    ),
    ("GET", "/v1/teams", "/v1/teams", ""),
    ("POST", "/v1/teams", "/v1/teams", r#"{"name":"a"}"#),
    ("GET", "/v1/teams/{id}", "/v1/teams/tea_none", ""),
    ("PATCH", "/v1/teams/{id}", "/v1/teams/tea_none", "{}"),
    ("GET", "/v1/service-accounts", "/v1/service-accounts", ""),
    (
        "POST",
        "/v1/service-accounts",
        "/v1/service-accounts",
        r#"{"name":"a"}"#,
    ),
    (
        "GET",
        "/v1/service-accounts/{id}",
        "/v1/service-accounts/sva_none",
        "",
    ),
    (
        "PATCH",
        "/v1/service-accounts/{id}",
        "/v1/service-accounts/sva_none",
        "{}",
    ),
    (
        "GET",
        "/scim/v2/ServiceProviderConfig",
        "/scim/v2/ServiceProviderConfig",
        "",
    ),
    (
        "GET",
        "/scim/v2/ResourceTypes",
        "/scim/v2/ResourceTypes",
        "",
    ),
    ("GET", "/scim/v2/Schemas", "/scim/v2/Schemas", ""),
    ("GET", "/scim/v2/Users", "/scim/v2/Users", ""),
    ("GET", "/scim/v2/Groups", "/scim/v2/Groups", ""),
    (
        "GET",
        "/scim/v2/ResourceTypes/{id}",
        "/scim/v2/ResourceTypes/none",
        "",
    ),
    ("GET", "/scim/v2/Schemas/{id}", "/scim/v2/Schemas/none", ""),
    (
        "POST",
        "/scim/v2/Users",
        "/scim/v2/Users",
        r#"{"userName":"a"}"#,
    ),
    ("GET", "/scim/v2/Users/{id}", "/scim/v2/Users/none", ""),
    (
        "PUT",
        "/scim/v2/Users/{id}",
        "/scim/v2/Users/none",
        r#"{"userName":"a"}"#,
    ),
    (
        "PATCH",
        "/scim/v2/Users/{id}",
        "/scim/v2/Users/none",
        r#"{"Operations":[]}"#,
    ),
    ("DELETE", "/scim/v2/Users/{id}", "/scim/v2/Users/none", ""),
    (
        "POST",
        "/scim/v2/Groups",
        "/scim/v2/Groups",
        r#"{"displayName":"scim"}"#,
    ),
    ("GET", "/scim/v2/Groups/{id}", "/scim/v2/Groups/none", ""),
    (
        "PUT",
        "/scim/v2/Groups/{id}",
        "/scim/v2/Groups/none",
        r#"{"displayName":"scim"}"#,
    ),
    (
        "PATCH",
        "/scim/v2/Groups/{id}",
        "/scim/v2/Groups/none",
        r#"{"Operations":[]}"#,
    ),
    ("DELETE", "/scim/v2/Groups/{id}", "/scim/v2/Groups/none", ""),
    ("GET", "/v1/channels", "/v1/channels", ""),
    (
        "POST",
        "/v1/channels/{id}/test",
        "/v1/channels/none/test",
        "{}",
    ),
    ("GET", "/v1/messages", "/v1/messages", ""),
    ("GET", "/v1/messages/{id}", "/v1/messages/none", ""),
    ("GET", "/v1/forecast", "/v1/forecast", ""),
    (
        "GET",
        "/v1/credentials/{id}/forecast",
        "/v1/credentials/none/forecast",
        "",
    ),
    (
        "POST",
        "/v1/sources/{id}/observations",
        "/v1/sources/none/observations",
        "{}",
    ),
    ("GET", "/v1/sources", "/v1/sources", ""),
    ("GET", "/v1/sources/{id}", "/v1/sources/none", ""),
    ("DELETE", "/v1/sources/{id}", "/v1/sources/none", ""),
    ("POST", "/v1/sources/{id}/test", "/v1/sources/none/test", ""),
    (
        "POST",
        "/v1/sources/{id}/accept",
        "/v1/sources/none/accept",
        "",
    ),
    ("POST", "/v1/sources/{id}/sync", "/v1/sources/none/sync", ""),
    ("GET", "/v1/audit", "/v1/audit", ""),
    ("GET", "/v1/audit/verify", "/v1/audit/verify", ""),
    (
        "POST",
        "/oauth2/introspect",
        "/oauth2/introspect",
        "token=x",
    ),
    ("POST", "/oauth2/revoke", "/oauth2/revoke", "token=x"),
];

/// Calls that look at tokens themselves, or at none.
const OPEN: &[&str] = &[
    "/feeds/{name}",
    "/v1/channels/{id}/actions",
    "/auth/verify",
    "/auth/verify/{*path}",
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/docs/style.css",
    "/ping/{monitor}",
    "/ping/{monitor}/fail",
];

fn needs(method: &str, path: &str) -> Needs {
    let same = |r: &api::Route| r.path == path && r.method.as_ref().is_some_and(|m| m == method);
    api::routes()
        .into_iter()
        .find(same)
        .expect("a row without a call")
        .needs
}

async fn status(
    house: &House,
    row: &(&str, &str, &str, &str),
    token: Option<&str>,
) -> (u16, Value) {
    let (method, path, asked, body) = row;
    let mut ask = house.ask(method, asked);
    if let Some(token) = token {
        ask = ask.token(token);
    }
    if path.ends_with("/observations") {
        ask = ask.header("content-type", b"application/x-ndjson");
    }
    ask = match (path.starts_with("/oauth2"), body.is_empty()) {
        (true, _) => ask.form(body),
        (false, true) => ask,
        (false, false) => ask.body("application/json", *body),
    };
    let reply = ask.send().await;
    let challenge = json!(reply.header("www-authenticate"));
    (reply.status.as_u16(), challenge)
}

/// Answers with a list in them that has no pages, and what bounds it instead.
const WITHOUT_PAGES: &[(&str, &str)] = &[
    (
        "/v1/credentials/{id}",
        "where one is used: as many as a change may give it",
    ),
    (
        "/v1/credentials/{id}/forecast",
        "what is said of one in as many days as are asked for",
    ),
    (
        "/v1/forecast",
        "a plan is a whole: it looks as many days ahead as are asked for",
    ),
    (
        "/v1/messages/{id}",
        "the attempts of one message: a handful before its deadline",
    ),
    (
        "/v1/policies",
        "what somebody wrote into the configuration, in its order",
    ),
    (
        "/v1/policies/dry-run",
        "two plans side by side, for as many days as are asked for",
    ),
    (
        "/v1/sources/{id}/observations",
        "the first lines that were refused, up to a most",
    ),
    (
        "/v1/sources/{id}/test",
        "a preview: the first rows, up to a most",
    ),
];

/// Whether an answer of this shape holds a list of things at its top.
fn is_list(shape: &Value) -> bool {
    let properties = shape["properties"].as_object().into_iter().flatten();
    let listed = |field: &Value| field["type"] == "array" && field["items"]["type"] != "string";
    shape["type"] == "array" || properties.into_iter().any(|(_, field)| listed(field))
}

/// L26: no list answers everything at once: each takes a limit and a cursor, or is named with
/// what bounds it.
#[test]
fn every_list_has_pages() {
    let mut lists = 0;
    let mut bounded = BTreeSet::new();
    for route in api::routes() {
        let shape = route.answer.shape.as_ref().map(|shape| &shape.schema);
        let shape = serde_json::to_value(shape).unwrap();
        if !is_list(&shape) {
            continue;
        }
        let takes = |name| route.params.iter().any(|param| param.name == name);
        if takes("limit") && takes("cursor") {
            assert!(
                shape["properties"].get("next_cursor").is_some(),
                "{}",
                route.path
            );
            lists += 1;
        } else {
            bounded.insert(route.path);
        }
    }
    assert!(lists >= 12, "{lists} lists were found");
    let named: BTreeSet<&str> = WITHOUT_PAGES.iter().map(|(path, _)| *path).collect();
    assert_eq!(bounded, named);
}

#[test]
fn every_call_has_a_row() {
    let rows: BTreeSet<_> = ROWS
        .iter()
        .map(|(m, p, _, _)| ((*m).to_owned(), *p))
        .collect();
    let mut calls = BTreeSet::new();
    for route in api::routes() {
        match route.needs {
            Needs::Nothing => assert!(OPEN.contains(&route.path), "{} is open", route.path),
            _ => drop(calls.insert((route.method.unwrap().to_string(), route.path))),
        }
    }
    assert_eq!(rows, calls);
}

#[tokio::test]
async fn nobody_gets_in_without_a_valid_token() {
    let house = House::open().await;
    let (id, revoked) = house.holder("revoked", &["*"]).await;
    house
        .post(&format!("/v1/tokens/{id}/revoke"), json!({}))
        .await
        .is(200);
    let (_, expired) = house.holder("expired", &["*"]).await;
    house.clock.advance(Span::days(30));
    for row in ROWS {
        let (code, challenge) = status(&house, row, None).await;
        assert_eq!(
            (code, challenge.as_str()),
            (401, Some("Bearer realm=\"forewarn\"")),
            "{row:?}"
        );
        for (token, word) in [(&expired, "expired"), (&revoked, "revoked")] {
            let (code, challenge) = status(&house, row, Some(token)).await;
            assert_eq!(code, 401, "{row:?}");
            assert!(challenge.as_str().unwrap().contains(word), "{row:?}");
        }
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which_one() {
    let house = House::open().await;
    let (_, powerless) = house.holder("powerless", &[]).await;
    for row in ROWS {
        // Revoking itself is allowed and would end the test.
        if row.1 == "/v1/tokens/self/revoke" {
            continue;
        }
        let (code, challenge) = status(&house, row, Some(&powerless)).await;
        match needs(row.0, row.1) {
            Needs::Scope(scope) => {
                assert_eq!(code, 403, "{row:?}");
                let named = format!("error=\"insufficient_scope\", scope=\"{scope}\"");
                assert!(
                    challenge.as_str().unwrap().ends_with(&named),
                    "{row:?}: {challenge}"
                );
            }
            _ => assert!([200, 201, 404, 403].contains(&code), "{row:?}: {code}"),
        }
    }
}

#[tokio::test]
async fn the_right_scope_opens_each_call() {
    let house = House::open().await;
    let scopes: BTreeSet<&str> = ROWS
        .iter()
        .filter_map(|row| match needs(row.0, row.1) {
            Needs::Scope(scope) => Some(scope),
            _ => None,
        })
        .collect();
    for scope in scopes {
        let (_, token) = house.holder(scope, &[scope]).await;
        for row in ROWS
            .iter()
            .filter(|row| needs(row.0, row.1) == Needs::Scope(scope))
        {
            let (code, _) = status(&house, row, Some(&token)).await;
            assert!(
                [200, 201, 204, 404].contains(&code),
                "{scope} {row:?}: {code}"
            );
        }
    }
}
