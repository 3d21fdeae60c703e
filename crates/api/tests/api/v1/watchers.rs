//! `/v1/watchers`: who may let whom hear of all credentials of a kind.

use serde_json::{Value, json};

use crate::house::House;

fn rule(notify: &[&str]) -> Value {
    json!({"match": {"label": {"service": "billing"}}, "notify": notify})
}

async fn person(house: &House, name: &str, scopes: &[&str]) -> (String, String) {
    let role = json!({"name": format!("role of {name}"), "scopes": scopes});
    house.post("/v1/roles", role).await.is(201);
    let roles = [format!("role of {name}")];
    let body = json!({"name": name, "email": format!("{name}@example.org"), "roles": roles});
    let made = house.post("/v1/people", body).await.is(201).json();
    let (_, token) = house.token_of(&made["id"], &[&roles[0]], "30d").await;
    (made["id"].as_str().unwrap().to_owned(), token)
}

#[tokio::test]
async fn a_rule_is_made_listed_and_removed() {
    let house = House::open().await;
    let (ada, token) = person(&house, "ada", &["credentials:read"]).await;
    let body = json!({"match": {"label": {"env": "pr*"}}});
    let ask = |method, path: &str| house.ask(method, path).token(&token);
    let made = ask("POST", "/v1/watchers")
        .json(&body)
        .send()
        .await
        .is(201)
        .json();
    assert_eq!(made["notify"], json!([format!("person:{ada}")]));
    assert_eq!(made["match"], body["match"]);
    let list = ask("GET", "/v1/watchers").send().await.is(200).json();
    assert_eq!(list["items"][0]["id"], made["id"]);
    let path = format!("/v1/watchers/{}", made["id"].as_str().unwrap());
    ask("DELETE", &path).send().await.is(204);
    ask("DELETE", &path).send().await.is(404);
    let list = ask("GET", "/v1/watchers").send().await.is(200).json();
    assert_eq!(list["items"], json!([]));
    let audit = house.get("/v1/audit").await.is(200).json();
    let audit = audit["items"].to_string();
    assert!(audit.contains("watch.create") && audit.contains("watch.remove"));
}

/// P6: who may read lets nobody else read, and takes nothing from others.
#[tokio::test]
async fn others_hear_only_by_somebody_who_may_change_credentials() {
    let house = House::open().await;
    let (ada, reader) = person(&house, "ada", &["credentials:read"]).await;
    let (bob, writer) = person(&house, "bob", &["credentials:read", "credentials:write"]).await;
    let (_, nobody) = person(&house, "eve", &[]).await;
    let post = |token: &str, body: Value| {
        house
            .ask("POST", "/v1/watchers")
            .token(token)
            .json(&body)
            .send()
    };
    for notify in [
        vec!["bob@example.org"],
        vec!["ada@example.org", "out@example.net"],
    ] {
        post(&reader, rule(&notify))
            .await
            .problem(403, "insufficient-scope");
    }
    post(&nobody, rule(&[]))
        .await
        .problem(403, "insufficient-scope");
    // One's own address is oneself.
    post(&reader, rule(&["ada@example.org"])).await.is(201);
    let made = post(&writer, rule(&[&ada, "out@example.net"]))
        .await
        .is(201)
        .json();
    let named = json!(["address:out@example.net", format!("person:{ada}")]);
    let mut notify: Vec<String> = serde_json::from_value(made["notify"].clone()).unwrap();
    notify.sort();
    assert_eq!(json!(notify), named);
    let path = format!("/v1/watchers/{}", made["id"].as_str().unwrap());
    let remove = |token: &str| house.ask("DELETE", &path).token(token).send();
    remove(&nobody).await.is(404);
    remove(&reader).await.problem(403, "insufficient-scope");
    remove(&writer).await.is(204);
    assert_ne!(ada, bob);
}

/// Who may not read every credential sees the rules that tell them alone.
#[tokio::test]
async fn a_rule_is_seen_by_whom_alone_it_tells() {
    let house = House::open().await;
    let (eve, nobody) = person(&house, "eve", &[]).await;
    house.post("/v1/watchers", rule(&[&eve])).await.is(201);
    house
        .post("/v1/watchers", rule(&[&eve, "out@example.net"]))
        .await
        .is(201);
    let list = house
        .ask("GET", "/v1/watchers")
        .token(&nobody)
        .send()
        .await
        .is(200)
        .json();
    let own = list["items"].as_array().unwrap();
    assert_eq!(own.len(), 1);
    let path = format!("/v1/watchers/{}", own[0]["id"].as_str().unwrap());
    house
        .ask("DELETE", &path)
        .token(&nobody)
        .send()
        .await
        .is(204);
}

#[tokio::test]
async fn a_rule_that_means_everything_or_nobody_is_refused() {
    let house = House::open().await;
    for body in [
        json!({"match": {}, "notify": ["a@example.org"]}),
        json!({"match": {"label": {"a": "b"}}, "notify": ["team:nobody"]}),
        json!({"match": {"label": {"a": "b"}}, "notify": ["per_nobody"]}),
        json!({"match": {"label": {"a": "b"}}, "notify": vec!["a@example.org"; 51]}),
        json!({"match": {"unused_for": "0s"}, "notify": ["a@example.org"]}),
        // The set-up account has no address.
        json!({"match": {"label": {"a": "b"}}}),
    ] {
        house.post("/v1/watchers", body.clone()).await.is(422);
    }
    let unknown = json!({"match": {"label": {"a": "b"}}, "notify": ["a@example.org"], "x": 1});
    let got = house.post("/v1/watchers", unknown).await.status;
    assert!(got.is_client_error(), "{got}");
}
