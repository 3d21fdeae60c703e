//! What memory knows and the store must learn, whatever stops or hangs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::sync::Arc;
use std::time::Duration;

use app::feed::Followed;
use app::ports::Write;
use app::tokens::{IssueToken, Issued, RotateToken, Which, issue_token, rotate_token};
use app::{Principal, authenticate, feed};
use domain::access::{Grant, Role};
use domain::kernel::{PersonId, RoleName};
use domain::people::Owner;
use tokio_util::sync::CancellationToken;
use worker::keep_up;
use world::World;
use world::told::principal;

/// Who may issue tokens, to herself.
async fn issuer(world: &World) -> Principal {
    let ada: PersonId = world.person("ada").await;
    let none = Role {
        name: RoleName::parse("None").unwrap(),
        description: String::new(),
        grant: Grant::default(),
        fixed: true,
        may_rotate_itself: true,
        version: 0,
    };
    world.write(vec![Write::PutRole(none)]).await;
    feed::load_index(&world.ctx).await.unwrap();
    Principal {
        owner: Owner::Person(ada),
        ..principal(&["*"], None)
    }
}

async fn token(world: &World, me: &Principal) -> Issued {
    let request = IssueToken {
        name: "ci".to_owned(),
        ..IssueToken::default()
    };
    issue_token(&world.ctx, me, request).await.unwrap()
}

fn used(world: &World, issued: &Issued) -> Principal {
    let value = issued.value.as_ref().unwrap();
    authenticate(&world.ctx, value.expose()).unwrap()
}

/// More than are written at once, so that one lot is under way and another waits.
#[tokio::test]
async fn what_a_stopped_flush_had_not_written_is_written_by_write_down() {
    let (world, store) = World::faulty();
    let me = issuer(&world).await;
    let mut tokens = Vec::new();
    for _ in 0..300 {
        let issued = token(&world, &me).await;
        used(&world, &issued);
        tokens.push(issued.item.token.id);
    }
    store.hang_once();
    let flush = feed::flush_usage(&world.ctx);
    let stopped = tokio::time::timeout(Duration::from_millis(200), flush).await;
    assert!(stopped.is_err(), "it hangs");
    keep_up::write_down(&world.ctx).await;
    for id in &tokens {
        assert_eq!(world.ctx.store.uses(id).await.unwrap(), 1);
    }
}

/// Else the value that was replaced could take the place of the one in use meanwhile.
#[tokio::test(start_paused = true)]
async fn a_flush_that_hangs_holds_up_no_first_use() {
    let (world, store) = World::faulty();
    let me = issuer(&world).await;
    let old = token(&world, &me).await;
    let stop = CancellationToken::new();
    let loops = tokio::spawn(keep_up::run(
        Arc::clone(&world.ctx),
        Followed::default(),
        stop.clone(),
    ));
    let holder = used(&world, &old);
    store.hang_once();
    tokio::time::sleep(Duration::from_secs(31)).await;
    let new = rotate_token(&world.ctx, &holder, &Which::Own, RotateToken::default());
    let new = new.await.unwrap();
    used(&world, &new);
    assert!(is_noted(&world, &new).await);
    loops.abort();
}

/// Looks for a while: the store answers in real time, which stands still for nobody.
async fn is_noted(world: &World, new: &Issued) -> bool {
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        std::thread::sleep(Duration::from_millis(5));
        let stored = world.ctx.store.credential(&new.item.token.id).await;
        if stored.unwrap().unwrap().last_used_at.is_some() {
            return true;
        }
    }
    false
}
