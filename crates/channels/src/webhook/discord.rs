//! A message for a Discord room.
//!
//! Source: discord.com/developers, "Execute Webhook" and "Embed Limits", as of
//! 2026-11-22: 2,000 characters of content, 10 embeds, 6,000 characters in them.

use app::ports::MessageContent;
use serde_json::{Value, json};

use super::chat::{Entry, Note, markdown};
use crate::render::Urgency;

const EMBEDS_MAX: usize = 10;
const CONTENT_MAX: usize = 1_900;
const TITLE_MAX: usize = 200;
const DESCRIPTION_MAX: usize = 350;

/// The message with the first `shown` items.
pub(super) fn write(content: &MessageContent, shown: usize) -> Value {
    let note = Note::of(content, shown.min(EMBEDS_MAX));
    let mut said = cut(&markdown(&note.title), CONTENT_MAX);
    if let Some(more) = note.more() {
        said.push_str(&format!("\n[{more}]({})", note.list_url));
    }
    let colour = colour(note.urgency);
    let embeds: Vec<Value> = note.entries.iter().map(|e| embed(e, colour)).collect();
    // No mention is looked for, whatever the text holds.
    json!({ "content": said, "embeds": embeds, "allowed_mentions": { "parse": [] } })
}

fn embed(entry: &Entry, colour: u32) -> Value {
    json!({
        "title": cut(&markdown(&entry.headline), TITLE_MAX),
        "url": entry.act_url,
        "description": cut(&markdown(&entry.details.join("\n")), DESCRIPTION_MAX),
        "color": colour,
    })
}

const fn colour(urgency: Option<Urgency>) -> u32 {
    match urgency {
        None => 0x1f_7a_4d,
        Some(Urgency::Calm) => 0x2f_5d_8a,
        Some(Urgency::Soon | Urgency::Near) => 0x8a_5a_00,
        Some(Urgency::Now) => 0xa8_32_1f,
    }
}

fn cut(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}
