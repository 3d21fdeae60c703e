//! Commits that fail in the middle of a sweep or a delivery, and rows that cannot be read.

use std::collections::BTreeSet;

use app::deliver::take_over;
use app::ports::{StoreError, Write};
use app::sweep::Surfaced;
use domain::expiry::Subject;
use domain::inventory::Credential;
use domain::kernel::{Instant, PersonId, Span};
use domain::notice::MessageState;
use testkit::Answer;
use worker::deliver::InFlight;
use worker::sweep::pass;

use crate::messages;
use crate::world::World;

const WEEK: Span = Span::days(7);
const HOUR: Span = Span::hours(1);

async fn due(world: &World, name: &str, owner: &PersonId) {
    let credential = world.credential(name, Some(owner), WEEK);
    world.put(credential).await;
}

/// Puts many at once, each due a microsecond after the one before.
async fn put_all(world: &World, credentials: &[Credential], from: Instant) {
    let mut writes = Vec::new();
    for (credential, later) in credentials.iter().zip(0..) {
        let at = from + Span::from_micros(later);
        let subject = Subject::Credential(credential.id.clone());
        writes.push(Write::PutCredential(Box::new(credential.clone())));
        writes.push(Write::SetDue(subject, Some(at)));
    }
    world.write(writes).await;
}

/// A sweep as the loop makes it: with its lease, and with what a dead one left.
async fn swept(world: &World) -> Result<(), StoreError> {
    let passed = pass(&world.ctx, &Surfaced::default(), true).await;
    passed.map(|_| ())
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("the disk is gone".to_owned())
}

/// What is said in three sweeps of which the first cannot make its nth commit; `None` when it
/// makes no so many.
async fn said_without_commit(nth: usize, error: StoreError) -> Option<Vec<String>> {
    let (world, store) = World::faulty();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    for (name, owner) in [("one", &ada), ("two", &ada), ("three", &bob)] {
        due(&world, name, owner).await;
    }
    let overtaken = matches!(error, StoreError::Conflict(_));
    let mut before = 0..nth;
    store.fail_once(error, move |_| before.next().is_none());
    let first = swept(&world).await;
    if store.failed() == 0 {
        return None;
    }
    assert!(
        first.is_err() || overtaken,
        "{nth}: a failure is not kept quiet"
    );
    for _ in 0..2 {
        world.deliver().await;
        world.clock.advance(Span::seconds(5));
        swept(&world).await.unwrap();
    }
    world.deliver().await;
    Some(sorted(world.mailed()))
}

/// L1: whichever commit of a sweep fails, nothing is lost by it, and nothing said twice.
#[tokio::test]
async fn whichever_commit_of_a_sweep_fails_the_next_one_says_it_once() {
    let full = StoreError::Full("no space".to_owned());
    let overtaken = StoreError::Conflict("alert".to_owned());
    for error in [unavailable(), full, overtaken] {
        let mut commits = 0;
        while let Some(said) = said_without_commit(commits, error.clone()).await {
            assert_eq!(
                said,
                ["one 7d#1", "three 7d#1", "two 7d#1"],
                "{commits}: {error}"
            );
            commits += 1;
        }
        assert!(commits >= 6, "a sweep made {commits} commits");
    }
}

/// L1: a sweep that fails on its second page has not taken place: what its first page said
/// stands, what it did not reach is still due, and the next one says that.
#[tokio::test]
async fn a_sweep_that_fails_halfway_goes_on_from_there() {
    let (world, store) = World::faulty();
    let ada = world.person("ada").await;
    let name = |n: usize| format!("k{n:03}");
    let credential = |n| world.credential(&name(n), Some(&ada), WEEK);
    let credentials: Vec<Credential> = (0..600).map(credential).collect();
    put_all(&world, &credentials, world.now() - HOUR).await;
    let last = Subject::Credential(credentials[599].id.clone());
    let settles =
        move |w: &Write| matches!(w, Write::SettleDue { subject, .. } if *subject == last);
    store.fail_once(unavailable(), move |writes| writes.iter().any(&settles));
    assert_eq!(swept(&world).await, Err(unavailable()));
    world.deliver().await;
    assert_eq!(world.ctx.store.meta("last_alive_at").await.unwrap(), None);
    let left = world.ctx.store.due(world.now(), None, 600).await.unwrap();
    assert_eq!(left.len(), 100);
    swept(&world).await.unwrap();
    world.deliver().await;
    let all: Vec<String> = (0..600).map(|n| format!("{} 7d#1", name(n))).collect();
    assert_eq!(sorted(world.mailed()), all);
}

