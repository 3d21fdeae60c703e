//! What a pass does with time, gaps, broken rows and people who come and go.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::sync::Arc;

use app::sweep::{Surfaced, lease, surface};
use domain::expiry::{AlertKind, How, Skipped, Step, Subject};
use domain::inventory::End;
use domain::kernel::{CredentialId, Span, SweepId};
use domain::people::Recipient;
use testkit::RecordingChannel;
use world::{World, lines};

/// F19, P1: down over the whole window: the first pass says which credentials lapsed,
/// and only those that were known before.
#[tokio::test]
async fn what_lapsed_while_down_is_said_at_the_first_pass() {
    let world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("gone", Some(&ada), Span::days(40)))
        .await;
    world
        .put(world.credential("stays", Some(&ada), Span::days(300)))
        .await;
    world.round().await;
    assert!(world.mailed().is_empty());
    world.clock.advance(Span::days(50));
    world.round().await;
    let mailed = world.mailed();
    assert!(mailed.contains(&"gone end+1d#1".to_owned()), "{mailed:?}");
    assert!(
        mailed.contains(&"system:notifier lapsed_while_down now#1".to_owned()),
        "{mailed:?}"
    );
    let notifier = Subject::System("notifier".to_owned());
    let alert = world
        .alert_of(&notifier, AlertKind::LapsedWhileDown)
        .await
        .unwrap();
    assert!(alert.detail.unwrap().contains("gone"));
    world.mail.forget();
    world.round().await;
    assert!(world.mailed().is_empty(), "said once");
}

/// T13, F19: asleep for eight days: one message with the deepest step.
#[tokio::test]
async fn after_a_sleep_only_the_deepest_step_is_said() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(10)))
        .await;
    world.round().await;
    world.mail.forget();
    world.clock.advance(Span::days(8));
    world.round().await;
    assert_eq!(world.mailed(), ["deploy 3d#1"]);
    let alert = world.alert(&id, AlertKind::Expiry).await.unwrap();
    let week = alert
        .settled
        .iter()
        .find(|s| s.step == Step::Lead(Span::days(7)))
        .unwrap();
    assert_eq!(week.how, How::Skipped(Skipped::Deeper));
}

/// S12, F18: a clock that goes back an hour says nothing twice; what a clock that was ahead
/// wrote silences nothing.
#[tokio::test]
async fn a_clock_that_goes_back_repeats_nothing() {
    let world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.round().await;
    world.clock.advance(Span::hours(-1));
    world.round().await;
    world.clock.advance(Span::hours(2));
    world.round().await;
    assert_eq!(world.mailed(), ["deploy 7d#1"]);
    world.clock.advance(Span::days(3650));
    world.round().await;
    world.clock.advance(Span::days(-3650));
    world.mail.forget();
    world
        .put(world.credential("next", Some(&ada), Span::days(2)))
        .await;
    world.round().await;
    assert_eq!(world.mailed(), ["next 3d#1"]);
}

/// T2, F20: a process that restarts every 59 minutes sweeps at each start.
#[tokio::test]
async fn restarts_shorter_than_the_interval_miss_nothing() {
    let mut world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(15)))
        .await;
    let mail = world.mail.clone();
    for _ in 0..(15 * 24 * 60 / 59) {
        world = world.restarted(vec![mail.clone()]);
        world.round().await;
        world.clock.advance(Span::minutes(59));
    }
    let mailed = lines(&mail);
    for step in ["30d#1", "14d#1", "7d#1", "3d#1", "1d#1"] {
        let said = mailed
            .iter()
            .filter(|l| **l == format!("deploy {step}"))
            .count();
        assert_eq!(said, 1, "{step}: {mailed:?}");
    }
}

