//! Claims about issuing.

use app::tokens::{IssueToken, Which, get_token, token_self};
use app::{AuthError, authenticate};
use domain::kernel::{Instant, Span};
use domain::token::TokenKind;

use crate::world::{World, field, missing, value, words};

fn named(name: &str) -> IssueToken {
    IssueToken {
        name: name.into(),
        ..IssueToken::default()
    }
}

#[tokio::test]
async fn a_token_works_the_moment_it_is_answered_and_lives_a_year_by_default() {
    let world = World::new().await;
    let issued = world.issue(&world.admin, named("nightly")).await.unwrap();
    let me = world.with(&issued);
    let own = token_self(&world.ctx, &me).await.unwrap();
    assert_eq!(
        own.credential.remaining(world.ctx.now()),
        Some(Span::hours(8760))
    );
    assert_eq!(own.credential.roles, ["None"]);
    assert_eq!(
        (own.credential.scopes.len(), own.credential.name.as_str()),
        (0, "nightly")
    );
    assert_eq!(own.credential.last_used_at, Some(world.ctx.now()));
    assert!(own.token.created_by.contains("sva_setup"));
}

#[tokio::test]
async fn the_kind_follows_the_owner_and_the_purpose() {
    let world = World::new().await;
    world.person("ada", &["Analyst"]).await;
    world.account("etl", &["Analyst"]).await;
    let ada = world.token("ada@example.org", &["Analyst"]).await;
    let etl = world.token("etl", &["Analyst"]).await;
    let pusher = IssueToken {
        ingest_source: Some("prod-foundry".into()),
        ..named("push")
    };
    let pusher = world.issue(&world.admin, pusher).await.unwrap();
    for (issued, letter, kind) in [
        (&ada, "fwnp_", TokenKind::Personal),
        (&etl, "fwns_", TokenKind::ServiceAccount),
        (&pusher, "fwnc_", TokenKind::Connector),
    ] {
        assert!(value(issued).starts_with(letter));
        assert_eq!(issued.item.token.kind, kind);
    }
    let pushes = world.with(&pusher);
    assert_eq!(pushes.grant.words(), ["observations:write"]);
    assert_eq!(pushes.ingest_source.unwrap().as_str(), "prod-foundry");
}

/// B14: names of 1 and 255 bytes are fine, of 0 and 256 are not.
#[tokio::test]
async fn a_name_has_1_to_255_bytes() {
    let world = World::new().await;
    for (length, fine) in [
        (0, false),
        (1, true),
        (255, true),
        (256, false),
        (10_000_000, false),
    ] {
        let got = world.issue(&world.admin, named(&"n".repeat(length))).await;
        assert_eq!(got.is_ok(), fine, "{length}");
        if let Err(error) = got {
            assert_eq!(field(&error), "name");
        }
    }
}

/// B22, B24: ends in the past, now or in a second are refused and name their field.
#[tokio::test]
async fn an_impossible_end_names_its_field() {
    let world = World::new().await;
    let now = world.ctx.now();
    for micros in [-1, 0, 1_000_000] {
        let at = Instant::from_micros(now.as_micros() + micros);
        let request = IssueToken {
            expires_at: Some(at),
            ..named("t")
        };
        let error = world.issue(&world.admin, request).await.unwrap_err();
        assert_eq!(field(&error), "expires_at");
        let request = IssueToken {
            lifetime: Some(Span::from_micros(micros)),
            ..named("t")
        };
        let error = world.issue(&world.admin, request).await.unwrap_err();
        assert_eq!(field(&error), "lifetime");
    }
    let both = IssueToken {
        expires_at: Some(Instant::MAX),
        lifetime: Some(Span::days(1)),
        ..named("t")
    };
    assert_eq!(
        field(&world.issue(&world.admin, both).await.unwrap_err()),
        "lifetime"
    );
    let last = IssueToken {
        expires_at: Some(Instant::MAX),
        ..named("t")
    };
    assert!(world.issue(&world.admin, last).await.is_ok());
}

/// B27: a role is named exactly or not at all.
#[tokio::test]
async fn a_role_of_another_spelling_is_unknown() {
    let world = World::new().await;
    for role in ["admin", "Admin ", "ROOT", "", "Аdmin"] {
        let request = IssueToken {
            roles: words(&[role]),
            ..named("t")
        };
        let error = world.issue(&world.admin, request).await.unwrap_err();
        assert_eq!(field(&error), "roles", "{role:?}");
    }
}

/// B29: repeats count once, too many are refused.
#[tokio::test]
async fn scopes_are_deduplicated_and_bounded() {
    let world = World::new().await;
    let request = IssueToken {
        scopes: words(&["b", "a", "b"]),
        ..named("t")
    };
    let issued = world.issue(&world.admin, request).await.unwrap();
    assert_eq!(issued.item.token.scopes.words(), ["a", "b"]);
    let many = (0..10_000).map(|n| format!("s{n}")).collect();
    let request = IssueToken {
        scopes: many,
        ..named("t")
    };
    assert_eq!(
        field(&world.issue(&world.admin, request).await.unwrap_err()),
        "scopes"
    );
}

#[tokio::test]
async fn issuing_needs_its_scope_and_for_others_one_more() {
    let world = World::new().await;
    world.role("Issuer", &["tokens:issue", "a"]).await;
    world.person("ada", &["Issuer"]).await;
    world.account("etl", &["Issuer"]).await;
    let none = world.with(&world.token("ada@example.org", &["None"]).await);
    let error = world.issue(&none, named("t")).await.unwrap_err();
    assert_eq!(missing(&error), ["tokens:issue"]);
    let issuer = world.with(&world.token("ada@example.org", &["Issuer"]).await);
    assert!(world.issue(&issuer, named("t")).await.is_ok());
    let other = IssueToken {
        owner: Some("etl".into()),
        ..named("t")
    };
    let error = world.issue(&issuer, other).await.unwrap_err();
    assert_eq!(missing(&error), ["tokens:issue-for-others"]);
}

/// B10: at its end a token is told that it expired, and that is not a wrong secret.
#[tokio::test]
async fn an_expired_token_is_told_so() {
    let world = World::new().await;
    let request = IssueToken {
        lifetime: Some(Span::seconds(60)),
        ..named("t")
    };
    let issued = world.issue(&world.admin, request).await.unwrap();
    world.pass(Span::seconds(60));
    assert_eq!(
        authenticate(&world.ctx, &value(&issued)),
        Err(AuthError::Expired)
    );
    assert_eq!(authenticate(&world.ctx, ""), Err(AuthError::Missing));
}

/// B36: malformed and unknown ids are not found.
#[tokio::test]
async fn an_odd_id_is_not_found() {
    let world = World::new().await;
    for id in ["", "self", "ZZZZZZZZZZZZ", "a b", "\u{202E}", "../x"] {
        let got = get_token(&world.ctx, &world.admin, &Which::Id(id.into())).await;
        assert!(matches!(got, Err(app::AppError::NotFound { .. })), "{id:?}");
    }
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let world = World::new().await;
    let issued = world.issue(&world.admin, named("t")).await.unwrap();
    let ctx = world.restarted().await;
    assert!(authenticate(&ctx, &value(&issued)).is_ok());
    let session = app::authenticate_session(&ctx, &issued.item.token.id).unwrap();
    assert_eq!(session.token, Some(issued.item.token.id));
}
