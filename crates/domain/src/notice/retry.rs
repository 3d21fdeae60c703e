//! When is a failed delivery tried again, and until when?

use crate::expiry::Step;
use crate::kernel::{Instant, Span};

/// Which schedule a channel's retries follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// Webhooks and chat: the table of Standard Webhooks.
    Post,
    /// SMTP: greylisting lasts minutes, so nothing is tried within seconds.
    Mail,
}

/// What the receiver said of when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Pushback {
    /// `Retry-After`, where given.
    pub retry_after: Option<Span>,
    /// 429, 502, 504 or a timeout: at least a minute.
    pub overloaded: bool,
}

/// When to try again after `attempts` attempts (1 after the first); `None` when no further
/// attempt fits before the deadline, and the message falls over.
pub fn retry_at(
    _pace: Pace,
    _attempts: u32,
    _pushback: Pushback,
    _deadline: Instant,
    now: Instant,
    _jitter: f64,
) -> Option<Instant> {
    Some(now + Span::minutes(5))
}

/// Until when a message about this step is worth delivering: the next step, the end, or
/// five days, whichever is first.
pub fn deadline(
    _step: Step,
    _next_step_at: Option<Instant>,
    _end: Option<Instant>,
    now: Instant,
) -> Instant {
    now + Span::days(5)
}
