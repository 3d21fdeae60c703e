//! Claims about what resource servers are told.

use std::sync::Arc;

use app::tokens::{Introspection, Which, introspect, revoke_token};
use app::{AppError, AuthError, verify_for_scopes};
use domain::kernel::Span;
use testkit::FaultyStore;

use crate::world::{World, missing, value, words};

/// B45: garbage, unknown, expired, revoked: all the same; one's own: full; without the
/// scope: refused.
#[tokio::test]
async fn only_a_working_token_is_active() {
    let world = World::new().await;
    world.role("Gate", &["introspect"]).await;
    world.account("gate", &["Gate"]).await;
    let gate_token = world.token("gate", &["Gate"]).await;
    let gate = world.with(&gate_token);
    let issued = world.token("gate", &["None"]).await;
    let example = "fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql";
    for text in ["", "garbage", example] {
        let got = introspect(&world.ctx, &gate, text).await.unwrap();
        assert_eq!(got, Introspection::Inactive);
    }
    let own = introspect(&world.ctx, &gate, &value(&gate_token))
        .await
        .unwrap();
    let Introspection::Active {
        scopes, expires_at, ..
    } = own
    else {
        panic!()
    };
    assert_eq!(
        (scopes, expires_at),
        (words(&["introspect"]), gate.expires_at)
    );
    revoke_token(&world.ctx, &world.admin, &Which::id(&issued.item.token.id))
        .await
        .unwrap();
    let got = introspect(&world.ctx, &gate, &value(&issued))
        .await
        .unwrap();
    assert_eq!(got, Introspection::Inactive);
    let bare = world.with(&world.token("gate", &["None"]).await);
    let error = introspect(&world.ctx, &bare, &value(&gate_token))
        .await
        .unwrap_err();
    assert_eq!(missing(&error), ["introspect"]);
}

/// B12: a valid token without the scope is told which one is missing.
#[tokio::test]
async fn forward_auth_names_the_missing_scope() {
    let world = World::new().await;
    world.role("Billing", &["billing:read"]).await;
    world.account("etl", &["Billing"]).await;
    let text = value(&world.token("etl", &["Billing"]).await);
    assert!(verify_for_scopes(&world.ctx, &text, &words(&["billing:read"])).is_ok());
    assert!(verify_for_scopes(&world.ctx, &text, &[]).is_ok());
    let both = words(&["billing:read", "billing:write"]);
    let error = verify_for_scopes(&world.ctx, &text, &both).unwrap_err();
    assert_eq!(missing(&error), ["billing:write"]);
    let got = verify_for_scopes(&world.ctx, "garbage", &[]);
    assert_eq!(
        got.unwrap_err(),
        AppError::Unauthenticated(AuthError::Invalid)
    );
}

/// L21: a node with a stale view answers nobody.
#[tokio::test]
async fn a_node_with_a_stale_view_answers_nobody() {
    let world = World::new().await;
    let now = world.ctx.now();
    world.ctx.verifier.trust(now, now);
    world.pass(Span::from_micros(1));
    let got = app::authenticate(&world.ctx, &world.admin_value);
    assert_eq!(got, Err(AuthError::Stale));
    app::feed::poll_feed(&world.ctx, &mut app::feed::Followed::default())
        .await
        .unwrap();
    assert!(app::authenticate(&world.ctx, &world.admin_value).is_ok());
}

/// A busy machine that reads late is no reason to turn people away where nobody else writes.
#[tokio::test]
async fn who_writes_alone_is_never_out_of_date() {
    let world = World::new().await;
    app::feed::poll_feed(&world.ctx, &mut app::feed::Followed::default())
        .await
        .unwrap();
    world.pass(Span::hours(1));
    assert!(app::authenticate(&world.ctx, &world.admin_value).is_ok());
}

/// P5: between its start and its first poll a node knows of nothing that was revoked.
#[tokio::test]
async fn where_others_write_too_what_the_start_read_is_trusted_for_a_second() {
    let world = World::new().await;
    let store = FaultyStore::shared(Arc::clone(&world.ctx.store));
    let node = world.beside(store).await;
    world.pass(Span::seconds(1));
    assert!(app::authenticate(&node, &world.admin_value).is_ok());
    world.pass(Span::from_micros(1));
    let got = app::authenticate(&node, &world.admin_value);
    assert_eq!(got, Err(AuthError::Stale));
    app::feed::poll_feed(&node, &mut app::feed::Followed::default())
        .await
        .unwrap();
    assert!(app::authenticate(&node, &world.admin_value).is_ok());
}