/// L3, L6, F21: what cannot be planned does not stand at the head of the queue
/// and starve the rest; a pass longer than a page skips nothing.
#[tokio::test]
async fn every_due_subject_is_looked_at_once_whatever_its_neighbours() {
    let world = World::new();
    let ada = world.person("ada").await;
    let mut writes = Vec::new();
    for n in 0..1_200 {
        // Of a source that was forgotten: there is nothing to plan.
        let ghost = Subject::Credential(CredentialId::derived(&["ghost", &n.to_string()]));
        let long_ago = world.now() - Span::days(1);
        writes.push(app::ports::Write::SetDue(ghost, Some(long_ago)));
    }
    world.write(writes).await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    let report = world.sweep().await;
    assert_eq!(report.examined, 1_202, "the house itself is looked at too");
    world.deliver().await;
    assert_eq!(world.mailed(), ["deploy 7d#1"]);
    assert_eq!(world.sweep().await.examined, 1);
}

/// L8, B71: a renewed credential opens a new cycle; those who were told hear
/// that it is over.
#[tokio::test]
async fn a_renewed_credential_is_warned_of_again() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.round().await;
    let end = world.now() + Span::days(100);
    world.change(&id, |c| c.end = End::Known(end)).await;
    world.round().await;
    world.clock.advance(Span::days(93));
    world.round().await;
    assert_eq!(
        world.mailed(),
        ["deploy 7d#1", "deploy 7d#1 Extended", "deploy 7d#1"]
    );
}

/// L27: what is revoked is warned of no more.
#[tokio::test]
async fn a_revoked_credential_is_over() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.round().await;
    let now = world.now();
    world.change(&id, |c| c.revoked_at = Some(now)).await;
    world.live(Span::days(8), Span::hours(12)).await;
    assert_eq!(world.mailed(), ["deploy 7d#1", "deploy 7d#1 Revoked"]);
}

/// Whoever becomes a watcher hears the current step; the others hear nothing new.
#[tokio::test]
async fn a_newcomer_hears_the_current_step_alone() {
    let world = World::new();
    let ada = world.person("ada").await;
    let bob = world.person("bob").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(6)))
        .await;
    world.round().await;
    world.mail.forget();
    world.clock.advance(Span::hours(1));
    let watcher = Recipient::Person(bob.clone());
    world.change(&id, |c| c.watchers.extend([watcher])).await;
    world.round().await;
    let heard = world.mail.arrived();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].payload.contains(bob.as_str()) && heard[0].payload.contains("7d#1"));
}

/// S14, L13: nobody hears of an ownerless credential but the catch-all; with no
/// catch-all either that is an alert of its own.
#[tokio::test]
async fn a_credential_that_nobody_would_hear_of_is_an_alert() {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let hook = Arc::new(RecordingChannel::hook("hook"));
    let world = World::with(vec![mail.clone(), hook.clone()], mail.clone());
    let nobody = app::Settings::default();
    world.ctx.settings.store(Arc::new(nobody));
    world
        .put(world.credential("orphan", None, Span::days(100)))
        .await;
    world.round().await;
    assert!(mail.arrived().is_empty());
    let told = lines(&hook);
    assert!(told.contains(&"orphan now#1".to_owned()), "{told:?}");
    assert!(
        world
            .ctx
            .signals
            .degraded()
            .contains(&app::Degradation::NoRecipient)
    );
}

/// S15: a change of the policy is planned again, in the background, without being asked.
#[tokio::test]
async fn a_changed_policy_is_planned_again() {
    let world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(50)))
        .await;
    world.round().await;
    let mut settings = world::settings();
    settings.policies.default.steps.insert(0, Span::days(60));
    world.ctx.settings.store(Arc::new(settings));
    world.round().await;
    assert_eq!(world.mailed(), ["deploy 60d#1"]);
}

