//! Claims about the first start.

use app::sessions::resume;
use app::setup::{
    CompleteSetup, close_bootstrap, complete_setup, make_setup_code, prepare, setup_code_is_valid,
};
use app::{AppError, authenticate, feed};
use domain::kernel::{Secret, Span};

use crate::world::{World, fresh, value};

fn by(code: &Secret<String>) -> CompleteSetup {
    CompleteSetup {
        code: code.clone(),
        name: "Ada".into(),
        email: Some("ada@example.org".into()),
        password: None,
        agent: "Firefox".into(),
    }
}

#[tokio::test]
async fn the_link_makes_one_admin_once() {
    let (ctx, _) = fresh();
    prepare(&ctx).await.unwrap();
    feed::load_index(&ctx).await.unwrap();
    let code = make_setup_code(&ctx).await.unwrap().unwrap();
    assert!(setup_code_is_valid(&ctx, &code).await.unwrap());
    let founded = complete_setup(&ctx, by(&code)).await.unwrap();
    let issued = &founded.issued;
    let me = authenticate(&ctx, &value(issued)).unwrap();
    assert!(me.grant.is_all() && value(issued).starts_with("fwnp_"));
    assert_eq!(me.owner.as_str(), founded.person.id.as_str());
    let visitor = resume(&ctx, &founded.opened.cookie).await.unwrap().unwrap();
    assert!(visitor.principal.grant.is_all());
    assert!(matches!(
        complete_setup(&ctx, by(&code)).await,
        Err(AppError::Forbidden { .. })
    ));
    assert!(!setup_code_is_valid(&ctx, &code).await.unwrap());
    assert_eq!(make_setup_code(&ctx).await.unwrap().map(|_| ()), None);
}

/// B13: a set-up code is no API token, and only its hash is kept.
#[tokio::test]
async fn a_code_is_no_token_and_is_not_kept() {
    let (ctx, _) = fresh();
    prepare(&ctx).await.unwrap();
    let code = make_setup_code(&ctx).await.unwrap().unwrap();
    assert!(authenticate(&ctx, code.expose()).is_err());
    let kept = ctx.store.meta("setup_code").await.unwrap().unwrap();
    assert!(!kept.contains(code.expose().as_str()));
}

#[tokio::test]
async fn a_code_lives_an_hour_and_dies_with_the_next_one() {
    let (ctx, clock) = fresh();
    prepare(&ctx).await.unwrap();
    let first = make_setup_code(&ctx).await.unwrap().unwrap();
    let second = make_setup_code(&ctx).await.unwrap().unwrap();
    assert!(!setup_code_is_valid(&ctx, &first).await.unwrap());
    clock.advance(Span::from_micros(Span::hours(1).as_micros() - 1));
    assert!(setup_code_is_valid(&ctx, &second).await.unwrap());
    clock.advance(Span::from_micros(1));
    assert!(!setup_code_is_valid(&ctx, &second).await.unwrap());
    assert!(matches!(
        complete_setup(&ctx, by(&second)).await,
        Err(AppError::Forbidden { .. })
    ));
}

#[tokio::test]
async fn of_two_who_use_the_link_at_once_one_becomes_admin() {
    let (ctx, _) = fresh();
    prepare(&ctx).await.unwrap();
    let code = make_setup_code(&ctx).await.unwrap().unwrap();
    let (a, b) = tokio::join!(
        complete_setup(&ctx, by(&code)),
        complete_setup(&ctx, by(&code))
    );
    assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1);
}

#[tokio::test]
async fn the_bootstrap_token_lives_a_day_and_leaves_the_link_open() {
    let world = World::new().await;
    let left = world.ctx.now().until(world.admin.expires_at.unwrap());
    assert_eq!(left, Span::days(1));
    assert!(world.admin_value.starts_with("fwnb_") && world.admin.grant.is_all());
    assert!(make_setup_code(&world.ctx).await.unwrap().is_some());
}

#[tokio::test]
async fn a_fresh_code_and_the_end_of_the_bootstrap_leave_rows_without_a_secret() {
    let (ctx, _) = fresh();
    prepare(&ctx).await.unwrap();
    feed::load_index(&ctx).await.unwrap();
    let code = make_setup_code(&ctx).await.unwrap().unwrap();
    close_bootstrap(&ctx).await.unwrap();
    close_bootstrap(&ctx).await.unwrap();
    let founded = complete_setup(&ctx, by(&code)).await.unwrap();
    let me = authenticate(&ctx, &value(&founded.issued)).unwrap();
    let rows = app::audit::export_audit(&ctx, &me, -1, 100).await.unwrap();
    let count = |action: &str| rows.iter().filter(|r| r.entry.action == action).count();
    assert_eq!((count("setup.code"), count("setup.close")), (1, 1));
    assert!(!format!("{rows:?}").contains(code.expose()));
}
