//! What a ticket says, in the markup of its tracker. Names are made inert here.

use app::ports::{CredentialFacts, Item, MessageContent, ReviewFacts};
use domain::kernel::AlertId;
use serde::{Deserialize, Serialize};

use crate::render::{
    Sheet, alert_url, headline, moment_utc, name, others_need_attention, plain, subject_url, to_do,
    web_url,
};

/// So many alerts of one message have tickets of their own; one more counts the rest.
pub const TICKETS_MAX: usize = 30;
/// Jira takes 255 characters of summary, the others as many or more.
const TITLE_MAX: usize = 240;

/// A ticket as it should stand, frozen with the message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// Whose ticket it is.
    pub alert: AlertId,
    /// Step and occurrence, or how it ended: what this message adds.
    pub said: String,
    /// One line, the same at every step of one end.
    pub title: String,
    /// The whole text.
    pub body: String,
    /// What is added at this step.
    pub comment: String,
    /// The day of the end, `2026-12-01`; `None` without one.
    pub due: Option<String>,
    /// The alert is over.
    pub over: bool,
}

impl Draft {
    /// What finds the ticket again on the other side.
    pub(crate) fn marker(&self) -> &str {
        self.alert.as_str()
    }
}

/// How a tracker writes links and takes names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Markup {
    /// GitHub and GitLab.
    Markdown,
    /// Jira's wiki text.
    Wiki,
}

impl Markup {
    /// A name that sets nothing, mentions nobody and refers to nothing. Trackers look for
    /// references in the text that is left after the markup, so a backslash is not enough:
    /// a blank without width stands behind each sign that could begin one.
    pub(crate) fn inert(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if "\\`*_~|>[](){}#+-!<:&^$%/?@".contains(c) {
                out.push('\\');
            }
            out.push(c);
            if "@#!~%&$^[/".contains(c) {
                out.push('\u{200B}');
            }
        }
        match self {
            Self::Markdown => out,
            // The wiki takes fewer letters behind a backslash, and shows it otherwise.
            Self::Wiki => unescaped(&out, "`<>():&$%/@"),
        }
    }

    /// The target may be an issuer's words: what could end the link, mention somebody or
    /// embed a picture is encoded.
    fn link(self, text: &str, url: &str) -> String {
        let mut safe = String::with_capacity(url.len());
        for c in url.chars() {
            match c {
                '(' | ')' | '[' | ']' | '{' | '}' | '|' | '!' | '*' | '<' | '>' => {
                    safe.push_str(&format!("%{:02X}", u32::from(c)));
                }
                c => safe.push(c),
            }
        }
        let url = safe;
        match self {
            Self::Markdown => format!("[{text}]({url})"),
            Self::Wiki => format!("[{text}|{url}]"),
        }
    }

    fn point(self, text: &str) -> String {
        match self {
            Self::Markdown => format!("- {text}"),
            Self::Wiki => format!("* {text}"),
        }
    }
}

fn unescaped(text: &str, letters: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let plain = c == '\\' && rest.peek().is_some_and(|next| letters.contains(*next));
        if !plain {
            out.push(c);
        }
        if c == '\\' && !plain {
            out.extend(rest.next());
        }
    }
    out
}

/// A ticket for each alert of the message.
pub(crate) fn drafts(content: &MessageContent, markup: Markup) -> Vec<Draft> {
    if content.kind.is_trial() {
        return test(content);
    }
    let shown = content.items.iter().take(TICKETS_MAX);
    let mut drafts: Vec<Draft> = shown.map(|item| draft(item, content, markup)).collect();
    let others = content.items.len().saturating_sub(TICKETS_MAX);
    if others > 0 {
        drafts.push(rest(others, content, markup));
    }
    drafts
}

/// The ticket of one alert.
pub(crate) fn draft(item: &Item, content: &MessageContent, markup: Markup) -> Draft {
    let end = item.credential.as_ref().and_then(|f| f.expires_at);
    let due = end.map(|end| end.to_jiff().strftime("%Y-%m-%d").to_string());
    let said = match item.resolution {
        Some(how) => format!("{how:?}"),
        None => format!("{}#{}", item.step, item.occurrence),
    };
    let headline = markup.inert(&headline(item, content.now));
    let told = if item.others.is_empty() {
        String::new()
    } else {
        format!("\n\nAlso told: {}.", markup.inert(&told(item)))
    };
    Draft {
        alert: item.alert.clone(),
        said,
        title: title(item, content, due.as_deref()),
        body: body(item, content, markup),
        comment: format!("{headline}.{told}"),
        due,
        over: item.resolution.is_some(),
    }
}

