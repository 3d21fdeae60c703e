//! Claims about people, teams and service accounts.

use app::people::{
    CreatePerson, CreateServiceAccount, CreateTeam, PatchPerson, PatchServiceAccount, PatchTeam,
    create_person, create_service_account, create_team, get_person, patch_person,
    patch_service_account, patch_team,
};
use app::{AppError, AuthError, authenticate};
use domain::kernel::{Instant, Span};

use crate::world::{World, field, missing, value, words};

#[tokio::test]
async fn a_deactivated_persons_tokens_stop_at_once_and_revive_on_return() {
    let world = World::new().await;
    let ada = world.person("ada", &["Analyst"]).await;
    let issued = world.token(ada.id.as_str(), &["Analyst"]).await;
    let set = |active| PatchPerson {
        active: Some(active),
        ..PatchPerson::default()
    };
    patch_person(&world.ctx, &world.admin, ada.id.as_str(), set(false), None)
        .await
        .unwrap();
    assert_eq!(
        authenticate(&world.ctx, &value(&issued)),
        Err(AuthError::Suspended)
    );
    let id = issued.item.token.id.clone();
    assert!(
        world
            .ctx
            .store
            .credential(&id)
            .await
            .unwrap()
            .unwrap()
            .suspended
    );
    patch_person(&world.ctx, &world.admin, ada.id.as_str(), set(true), None)
        .await
        .unwrap();
    assert!(authenticate(&world.ctx, &value(&issued)).is_ok());
    assert!(
        !world
            .ctx
            .store
            .credential(&id)
            .await
            .unwrap()
            .unwrap()
            .suspended
    );
}

/// Who changes where a warning goes is seen in the log, which holds no address itself.
#[tokio::test]
async fn the_audit_log_says_which_fields_of_a_person_changed() {
    let world = World::new().await;
    let ada = world.person("ada", &["Analyst"]).await;
    let moved = PatchPerson {
        email: Some(Some("elsewhere@example.org".to_owned())),
        name: Some(ada.name.to_string()),
        time_zone: Some(Some("Europe/Berlin".to_owned())),
        ..PatchPerson::default()
    };
    let id = ada.id.as_str();
    patch_person(&world.ctx, &world.admin, id, moved, None)
        .await
        .unwrap();
    let rows = world.ctx.store.audit_after(0, 100).await.unwrap();
    let row = rows.iter().rfind(|row| row.entry.action == "person.change");
    let details = &row.unwrap().entry.details;
    let changed = serde_json::json!(["email", "time_zone"]);
    assert_eq!(details["changed"], changed, "{details}");
    assert!(!details.to_string().contains("elsewhere"), "{details}");
}

#[tokio::test]
async fn leaving_ends_personal_tokens() {
    let world = World::new().await;
    let ada = world.person("ada", &["Analyst"]).await;
    let issued = world.token(ada.id.as_str(), &["Analyst"]).await;
    let at = world.ctx.now().checked_add(Span::days(3));
    let patch = PatchPerson {
        leaves_at: Some(at),
        ..PatchPerson::default()
    };
    patch_person(&world.ctx, &world.admin, ada.id.as_str(), patch, None)
        .await
        .unwrap();
    assert_eq!(world.with(&issued).expires_at, at);
    world.pass(Span::days(3));
    assert_eq!(
        authenticate(&world.ctx, &value(&issued)),
        Err(AuthError::Expired)
    );
}

/// P6: who gives a person a role holds what it grants; so does who could take the
/// person's rights over by another address, or bring them back.
#[tokio::test]
async fn nobody_hands_out_or_takes_over_more_than_they_hold() {
    let world = World::new().await;
    world.role("Clerk", &["people:write", "people:read"]).await;
    world.person("eve", &["Clerk"]).await;
    let boss = world.person("boss", &["Admin"]).await;
    let eve = world.with(&world.token("eve@example.org", &["Clerk"]).await);
    let request = CreatePerson {
        name: "friend".into(),
        roles: words(&["Admin"]),
        ..CreatePerson::default()
    };
    let error = create_person(&world.ctx, &eve, request).await.unwrap_err();
    assert_eq!(missing(&error), ["*"]);
    let patches = [
        PatchPerson {
            roles: Some(vec![]),
            ..PatchPerson::default()
        },
        PatchPerson {
            email: Some(Some("eve2@example.org".into())),
            ..PatchPerson::default()
        },
    ];
    for patch in patches {
        let got = patch_person(&world.ctx, &eve, boss.id.as_str(), patch, None).await;
        assert_eq!(missing(&got.unwrap_err()), ["*"]);
    }
}

