//! Scenarios that have to be survived, as `docs/scenarios.md` lists them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod balance;
mod clock;
mod commits;
mod faults;
mod given_up;
mod midway;
mod proof;
mod together;
mod watched;
#[path = "../world/mod.rs"]
mod world;

use app::ports::{MessageFilter, PageRequest, Verdict};
use domain::notice::Message;
use testkit::Answer;
use world::World;

/// Not now.
const RETRY: Answer = Answer::Fail(Verdict::Retry { after: None });

/// The whole outbox, newest first.
async fn messages(world: &World) -> Vec<Message> {
    let page = PageRequest {
        limit: 500,
        after: None,
    };
    let filter = MessageFilter::default();
    let store = &world.ctx.store;
    store.list_messages(&filter, &page).await.unwrap().items
}
