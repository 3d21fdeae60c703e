//! What policies and silences do to what people hear.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::sync::Arc;

use app::Principal;
use app::policies::dry_run;
use app::ports::{Usage, Write};
use app::silences::{CreateSilence, create_silence, end_silence, list_silences};
use domain::access::Grant;
use domain::expiry::{AlertKind, Policies, Policy, PolicyDraft, snooze};
use domain::kernel::{Instant, PersonId, Span};
use domain::people::Owner;
use serde_json::json;
use world::World;

/// Somebody who holds these scopes.
fn holder(scopes: &[&str]) -> Principal {
    Principal {
        token: None,
        kind: None,
        owner: Owner::Person(PersonId::derived(&["officer"])),
        grant: Arc::new(Grant::parse(scopes).unwrap()),
        expires_at: None,
        ingest_source: None,
    }
}

fn draft(json: serde_json::Value) -> PolicyDraft {
    serde_json::from_value(json).unwrap()
}

fn govern(world: &World, default: serde_json::Value, others: &[(&str, serde_json::Value)]) {
    let mut settings = world::settings();
    let default = draft(default).build("default", &Policy::default()).unwrap();
    let others = others
        .iter()
        .map(|(name, json)| draft(json.clone()).build(name, &default).unwrap());
    settings.policies = Policies::new(default.clone(), others.collect());
    world.ctx.settings.store(Arc::new(settings));
}

async fn in_zone(world: &World, id: &PersonId, zone: &str) {
    let mut person = world.ctx.store.person(id).await.unwrap().unwrap();
    person.time_zone = Some(zone.to_owned());
    world.write(vec![Write::PutPerson(person)]).await;
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// S11, F22: quiet hours end once, at the reader's own seven o'clock, also in the nights of 23
/// and of 25 hours, and what waits is not called unheard meanwhile.
#[tokio::test]
async fn quiet_hours_end_in_the_readers_own_zone() {
    for (zone, evening, seven) in [
        (
            "Europe/Berlin",
            "2027-03-27T23:30:00Z",
            "2027-03-28T05:00:00Z",
        ),
        (
            "Europe/Berlin",
            "2027-10-30T22:30:00Z",
            "2027-10-31T06:00:00Z",
        ),
        (
            "America/New_York",
            "2027-03-14T04:30:00Z",
            "2027-03-14T11:00:00Z",
        ),
        (
            "America/New_York",
            "2027-11-07T03:30:00Z",
            "2027-11-07T12:00:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2027-04-03T12:30:00Z",
            "2027-04-03T20:30:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2027-10-02T12:30:00Z",
            "2027-10-02T20:00:00Z",
        ),
    ] {
        let world = World::new();
        let quiet = json!({ "quiet_hours": { "from": "20:00", "to": "07:00" } });
        govern(&world, quiet, &[]);
        let ada = world.person("ada").await;
        in_zone(&world, &ada, zone).await;
        world.clock.set(at(evening));
        world
            .put(world.credential("deploy", Some(&ada), Span::days(7)))
            .await;
        world.live(Span::hours(26), Span::minutes(30)).await;
        let heard: Vec<Instant> = world.mail.arrived().iter().map(|h| h.at).collect();
        assert_eq!(heard, [at(seven)], "{zone} {evening}");
    }
}

/// T24: the last day waits for nothing, whatever the hours.
#[tokio::test]
async fn the_last_day_waits_for_no_quiet_hours() {
    let world = World::new();
    govern(
        &world,
        json!({ "quiet_hours": { "from": "00:00", "to": "23:59" } }),
        &[],
    );
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(1)))
        .await;
    world.round().await;
    assert_eq!(world.mailed(), ["deploy 1d#1"]);
}

/// T25: wide steps are gathered for Monday; the one of seven days is not.
#[tokio::test]
async fn wide_steps_arrive_in_the_digest_window() {
    let world = World::new();
    govern(
        &world,
        json!({ "digest": { "day": "mon", "at": "10:00" } }),
        &[],
    );
    let ada = world.person("ada").await;
    // The start is a Monday at nine.
    world.clock.set(world::start() + Span::days(1));
    world
        .put(world.credential("a", Some(&ada), Span::days(30)))
        .await;
    world.round().await;
    world.clock.advance(Span::days(1));
    world
        .put(world.credential("b", Some(&ada), Span::days(20)))
        .await;
    world.live(Span::days(4), Span::hours(6)).await;
    assert!(world.mailed().is_empty());
    world.live(Span::days(2), Span::hours(1)).await;
    let heard: Vec<Instant> = world.mail.arrived().iter().map(|h| h.at).collect();
    let monday = world::start() + Span::days(7) + Span::hours(1);
    assert!(heard.iter().all(|at| *at == monday), "{heard:?}");
    let mut mailed = world.mailed();
    mailed.sort();
    assert_eq!(mailed, ["a 30d#1", "b 30d#1"]);
}

