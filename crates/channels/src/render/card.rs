//! One item, laid out for both bodies.

use app::ports::{Condition, CredentialFacts, DependencyFacts, Item, MessageContent, MonitorFacts};
use domain::expiry::AlertKind;
use domain::inventory::PlaceOfUse;
use domain::kernel::{Instant, Span, count};

use super::dates::Dates;
use super::links::{act_url, acts, subject_url, web_url};
use super::review::Sheet;
use super::sentences::{headline, name, remaining_words, to_do};
use super::words::plain;

/// One item, laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The item in a sentence.
    pub headline: String,
    /// Its name.
    pub title: String,
    /// Where it lives: system, kind, the issuer's id.
    pub subtitle: String,
    /// `7 days left`; empty when there is nothing to count.
    pub status: String,
    /// The colour that says how pressing it is.
    pub colour: &'static str,
    /// Facts with their labels.
    pub facts: Vec<Fact>,
    /// What to do.
    pub steps: Vec<String>,
    /// What is to be decided, where it is about a review.
    pub sheet: Option<Sheet>,
    /// Where to act.
    pub act_url: String,
    /// What the link to act says.
    pub act: &'static str,
    /// What can be done at once, each with its link, where no sign-in is needed.
    pub acts: Vec<(&'static str, String)>,
    /// Where to read all about it.
    pub page_url: String,
    /// Where its system renews it.
    pub renew_url: Option<String>,
}

/// One labelled line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The label.
    pub label: &'static str,
    /// The value, plain.
    pub value: String,
    /// A link beside it.
    pub url: Option<String>,
}

/// How much a message says of each item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Everything.
    Full,
    /// One of many: what, when, who, and the first thing to do.
    Brief,
}

impl Card {
    pub(super) fn of(item: &Item, content: &MessageContent, dates: &Dates, detail: Detail) -> Self {
        // What is over needs no second look at its details.
        let detail = if item.resolution.is_some() {
            Detail::Brief
        } else {
            detail
        };
        let mut facts = facts(item, content.now, dates, detail);
        facts.retain(|fact| !fact.value.is_empty());
        let review = item.review.as_ref();
        let sheet = review.map(|review| Sheet::of(review, &content.public_url, dates, detail));
        let mut steps = to_do(item);
        if detail == Detail::Brief {
            steps.truncate(1);
        }
        let open = item
            .credential
            .as_ref()
            .filter(|_| item.resolution.is_none());
        let renew = open.and_then(|c| c.renew_url.as_deref());
        Self {
            headline: headline(item, content.now),
            title: title(item, content.now),
            subtitle: item.credential.as_ref().map(subtitle).unwrap_or_default(),
            status: remaining_words(item, content.now).unwrap_or_default(),
            colour: colour(item, content.now),
            facts,
            steps,
            sheet,
            act: match (item.resolution, &item.review) {
                (Some(_), _) => "See how it ended",
                (None, Some(_)) => "Decide",
                (None, None) => "Take care of it",
            },
            acts: match detail {
                Detail::Full => acts(item, content.now, false),
                // One link each is enough among many; what it leads to offers the rest.
                Detail::Brief => Vec::new(),
            },
            act_url: act_url(&content.public_url, item),
            page_url: subject_url(&content.public_url, item),
            renew_url: renew.and_then(web_url).map(str::to_owned),
        }
    }
}

/// A credential goes by its name; everything else is the sentence about it.
fn title(item: &Item, now: Instant) -> String {
    if item.credential.is_some() {
        name(item)
    } else {
        headline(item, now)
    }
}

