//! When may each recipient hear?
//!
//! May delay, never silence: whatever would be delayed past the next step or into the
//! last day is said now.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use crate::expiry::{Step, weekday, zone};
use crate::kernel::{Instant, Span};

use crate::people::{DigestWindow, QuietHours, RecipientHours};

/// Only steps wider than this are gathered in a digest window. The first import of a source
/// is one message already.
const DIGEST_BEYOND: Span = Span::days(7);
/// The day before the end that waits for nothing.
const LAST_DAY: Span = Span::days(1);
/// Hours that allow nothing in so many days allow everything.
const FARTHEST: i64 = 14;

/// The instant before which the recipient is not told: `now`, or the next one that the
/// recipient's hours allow. Steps within the last day, the end and what is wrong now
/// wait for nothing.
pub fn schedule(
    hours: &RecipientHours,
    step: Step,
    end: Option<Instant>,
    next_step_at: Option<Instant>,
    now: Instant,
) -> Instant {
    if !may_wait(step, end, now) {
        return now;
    }
    let digest = hours.digest.filter(|_| is_wide(step));
    let allowed = next_allowed(hours, digest, now);
    let last_day = end.filter(|_| step < Step::End).map(|end| end - LAST_DAY);
    let limit = [next_step_at, last_day].into_iter().flatten().min();
    match limit {
        Some(limit) if allowed >= limit => now,
        _ => allowed.max(now),
    }
}

/// The same for the word that something is over, after `step` was said. Nobody has to act on
/// it, so it waits for the recipient's hours and digest, also on the last day and after the
/// end. What was wrong at a moment is over at once.
pub fn schedule_over(hours: &RecipientHours, step: Step, now: Instant) -> Instant {
    match step {
        Step::Now => now,
        _ => next_allowed(hours, hours.digest, now).max(now),
    }
}

fn may_wait(step: Step, end: Option<Instant>, now: Instant) -> bool {
    let is_last_day = end.is_some_and(|end| now < end && now.until(end) <= LAST_DAY);
    match step {
        Step::Lead(lead) => lead > LAST_DAY && !is_last_day,
        Step::Baseline => !is_last_day,
        Step::AfterEnd(_) => true,
        Step::End | Step::Now => false,
    }
}

fn is_wide(step: Step) -> bool {
    matches!(step, Step::Lead(lead) if lead > DIGEST_BEYOND)
}

/// The first instant from `now` on that all hours allow. Reckons in civil time, day by
/// day, so that the nights on which clocks change need no care; a local time that does
/// not exist is taken an hour later.
fn next_allowed(hours: &RecipientHours, digest: Option<DigestWindow>, now: Instant) -> Instant {
    let zone = zone(hours.time_zone.as_deref());
    let start = now.to_jiff().to_zoned(zone.clone()).datetime();
    if digest.is_none() && allows(hours, start) {
        return now;
    }
    let mut days = (0..=FARTHEST).filter_map(|n| {
        let date = start.date().checked_add(jiff::Span::new().days(n)).ok()?;
        let times = candidates(hours, digest).into_iter();
        let allowed = times
            .map(|time| date.to_datetime(time))
            .filter(|at| is_digest_day(digest, *at) && allows(hours, *at));
        let instants = allowed.flat_map(|at| instants(at, &zone, digest.is_none()));
        instants.filter(|at| *at >= now).min()
    });
    days.next().unwrap_or(now)
}

/// The instants of a local time. One that comes twice, in the night in which clocks go back, is
/// two where `both` are wanted: quiet hours end in the second hour too, a digest is written in
/// the first.
fn instants(at: DateTime, zone: &TimeZone, both: bool) -> impl Iterator<Item = Instant> {
    let ambiguous = zone.to_ambiguous_zoned(at);
    let second = both.then(|| ambiguous.clone().later());
    let all = [Some(ambiguous.compatible()), second];
    let known = all.into_iter().flatten().filter_map(Result::ok);
    known.map(|zoned| Instant::from_jiff(zoned.timestamp()))
}

