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

/// T2, F20, L34: however often the process restarts, each step is said, and the last one in time.
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

/// S4, L18, P11: thousands that lapse together are one message a recipient.
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

/// L18: of two tokens of one owner, as after a rotation, each is said at its own steps.
#[tokio::test]
async fn of_two_tokens_of_one_owner_each_is_planned_by_itself() {
    let world = World::new();
    let ada = world.person("ada").await;
    for (name, days) in [("new", 35), ("old", 5)] {
        let one = world.credential(name, Some(&ada), Span::days(days));
        world.put(one).await;
    }
    world.live(Span::days(35), Span::hours(6)).await;
    let said = world.mailed();
    for line in ["old 7d#1", "old 3d#1", "old 1d#1", "old end#1", "new 30d#1"] {
        assert_eq!(
            said.iter().filter(|l| *l == line).count(),
            1,
            "{line}: {said:?}"
        );
    }
    for step in ["14d", "7d", "3d", "1d", "end"] {
        assert!(said.contains(&format!("new {step}#1")), "{step}: {said:?}");
    }
}
