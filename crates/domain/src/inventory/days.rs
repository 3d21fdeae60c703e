//! On which days was a credential used?
//!
//! Counts whole UTC days and keeps 63 of them in two numbers, so that habits can be told
//! from one row without a log of uses.

use crate::kernel::{Instant, Span};

/// The days (UTC) on which a credential was used: the latest and the 62 before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaysOfUse {
    /// The latest day of use, counted from 1970-01-01.
    newest: i64,
    /// Bit n says that it was used n days before the latest day; bit 0 is always set.
    mask: u64,
}

impl DaysOfUse {
    /// So many days are kept, the latest included: what fits into a positive number of
    /// 64 bits, which both databases have.
    pub const KEPT: u32 = 63;

    /// The day of an instant, counted from 1970-01-01.
    pub const fn day_of(at: Instant) -> i64 {
        at.as_micros().div_euclid(Span::days(1).as_micros())
    }

    /// From what a store keeps; `None` if that cannot be.
    pub fn from_parts(newest: i64, mask: i64) -> Option<Self> {
        let mask = u64::try_from(mask).ok()?;
        (mask & 1 == 1).then_some(Self { newest, mask })
    }

    /// As a store keeps it: the latest day and the mask.
    pub fn parts(self) -> (i64, i64) {
        (self.newest, i64::try_from(self.mask).unwrap_or(i64::MAX))
    }

    /// After one more use. What is older than the days kept changes nothing.
    #[must_use]
    pub fn used(days: Option<Self>, at: Instant) -> Self {
        let day = Self::day_of(at);
        let Some(days) = days else {
            return Self {
                newest: day,
                mask: 1,
            };
        };
        let kept = (1 << Self::KEPT) - 1;
        let later = u32::try_from(day.saturating_sub(days.newest));
        let earlier = u32::try_from(days.newest.saturating_sub(day));
        match (later, earlier) {
            (Ok(by), _) => Self {
                newest: day,
                mask: (days.mask.checked_shl(by).unwrap_or(0) | 1) & kept,
            },
            (_, Ok(by)) => Self {
                mask: (days.mask | 1_u64.checked_shl(by).unwrap_or(0)) & kept,
                ..days
            },
            // A jump of millions of years: begin anew, or ignore it.
            _ if day > days.newest => Self {
                newest: day,
                mask: 1,
            },
            _ => days,
        }
    }

    /// How the last `window` days up to the latest use went. `window` counts the latest
    /// day too and is cut at [`Self::KEPT`].
    pub fn habit(self, window: u32) -> Habit {
        let window = window.clamp(1, Self::KEPT);
        let seen = self.mask & ((1 << window) - 1);
        let mut habit = Habit {
            days: seen.count_ones(),
            reach: 63 - seen.leading_zeros(),
            longest_gap: 0,
        };
        let mut last = 0;
        for back in 1..window {
            if seen >> back & 1 == 1 {
                habit.longest_gap = habit.longest_gap.max(back - last);
                last = back;
            }
        }
        habit
    }
}

/// How a credential is used, told from its days of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// On how many days.
    pub days: u32,
    /// From the first to the last of these days: 0 for a single one, 6 for a week.
    pub reach: u32,
    /// The longest way from one of these days to the next: 1 for every day, 3 from Friday
    /// to Monday; 0 for a single day.
    pub longest_gap: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on(days: &[i64]) -> DaysOfUse {
        let at = |day: &i64| Instant::EPOCH + Span::days(*day) + Span::hours(5);
        let used = days
            .iter()
            .fold(None, |days, day| Some(DaysOfUse::used(days, at(day))));
        used.unwrap()
    }

    #[test]
    fn days_older_than_those_kept_fall_off() {
        assert_eq!(on(&[0, 62]).parts(), (62, (1 << 62) | 1));
        assert_eq!(on(&[0, 63]).parts(), (63, 1));
        assert_eq!(on(&[0, 64]).parts(), (64, 1));
        assert_eq!(on(&[63, 0]).parts(), (63, 1));
        assert_eq!(on(&[62, 0]).parts(), (62, (1 << 62) | 1));
        assert_eq!(on(&[0, i64::from(u32::MAX) - 5]).parts().1, 1);
    }

    #[test]
    fn a_working_week_has_a_gap_of_three() {
        // 1970-01-05 was a Monday.
        let habit = on(&[4, 5, 6, 7, 8, 11]).habit(28);
        assert_eq!((habit.days, habit.reach, habit.longest_gap), (6, 7, 3));
        let once = on(&[4]).habit(28);
        assert_eq!((once.days, once.reach, once.longest_gap), (1, 0, 0));
    }

    #[test]
    fn what_lies_before_the_window_does_not_count() {
        let days = on(&[0, 27, 28]);
        assert_eq!(days.habit(28).days, 2);
        assert_eq!(days.habit(29).days, 3);
        assert_eq!(days.habit(29).longest_gap, 27);
        assert_eq!(on(&[0, 62]).habit(63).longest_gap, 62);
    }

    proptest! {
        #[test]
        fn the_order_of_uses_does_not_matter_within_the_days_kept(
            mut days in proptest::collection::vec(0_i64..63, 1..20)
        ) {
            let told = on(&days);
            days.sort_unstable();
            prop_assert_eq!(told, on(&days));
            let (newest, mask) = told.parts();
            prop_assert_eq!(DaysOfUse::from_parts(newest, mask), Some(told));
            days.dedup();
            prop_assert_eq!(told.habit(63).days as usize, days.len());
        }
    }
}
