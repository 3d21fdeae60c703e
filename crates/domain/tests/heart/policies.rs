//! Which policy applies, and what a policy can ask for.

use domain::expiry::{Escalation, Policies, Policy, PolicyDraft, Reason, Step, Whom, acknowledge};
use domain::inventory::{Credential, End, Matcher};
use domain::kernel::{Instant, Span};
use domain::people::Directory;

use crate::audience::credential;
use crate::world::*;

fn matcher(json: serde_json::Value) -> Matcher {
    serde_json::from_value(json).unwrap()
}

fn meant(json: serde_json::Value, credential: &Credential, now: Instant) -> bool {
    matcher(json).matches(credential, &Directory::default(), now)
}

#[test]
fn every_condition_must_fit_and_any_of_its_patterns_will_do() {
    let mut token = credential(End::Known(END));
    token.labels.insert("env".to_owned(), "prod".to_owned());
    for (json, want) in [
        (serde_json::json!({ "source": "forewarn" }), true),
        (serde_json::json!({ "source": ["gitlab", "fore*"] }), true),
        (
            serde_json::json!({ "source": "forewarn", "kind": "project" }),
            false,
        ),
        (serde_json::json!({ "name": "CI" }), true),
        (serde_json::json!({ "scope": "a" }), true),
        (serde_json::json!({ "scope": "c" }), false),
        (serde_json::json!({ "role": "*" }), false),
        (serde_json::json!({ "label": { "env": "prod*" } }), true),
        (
            serde_json::json!({ "label": { "env": "prod", "tier": "*" } }),
            false,
        ),
        (serde_json::json!({ "owner": "per_ada" }), true),
        (serde_json::json!({ "team": "*" }), false),
    ] {
        assert_eq!(meant(json.clone(), &token, before(9)), want, "{json}");
    }
    token.scopes = vec!["*".to_owned()];
    assert!(meant(
        serde_json::json!({ "scope": "billing:read" }),
        &token,
        before(9)
    ));
}

#[test]
fn use_is_counted_to_the_very_length() {
    let mut token = credential(End::Known(END));
    token.last_used_at = Some(before(90));
    let within = serde_json::json!({ "used_within": "30d" });
    let unused = serde_json::json!({ "unused_for": "30d" });
    for (now, used, idle) in [
        (before(60) - TICK, true, false),
        (before(60), true, true),
        (before(60) + TICK, false, true),
    ] {
        assert_eq!(meant(within.clone(), &token, now), used, "{now}");
        assert_eq!(meant(unused.clone(), &token, now), idle, "{now}");
    }
    assert_eq!(
        matcher(within).turns_at(&token, before(80)),
        Some(before(60) + TICK)
    );
    assert_eq!(
        matcher(unused).turns_at(&token, before(80)),
        Some(before(60))
    );
}

#[test]
fn what_nobody_knows_to_be_used_is_not_known_to_be_unused() {
    let mut token = credential(End::Known(END));
    let unused = serde_json::json!({ "unused_for": "30d" });
    assert!(!meant(unused.clone(), &token, before(1)));
    token.use_is_known = true;
    assert!(
        meant(unused, &token, before(1)),
        "never used since it was made"
    );
}

fn policies(json: serde_json::Value) -> Policies {
    let drafts: std::collections::BTreeMap<String, PolicyDraft> =
        serde_json::from_value(json).unwrap();
    let usual = Policy::default();
    let others = drafts
        .iter()
        .map(|(name, d)| d.build(name, &usual).unwrap());
    Policies::new(usual.clone(), others.collect())
}

fn chosen<'a>(policies: &'a Policies, token: &Credential) -> &'a str {
    &policies
        .for_credential(token, &Directory::default(), before(9))
        .name
}

#[test]
fn the_policy_with_the_most_conditions_wins_and_then_the_name() {
    let token = credential(End::Known(END));
    let all = policies(serde_json::json!({
        "a": { "match": { "source": "forewarn" } },
        "z": { "match": { "source": "forewarn", "kind": "personal" } },
        "b": { "match": { "kind": "personal" } },
        "elsewhere": { "match": { "source": "gitlab", "kind": "personal", "name": "ci" } },
    }));
    assert_eq!(chosen(&all, &token), "z");
    let order: Vec<&str> = all.in_order().map(|p| p.name.as_str()).collect();
    assert_eq!(order, ["elsewhere", "z", "a", "b", "default"]);
    let mut other = token;
    other.kind = "project".to_owned();
    assert_eq!(chosen(&all, &other), "a");
    other.source = domain::kernel::SourceId::parse("vault").unwrap();
    assert_eq!(chosen(&all, &other), "default");
}

