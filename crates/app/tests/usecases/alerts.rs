//! Claims about handling alerts.

use app::alerts::{acknowledge, answer_call, get_alert, let_lapse, list_alerts, snooze, unsnooze};
use app::ports::{
    Act, AlertFilter, Call, CallError, Changes, Channel, DeliveryError, MessageContent,
    PageRequest, Receipt, RenderError, Wish, Write,
};
use app::{AppError, Principal};
use domain::expiry::{Alert, AlertKind, AlertState, Subject};
use domain::kernel::{ChannelId, Instant, MessageId, Span};

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

/// A room whose presses come from whoever the test says.
struct Room(Option<&'static str>, String);

#[async_trait::async_trait]
impl Channel for Room {
    fn id(&self) -> &ChannelId {
        static ID: std::sync::LazyLock<ChannelId> =
            std::sync::LazyLock::new(|| ChannelId::parse("room").unwrap());
        &ID
    }
    fn kind(&self) -> &'static str {
        "room"
    }
    fn reaches_persons(&self) -> bool {
        true
    }
    fn is_shared(&self) -> bool {
        true
    }
    fn is_idempotent(&self) -> bool {
        false
    }
    fn render(&self, _: &MessageContent) -> Result<String, RenderError> {
        Ok(String::new())
    }
    async fn send(&self, _: &MessageId, _: &str, _: Instant) -> Result<Receipt, DeliveryError> {
        let said = String::new();
        Ok(Receipt { said })
    }
    async fn hear(&self, call: &Call) -> Result<Wish, CallError> {
        if call.body.is_empty() {
            return Err(CallError::NotProven);
        }
        Ok(Wish {
            email: self.0.map(str::to_owned),
            alert: domain::kernel::AlertId::parse(self.1.clone()).unwrap(),
            act: Act::Acknowledge,
            reply_to: None,
        })
    }
}

/// P6: a press acts with the rights of the person of the address, and of nobody else.
#[tokio::test]
async fn a_press_in_a_chat_acts_as_the_person_of_that_address() {
    let world = World::new().await;
    let ada = world.person("ada", &[]).await;
    world.person("bob", &["Analyst"]).await;
    let (alert, me) = alert(&world, ada.id.as_str()).await;
    let id = alert.id.to_string();
    let call = |body: &str| Call {
        now: world.ctx.now(),
        headers: std::collections::BTreeMap::new(),
        body: body.as_bytes().to_vec(),
    };
    let ada_email: &'static str = ada.email.as_ref().unwrap().to_string().leak();
    for (email, acknowledged) in [
        (None, false),
        (Some("eve@example.org"), false),
        (Some("bob@example.org"), false),
        (Some(ada_email), true),
    ] {
        let room: std::sync::Arc<dyn Channel> = std::sync::Arc::new(Room(email, id.clone()));
        world.ctx.channels.store(std::sync::Arc::new(vec![room]));
        answer_call(&world.ctx, "room", &call("x")).await.unwrap();
        let stands = get_alert(&world.ctx, &me, &id).await.unwrap().alert;
        let state = stands.state(world.ctx.now());
        assert_eq!(state == AlertState::Acknowledged, acknowledged, "{email:?}");
    }
    let forged = answer_call(&world.ctx, "room", &call("")).await;
    assert!(matches!(forged, Err(AppError::Forbidden { .. })));
    let nowhere = answer_call(&world.ctx, "none", &call("x")).await;
    assert!(matches!(nowhere, Err(AppError::NotFound { .. })));
}
