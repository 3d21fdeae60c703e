//! Claims about roles.

use app::AppError;
use app::people::{PatchPerson, patch_person};
use app::ports::{CredentialFilter, PageRequest, Write};
use app::roles::{
    CreateRole, PatchRole, change_role, create_role, grantable_roles, list_roles, remove_role,
};
use app::tokens::list_tokens;

use crate::world::{World, words};

#[tokio::test]
async fn a_changed_role_changes_every_token_at_once_and_in_lists() {
    let world = World::new().await;
    world.role("Reader", &["a", "b"]).await;
    world.account("etl", &["Reader"]).await;
    let issued = world.token("etl", &["Reader"]).await;
    assert_eq!(world.with(&issued).grant.words(), ["a", "b"]);
    let patch = PatchRole {
        scopes: Some(words(&["b", "c"])),
        ..PatchRole::default()
    };
    change_role(&world.ctx, &world.admin, "Reader", patch, None)
        .await
        .unwrap();
    assert_eq!(world.with(&issued).grant.words(), ["b", "c"]);
    for (scope, found) in [("a", 0), ("c", 1)] {
        let filter = CredentialFilter {
            scopes: words(&[scope]),
            owner: issued
                .item
                .credential
                .owner
                .as_ref()
                .map(ToString::to_string),
            ..CredentialFilter::default()
        };
        let page = PageRequest {
            limit: 10,
            after: None,
        };
        let got = list_tokens(&world.ctx, &world.admin, filter, &page)
            .await
            .unwrap();
        assert_eq!(got.items.len(), found, "{scope}");
    }
    let meta = world.ctx.store.meta("restate_wanted").await.unwrap();
    assert_eq!(meta, None);
}

#[tokio::test]
async fn grantable_are_the_roles_whose_every_scope_the_caller_holds() {
    let world = World::new().await;
    world.role("Narrow", &["a"]).await;
    world.role("Wide", &["a", "b"]).await;
    world.account("etl", &["Narrow"]).await;
    let me = world.with(&world.token("etl", &["Narrow"]).await);
    let names: Vec<String> = grantable_roles(&world.ctx, &me)
        .await
        .unwrap()
        .into_iter()
        .map(|r| r.name.to_string())
        .collect();
    assert_eq!(names, ["Narrow", "None"]);
    let all = list_roles(&world.ctx, &world.admin).await.unwrap();
    assert_eq!(
        grantable_roles(&world.ctx, &world.admin).await.unwrap(),
        all
    );
}

/// B27: names that differ only by case would be one role to a reader.
#[tokio::test]
async fn a_role_name_that_differs_only_by_case_is_taken() {
    let world = World::new().await;
    let request = CreateRole {
        name: "ADMIN".into(),
        ..CreateRole::default()
    };
    let got = create_role(&world.ctx, &world.admin, request).await;
    assert!(matches!(got, Err(AppError::Conflict { .. })));
}

#[tokio::test]
async fn built_in_and_carried_roles_stay() {
    let world = World::new().await;
    world.role("Carried", &["a"]).await;
    world.account("etl", &["Carried"]).await;
    for name in ["Admin", "Analyst", "None", "Carried"] {
        let got = remove_role(&world.ctx, &world.admin, name).await;
        assert!(matches!(got, Err(AppError::Conflict { .. })), "{name}");
    }
    remove_role(&world.ctx, &world.admin, "Sensor Creator")
        .await
        .unwrap();
    let got = remove_role(&world.ctx, &world.admin, "Sensor Creator").await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
    let ctx = world.restarted().await;
    assert!(
        !list_roles(&ctx, &world.admin)
            .await
            .unwrap()
            .iter()
            .any(|r| r.name.as_str() == "Sensor Creator")
    );
}

/// B46: a version that no longer stands is refused and told.
#[tokio::test]
async fn a_stale_version_is_refused() {
    let world = World::new().await;
    world.role("Reader", &["a"]).await;
    let patch = || PatchRole {
        description: Some("x".into()),
        ..PatchRole::default()
    };
    let seen = change_role(&world.ctx, &world.admin, "Reader", patch(), None)
        .await
        .unwrap();
    change_role(
        &world.ctx,
        &world.admin,
        "Reader",
        patch(),
        Some(seen.version),
    )
    .await
    .unwrap();
    let got = change_role(
        &world.ctx,
        &world.admin,
        "Reader",
        patch(),
        Some(seen.version),
    )
    .await;
    assert!(
        matches!(got, Err(AppError::Stale { now: 3, .. })),
        "{got:?}"
    );
}

/// The last way in may hang on a role that somebody made, and that can be emptied.
#[tokio::test]
async fn the_role_that_holds_everything_for_the_last_admin_stays_so() {
    let world = World::new().await;
    world.role("Root", &["*"]).await;
    let boss = world.person("boss", &["Root"]).await;
    let me = world.with(&world.token(boss.id.as_str(), &["Root"]).await);
    let empty = || PatchRole {
        scopes: Some(vec![]),
        ..PatchRole::default()
    };
    let off = app::people::PatchServiceAccount {
        active: Some(false),
        ..Default::default()
    };
    app::people::patch_service_account(&world.ctx, &me, "setup", off, None)
        .await
        .unwrap();
    let got = change_role(&world.ctx, &me, "Root", empty(), None).await;
    assert!(matches!(got, Err(AppError::Conflict { .. })), "{got:?}");
    let deputy = app::people::CreatePerson {
        name: "deputy".into(),
        roles: words(&["Admin"]),
        ..Default::default()
    };
    app::people::create_person(&world.ctx, &me, deputy)
        .await
        .unwrap();
    change_role(&world.ctx, &me, "Root", empty(), None)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_removed_role_that_somebody_still_carries_is_not_made_anew() {
    let world = World::new().await;
    world.role("Reader", &["a"]).await;
    let ada = world.person("ada", &[]).await;
    // Given while it is removed: both look before either writes.
    let role = list_roles(&world.ctx, &world.admin).await.unwrap();
    let role = role
        .into_iter()
        .find(|r| r.name.as_str() == "Reader")
        .unwrap();
    let mut given = ada.clone();
    given.roles.insert(role.name.clone());
    let changes = app::ports::Changes {
        writes: vec![
            Write::RemoveRole(role.name, role.version),
            Write::PutPerson(given),
        ],
        audit: Vec::new(),
    };
    world.ctx.store.commit(changes).await.unwrap();
    let again = || CreateRole {
        name: "Reader".into(),
        scopes: words(&["a"]),
        ..CreateRole::default()
    };
    let got = create_role(&world.ctx, &world.admin, again()).await;
    assert!(
        matches!(&got, Err(AppError::Conflict { sentence }) if sentence.contains(ada.id.as_str())),
        "{got:?}"
    );
    let none = PatchPerson {
        roles: Some(Vec::new()),
        ..PatchPerson::default()
    };
    patch_person(&world.ctx, &world.admin, ada.id.as_str(), none, None)
        .await
        .unwrap();
    create_role(&world.ctx, &world.admin, again())
        .await
        .unwrap();
}
