//! Used yesterday, silent today.

use domain::expiry::{Alert, CredentialView, Overlap, Plan, Resolution, fell_silent, let_lapse};
use domain::inventory::{DaysOfUse, End};
use domain::kernel::{Instant, Span};
use proptest::prelude::*;

use crate::world::*;

const DAY: Span = Span::days(1);

/// A Monday, 00:00 UTC.
fn monday() -> Instant {
    Instant::parse("2026-03-02T00:00:00Z").unwrap()
}

/// Used at these hours since [`monday`].
fn used(hours: &[i64]) -> CredentialView {
    let mut view = view();
    view.created_at = Some(monday());
    view.end = End::Never;
    for hour in hours {
        use_at(&mut view, monday() + Span::hours(*hour));
    }
    view
}

fn use_at(view: &mut CredentialView, at: Instant) {
    view.days = Some(DaysOfUse::used(view.days, at));
    view.last_used_at = view.last_used_at.max(Some(at));
}

/// Every day at nine, for so many days.
fn daily(days: i64) -> CredentialView {
    used(&(0..days).map(|day| day * 24 + 9).collect::<Vec<_>>())
}

fn look(view: &CredentialView, before: Option<&Plan>, now: Instant) -> Plan {
    fell_silent(view, None, before.and_then(|p| p.alert.as_ref()), now)
}

/// F28: used yesterday, silent today.
#[test]
fn a_daily_use_that_stops_is_said_after_two_days_and_once() {
    let view = daily(10);
    let last = view.last_used_at.unwrap();
    let early = look(&view, None, last + Span::days(2));
    assert_eq!(early.say, None);
    assert_eq!(early.next_due_at, Some(last + Span::days(2) + TICK));
    let said = look(&view, None, last + Span::days(2) + TICK);
    assert!(said.say.as_ref().is_some_and(|s| !s.broken));
    for days in [3, 30, 300] {
        let later = look(&view, Some(&said), last + Span::days(days));
        assert_eq!((later.say, later.resolved), (None, None));
        assert_eq!(later.next_due_at, Some(last + Span::days(days + 1)));
    }
}

#[test]
fn use_ends_the_silence() {
    let mut view = daily(10);
    let quiet = view.last_used_at.unwrap() + Span::days(5);
    let said = look(&view, None, quiet);
    use_at(&mut view, quiet);
    let heard = look(&view, Some(&said), quiet + DAY);
    assert_eq!(heard.resolved, Some(Resolution::Recovered));
}

#[test]
fn four_days_of_use_are_no_habit_and_neither_is_less_than_a_week() {
    let four = used(&[0, 24, 48, 24 * 7]);
    let five = used(&[0, 24, 48, 72, 24 * 7]);
    let short = daily(6);
    let week = daily(7);
    for (view, habit) in [(four, false), (five, true), (short, false), (week, true)] {
        let late = view.last_used_at.unwrap() + Span::days(20);
        assert_eq!(look(&view, None, late).say.is_some(), habit);
    }
}

#[test]
fn only_the_last_28_days_make_a_habit() {
    // Five days long ago, then every second day of the last four weeks but once.
    let mut hours = vec![0, 24, 48, 72, 96];
    hours.extend([60, 70, 86].map(|day| day * 24));
    let view = used(&hours);
    let late = view.last_used_at.unwrap() + Span::days(60);
    assert_eq!(look(&view, None, late).say, None);
}

#[test]
fn the_longest_gap_and_a_day_more_is_how_long_it_may_be_silent() {
    let view = used(&[0, 24, 48, 24 * 8, 24 * 9, 24 * 10].map(|hour| hour + 9));
    let last = view.last_used_at.unwrap();
    let limit = last + Span::days(7);
    for (now, said) in [(limit - TICK, false), (limit, false), (limit + TICK, true)] {
        assert_eq!(look(&view, None, now).say.is_some(), said);
    }
}