/// T20: what nobody acknowledges reaches the team above.
#[tokio::test]
async fn what_nobody_acknowledges_reaches_the_team_above() {
    let world = World::new();
    govern(
        &world,
        json!({ "escalate": { "after": "12h", "to": ["boss@example.org"] } }),
        &[],
    );
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.live(Span::hours(11), Span::hours(1)).await;
    assert_eq!(world.mail.arrived().len(), 1);
    world.live(Span::hours(2), Span::hours(1)).await;
    let payloads: Vec<String> = world
        .mail
        .arrived()
        .into_iter()
        .map(|h| h.payload)
        .collect();
    let boss = "to address:boss@example.org\ndeploy 7d#2".to_owned();
    assert!(payloads.contains(&boss), "{payloads:?}");
    world.live(Span::days(2), Span::hours(6)).await;
    assert_eq!(world.mail.arrived().len(), 3, "once");
}

fn silence(world: &World, name: &str, span: Span) -> CreateSilence {
    CreateSilence {
        matches: serde_json::from_value(json!({ "name": name })).unwrap(),
        starts_at: None,
        ends_at: world.now() + span,
        reason: "we move house".to_owned(),
        idempotency: None,
    }
}

#[tokio::test]
async fn a_silence_keeps_back_what_it_means_until_somebody_ends_it() {
    let world = World::new();
    let officer = holder(&["alerts:write", "alerts:read"]);
    let ada = world.person("ada").await;
    let wish = silence(&world, "deploy*", Span::days(5));
    let made = create_silence(&world.ctx, &officer, wish).await.unwrap();
    world
        .put(world.credential("deploy-a", Some(&ada), Span::days(7)))
        .await;
    world
        .put(world.credential("other", Some(&ada), Span::days(7)))
        .await;
    world.round().await;
    assert_eq!(world.mailed(), ["other 7d#1"]);
    world.clock.advance(Span::days(1));
    end_silence(&world.ctx, &officer, made.id.as_str())
        .await
        .unwrap();
    world.round().await;
    assert_eq!(world.mailed(), ["other 7d#1", "deploy-a 7d#1"]);
    let over = list_silences(&world.ctx, &officer, true).await.unwrap();
    assert_eq!(
        over.len(),
        1,
        "who silenced what, and why, can still be read"
    );
    assert_eq!(
        list_silences(&world.ctx, &officer, false).await.unwrap(),
        []
    );
    end_silence(&world.ctx, &officer, made.id.as_str())
        .await
        .unwrap();
}

/// T10: a snooze of one person keeps the warnings of both back, and the last day of neither.
#[tokio::test]
async fn a_snooze_of_one_quiets_everybody_until_the_last_day() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let team = world.team("deployers", &[&ada, &bob]).await;
    let mut deploy = world.credential("deploy", Some(&ada), Span::days(7));
    deploy.team = Some(team);
    let id = world.put(deploy).await;
    world.round().await;
    let people = |step: &str| {
        let arrived = world.mail.arrived().into_iter();
        let heard = arrived.filter(|h| h.payload.contains(&format!("deploy {step}")));
        let to = heard.filter_map(|h| h.payload.lines().next().map(str::to_owned));
        to.filter(|to| to.contains("person:"))
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    };
    assert_eq!(people("7d#1"), 2);
    let alert = world.alert(&id, AlertKind::Expiry).await.unwrap();
    let until = world.now() + Span::days(30);
    let snoozed = snooze(&alert, until, "person:ada", world.now()).unwrap();
    world.write(vec![Write::PutAlert(Box::new(snoozed))]).await;
    world.change(&id, |_| {}).await;
    world.live(Span::hours(6 * 24 - 1), Span::hours(1)).await;
    assert_eq!(people("3d#1"), 0, "{:?}", world.mailed());
    world.live(Span::hours(2), Span::hours(1)).await;
    assert_eq!(people("1d#1"), 2, "{:?}", world.mailed());
}

/// T10: no silence keeps the last day back.
#[tokio::test]
async fn no_silence_keeps_the_last_day_back() {
    let world = World::new();
    let officer = holder(&["alerts:write"]);
    let ada = world.person("ada").await;
    let wish = silence(&world, "*", Span::days(300));
    create_silence(&world.ctx, &officer, wish).await.unwrap();
    world
        .put(world.credential("deploy", Some(&ada), Span::days(3)))
        .await;
    world.live(Span::days(3), Span::hours(6)).await;
    let mailed = world.mailed();
    assert_eq!(
        mailed.first().map(String::as_str),
        Some("deploy 1d#1"),
        "{mailed:?}"
    );
}

