//! Channels, sources, Forewarn itself, use at the wrong time.

use domain::expiry::{
    AlertKind, Books, Overlap, Plan, Policy, Reason, Resolution, Step, Subject, acknowledge, blind,
    lapsed, lapsed_while_down, look_again, orphaned, rules, stalled, undeliverable, used_after_end,
    used_in_overlap,
};
use domain::kernel::{ChannelId, SourceId, Span};

use crate::world::*;

const DAY: Span = Span::days(1);

fn failing(alert: Option<&Plan>, why: Option<&str>, days: i64) -> Plan {
    let mail = ChannelId::parse("mail").unwrap();
    let alert = alert.and_then(|p| p.alert.as_ref());
    undeliverable(&mail, why, alert, DAY, before(days))
}

fn occurrence(plan: &Plan) -> Option<u32> {
    plan.say.as_ref().map(|s| s.occurrence)
}

#[test]
fn a_channel_that_fails_is_said_at_once_repeated_and_said_to_be_well_again() {
    let opened = failing(None, Some("the server refuses the password"), 10);
    assert_eq!(opened.say.as_ref().map(|s| s.step), Some(Step::Now));
    assert_eq!(opened.next_due_at, Some(before(9)));
    let again = failing(Some(&opened), Some("it still does"), 9);
    assert_eq!(
        (occurrence(&again), again.reason),
        (Some(2), Reason::Repeat)
    );
    let well = failing(Some(&again), None, 8);
    assert_eq!(well.resolved, Some(Resolution::Recovered));
    assert_eq!(failing(Some(&well), None, 7).resolved, None);
    let relapse = failing(Some(&well), Some("again"), 6);
    assert_eq!(
        occurrence(&relapse),
        Some(3),
        "a new key, so that it is heard"
    );
}

#[test]
fn a_standing_alert_is_planned_once_an_instant() {
    let opened = failing(None, Some("refused"), 10);
    assert_eq!(failing(Some(&opened), Some("refused"), 10).say, None);
}

#[test]
fn an_acknowledged_failure_is_not_repeated() {
    let mut opened = failing(None, Some("refused"), 10);
    opened.alert = Some(acknowledge(&opened.alert.unwrap(), "a", None, before(10)).unwrap());
    let later = failing(Some(&opened), Some("refused"), 2);
    assert_eq!((later.say, later.reason), (None, Reason::Acknowledged));
}

#[test]
fn a_blind_source_is_an_alert_about_the_source() {
    let id = SourceId::parse("prod").unwrap();
    let plan = blind(&id, Some("401"), None, DAY, END);
    assert_eq!(plan.alert.map(|a| a.subject), Some(Subject::Source(id)));
}

/// L32: whatever differs is named, and books that balance say nothing.
#[test]
fn whatever_differs_between_due_said_and_heard_is_named() {
    let sound = Books::default();
    assert_eq!(sound.wrong(), None);
    assert!(stalled(&sound, None, DAY, END).say.is_none());
    let books = Books {
        swept_at: Some(END),
        waiting_since: Some(END),
        unsaid: 1,
        unheard: 2,
    };
    let plan = stalled(&books, None, DAY, END);
    assert!(plan.say.is_some());
    let alert = plan.alert.unwrap();
    let said = alert.detail.as_deref().unwrap();
    assert!(
        said.starts_with("no sweep has been completed since "),
        "{said}"
    );
    assert!(
        said.ends_with(
            "1 warning was due and is not said; 2 warnings were said and nobody heard them"
        ),
        "{said}"
    );
    let well = stalled(&sound, Some(&alert), DAY, END);
    assert_eq!(well.resolved, Some(Resolution::Recovered));
}

