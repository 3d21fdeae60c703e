//! A message for a Slack room, and for whatever takes the same body.

use app::ports::{Item, MessageContent};
use domain::notice::MessageKind;
use serde_json::{Value, json};

use crate::render::{alert_url, headline, moment_utc, plain};

/// Slack takes 50 blocks; each item is one.
const BLOCKS_MAX: usize = 40;

/// The message with the first `shown` items.
pub(super) fn write(content: &MessageContent, shown: usize) -> Value {
    let shown = shown.min(BLOCKS_MAX);
    let title = title(content);
    let mut blocks = vec![section(&format!("*{title}*"))];
    blocks.extend(
        content
            .items
            .iter()
            .take(shown)
            .map(|item| section(&line(item, content))),
    );
    let others = content.items.len().saturating_sub(shown);
    if others > 0 {
        blocks.push(section(&format!(
            "<{}/alerts|… and {others} others>",
            content.public_url
        )));
    }
    // `text` is what notifications show; unfurling would fetch links from our pages.
    json!({ "text": title, "blocks": blocks, "unfurl_links": false, "unfurl_media": false })
}

fn title(content: &MessageContent) -> String {
    match (content.kind, content.items.as_slice()) {
        (MessageKind::Test, _) => "This is a test of Forewarn, and it has arrived".to_owned(),
        (MessageKind::Baseline, items) => {
            format!("{} credentials were found that near their end", items.len())
        }
        (MessageKind::Notices, [only]) => escape(&headline(only, content.now)),
        (MessageKind::Notices, items) => format!("Forewarn: {} matters", items.len()),
    }
}

fn line(item: &Item, content: &MessageContent) -> String {
    let url = alert_url(&content.public_url, &item.alert);
    let mut parts = vec![format!("<{url}|{}>", escape(&headline(item, content.now)))];
    if let Some(facts) = &item.credential {
        parts.push(escape(&plain(&facts.system, 80)));
        parts.extend(
            facts
                .expires_at
                .map(|end| format!("ends {}", moment_utc(end))),
        );
        parts.extend(
            facts
                .owner
                .as_ref()
                .map(|(_, name)| format!("owner {}", escape(&plain(name, 80)))),
        );
        parts.extend(
            facts
                .team
                .as_ref()
                .map(|(_, name)| format!("team {}", escape(&plain(name, 80)))),
        );
    }
    parts.extend(item.detail.as_deref().map(|d| escape(&plain(d, 300))));
    parts.join("\n")
}

fn section(text: &str) -> Value {
    // Slack refuses blocks of more than 3,000 characters.
    let text: String = text.chars().take(2_900).collect();
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

/// Slack's three escapes keep `<!channel>` and forged links inert; a zero-width blank
/// behind the marks keeps names from being set in bold, struck out, or made code.
fn escape(text: &str) -> String {
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
