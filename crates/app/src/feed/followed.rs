//! Up to where changes of other nodes are known, though they commit out of order.

use std::collections::VecDeque;

use crate::ports::FeedMark;

/// What a long change of somebody else's in the same server may make be read again.
const FAR_BACK: i64 = 10_000;

/// How far a node follows.
///
/// A revision is given while a change is under way, so a lower one may appear after a
/// higher. Whoever began before a reading is over by the time that the oldest change still
/// under way began later; until then what lies behind that reading is read once more.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Oldest first, never empty but in between; behind the first nothing is missing.
    marks: VecDeque<FeedMark>,
}

impl Default for Followed {
    /// Knows nothing yet.
    fn default() -> Self {
        Self::behind(FeedMark::default())
    }
}

impl Followed {
    /// Begins with all that whoever was under way at a reading can have been given.
    pub(super) fn behind(mark: FeedMark) -> Self {
        let revision = mark.revision.saturating_sub(FAR_BACK).max(0);
        let first = FeedMark {
            revision,
            ..FeedMark::default()
        };
        Self {
            marks: VecDeque::from([first]),
        }
    }

    /// Up to where everything is known that can be seen at `now`; more is to be read if
    /// the newest revision lies beyond.
    pub fn known(&self, now: &FeedMark) -> i64 {
        let known = self.marks.front().map_or(0, |mark| mark.revision);
        known.max(now.revision.saturating_sub(FAR_BACK))
    }

    /// Notes that everything that could be seen at `now` was read.
    pub fn note(&mut self, now: FeedMark) {
        match self.marks.back() {
            // An older database was put in the place of this one.
            Some(last) if now.revision < last.revision => *self = Self::behind(now),
            // The older reading of the two is over sooner.
            Some(last) if now.revision == last.revision => {}
            _ => self.marks.push_back(now),
        }
        while self.marks.get(1).is_some_and(|next| next.begun <= now.over) {
            self.marks.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mark(revision: i64, over: i64, begun: i64) -> FeedMark {
        FeedMark {
            revision,
            over,
            begun,
        }
    }

    #[test]
    fn what_is_quiet_is_not_read_again() {
        let mut followed = Followed::default();
        followed.note(mark(7, 20, 20));
        assert_eq!(followed.known(&mark(7, 20, 20)), 7);
        followed.note(mark(9, 25, 25));
        assert_eq!(followed.known(&mark(12, 30, 30)), 9);
    }

    /// A commit that was held while two thousand others were made true.
    #[test]
    fn what_committed_late_is_read_however_much_was_committed_meanwhile() {
        let mut followed = Followed::default();
        followed.note(mark(5_000, 100, 100));
        // Change 100 holds revision 5,001, and others went on.
        followed.note(mark(7_001, 100, 2_100));
        assert_eq!(followed.known(&mark(7_050, 100, 2_150)), 5_000);
        followed.note(mark(7_050, 2_150, 2_150));
        assert_eq!(followed.known(&mark(7_051, 2_151, 2_151)), 7_050);
    }

    #[test]
    fn a_stranger_who_holds_a_change_open_for_hours_does_not_bring_back_everything() {
        let mut followed = Followed::default();
        for number in 0..50_000 {
            followed.note(mark(number, 1, number + 2));
        }
        assert_eq!(followed.known(&mark(50_000, 1, 50_002)), 50_000 - FAR_BACK);
    }

    #[test]
    fn an_older_database_in_the_place_of_this_one_is_read_again() {
        let mut followed = Followed::default();
        followed.note(mark(50_000, 9, 9));
        followed.note(mark(20_000, 5, 5));
        assert_eq!(followed.known(&mark(20_000, 6, 6)), 20_000 - FAR_BACK);
    }

    /// A change: begun, given a revision, and over, each a step later at the earliest.
    #[derive(Clone, Debug)]
    struct Change {
        begun: usize,
        given: usize,
        over: usize,
    }

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let one = (0..60_usize, 0..9_usize, 0..25_usize);
        let change = one.prop_map(|(begun, given, over)| Change {
            begun,
            given: begun + given,
            over: begun + given + over,
        });
        proptest::collection::vec(change, 1..40)
    }

    proptest! {
        /// Whatever overlaps, each revision is read at the first reading after its commit.
        #[test]
        fn nothing_is_missed(all in changes(), readings in proptest::collection::vec(0..100_usize, 1..30)) {
            let number = |of: fn(&Change) -> usize| {
                let mut order: Vec<_> = (0..all.len()).collect();
                order.sort_by_key(|at| of(&all[*at]));
                let mut numbers = vec![0_i64; all.len()];
                for (place, at) in order.into_iter().enumerate() {
                    numbers[at] = place as i64 + 1;
                }
                numbers
            };
            let (ids, revisions) = (number(|c| c.begun), number(|c| c.given));
            let mut readings = readings;
            readings.sort_unstable();
            let (mut followed, mut read) = (Followed::default(), vec![false; all.len()]);
            for time in readings {
                let seen = |c: &Change| c.over < time;
                let open = all.iter().zip(&ids).filter(|(c, _)| c.begun < time && !seen(c));
                let begun = all.iter().filter(|c| c.begun < time).count() as i64 + 1;
                let now = mark(
                    all.iter().zip(&revisions).filter(|(c, _)| seen(c)).map(|(_, r)| *r).max().unwrap_or(0),
                    open.map(|(_, id)| *id).min().unwrap_or(begun),
                    begun,
                );
                let known = followed.known(&now);
                for (at, change) in all.iter().enumerate() {
                    read[at] |= seen(change) && revisions[at] > known;
                    prop_assert!(read[at] || !seen(change), "{change:?} at {time}");
                }
                followed.note(now);
            }
        }
    }
}
