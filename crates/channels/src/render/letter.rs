//! The whole message, laid out once and then poured into text and HTML.

use app::ports::{Item, MessageContent};
use domain::expiry::AlertKind;
use domain::kernel::{Instant, Span, count};
use domain::notice::MessageKind;

use super::ROWS_MAX;
use super::card::{Card, Detail};
use super::dates::Dates;
use super::sentences::{self, because, headline, name};
use super::words::{others as counted, plain};

/// A message, laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The subject line.
    pub subject: String,
    /// `Hello Ada,`; empty without a name.
    pub greeting: String,
    /// What it is all about, in a sentence.
    pub headline: String,
    /// A paragraph that leads in; may be empty.
    pub intro: String,
    /// What a button says and where it leads, where the letter has one of its own.
    pub button: Option<(&'static str, String)>,
    /// The items, most urgent first.
    pub cards: Vec<Card>,
    /// `and 12 others`; empty when all are shown.
    pub more: String,
    /// Where all of them are listed.
    pub list_url: String,
    /// Why this person hears.
    pub why: String,
    /// Where Forewarn is.
    pub public_url: String,
}

/// Up to so many items are told in full.
const FULL_MAX: usize = 5;

impl Letter {
    /// Lays a message out.
    pub fn write(content: &MessageContent) -> Self {
        let dates = Dates::of(&content.to);
        let detail = if content.items.len() > FULL_MAX {
            Detail::Brief
        } else {
            Detail::Full
        };
        let shown = content.items.iter().take(ROWS_MAX);
        let others = content.items.len().saturating_sub(ROWS_MAX);
        let headline = headline_of(content);
        Self {
            subject: format!("[Forewarn] {}", subject(content, &headline, &dates)),
            greeting: greeting(&content.to.name),
            intro: intro(content),
            button: button(content),
            headline,
            cards: shown
                .map(|item| Card::of(item, content, &dates, detail))
                .collect(),
            more: if others > 0 {
                format!("and {}", counted(others))
            } else {
                String::new()
            },
            list_url: format!("{}/alerts", content.public_url),
            why: why(&content.items),
            public_url: content.public_url.clone(),
        }
    }
}

fn greeting(name: &str) -> String {
    let name = plain(name, 80);
    if name.trim().is_empty() {
        String::new()
    } else {
        format!("Hello {name},")
    }
}

fn headline_of(content: &MessageContent) -> String {
    match (content.kind, content.items.as_slice()) {
        (MessageKind::Test, _) => "This is a test, and it has arrived".to_owned(),
        (MessageKind::Proof, _) => "Forewarn can reach this address".to_owned(),
        (MessageKind::Question, _) => "Is this your address?".to_owned(),
        (MessageKind::Baseline, items) => baseline(items, content),
        (MessageKind::Notices, [only]) => headline(only, content.now),
        (MessageKind::Notices, items) => {
            match items.iter().filter(|i| i.resolution.is_none()).count() {
                0 => format!("{} settled", things(items, items.len())),
                1 => format!("{} needs attention", things(items, 1)),
                n => format!("{} need attention", things(items, n)),
            }
        }
    }
}

/// `3 credentials`, or `3 things` where other matters are among them.
fn things(items: &[Item], n: usize) -> String {
    let credentials = items.iter().all(|item| item.credential.is_some());
    let noun = if credentials { "credential" } else { "thing" };
    count(n as u64, noun)
}

/// `37 expire within 30 days, 4 have already expired`.
fn baseline(items: &[Item], content: &MessageContent) -> String {
    let ends = || {
        items
            .iter()
            .filter_map(|i| i.credential.as_ref()?.expires_at)
    };
    let left = |end| content.now.until(end);
    let expired = ends().filter(|end| !left(*end).is_positive()).count();
    let soon = ends()
        .filter(|end| left(*end).is_positive() && left(*end) <= Span::days(30))
        .count();
    let verb = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let soon = verb(
        soon,
        "credential expires within 30 days",
        "credentials expire within 30 days",
    );
    let expired = verb(expired, "has already expired", "have already expired");
    format!("{soon}, {expired}")
}

/// For one alert the subject line never changes: no counting down in it.
fn subject(content: &MessageContent, headline: &str, dates: &Dates) -> String {
    match (content.kind, content.items.as_slice()) {
        (MessageKind::Notices, [only]) => single_subject(only, dates),
        (MessageKind::Notices, [first, rest @ ..]) => {
            format!(
                "{}, and {} more",
                sentences::headline(first, content.now),
                rest.len()
            )
        }
        _ => headline.to_owned(),
    }
}

fn single_subject(item: &Item, dates: &Dates) -> String {
    let end = item.credential.as_ref().and_then(|facts| facts.expires_at);
    let (AlertKind::Expiry, Some(facts)) = (item.kind, &item.credential) else {
        let standing = Item {
            resolution: None,
            ..item.clone()
        };
        return sentences::headline(&standing, Instant::EPOCH);
    };
    let what = format!("{} in {}", name(item), plain(&facts.system, 60));
    match end {
        Some(end) => format!("{what} ends {}", dates.iso_day(end)),
        None => format!("{what} nears its end"),
    }
}

/// The link that answers a question. Opening it changes nothing.
fn button(content: &MessageContent) -> Option<(&'static str, String)> {
    let question = content.question.as_ref()?;
    Some(("Yes, it is mine", question.link.clone()))
}

fn asked(content: &MessageContent) -> String {
    let by = content.question.as_ref();
    let by = by.map_or_else(|| "Somebody".to_owned(), |q| plain(&q.by, 80));
    format!(
        "{by} asked Forewarn to write here when credentials near their end. If that was you, follow the link and press the button within three days. If it was not, do nothing: no warning will come to this address."
    )
}

fn intro(content: &MessageContent) -> String {
    let words = match (content.kind, content.items.len()) {
        (MessageKind::Question, _) => return asked(content),
        (MessageKind::Test, _) => {
            "Somebody asked Forewarn to send it. Warnings about credentials that near their end will come the same way."
        }
        (MessageKind::Proof, _) => {
            "This address is the last resort when nobody else can be told. It is tried when a week has passed without a message. There is nothing to do."
        }
        (MessageKind::Baseline, _) => {
            "A system was read for the first time. This is what it holds that concerns you; from here on you hear of each in time."
        }
        (MessageKind::Notices, 0 | 1) => "",
        (MessageKind::Notices, _) => "The most pressing comes first.",
    };
    words.to_owned()
}

fn why(items: &[Item]) -> String {
    match items {
        [] => String::new(),
        [only] => match plain(&only.reason, 200) {
            // A bare step such as `30d` says nothing to a person.
            reason if reason.contains(' ') => {
                format!("You hear this because {} ({reason}).", because(only.role))
            }
            _ => format!("You hear this because {}.", because(only.role)),
        },
        [first, ..] if items.iter().all(|i| i.role == first.role) => {
            format!(
                "You hear this because {}.",
                because(first.role).replace(" it", " them")
            )
        }
        _ => "You hear this because you or your team own these, or watch over them.".to_owned(),
    }
}