/// P6: who keeps the directory shuts out nobody who holds more, and moves no such account.
#[tokio::test]
async fn who_holds_less_changes_nobody_who_holds_more() {
    let world = World::new().await;
    world.role("Clerk", &["people:write", "people:read"]).await;
    world.person("eve", &["Clerk"]).await;
    let (boss, peer) = (
        world.person("boss", &["Admin"]).await,
        world.person("peer", &["Clerk"]).await,
    );
    let robot = world.account("robot", &["Analyst"]).await;
    let eve = world.with(&world.token("eve@example.org", &["Clerk"]).await);
    let off = || PatchPerson {
        active: Some(false),
        ..PatchPerson::default()
    };
    let leaves = PatchPerson {
        leaves_at: Some(Some(world.ctx.now())),
        ..PatchPerson::default()
    };
    let renamed = PatchPerson {
        name: Some("nobody".into()),
        ..PatchPerson::default()
    };
    for patch in [off(), leaves, renamed] {
        let got = patch_person(&world.ctx, &eve, boss.id.as_str(), patch, None).await;
        assert_eq!(missing(&got.unwrap_err()), ["*"]);
    }
    let disable = PatchServiceAccount {
        active: Some(false),
        ..PatchServiceAccount::default()
    };
    let got = patch_service_account(&world.ctx, &eve, robot.id.as_str(), disable, None).await;
    assert!(missing(&got.unwrap_err()).contains(&"audit:read".to_owned()));
    patch_person(&world.ctx, &eve, peer.id.as_str(), off(), None)
        .await
        .unwrap();
    patch_person(&world.ctx, &world.admin, boss.id.as_str(), off(), None)
        .await
        .unwrap();
}

/// The last admin may not go on a known day either; another who stays as long sets them
/// free, one who leaves a moment before does not.
#[tokio::test]
async fn the_last_admin_does_not_leave_before_another_is_there() {
    let world = World::new().await;
    let boss = world.person("boss", &["Admin"]).await;
    let day = world.ctx.now().checked_add(Span::days(30)).unwrap();
    let moment = Span::from_micros(1);
    let leaves = |at: Option<Instant>| PatchPerson {
        leaves_at: Some(at),
        ..PatchPerson::default()
    };
    let me = world.with(&world.token(boss.id.as_str(), &["Admin"]).await);
    let off = PatchServiceAccount {
        active: Some(false),
        ..PatchServiceAccount::default()
    };
    patch_service_account(&world.ctx, &me, "setup", off, None)
        .await
        .unwrap();
    let set = |id: &str, at| {
        let (ctx, me, id) = (&world.ctx, &me, id.to_owned());
        async move { patch_person(ctx, me, &id, leaves(at), None).await }
    };
    let own = boss.id.as_str();
    assert!(matches!(
        set(own, Some(day)).await,
        Err(AppError::Conflict { .. })
    ));
    let create = |at| CreatePerson {
        name: "deputy".into(),
        roles: words(&["Admin"]),
        leaves_at: at,
        ..CreatePerson::default()
    };
    let before = Some(day - moment);
    let deputy = create_person(&world.ctx, &me, create(before))
        .await
        .unwrap();
    assert!(set(own, Some(day)).await.is_err());
    set(deputy.id.as_str(), None).await.unwrap();
    set(own, Some(day)).await.unwrap();
    // Now the deputy is the one who may not go before.
    assert!(set(deputy.id.as_str(), before).await.is_err());
}

