//! What comes back over a channel: somebody chose something where they read of it.

use std::collections::BTreeMap;

use domain::kernel::{AlertId, Instant, Span};

/// A call from outside, as it came in.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it came.
    pub now: Instant,
    /// Its headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body, byte for byte, for signatures are made over it.
    pub body: Vec<u8>,
}

/// What somebody wants of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Somebody is on it.
    Acknowledge,
    /// Not for so long.
    Snooze(Span),
    /// It may lapse.
    LetLapse,
}

/// What somebody chose, once it is proven that it came from the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The confirmed address of whoever chose; `None` when the other side names none.
    pub email: Option<String>,
    /// Of which alert.
    pub alert: AlertId,
    /// What.
    pub act: Act,
    /// Where an answer to them alone goes, if anywhere. A secret of that conversation.
    pub reply_to: Option<String>,
}

/// Why a call is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The channel takes no calls.
    #[error("this channel takes no calls")]
    NotHere,
    /// It is not proven that the other side made it, just now.
    #[error("the call is not signed by the other side, or too old")]
    NotProven,
    /// It is proven, and asks for nothing that is known here.
    #[error("the call asks for nothing that is known here")]
    NotUnderstood,
    /// The other side could not say who it was.
    #[error("the other side does not say who it was: {0}")]
    Unavailable(String),
}
