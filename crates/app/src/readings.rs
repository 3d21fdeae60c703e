//! Which sources are being read at this moment, and how far.
//!
//! Held in memory and lost on restart, as the reads themselves are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::kernel::{Instant, SourceId};

/// Which sources are being read at this moment.
#[derive(Debug)]
pub struct Readings {
    began: Instant,
    underway: Mutex<BTreeMap<SourceId, Underway>>,
    wanted: Mutex<BTreeSet<SourceId>>,
}

/// A read that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Underway {
    /// When it began.
    pub since: Instant,
    /// How many items it has told of so far.
    pub read: u64,
    /// When it last told of any; at first when it began.
    pub heard_at: Instant,
}

/// Ends the read when it is dropped, however the read ended.
#[derive(Debug)]
pub(crate) struct Begun<'a> {
    readings: &'a Readings,
    source: SourceId,
}

impl Readings {
    /// Nothing is read yet; this process lives since `began`.
    pub fn new(began: Instant) -> Self {
        Self {
            began,
            underway: Mutex::default(),
            wanted: Mutex::default(),
        }
    }

    /// When the reader of a source last gave a sign of life, where the last read ended at
    /// `ended`. Time in which this process was down is not held against it.
    pub(crate) fn alive_at(&self, source: &SourceId, ended: Option<Instant>) -> Instant {
        let heard = self.of(source).map(|underway| underway.heard_at);
        heard.or(ended).map_or(self.began, |at| at.max(self.began))
    }

    /// How far the read of this source is; `None` while it is not read.
    pub fn of(&self, source: &SourceId) -> Option<Underway> {
        held(&self.underway).get(source).copied()
    }

    /// Somebody wants this source to be read before its time.
    pub(crate) fn want(&self, source: &SourceId) {
        held(&self.wanted).insert(source.clone());
    }

    /// Whether somebody wants this source to be read now; whoever asks starts the read.
    pub fn take_wanted(&self, source: &SourceId) -> bool {
        held(&self.wanted).remove(source)
    }

    /// A read begins.
    pub(crate) fn begin(&self, source: &SourceId, now: Instant) -> Begun<'_> {
        let underway = Underway {
            since: now,
            read: 0,
            heard_at: now,
        };
        held(&self.underway).insert(source.clone(), underway);
        Begun {
            readings: self,
            source: source.clone(),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Begun<'_> {
    /// More was told.
    pub(crate) fn told(&self, items: usize, now: Instant) {
        if let Some(underway) = held(&self.readings.underway).get_mut(&self.source) {
            underway.read += u64::try_from(items).unwrap_or(u64::MAX);
            underway.heard_at = now;
        }
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        held(&self.readings.underway).remove(&self.source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::kernel::Span;

    #[test]
    fn a_read_shows_how_far_it_is_until_it_ends() {
        let (readings, source) = (
            Readings::new(Instant::EPOCH),
            SourceId::parse("far").unwrap(),
        );
        let (start, later) = (Instant::EPOCH, Instant::EPOCH + Span::hours(1));
        assert_eq!(readings.of(&source), None);
        let begun = readings.begin(&source, start);
        begun.told(500, start);
        begun.told(17, later);
        let underway = readings.of(&source).unwrap();
        assert_eq!(
            (underway.since, underway.read, underway.heard_at),
            (start, 517, later)
        );
        drop(begun);
        assert_eq!(readings.of(&source), None);
    }
}
