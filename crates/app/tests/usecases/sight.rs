//! Claims about who sees what.

use app::credentials::{PatchCredential, get_credential, list_credentials, patch_credential};
use app::people::{CreateTeam, create_team};
use app::ports::{CredentialFilter, PageRequest};
use app::tokens::{
    IssueToken, PatchToken, Which, get_token, list_tokens, patch_token, revoke_token,
};
use app::{AppError, Principal};
use domain::kernel::Span;

use crate::world::{World, field, words};

async fn seen(world: &World, by: &Principal) -> usize {
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let tokens = list_tokens(&world.ctx, by, CredentialFilter::default(), &page)
        .await
        .unwrap();
    let all = list_credentials(&world.ctx, by, CredentialFilter::default(), &page)
        .await
        .unwrap();
    assert_eq!(tokens.items.len(), all.items.len());
    tokens.items.len()
}

#[tokio::test]
async fn without_tokens_read_one_sees_ones_own_and_ones_teams() {
    let world = World::new().await;
    let ada = world.person("ada", &["Analyst"]).await;
    let team = CreateTeam {
        name: "data".into(),
        members: words(&["ada@example.org"]),
        ..CreateTeam::default()
    };
    create_team(&world.ctx, &world.admin, team).await.unwrap();
    let own = world.token(ada.id.as_str(), &["None"]).await;
    let of_team = IssueToken {
        name: "team".into(),
        team: Some("data".into()),
        ..IssueToken::default()
    };
    let of_team = world.issue(&world.admin, of_team).await.unwrap();
    let other = world.token("sva_setup", &["None"]).await;
    let me = world.with(&own);
    assert_eq!(
        (seen(&world, &me).await, seen(&world, &world.admin).await),
        (2, 4)
    );
    let get = |issued: &app::tokens::Issued| Which::id(&issued.item.token.id);
    assert!(get_token(&world.ctx, &me, &get(&of_team)).await.is_ok());
    let got = get_token(&world.ctx, &me, &get(&other)).await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
    let id = other.item.token.id.as_str();
    let got = get_credential(&world.ctx, &me, id).await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn an_owner_may_relabel_a_token_but_not_give_it_away() {
    let world = World::new().await;
    let ada = world.person("ada", &[]).await;
    let issued = world.token(ada.id.as_str(), &["None"]).await;
    let me = world.with(&issued);
    let id = issued.item.token.id.as_str();
    let patch = PatchToken {
        name: Some("renamed".into()),
        watchers: Some(vec![format!("person:{}", ada.id)]),
        lead_time: Some(Some(Span::days(60))),
        ..PatchToken::default()
    };
    let got = patch_token(&world.ctx, &me, id, patch, Some(1))
        .await
        .unwrap();
    assert_eq!(
        (got.credential.name.as_str(), got.credential.version),
        ("renamed", 2)
    );
    let stale = patch_token(&world.ctx, &me, id, PatchToken::default(), Some(1)).await;
    assert!(matches!(stale, Err(AppError::Stale { .. })));
    let away = PatchCredential {
        owner: Some(Some("sva_setup".into())),
        ..PatchCredential::default()
    };
    let got = patch_credential(&world.ctx, &me, id, away, None).await;
    assert_eq!(field(&got.unwrap_err()), "owner");
}

/// A connector token that leaked pushes observations, and can do nothing with what its
/// owner holds.
#[tokio::test]
async fn a_connector_token_is_close_to_nothing_but_itself() {
    let world = World::new().await;
    let other = world.token("sva_setup", &["None"]).await;
    let connector = IssueToken {
        name: "push".into(),
        ingest_source: Some("prod".into()),
        ..IssueToken::default()
    };
    let connector = world.issue(&world.admin, connector).await.unwrap();
    let me = world.with(&connector);
    assert_eq!(seen(&world, &me).await, 0);
    assert!(get_token(&world.ctx, &me, &Which::Own).await.is_ok());
    let which = Which::id(&other.item.token.id);
    let got = revoke_token(&world.ctx, &me, &which).await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
    let id = other.item.token.id.as_str();
    let got = patch_token(&world.ctx, &me, id, PatchToken::default(), None).await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
    let got = get_credential(&world.ctx, &me, id).await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
    assert!(revoke_token(&world.ctx, &me, &Which::Own).await.is_ok());
}