#[tokio::test]
async fn a_silence_needs_the_right_to_handle_alerts_a_reason_and_a_meaning() {
    let world = World::new();
    let wish = || silence(&world, "deploy", Span::days(1));
    let refused = create_silence(&world.ctx, &holder(&["alerts:read"]), wish()).await;
    assert!(matches!(refused, Err(app::AppError::Forbidden { .. })));
    let officer = holder(&["alerts:write"]);
    let without = CreateSilence {
        reason: " ".to_owned(),
        ..wish()
    };
    let everything = CreateSilence {
        matches: Default::default(),
        ..wish()
    };
    let past = CreateSilence {
        ends_at: world.now(),
        ..wish()
    };
    for (wish, field) in [
        (without, "reason"),
        (everything, "match"),
        (past, "ends_at"),
    ] {
        match create_silence(&world.ctx, &officer, wish).await {
            Err(app::AppError::Invalid { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{other:?}"),
        }
    }
}

/// A policy that looks at use applies as soon as the use is known, and stops when it is
/// long ago, without anybody asking.
#[tokio::test]
async fn use_and_disuse_change_which_policy_applies() {
    let world = World::new();
    let busy = json!({ "match": { "used_within": "10d" }, "steps": ["60d", "1d"] });
    govern(&world, json!({ "steps": ["30d"] }), &[("busy", busy)]);
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(50)))
        .await;
    world.round().await;
    assert!(world.mailed().is_empty());
    let usage = Usage {
        id: id.clone(),
        last_used_at: world.now(),
        uses: 1,
        from: None,
        look_at: None,
    };
    world.ctx.store.flush_usage(vec![usage]).await.unwrap();
    world.change(&id, |_| {}).await;
    world.round().await;
    assert_eq!(world.mailed(), ["deploy 60d#1"]);
    let forgotten = world.now() + Span::days(10) + Span::from_micros(1);
    world.clock.advance(Span::days(2));
    world.round().await;
    assert_eq!(world.ctx.store.next_due().await.unwrap(), Some(forgotten));
}

#[tokio::test]
async fn a_dry_run_says_what_a_policy_would_change_and_changes_nothing() {
    let world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(50)))
        .await;
    world
        .put(world.credential("other", Some(&ada), Span::days(50)))
        .await;
    let all = holder(&["credentials:read"]);
    let candidate = draft(json!({ "match": { "name": "deploy" }, "steps": ["40d", "1d"] }));
    let run = dry_run(&world.ctx, &all, "early", &candidate, Span::days(49))
        .await
        .unwrap();
    let steps = |told: &[app::sweep::Foreseen]| {
        let each = told.iter().map(|n| format!("{} {}", n.name, n.step));
        each.collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(run.applies_to, 1);
    assert_eq!(steps(&run.added), ["deploy 40d"]);
    let gone = ["deploy 14d", "deploy 30d", "deploy 3d", "deploy 7d"];
    assert_eq!(steps(&run.removed), gone);
    assert!(run.forecast.notices.iter().any(|n| n.policy == "early"));
    let again = app::sweep::forecast(&world.ctx, &all, Span::days(49))
        .await
        .unwrap();
    assert!(again.notices.iter().all(|n| n.policy == "default"));
    let nonsense = draft(json!({ "steps": ["1d"] }));
    let refused = dry_run(&world.ctx, &all, "early", &nonsense, Span::days(1)).await;
    assert!(matches!(
        refused,
        Err(app::AppError::Invalid {
            field: "policy",
            ..
        })
    ));
}

/// Whoever hears in the place of somebody who leaves hears at that very instant.
#[tokio::test]
async fn who_hears_for_a_leaver_hears_when_they_leave() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let (core, top) = (
        world.team("core", &[&ada]).await,
        world.team("top", &[&bob]).await,
    );
    let mut below = world.ctx.store.team(&core).await.unwrap().unwrap();
    below.parent = Some(top);
    let mut leaver = world.ctx.store.person(&ada).await.unwrap().unwrap();
    leaver.leaves_at = Some(world.now() + Span::days(2));
    world
        .write(vec![Write::PutPerson(leaver), Write::PutTeam(below)])
        .await;
    let mut deploy = world.credential("deploy", None, Span::days(30));
    deploy.team = Some(core);
    world.put(deploy).await;
    world.round().await;
    world.mail.forget();
    world.live(Span::hours(47), Span::hours(1)).await;
    let to_bob = format!("to person:{bob}");
    let heard = |part: &str| {
        world
            .mail
            .arrived()
            .iter()
            .any(|h| h.payload.contains(part))
    };
    assert!(!heard(&to_bob));
    world.clock.advance(Span::hours(1));
    world.round().await;
    assert!(
        heard(&format!("{to_bob}\ndeploy 30d#1")),
        "{:?}",
        world.mailed()
    );
}
