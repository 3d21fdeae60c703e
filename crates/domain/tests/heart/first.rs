//! First import, late discovery, what was over before it was seen, a leaving owner.

use domain::expiry::{ContextFacts, CredentialView, How, Reason, Skipped, Step, Successor};
use domain::inventory::{Credential, End};
use domain::kernel::{Instant, Span};

use crate::world::*;

fn imported(seen: Instant) -> World {
    let mut world = World::new();
    world.view.from_first_import = true;
    world.view.first_seen_at = seen;
    world
}

#[test]
fn a_first_import_tells_of_entered_steps_in_its_baseline() {
    let mut world = imported(before(5));
    world.sweep(before(5) + Span::minutes(5));
    assert_eq!(world.steps(), [(Step::Baseline, 1)]);
    let skipped = How::Skipped(Skipped::Baseline);
    for days in [30, 14, 7] {
        assert!(world.settled().contains(&(lead(days), skipped)));
    }
    world.run(before(5) + Span::minutes(6), before(3));
    assert_eq!(world.steps(), [(Step::Baseline, 1), (lead(3), 1)]);
}

/// T25: what ends within a day of a first import is said.
#[test]
fn what_ends_within_a_day_of_a_first_import_is_said() {
    for (seen, step) in [
        (before(1) - TICK, Step::Baseline),
        (before(1), lead(1)),
        (before(1) + TICK, lead(1)),
    ] {
        let mut world = imported(seen);
        world.sweep(seen);
        assert_eq!(world.steps(), [(step, 1)], "{seen}");
    }
}

#[test]
fn steps_entered_after_a_first_import_are_said() {
    let mut world = imported(before(100));
    world.run(before(100), before(14));
    assert_eq!(world.steps(), [(lead(30), 1), (lead(14), 1)]);
}

#[test]
fn late_discovery_says_the_deepest_step_once() {
    let mut world = World::new();
    world.view.first_seen_at = before(5);
    let plan = world.sweep(before(5));
    assert_eq!(plan.reason, Reason::DiscoveredLate);
    assert_eq!(world.steps(), [(lead(7), 1)]);
}

#[test]
fn what_ended_long_before_it_was_seen_is_history() {
    for (ago, speaks) in [
        (Span::from_micros(Span::days(1).as_micros() - 1), true),
        (Span::days(1), false),
        (Span::days(400), false),
    ] {
        let mut world = World::new();
        world.view.first_seen_at = END + ago;
        let plan = world.sweep(END + ago);
        assert_eq!(plan.say.is_some(), speaks, "{ago}");
        assert_eq!(plan.next_due_at.is_some(), speaks, "{ago}");
    }
}

fn of_person(leaves_at: Option<Instant>, own: End) -> CredentialView {
    let facts = ContextFacts {
        owner_leaves_at: leaves_at,
        ..ContextFacts::default()
    };
    CredentialView::of(&crate::audience::credential(own), &facts)
}

#[test]
fn a_leaving_owner_ends_personal_credentials_too_and_the_earlier_end_counts() {
    for (own, leaves, want, by_leaving) in [
        (
            End::Known(END),
            Some(before(10)),
            End::Known(before(10)),
            true,
        ),
        (
            End::Known(before(10)),
            Some(END),
            End::Known(before(10)),
            false,
        ),
        (End::Never, Some(END), End::Known(END), true),
        (End::Unknown, Some(END), End::Known(END), true),
        (End::Never, None, End::Never, false),
    ] {
        let view = of_person(leaves, own);
        assert_eq!((view.end, view.ends_with_owner), (want, by_leaving));
    }
}

#[test]
fn a_leaving_person_does_not_end_what_a_service_account_owns() {
    let mut credential = crate::audience::credential(End::Known(END));
    credential.owner = Some(crate::audience::service_account());
    let facts = ContextFacts {
        owner_leaves_at: Some(before(10)),
        ..ContextFacts::default()
    };
    assert_eq!(CredentialView::of(&credential, &facts).end, End::Known(END));
}

#[test]
fn a_successor_is_like_the_old_one_and_younger() {
    let old = crate::audience::credential(End::Known(END));
    let mut new = old.clone();
    new.id = domain::kernel::CredentialId::parse("NEWER0000000").unwrap();
    new.created_at = Some(before(10));
    new.end = End::Known(END + Span::days(90));
    new.scopes.reverse();
    assert!(Successor::of(&old, &new).is_some());
    assert!(Successor::of(&new, &old).is_none(), "issued earlier");
    let unlike: [fn(&mut Credential); 6] = [
        |c| c.name_is_given = false,
        |c| c.owner = Some(crate::audience::service_account()),
        |c| c.scopes.push("more".to_owned()),
        |c| c.revoked_at = Some(before(1)),
        |c| c.end = End::Known(END),
        |c| c.created_at = None,
    ];
    for change in unlike {
        let mut other = new.clone();
        change(&mut other);
        assert!(Successor::of(&old, &other).is_none());
    }
}
