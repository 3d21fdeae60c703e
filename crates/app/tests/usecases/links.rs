//! Claims about links in messages that act without a sign-in.

use std::sync::Arc;

use app::alerts::{act_by_link, held_link};
use app::deliver::{claim, deliver};
use app::people::{CreateTeam, PatchPerson, PatchTeam, create_team, patch_person, patch_team};
use app::ports::{Act, AuditFilter, Channel, PageRequest};
use app::tokens::{IssueToken, PatchToken, patch_token};
use app::{AppError, Settings};
use domain::expiry::AlertState;
use domain::kernel::{AlertId, Span, SweepId};
use domain::people::{Person, Recipient};
use testkit::RecordingChannel;

use crate::world::World;

const ACTS: [Act; 3] = [Act::Acknowledge, Act::Snooze(Span::days(1)), Act::LetLapse];

/// A world with mail and a room, in which a token of Ada's ends in a week and was warned of.
struct House {
    world: World,
    ada: Person,
    token: String,
    mail: Arc<RecordingChannel>,
    room: Arc<RecordingChannel>,
}

impl House {
    async fn warned() -> Self {
        Self::warned_of(|_| IssueToken::default()).await
    }

    async fn warned_of(more: impl Fn(&Person) -> IssueToken) -> Self {
        let world = World::new().await;
        let ada = world.person("ada", &[]).await;
        Self::told(world, ada, more).await
    }

    async fn told(world: World, ada: Person, more: impl Fn(&Person) -> IssueToken) -> Self {
        let mail = Arc::new(RecordingChannel::mail("mail"));
        let room = Arc::new(RecordingChannel::room("room"));
        let ways: Vec<Arc<dyn Channel>> = vec![mail.clone(), room.clone()];
        world.ctx.channels.store(Arc::new(ways));
        let request = IssueToken {
            name: "nightly".into(),
            owner: Some(ada.id.to_string()),
            lifetime: Some(Span::days(90)),
            ..more(&ada)
        };
        let issued = world.issue(&world.admin, request).await.unwrap();
        let token = issued.item.token.id.to_string();
        let house = Self {
            world,
            ada,
            token,
            mail,
            room,
        };
        house.world.pass(Span::days(83));
        house.say().await;
        house
    }

    /// What the loops do: everything due is said and delivered.
    async fn say(&self) {
        let ctx = &self.world.ctx;
        let id = SweepId::random(&mut &*ctx.random);
        app::sweep::sweep(ctx, &id).await.unwrap();
        for message in claim(ctx, 100, Vec::new()).await.unwrap() {
            deliver(ctx, message).await.unwrap();
        }
    }

    /// Alert and code of the newest link to a recipient, if they got one.
    fn link_to(&self, recipient: &Recipient) -> Option<(String, String)> {
        let rendered = [self.mail.rendered(), self.room.rendered()].concat();
        let own = rendered
            .into_iter()
            .filter(|c| c.to.recipient == *recipient);
        let mut links = own.flat_map(|c| c.items).filter_map(|item| item.act_link);
        let link = links.next_back()?.expose().clone();
        let path = link.strip_prefix("http://127.0.0.1:8080/act/").unwrap();
        let (alert, code) = path.split_once('/').unwrap();
        Some((alert.to_owned(), code.to_owned()))
    }

    fn to_ada(&self) -> (String, String) {
        let ada = Recipient::Person(self.ada.id.clone());
        self.link_to(&ada).unwrap()
    }

    async fn press(&self, (alert, code): &(String, String), act: Act) -> Result<(), AppError> {
        act_by_link(&self.world.ctx, alert, code, act)
            .await
            .map(drop)
    }

    async fn opens(&self, (alert, code): &(String, String)) -> bool {
        match held_link(&self.world.ctx, alert, code).await {
            Ok(_) => true,
            Err(AppError::NotFound { .. }) => false,
            Err(other) => panic!("{other}"),
        }
    }

    async fn state(&self, alert: &str) -> AlertState {
        let id = AlertId::parse(alert).unwrap();
        let alert = self.world.ctx.store.alert(&id).await.unwrap().unwrap();
        alert.state(self.world.ctx.now())
    }

