//! What is remembered of a source between reads, and how it does.

use domain::expiry::Missing;
use domain::kernel::{CredentialId, Instant, SourceId, Span};
use serde::{Deserialize, Serialize};

/// After so long without a line somebody should look whether the source still writes.
const STALE: Span = Span::days(7);

/// What is remembered of a source between reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceState {
    /// Which.
    pub id: SourceId,
    /// `foundry`, …
    pub system: String,
    /// Where to read on from, in the connector's own form.
    pub checkpoint: Option<serde_json::Value>,
    /// When the last read began.
    pub attempted_at: Option<Instant>,
    /// When the last read ended, however it went.
    #[serde(default)]
    pub ended_at: Option<Instant>,
    /// When a read last went through without error.
    pub succeeded_at: Option<Instant>,
    /// When a read last saw everything.
    pub complete_at: Option<Instant>,
    /// When a read last brought anything at all: a line, an item.
    #[serde(default)]
    pub told_at: Option<Instant>,
    /// Whether the first import is over.
    pub imported: bool,
    /// Why it cannot be read, and since when.
    pub failing: Option<(Instant, String)>,
    /// Whether it fails because it refuses the credential it is read with.
    #[serde(default)]
    pub refused: bool,
    /// Why its listing is read only in part, and since when.
    #[serde(default)]
    pub partial: Option<(Instant, String)>,
    /// What its last whole listing lacked, while nobody has said that this is right.
    #[serde(default)]
    pub held: Option<Held>,
    /// The credential that it is read with, where it was met in what it tells.
    #[serde(default)]
    pub own: Option<CredentialId>,
    /// A digest of people and settings that owners and teams were last resolved with.
    #[serde(default)]
    pub resolved_with: Option<String>,
    /// Lines or items read in all.
    #[serde(default)]
    pub read: u64,
    /// Of these, unreadable.
    #[serde(default)]
    pub unreadable: u64,
    /// What the last read that went through came to.
    #[serde(default)]
    pub last: Option<ReadCounts>,
    /// What the last read remarked.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// Credentials that a whole listing lacked at once. Nothing of them is closed before
/// somebody says that this is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Since when listings lack them.
    pub since: Instant,
    /// When the read began that last lacked them.
    pub read_at: Instant,
    /// How many it lacked.
    pub missing: u64,
    /// Of how many that work and are listed.
    pub of: u64,
    /// Whether somebody said that this is right; then they are being closed.
    #[serde(default)]
    pub accepted: bool,
}

/// What one read came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCounts {
    /// Lines or items read.
    pub read: u64,
    /// Lines or items that could not be read.
    pub unreadable: u64,
    /// Credentials that were not known before.
    pub new: u64,
    /// Known credentials of which something is different now.
    pub changed: u64,
    /// Known credentials that the source now says are revoked.
    pub ended: u64,
    /// Credentials that two whole listings lacked.
    pub gone: u64,
}

/// How a source does, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// No read has gone through yet.
    New,
    /// It is read.
    Ok,
    /// It is read, but not the whole of it: nothing is closed.
    Partial,
    /// It lacks most of what it had, and somebody is asked: nothing is closed.
    Held,
    /// It cannot be read.
    Failing,
}

impl SourceState {
    /// A source that was never read.
    pub fn new(id: SourceId, system: impl Into<String>) -> Self {
        Self {
            id,
            system: system.into(),
            checkpoint: None,
            attempted_at: None,
            ended_at: None,
            succeeded_at: None,
            complete_at: None,
            told_at: None,
            imported: false,
            failing: None,
            refused: false,
            partial: None,
            held: None,
            own: None,
            resolved_with: None,
            read: 0,
            unreadable: 0,
            last: None,
            remarks: Vec::new(),
            version: 0,
        }
    }

    /// How it does. Of several words the most serious.
    pub fn condition(&self) -> Condition {
        if self.failing.is_some() {
            Condition::Failing
        } else if self.held.is_some() {
            Condition::Held
        } else if self.partial.is_some() {
            Condition::Partial
        } else if self.succeeded_at.is_some() {
            Condition::Ok
        } else {
            Condition::New
        }
    }

    /// What is to be remarked at `now`: what the last read said, and that nothing new came
    /// for a week. A log that is no longer written looks like one in which nothing happens.
    pub fn remarks_at(&self, now: Instant) -> Vec<String> {
        let mut remarks = self.remarks.clone();
        let stale = self.told_at.filter(|at| at.until(now) >= STALE);
        remarks.extend(stale.map(|at| {
            format!("nothing new was read since {at}; is it still written, and to the same place?")
        }));
        remarks
    }
}

impl Held {
    /// What the rule needs of it.
    pub fn missing(&self) -> Missing {
        Missing {
            since: self.since,
            missing: self.missing,
            of: self.of,
        }
    }
}

impl Condition {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Held => "held",
            Self::Failing => "failing",
        }
    }

    /// Whether what is known of the source's credentials may be out of date.
    pub const fn is_doubtful(self) -> bool {
        matches!(self, Self::Partial | Self::Held | Self::Failing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> SourceState {
        SourceState::new(SourceId::parse("prod").unwrap(), "foundry")
    }

    #[test]
    fn the_most_serious_word_wins() {
        let at = Instant::EPOCH;
        let mut source = source();
        assert_eq!(source.condition().as_str(), "new");
        source.succeeded_at = Some(at);
        assert_eq!(source.condition().as_str(), "ok");
        source.partial = Some((at, "max_pages".to_owned()));
        assert_eq!(source.condition().as_str(), "partial");
        source.held = Some(Held {
            since: at,
            read_at: at,
            missing: 5,
            of: 6,
            accepted: false,
        });
        assert_eq!(source.condition().as_str(), "held");
        source.failing = Some((at, "gone".to_owned()));
        assert_eq!(source.condition().as_str(), "failing");
    }

    /// F29: a log that is no longer written is remarked upon after a week.
    #[test]
    fn a_source_that_told_nothing_for_a_week_is_remarked_upon() {
        let mut source = source();
        let week = Instant::EPOCH + STALE;
        assert_eq!(source.remarks_at(week), [""; 0], "nothing was ever told");
        source.told_at = Some(Instant::EPOCH);
        assert!(source.remarks_at(week - Span::from_micros(1)).is_empty());
        let remarks = source.remarks_at(week);
        assert!(
            remarks[0].starts_with("nothing new was read since 1970-01-01T00:00:00Z"),
            "{remarks:?}"
        );
    }

    /// What an older version wrote is read.
    #[test]
    fn a_state_without_the_newer_fields_is_read() {
        let mut text = serde_json::to_value(source()).unwrap();
        let fields = text.as_object_mut().unwrap();
        for newer in [
            "ended_at",
            "told_at",
            "refused",
            "partial",
            "held",
            "own",
            "resolved_with",
            "last",
        ] {
            fields.remove(newer).unwrap();
        }
        assert_eq!(
            serde_json::from_value::<SourceState>(text).unwrap(),
            source()
        );
    }
}
