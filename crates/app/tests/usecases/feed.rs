//! Claims about keeping verifier and store in step.

use app::ports::{AuditFilter, PageRequest, StoreError, Write};
use app::roles::{PatchRole, change_role};
use app::tokens::{IssueToken, Which, revoke_token};
use app::{AppError, AuthError, Context, authenticate, feed};
use domain::expiry::{Policies, Policy, Subject};
use domain::kernel::{Entropy, Span};
use testkit::FaultyStore;
use verifier::{Keys, Verifier};

use crate::world::{World, fresh, value, words};

fn full() -> StoreError {
    StoreError::Full("disk full".to_owned())
}

async fn rows(ctx: &Context, action: &str) -> usize {
    let filter = AuditFilter {
        action: Some(action.to_owned()),
        ..AuditFilter::default()
    };
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    ctx.store.audit(&filter, &page).await.unwrap().items.len()
}

/// L21, P5: another node learns of issuing, revoking and changed roles by polling.
#[tokio::test]
async fn another_node_follows() {
    let world = World::new().await;
    let other = world.restarted().await;
    let mut at = feed::Followed::default();
    feed::poll_feed(&other, &mut at).await.unwrap();
    world.role("Reader", &["a"]).await;
    world.account("etl", &["Reader"]).await;
    let issued = world.token("etl", &["Reader"]).await;
    feed::poll_feed(&other, &mut at).await.unwrap();
    assert_eq!(
        authenticate(&other, &value(&issued)).unwrap().grant.words(),
        ["a"]
    );
    let patch = PatchRole {
        scopes: Some(words(&[])),
        ..PatchRole::default()
    };
    change_role(&world.ctx, &world.admin, "Reader", patch, None)
        .await
        .unwrap();
    feed::poll_feed(&other, &mut at).await.unwrap();
    assert!(
        authenticate(&other, &value(&issued))
            .unwrap()
            .grant
            .is_empty()
    );
    let which = Which::id(&issued.item.token.id);
    revoke_token(&world.ctx, &world.admin, &which)
        .await
        .unwrap();
    feed::poll_feed(&other, &mut at).await.unwrap();
    assert_eq!(
        authenticate(&other, &value(&issued)),
        Err(AuthError::Revoked)
    );
}

/// L22: uses reach the store.
#[tokio::test]
async fn uses_reach_the_store() {
    let world = World::new().await;
    let request = IssueToken {
        name: "t".into(),
        ..IssueToken::default()
    };
    let issued = world.issue(&world.admin, request).await.unwrap();
    for _ in 0..3 {
        world.pass(Span::seconds(1));
        world.with(&issued);
    }
    assert!(feed::flush_usage(&world.ctx).await.unwrap() >= 1);
    let id = &issued.item.token.id;
    assert_eq!(world.ctx.store.uses(id).await.unwrap(), 3);
    let stored = world.ctx.store.credential(id).await.unwrap().unwrap();
    assert_eq!(stored.last_used_at, Some(world.ctx.now()));
    assert_eq!(feed::flush_usage(&world.ctx).await.unwrap(), 0);
}

/// F32: a key file that does not belong to the database is noticed at the start, and
/// nothing is served.
#[tokio::test]
async fn a_key_file_that_lacks_a_key_stops_the_start() {
    struct Other;
    impl Entropy for Other {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(1);
        }
    }
    let world = World::new().await;
    let text = Keys::generate(&mut Other)
        .serialise()
        .expose()
        .replace("\n1 ", "\n2 ");
    let (mut ctx, _) = fresh();
    ctx.store = world.ctx.store.clone();
    ctx.verifier = std::sync::Arc::new(Verifier::new(Keys::parse(&text).unwrap()));
    let got = feed::load_index(&ctx).await;
    assert!(
        matches!(got, Err(AppError::Corrupt(ref s)) if s.contains("key file")),
        "{got:?}"
    );
}