/// L6: more subjects than a page holds cannot be planned; they are counted and set aside for
/// an hour, and whoever stands between and behind them is warned of.
#[tokio::test]
async fn what_cannot_be_planned_is_set_aside_and_starves_nobody() {
    let (world, store) = World::faulty();
    let ada = world.person("ada").await;
    let credential = |n| world.credential(&format!("broken{n}"), Some(&ada), WEEK);
    let broken: Vec<Credential> = (0..600).map(credential).collect();
    let long_ago = world.now() - HOUR;
    put_all(&world, &broken, long_ago).await;
    let between = world.credential("between", Some(&ada), WEEK);
    put_all(&world, &[between], long_ago + Span::from_micros(250)).await;
    store.break_rows(broken.into_iter().map(|c| c.id));
    due(&world, "behind", &ada).await;
    let report = world.sweep().await;
    assert_eq!(report.set_aside, 600);
    world.deliver().await;
    assert_eq!(sorted(world.mailed()), ["behind 7d#1", "between 7d#1"]);
    let again = world.now() + HOUR;
    world.clock.set(again - Span::from_micros(1));
    assert_eq!(world.sweep().await.set_aside, 0);
    world.clock.set(again);
    due(&world, "next", &ada).await;
    assert_eq!(world.sweep().await.set_aside, 600);
    world.deliver().await;
    assert!(world.mailed().contains(&"next 7d#1".to_owned()));
}

async fn six_owners(world: &World) {
    for n in 0..6 {
        let owner = world.person(&format!("p{n}")).await;
        due(world, &format!("k{n}"), &owner).await;
    }
    world.sweep().await;
}

fn each_once() -> Vec<String> {
    (0..6).map(|n| format!("k{n} 7d#1")).collect()
}

async fn told(world: &World) -> usize {
    let all = messages(world).await;
    let told = all.iter().filter(|m| m.state == MessageState::Accepted);
    told.count()
}

/// L19: a process that dies when three of six owners were told tells the other three after its
/// restart, and nobody twice.
#[tokio::test]
async fn a_death_in_the_middle_of_a_batch_repeats_nothing_that_was_told() {
    let world = World::new();
    six_owners(&world).await;
    world.mail.next(vec![Answer::Accept; 3]);
    world.mail.always(Answer::Hang);
    let mut flight = InFlight::default();
    while told(&world).await < 3 || world.mail.attempts().len() < 6 {
        flight.start(&world.ctx).await.unwrap();
    }
    drop(flight);
    world.mail.always(Answer::Accept);
    let mail = world.mail.clone();
    let world = world.restarted(vec![mail]);
    assert_eq!(take_over(&world.ctx).await.unwrap(), 3, "were being told");
    world.live(Span::days(1), HOUR).await;
    assert_eq!(sorted(world.mailed()), each_once());
}

/// L19: of six outcomes one cannot be recorded: its message is repeated once, with its id, and
/// none of the others is.
#[tokio::test]
async fn an_outcome_that_is_not_recorded_repeats_its_own_message_alone() {
    let (world, store) = World::faulty();
    six_owners(&world).await;
    let accepted =
        |w: &Write| matches!(w, Write::FinishMessage(m) if m.state == MessageState::Accepted);
    let mut before = 0..2;
    let third = move |w: &[Write]| w.iter().any(accepted) && before.next().is_none();
    store.fail_once(unavailable(), third);
    world.deliver().await;
    assert_eq!((store.failed(), world.mail.arrived().len()), (1, 6));
    world.live(Span::days(1), HOUR).await;
    let arrived = world.mail.arrived();
    assert_eq!(arrived.len(), 7);
    let ids: BTreeSet<_> = arrived.iter().map(|heard| &heard.id).collect();
    assert_eq!(ids.len(), 6);
    let said: BTreeSet<String> = world.mailed().into_iter().collect();
    assert_eq!(said.into_iter().collect::<Vec<_>>(), each_once());
}