/// L24: use after the end is an alert of its own.
#[test]
fn use_after_the_end_is_an_alert_of_its_own() {
    let mut view = view();
    for (used, wrong) in [(END - TICK, false), (END, true), (END + DAY, true)] {
        view.last_used_at = Some(used);
        let plan = used_after_end(&view, None, END + DAY);
        assert_eq!(plan.say.is_some(), wrong, "{used}");
    }
    let first = used_after_end(&view, None, END + DAY);
    let rest = used_after_end(&view, first.alert.as_ref(), END + Span::days(9));
    assert_eq!(rest.resolved, Some(Resolution::Recovered));
    assert!(first.next_due_at.is_some_and(|at| at > END + DAY));
}

#[test]
fn use_of_a_revoked_credential_counts_as_use_after_its_end() {
    let mut view = view();
    view.revoked_at = Some(before(20));
    view.last_used_at = Some(before(19));
    assert!(used_after_end(&view, None, before(18)).say.is_some());
}

#[test]
fn use_after_half_the_overlap_is_said_once() {
    let mut view = view();
    view.rotated = true;
    view.overlap = Some(Overlap {
        from: before(2),
        until: END,
    });
    for (used, wrong) in [(before(1) - TICK, false), (before(1), true)] {
        view.last_used_at = Some(used);
        let plan = used_in_overlap(&view, None, before(1));
        assert_eq!(plan.say.is_some(), wrong);
    }
    let said = used_in_overlap(&view, None, before(1));
    assert_eq!(said.next_due_at, Some(END));
    let later = used_in_overlap(&view, said.alert.as_ref(), END - TICK);
    assert!(later.say.is_none());
    view.last_used_at = None;
    let silent = |now| used_in_overlap(&view, None, now).next_due_at;
    assert_eq!(silent(before(2)), Some(before(1)));
    assert_eq!(silent(before(1)), Some(END - Span::hours(12)));
    assert_eq!(silent(END - Span::minutes(1)), Some(END));
    let over = used_in_overlap(&view, said.alert.as_ref(), END);
    assert_eq!(over.resolved, Some(Resolution::Recovered));
}

#[test]
fn an_orphan_is_said_until_it_is_adopted() {
    let mut view = view();
    view.orphaned = true;
    let said = orphaned(&view, None, before(50));
    assert!(said.say.is_some());
    view.orphaned = false;
    let adopted = orphaned(&view, said.alert.as_ref(), before(49));
    assert_eq!(adopted.resolved, Some(Resolution::Recovered));
}

/// F19: what lapsed while the machine was asleep was known before and never settled.
#[test]
fn lapsed_while_down_counts_only_what_was_known_and_not_said() {
    let down_since = before(20);
    let now = END + DAY;
    let lapsed = |world: &World| {
        lapsed_while_down(
            &world.view,
            &world.policy,
            world.alert.as_ref(),
            down_since,
            now,
        )
    };
    let mut known = World::new();
    known.run(before(200), down_since);
    assert!(lapsed(&known));
    let mut discovered = World::new();
    discovered.view.first_seen_at = now;
    assert!(!lapsed(&discovered));
    let mut told = known.clone();
    told.sweep(now);
    assert!(!lapsed(&told));
}

#[test]
fn what_lapsed_while_down_is_said_once_and_closes_after_a_week() {
    let said = lapsed(2, None, END);
    let alert = said.alert.clone().unwrap();
    assert_eq!(
        alert.detail.as_deref(),
        Some("2 credentials lapsed while Forewarn was down")
    );
    let next = lapsed(0, said.alert.as_ref(), END + DAY);
    assert_eq!((next.say, next.resolved), (None, None));
    let over = lapsed(0, said.alert.as_ref(), END + Span::days(7));
    assert_eq!(over.resolved, Some(Resolution::Recovered));
}

#[test]
fn a_sweep_asks_all_rules_and_looks_again_at_the_earliest() {
    let mut view = view();
    view.orphaned = true;
    let now = before(200);
    let plans = rules(&view, &Policy::default(), &[], true, now);
    let said: Vec<_> = plans
        .iter()
        .filter(|(_, p)| p.say.is_some())
        .map(|(k, _)| *k)
        .collect();
    assert_eq!(said, [AlertKind::Orphaned, AlertKind::Unheard]);
    assert_eq!(look_again(&plans), Some(now + Span::days(7)));
}
