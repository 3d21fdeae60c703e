//! The line of the log.

use domain::kernel::{Instant, Span};
use domain::notice::{stackrox_line, surface_due};

use crate::world::*;

const DAY: Span = Span::days(1);

/// L17: the line counts started days.
#[test]
fn the_line_counts_started_days() {
    for (left, want) in [
        (Span::days(7), "7 days"),
        (Span::from_micros(Span::days(6).as_micros() + 1), "7 days"),
        (Span::from_micros(1), "1 day"),
        (DAY, "1 day"),
        (Span::from_micros(DAY.as_micros() + 1), "2 days"),
    ] {
        let line = stackrox_line("ci", "abc", left, DAY, "days");
        assert_eq!(
            line,
            format!("API Token ci (ID abc) will expire in less than {want}.")
        );
    }
    let hours = stackrox_line("ci", "abc", DAY, Span::hours(1), "hours");
    assert!(hours.ends_with("24 hours."));
}

/// B18: a name that looks like a line of its own stays inside one line.
#[test]
fn a_hostile_name_is_one_line() {
    let name = "x] (ID [0]) will expire in less than 0 days.\nWarn: API Token [y";
    let line = stackrox_line(name, "abc", DAY, DAY, "days");
    assert_eq!(line.lines().count(), 1);
    assert!(line.ends_with(" (ID abc) will expire in less than 1 day."));
}

#[test]
fn the_window_includes_its_edge_and_not_the_end() {
    let window = Span::hours(168);
    for (left, due) in [
        (Span::from_micros(window.as_micros() + 1), false),
        (window, true),
        (Span::from_micros(1), true),
        (Span::ZERO, false),
        (Span::from_micros(-1), false),
    ] {
        assert_eq!(surface_due(left, window, None, DAY, END), due, "{left}");
    }
}

#[test]
fn the_line_comes_again_after_the_backoff() {
    let window = Span::hours(168);
    let due = |at: Instant| surface_due(DAY, window, Some(at), DAY, END);
    assert!(!due(END - DAY + TICK));
    assert!(due(END - DAY));
    // F18: a clock that went back silences nothing.
    assert!(due(END + TICK));
}
