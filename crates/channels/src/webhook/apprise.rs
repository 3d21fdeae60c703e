//! A message for an Apprise API server, which hands it on to whatever services are
//! configured there.
//!
//! Source: github.com/caronc/apprise-api, "API Details", as of 2026-11-22.

use app::ports::MessageContent;
use serde_json::{Value, json};

use super::chat::{Note, unmentioned};
use crate::render::Urgency;

/// Among the services are some that cut long messages off.
const ITEMS_MAX: usize = 20;

/// The message with the first `shown` items.
pub(super) fn write(content: &MessageContent, shown: usize, tag: Option<&str>) -> Value {
    let note = Note::of(content, shown.min(ITEMS_MAX));
    let kind = match note.urgency {
        None => "success",
        Some(Urgency::Calm) => "info",
        Some(Urgency::Soon | Urgency::Near) => "warning",
        Some(Urgency::Now) => "failure",
    };
    let text = note.text();
    let body = if text.is_empty() { &note.title } else { &text };
    let mut message = json!({
        "title": unmentioned(&note.title),
        "body": unmentioned(body),
        "type": kind,
        "format": "text",
    });
    if let (Some(fields), Some(tag)) = (message.as_object_mut(), tag) {
        fields.insert("tag".to_owned(), json!(tag));
    }
    message
}
