//! Who answers for what another system issued, and who hears when nobody does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use app::Principal;
use app::ports::Write;
use app::reconcile::{Pushed, push_observations, register};
use app::tokens::{IssueToken, issue_token};
use app::watches::{CreateWatch, create_watch, remove_watch};
use domain::access::{Grant, Role};
use domain::inventory::OwnerRule;
use domain::kernel::{Instant, PersonId, RoleName, SourceId, Span};
use domain::people::Owner;
use futures_util::stream;
use serde_json::json;
use world::World;
use world::told::principal;

fn rule(world: &World, json: serde_json::Value) {
    let mut settings = world::settings();
    let rules: Vec<OwnerRule> = serde_json::from_value(json).unwrap();
    settings.owners = rules;
    world.ctx.settings.store(Arc::new(settings));
}

async fn set_active(world: &World, id: &PersonId, active: bool) {
    let mut person = world.ctx.store.person(id).await.unwrap().unwrap();
    person.active = active;
    world.write(vec![Write::PutPerson(person)]).await;
}

async fn admin(world: &World, name: &str) -> PersonId {
    let id = world.person(name).await;
    let mut person = world.ctx.store.person(&id).await.unwrap().unwrap();
    person.roles = [RoleName::parse("Admin").unwrap()].into();
    world.write(vec![Write::PutPerson(person)]).await;
    id
}

/// The lines of each message that arrived, sorted, with the one who got it.
fn messages(world: &World) -> Vec<(Instant, String, Vec<String>)> {
    let arrived = world.mail.arrived();
    let each = arrived.iter().map(|heard| {
        let (to, lines) = heard.payload.split_once('\n').unwrap();
        let lines: BTreeSet<String> = lines.lines().map(str::to_owned).collect();
        (
            heard.at,
            to.trim_start_matches("to ").to_owned(),
            lines.into_iter().collect(),
        )
    });
    each.collect()
}

#[tokio::test]
async fn a_rule_fills_in_who_answers_and_takes_nothing_away() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let core = world.team("core", &[&bob]).await;
    rule(
        &world,
        json!([{ "match": { "name": "deploy*" }, "owner": "ada@example.org", "team": "core" }]),
    );
    let missing = world
        .put(world.credential("deploy-a", None, Span::days(200)))
        .await;
    let owned = world
        .put(world.credential("deploy-b", Some(&bob), Span::days(200)))
        .await;
    let other = world
        .put(world.credential("other", None, Span::days(200)))
        .await;
    world.round().await;
    let stands = |id| {
        let store = Arc::clone(&world.ctx.store);
        async move { store.credential(id).await.unwrap().unwrap() }
    };
    let filled = stands(&missing).await;
    assert_eq!(filled.owner, Some(Owner::Person(ada)));
    assert_eq!((filled.team, filled.orphaned), (Some(core), false));
    assert_eq!(stands(&owned).await.owner, Some(Owner::Person(bob)));
    assert!(stands(&other).await.orphaned);
}

#[tokio::test]
async fn a_changed_rule_is_applied_to_what_is_there_already() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", None, Span::days(200)))
        .await;
    world.round().await;
    rule(
        &world,
        json!([{ "match": { "source": "else*" }, "owner": "ada@example.org" }]),
    );
    world.round().await;
    let stands = world.ctx.store.credential(&id).await.unwrap().unwrap();
    assert_eq!(stands.owner, Some(Owner::Person(ada)));
}

/// Issue show: an owner leaves, and within one sweep team and admins hold the list of what
/// they inherit, each in one message; a person who returns gets everything back.
#[tokio::test]
async fn team_and_admins_hold_the_list_of_what_a_leaver_leaves() {
    let world = World::new();
    let boss = admin(&world, "boss").await;
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let core = world.team("core", &[&ada, &bob]).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let mut credential = world.credential(name, Some(&ada), Span::days(200));
        credential.team = Some(core.clone());
        ids.push(world.put(credential).await);
    }
    world.round().await;
    assert!(world.mailed().is_empty());
    set_active(&world, &ada, false).await;
    for id in &ids {
        world.change(id, |_| {}).await;
    }
    world.round().await;
    let list: Vec<String> = ["a now#1", "b now#1", "c now#1"].map(str::to_owned).into();
    let mut got: Vec<_> = messages(&world)
        .into_iter()
        .map(|(_, to, lines)| (to, lines))
        .collect();
    got.sort();
    let mut want = vec![
        (format!("person:{bob}"), list.clone()),
        (format!("person:{boss}"), list),
    ];
    want.sort();
    assert_eq!(got, want);
    for id in &ids {
        assert!(
            world
                .ctx
                .store
                .credential(id)
                .await
                .unwrap()
                .unwrap()
                .orphaned
        );
    }
    world.mail.forget();
    set_active(&world, &ada, true).await;
    for id in &ids {
        world.change(id, |_| {}).await;
    }
    world.round().await;
    let back = world.ctx.store.credential(&ids[0]).await.unwrap().unwrap();
    assert_eq!(
        (back.owner, back.orphaned),
        (Some(Owner::Person(ada)), false)
    );
    assert!(
        world.mailed().contains(&"a now#1 Recovered".to_owned()),
        "{:?}",
        world.mailed()
    );
}

