//! A message for a Slack room, and for whatever takes the same body.

use app::ports::MessageContent;
use serde_json::{Value, json};

use super::chat::{Entry, Note};

/// Slack takes 50 blocks; each item is one.
const BLOCKS_MAX: usize = 40;

/// The message with the first `shown` items.
pub(super) fn write(content: &MessageContent, shown: usize) -> Value {
    let note = Note::of(content, shown.min(BLOCKS_MAX));
    let title = escape(&note.title);
    let mut blocks = vec![section(&format!("*{title}*"))];
    blocks.extend(note.entries.iter().map(|entry| section(&line(entry))));
    if let Some(more) = note.more() {
        blocks.push(section(&format!("<{}|{more}>", note.list_url)));
    }
    // `text` is what notifications show; unfurling would fetch links from our pages.
    json!({ "text": title, "blocks": blocks, "unfurl_links": false, "unfurl_media": false })
}

fn line(entry: &Entry) -> String {
    let mut parts = vec![format!("<{}|{}>", entry.act_url, escape(&entry.headline))];
    parts.extend(entry.details.iter().map(|detail| escape(detail)));
    let acts = entry.acts.iter();
    let acts: Vec<String> = acts
        .map(|(words, url)| format!("<{url}|{words}>"))
        .collect();
    parts.extend(Some(acts.join(" · ")).filter(|acts| !acts.is_empty()));
    parts.join("\n")
}

fn section(text: &str) -> Value {
    // Slack refuses blocks of more than 3,000 characters.
    let text: String = text.chars().take(2_900).collect();
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

/// Slack's three escapes keep `<!channel>` and forged links inert; a zero-width blank
/// behind the marks keeps names from being set in bold, struck out, or made code.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '*' | '~' | '`' => out.extend([c, '\u{200B}']),
            '|' => out.push('¦'),
            '@' => out.extend(['@', '\u{200B}']),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    /// B16: markup and mentions in names stay letters.
    #[test]
    fn mentions_and_links_are_inert() {
        for name in ["<!channel>", "<https://evil.example|renew>", "@here", "*x*"] {
            let escaped = escape(name);
            assert!(!escaped.contains(['<', '>', '|']), "{escaped}");
            assert!(!escaped.contains("@h"), "{escaped}");
        }
    }
}
