//! Claims about revocation.

use app::tokens::{Which, revoke_presented, revoke_token};
use app::{AppError, AuthError, authenticate, feed};
use domain::kernel::Span;

use crate::world::{World, missing, value};

/// L21, B11, P5: the first request after the answer fails, and keeps failing after a restart.
#[tokio::test]
async fn revoked_means_revoked() {
    let world = World::new().await;
    let issued = world.token("sva_setup", &["None"]).await;
    revoke_token(&world.ctx, &world.with(&issued), &Which::Own)
        .await
        .unwrap();
    assert_eq!(
        authenticate(&world.ctx, &value(&issued)),
        Err(AuthError::Revoked)
    );
    let ctx = world.restarted().await;
    assert_eq!(authenticate(&ctx, &value(&issued)), Err(AuthError::Revoked));
}

/// B43: revoking twice answers the same and keeps the first instant; an unknown id is
/// not found by id and no error when presented.
#[tokio::test]
async fn revoking_twice_is_revoking_once() {
    let world = World::new().await;
    let issued = world.token("sva_setup", &["None"]).await;
    let which = Which::id(&issued.item.token.id);
    let first = revoke_token(&world.ctx, &world.admin, &which)
        .await
        .unwrap();
    world.pass(Span::hours(1));
    let second = revoke_token(&world.ctx, &world.admin, &which)
        .await
        .unwrap();
    assert_eq!(first.credential.revoked_at, second.credential.revoked_at);
    let unknown = Which::Id("ZZZZZZZZZZZZ".into());
    let got = revoke_token(&world.ctx, &world.admin, &unknown).await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
    for text in ["", "garbage", &value(&issued)] {
        assert_eq!(
            revoke_presented(&world.ctx, &world.admin, text).await,
            Ok(())
        );
    }
}

#[tokio::test]
async fn presenting_the_whole_value_is_right_enough_to_revoke_it() {
    let world = World::new().await;
    world.person("ada", &[]).await;
    let bare = world.with(&world.token("ada@example.org", &["None"]).await);
    let issued = world.token("sva_setup", &["None"]).await;
    revoke_presented(&world.ctx, &bare, &value(&issued))
        .await
        .unwrap();
    assert_eq!(
        authenticate(&world.ctx, &value(&issued)),
        Err(AuthError::Revoked)
    );
}

#[tokio::test]
async fn revoking_tokens_of_others_needs_its_scope_and_unseen_ones_stay_unseen() {
    let world = World::new().await;
    world.role("Seer", &["tokens:read"]).await;
    world.person("ada", &["Seer"]).await;
    let other = world.token("sva_setup", &["None"]).await;
    let which = Which::id(&other.item.token.id);
    let blind = world.with(&world.token("ada@example.org", &["None"]).await);
    let got = revoke_token(&world.ctx, &blind, &which).await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
    let seer = world.with(&world.token("ada@example.org", &["Seer"]).await);
    let error = revoke_token(&world.ctx, &seer, &which).await.unwrap_err();
    assert_eq!(missing(&error), ["tokens:revoke"]);
}

/// Of several tokens of one owner the one that leaked cannot end the others.
#[tokio::test]
async fn a_token_revokes_itself_and_no_other_of_its_owner() {
    let world = World::new().await;
    world.role("Ender", &["tokens:revoke"]).await;
    world.person("ada", &["Ender"]).await;
    let other = world.token("ada@example.org", &["None"]).await;
    let which = Which::id(&other.item.token.id);
    let bare = world.with(&world.token("ada@example.org", &["None"]).await);
    let error = revoke_token(&world.ctx, &bare, &which).await.unwrap_err();
    assert_eq!(missing(&error), ["tokens:revoke"]);
    assert!(authenticate(&world.ctx, &value(&other)).is_ok());
    // The owner in person, without a token between.
    let in_person = app::Principal {
        token: None,
        kind: None,
        ..bare.clone()
    };
    revoke_token(&world.ctx, &in_person, &which).await.unwrap();
    let other = world.token("ada@example.org", &["None"]).await;
    let which = Which::id(&other.item.token.id);
    let ender = world.with(&world.token("ada@example.org", &["Ender"]).await);
    revoke_token(&world.ctx, &ender, &which).await.unwrap();
    assert!(revoke_token(&world.ctx, &bare, &Which::Own).await.is_ok());
}

/// B44: one may revoke oneself, but not as the last token that may do everything; two at
/// once do not slip past each other.
#[tokio::test]
async fn the_last_admin_token_stays() {
    let world = World::new().await;
    let got = revoke_token(&world.ctx, &world.admin, &Which::Own).await;
    assert!(matches!(got, Err(AppError::Conflict { .. })), "{got:?}");
    let second = world.token("sva_setup", &["Admin"]).await;
    let second = world.with(&second);
    let (a, b) = tokio::join!(
        revoke_token(&world.ctx, &world.admin, &Which::Own),
        revoke_token(&world.ctx, &second, &Which::Own),
    );
    assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1, "{a:?} {b:?}");
}

/// B11: a revoked token that is still presented leaves one audit row.
#[tokio::test]
async fn a_revoked_token_that_is_presented_leaves_a_row() {
    let world = World::new().await;
    let issued = world.token("sva_setup", &["None"]).await;
    let which = Which::id(&issued.item.token.id);
    revoke_token(&world.ctx, &world.admin, &which)
        .await
        .unwrap();
    for _ in 0..3 {
        authenticate(&world.ctx, &value(&issued)).unwrap_err();
    }
    feed::settle(&world.ctx).await.unwrap();
    feed::settle(&world.ctx).await.unwrap();
    let rows = world.ctx.store.audit_after(-1, 100).await.unwrap();
    let told = rows
        .iter()
        .filter(|r| r.entry.action == "token.presented_after_revoke");
    assert_eq!(told.count(), 1);
}