#[tokio::test]
async fn somebody_who_may_do_everything_stays() {
    let world = World::new().await;
    let off = || PatchServiceAccount {
        active: Some(false),
        ..PatchServiceAccount::default()
    };
    let got = patch_service_account(&world.ctx, &world.admin, "setup", off(), None).await;
    assert!(matches!(got, Err(AppError::Conflict { .. })));
    world.person("boss", &["Admin"]).await;
    patch_service_account(&world.ctx, &world.admin, "setup", off(), None)
        .await
        .unwrap();
    assert_eq!(
        authenticate(&world.ctx, &world.admin_value),
        Err(AuthError::Suspended)
    );
}

#[tokio::test]
async fn an_address_and_a_name_belong_to_one() {
    let world = World::new().await;
    world.person("ada", &[]).await;
    let request = CreatePerson {
        name: "Ada again".into(),
        email: Some("ADA@example.org".into()),
        ..CreatePerson::default()
    };
    let got = create_person(&world.ctx, &world.admin, request).await;
    assert!(matches!(got, Err(AppError::Conflict { .. })));
    let odd = CreatePerson {
        name: "x".into(),
        time_zone: Some("Mars/Olympus".into()),
        ..CreatePerson::default()
    };
    let got = create_person(&world.ctx, &world.admin, odd).await;
    assert_eq!(field(&got.unwrap_err()), "time_zone");
}

#[tokio::test]
async fn teams_form_no_loop() {
    let world = World::new().await;
    let named = |name: &str, parent: Option<&str>| CreateTeam {
        name: name.into(),
        parent: parent.map(Into::into),
        ..CreateTeam::default()
    };
    create_team(&world.ctx, &world.admin, named("a", None))
        .await
        .unwrap();
    create_team(&world.ctx, &world.admin, named("b", Some("a")))
        .await
        .unwrap();
    let loops = PatchTeam {
        parent: Some(Some("b".into())),
        ..PatchTeam::default()
    };
    let got = patch_team(&world.ctx, &world.admin, "a", loops, None).await;
    assert_eq!(field(&got.unwrap_err()), "parent");
    let got = create_team(&world.ctx, &world.admin, named("a", None)).await;
    assert!(matches!(got, Err(AppError::Conflict { .. })));
}

#[tokio::test]
async fn one_may_read_oneself_and_others_need_the_scope() {
    let world = World::new().await;
    let ada = world.person("ada", &[]).await;
    let bob = world.person("bob", &[]).await;
    let me = world.with(&world.token("ada@example.org", &["None"]).await);
    assert!(get_person(&world.ctx, &me, ada.id.as_str()).await.is_ok());
    let error = get_person(&world.ctx, &me, bob.id.as_str())
        .await
        .unwrap_err();
    assert_eq!(missing(&error), ["people:read"]);
}

/// Whoever names an account by its id means that account, whatever others are called.
#[tokio::test]
async fn no_account_takes_the_id_of_another_as_its_name() {
    let world = World::new().await;
    let etl = world.account("etl", &[]).await;
    let request = CreateServiceAccount {
        name: etl.id.to_string(),
        ..CreateServiceAccount::default()
    };
    let got = create_service_account(&world.ctx, &world.admin, request).await;
    assert!(matches!(got, Err(AppError::Conflict { .. })));
    let rename = PatchServiceAccount {
        name: Some("sva_setup".into()),
        ..PatchServiceAccount::default()
    };
    let got = patch_service_account(&world.ctx, &world.admin, "etl", rename, None).await;
    assert!(matches!(got, Err(AppError::Conflict { .. })));
}

/// P6: keeping the directory does not open what the teams in it answer for.
#[tokio::test]
async fn nobody_lets_themselves_into_a_team_whose_credentials_they_may_not_see() {
    let world = World::new().await;
    world.role("Clerk", &["people:write", "people:read"]).await;
    let eve = world.person("eve", &["Clerk"]).await;
    let clerk = world.account("clerk", &["Clerk"]).await;
    let team = CreateTeam {
        name: "data".into(),
        ..CreateTeam::default()
    };
    create_team(&world.ctx, &world.admin, team).await.unwrap();
    let join = || PatchTeam {
        members: Some(words(&["eve@example.org"])),
        ..PatchTeam::default()
    };
    let me = world.with(&world.token(eve.id.as_str(), &["Clerk"]).await);
    let got = patch_team(&world.ctx, &me, "data", join(), None).await;
    assert_eq!(missing(&got.unwrap_err()), ["alerts:read"]);
    let mine = PatchServiceAccount {
        team: Some(Some("data".into())),
        ..PatchServiceAccount::default()
    };
    let me = world.with(&world.token(clerk.id.as_str(), &["Clerk"]).await);
    let got = patch_service_account(&world.ctx, &me, "clerk", mine, None).await;
    assert_eq!(missing(&got.unwrap_err()), ["alerts:read"]);
    let by_other = patch_team(&world.ctx, &me, "data", join(), None).await;
    assert!(by_other.is_ok());
}