/// The times of day at which something can become allowed, earliest first.
fn candidates(hours: &RecipientHours, digest: Option<DigestWindow>) -> Vec<Time> {
    let mut times = match (digest, hours.quiet) {
        // A digest that falls into quiet hours is sent when these end.
        (Some(digest), Some(quiet)) if is_quiet(quiet, digest.minute) => vec![time(quiet.to)],
        (Some(digest), _) => vec![time(digest.minute)],
        (None, Some(quiet)) => vec![Time::midnight(), time(quiet.to)],
        (None, None) => vec![Time::midnight()],
    };
    times.sort_unstable();
    times
}

fn is_digest_day(digest: Option<DigestWindow>, at: DateTime) -> bool {
    digest
        .and_then(|d| d.weekday)
        .is_none_or(|day| day == weekday(at.date().weekday()))
}

fn allows(hours: &RecipientHours, at: DateTime) -> bool {
    let minute = u16::try_from(i32::from(at.hour()) * 60 + i32::from(at.minute())).unwrap_or(0);
    let works =
        hours.working_days.is_empty() || hours.working_days.contains(&weekday(at.date().weekday()));
    works && !hours.quiet.is_some_and(|quiet| is_quiet(quiet, minute))
}

fn is_quiet(quiet: QuietHours, minute: u16) -> bool {
    if quiet.from <= quiet.to {
        (quiet.from..quiet.to).contains(&minute)
    } else {
        minute >= quiet.from || minute < quiet.to
    }
}