/// "It may lapse" is void once the credential is used again.
#[tokio::test]
async fn what_may_lapse_and_is_used_after_all_is_said_again() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.round().await;
    let alert = world.alert(&id, AlertKind::Expiry).await.unwrap();
    let wish = domain::expiry::let_lapse(&alert, "person:ada", None, world.now()).unwrap();
    world
        .write(vec![app::ports::Write::PutAlert(Box::new(wish))])
        .await;
    world.clock.advance(Span::hours(12));
    world.round().await;
    assert_eq!(world.mailed(), ["deploy 7d#1"]);
    let usage = app::ports::Usage {
        id: id.clone(),
        last_used_at: world.now(),
        uses: 1,
        from: None,
        look_at: None,
    };
    world.ctx.store.flush_usage(vec![usage]).await.unwrap();
    world.clock.advance(Span::hours(1));
    world.round().await;
    assert_eq!(world.mailed(), ["deploy 7d#1", "deploy 7d#2"]);
}

/// L9: however often it is swept, repeats keep their backoff.
#[tokio::test]
async fn sweeping_often_says_nothing_more_often() {
    let world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(3)))
        .await;
    for _ in 0..50 {
        world.round().await;
        world.clock.advance(Span::minutes(10));
    }
    assert_eq!(world.mailed(), ["deploy 3d#1"]);
}

/// A pass that dies in the middle leaves its messages collecting; the next pass releases
/// them, and every notice is delivered once.
#[tokio::test]
async fn what_a_dead_pass_left_collecting_is_released() {
    let world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.sweep().await;
    let all = app::ports::PageRequest {
        limit: 10,
        after: None,
    };
    let store = &world.ctx.store;
    let mut message = store
        .list_messages(&Default::default(), &all)
        .await
        .unwrap()
        .items
        .remove(0);
    message.state = domain::notice::MessageState::Collecting;
    world
        .write(vec![app::ports::Write::FinishMessage(Box::new(message))])
        .await;
    world.deliver().await;
    assert!(world.mailed().is_empty());
    let logged = Surfaced::default();
    worker::sweep::pass(&world.ctx, &logged, true)
        .await
        .unwrap();
    world.deliver().await;
    assert_eq!(world.mailed(), ["deploy 7d#1"]);
}

/// S2: two processes on one store: one sweeps, the other waits; a dead one's right lapses.
#[tokio::test]
async fn only_one_process_sweeps_at_a_time() {
    let world = World::new();
    let (one, two) = (SweepId::derived(&["1"]), SweepId::derived(&["2"]));
    assert_eq!(lease::take(&world.ctx, &one, false).await.unwrap(), None);
    let until = lease::take(&world.ctx, &two, false).await.unwrap().unwrap();
    lease::give(&world.ctx, &one).await.unwrap();
    assert_eq!(lease::take(&world.ctx, &two, false).await.unwrap(), None);
    assert!(
        lease::take(&world.ctx, &one, false)
            .await
            .unwrap()
            .is_some()
    );
    world.clock.set(until);
    assert_eq!(
        lease::take(&world.ctx, &one, false).await.unwrap(),
        None,
        "it is dead"
    );
    assert_eq!(
        lease::take(&world.ctx, &two, true).await.unwrap(),
        None,
        "alone"
    );
}

/// S2: the right is another's however much slower a clock runs or is read, up to a minute;
/// one from further ahead was written by a clock that has been set right since.
#[tokio::test]
async fn a_clock_that_is_a_little_behind_takes_nobody_s_right() {
    let world = World::new();
    let (one, two) = (SweepId::derived(&["1"]), SweepId::derived(&["2"]));
    let taken = world.now();
    assert_eq!(lease::take(&world.ctx, &one, false).await.unwrap(), None);
    for behind in [Span::from_micros(1), Span::seconds(1), Span::seconds(60)] {
        world.clock.set(taken - behind);
        let held = lease::take(&world.ctx, &two, false).await.unwrap();
        assert!(held.is_some(), "{behind:?} behind");
    }
    world
        .clock
        .set(taken - Span::seconds(60) - Span::from_micros(1));
    assert_eq!(lease::take(&world.ctx, &two, false).await.unwrap(), None);
}

