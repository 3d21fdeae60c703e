//! `/v1/monitors` and `/ping/{monitor}`

use serde_json::{Value, json};

use crate::house::House;

async fn monitor(house: &House, token: &str) -> Value {
    let body = json!({"name": "nightly export", "period": "1d", "grace": "1h"});
    let ask = house.ask("POST", "/v1/monitors").token(token).json(&body);
    ask.send().await.is(201).json()
}

/// Where it reports in, without scheme and host.
fn path_of(monitor: &Value) -> String {
    let url = monitor["ping_url"].as_str().unwrap();
    url[url.find("/ping/").unwrap()..].to_owned()
}

async fn state(house: &House, monitor: &Value) -> Value {
    let path = format!("/v1/monitors/{}", monitor["id"].as_str().unwrap());
    house.get(&path).await.is(200).json()
}

/// F28: `GET` and `POST` are a sign of life, `HEAD` is none, and no token is asked for.
#[tokio::test]
async fn a_ping_needs_nothing_but_its_key() {
    let house = House::open().await;
    let made = monitor(&house, &house.admin).await;
    assert_eq!((&made["state"], &made["pings"]), (&json!("new"), &json!(0)));
    let path = path_of(&made);
    let key = path.strip_prefix("/ping/").unwrap();
    assert!(key.len() == 22 && key.bytes().all(|b| b.is_ascii_alphanumeric()));
    house.ask("HEAD", &path).send().await.is(200);
    assert_eq!(state(&house, &made).await["pings"], 0);
    for (method, pings) in [("GET", 1), ("POST", 2)] {
        let reply = house.ask(method, &path).send().await.is(200);
        assert_eq!(reply.text(), "ok\n");
        let now = state(&house, &made).await;
        assert_eq!(
            (&now["state"], &now["pings"]),
            (&json!("up"), &json!(pings))
        );
    }
    house.ask("DELETE", &path).send().await.is(405);
    house
        .ask("POST", &format!("{path}/fail"))
        .send()
        .await
        .is(200);
    assert_eq!(state(&house, &made).await["state"], "failed");
}

#[tokio::test]
async fn a_key_that_nobody_has_is_not_found_and_not_repeated() {
    let house = House::open().await;
    let id = monitor(&house, &house.admin).await["id"].clone();
    for key in [
        "0123456789ABCDEFGHIJKL",
        "short",
        "%00",
        id.as_str().unwrap(),
    ] {
        for path in [format!("/ping/{key}"), format!("/ping/{key}/fail")] {
            let reply = house.ask("POST", &path).send().await;
            assert!(!reply.text().contains(key), "{}", reply.text());
            reply.problem(404, "not-found");
        }
    }
}

#[tokio::test]
async fn one_sees_and_changes_ones_own_monitors_and_no_others() {
    let house = House::open().await;
    let (_, mine) = house.holder("mine", &[]).await;
    let (_, other) = house.holder("other", &[]).await;
    let (_, reader) = house.holder("reader", &["alerts:read"]).await;
    let (_, writer) = house.holder("writer", &["alerts:write"]).await;
    let made = monitor(&house, &mine).await;
    let path = format!("/v1/monitors/{}", made["id"].as_str().unwrap());
    let see = |token: &str| house.ask("GET", &path).token(token).send();
    for token in [&mine, &writer] {
        assert_eq!(
            see(token).await.is(200).json()["ping_url"],
            made["ping_url"]
        );
    }
    // With the address one could keep a dead job alive; who may only look gets none.
    assert!(see(&reader).await.is(200).json()["ping_url"].is_null());
    see(&other).await.problem(404, "not-found");
    let patch = json!({"paused": true});
    let change = |token: &str| house.ask("PATCH", &path).token(token).json(&patch).send();
    change(&other).await.problem(404, "not-found");
    change(&reader).await.problem(403, "insufficient-scope");
    assert_eq!(change(&mine).await.is(200).json()["state"], "paused");
    change(&writer).await.is(200);
    let handed = json!({"team": null, "owner": null});
    let hand = house.ask("PATCH", &path).token(&mine).json(&handed);
    hand.send().await.problem(403, "insufficient-scope");
    for (token, count) in [(&mine, 1), (&other, 0), (&reader, 1)] {
        let list = house.ask("GET", "/v1/monitors").token(token).send().await;
        assert_eq!(list.json()["items"].as_array().unwrap().len(), count);
    }
    let remove = |token: &str| house.ask("DELETE", &path).token(token).send();
    remove(&reader).await.problem(403, "insufficient-scope");
    remove(&mine).await.is(204);
    house
        .ask("GET", &path_of(&made))
        .send()
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn for_others_a_scope_is_needed_and_no_credential_is_named_that_one_may_not_see() {
    let house = House::open().await;
    let (_, mine) = house.holder("mine", &[]).await;
    let (theirs, _) = house.holder("theirs", &[]).await;
    let ask = |body: Value| {
        house
            .ask("POST", "/v1/monitors")
            .token(&mine)
            .json(&body)
            .send()
    };
    let body = |more: Value| {
        let mut body = json!({"name": "a", "period": "1d"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let reply = ask(body(json!({"owner": "theirs"}))).await;
    reply.problem(403, "insufficient-scope");
    let reply = ask(body(json!({"depends_on": [theirs]}))).await;
    assert_eq!(
        reply.problem(422, "invalid")["errors"][0]["pointer"],
        "#/depends_on"
    );
    for (field, value) in [("period", "59s"), ("period", "367d"), ("grace", "0s")] {
        let reply = ask(body(json!({field: value}))).await;
        let pointer = format!("#/{field}");
        assert_eq!(
            reply.problem(422, "invalid")["errors"][0]["pointer"],
            pointer
        );
    }
    let made = ask(body(json!({"period": "10m"}))).await.is(201).json();
    assert_eq!(made["grace"], "5m");
}

#[tokio::test]
async fn a_create_that_is_repeated_makes_one_monitor() {
    let house = House::open().await;
    let body = json!({"name": "a", "period": "1d"});
    let ask = || {
        let ask = house.ask("POST", "/v1/monitors").token(&house.admin);
        ask.header("idempotency-key", b"k1").json(&body).send()
    };
    let first = ask().await.is(201).json();
    assert_eq!(ask().await.is(201).json()["id"], first["id"]);
    let list = house.get("/v1/monitors").await.is(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let audit = house.get("/v1/audit").await.is(200).text();
    let key = path_of(&first).replace("/ping/", "");
    assert!(audit.contains("monitor.create") && !audit.contains(&key));
}

/// Nobody uses up what all have together; who may set them up for others is not held back.
#[tokio::test]
async fn who_may_set_up_none_for_others_has_at_most_fifty() {
    let house = House::open().await;
    let (_, bare) = house.holder("bare", &[]).await;
    let (_, other) = house.holder("other", &[]).await;
    let (_, keeper) = house.holder("keeper", &["alerts:write"]).await;
    let mut first = Value::Null;
    for _ in 0..50 {
        first = monitor(&house, &bare).await;
        monitor(&house, &keeper).await;
    }
    let body = json!({"name": "one more", "period": "1d"});
    let ask = || house.ask("POST", "/v1/monitors").token(&bare).json(&body);
    ask().send().await.problem(409, "conflict");
    monitor(&house, &keeper).await;
    monitor(&house, &other).await;
    let path = format!("/v1/monitors/{}", first["id"].as_str().unwrap());
    let remove = house.ask("DELETE", &path).token(&bare);
    remove.send().await.is(204);
    ask().send().await.is(201);
    ask().send().await.problem(409, "conflict");
}
