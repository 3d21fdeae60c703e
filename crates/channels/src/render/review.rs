//! What a team is to decide about: a row for each credential with what helps to decide.

use app::ports::{CredentialFacts, ReviewFacts};
use domain::kernel::count;

use super::card::{Detail, last_used, list, owner, subtitle};
use super::dates::Dates;
use super::links::credential_url;
use super::words::plain;

/// The rows of one review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// How many credentials wait, in a sentence.
    pub headline: String,
    /// The first of them, soonest end first.
    pub rows: Vec<Row>,
    /// `and 12 more`; empty when all are shown.
    pub more: String,
}

/// One credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Where it lives.
    pub what: String,
    /// Where to read all about it.
    pub url: String,
    /// End, age, use, scopes and owner with their labels.
    pub facts: [(&'static str, String); 5],
}

impl Sheet {
    /// In full, its days in UTC: for what many read.
    pub(crate) fn in_utc(review: &ReviewFacts, public_url: &str) -> Self {
        Self::of(review, public_url, &Dates::utc(), Detail::Full)
    }

    pub(super) fn of(
        review: &ReviewFacts,
        public_url: &str,
        dates: &Dates,
        detail: Detail,
    ) -> Self {
        let all = review.waiting.len() + review.others;
        // Among many matters the number is enough; what it leads to shows each.
        let shown = match detail {
            Detail::Full => review.waiting.len(),
            Detail::Brief => 0,
        };
        let rows = review.waiting.iter().take(shown);
        let rows: Vec<Row> = rows.map(|facts| row(facts, public_url, dates)).collect();
        let more = all - rows.len();
        let waits = if all == 1 { "waits" } else { "wait" };
        Self {
            headline: format!(
                "{} {waits} for a decision: keep, rotate, let lapse, or not ours.",
                count(all as u64, "credential")
            ),
            more: match (more, rows.is_empty()) {
                (0, _) | (_, true) => String::new(),
                (more, false) => format!("and {more} more"),
            },
            rows,
        }
    }
}

fn row(facts: &CredentialFacts, public_url: &str, dates: &Dates) -> Row {
    let day = |at: Option<domain::kernel::Instant>| at.map(|at| dates.day(at));
    let unknown = || "not known".to_owned();
    let allows = list(&facts.scopes, 6);
    Row {
        name: plain(&facts.name, 80),
        what: subtitle(facts),
        url: credential_url(public_url, &facts.id),
        facts: [
            ("Ends", day(facts.expires_at).unwrap_or_else(unknown)),
            ("Issued", day(facts.created_at).unwrap_or_else(unknown)),
            ("Used", used(facts, dates)),
            ("Allows", if allows.is_empty() { unknown() } else { allows }),
            ("Owner", owner(facts)),
        ],
    }
}

/// When it was last used, how often, and by what.
fn used(facts: &CredentialFacts, dates: &Dates) -> String {
    let last = last_used(facts, dates);
    match super::places(facts) {
        places if places.is_empty() => last,
        places => format!("{last}, by {places}"),
    }
}
