//! What a silence keeps back, and what it cannot.

use domain::expiry::{How, Reason, Silence, SilenceError, Silenced, Skipped};
use domain::inventory::{End, MatcherError};
use domain::kernel::{Instant, SilenceId, Span};
use domain::people::Directory;

use crate::audience::credential;
use crate::world::*;

fn silenced(from: Instant, until: Instant) -> World {
    let mut world = World::new();
    world.view.silences = vec![Silenced { from, until }];
    world
}

#[test]
fn a_step_that_is_entered_in_a_silence_is_said_when_it_ends() {
    let mut world = silenced(before(15), before(13));
    world.run(before(31), before(8));
    assert_eq!(world.steps(), [(lead(30), 1), (lead(14), 1)]);
    let (at, said) = world.said.last().unwrap();
    assert_eq!((*at, said.reason), (before(13), Reason::SnoozeOver));
    assert!(
        world
            .settled()
            .contains(&(lead(14), How::Skipped(Skipped::Policy)))
    );
}

#[test]
fn a_silence_that_is_taken_back_says_at_once_what_it_kept_back() {
    let mut world = silenced(before(15), before(10));
    world.run(before(14), before(12));
    assert_eq!(world.steps(), []);
    world.view.silences.clear();
    let plan = world.sweep(before(12));
    assert_eq!(plan.say.map(|s| s.step), Some(lead(14)));
}

#[test]
fn a_silence_ends_a_day_before_the_end_at_the_latest() {
    let mut world = silenced(before(5), END + Span::days(30));
    world.run(before(5), END);
    let (at, first) = world.said.first().unwrap();
    assert_eq!((*at, first.step), (before(1), lead(1)));
}

#[test]
fn a_silence_that_has_not_begun_keeps_nothing_back() {
    let mut world = silenced(before(13), before(8));
    world.run(before(15), before(14));
    assert_eq!(world.steps(), [(lead(30), 1), (lead(14), 1)]);
}

fn silence(json: serde_json::Value, hours: i64) -> Silence {
    Silence {
        id: SilenceId::parse("sil_1").unwrap(),
        matches: serde_json::from_value(json).unwrap(),
        starts_at: before(10),
        ends_at: before(10) + Span::hours(hours),
        by: "per_ada".to_owned(),
        reason: "moving house".to_owned(),
        created_at: before(10),
        version: 0,
    }
}

#[test]
fn a_silence_says_about_what_and_ends() {
    let now = before(10);
    let of = |json, hours| silence(json, hours).check(now);
    let meant = serde_json::json!({ "source": "forewarn" });
    let all = Err(SilenceError::Matcher(MatcherError::MeansEverything));
    assert_eq!(of(serde_json::json!({}), 1), all);
    assert_eq!(of(meant.clone(), 0), Err(SilenceError::EndsBefore));
    assert_eq!(of(meant.clone(), 366 * 24), Ok(()));
    assert_eq!(of(meant, 366 * 24 + 1), Err(SilenceError::TooLong));
}

#[test]
fn only_what_is_meant_is_silenced() {
    let token = credential(End::Known(END));
    let everybody = Directory::default();
    let here = silence(serde_json::json!({ "source": "forewarn" }), 24);
    let until = here.ends_at;
    let want = Silenced {
        from: before(10),
        until,
    };
    assert_eq!(here.of(&token, &everybody, before(10)), Some(want));
    assert_eq!(here.of(&token, &everybody, until), None, "it is over");
    let there = silence(serde_json::json!({ "source": "gitlab" }), 24);
    assert_eq!(there.of(&token, &everybody, before(10)), None);
}