fn escalating(after: Span) -> World {
    let mut world = World::new();
    world.policy.steps = vec![Span::days(7)];
    world.policy.repeat_from = Span::days(1);
    world.policy.escalation = Some(Escalation {
        after,
        to: [Whom::ParentTeam].into(),
    });
    world
}

/// T20: what nobody acknowledges is said to others once.
#[test]
fn what_nobody_acknowledges_is_said_to_others_once() {
    let mut world = escalating(Span::days(2));
    world.run(before(8), END - TICK);
    assert_eq!(world.steps(), [(lead(7), 1), (lead(7), 2)]);
    let (at, second) = world.said.last().unwrap();
    assert_eq!((*at, second.reason), (before(5), Reason::Escalated));
    assert_eq!(second.escalated_to, [Whom::ParentTeam].into());
    let first = world.said.first().map(|(_, s)| s.escalated_to.is_empty());
    assert_eq!(first, Some(true));
}

#[test]
fn an_acknowledged_step_does_not_escalate() {
    let mut world = escalating(Span::days(2));
    world.sweep(before(7));
    world.act(|a| acknowledge(a, "ada", None, before(6)));
    world.run(before(6) + TICK, before(1) - TICK);
    assert_eq!(world.steps(), [(lead(7), 1)]);
}

#[test]
fn a_repeat_after_the_escalation_reaches_those_others_too() {
    let mut world = escalating(Span::days(2));
    world.policy.repeat_from = Span::days(7);
    world.policy.backoff = Span::days(3);
    world.run(before(8), before(1) - TICK);
    let told: Vec<bool> = world
        .said
        .iter()
        .map(|(_, s)| !s.escalated_to.is_empty())
        .collect();
    assert_eq!(told, [false, true, true]);
}

#[test]
fn a_step_scaled_down_to_a_short_life_does_not_escalate() {
    let mut world = escalating(Span::hours(1));
    world.view.created_at = Some(before(6));
    world.run(before(6), END - TICK);
    assert_eq!(world.steps(), [(lead(2), 1)]);
}

#[test]
fn a_sunday_step_is_said_on_friday_and_the_last_day_waits_for_nothing() {
    // END is a Friday at 08:00 UTC; so END + 2 days is a Sunday.
    let sunday = END + Span::days(2);
    let json = serde_json::json!({
        "working_days": ["mon", "tue", "wed", "thu", "fri"], "time_zone": "Europe/Berlin",
    });
    let draft: PolicyDraft = serde_json::from_value(json).unwrap();
    let mut world = World::new();
    world.policy = draft.build("default", &Policy::default()).unwrap();
    world.policy.steps = vec![Span::days(7)];
    world.view.end = End::Known(sunday + Span::days(7));
    world.run(END - Span::days(2), sunday + Span::days(6));
    let (at, first) = world.said.first().unwrap();
    assert_eq!((*at, first.step), (END, lead(7)));
    let hours = &world.policy.hours;
    let end = sunday + Span::days(7);
    let last_day = domain::notice::schedule(hours, lead(1), Some(end), None, end - Span::days(1));
    assert_eq!(
        last_day,
        end - Span::days(1),
        "a Saturday, and nobody waits"
    );
}

#[test]
fn a_rule_about_who_hears_lasts_until_the_next_one() {
    let json = serde_json::json!({ "audience": {
        "14d": ["owner"], "3d": ["owner", "team"], "end": ["admins"],
    }});
    let draft: PolicyDraft = serde_json::from_value(json).unwrap();
    let mut world = World::new();
    world.policy = draft.build("default", &Policy::default()).unwrap();
    world.policy.backoff = Span::days(30);
    world.run(before(31), END);
    let whom = |step: Step| {
        let said = world.said.iter().find(|(_, s)| s.step == step);
        said.and_then(|(_, s)| s.whom.clone())
    };
    assert_eq!(whom(lead(30)), None, "as usual");
    assert_eq!(whom(lead(14)), Some([Whom::Owner].into()));
    assert_eq!(whom(lead(7)), Some([Whom::Owner].into()));
    assert_eq!(whom(lead(1)), Some([Whom::Owner, Whom::Team].into()));
    assert_eq!(whom(Step::End), Some([Whom::Admins].into()));
}
