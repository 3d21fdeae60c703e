//! Claims about rotation.

use app::roles::{PatchRole, change_role};
use app::tokens::{EndOld, RotateToken, Which, get_token, revoke_token, rotate_token};
use app::{AppError, AuthError, authenticate, feed};
use domain::inventory::{End, State};
use domain::kernel::Span;

use crate::world::{World, missing, value, words};

#[tokio::test]
async fn both_values_work_for_the_overlap_and_then_only_the_new_one() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let me = world.with(&old);
    world.pass(Span::days(300));
    let new = rotate_token(&world.ctx, &me, &Which::Own, RotateToken::default())
        .await
        .unwrap();
    assert_eq!(new.item.token.rotated_from, Some(old.item.token.id.clone()));
    assert_eq!(
        new.item.credential.remaining(world.ctx.now()),
        Some(Span::days(365))
    );
    assert!(authenticate(&world.ctx, &value(&old)).is_ok());
    world.pass(Span::hours(24));
    assert_eq!(
        authenticate(&world.ctx, &value(&old)),
        Err(AuthError::Expired)
    );
    assert!(authenticate(&world.ctx, &value(&new)).is_ok());
    let which = Which::id(&old.item.token.id);
    let over = get_token(&world.ctx, &world.with(&new), &which)
        .await
        .unwrap();
    assert!(over.credential.in_overlap);
    assert_eq!(over.credential.state(world.ctx.now()), State::Expired);
    assert_eq!(over.credential.successor, Some(new.item.token.id));
}

/// Else nobody would hear of its end: what is being replaced is not warned of.
#[tokio::test]
async fn once_the_new_value_is_revoked_the_old_one_stands_by_itself_again() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let me = world.with(&old);
    let rotated = async || rotate_token(&world.ctx, &me, &Which::Own, RotateToken::default()).await;
    let new = rotated().await.unwrap();
    let ends = Some(Span::hours(24));
    let revoked = revoke_token(&world.ctx, &world.with(&new), &Which::Own).await;
    assert!(revoked.unwrap().credential.revoked_at.is_some());
    let stands = get_token(&world.ctx, &me, &Which::Own).await.unwrap();
    assert_eq!(stands.token.rotated_to, None);
    assert_eq!(stands.credential.successor, None);
    assert!(!stands.credential.in_overlap);
    assert_eq!(stands.credential.remaining(world.ctx.now()), ends);
    let meant = world.ctx.now() + Span::days(365);
    assert_eq!(stands.credential.meant_end(), End::Known(meant));
    world.pass(Span::hours(1));
    let again = rotated().await.unwrap().item.credential;
    assert_eq!(again.remaining(world.ctx.now()), Some(Span::days(365)));
    let cut_twice = get_token(&world.ctx, &me, &Which::Own).await.unwrap();
    assert_eq!(cut_twice.credential.meant_end(), End::Known(meant));
}

/// Whatever follows, a value that is over stays over, and what was rotated on keeps its place.
#[tokio::test]
async fn revoking_a_value_changes_nothing_of_one_that_is_over_or_replaced_by_another() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let me = world.with(&old);
    let new = rotate_token(&world.ctx, &me, &Which::Own, RotateToken::default())
        .await
        .unwrap();
    world.pass(Span::hours(24));
    revoke_token(&world.ctx, &world.with(&new), &Which::Own)
        .await
        .unwrap();
    let over = world.ctx.store.token(&old.item.token.id).await.unwrap();
    assert_eq!(over.unwrap().rotated_to, Some(new.item.token.id));
}

/// B42: of two rotations one wins, the other is told which token it became; a lost value
/// is mended by rotating that one, also with the old value.
#[tokio::test]
async fn a_token_is_rotated_once_and_a_lost_value_is_rotated_on() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let me = world.with(&old);
    let request = RotateToken::default;
    let (a, b) = tokio::join!(
        rotate_token(&world.ctx, &me, &Which::Own, request()),
        rotate_token(&world.ctx, &me, &Which::Own, request()),
    );
    let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
    let won = won.unwrap();
    let Err(AppError::Conflict { sentence }) = lost else {
        panic!("{lost:?}")
    };
    assert!(sentence.contains(won.item.token.id.as_str()), "{sentence}");
    let again = rotate_token(&world.ctx, &me, &Which::id(&won.item.token.id), request()).await;
    assert!(world.with(&again.unwrap()).token.is_some());
}

#[tokio::test]
async fn an_overlap_of_zero_ends_the_old_value_at_once() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let request = RotateToken {
        overlap: Some(Span::ZERO),
        ..RotateToken::default()
    };
    rotate_token(&world.ctx, &world.with(&old), &Which::Own, request)
        .await
        .unwrap();
    assert_eq!(
        authenticate(&world.ctx, &value(&old)),
        Err(AuthError::Expired)
    );
}

#[tokio::test]
async fn the_first_use_of_the_new_value_ends_the_old_one_if_asked_for() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let request = RotateToken {
        end_old: EndOld::FirstUse,
        ..RotateToken::default()
    };
    let me = world.with(&old);
    let new = rotate_token(&world.ctx, &me, &Which::Own, request)
        .await
        .unwrap();
    assert_eq!(feed::end_replaced(&world.ctx).await.unwrap(), 0);
    assert!(authenticate(&world.ctx, &value(&old)).is_ok());
    world.with(&new);
    assert_eq!(feed::end_replaced(&world.ctx).await.unwrap(), 1);
    assert_eq!(
        authenticate(&world.ctx, &value(&old)),
        Err(AuthError::Expired)
    );
    world.with(&new);
    assert_eq!(feed::end_replaced(&world.ctx).await.unwrap(), 0);
}

