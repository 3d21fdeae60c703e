//! Claims about the audit log.

use app::audit::{export_audit, verify_audit};
use app::tokens::{RotateToken, Which, revoke_token, rotate_token};

use crate::world::{World, missing, value};

#[tokio::test]
async fn every_change_leaves_a_row_without_a_secret_and_the_chain_is_sound() {
    let world = World::new().await;
    let issued = world.token("sva_setup", &["None"]).await;
    let me = world.with(&issued);
    let new = rotate_token(&world.ctx, &me, &Which::Own, RotateToken::default())
        .await
        .unwrap();
    revoke_token(&world.ctx, &me, &Which::Own).await.unwrap();
    let rows = export_audit(&world.ctx, &world.admin, -1, 100)
        .await
        .unwrap();
    let actions: Vec<&str> = rows.iter().map(|r| r.entry.action.as_str()).collect();
    for action in [
        "setup.prepare",
        "token.issue",
        "token.rotate",
        "token.revoke",
    ] {
        assert!(actions.contains(&action), "{action} {actions:?}");
    }
    let text = format!("{rows:?}");
    for secret in [value(&issued), value(&new)] {
        assert!(!text.contains(&secret[18..]));
    }
    let before = verify_audit(&world.ctx, &world.admin).await.unwrap();
    assert_eq!((before.first_bad, before.unchained), (None, before.rows));
    world.ctx.store.chain_audit(1000).await.unwrap();
    let after = verify_audit(&world.ctx, &world.admin).await.unwrap();
    assert_eq!(
        (after.first_bad, after.unchained, after.rows),
        (None, 0, before.rows)
    );
}

#[tokio::test]
async fn reading_it_needs_its_scope() {
    let world = World::new().await;
    let bare = world.with(&world.token("sva_setup", &["None"]).await);
    let error = verify_audit(&world.ctx, &bare).await.unwrap_err();
    assert_eq!(missing(&error), ["audit:read"]);
}
