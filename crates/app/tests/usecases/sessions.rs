//! Claims about signing in with a browser.

use app::people::{PatchPerson, patch_person};
use app::ports::Way;
use app::sessions::{
    ChoosePassword, Opened, choose_password, end_other_sessions, end_own_session, end_session,
    list_sessions, resume, sign_in_with_password, sign_in_with_token,
};
use app::setup::{CompleteSetup, Founded, complete_setup, make_setup_code};
use app::{AppError, AuthError, Context, Settings, authenticate, tokens};
use domain::kernel::{Secret, Span};

use crate::world::{World, value};

const GOOD: &str = "correct horse battery staple";
const OTHER: &str = "another horse, other staple";

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// An installation with an admin who has a password.
async fn founded() -> (World, Founded) {
    let world = World::new().await;
    let request = CompleteSetup {
        code: make_setup_code(&world.ctx).await.unwrap().unwrap(),
        name: "Ada".into(),
        email: Some("ada@example.org".into()),
        password: Some(secret(GOOD)),
        agent: "Firefox".into(),
    };
    let founded = complete_setup(&world.ctx, request).await.unwrap();
    (world, founded)
}

async fn enter(ctx: &Context, password: &str) -> Result<Opened, AppError> {
    sign_in_with_password(ctx, "Ada@example.org", secret(password), "Firefox").await
}

async fn is_in(world: &World, opened: &Opened) -> bool {
    resume(&world.ctx, &opened.cookie).await.unwrap().is_some()
}

/// Sets the rules for signing in.
fn rule(world: &World, change: impl Fn(&mut app::SignIn)) {
    let mut settings = Settings::clone(&world.ctx.settings.load());
    change(&mut settings.sign_in);
    world.ctx.settings.store(settings.into());
}

#[tokio::test]
async fn the_right_password_opens_a_session_with_all_that_the_person_may() {
    let (world, founded) = founded().await;
    let opened = enter(&world.ctx, GOOD).await.unwrap();
    let visitor = resume(&world.ctx, &opened.cookie).await.unwrap().unwrap();
    assert!(visitor.principal.grant.is_all());
    assert_eq!(visitor.person.id, founded.person.id);
    assert_eq!(visitor.session.way, Way::Password);
    assert_ne!(opened.session.id, founded.opened.session.id);
}

/// Whatever is wrong, the answer is the same, so that nobody learns who has a password.
#[tokio::test]
async fn everything_wrong_is_told_in_the_same_words() {
    let (world, _) = founded().await;
    let mut words = std::collections::BTreeSet::new();
    for (address, password) in [
        ("ada@example.org", OTHER),
        ("ada@example.org", ""),
        ("bob@example.org", GOOD),
        ("no address", GOOD),
    ] {
        let refused = sign_in_with_password(&world.ctx, address, secret(password), "").await;
        words.insert(refused.unwrap_err().to_string());
    }
    assert_eq!(words.len(), 1);
}

#[tokio::test]
async fn a_cookie_of_another_session_or_of_none_opens_nothing() {
    let (world, founded) = founded().await;
    let own = founded.opened.cookie.expose();
    let forged = format!("{}{}", &own[..12], "a".repeat(32));
    for bad in [forged.as_str(), "", &own[1..], &format!("{own}a")] {
        let visitor = resume(&world.ctx, &secret(bad)).await.unwrap();
        assert!(visitor.is_none(), "{bad}");
    }
}