/// What a crash left between a changed role and the rows is set right at the start.
#[tokio::test]
async fn a_wish_to_restate_is_kept_until_it_is_done() {
    let world = World::new().await;
    world
        .ctx
        .store
        .commit(app::ports::Changes {
            writes: vec![app::ports::Write::SetMeta(
                "restate_wanted".into(),
                "1".into(),
            )],
            audit: vec![],
        })
        .await
        .unwrap();
    feed::settle(&world.ctx).await.unwrap();
    assert_eq!(world.ctx.store.meta("restate_wanted").await.unwrap(), None);
}

/// They are written in lots, so that nobody waits for all of them.
#[tokio::test]
async fn of_many_tokens_each_use_is_written_once() {
    let world = World::new().await;
    let mut issued = Vec::new();
    for _ in 0..600 {
        issued.push(world.token("sva_setup", &["None"]).await);
    }
    feed::flush_usage(&world.ctx).await.unwrap();
    for one in &issued {
        authenticate(&world.ctx, &value(one)).unwrap();
    }
    assert_eq!(feed::flush_usage(&world.ctx).await.unwrap(), 600);
    assert_eq!(feed::flush_usage(&world.ctx).await.unwrap(), 0);
    for one in &issued {
        let stored = world.ctx.store.credential(&one.item.token.id).await;
        let stored = stored.unwrap().unwrap();
        assert_eq!(stored.last_used_at, Some(world.ctx.now()));
    }
}

/// B11: it is told of once, so it must not be told into the void.
#[tokio::test]
async fn a_revoked_token_presented_while_the_store_fails_leaves_its_row_afterwards() {
    const ROW: &str = "token.presented_after_revoke";
    let world = World::new().await;
    let issued = world.token("sva_setup", &["None"]).await;
    let which = Which::id(&issued.item.token.id);
    revoke_token(&world.ctx, &world.admin, &which)
        .await
        .unwrap();
    let store = FaultyStore::over(world.ctx.store.clone());
    let ctx = world.beside(store.clone()).await;
    let shown = authenticate(&ctx, &value(&issued));
    assert_eq!(shown, Err(AuthError::Revoked));
    store.fail_once(full(), |_| true);
    assert!(feed::settle(&ctx).await.is_err());
    assert_eq!(rows(&ctx, ROW).await, 0);
    for _ in 0..2 {
        feed::settle(&ctx).await.unwrap();
        assert_eq!(rows(&ctx, ROW).await, 1);
    }
}

/// Uses and the look that follows from them are one commit.
#[tokio::test]
async fn when_the_look_cannot_be_asked_for_uses_count_once_and_the_look_is_still_asked_for() {
    let world = World::new().await;
    let issued = world.token("sva_setup", &["None"]).await;
    let store = FaultyStore::over(world.ctx.store.clone());
    let ctx = world.beside(store.clone()).await;
    let mut settings = app::Settings::clone(&ctx.settings.load());
    let mut busy = Policy::new("busy", vec![Span::days(60)], Span::hours(24)).unwrap();
    busy.matches.used_within = Some(Span::days(10));
    settings.policies = Policies::new(Policy::default(), vec![busy]);
    ctx.settings.store(std::sync::Arc::new(settings));
    let id = &issued.item.token.id;
    authenticate(&ctx, &value(&issued)).unwrap();
    store.fail_once(full(), |writes| {
        writes.iter().any(|w| matches!(w, Write::DueAtLatest(..)))
    });
    // Whether or not it is a commit of its own that fails.
    drop(feed::flush_usage(&ctx).await);
    feed::flush_usage(&ctx).await.unwrap();
    assert_eq!(ctx.store.uses(id).await.unwrap(), 1);
    let subject = Subject::Credential(id.clone());
    let due = ctx.store.due_of(std::slice::from_ref(&subject)).await;
    assert_eq!(due.unwrap()[0].at, ctx.now());
}