    /// Who did what to alerts, oldest first.
    async fn done(&self) -> Vec<(String, String)> {
        let page = PageRequest {
            limit: 200,
            after: None,
        };
        let filter = AuditFilter::default();
        let rows = self.world.ctx.store.audit(&filter, &page).await.unwrap();
        let own = rows.items.into_iter().map(|row| row.entry);
        let own = own.filter(|entry| entry.target.starts_with("alert:"));
        let mut own: Vec<_> = own.map(|entry| (entry.actor, entry.action)).collect();
        own.sort();
        own
    }
}

fn of_team(_: &Person) -> IssueToken {
    IssueToken {
        team: Some("CI".into()),
        ..IssueToken::default()
    }
}

fn is_forbidden(got: &Result<(), AppError>) -> bool {
    matches!(got, Err(AppError::Forbidden { .. }))
}

/// A press acts as whom the message was sent to, and the audit log says through what.
#[tokio::test]
async fn a_press_acts_as_whom_the_message_was_sent_to() {
    let house = House::warned().await;
    let link = house.to_ada();
    let held = held_link(&house.world.ctx, &link.0, &link.1).await.unwrap();
    assert!(held.may_act && held.may_let_lapse);
    assert_eq!(held.name, "ada");
    assert!(house.done().await.is_empty(), "looking changes nothing");
    let ada = format!("link:person:{}", house.ada.id);
    for (act, action, state) in [
        (ACTS[0], "alert.acknowledge", AlertState::Acknowledged),
        (ACTS[1], "alert.snooze", AlertState::Snoozed),
        (ACTS[2], "alert.let_lapse", AlertState::LetLapse),
    ] {
        house.press(&link, act).await.unwrap();
        assert_eq!(house.state(&link.0).await, state);
        let done = house.done().await;
        assert!(done.contains(&(ada.clone(), action.to_owned())), "{done:?}");
    }
    let names = app::people::Names::load(&house.world.ctx).await.unwrap();
    assert_eq!(names.actor(&ada), "ada, through a link in a message");
}

/// A press that comes twice, or a month later from a browser that was left open, does
/// nothing the second time.
#[tokio::test]
async fn pressing_again_changes_nothing() {
    for act in ACTS {
        let house = House::warned().await;
        let link = house.to_ada();
        house.press(&link, act).await.unwrap();
        let id = AlertId::parse(link.0.clone()).unwrap();
        let before = house.world.ctx.store.alert(&id).await.unwrap();
        house.world.pass(Span::minutes(10));
        house.press(&link, act).await.unwrap();
        assert_eq!(house.world.ctx.store.alert(&id).await.unwrap(), before);
        assert_eq!(house.done().await.len(), 1, "{act:?}");
    }
}

#[tokio::test]
async fn no_letter_of_a_link_can_be_changed() {
    let house = House::warned().await;
    let (alert, code) = house.to_ada();
    assert!(house.opens(&(alert.clone(), code.clone())).await);
    for at in 0..code.len() {
        let mut other = code.clone().into_bytes();
        other[at] = if other[at] == b'1' { b'2' } else { b'1' };
        let other = String::from_utf8(other).unwrap();
        assert!(
            !house.opens(&(alert.clone(), other.clone())).await,
            "{other}"
        );
        let cut = code[..at].to_owned();
        assert!(!house.opens(&(alert.clone(), cut)).await, "{at}");
    }
    for code in [
        "",
        "...",
        "a.1.1.1.",
        "a.b.c.d",
        &format!("{code}0"),
        &"9".repeat(9999),
    ] {
        assert!(
            !house.opens(&(alert.clone(), code.to_owned())).await,
            "{code:.50}"
        );
    }
}

