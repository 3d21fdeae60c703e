//! The body that Prometheus Alertmanager sends to webhooks, version 4, so that
//! receivers written for it work unchanged.

use app::ports::{Item, MessageContent};
use serde_json::{Value, json};

use crate::render::{Urgency, alert_url, headline, places};

/// Year 1, which Alertmanager writes for "no end yet".
const NO_END: &str = "0001-01-01T00:00:00Z";

/// The body with the first `shown` items.
pub(super) fn write(content: &MessageContent, shown: usize, receiver: &str) -> Value {
    let firing = content.items.is_empty() || content.items.iter().any(|i| i.resolution.is_none());
    json!({
        "version": "4",
        "groupKey": group(content),
        "truncatedAlerts": content.items.len().saturating_sub(shown),
        "status": if firing { "firing" } else { "resolved" },
        "receiver": receiver,
        "groupLabels": {},
        "commonLabels": { "job": "forewarn" },
        "commonAnnotations": {},
        "externalURL": content.public_url,
        "alerts": alerts(content, shown),
    })
}

/// Receivers take one key for one matter, so a single alert is a group by itself.
fn group(content: &MessageContent) -> String {
    match content.items.as_slice() {
        [only] => format!("forewarn:{}", only.alert),
        _ => format!("forewarn:{}", content.to.recipient),
    }
}

fn alerts(content: &MessageContent, shown: usize) -> Vec<Value> {
    if content.items.is_empty() {
        return vec![test(content)];
    }
    content
        .items
        .iter()
        .take(shown)
        .map(|item| alert(item, content))
        .collect()
}

fn test(content: &MessageContent) -> Value {
    json!({
        "status": "firing",
        "labels": { "alertname": "ForewarnTest", "job": "forewarn", "severity": "info" },
        "annotations": { "summary": "This is a test." },
        "startsAt": content.now.to_string(),
        "endsAt": NO_END,
        "generatorURL": content.public_url,
        "fingerprint": content.id.as_str(),
    })
}

fn alert(item: &Item, content: &MessageContent) -> Value {
    let over = item.resolution.is_some();
    json!({
        "status": if over { "resolved" } else { "firing" },
        "labels": labels(item, content),
        "annotations": {
            "summary": headline(item, content.now),
            "description": item.detail.clone().unwrap_or_default(),
            "used_by": item.credential.as_ref().map(places).unwrap_or_default(),
            "expires_at": item.credential.as_ref().and_then(|f| f.expires_at).map(|at| at.to_string()).unwrap_or_default(),
        },
        "startsAt": content.now.to_string(),
        "endsAt": if over { content.now.to_string() } else { NO_END.to_owned() },
        "generatorURL": alert_url(&content.public_url, &item.alert),
        "fingerprint": item.alert.as_str(),
    })
}

/// The same from the first warning to the end, severity apart: receivers know an
/// alert by its labels. Values are strings; what is not known is left out.
fn labels(item: &Item, content: &MessageContent) -> Value {
    let mut labels = serde_json::Map::new();
    let mut put = |key: &str, value: &str| {
        labels.insert(key.to_owned(), json!(value));
    };
    put("alertname", &format!("forewarn_{}", item.kind.as_str()));
    put("job", "forewarn");
    put("severity", severity(item, content));
    put("subject", &item.subject.to_string());
    if let Some(facts) = &item.credential {
        put("credential_id", facts.id.as_str());
        put("credential_name", &facts.name);
        put("source", &facts.source);
        for (key, who) in [("owner", &facts.owner), ("team", &facts.team)] {
            if let Some((_, name)) = who {
                put(key, name);
            }
        }
    }
    if let Some(monitor) = &item.monitor {
        labels.insert("monitor_name".to_owned(), json!(monitor.name));
        for (key, who) in [("owner", &monitor.owner), ("team", &monitor.team)] {
            if let Some((_, name)) = who {
                labels.insert(key.to_owned(), json!(name));
            }
        }
    }
    Value::Object(labels)
}

fn severity(item: &Item, content: &MessageContent) -> &'static str {
    match Urgency::of(item, content.now) {
        Urgency::Calm => "info",
        Urgency::Soon | Urgency::Near => "warning",
        Urgency::Now => "critical",
    }
}
