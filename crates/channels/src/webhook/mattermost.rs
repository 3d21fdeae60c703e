//! A message for a Mattermost room, whose incoming webhooks take Markdown.
//!
//! Source: developers.mattermost.com, "Incoming webhooks", as of 2026-11-22.

use app::ports::MessageContent;
use serde_json::{Value, json};

use super::chat::{Note, markdown};

/// A post holds 16,383 characters; an item is some hundreds.
const ITEMS_MAX: usize = 20;
const TEXT_MAX: usize = 15_000;

/// The message with the first `shown` items.
pub(super) fn write(content: &MessageContent, shown: usize) -> Value {
    let note = Note::of(content, shown.min(ITEMS_MAX));
    let mut blocks = vec![format!("**{}**", markdown(&note.title))];
    for entry in &note.entries {
        let mut lines = vec![format!(
            "[{}]({})",
            markdown(&entry.headline),
            entry.act_url
        )];
        lines.extend(entry.details.iter().map(|d| markdown(d)));
        let acts = entry.acts.iter();
        let acts: Vec<String> = acts
            .map(|(words, url)| format!("[{words}]({url})"))
            .collect();
        lines.extend(Some(acts.join(" · ")).filter(|acts| !acts.is_empty()));
        blocks.push(lines.join("\n"));
    }
    if let Some(more) = note.more() {
        blocks.push(format!("[{more}]({})", note.list_url));
    }
    let text: String = blocks.join("\n\n").chars().take(TEXT_MAX).collect();
    json!({ "text": text })
}
