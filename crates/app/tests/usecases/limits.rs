//! Claims about how often somebody may try.

use std::num::NonZeroU32;
use std::sync::Arc;

use app::limits::{Limits, REMEMBERED_MAX};
use domain::kernel::{Instant, Span};
use testkit::FakeClock;

fn three_a_minute() -> (Limits<u32>, Arc<FakeClock>) {
    let start = Instant::parse("2026-11-22T09:00:00Z").unwrap();
    let clock = Arc::new(FakeClock::at(start));
    let three = NonZeroU32::new(3).unwrap();
    (Limits::new(clock.clone(), three), clock)
}

#[test]
fn the_fourth_in_a_minute_waits_and_the_time_it_is_told_is_enough() {
    let (limits, clock) = three_a_minute();
    for _ in 0..3 {
        assert_eq!(limits.one_of(&1), None);
    }
    assert_eq!(limits.one_of(&1), Some(20));
    assert_eq!(limits.one_of(&2), None, "others do not count");
    clock.advance(Span::seconds(19));
    assert_eq!(limits.one_of(&1), Some(1));
    clock.advance(Span::seconds(1));
    assert_eq!(limits.one_of(&1), None);
    assert_eq!(limits.one_of(&1), Some(20));
}

/// F18: a clock that was ahead for a moment keeps nobody out for years.
#[test]
fn a_clock_that_went_back_keeps_nobody_waiting() {
    let (limits, clock) = three_a_minute();
    clock.advance(Span::days(3650));
    for _ in 0..4 {
        limits.one_of(&1);
    }
    clock.advance(Span::days(-3650));
    assert_eq!(limits.one_of(&1), None);
}

#[test]
fn memory_is_bounded_and_the_past_is_forgotten_first() {
    let (limits, clock) = three_a_minute();
    for n in 0..2 * REMEMBERED_MAX {
        assert_eq!(limits.one_of(&u32::try_from(n).unwrap()), None);
        assert!(limits.len() <= REMEMBERED_MAX);
    }
    clock.advance(Span::hours(1));
    assert_eq!(limits.one_of(&1), None);
    assert_eq!(limits.len(), 1);
}
