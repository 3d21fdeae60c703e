//! When is each source to be read again?
//!
//! Knows no clock and starts nothing.

use std::collections::BTreeMap;

use domain::kernel::{Instant, SourceId, Span};

/// When each source was last begun. `T` is with whom: another one is due at once.
#[derive(Debug)]
pub(crate) struct Schedule<T>(BTreeMap<SourceId, (Instant, T)>);

impl<T> Default for Schedule<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Schedule<T> {
    /// Whether the source is due at `now`; `same` compares with whom it was last read.
    pub(crate) fn is_due(
        &self,
        source: &SourceId,
        interval: Span,
        now: Instant,
        same: impl Fn(&T) -> bool,
    ) -> bool {
        // A clock that was once ahead must not keep a source from being read.
        let known = self.0.get(source).filter(|(at, _)| *at <= now);
        known.is_none_or(|(at, with)| *at + interval <= now || !same(with))
    }

    /// Its read begins now.
    pub(crate) fn begin(&mut self, source: &SourceId, with: T, now: Instant) {
        self.0.insert(source.clone(), (now, with));
    }

    /// Forgets the sources that are not read any more.
    pub(crate) fn retain(&mut self, is_read: impl Fn(&SourceId) -> bool) {
        self.0.retain(|source, _| is_read(source));
    }

    /// When the next one is due; `None` while nothing was begun.
    pub(crate) fn next(&self, interval_of: impl Fn(&SourceId) -> Span) -> Option<Instant> {
        let due = |(source, (at, _)): (&SourceId, &(Instant, T))| *at + interval_of(source);
        self.0.iter().map(due).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Span = Span::hours(1);

    fn source(id: &str) -> SourceId {
        SourceId::parse(id).unwrap()
    }

    #[test]
    fn a_source_is_due_at_its_own_interval_and_not_before() {
        let (start, quick) = (Instant::EPOCH, source("quick"));
        let mut schedule = Schedule::default();
        let due = |schedule: &Schedule<u8>, interval, now| {
            schedule.is_due(&quick, interval, now, |with| *with == 1)
        };
        assert!(due(&schedule, HOUR, start), "at first at once");
        schedule.begin(&quick, 1, start);
        let quarter = Span::minutes(15);
        let moment = Span::from_micros(1);
        assert!(!due(&schedule, quarter, start + quarter - moment));
        assert!(due(&schedule, quarter, start + quarter));
        assert!(!due(&schedule, HOUR, start + quarter));
        assert!(due(&schedule, HOUR, start - moment), "the clock went back");
    }

    #[test]
    fn what_a_reload_changed_is_due_at_once_and_what_it_removed_is_forgotten() {
        let (start, prod) = (Instant::EPOCH, source("prod"));
        let mut schedule = Schedule::default();
        schedule.begin(&prod, 1, start);
        assert!(schedule.is_due(&prod, HOUR, start, |with| *with == 2));
        schedule.retain(|_| false);
        assert_eq!(schedule.next(|_| HOUR), None);
    }

    #[test]
    fn the_next_is_the_soonest_of_all() {
        let start = Instant::EPOCH;
        let mut schedule = Schedule::default();
        schedule.begin(&source("a"), (), start);
        schedule.begin(&source("b"), (), start + Span::minutes(50));
        let interval = |id: &SourceId| match id.as_str() {
            "a" => HOUR,
            _ => Span::minutes(5),
        };
        assert_eq!(schedule.next(interval), Some(start + Span::minutes(55)));
    }
}
