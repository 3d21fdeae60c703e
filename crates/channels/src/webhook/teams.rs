//! An Adaptive Card for a Microsoft Teams workflow that posts what it is sent.
//!
//! Names stand in text runs, which know no markup. A workflow belongs to one person and
//! ends when they leave: the channel then answers that the flow is gone or turned off.
//!
//! Source: learn.microsoft.com, "Create incoming webhooks with Workflows for Microsoft
//! Teams", and adaptivecards.io, schema 1.4, as of 2026-11-22; about 28 KB a message.

use app::ports::MessageContent;
use serde_json::{Value, json};

use super::chat::{Entry, Note};
use crate::render::Urgency;

/// The message with the first `shown` items.
pub(super) fn write(content: &MessageContent, shown: usize) -> Value {
    let note = Note::of(content, shown);
    let mut body = vec![rich(vec![title(&note)])];
    match note.entries.as_slice() {
        // The title says it already.
        [only] if note.others == 0 => body.push(rich(details(only))),
        entries => body.extend(entries.iter().map(entry)),
    }
    if let Some(more) = note.more() {
        body.push(rich(vec![run(&more)]));
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": { "width": "Full" },
                "body": body,
                "actions": actions(&note),
            },
        }],
    })
}

fn title(note: &Note) -> Value {
    let colour = match note.urgency {
        None => "Good",
        Some(Urgency::Calm) => "Accent",
        Some(Urgency::Soon | Urgency::Near) => "Warning",
        Some(Urgency::Now) => "Attention",
    };
    json!({ "type": "TextRun", "text": note.title, "weight": "Bolder", "size": "Medium", "color": colour })
}

fn entry(entry: &Entry) -> Value {
    let open = open("Take care of it", &entry.act_url);
    let headline = json!({ "type": "TextRun", "text": entry.headline, "selectAction": open });
    rich([vec![headline, run("\n")], details(entry)].concat())
}

fn details(entry: &Entry) -> Vec<Value> {
    vec![run(&entry.details.join("\n"))]
}

fn rich(inlines: Vec<Value>) -> Value {
    json!({ "type": "RichTextBlock", "spacing": "Medium", "inlines": inlines })
}

fn run(text: &str) -> Value {
    json!({ "type": "TextRun", "text": text, "isSubtle": true })
}

fn actions(note: &Note) -> Vec<Value> {
    let mut actions = vec![open("Take care of it", note.act_url())];
    if let [only] = note.entries.as_slice() {
        if !only.acts.is_empty() {
            let acts = only.acts.iter();
            actions = acts.map(|(words, url)| open(words, url)).collect();
        }
        actions.extend(only.renew_url.as_deref().map(|url| open("Renew it", url)));
    }
    actions
}

fn open(title: &str, url: &str) -> Value {
    json!({ "type": "Action.OpenUrl", "title": title, "url": url })
}