/// S2, P1: a pass whose messages another one sent off in the belief that it was dead decides
/// nothing that nobody would hear: the next pass says it.
#[tokio::test]
async fn what_a_pass_finds_after_it_was_taken_for_dead_is_said_by_the_next() {
    let world = World::new();
    let ada = world.person("ada").await;
    let (first, late) = (Span::days(3), Span::days(5));
    let _ = world
        .put(world.credential("first", Some(&ada), first))
        .await;
    let id = SweepId::derived(&["slow"]);
    app::sweep::sweep(&world.ctx, &id).await.unwrap();
    let late = world.put(world.credential("late", Some(&ada), late)).await;
    let failed = app::sweep::sweep(&world.ctx, &id).await;
    assert!(failed.is_err(), "its messages are on their way");
    assert_eq!(world.alert(&late, AlertKind::Expiry).await, None);
    world.round().await;
    let mut mailed = world.mailed();
    mailed.sort();
    assert_eq!(mailed, ["first 3d#1", "late 7d#1"]);
}

/// The StackRox surface: inside the window at the first sweep and every backoff after,
/// whatever was settled; nothing at and after the end.
#[tokio::test]
async fn the_log_line_follows_window_and_backoff_alone() {
    let world = World::new();
    let window = world.ctx.settings.load().window;
    world.put(world.credential("inside", None, window)).await;
    let tick = Span::from_micros(window.as_micros() + 1);
    world.put(world.credential("outside", None, tick)).await;
    let logged = Surfaced::default();
    let line = "API Token inside (ID ext-inside) will expire in less than 7 days.";
    let look = async || surface(&world.ctx, &logged).await.unwrap();
    let (first, day) = (look().await, Some(world::start() + Span::hours(24)));
    assert_eq!((first.lines, first.next), (vec![line.to_owned()], day));
    // A look that ends after the backoff must not forget it: the line would be an interval late.
    world
        .clock
        .set(world::start() + Span::hours(24) - Span::from_micros(1));
    let early = look().await;
    assert_eq!((early.lines.len(), early.next), (1, day), "{early:?}");
    assert!(early.lines[0].contains("outside"));
    world.clock.advance(Span::from_micros(1));
    let again = look().await.lines;
    assert_eq!(again.len(), 1, "the other was said a moment ago");
    assert!(again[0].ends_with("in less than 6 days."));
    world.clock.advance(Span::days(5));
    let lines = look().await.lines;
    assert!(lines[0].ends_with("in less than 1 day."), "{lines:?}");
    world.clock.advance(Span::days(1));
    let after = look().await.lines;
    assert!(after.iter().all(|l| l.contains("outside")), "{after:?}");
}

/// L2: the log line comes a backoff after the one before, to the instant, although sweeps come
/// at an interval that does not divide the day, and nothing else is due then.
#[tokio::test]
async fn the_log_line_does_not_drift_with_the_interval() {
    let world = World::new();
    world.configure(|settings| settings.interval = Span::minutes(61));
    let (window, backoff) = (Span::days(7), Span::hours(24));
    world
        .put(world.credential("inside", None, Span::hours(7 * 24 - 5)))
        .await;
    let logged = Surfaced::default();
    let mut said = Vec::new();
    while world.now() < world::start() + window {
        let looked = surface(&world.ctx, &logged).await.unwrap();
        if !looked.lines.is_empty() {
            said.push(world.now());
        }
        let passed = worker::sweep::pass(&world.ctx, &logged, true)
            .await
            .unwrap();
        let interval = world.now() + Span::minutes(61);
        world
            .clock
            .set(passed.next.map_or(interval, |next| next.min(interval)));
    }
    let mut days = Vec::from([world::start()]);
    for day in 1..7 {
        days.push(days[day - 1] + backoff);
    }
    assert_eq!(said, days);
}
