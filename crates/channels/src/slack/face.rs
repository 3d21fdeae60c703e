//! How one alert looks in a room, at each moment of its life.

use app::ports::{Item, MessageContent};
use domain::expiry::AlertState;
use serde_json::{Value, json};

use crate::render::headline;
use crate::webhook::{slack_body, slack_escape};

/// The message about an alert, and a word that says when it needs to be edited.
pub(super) struct Face {
    pub message: Value,
    pub shown: String,
}

impl Face {
    pub(super) fn of(item: &Item, content: &MessageContent, buttons: bool) -> Self {
        let single = MessageContent {
            items: vec![item.clone()],
            ..content.clone()
        };
        let mut message = slack_body(&single);
        let mut more = Vec::new();
        more.extend(standing(item.state).map(context));
        if buttons && item.resolution.is_none() {
            more.push(actions(item));
        }
        if let Some(blocks) = message["blocks"].as_array_mut() {
            blocks.append(&mut more);
        }
        Self {
            message,
            shown: shown(item),
        }
    }

    /// What an earlier message becomes once a later one stands below it.
    pub(super) fn passed(item: &Item, content: &MessageContent) -> Value {
        let said = match item.resolution {
            Some(_) => slack_escape(&headline(item, content.now)),
            None => format!("{} (see below)", slack_escape(&headline(item, content.now))),
        };
        json!({ "text": said, "blocks": [context(&said)] })
    }
}

/// The step is not in it: a step is a message of its own.
fn shown(item: &Item) -> String {
    match item.resolution {
        Some(how) => format!("{how:?}"),
        None => item.state.as_str().to_owned(),
    }
}

const fn standing(state: AlertState) -> Option<&'static str> {
    match state {
        AlertState::Open | AlertState::Resolved => None,
        AlertState::Acknowledged => Some("Somebody is on it."),
        AlertState::Snoozed => Some("Snoozed for now."),
        AlertState::LetLapse => Some("It may lapse."),
    }
}

fn context(text: &str) -> Value {
    json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": text }] })
}

/// A button carries the alert's id and nothing else: what may be done is decided by who
/// presses it.
fn actions(item: &Item) -> Value {
    let button = |id: &str, label: &str| {
        json!({
            "type": "button",
            "action_id": id,
            "text": { "type": "plain_text", "text": label },
            "value": item.alert.as_str(),
        })
    };
    let mut elements = Vec::new();
    if item.state != AlertState::Acknowledged {
        elements.push(button("acknowledge", "Acknowledge"));
    }
    if item.state != AlertState::Snoozed {
        elements.push(button("snooze", "Snooze for a day"));
    }
    if item.credential.is_some() && item.state != AlertState::LetLapse {
        let mut lapse = button("let_lapse", "Let it lapse");
        let sure = json!({
            "title": { "type": "plain_text", "text": "Let it lapse?" },
            "text": { "type": "plain_text", "text": "Nobody is reminded again, except once a day before the end." },
            "confirm": { "type": "plain_text", "text": "Let it lapse" },
            "deny": { "type": "plain_text", "text": "Not now" },
        });
        if let Some(fields) = lapse.as_object_mut() {
            fields.insert("confirm".to_owned(), sure);
        }
        elements.push(lapse);
    }
    json!({ "type": "actions", "elements": elements })
}