/// Whoever is known to leave needs nobody to press a button on the day.
#[tokio::test]
async fn what_a_leaver_leaves_is_found_on_the_day() {
    let world = World::new();
    let boss = admin(&world, "boss").await;
    let ada = world.person("ada").await;
    let mut leaver = world.ctx.store.person(&ada).await.unwrap().unwrap();
    leaver.leaves_at = Some(world.now() + Span::days(3));
    world.write(vec![Write::PutPerson(leaver)]).await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(200)))
        .await;
    world.live(Span::days(3), Span::hours(12)).await;
    assert!(
        world
            .ctx
            .store
            .credential(&id)
            .await
            .unwrap()
            .unwrap()
            .orphaned
    );
    let boss = format!("person:{boss}");
    assert!(messages(&world).iter().any(|(_, to, _)| *to == boss));
}

/// A key that is found, and a token that is issued, once it is known that its owner leaves: no
/// end of its own brings a sweep to look before that day.
#[tokio::test]
async fn what_is_found_or_issued_after_its_owner_s_leaving_was_announced_is_warned_of_before_that_day()
 {
    let world = World::new();
    let ada = admin(&world, "ada").await;
    imported(&world).await;
    world.live(Span::days(2), Span::hours(12)).await;
    let mut leaver = world.ctx.store.person(&ada).await.unwrap().unwrap();
    leaver.leaves_at = Some(world.now() + Span::days(40));
    world.write(vec![Write::PutPerson(leaver)]).await;
    world.round().await;
    let key =
        r#"{"external_id":"key","name":"key","expires_at":"never","owner":"ada@example.org"}"#;
    push(&world, key, Pushed::Part).await;
    issue(&world, &ada).await;
    world.live(Span::hours(1), Span::hours(1)).await;
    world.mail.forget();
    world.live(Span::days(39), Span::hours(12)).await;
    let told = world.mailed();
    for line in ["key 30d#1", "key 1d#1", "ci 7d#1", "ci 1d#1"] {
        assert!(told.iter().any(|said| said == line), "{line}: {told:?}");
    }
}

/// A source that was read whole before.
async fn imported(world: &World) {
    let source = SourceId::parse("pushed").unwrap();
    register(&world.ctx, &source, "push").await.unwrap();
    let first = r#"{"external_id":"first","expires_at":"2030-01-01T00:00:00Z"}"#;
    push(world, first, Pushed::Complete).await;
}

async fn push(world: &World, line: &str, how: Pushed) {
    let (source, pusher) = (SourceId::parse("pushed").unwrap(), principal(&["*"], None));
    let body = stream::iter([Ok::<_, Infallible>(format!("{line}\n"))]);
    let pushed = push_observations(&world.ctx, &pusher, &source, body, how);
    assert_eq!(pushed.await.unwrap().accepted, 1);
}

/// Which policy applies may hang on the team, so what a rule fills in does not wait for a step
/// of the policy that applies without it.
#[tokio::test]
async fn a_rule_fills_in_the_team_of_what_is_found_later_at_the_next_sweep() {
    let world = World::new();
    let ada = world.person("ada").await;
    let core = world.team("core", &[&ada]).await;
    let filled = json!([{ "match": { "name": "deploy*" }, "team": "core" }]);
    rule(&world, filled);
    imported(&world).await;
    world.live(Span::days(2), Span::hours(12)).await;
    let key = r#"{"external_id":"key","name":"deploy","expires_at":"2030-01-01T00:00:00Z","owner":"ada@example.org"}"#;
    push(&world, key, Pushed::Part).await;
    world.sweep().await;
    let all = app::ports::CredentialFilter {
        name: Some("deploy".to_owned()),
        ..Default::default()
    };
    let page = app::ports::PageRequest {
        limit: 1,
        after: None,
    };
    let found = world.ctx.store.list_credentials(&all, &page).await.unwrap();
    let (credential, _) = &found.items[0];
    assert_eq!(credential.team, Some(core));
}

/// Ada issues herself a token for a year.
async fn issue(world: &World, ada: &PersonId) {
    let role = |name: &str, grant| Role {
        name: RoleName::parse(name).unwrap(),
        description: String::new(),
        grant,
        fixed: true,
        may_rotate_itself: true,
        version: 0,
    };
    let roles = [role("None", Grant::default()), role("Admin", Grant::ALL)];
    world.write(roles.map(Write::PutRole).into()).await;
    let me = Principal {
        owner: Owner::Person(ada.clone()),
        ..principal(&["*"], None)
    };
    let request = IssueToken {
        name: "ci".to_owned(),
        ..IssueToken::default()
    };
    issue_token(&world.ctx, &me, request).await.unwrap();
}

