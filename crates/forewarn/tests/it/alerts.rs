//! `/v1/alerts`, from a push to what somebody does about it.

use serde_json::{Value, json};

use crate::house::House;
use crate::wire::comes_true;

fn push(house: &House, id: &str, expires_at: &str) {
    crate::push::push(&house.admin(), id, expires_at).succeeded();
}

/// A house that sweeps each second, whose source had its first import.
fn quick() -> House {
    let house = House::with(&format!(
        "[notifier]\ninterval = \"1s\"\n{}",
        crate::house::CONFIG
    ));
    push(&house, "first-import", "2099-01-01T00:00:00Z");
    house
}

/// The alert about a credential of the pushed source, once it stands.
fn alert_about(house: &House, external_id: &str) -> Value {
    let path = "/v1/credentials?source=legacy";
    let page = house.admin().get(path).expect(200).json();
    let items = page["items"].as_array().unwrap();
    let about = items
        .iter()
        .find(|item| item["external_id"] == external_id)
        .unwrap();
    let subject = format!("credential:{}", about["id"].as_str().unwrap());
    let path = format!("/v1/alerts?subject={subject}");
    let mut found = Value::Null;
    let stands = comes_true(30, || {
        found = house.admin().get(&path).expect(200).json()["items"][0].clone();
        found.is_object()
    });
    assert!(stands, "no alert: {}", house.server.log());
    found
}

#[test]
fn what_is_pushed_and_ends_soon_becomes_an_alert_that_can_be_taken_on() {
    let house = quick();
    push(&house, "soon", &crate::push::in_hours(60));
    let alert = alert_about(&house, "soon");
    assert_eq!(
        (&alert["state"], &alert["step"]),
        (&json!("open"), &json!("3d"))
    );
    let path = format!("/v1/alerts/{}", alert["id"].as_str().unwrap());
    let act = |verb: &str, body: Value| {
        let reply = house.admin().post(&format!("{path}/{verb}"), &body);
        reply.expect(200).json()["state"].clone()
    };
    assert_eq!(act("acknowledge", json!({"note": "on it"})), "acknowledged");
    assert_eq!(act("acknowledge", json!({})), "acknowledged");
    assert_eq!(act("snooze", json!({"for": "12h"})), "snoozed");
    assert_ne!(act("unsnooze", json!({})), "snoozed");
    assert_eq!(act("let-lapse", json!({"reason": "unused"})), "let_lapse");
    let (_, stranger) = house.holder("stranger", &["alerts:read"]);
    let refused = house
        .bearer(&stranger)
        .post(&format!("{path}/acknowledge"), &json!({}));
    assert!([403, 404].contains(&refused.status));
}

#[test]
fn an_extension_that_is_observed_resolves_the_alert() {
    let house = quick();
    push(&house, "moves", &crate::push::in_hours(60));
    let alert = alert_about(&house, "moves");
    push(&house, "moves", "2098-01-01T00:00:00Z");
    let path = format!("/v1/alerts/{}", alert["id"].as_str().unwrap());
    let resolved = comes_true(30, || {
        house.admin().get(&path).expect(200).json()["state"] == "resolved"
    });
    assert!(resolved, "{}", house.server.log());
}
