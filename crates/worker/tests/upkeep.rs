//! The other side is kept as the alerts stand, and nothing is said that way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::sync::Arc;

use app::ports::{Verdict, Write};
use domain::expiry::{self, Alert, AlertKind, AlertState, Subject};
use domain::kernel::{ChannelId, Span};
use testkit::{Answer, RecordingChannel};
use worker::upkeep::{LastDone, pass};
use world::World;

const EVERY: Span = Span::minutes(5);

struct House {
    world: World,
    room: Arc<RecordingChannel>,
    alert: Alert,
    last: LastDone,
}

/// A room that was told of a credential and remembers it.
async fn told() -> House {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let room = Arc::new(RecordingChannel::room("room").keeping(EVERY));
    let world = World::with(vec![mail.clone(), room.clone()], mail);
    let ada = world.person("ada").await;
    let credential = world.credential("deploy", Some(&ada), Span::days(7));
    let id = world.put(credential).await;
    world.sweep().await;
    world.deliver().await;
    let subjects = [Subject::Credential(id)];
    let alerts = world.ctx.store.alerts_of(&subjects).await.unwrap();
    let alert = alerts.into_iter().find(|a| a.kind == AlertKind::Expiry);
    House {
        world,
        room,
        alert: alert.unwrap(),
        last: LastDone::default(),
    }
}

impl House {
    async fn remember(&self) {
        let memory = Write::SetMemory {
            channel: ChannelId::parse("room").unwrap(),
            alert: self.alert.id.clone(),
            value: Some("17".to_owned()),
        };
        self.world.write(vec![memory]).await;
    }

    async fn pass(&mut self, wanted: bool) -> usize {
        let before = self.room.kept().len();
        pass(&self.world.ctx, &mut self.last, wanted).await;
        self.room.kept().len() - before
    }
}

#[tokio::test]
async fn a_channel_is_shown_how_what_it_remembers_stands() {
    let mut house = told().await;
    assert_eq!(house.pass(true).await, 0, "it remembers nothing");
    house.remember().await;
    let now = house.world.now();
    let acknowledged = expiry::acknowledge(&house.alert, "person:ada", None, now).unwrap();
    let put = Write::PutAlert(Box::new(acknowledged));
    house.world.write(vec![put]).await;
    assert_eq!(house.pass(true).await, 1);
    let item = house.room.kept().remove(0).items.remove(0);
    assert_eq!(item.state, AlertState::Acknowledged);
    assert_eq!(item.step.to_string(), "7d");
    assert_eq!(item.credential.unwrap().name, "deploy");
    assert_eq!(house.room.arrived().len(), 1, "nothing was said that way");
}

#[tokio::test]
async fn each_channel_has_its_turn_and_may_be_wanted_sooner() {
    let mut house = told().await;
    house.remember().await;
    assert_eq!(house.pass(false).await, 1);
    assert_eq!(house.pass(false).await, 0);
    let short = Span::from_micros(EVERY.as_micros() - 1);
    house.world.clock.advance(short);
    assert_eq!(house.pass(false).await, 0);
    house.world.clock.advance(Span::from_micros(1));
    assert_eq!(house.pass(false).await, 1);
    assert_eq!(house.pass(true).await, 1);
}

/// P3: a tracker that cannot be kept up is itself a matter for the operators.
#[tokio::test]
async fn an_upkeep_that_fails_speaks_against_the_channel() {
    let mut house = told().await;
    house.remember().await;
    let fail = || Answer::Fail(Verdict::Retry { after: None });
    house.room.next((0..4).map(|_| fail()));
    for failures in 1..=4_u32 {
        house.pass(true).await;
        let ways = app::ways_out::WaysOut::load(&house.world.ctx)
            .await
            .unwrap();
        assert_eq!(ways.any_failing(), failures == 4, "{failures}");
    }
    house.pass(true).await;
    let ways = app::ways_out::WaysOut::load(&house.world.ctx)
        .await
        .unwrap();
    assert!(!ways.any_failing(), "it works again");
}
