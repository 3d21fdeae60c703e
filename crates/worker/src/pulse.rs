//! Is the clock to be believed?
//!
//! One wrong reading must not announce the end of everything. A jump forward of more
//! than an hour that the machine's own running time does not confirm is believed only
//! when a second reading agrees; after the machine slept, it does.

use std::time::{Duration, Instant as Running};

use domain::kernel::{Instant, Span};

/// Jumps up to this are believed at once.
const JUMP: Span = Span::hours(1);
/// After a doubtful reading the clock is asked again this soon.
pub const ASK_AGAIN: Span = Span::seconds(10);

/// What was read before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pulse {
    believed: Option<Reading>,
    doubted: Option<Reading>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    clock: Instant,
    running: Running,
}

impl Pulse {
    /// Whether a reading of the clock is to be believed, given how long the machine runs.
    /// A clock that goes back is: nothing becomes due by it.
    pub fn believes(&mut self, clock: Instant, running: Running) -> bool {
        let now = Reading { clock, running };
        let fits = |before: Option<Reading>| before.is_none_or(|b| !b.jumps_to(now));
        let second = self.doubted.is_some() && fits(self.doubted);
        if fits(self.believed) || second {
            *self = Self {
                believed: Some(now),
                doubted: None,
            };
            return true;
        }
        tracing::warn!(%clock, "the clock jumped ahead; nothing is done before a second reading agrees");
        self.doubted = Some(now);
        false
    }
}

impl Reading {
    fn jumps_to(self, later: Self) -> bool {
        let ran = later.running.saturating_duration_since(self.running);
        let jump = self.clock.until(later.clock).as_micros() - micros(ran);
        jump > JUMP.as_micros()
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S12, F18: a clock that jumps ten years ahead for one reading announces nothing.
    #[test]
    fn one_wrong_reading_is_not_believed() {
        let (start, began) = (Instant::EPOCH, Running::now());
        let mut pulse = Pulse::default();
        assert!(pulse.believes(start, began));
        assert!(!pulse.believes(start + Span::days(3650), began));
        let minute = Duration::from_secs(60);
        assert!(pulse.believes(start + Span::minutes(1), began + minute));
    }

    /// S12, F19: after eight days asleep the second reading agrees with the first.
    #[test]
    fn two_readings_that_agree_are_believed() {
        let (start, began) = (Instant::EPOCH, Running::now());
        let awake = start + Span::days(8);
        let mut pulse = Pulse::default();
        assert!(pulse.believes(start, began));
        assert!(!pulse.believes(awake, began));
        let soon = Duration::from_secs(10);
        assert!(pulse.believes(awake + Span::seconds(10), began + soon));
        assert!(pulse.believes(awake + Span::minutes(61), began + soon * 361));
    }

    #[test]
    fn an_hour_more_than_the_machine_ran_is_the_limit() {
        let (start, began) = (Instant::EPOCH, Running::now());
        let beyond = Span::from_micros(JUMP.as_micros() + 1);
        for (jump, believed) in [(JUMP, true), (beyond, false)] {
            let mut pulse = Pulse::default();
            pulse.believes(start, began);
            assert_eq!(pulse.believes(start + jump, began), believed);
        }
        let mut pulse = Pulse::default();
        pulse.believes(start, began);
        assert!(
            pulse.believes(start - Span::days(3650), began),
            "back is harmless"
        );
    }
}