/// Orphans of several days are one message a week, not one each.
#[tokio::test]
async fn orphans_are_said_again_in_one_message_a_week() {
    let world = World::new();
    let boss = admin(&world, "boss").await;
    let gone = world.person("gone").await;
    set_active(&world, &gone, false).await;
    for name in ["a", "b", "c"] {
        world
            .put(world.credential(name, Some(&gone), Span::days(300)))
            .await;
        world.round().await;
        world.clock.advance(Span::days(1));
    }
    world.mail.forget();
    // The start is a Monday at nine.
    world.live(Span::days(8), Span::hours(1)).await;
    let boss = format!("person:{boss}");
    let told: Vec<_> = messages(&world)
        .into_iter()
        .filter(|(_, to, _)| *to == boss)
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].2, ["a now#2", "b now#2", "c now#2"]);
}

/// An integration that hangs on a person is said to admins on a Monday, in one message,
/// and is over when a service account has it.
#[tokio::test]
async fn what_a_person_carries_is_told_to_admins_on_mondays() {
    let world = World::new();
    let boss = admin(&world, "boss").await;
    let ada = world.person("ada").await;
    let mut ids = Vec::new();
    for name in ["a", "b"] {
        let mut credential = world.credential(name, Some(&ada), Span::days(300));
        credential.first_seen_at = world.now();
        credential.used_by = serde_json::from_value(json!([{ "what": "nightly export" }])).unwrap();
        ids.push(world.put(credential).await);
    }
    let idle = world.credential("idle", Some(&ada), Span::days(300));
    world.put(idle).await;
    world.round().await;
    assert_eq!(messages(&world).len(), 0, "there is time until Monday");
    // The start is a Monday at nine.
    world.live(Span::days(8), Span::hours(1)).await;
    let told: Vec<(String, Vec<String>)> = messages(&world)
        .into_iter()
        .map(|(_, to, lines)| (to, lines))
        .collect();
    let lines = ["a now#1", "b now#1"].map(str::to_owned).to_vec();
    assert_eq!(told, [(format!("person:{boss}"), lines)]);
    world.mail.forget();
    for id in &ids {
        world
            .change(id, |credential| credential.used_by.clear())
            .await;
    }
    world.round().await;
    let mut over = world.mailed();
    over.sort();
    assert_eq!(over, ["a now#1 Recovered", "b now#1 Recovered"]);
}

/// A rule that is made here tells what stands at once, and once it is removed no more; of one
/// who left nothing is expected.
#[tokio::test]
async fn a_rule_about_watchers_counts_from_when_it_is_made_until_it_is_removed() {
    let world = World::new();
    let (ada, eve) = (world.person("ada").await, world.person("eve").await);
    let mut watched = world.credential("watched", Some(&ada), Span::days(6));
    watched.labels.insert("env".to_owned(), "prod".to_owned());
    world.put(watched).await;
    let other = world.credential("other", Some(&ada), Span::days(6));
    world.put(other).await;
    world.round().await;
    world.mail.forget();
    let auditor = Principal {
        token: None,
        kind: None,
        owner: Owner::Person(eve.clone()),
        grant: Arc::new(Grant::ALL),
        expires_at: None,
        ingest_source: None,
    };
    let wish = |env: &str, notify: &[&str]| CreateWatch {
        matches: serde_json::from_value(json!({ "label": { "env": env } })).unwrap(),
        notify: notify.iter().map(ToString::to_string).collect(),
        idempotency: None,
    };
    let made = create_watch(&world.ctx, &auditor, wish("pr*", &[])).await;
    let made = made.unwrap();
    world.round().await;
    assert_eq!(world.mailed(), ["watched 7d#1"]);
    let (_, to, _) = messages(&world).remove(0);
    assert_eq!(to, format!("person:{eve}"));
    world.mail.forget();
    remove_watch(&world.ctx, &auditor, made.id.as_str())
        .await
        .unwrap();
    world.clock.advance(Span::days(3));
    world.round().await;
    let to_eve = format!("person:{eve}");
    assert!(messages(&world).iter().all(|(_, to, _)| *to != to_eve));
    assert!(world.mailed().contains(&"watched 3d#1".to_owned()));
}

/// Whoever watches all of a kind hears like who watches one of them.
#[tokio::test]
async fn watchers_by_label_hear_every_step() {
    let world = World::new();
    let (ada, eve) = (world.person("ada").await, world.person("eve").await);
    world.configure(|settings| {
        let rule = json!([{ "match": { "label": { "service": "billing" } },
            "notify": ["eve@example.org", "team:nobody-yet"] }]);
        settings.watchers = serde_json::from_value(rule).unwrap();
    });
    let mut watched = world.credential("watched", Some(&ada), Span::days(6));
    watched
        .labels
        .insert("service".to_owned(), "billing".to_owned());
    world.put(watched).await;
    world
        .put(world.credential("other", Some(&ada), Span::days(6)))
        .await;
    world.round().await;
    let to_eve = format!("person:{eve}");
    let told = messages(&world)
        .into_iter()
        .filter(|(_, to, _)| *to == to_eve);
    let told: Vec<Vec<String>> = told.map(|(_, _, lines)| lines).collect();
    assert_eq!(told, [["watched 7d#1"]]);
}
