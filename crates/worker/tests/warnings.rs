//! From a due credential to a message, on the real store.

mod world;

use domain::expiry::{AlertKind, Step};
use domain::kernel::Span;
use domain::notice::NoticeState;
use world::World;

/// P1: a credential that enters a step is announced to its owner, once.
#[tokio::test]
async fn an_entered_step_reaches_the_owner_once() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.round().await;
    world.round().await;
    assert_eq!(world.mailed(), ["deploy 7d#1"]);
    let alert = world.alert(&id, AlertKind::Expiry).await.unwrap();
    assert_eq!(alert.step(), Some(Step::Lead(Span::days(7))));
    assert!(alert.heard_at.is_some());
    let notices = world.ctx.store.notices_of(&alert.id).await.unwrap();
    assert!(matches!(
        notices[0].state,
        NoticeState::Accepted { person: true, .. }
    ));
}

/// T2, F20: however often the process restarts, each step is said, and the last one in time.
#[tokio::test]
async fn hourly_sweeps_say_every_step_in_order() {
    let world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(31)))
        .await;
    world.live(Span::days(31), Span::hours(6)).await;
    let steps: Vec<String> = world.mailed();
    for step in ["30d#1", "14d#1", "7d#1", "3d#1", "1d#1", "end#1"] {
        let line = format!("deploy {step}");
        assert_eq!(
            steps.iter().filter(|l| **l == line).count(),
            1,
            "{step}: {steps:?}"
        );
    }
}

/// S4, P11: thousands that lapse together are one message a recipient.
#[tokio::test]
async fn five_thousand_credentials_of_one_owner_are_one_message() {
    let world = World::new();
    let ada = world.person("ada").await;
    let mut writes = Vec::new();
    for n in 0..5_000 {
        let credential = world.credential(&format!("k{n}"), Some(&ada), Span::days(7));
        let due = domain::expiry::Subject::Credential(credential.id.clone());
        writes.push(app::ports::Write::PutCredential(Box::new(credential)));
        writes.push(app::ports::Write::SetDue(due, Some(world.now())));
    }
    world.write(writes).await;
    world.round().await;
    let arrived = world.mail.arrived();
    let to_ada = arrived
        .iter()
        .filter(|h| h.payload.contains("person:"))
        .count();
    assert_eq!(to_ada, 1);
    assert_eq!(world.mailed().len(), 5_000);
}
