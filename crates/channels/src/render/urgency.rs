//! How pressing is an item?

use app::ports::Item;
use domain::expiry::AlertKind;
use domain::kernel::{Instant, Span};

/// How pressing an item is. Each way out has its own words for these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// More than a week ahead.
    Calm,
    /// Within a week.
    Soon,
    /// Within three days.
    Near,
    /// Within a day, over, or wrong right now.
    Now,
}

impl Urgency {
    /// Of one item at `now`, whatever became of it meanwhile.
    pub(crate) fn of(item: &Item, now: Instant) -> Self {
        let end = item.credential.as_ref().and_then(|facts| facts.expires_at);
        match item.kind {
            AlertKind::Expiry => end.map_or(Self::Now, |end| Self::within(now.until(end))),
            AlertKind::ReviewDue
            | AlertKind::Orphaned
            | AlertKind::Carried
            | AlertKind::UsedInOverlap
            | AlertKind::FellSilent => Self::Soon,
            AlertKind::UsedAfterEnd
            | AlertKind::Refused
            | AlertKind::Unheard
            | AlertKind::Blind
            | AlertKind::Vanished
            | AlertKind::Undeliverable
            | AlertKind::Silent
            | AlertKind::NoWayOut
            | AlertKind::LapsedWhileDown
            | AlertKind::Stalled => Self::Now,
        }
    }

    fn within(left: Span) -> Self {
        match left {
            left if left > Span::days(7) => Self::Calm,
            left if left > Span::days(3) => Self::Soon,
            left if left > Span::days(1) => Self::Near,
            _ => Self::Now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_decides_to_the_microsecond() {
        let more = |days| Span::from_micros(Span::days(days).as_micros() + 1);
        for (left, want) in [
            (more(7), Urgency::Calm),
            (Span::days(7), Urgency::Soon),
            (more(3), Urgency::Soon),
            (Span::days(3), Urgency::Near),
            (more(1), Urgency::Near),
            (Span::days(1), Urgency::Now),
            (Span::days(-1), Urgency::Now),
        ] {
            assert_eq!(Urgency::within(left), want, "{left}");
        }
    }
}
