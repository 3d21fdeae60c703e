//! Why something is said, or why not.

/// Why a plan is as it is, or why something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Nothing is due yet.
    NotDue,
    /// A step was entered.
    Entered,
    /// The credential was first seen when steps had already been entered.
    DiscoveredLate,
    /// The first import of its source told of it.
    Baseline,
    /// The backoff has passed and nobody acted.
    Repeat,
    /// Nobody acknowledged the step in the time that its policy gives.
    Escalated,
    /// No person has heard the step yet.
    NotHeard,
    /// A snooze is over.
    SnoozeOver,
    /// It was to lapse, but was used since.
    UsedAfterAll,
    /// It may lapse; this is the one last note.
    LastNote,
    /// What had been over is back.
    Reopened,
    /// What already stands, for newcomers.
    Standing,
    /// Something is wrong now (subjects without an end).
    Wrong,
    /// Silent: somebody is on it.
    Acknowledged,
    /// Silent: not now, somebody asked.
    Snoozed,
    /// Silent: somebody silenced what it belongs to.
    Silenced,
    /// Silent: it may lapse.
    LetLapse,
    /// Silent: its owner is disabled, it does not work.
    Suspended,
    /// Silent: revoked, gone or replaced.
    Over,
    /// Silent: the end was passed and everything was said.
    Lapsed,
    /// Silent: it has no end.
    NoEnd,
    /// Silent: its end is not known.
    EndUnknown,
    /// Silent: it lives less than a day; surfaces show it.
    ShortLived,
}

impl Reason {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotDue => "not_due",
            Self::Entered => "entered",
            Self::DiscoveredLate => "discovered_late",
            Self::Baseline => "baseline",
            Self::Repeat => "repeat",
            Self::Escalated => "escalated",
            Self::NotHeard => "not_heard",
            Self::SnoozeOver => "snooze_over",
            Self::UsedAfterAll => "used_after_all",
            Self::LastNote => "last_note",
            Self::Reopened => "reopened",
            Self::Standing => "standing",
            Self::Wrong => "wrong",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::Silenced => "silenced",
            Self::LetLapse => "let_lapse",
            Self::Suspended => "suspended",
            Self::Over => "over",
            Self::Lapsed => "lapsed",
            Self::NoEnd => "no_end",
            Self::EndUnknown => "end_unknown",
            Self::ShortLived => "short_lived",
        }
    }
}