pub(super) fn subtitle(facts: &CredentialFacts) -> String {
    let parts = [
        plain(&facts.system, 80),
        plain(&facts.kind, 60),
        plain(&facts.external_id, 80),
    ];
    parts
        .into_iter()
        .filter(|p| !p.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn fact(label: &'static str, value: impl Into<String>) -> Fact {
    Fact {
        label,
        value: value.into(),
        url: None,
    }
}

fn facts(item: &Item, now: Instant, dates: &Dates, detail: Detail) -> Vec<Fact> {
    let mut out = Vec::new();
    if let Some(facts) = &item.credential {
        out.push(fact(
            "Ends",
            facts
                .expires_at
                .map_or("not known".to_owned(), |at| dates.moment(at)),
        ));
        out.push(fact("Last confirmed", doubtful(facts, dates)));
        out.push(fact("Owner", owner(facts)));
        if detail == Detail::Full {
            out.push(fact("Last used", last_used(facts, dates)));
            out.extend(facts.used_by.iter().take(10).map(place));
            out.push(fact("Allows", list(&facts.scopes, 12)));
            out.push(fact(
                "Newer",
                facts.newer.as_deref().map(newer).unwrap_or_default(),
            ));
            out.push(fact("Last seen", stale(facts, now, dates)));
        }
    }
    if let Some(monitor) = &item.monitor {
        out.extend(monitor_facts(monitor, dates, detail));
    }
    // The rows of a review say the same at length.
    let detail_words = item.detail.as_deref().filter(|_| item.review.is_none());
    out.push(fact(
        "What",
        detail_words.map(|d| plain(d, 300)).unwrap_or_default(),
    ));
    if detail == Detail::Full {
        out.push(fact("Also told", list(&item.others, 12)));
    }
    out
}

fn monitor_facts(monitor: &MonitorFacts, dates: &Dates, detail: Detail) -> Vec<Fact> {
    let last = monitor.last_ping_at.map(|at| dates.moment(at));
    let shown = |who: &Option<(String, String)>| who.as_ref().map(|(_, name)| plain(name, 80));
    let owner = shown(&monitor.owner).unwrap_or_else(|| "nobody".to_owned());
    let mut out = vec![
        fact("Last heard", last.unwrap_or_else(|| "never".to_owned())),
        fact("Every", monitor.period.to_string()),
        fact(
            "Owner",
            match shown(&monitor.team) {
                Some(team) => format!("{owner} (team {team})"),
                None => owner,
            },
        ),
    ];
    if detail == Detail::Full {
        let named = monitor.depends_on.iter().take(10);
        out.extend(named.map(|it| fact("Depends on", dependency(it, dates))));
    }
    out
}

/// `export-key: expired, 1 March 2027`.
fn dependency(facts: &DependencyFacts, dates: &Dates) -> String {
    let end = facts.expires_at.map(|at| format!(", {}", dates.day(at)));
    let state = facts.state.replace('_', " ");
    format!(
        "{}: {state}{}",
        plain(&facts.name, 80),
        end.unwrap_or_default()
    )
}

pub(super) fn owner(facts: &CredentialFacts) -> String {
    let shown = |who: &Option<(String, String)>| who.as_ref().map(|(_, name)| plain(name, 80));
    let owner = match (facts.orphaned, shown(&facts.owner)) {
        (true, Some(name)) => format!("{name}, who cannot act any more"),
        (false, Some(name)) => name,
        (_, None) => "nobody".to_owned(),
    };
    match shown(&facts.team) {
        Some(team) => format!("{owner} (team {team})"),
        None => owner,
    }
}

pub(super) fn last_used(facts: &CredentialFacts, dates: &Dates) -> String {
    let uses = facts.uses.map(|n| count(n, "use"));
    match (facts.last_used_at, uses) {
        (Some(at), Some(uses)) => format!("{}, {uses} counted", dates.day(at)),
        (Some(at), None) => dates.day(at),
        (None, _) => "no use is known".to_owned(),
    }
}

fn place(place: &PlaceOfUse) -> Fact {
    let what = plain(&place.what, 120);
    let team = place
        .team
        .as_deref()
        .map(|t| format!(" (team {})", plain(t, 80)))
        .unwrap_or_default();
    let url = place.url.as_deref().and_then(web_url).map(str::to_owned);
    Fact {
        label: "Used by",
        value: format!("{what}{team}"),
        url,
    }
}

fn newer(name: &str) -> String {
    format!("{} seems to take its place", plain(name, 80))
}

/// Said while the source itself is in doubt: the end is the last one known.
fn doubtful(facts: &CredentialFacts, dates: &Dates) -> String {
    let Some(doubt) = facts.doubt else {
        return String::new();
    };
    let why = match doubt {
        Condition::Failing => "its system cannot be read since, so this may be out of date",
        Condition::Partial => "its system is read only in part, so this may be out of date",
        Condition::Held => "its system lacks most of what it had, so this may be out of date",
        Condition::New | Condition::Ok => return String::new(),
    };
    format!("{}; {why}", dates.moment(facts.confirmed_at))
}

/// Said only when the source has not confirmed the credential for two days.
fn stale(facts: &CredentialFacts, now: Instant, dates: &Dates) -> String {
    if facts.doubt.is_some() || facts.confirmed_at.until(now) < Span::days(2) {
        return String::new();
    }
    format!(
        "{} by its system, so this may be out of date",
        dates.day(facts.confirmed_at)
    )
}

pub(super) fn list(values: &[String], most: usize) -> String {
    let mut shown: Vec<String> = values.iter().take(most).map(|v| plain(v, 80)).collect();
    if let Some(rest) = values.len().checked_sub(most).filter(|n| *n > 0) {
        shown.push(format!("and {rest} more"));
    }
    shown.join(", ")
}

fn colour(item: &Item, now: Instant) -> &'static str {
    const CALM: &str = "#2f5d8a";
    const SOON: &str = "#8a5a00";
    const PRESSING: &str = "#a8321f";
    const DONE: &str = "#1f7a4d";
    let left = item
        .credential
        .as_ref()
        .and_then(|c| c.expires_at)
        .map(|end| now.until(end));
    match (item.resolution, item.kind, left) {
        (Some(_), ..) => DONE,
        (None, AlertKind::Expiry, Some(left)) if left > Span::days(7) => CALM,
        (None, AlertKind::Expiry, Some(left)) if left > Span::days(1) => SOON,
        (
            None,
            AlertKind::ReviewDue
            | AlertKind::Orphaned
            | AlertKind::Carried
            | AlertKind::UsedInOverlap
            | AlertKind::FellSilent,
            _,
        ) => SOON,
        _ => PRESSING,
    }
}