fn time(minute: u16) -> Time {
    let part = |n: u16| i8::try_from(n).unwrap_or(0);
    Time::new(part(minute / 60 % 24), part(minute % 60), 0, 0).unwrap_or(Time::midnight())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn nights(zone: &str) -> RecipientHours {
        RecipientHours {
            time_zone: Some(zone.to_owned()),
            quiet: Some(QuietHours {
                from: 22 * 60,
                to: 7 * 60,
            }),
            ..RecipientHours::default()
        }
    }

    const WEEK: Step = Step::Lead(Span::days(7));

    #[test]
    fn without_hours_everybody_hears_at_once() {
        let now = at("2026-11-22T03:00:00Z");
        for step in [WEEK, Step::Lead(Span::days(30)), Step::End, Step::Baseline] {
            assert_eq!(
                schedule(&RecipientHours::default(), step, None, None, now),
                now
            );
        }
    }

    #[test]
    fn quiet_hours_hold_until_they_end_in_the_recipients_zone() {
        let end = Some(at("2026-11-29T00:00:00Z"));
        for (now, want) in [
            ("2026-11-22T20:59:59Z", "2026-11-22T20:59:59Z"),
            ("2026-11-22T21:00:00Z", "2026-11-23T06:00:00Z"),
            ("2026-11-23T05:59:59Z", "2026-11-23T06:00:00Z"),
            ("2026-11-23T06:00:00Z", "2026-11-23T06:00:00Z"),
        ] {
            let got = schedule(&nights("Europe/Berlin"), WEEK, end, None, at(now));
            assert_eq!(got, at(want), "{now}");
        }
    }

    /// S11, F22: quiet hours in the nights in which clocks change end at seven local time.
    #[test]
    fn quiet_hours_end_at_seven_in_the_night_the_clocks_change() {
        let berlin = nights("Europe/Berlin");
        let spring = schedule(&berlin, WEEK, None, None, at("2027-03-27T23:00:00Z"));
        assert_eq!(spring, at("2027-03-28T05:00:00Z"));
        let autumn = schedule(&berlin, WEEK, None, None, at("2026-10-24T22:00:00Z"));
        assert_eq!(autumn, at("2026-10-25T06:00:00Z"));
    }

    /// S11: in the hour that comes twice, quiet hours that end in it end in the second too; a
    /// digest is written in the first and not again.
    #[test]
    fn in_the_hour_that_comes_twice_quiet_hours_end_twice_and_a_digest_is_written_once() {
        let hours = |from, to| RecipientHours {
            quiet: Some(QuietHours { from, to }),
            ..nights("Europe/Berlin")
        };
        // 02:00 to 03:00 on the 25th comes at 00:00 and again at 01:00 UTC.
        let until_half = hours(22 * 60, 2 * 60 + 30);
        for (now, want) in [
            ("2026-10-25T00:20:00Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T01:20:00Z", "2026-10-25T01:30:00Z"),
        ] {
            let got = schedule(&until_half, WEEK, None, None, at(now));
            assert_eq!(got, at(want), "{now}");
        }
        let digest = Some(DigestWindow {
            weekday: None,
            minute: 2 * 60 + 30,
        });
        let gathered = RecipientHours {
            time_zone: Some("Europe/Berlin".to_owned()),
            digest,
            ..RecipientHours::default()
        };
        let month = Step::Lead(Span::days(30));
        let now = at("2026-10-25T00:40:00Z");
        let got = schedule(&gathered, month, None, None, now);
        assert_eq!(got, at("2026-10-26T01:30:00Z"));
    }

    #[test]
    fn a_weekend_waits_for_monday() {
        let hours = RecipientHours {
            working_days: [1, 2, 3, 4, 5].into(),
            ..nights("Europe/Berlin")
        };
        let sunday = at("2026-11-22T12:00:00Z");
        let got = schedule(&hours, WEEK, None, None, sunday);
        assert_eq!(got, at("2026-11-23T06:00:00Z"));
    }

    /// T25: wide steps are gathered and near ones are not.
    #[test]
    fn wide_steps_are_gathered_and_near_ones_are_not() {
        let hours = RecipientHours {
            digest: Some(DigestWindow {
                weekday: Some(1),
                minute: 9 * 60,
            }),
            ..RecipientHours::default()
        };
        let now = at("2026-11-24T12:00:00Z");
        let month = Step::Lead(Span::days(30));
        assert_eq!(
            schedule(&hours, month, None, None, now),
            at("2026-11-30T09:00:00Z")
        );
        assert_eq!(schedule(&hours, WEEK, None, None, now), now);
    }

    /// T24: what would wait past the next step or into the last day is said now.
    #[test]
    fn what_would_wait_past_the_next_step_or_into_the_last_day_is_said_now() {
        let now = at("2026-11-22T23:00:00Z");
        let morning = at("2026-11-23T06:00:00Z");
        let berlin = nights("Europe/Berlin");
        let tick = Span::from_micros(1);
        assert_eq!(schedule(&berlin, WEEK, None, Some(morning), now), now);
        assert_eq!(
            schedule(&berlin, WEEK, None, Some(morning + tick), now),
            morning
        );
        let three = Step::Lead(Span::days(3));
        let end = morning + Span::days(1);
        assert_eq!(schedule(&berlin, three, Some(end), None, now), now);
        assert_eq!(
            schedule(&berlin, three, Some(end + tick), None, now),
            morning
        );
    }

    #[test]
    fn the_last_day_and_the_end_wait_for_nothing() {
        let now = at("2026-11-22T23:00:00Z");
        let berlin = nights("Europe/Berlin");
        for step in [Step::Lead(Span::days(1)), Step::End, Step::Now] {
            assert_eq!(
                schedule(&berlin, step, Some(now + Span::days(1)), None, now),
                now
            );
        }
        let last_day = Some(now + Span::days(1));
        assert_eq!(schedule(&berlin, WEEK, last_day, None, now), now);
    }

    /// Nobody is woken to hear that it is over.
    #[test]
    fn that_it_is_over_waits_for_the_hours_of_whoever_was_told() {
        let now = at("2026-11-22T23:00:00Z");
        let berlin = nights("Europe/Berlin");
        for step in [Step::Lead(Span::days(1)), Step::End, WEEK] {
            let morning = at("2026-11-23T06:00:00Z");
            assert_eq!(schedule_over(&berlin, step, now), morning, "{step}");
        }
        assert_eq!(schedule_over(&berlin, Step::Now, now), now);
        let digest = Some(DigestWindow {
            weekday: Some(2),
            minute: 9 * 60,
        });
        let hours = RecipientHours {
            digest,
            ..berlin.clone()
        };
        let tuesday = at("2026-11-24T08:00:00Z");
        assert_eq!(
            schedule_over(&hours, Step::Lead(Span::days(1)), now),
            tuesday
        );
        let day = at("2026-11-23T06:00:00Z");
        assert_eq!(schedule_over(&berlin, Step::End, day), day);
    }

    #[test]
    fn an_unknown_zone_counts_as_utc() {
        let got = schedule(
            &nights("Mars/Base"),
            WEEK,
            None,
            None,
            at("2026-11-22T23:00:00Z"),
        );
        assert_eq!(got, at("2026-11-23T07:00:00Z"));
    }

    proptest! {
        /// S11, F22: in whatever zone, in both nights of every year, an instant that hours
        /// allow is the recipient's own time of day, and none before it was.
        #[test]
        fn what_waits_is_said_at_a_time_of_day_that_is_not_quiet(
            year in 2020_i16..2040, second in any::<bool>(), minute in -2400_i64..2400,
            from in 0_u16..1440, to in 0_u16..1440,
            zone in prop_oneof!["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"],
        ) {
            let tz = TimeZone::get(&zone).unwrap();
            let january = jiff::civil::date(year, 1, 1).at(0, 0, 0, 0).to_zoned(TimeZone::UTC);
            let mut changes = tz.following(january.unwrap().timestamp());
            let change = changes.nth(usize::from(second)).unwrap().timestamp();
            let now = Instant::from_jiff(change) + Span::minutes(minute);
            let hours = RecipientHours {
                time_zone: Some(zone.clone()),
                quiet: Some(QuietHours { from, to }),
                ..RecipientHours::default()
            };
            let local = |at: Instant| at.to_jiff().to_zoned(tz.clone()).datetime();
            let got = schedule(&hours, WEEK, None, None, now);
            // What would be allowed only in an hour that does not exist is said in the next.
            let before = change - jiff::SignedDuration::from_secs(1);
            let is_gap = tz.to_offset(before) < tz.to_offset(change);
            let change = Instant::from_jiff(change);
            let skipped = is_gap && change <= got && change.until(got) < Span::hours(1);
            prop_assert!(skipped || allows(&hours, local(got)), "{now} {got}");
            prop_assert!(now <= got && now.until(got) <= Span::hours(26), "{now} {got}");
            let mut earlier = now;
            while earlier < got {
                // A quiet time that ends in the hour that does not exist ends an hour later.
                let soon = earlier.until(got) <= Span::hours(1);
                prop_assert!(soon || !allows(&hours, local(earlier)), "{earlier} {got}");
                earlier = earlier + Span::minutes(5);
            }
        }

        /// T24: nobody hears before now nor so late that it is no use.
        #[test]
        fn nobody_hears_before_now_nor_so_late_that_it_is_no_use(
            now in 0_i64..2_000_000_000, left in 0_i64..4_000_000, next in 0_i64..4_000_000,
            from in 0_u16..1440, to in 0_u16..1440, lead in 1_i64..40,
            days in proptest::collection::btree_set(1_i8..=7, 0..4),
            digest in proptest::option::of((proptest::option::of(1_i8..=7), 0_u16..1440)),
            zone in prop_oneof!["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"],
        ) {
            let now = Instant::EPOCH + Span::seconds(now);
            let end = now + Span::seconds(left);
            let next = now + Span::seconds(next);
            let hours = RecipientHours {
                time_zone: Some(zone),
                quiet: Some(QuietHours { from, to }),
                working_days: days,
                digest: digest.map(|(weekday, minute)| DigestWindow { weekday, minute }),
            };
            let got = schedule(&hours, Step::Lead(Span::days(lead)), Some(end), Some(next), now);
            prop_assert!(got >= now);
            prop_assert!(got == now || got < next.min(end - Span::days(1)));
        }
    }
}
