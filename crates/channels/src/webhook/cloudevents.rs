//! The same body as a CloudEvent 1.0 in structured mode.

use app::ports::MessageContent;
use serde_json::{Value, json};

use super::{body, event};

/// The event with the first `shown` items.
pub(super) fn write(content: &MessageContent, shown: usize) -> Value {
    json!({
        "specversion": "1.0",
        "id": content.id.as_str(),
        "source": content.public_url,
        "type": format!("forewarn.{}.v1", event::of_message(content)),
        "subject": subject(content),
        "time": content.now.to_string(),
        "datacontenttype": "application/json",
        "data": body::data(content, shown),
    })
}

/// What one item is about, or whom a digest is for: the attribute may not be empty.
fn subject(content: &MessageContent) -> String {
    match content.items.as_slice() {
        [only] => only.subject.to_string(),
        _ => content.to.recipient.to_string(),
    }
}