/// The day stands in the title, for lists of tickets show little else. Titles know no
/// markup, but mention and refer in some trackers.
fn title(item: &Item, content: &MessageContent, due: Option<&str>) -> String {
    let said = match due {
        Some(day) => format!("{} ends {day}", name(item)),
        None => headline(item, content.now),
    };
    let said = said.replace('@', "@\u{200B}").replace('#', "#\u{200B}");
    said.chars().take(TITLE_MAX).collect()
}

fn body(item: &Item, content: &MessageContent, markup: Markup) -> String {
    let url = alert_url(&content.public_url, &item.alert);
    let mut blocks = Vec::new();
    let mut facts = Vec::new();
    if let Some(credential) = &item.credential {
        facts = self::facts(credential, markup);
    }
    if let Some(detail) = item.detail.as_ref().filter(|_| item.review.is_none()) {
        facts.push(format!("What: {}", markup.inert(&plain(detail, 300))));
    }
    blocks.push(lines(facts.iter().map(|fact| markup.point(fact))));
    blocks.extend(
        item.review
            .iter()
            .map(|review| sheet(review, content, markup)),
    );
    blocks.push("What to do:".to_owned());
    let steps = to_do(item);
    blocks.push(lines(
        steps.iter().map(|step| markup.point(&markup.inert(step))),
    ));
    blocks.push(match &item.review {
        Some(_) => markup.link("Decide", &subject_url(&content.public_url, item)),
        None => markup.link("Acknowledge it, snooze it, let it lapse", &url),
    });
    blocks.push(format!(
        "Forewarn keeps this ticket: later steps are added, and it is closed when the matter is over. Reference: {}",
        item.alert
    ));
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n\n")
}

fn facts(facts: &CredentialFacts, markup: Markup) -> Vec<String> {
    let inert = |text: &str| markup.inert(&plain(text, 120));
    let mut lines = vec![
        format!("Name: {}", inert(&facts.name)),
        format!("System: {} ({})", inert(&facts.system), inert(&facts.kind)),
    ];
    let ends = facts.expires_at.map(moment_utc);
    lines.extend(ends.map(|end| format!("Ends: {}", markup.inert(&end))));
    for (word, who) in [("Owner", &facts.owner), ("Team", &facts.team)] {
        lines.extend(
            who.as_ref()
                .map(|(_, name)| format!("{word}: {}", inert(name))),
        );
    }
    for place in facts.used_by.iter().take(10) {
        let what = inert(&place.what);
        lines.push(match place.url.as_deref().and_then(web_url) {
            Some(url) => format!("Used by: {}", markup.link(&what, url)),
            None => format!("Used by: {what}"),
        });
    }
    if let Some(url) = facts.renew_url.as_deref().and_then(web_url) {
        lines.push(markup.link("Renew it", url));
    }
    lines
}

/// A point for each credential of a review. Days stand as days, for the ticket stays.
fn sheet(review: &ReviewFacts, content: &MessageContent, markup: Markup) -> String {
    let sheet = Sheet::in_utc(review, &content.public_url);
    let mut points = vec![markup.inert(&sheet.headline)];
    for row in &sheet.rows {
        let facts = row.facts.iter();
        let facts: Vec<String> = facts
            .map(|(label, value)| format!("{label}: {value}"))
            .collect();
        let name = markup.link(&markup.inert(&row.name), &row.url);
        let rest = markup.inert(&format!("{}. {}", row.what, facts.join("; ")));
        points.push(markup.point(&format!("{name} {rest}")));
    }
    if !sheet.more.is_empty() {
        points.push(markup.point(&markup.inert(&sheet.more)));
    }
    lines(points.into_iter())
}

fn told(item: &Item) -> String {
    let shown: Vec<String> = item.others.iter().take(12).map(|o| plain(o, 80)).collect();
    shown.join(", ")
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

/// What did not fit, as one ticket that whoever works it off closes.
fn rest(others: usize, content: &MessageContent, markup: Markup) -> Draft {
    let link = markup.link("All of them", &format!("{}/alerts", content.public_url));
    collective(
        content,
        others_need_attention(others),
        format!("They did not fit into tickets of their own.\n\n{link}"),
        false,
    )
}

/// A test makes a ticket and closes it: two drafts of one alert that does not exist.
fn test(content: &MessageContent) -> Vec<Draft> {
    let one = |over| {
        collective(
            content,
            "This is a test of Forewarn, and it has arrived".to_owned(),
            "Nothing is to be done; this ticket is closed at once.".to_owned(),
            over,
        )
    };
    vec![one(false), one(true)]
}

fn collective(content: &MessageContent, title: String, body: String, over: bool) -> Draft {
    // The message's id makes it one ticket, however often the message is sent.
    let alert = AlertId::derived(&[content.id.as_str()]);
    Draft {
        said: if over { "over" } else { "once" }.to_owned(),
        comment: title.clone(),
        body: format!("{body}\n\nReference: {alert}"),
        due: None,
        alert,
        title,
        over,
    }
}
