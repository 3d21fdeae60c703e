//! What the configuration says changes while messages are on their way.

use std::sync::Arc;

use app::ports::Channel;
use domain::expiry::{Policies, Policy, PolicyDraft};
use domain::kernel::{PersonId, Span};
use domain::notice::MessageState;
use serde_json::json;
use testkit::{Answer, RecordingChannel};

use crate::world::{World, lines};
use crate::{RETRY, messages};

async fn due(world: &World, name: &str, owner: &PersonId) {
    world
        .put(world.credential(name, Some(owner), Span::days(7)))
        .await;
    world.sweep().await;
}

fn steps(world: &World, steps: &[&str]) {
    let draft: PolicyDraft = serde_json::from_value(json!({ "steps": steps })).unwrap();
    let default = draft.build("default", &Policy::default()).unwrap();
    world.configure(|settings| settings.policies = Policies::new(default, Vec::new()));
}

/// T21: a message that is being sent when the configuration is read again ends over the way it
/// began, once: the new channel of the same name says nothing again.
#[tokio::test]
async fn what_is_being_sent_while_the_configuration_changes_ends_once() {
    let old = Arc::new(RecordingChannel::mail("mail"));
    let new = Arc::new(RecordingChannel::mail("mail"));
    let world = World::with(vec![old.clone()], old.clone());
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    old.always(Answer::Hold);
    due(&world, "one", &ada).await;
    let mut flight = world.under_way(&[&old]).await;
    let swapped: Vec<Arc<dyn Channel>> = vec![new.clone()];
    world.ctx.channels.store(Arc::new(swapped));
    steps(&world, &["7d", "2d"]);
    due(&world, "two", &bob).await;
    world.deliver().await;
    assert_eq!(lines(&new), ["two 7d#1"], "what is new does not wait");
    let sending = |m: &&domain::notice::Message| m.state == MessageState::Sending;
    assert_eq!(messages(&world).await.iter().filter(sending).count(), 1);
    old.let_go();
    while flight.one_ended().await {}
    world.live(Span::days(4), Span::hours(6)).await;
    assert_eq!(
        (lines(&old), lines(&new)),
        (vec!["one 7d#1".to_owned()], vec!["two 7d#1".to_owned()])
    );
    let all = messages(&world).await;
    assert!(
        all.iter().all(|m| m.state == MessageState::Accepted),
        "{all:#?}"
    );
}

/// S15: a policy that is edited while one warning waits to be tried again and another is being
/// sent: both arrive once, and from then on the steps are those of the new policy.
#[tokio::test]
async fn a_policy_edited_midway_loses_nothing_and_says_nothing_twice() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    steps(&world, &["7d", "1d"]);
    world.mail.next([RETRY]);
    due(&world, "waits", &ada).await;
    world.deliver().await;
    world.mail.forget();
    world.mail.next([Answer::Hold]);
    due(&world, "sends", &bob).await;
    let mut flight = world.under_way(&[&world.mail]).await;
    steps(&world, &["10d", "5d", "1d"]);
    world.sweep().await;
    world.mail.let_go();
    while flight.one_ended().await {}
    world.live(Span::days(1), Span::hours(1)).await;
    assert_eq!(world.mailed(), ["sends 7d#1", "waits 7d#1"]);
    world.mail.forget();
    world.live(Span::hours(36), Span::hours(1)).await;
    let mut mailed = world.mailed();
    mailed.sort();
    assert_eq!(mailed, ["sends 5d#1", "waits 5d#1"]);
    world.mail.forget();
    world.live(Span::days(4), Span::hours(1)).await;
    for line in ["sends 1d#1", "waits 1d#1"] {
        let said = world.mailed().into_iter().filter(|l| l == line).count();
        assert_eq!(said, 1, "{line}");
    }
}
