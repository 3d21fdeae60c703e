//! The body in our own words.
//!
//! One item stands in `data` itself; several stand in `data.items`, and `truncated`
//! says how many did not fit.

use app::ports::{CredentialFacts, Item, MessageContent, MonitorFacts};
use domain::kernel::Instant;
use domain::notice::MessageKind;
use serde_json::{Value, json};

use super::event;
use crate::render::{alert_url, headline, web_url};

/// The body with the first `shown` items.
pub(super) fn write(content: &MessageContent, shown: usize) -> Value {
    json!({
        "type": event::of_message(content),
        "timestamp": content.now.to_string(),
        "version": "1",
        "data": data(content, shown),
    })
}

/// What stands under `data`.
pub(super) fn data(content: &MessageContent, shown: usize) -> Value {
    match (content.kind, content.items.as_slice()) {
        (MessageKind::Test | MessageKind::Proof | MessageKind::Question, _) => {
            json!({ "test": true, "message": "This is a test." })
        }
        (MessageKind::Notices, [only]) => item(only, content),
        (_, items) => json!({
            "items": items.iter().take(shown).map(|i| item(i, content)).collect::<Vec<_>>(),
            "truncated": items.len().saturating_sub(shown),
            "more_url": format!("{}/alerts", content.public_url),
            "baseline": content.kind == MessageKind::Baseline,
            "test": false,
        }),
    }
}

fn item(item: &Item, content: &MessageContent) -> Value {
    let credential = item.credential.as_ref();
    json!({
        "event": event::of_item(item),
        "summary": headline(item, content.now),
        "alert": alert(item, &content.public_url),
        "subject": item.subject.to_string(),
        "detail": item.detail,
        "credential": credential.map(|facts| self::credential(facts, content.now)),
        "monitor": item.monitor.as_ref().map(monitor),
        "owner": owner(item).map(who),
        "team": team(item).map(who),
        "told": cut(&item.others),
        "test": false,
    })
}

/// Who answers for the credential or the monitor.
pub(super) fn owner(item: &Item) -> Option<&(String, String)> {
    let monitor = item.monitor.as_ref().and_then(|m| m.owner.as_ref());
    let credential = item.credential.as_ref();
    credential.map_or(monitor, |facts| facts.owner.as_ref())
}

/// The team that answers for the credential or the monitor.
pub(super) fn team(item: &Item) -> Option<&(String, String)> {
    let monitor = item.monitor.as_ref().and_then(|m| m.team.as_ref());
    let credential = item.credential.as_ref();
    credential.map_or(monitor, |facts| facts.team.as_ref())
}

fn monitor(facts: &MonitorFacts) -> Value {
    let depends_on = facts.depends_on.iter().take(10).map(|it| {
        json!({
            "id": it.id.as_str(),
            "name": it.name,
            "state": it.state,
            "expires_at": it.expires_at,
        })
    });
    json!({
        "id": facts.id.as_str(),
        "name": facts.name,
        "period": facts.period,
        "grace": facts.grace,
        "last_ping_at": facts.last_ping_at,
        "depends_on": depends_on.collect::<Vec<_>>(),
    })
}

fn alert(item: &Item, public_url: &str) -> Value {
    json!({
        "id": item.alert.as_str(),
        "kind": item.kind.as_str(),
        "state": if item.resolution.is_some() { "resolved" } else { "open" },
        "resolution": item.resolution,
        "step": item.step.to_string(),
        "occurrence": item.occurrence,
        "reason": item.reason,
        "url": alert_url(public_url, &item.alert),
    })
}

fn credential(facts: &CredentialFacts, now: Instant) -> Value {
    let remaining = facts.expires_at.map(|end| now.until(end).as_seconds());
    let labels: serde_json::Map<String, Value> = facts
        .labels
        .iter()
        .take(20)
        .map(|(key, value)| (key.clone(), json!(value)))
        .collect();
    json!({
        "id": facts.id.as_str(),
        "external_id": facts.external_id,
        "name": facts.name,
        "kind": facts.kind,
        "source": { "id": facts.source, "name": facts.system },
        "scopes": cut(&facts.scopes),
        "created_at": facts.created_at,
        "expires_at": facts.expires_at,
        "seconds_remaining": remaining,
        "last_used_at": facts.last_used_at,
        "uses": facts.uses,
        "last_confirmed_at": facts.confirmed_at,
        "doubt": facts.doubt.map(|doubt| doubt.as_str()),
        "used_by": facts.used_by.iter().take(10).collect::<Vec<_>>(),
        "renew_url": facts.renew_url.as_deref().and_then(web_url),
        "advice": facts.advice.iter().take(5).collect::<Vec<_>>(),
        "newer": facts.newer,
        "orphaned": facts.orphaned,
        "labels": labels,
    })
}

fn who((id, name): &(String, String)) -> Value {
    json!({ "id": id, "name": name })
}

fn cut(values: &[String]) -> Vec<&String> {
    values.iter().take(20).collect()
}
