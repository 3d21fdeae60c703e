//! A push message over ntfy.
//!
//! The topic is as good as a password, so it is put in as the message leaves and stands
//! in nothing that is kept.
//!
//! Source: docs.ntfy.sh/publish, "Publish as JSON" and "Limitations", as of 2026-11-22:
//! 4,096 bytes of message, what is longer becomes an attachment.

use app::ports::MessageContent;
use serde_json::{Value, json};

use super::chat::{Note, unmentioned};
use crate::render::Urgency;

/// A push message is read on a small screen.
const ITEMS_MAX: usize = 8;
const BYTES_MAX: usize = 3_900;
const TITLE_MAX: usize = 200;

/// The message with the first `shown` items, without its topic.
pub(super) fn write(content: &MessageContent, shown: usize) -> Value {
    let note = Note::of(content, shown.min(ITEMS_MAX));
    let (priority, tag) = manner(note.urgency);
    json!({
        "title": note.title.chars().take(TITLE_MAX).collect::<String>(),
        "message": cut(unmentioned(&note.text()), BYTES_MAX),
        "priority": priority,
        "tags": [tag],
        "click": note.url(),
        "actions": [{ "action": "view", "label": "Take care of it", "url": note.url() }],
    })
}

/// The message as it leaves.
pub(super) fn addressed(payload: &str, topic: &str) -> Option<String> {
    let mut message: Value = serde_json::from_str(payload).ok()?;
    let fields = message.as_object_mut()?;
    fields.insert("topic".to_owned(), json!(topic));
    Some(message.to_string())
}

/// Priority 1 to 5, and a tag that apps show as a picture.
const fn manner(urgency: Option<Urgency>) -> (u8, &'static str) {
    match urgency {
        None => (2, "white_check_mark"),
        Some(Urgency::Calm) => (3, "calendar"),
        Some(Urgency::Soon) => (3, "warning"),
        Some(Urgency::Near) => (4, "warning"),
        Some(Urgency::Now) => (5, "rotating_light"),
    }
}

fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        let mut at = bytes_max;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.truncate(at);
        text.push('…');
    }
    text
}
