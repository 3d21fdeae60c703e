//! What a chat room is shown, before its own markup is put on.
//!
//! Everything here is plain text, hostile still: each format makes it inert by its own
//! rules, for what is harmless in one room is a mention in another.

use app::ports::{Item, MessageContent};
use domain::notice::MessageKind;

use crate::render::{
    Urgency, act_url, acts, alert_url, headline, moment_utc, others, places, plain, web_url,
};

/// A message, laid out.
pub(super) struct Note {
    /// One line.
    pub title: String,
    /// The items that are shown.
    pub entries: Vec<Entry>,
    /// How many more there are.
    pub others: usize,
    /// How pressing the most pressing item is; `None` when all are over.
    pub urgency: Option<Urgency>,
    /// Where all of it stands.
    pub list_url: String,
}

/// One item, laid out.
pub(super) struct Entry {
    /// The item in a sentence.
    pub headline: String,
    /// Where somebody can act who is signed in.
    pub url: String,
    /// Where whoever reads the room can act; the same as `url` where they may not. Only for
    /// rooms with a door: not where a topic may be read by strangers.
    pub act_url: String,
    /// What they can do at once, each with its link.
    pub acts: Vec<(&'static str, String)>,
    /// System, end, owner, team and what else is known.
    pub details: Vec<String>,
    /// Where its system renews it.
    pub renew_url: Option<String>,
}

impl Note {
    /// The message with the first `shown` items.
    pub(super) fn of(content: &MessageContent, shown: usize) -> Self {
        let open = content.items.iter().filter(|i| i.resolution.is_none());
        Self {
            title: title(content),
            entries: content
                .items
                .iter()
                .take(shown)
                .map(|item| Entry::of(item, content))
                .collect(),
            others: content.items.len().saturating_sub(shown),
            urgency: open.map(|i| Urgency::of(i, content.now)).max(),
            list_url: format!("{}/alerts", content.public_url),
        }
    }

    /// `… and 3 others`; `None` when everything is shown.
    pub(super) fn more(&self) -> Option<String> {
        (self.others > 0).then(|| format!("… and {}", others(self.others)))
    }

    /// Where the message as a whole leads.
    pub(super) fn url(&self) -> &str {
        match self.entries.as_slice() {
            [only] if self.others == 0 => &only.url,
            _ => &self.list_url,
        }
    }

    /// The same, where whoever reads the room can act.
    pub(super) fn act_url(&self) -> &str {
        match self.entries.as_slice() {
            [only] if self.others == 0 => &only.act_url,
            _ => &self.list_url,
        }
    }

    /// Plain text without any markup, for formats that take none. What stands in the title
    /// already is not repeated.
    pub(super) fn text(&self) -> String {
        let alone = self.others == 0 && self.entries.len() == 1;
        let mut lines: Vec<String> = Vec::new();
        for entry in &self.entries {
            if !alone {
                lines.push(format!("* {}", entry.headline));
            }
            lines.extend(entry.details.iter().cloned());
            lines.push(entry.url.clone());
        }
        if let Some(more) = self.more() {
            lines.push(format!("{more}: {}", self.list_url));
        }
        lines.join("\n")
    }
}

impl Entry {
    fn of(item: &Item, content: &MessageContent) -> Self {
        let facts = item.credential.as_ref();
        let open = facts.filter(|_| item.resolution.is_none());
        let renew = open.and_then(|f| f.renew_url.as_deref());
        Self {
            headline: headline(item, content.now),
            url: alert_url(&content.public_url, &item.alert),
            act_url: act_url(&content.public_url, item),
            acts: acts(item, content.now, true),
            details: details(item),
            renew_url: renew.and_then(web_url).map(str::to_owned),
        }
    }
}

fn title(content: &MessageContent) -> String {
    match (content.kind, content.items.as_slice()) {
        (MessageKind::Test | MessageKind::Proof | MessageKind::Question, _) => {
            "This is a test of Forewarn, and it has arrived".to_owned()
        }
        (MessageKind::Baseline, items) => {
            format!("{} credentials were found that near their end", items.len())
        }
        (MessageKind::Notices, [only]) => headline(only, content.now),
        (MessageKind::Notices, items) => format!("Forewarn: {} matters", items.len()),
    }
}

fn details(item: &Item) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(facts) = &item.credential {
        let named = |word: &str, who: &Option<(String, String)>| {
            who.as_ref()
                .map(|(_, name)| format!("{word} {}", plain(name, 80)))
        };
        lines.push(plain(&facts.system, 80));
        lines.extend(
            facts
                .expires_at
                .map(|end| format!("ends {}", moment_utc(end))),
        );
        lines.extend(named("owner", &facts.owner));
        lines.extend(named("team", &facts.team));
        let places = Some(places(facts)).filter(|places| !places.is_empty());
        lines.extend(places.map(|places| format!("used by {places}")));
    }
    if let Some(monitor) = &item.monitor {
        let named = |word: &str, who: &Option<(String, String)>| {
            who.as_ref()
                .map(|(_, name)| format!("{word} {}", plain(name, 80)))
        };
        lines.extend(named("owner", &monitor.owner));
        lines.extend(named("team", &monitor.team));
    }
    lines.extend(item.detail.as_deref().map(|d| plain(d, 300)));
    lines
}

/// Letters behind which rooms look for markup get a zero-width blank, and mentions lose
/// their sign: `@here` is still read as it was written, and calls nobody.
pub(super) fn unmentioned(text: &str) -> String {
    text.replace('@', "@\u{200B}")
}

/// A name in the kind of Markdown that chat rooms know: a backslash before whatever could
/// begin or end markup, and a blank of no width where a mention or a link would begin.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in unmentioned(text).chars() {
        if "\\`*_~|>[](){}#+-!<:&^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    // A bare address in a name must not become a link.
    out.replace("www.", "www\u{200B}.")
}
