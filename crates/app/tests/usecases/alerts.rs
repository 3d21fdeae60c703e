//! Claims about handling alerts.

use app::alerts::{acknowledge, get_alert, let_lapse, list_alerts, snooze, unsnooze};
use app::ports::{AlertFilter, Changes, PageRequest, Write};
use app::{AppError, Principal};
use domain::expiry::{Alert, AlertKind, AlertState, Subject};
use domain::kernel::Span;

use crate::world::{World, field, missing};

async fn alert(world: &World, owner: &str) -> (Alert, Principal) {
    let issued = world.token(owner, &["None"]).await;
    let subject = Subject::Credential(issued.item.token.id.clone());
    let end = issued.item.credential.expires_at();
    let alert = Alert::open(subject, AlertKind::Expiry, end, world.ctx.now());
    let changes = Changes {
        writes: vec![Write::PutAlert(Box::new(alert.clone()))],
        audit: vec![],
    };
    world.ctx.store.commit(changes).await.unwrap();
    (alert, world.with(&issued))
}

#[tokio::test]
async fn an_owner_handles_alerts_about_what_is_theirs() {
    let world = World::new().await;
    let ada = world.person("ada", &[]).await;
    let (alert, me) = alert(&world, ada.id.as_str()).await;
    let id = alert.id.as_str();
    let now = world.ctx.now();
    let got = acknowledge(&world.ctx, &me, id, Some("on it".into()))
        .await
        .unwrap();
    assert_eq!(got.alert.state(now), AlertState::Acknowledged);
    let until = now.checked_add(Span::days(2)).unwrap();
    let got = snooze(&world.ctx, &me, id, until).await.unwrap();
    assert_eq!(got.alert.state(now), AlertState::Snoozed);
    unsnooze(&world.ctx, &me, id).await.unwrap();
    assert!(matches!(
        unsnooze(&world.ctx, &me, id).await,
        Err(AppError::Conflict { .. })
    ));
    assert_eq!(
        field(&snooze(&world.ctx, &me, id, now).await.unwrap_err()),
        "until"
    );
    let got = let_lapse(&world.ctx, &me, id, None).await.unwrap();
    assert_eq!(got.alert.state(now), AlertState::LetLapse);
    let stored = get_alert(&world.ctx, &me, id).await.unwrap().alert;
    assert_eq!(stored, got.alert);
}

#[tokio::test]
async fn others_do_not_see_it_and_readers_may_not_handle_it() {
    let world = World::new().await;
    let ada = world.person("ada", &[]).await;
    let bob = world.person("bob", &["Analyst"]).await;
    let (alert, _) = alert(&world, ada.id.as_str()).await;
    let id = alert.id.as_str();
    let bare = world.with(&world.token(bob.id.as_str(), &["None"]).await);
    let got = acknowledge(&world.ctx, &bare, id, None).await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
    let reader = world.with(&world.token(bob.id.as_str(), &["Analyst"]).await);
    let error = acknowledge(&world.ctx, &reader, id, None)
        .await
        .unwrap_err();
    assert_eq!(missing(&error), ["alerts:write"]);
    let page = PageRequest {
        limit: 10,
        after: None,
    };
    for (by, count) in [(&bare, 0), (&reader, 1)] {
        let got = list_alerts(&world.ctx, by, AlertFilter::default(), &page)
            .await
            .unwrap();
        assert_eq!(got.items.len(), count);
    }
}