/// P6: who may make accounts and issue tokens for them acts as any of them.
#[tokio::test]
async fn nobody_puts_an_account_into_a_team_whose_credentials_they_may_not_see() {
    let world = World::new().await;
    let smuggler = ["people:write", "tokens:issue", "tokens:issue-for-others"];
    world.role("Clerk", &smuggler).await;
    let seen = [
        "alerts:read",
        "alerts:write",
        "credentials:read",
        "credentials:write",
        "tokens:read",
    ];
    world
        .role("Keeper", &[&smuggler[..], &seen[..]].concat())
        .await;
    let eve = world.person("eve", &["Clerk"]).await;
    let kim = world.person("kim", &["Keeper"]).await;
    world.account("bare", &[]).await;
    let team = CreateTeam {
        name: "platform".into(),
        ..CreateTeam::default()
    };
    create_team(&world.ctx, &world.admin, team).await.unwrap();
    let made = |name: &str| CreateServiceAccount {
        name: name.into(),
        team: Some("platform".into()),
        ..CreateServiceAccount::default()
    };
    let moved = |team: Option<&str>| PatchServiceAccount {
        team: Some(team.map(str::to_owned)),
        ..PatchServiceAccount::default()
    };
    let eve = world.with(&world.token(eve.id.as_str(), &["Clerk"]).await);
    let got = create_service_account(&world.ctx, &eve, made("mole")).await;
    assert_eq!(missing(&got.unwrap_err()), ["alerts:read"]);
    let into = || moved(Some("platform"));
    let got = patch_service_account(&world.ctx, &eve, "bare", into(), None).await;
    assert_eq!(missing(&got.unwrap_err()), ["alerts:read"]);
    let kim = world.with(&world.token(kim.id.as_str(), &["Keeper"]).await);
    create_service_account(&world.ctx, &kim, made("deploy"))
        .await
        .unwrap();
    let got = patch_service_account(&world.ctx, &kim, "bare", into(), None).await;
    assert!(got.unwrap().team.is_some());
    let got = patch_service_account(&world.ctx, &eve, "bare", moved(None), None).await;
    assert_eq!(got.unwrap().team, None, "taking out opens nothing");
}

/// Of those who may do everything, two do not shut each other out at once.
#[tokio::test]
async fn two_admins_who_disable_each_other_at_once_leave_one() {
    let world = World::new().await;
    let ada = world.person("ada", &["Admin"]).await;
    let bob = world.person("bob", &["Admin"]).await;
    world.account("robot", &["Admin"]).await;
    let off = || PatchPerson {
        active: Some(false),
        ..PatchPerson::default()
    };
    let gone = || PatchServiceAccount {
        active: Some(false),
        ..PatchServiceAccount::default()
    };
    // As nobody's own token stops here, the same caller stands for all of them.
    let me = world.with(&world.token(ada.id.as_str(), &["Admin"]).await);
    let (ctx, you) = (&world.ctx, &world.admin);
    let (a, b, c, d) = tokio::join!(
        patch_person(ctx, you, ada.id.as_str(), off(), None),
        patch_person(ctx, &me, bob.id.as_str(), off(), None),
        patch_service_account(ctx, you, "robot", gone(), None),
        patch_service_account(ctx, &me, "setup", gone(), None),
    );
    let done = [a.is_ok(), b.is_ok(), c.is_ok(), d.is_ok()];
    assert_eq!(done.iter().filter(|ok| **ok).count(), 3, "{done:?}");
}