/// Neither another alert nor another person is within reach of a link.
#[tokio::test]
async fn a_link_is_of_one_alert_and_one_recipient() {
    let house = House::warned().await;
    let (alert, code) = house.to_ada();
    let room = Recipient::Channel(house.room.id().clone());
    let (_, of_room) = house.link_to(&room).unwrap();
    let other = House::told(house.world, house.ada, |_| IssueToken::default()).await;
    let (second, _) = other.to_ada();
    assert_ne!(alert, second);
    assert!(!other.opens(&(second.clone(), code.clone())).await);
    let who = |code: &str| code.split_once('.').unwrap().0.to_owned();
    let mixed = code.replacen(&who(&code), &who(&of_room), 1);
    assert!(!other.opens(&(alert, mixed)).await);
    // Every other signature of this server is for another purpose.
    let feed = code.replacen(&code[..1], "g", 1);
    assert!(!other.opens(&(second, feed)).await);
}

#[tokio::test]
async fn somebody_who_left_opens_nothing() {
    let house = House::warned().await;
    let link = house.to_ada();
    let ctx = &house.world.ctx;
    let change = |patch: PatchPerson| async {
        let id = house.ada.id.as_str().to_owned();
        patch_person(ctx, &house.world.admin, &id, patch, None)
            .await
            .unwrap();
    };
    let active = |active| PatchPerson {
        active: Some(active),
        ..PatchPerson::default()
    };
    change(active(false)).await;
    assert!(!house.opens(&link).await);
    let got = house.press(&link, Act::Acknowledge).await;
    assert!(matches!(got, Err(AppError::NotFound { .. })));
    change(active(true)).await;
    assert!(house.opens(&link).await);
    let leaves = ctx.now() + Span::days(1);
    let leaving = PatchPerson {
        leaves_at: Some(Some(leaves)),
        ..PatchPerson::default()
    };
    change(leaving).await;
    let micro = Span::from_micros(1);
    house
        .world
        .pass(Span::from_micros(Span::days(1).as_micros() - 1));
    assert!(house.opens(&link).await);
    house.world.pass(micro);
    assert!(!house.opens(&link).await);
}

/// Who does not answer for it any more sees how it stands, and changes nothing.
#[tokio::test]
async fn somebody_who_answers_for_it_no_longer_may_only_look() {
    let world = World::new().await;
    let (ada, bob) = (
        world.person("ada", &[]).await,
        world.person("bob", &[]).await,
    );
    let team = CreateTeam {
        name: "CI".into(),
        members: vec![bob.id.to_string()],
        ..CreateTeam::default()
    };
    let team = create_team(&world.ctx, &world.admin, team).await.unwrap();
    let house = House::told(world, ada, of_team).await;
    let link = house.link_to(&Recipient::Person(bob.id.clone())).unwrap();
    let (ctx, admin) = (&house.world.ctx, &house.world.admin);
    assert!(held_link(ctx, &link.0, &link.1).await.unwrap().may_act);
    let left = PatchTeam {
        members: Some(Vec::new()),
        ..PatchTeam::default()
    };
    patch_team(ctx, admin, team.id.as_str(), left, None)
        .await
        .unwrap();
    let held = held_link(ctx, &link.0, &link.1).await.unwrap();
    assert!(!held.may_act && !held.may_let_lapse);
    for act in ACTS {
        assert!(is_forbidden(&house.press(&link, act).await), "{act:?}");
    }
    assert!(house.done().await.is_empty());
}

/// Nobody knows who presses in a room, so what cannot be taken back by the next step is not
/// done there.
#[tokio::test]
async fn a_room_acknowledges_and_snoozes_and_never_lets_lapse() {
    let house = House::warned().await;
    let room = Recipient::Channel(house.room.id().clone());
    let link = house.link_to(&room).unwrap();
    assert!(is_forbidden(&house.press(&link, Act::LetLapse).await));
    house.press(&link, Act::Acknowledge).await.unwrap();
    house
        .press(&link, Act::Snooze(Span::days(1)))
        .await
        .unwrap();
    assert_eq!(house.state(&link.0).await, AlertState::Snoozed);
    house.world.ctx.channels.store(Arc::new(Vec::new()));
    assert!(
        !house.opens(&link).await,
        "a room that is gone opens nothing"
    );
}

