//! B41: a create that is sent again makes nothing twice.

use app::tokens::{IssueToken, RotateToken, Which, rotate_token};
use app::{IdempotencyKey, authenticate};
use domain::kernel::Span;

use crate::world::{World, field, value};

fn key(key: &str, request: &str) -> Option<IdempotencyKey> {
    Some(IdempotencyKey {
        key: key.into(),
        request: request.into(),
    })
}

fn asked(idempotency: Option<IdempotencyKey>) -> IssueToken {
    IssueToken {
        name: "t".into(),
        idempotency,
        ..IssueToken::default()
    }
}

/// B41: the same request answers the same token without its value; another request under
/// the key is refused; after a day the key is free.
#[tokio::test]
async fn a_repeat_answers_the_same_token_without_its_value() {
    let world = World::new().await;
    let first = world
        .issue(&world.admin, asked(key("k", "r")))
        .await
        .unwrap();
    let again = world
        .issue(&world.admin, asked(key("k", "r")))
        .await
        .unwrap();
    assert_eq!(first.item.token.id, again.item.token.id);
    assert!(first.value.is_some() && again.value.is_none());
    let other = world.issue(&world.admin, asked(key("k", "other"))).await;
    assert_eq!(field(&other.unwrap_err()), "Idempotency-Key");
    let request = IssueToken {
        lifetime: Some(Span::days(9)),
        ..asked(None)
    };
    let later = world.token("sva_setup", &["Admin"]).await;
    world.pass(Span::hours(24));
    let later = world.with(&later);
    let request = IssueToken {
        idempotency: key("k", "other"),
        ..request
    };
    assert!(world.issue(&later, request).await.unwrap().value.is_some());
}

/// B41: of two at once one makes the token, the other answers it.
#[tokio::test]
async fn twins_make_one_token() {
    let world = World::new().await;
    let (a, b) = tokio::join!(
        world.issue(&world.admin, asked(key("k", "r"))),
        world.issue(&world.admin, asked(key("k", "r"))),
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(a.item.token.id, b.item.token.id);
    assert_eq!(u8::from(a.value.is_some()) + u8::from(b.value.is_some()), 1);
}

/// B41: a key of 10 KB, an empty one, one with a line break: refused.
#[tokio::test]
async fn an_odd_key_is_refused() {
    let world = World::new().await;
    for odd in [String::new(), "k".repeat(10_240), "a\nb".into(), "é".into()] {
        let got = world.issue(&world.admin, asked(key(&odd, "r"))).await;
        assert_eq!(field(&got.unwrap_err()), "Idempotency-Key");
    }
}

/// The replay of a lost rotation answers the new token, which can then be rotated.
#[tokio::test]
async fn a_lost_rotation_is_replayed_and_rotated_on() {
    let world = World::new().await;
    let old = world.token("sva_setup", &["None"]).await;
    let me = world.with(&old);
    let request = || RotateToken {
        idempotency: key("k", "r"),
        ..RotateToken::default()
    };
    let lost = rotate_token(&world.ctx, &me, &Which::Own, request())
        .await
        .unwrap();
    let replay = rotate_token(&world.ctx, &me, &Which::Own, request())
        .await
        .unwrap();
    assert_eq!(
        (&replay.item.token.id, replay.value.is_none()),
        (&lost.item.token.id, true)
    );
    let which = Which::id(&replay.item.token.id);
    let found = rotate_token(&world.ctx, &me, &which, RotateToken::default())
        .await
        .unwrap();
    assert!(authenticate(&world.ctx, &value(&found)).is_ok());
}
