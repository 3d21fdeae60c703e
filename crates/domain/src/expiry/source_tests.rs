//! Claims about when a source is blind, at the boundaries.

use super::*;

const HOUR: Span = Span::hours(1);
const MOMENT: Span = Span::from_micros(1);

fn start() -> Instant {
    Instant::parse("2027-03-01T09:00:00Z").unwrap()
}

fn well() -> Reading<'static> {
    Reading {
        failing: None,
        refused: false,
        partial: None,
        succeeded_at: Some(start()),
        complete_at: Some(start()),
        alive_at: None,
        interval: HOUR,
    }
}

/// Asks a moment before, at and a moment after `at`; `look_again` must name `at`.
fn becomes_blind_at(reading: &Reading<'_>, at: Instant) {
    assert_eq!(reading.wrong(at - MOMENT), None);
    assert_eq!(reading.look_again(at - MOMENT), Some(at));
    assert!(reading.wrong(at).is_some());
    assert!(reading.wrong(at + MOMENT).is_some());
    assert_eq!(reading.look_again(at), None);
}

#[test]
fn a_source_that_fails_is_blind_after_three_intervals_without_a_read() {
    let failing = Some((start() + HOUR, "gone fishing"));
    let reading = Reading { failing, ..well() };
    becomes_blind_at(&reading, start() + Span::hours(3));
    let never = Reading {
        succeeded_at: None,
        ..reading
    };
    becomes_blind_at(&never, start() + Span::hours(4));
}

/// F27: a refused credential does not heal by itself.
#[test]
fn a_source_that_refuses_its_credential_is_blind_at_once() {
    let since = start() + HOUR;
    let reading = Reading {
        failing: Some((since, "the source refuses its credential: 401")),
        refused: true,
        ..well()
    };
    becomes_blind_at(&reading, since);
    assert_eq!(
        reading.wrong(since).unwrap(),
        "it cannot be read since 2027-03-01T10:00:00Z: the source refuses its credential: 401"
    );
}

#[test]
fn a_source_read_in_part_is_blind_after_a_day_or_three_intervals() {
    let partial = Some((start() + HOUR, "the list has more pages than max_pages"));
    let hourly = Reading { partial, ..well() };
    becomes_blind_at(&hourly, start() + Span::days(1));
    assert_eq!(
        hourly.wrong(start() + Span::days(2)).unwrap(),
        "it was read only in part since 2027-03-01T09:00:00Z: the list has more pages than max_pages"
    );
    let daily = Reading {
        interval: Span::days(1),
        ..hourly
    };
    becomes_blind_at(&daily, start() + Span::days(3));
    let never = Reading {
        complete_at: None,
        ..hourly
    };
    becomes_blind_at(&never, start() + HOUR + Span::days(1));
}

#[test]
fn a_reader_that_hangs_makes_its_source_blind_after_three_intervals() {
    let reading = Reading {
        alive_at: Some(start()),
        ..well()
    };
    becomes_blind_at(&reading, start() + Span::hours(3));
}

#[test]
fn a_source_that_is_read_is_never_blind() {
    let later = start() + Span::days(400);
    assert_eq!(well().wrong(later), None);
    assert_eq!(well().look_again(later), None);
}

/// F29: many are asked about at once, a short list that came back empty after a day.
#[test]
fn what_is_missing_is_asked_about_at_once_when_it_is_much() {
    let source = SourceId::parse("prod").unwrap();
    let mut missing = Missing {
        since: start(),
        missing: 9,
        of: 10,
    };
    assert_eq!(
        missing.wrong(&source, start()).unwrap(),
        "9 of 10 credentials are missing from it since 2027-03-01T09:00:00Z; nothing is closed. If that is right: `forewarn source accept prod`"
    );
    assert_eq!(missing.look_again(start()), None);
    (missing.missing, missing.of) = (2, 2);
    let day = start() + Span::days(1);
    assert_eq!(missing.wrong(&source, day - MOMENT), None);
    assert_eq!(missing.look_again(day - MOMENT), Some(day));
    assert!(missing.wrong(&source, day).is_some());
}