/// A mailbox of the team acts for what the team answers for, as long as it does.
#[tokio::test]
async fn a_mailbox_of_a_team_acts_for_what_the_team_answers_for() {
    let world = World::new().await;
    let ada = world.person("ada", &[]).await;
    let request = CreateTeam {
        name: "CI".into(),
        email: Some("ci@example.org".into()),
        ..CreateTeam::default()
    };
    let team = create_team(&world.ctx, &world.admin, request)
        .await
        .unwrap();
    let house = House::told(world, ada, of_team).await;
    let link = house.link_to(&Recipient::Team(team.id.clone())).unwrap();
    house.press(&link, Act::Acknowledge).await.unwrap();
    let by = (
        format!("link:team:{}", team.id),
        "alert.acknowledge".to_owned(),
    );
    assert_eq!(house.done().await, [by]);
    let patch = PatchToken {
        team: Some(None),
        ..PatchToken::default()
    };
    let (ctx, admin) = (&house.world.ctx, &house.world.admin);
    patch_token(ctx, admin, &house.token, patch, None)
        .await
        .unwrap();
    assert!(is_forbidden(&house.press(&link, Act::LetLapse).await));
    let rename = PatchTeam {
        name: Some("Builds".into()),
        ..PatchTeam::default()
    };
    patch_team(ctx, admin, team.id.as_str(), rename, None)
        .await
        .unwrap();
    assert!(house.opens(&link).await);
}

/// Who only wants to hear could not act signed in, and gets no link that could.
#[tokio::test]
async fn a_watcher_gets_no_link() {
    let world = World::new().await;
    let (ada, bob) = (
        world.person("ada", &[]).await,
        world.person("bob", &[]).await,
    );
    let watcher = Recipient::Person(bob.id.clone());
    let word = watcher.to_string();
    let watched = |_: &Person| IssueToken {
        watchers: vec![word.clone()],
        ..IssueToken::default()
    };
    let house = House::told(world, ada, watched).await;
    let heard = house.mail.rendered().into_iter();
    assert!(heard.map(|c| c.to.recipient).any(|to| to == watcher));
    assert_eq!(house.link_to(&watcher), None);
}

/// The alert closes when the token is revoked; a week later its link shows nothing.
#[tokio::test]
async fn a_link_is_void_a_week_after_the_alert_is_over() {
    let house = House::warned().await;
    let link = house.to_ada();
    let (ctx, admin) = (&house.world.ctx, &house.world.admin);
    let which = app::tokens::Which::Id(house.token.clone());
    app::tokens::revoke_token(ctx, admin, &which).await.unwrap();
    house.say().await;
    assert_eq!(house.state(&link.0).await, AlertState::Resolved);
    for act in ACTS {
        let got = house.press(&link, act).await;
        assert!(matches!(got, Err(AppError::Conflict { .. })), "{act:?}");
    }
    house.world.pass(Span::days(7));
    assert!(house.opens(&link).await);
    house.world.pass(Span::from_micros(1));
    assert!(!house.opens(&link).await);
    assert!(house.done().await.is_empty());
}

#[tokio::test]
async fn where_links_need_a_sign_in_none_is_written_and_none_acts() {
    let house = House::warned().await;
    let link = house.to_ada();
    let settings = Settings {
        links_need_sign_in: true,
        ..Settings::default()
    };
    house.world.ctx.settings.store(Arc::new(settings));
    assert!(is_forbidden(&house.press(&link, Act::Acknowledge).await));
    house.mail.forget();
    house.world.pass(Span::days(5));
    house.say().await;
    let said = house.mail.rendered();
    assert!(!said.is_empty());
    assert!(
        said.iter()
            .flat_map(|c| &c.items)
            .all(|item| item.act_link.is_none())
    );
}

/// Nothing that prints a message prints the link in it.
#[tokio::test]
async fn a_link_does_not_print() {
    let house = House::warned().await;
    let (_, code) = house.to_ada();
    let printed = format!("{:?}", house.mail.rendered());
    assert!(printed.contains("act_link") && !printed.contains(&code));
}