#[test]
fn what_nobody_expects_to_be_used_never_falls_silent() {
    let base = daily(10);
    let quiet = base.last_used_at.unwrap() + Span::days(5);
    let open = look(&base, None, quiet);
    assert!(open.say.is_some());
    let changes: [fn(&mut CredentialView, Instant); 5] = [
        |v, now| v.end = End::Known(now),
        |v, now| v.revoked_at = Some(now),
        |v, now| v.gone_at = Some(now),
        |v, _| v.suspended = true,
        |v, now| {
            v.rotated = true;
            v.overlap = Some(Overlap {
                from: now - DAY,
                until: now + DAY,
            });
        },
    ];
    for change in changes {
        let mut view = base.clone();
        change(&mut view, quiet);
        assert_eq!(look(&view, None, quiet).say, None);
        let closed = look(&view, Some(&open), quiet);
        assert!(closed.alert.is_some_and(|a| a.resolved.is_some()));
        assert_ne!(closed.resolved, Some(Resolution::Recovered));
        assert_eq!(closed.next_due_at, None);
    }
}

#[test]
fn what_shall_lapse_is_not_missed() {
    let mut world = World::new();
    world.view.last_used_at = None;
    world.run(before(200), before(20));
    world.act(|alert: &Alert| let_lapse(alert, "ada", None, before(20)));
    let mut view = daily(10);
    view.end = End::Known(END);
    let quiet = view.last_used_at.unwrap() + Span::days(5);
    let plan = |expiry: Option<&Alert>| fell_silent(&view, expiry, None, quiet);
    assert!(plan(None).say.is_some());
    assert_eq!(plan(world.alert.as_ref()).say, None);
}

#[test]
fn what_is_not_counted_is_never_looked_at() {
    let mut view = daily(10);
    view.days = None;
    let plan = look(&view, None, view.last_used_at.unwrap() + Span::days(50));
    assert_eq!((plan.say, plan.next_due_at), (None, None));
}

/// Looks whenever the rule asks for it, and at each use, as a use after a silence does.
fn live(uses: &[Instant], until: Instant) -> Vec<Instant> {
    let mut view = used(&[]);
    let mut plan: Option<Plan> = None;
    let mut said = Vec::new();
    let mut uses = uses.iter().peekable();
    let mut next: Option<Instant> = None;
    loop {
        let use_next = uses.peek().map(|at| **at);
        let Some(now) = [use_next, next].into_iter().flatten().min() else {
            return said;
        };
        if now > until {
            return said;
        }
        if use_next == Some(now) {
            use_at(&mut view, now);
            uses.next();
        }
        let looked = look(&view, plan.as_ref(), now);
        if looked.say.is_some() {
            said.push(now);
        }
        next = looked.next_due_at;
        plan = Some(looked);
    }
}

proptest! {
    /// Whatever hours they keep, who works from Monday to Friday never alarms.
    #[test]
    fn a_working_week_never_alarms(
        hours in proptest::collection::vec(0_i64..24, 40..60), start in 0_usize..5
    ) {
        let days = (0_i64..).filter(|day| day % 7 < 5).skip(start);
        let uses: Vec<Instant> = days
            .zip(&hours)
            .map(|(day, hour)| monday() + Span::days(day) + Span::hours(*hour))
            .collect();
        let last = *uses.last().unwrap();
        prop_assert_eq!(live(&uses, last), Vec::<Instant>::new());
    }

    /// What stops after three weeks of work is missed, once, within a week.
    #[test]
    fn what_stops_is_said_once(hours in proptest::collection::vec(0_i64..24, 15..60)) {
        let days = (0_i64..).filter(|day| day % 7 < 5);
        let uses: Vec<Instant> = days
            .zip(&hours)
            .map(|(day, hour)| monday() + Span::days(day) + Span::hours(*hour))
            .collect();
        let last = *uses.last().unwrap();
        let said = live(&uses, last + Span::days(200));
        prop_assert_eq!(said.len(), 1);
        prop_assert!(last.until(said[0]) <= Span::days(5));
    }

    /// No silence that has been before alarms, however it is used.
    #[test]
    fn a_silence_that_was_before_is_not_said(
        gaps in proptest::collection::vec(1_i64..200, 8..60)
    ) {
        let mut at = monday();
        let mut uses = Vec::new();
        for gap in &gaps {
            at = at + Span::hours(*gap);
            uses.push(at);
        }
        for moment in live(&uses, at) {
            let before: Vec<_> = uses.iter().filter(|use_at| **use_at < moment).collect();
            let last = **before.last().unwrap();
            let window = before.iter().filter(|use_at| use_at.until(last) < Span::days(27));
            let longest = window
                .clone()
                .zip(window.skip(1))
                .map(|(a, b)| a.until(**b))
                .max();
            prop_assert!(longest.is_none_or(|longest| last.until(moment) > longest));
        }
    }
}
