//! What was read once and is asked for all the time, until it changes.

use std::sync::{Arc, Mutex, PoisonError};

/// A value, and the mark under which it was read.
pub(crate) struct Kept<T>(Mutex<Option<(i64, Arc<T>)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Kept<T> {
    /// The value, if it was read under this very mark.
    pub(crate) fn at(&self, mark: i64) -> Option<Arc<T>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read, value) = kept.as_ref()?;
        (*read == mark).then(|| Arc::clone(value))
    }

    /// Keeps a value that was read after the mark was taken.
    pub(crate) fn keep(&self, mark: i64, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever took an older mark and came late leaves the newer reading.
        if kept.as_ref().is_none_or(|(read, _)| *read < mark) {
            *kept = Some((mark, Arc::clone(&value)));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_read_under_the_mark_is_given_back() {
        let kept = Kept::default();
        assert_eq!(kept.at(0), None);
        assert_eq!(*kept.keep(7, "seven"), "seven");
        assert_eq!((kept.at(6), kept.at(8)), (None, None));
        assert_eq!(*kept.at(7).unwrap(), "seven");
    }

    #[test]
    fn who_comes_late_does_not_take_the_newer_one_away() {
        let kept = Kept::default();
        kept.keep(8, "eight");
        assert_eq!(*kept.keep(7, "seven"), "seven");
        assert_eq!(*kept.at(8).unwrap(), "eight");
    }
}