/// A crash between the first use and its consequence forgets nothing: the next use of
/// the new value ends the old one.
#[tokio::test]
async fn a_first_use_before_a_crash_is_noticed_after_it() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let request = RotateToken {
        end_old: EndOld::FirstUse,
        ..RotateToken::default()
    };
    let me = world.with(&old);
    let new = rotate_token(&world.ctx, &me, &Which::Own, request)
        .await
        .unwrap();
    world.with(&new);
    let ctx = world.restarted().await;
    authenticate(&ctx, &value(&new)).unwrap();
    assert_eq!(feed::end_replaced(&ctx).await.unwrap(), 1);
    assert_eq!(authenticate(&ctx, &value(&old)), Err(AuthError::Expired));
}

#[tokio::test]
async fn a_role_may_forbid_self_rotation_but_not_that_of_an_admin() {
    let world = World::new().await;
    world.role("Locked", &["a"]).await;
    let lock = PatchRole {
        may_rotate_itself: Some(false),
        ..PatchRole::default()
    };
    change_role(&world.ctx, &world.admin, "Locked", lock, None)
        .await
        .unwrap();
    world.account("etl", &["Locked"]).await;
    let old = world.token("etl", &["Locked"]).await;
    let me = world.with(&old);
    let refused = rotate_token(&world.ctx, &me, &Which::Own, RotateToken::default()).await;
    assert!(refused.unwrap_err().to_string().contains("`Locked`"));
    let which = Which::id(&old.item.token.id);
    let by_admin = rotate_token(&world.ctx, &world.admin, &which, RotateToken::default()).await;
    assert!(by_admin.is_ok());
}

/// P6: what the owner lost meanwhile is not granted again by rotating.
#[tokio::test]
async fn rotating_grants_nothing_the_owner_lost() {
    let world = World::new().await;
    world.role("Both", &["a", "b"]).await;
    world.account("etl", &["Both"]).await;
    let request = app::tokens::IssueToken {
        name: "t".into(),
        owner: Some("etl".into()),
        scopes: words(&["a", "b"]),
        ..Default::default()
    };
    let old = world.issue(&world.admin, request).await.unwrap();
    let narrow = PatchRole {
        scopes: Some(words(&["a"])),
        ..PatchRole::default()
    };
    change_role(&world.ctx, &world.admin, "Both", narrow, None)
        .await
        .unwrap();
    let me = world.with(&old);
    assert_eq!(me.grant.words(), ["a"]);
    let refused = rotate_token(&world.ctx, &me, &Which::Own, RotateToken::default()).await;
    assert_eq!(missing(&refused.unwrap_err()), ["b"]);
}

/// An old value that leaked cannot take the place of the new one, which is in use.
#[tokio::test]
async fn a_replaced_token_cannot_rotate_the_new_one_once_that_was_used() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let me = world.with(&old);
    let new = rotate_token(&world.ctx, &me, &Which::Own, RotateToken::default());
    let new = new.await.unwrap();
    world.with(&new);
    let which = Which::id(&new.item.token.id);
    let refused = rotate_token(&world.ctx, &me, &which, RotateToken::default()).await;
    assert_eq!(missing(&refused.unwrap_err()), ["tokens:issue"]);
}

/// What another node saw, and wrote at its next beat, counts here as well, also once that node
/// is gone.
#[tokio::test]
async fn a_first_use_on_another_node_keeps_the_replaced_token_from_rotating_the_new_one() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let me = world.with(&old);
    let new = rotate_token(&world.ctx, &me, &Which::Own, RotateToken::default());
    let new = new.await.unwrap();
    let other = world.restarted().await;
    authenticate(&other, &value(&new)).unwrap();
    assert_eq!(feed::end_replaced(&other).await.unwrap(), 0, "nothing ends");
    drop(other);
    let which = Which::id(&new.item.token.id);
    let refused = rotate_token(&world.ctx, &me, &which, RotateToken::default()).await;
    assert_eq!(missing(&refused.unwrap_err()), ["tokens:issue"]);
    assert!(authenticate(&world.ctx, &value(&old)).is_ok());
    let uses = world.ctx.store.uses(&new.item.token.id).await.unwrap();
    assert_eq!(uses, 0, "counted with the others");
}

/// The old value stands by itself again then, and nothing else would be left.
#[tokio::test]
async fn a_first_use_that_is_settled_after_the_new_value_was_revoked_ends_nothing() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let request = RotateToken {
        end_old: EndOld::FirstUse,
        ..RotateToken::default()
    };
    let me = world.with(&old);
    let new = rotate_token(&world.ctx, &me, &Which::Own, request)
        .await
        .unwrap();
    let by_new = world.with(&new);
    revoke_token(&world.ctx, &by_new, &Which::Own)
        .await
        .unwrap();
    assert_eq!(feed::end_replaced(&world.ctx).await.unwrap(), 0);
    assert!(authenticate(&world.ctx, &value(&old)).is_ok());
    let settled = world.ctx.store.token(&new.item.token.id).await.unwrap();
    assert_eq!(settled.unwrap().ends_on_first_use, None);
}