/// The value of a cookie is no token, and a token is no cookie (B13).
#[tokio::test]
async fn a_cookie_is_no_token() {
    let (world, founded) = founded().await;
    assert!(authenticate(&world.ctx, founded.opened.cookie.expose()).is_err());
    let token = secret(&value(&founded.issued));
    assert!(resume(&world.ctx, &token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_in_the_end_anyway() {
    let (world, founded) = founded().await;
    let rules = app::SignIn::default();
    let just = Span::from_micros(1);
    world
        .clock
        .advance(Span::from_micros(rules.idle.as_micros() - 1));
    assert!(is_in(&world, &founded.opened).await, "seen, so it goes on");
    world.clock.advance(rules.idle);
    assert!(!is_in(&world, &founded.opened).await);
    let opened = enter(&world.ctx, GOOD).await.unwrap();
    let hours = rules.lifetime.as_seconds() / 3600;
    for _ in 1..hours {
        world.clock.advance(Span::hours(1));
        assert!(is_in(&world, &opened).await);
    }
    world
        .clock
        .advance(Span::from_micros(Span::hours(1).as_micros() - 1));
    assert!(is_in(&world, &opened).await);
    world.clock.advance(just);
    assert!(!is_in(&world, &opened).await);
}

#[tokio::test]
async fn who_is_deactivated_is_out_at_once() {
    let (world, founded) = founded().await;
    let patch = PatchPerson {
        active: Some(false),
        ..PatchPerson::default()
    };
    let id = founded.person.id.as_str();
    patch_person(&world.ctx, &world.admin, id, patch, None)
        .await
        .unwrap();
    assert!(!is_in(&world, &founded.opened).await);
    assert!(enter(&world.ctx, GOOD).await.is_err());
}

#[tokio::test]
async fn what_a_person_may_is_looked_up_each_time() {
    let (world, founded) = founded().await;
    let patch = PatchPerson {
        roles: Some(vec!["Analyst".to_owned()]),
        ..PatchPerson::default()
    };
    let id = founded.person.id.as_str();
    patch_person(&world.ctx, &world.admin, id, patch, None)
        .await
        .unwrap();
    let visitor = resume(&world.ctx, &founded.opened.cookie)
        .await
        .unwrap()
        .unwrap();
    assert!(visitor.principal.holds("audit:read") && !visitor.principal.holds("people:write"));
}

#[tokio::test]
async fn switching_passwords_off_ends_what_they_opened() {
    let (world, founded) = founded().await;
    let opened = enter(&world.ctx, GOOD).await.unwrap();
    rule(&world, |rules| rules.passwords = false);
    assert!(!is_in(&world, &opened).await);
    assert!(
        is_in(&world, &founded.opened).await,
        "opened by the set-up link"
    );
    assert!(enter(&world.ctx, GOOD).await.is_err());
    rule(&world, |rules| rules.passwords = true);
    assert!(enter(&world.ctx, GOOD).await.is_ok());
}

#[tokio::test]
async fn a_personal_token_signs_in_and_takes_the_session_with_it() {
    let (world, founded) = founded().await;
    let token = secret(&value(&founded.issued));
    let opened = sign_in_with_token(&world.ctx, &token, "").await.unwrap();
    let visitor = resume(&world.ctx, &opened.cookie).await.unwrap().unwrap();
    assert!(visitor.principal.grant.is_all());
    let id = tokens::Which::id(&founded.issued.item.token.id);
    tokens::revoke_token(&world.ctx, &world.admin, &id)
        .await
        .unwrap();
    assert!(!is_in(&world, &opened).await);
    let again = sign_in_with_token(&world.ctx, &token, "").await;
    assert_eq!(again.unwrap_err(), AuthError::Revoked.into());
    let program = sign_in_with_token(&world.ctx, &secret(&world.admin_value), "").await;
    assert!(matches!(program, Err(AppError::Forbidden { .. })));
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_own_person_only() {
    let (world, founded) = founded().await;
    let opened = enter(&world.ctx, GOOD).await.unwrap();
    let ada = resume(&world.ctx, &opened.cookie).await.unwrap().unwrap();
    let all = list_sessions(&world.ctx, &ada.principal).await.unwrap();
    assert_eq!(all.len(), 2);
    let id = founded.opened.session.id.to_string();
    let bob = world.person("Bob", &[]).await;
    let mut stranger = ada.principal.clone();
    stranger.owner = domain::people::Owner::Person(bob.id);
    let refused = end_session(&world.ctx, &stranger, &id).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })));
    end_session(&world.ctx, &ada.principal, &id).await.unwrap();
    assert!(!is_in(&world, &founded.opened).await);
    let third = enter(&world.ctx, GOOD).await.unwrap();
    end_other_sessions(&world.ctx, &ada).await.unwrap();
    assert!(!is_in(&world, &third).await && is_in(&world, &opened).await);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_all_other_sessions() {
    let (world, founded) = founded().await;
    let opened = enter(&world.ctx, GOOD).await.unwrap();
    let ada = resume(&world.ctx, &opened.cookie).await.unwrap().unwrap();
    let wish = |current: &str, wanted: &str| ChoosePassword {
        current: Some(secret(current)),
        wanted: secret(wanted),
    };
    for (current, wanted, field) in [(OTHER, OTHER, "current"), (GOOD, "short", "password")] {
        let refused = choose_password(&world.ctx, &ada, wish(current, wanted)).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: f, .. }) if f == field));
    }
    choose_password(&world.ctx, &ada, wish(GOOD, OTHER))
        .await
        .unwrap();
    assert!(is_in(&world, &opened).await && !is_in(&world, &founded.opened).await);
    assert!(enter(&world.ctx, GOOD).await.is_err() && enter(&world.ctx, OTHER).await.is_ok());
}

/// A token may do less than its owner: it neither guesses at the password nor shuts out.
#[tokio::test]
async fn who_is_there_by_a_weak_token_touches_neither_password_nor_other_sessions() {
    let (world, founded) = founded().await;
    let ada = resume(&world.ctx, &founded.opened.cookie)
        .await
        .unwrap()
        .unwrap();
    let weak = tokens::IssueToken {
        name: "weak".to_owned(),
        scopes: vec!["audit:read".to_owned()],
        ..tokens::IssueToken::default()
    };
    let weak = tokens::issue_token(&world.ctx, &ada.principal, weak).await;
    let token = secret(&value(&weak.unwrap()));
    let opened = sign_in_with_token(&world.ctx, &token, "").await.unwrap();
    let visitor = resume(&world.ctx, &opened.cookie).await.unwrap().unwrap();
    let wish = ChoosePassword {
        current: Some(secret(GOOD)),
        wanted: secret(OTHER),
    };
    let id = founded.opened.session.id.to_string();
    for refused in [
        choose_password(&world.ctx, &visitor, wish).await,
        end_other_sessions(&world.ctx, &visitor).await,
        end_own_session(&world.ctx, &visitor, &id).await,
    ] {
        assert!(
            matches!(refused, Err(AppError::Forbidden { .. })),
            "{refused:?}"
        );
    }
    assert!(is_in(&world, &founded.opened).await);
    let own = opened.session.id.to_string();
    end_own_session(&world.ctx, &visitor, &own).await.unwrap();
    assert!(!is_in(&world, &opened).await);
}
