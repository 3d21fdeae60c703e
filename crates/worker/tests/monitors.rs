//! Integrations that report in, and tokens that are used: what is missed and who hears.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::collections::BTreeSet;

use app::feed::flush_usage;
use app::monitors::{
    CreateMonitor, MonitorItem, PatchMonitor, Ping, create_monitor, flush_pings, get_monitor,
    patch_monitor, ping, remove_monitor, stop_listening,
};
use app::ports::{Usage, Write};
use app::tokens::{IssueToken, issue_token};
use app::{AppError, AuthError, Principal, authenticate};
use domain::access::{Grant, Role};
use domain::expiry::{AlertKind, Subject};
use domain::inventory::{Credential, Pulse};
use domain::kernel::{CredentialId, Email, Name, PersonId, RoleName, SourceId, Span};
use domain::people::{Owner, Person, Recipient};
use testkit::RecordingChannel;
use world::World;

const DAY: Span = Span::days(1);
const HOUR: Span = Span::hours(1);

fn principal(owner: &PersonId, scopes: &[&str]) -> Principal {
    let words: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    Principal {
        token: None,
        kind: None,
        owner: Owner::Person(owner.clone()),
        grant: std::sync::Arc::new(Grant::parse(&words).unwrap()),
        expires_at: None,
        ingest_source: None,
    }
}

/// Ada and her monitor, which reports in every day with an hour of grace.
struct Stage {
    world: World,
    ada: PersonId,
    me: Principal,
    monitor: MonitorItem,
}

impl Stage {
    async fn new() -> Self {
        Self::depending_on(&[]).await
    }

    async fn depending_on(names: &[&str]) -> Self {
        let world = World::new();
        let ada = world.person("ada").await;
        let mut depends_on = Vec::new();
        for name in names {
            let one = world.credential(name, Some(&ada), Span::days(100));
            depends_on.push(world.put(one).await.to_string());
        }
        let me = principal(&ada, &[]);
        let request = CreateMonitor {
            name: "nightly export".to_owned(),
            period: DAY,
            grace: Some(HOUR),
            depends_on,
            ..CreateMonitor::default()
        };
        let monitor = create_monitor(&world.ctx, &me, request).await.unwrap();
        world.round().await;
        Self {
            world,
            ada,
            me,
            monitor,
        }
    }

    fn id(&self) -> &str {
        self.monitor.monitor.id.as_str()
    }

    fn key(&self) -> &str {
        self.monitor.monitor.key.expose()
    }

    async fn says(&self, says: Ping) {
        ping(&self.world.ctx, self.key(), says).await.unwrap();
        flush_pings(&self.world.ctx).await.unwrap();
    }

    /// Rounds every hour; reports in every day.
    async fn days(&self, days: i64, reports: bool) {
        for hour in 1..=days * 24 {
            self.world.clock.advance(HOUR);
            if reports && hour % 24 == 0 {
                self.says(Ping::Fine).await;
            }
            self.world.round().await;
        }
    }

    async fn pulse(&self) -> Pulse {
        let item = get_monitor(&self.world.ctx, &self.me, self.id()).await;
        item.unwrap().pulse
    }

    async fn is_open(&self) -> bool {
        let subject = Subject::Monitor(self.monitor.monitor.id.clone());
        let alert = self.world.alert_of(&subject, AlertKind::Silent).await;
        alert.is_some_and(|a| a.resolved.is_none())
    }

    fn lines(&self) -> Vec<String> {
        let id = self.id();
        // That what it depends on is a person's is told apart, on Mondays.
        let carried = |line: &String| line.contains("-key now#1");
        let lines = self
            .world
            .mailed()
            .into_iter()
            .filter(|line| !carried(line));
        lines.map(|line| line.replace(id, "ID")).collect()
    }
}

async fn admin(world: &World) -> PersonId {
    let id = PersonId::derived(&["root"]);
    let root = Person {
        id: id.clone(),
        name: Name::parse("root").unwrap(),
        email: Some(Email::parse("root@example.org").unwrap()),
        time_zone: None,
        roles: BTreeSet::from([RoleName::parse("Admin").unwrap()]),
        active: true,
        leaves_at: None,
        bounced_at: None,
        claimed: None,
        locale: None,
        provisioned: Default::default(),
        created_at: world.now(),
        version: 0,
    };
    world.write(vec![app::ports::Write::PutPerson(root)]).await;
    id
}

fn heard_by(world: &World, who: &PersonId) -> usize {
    let rendered = world.mail.rendered();
    let to = Recipient::Person(who.clone());
    rendered.iter().filter(|c| c.to.recipient == to).count()
}

/// F28: a heartbeat stops: owner and team hear within an interval, the notice names what it
/// depends on, and that it is heard again is said too.
#[tokio::test]
async fn a_heartbeat_that_stops_is_said_with_what_it_depends_on() {
    let stage = Stage::depending_on(&["export-key"]).await;
    stage.days(5, true).await;
    assert_eq!((stage.lines(), stage.pulse().await), (vec![], Pulse::Up));
    let key = stage.monitor.monitor.depends_on.first().unwrap().clone();
    let lapsed = stage.world.now();
    stage
        .world
        .change(&key, |c| c.revoked_at = Some(lapsed))
        .await;
    stage.days(1, false).await;
    assert_eq!((stage.lines(), stage.pulse().await), (vec![], Pulse::Up));
    stage.world.clock.advance(HOUR);
    stage.world.round().await;
    assert!(stage.lines().is_empty(), "the grace is not over");
    stage.world.clock.advance(HOUR);
    stage.world.round().await;
    assert_eq!(stage.lines(), ["monitor:ID silent now#1"]);
    let rendered = stage.world.mail.rendered();
    let item = rendered.last().unwrap().items.first().unwrap();
    let facts = item.monitor.as_ref().unwrap();
    assert_eq!(
        (
            facts.name.as_str(),
            facts.owner.as_ref().unwrap().1.as_str()
        ),
        ("nightly export", "ada")
    );
    let named = facts.depends_on.first().unwrap();
    assert_eq!(
        (named.name.as_str(), named.state),
        ("export-key", "revoked")
    );
    let detail = item.detail.as_ref().unwrap();
    assert!(detail.contains("export-key, which was revoked"), "{detail}");
    stage.says(Ping::Fine).await;
    stage.world.round().await;
    assert_eq!(stage.lines()[1..], ["monitor:ID silent now#1 Recovered"]);
    assert_eq!(stage.pulse().await, Pulse::Up);
}

#[tokio::test]
async fn admins_hear_of_a_silence_of_a_day() {
    let stage = Stage::new().await;
    let root = admin(&stage.world).await;
    stage.days(2, false).await;
    let world = &stage.world;
    assert_eq!(
        (heard_by(world, &stage.ada), heard_by(world, &root)),
        (1, 0)
    );
    stage.days(1, false).await;
    assert_eq!(
        (heard_by(world, &stage.ada), heard_by(world, &root)),
        (2, 1)
    );
}

#[tokio::test]
async fn a_failure_is_said_at_once() {
    let stage = Stage::new().await;
    stage.says(Ping::Fine).await;
    stage.world.clock.advance(HOUR);
    stage.says(Ping::Failed).await;
    stage.world.round().await;
    assert_eq!(stage.lines(), ["monitor:ID silent now#1"]);
    assert_eq!(stage.pulse().await, Pulse::Failed);
    stage.says(Ping::Failed).await;
    stage.world.round().await;
    assert_eq!(stage.lines().len(), 1, "the same failure is said once");
    stage.world.clock.advance(HOUR);
    stage.says(Ping::Fine).await;
    stage.world.round().await;
    assert!(!stage.is_open().await);
}

#[tokio::test]
async fn pings_write_no_due_row_and_the_sweep_plans_anew() {
    let stage = Stage::new().await;
    let store = &stage.world.ctx.store;
    let planned = store.next_due().await.unwrap();
    stage.world.clock.advance(HOUR);
    stage.says(Ping::Fine).await;
    assert_eq!(store.next_due().await.unwrap(), planned);
    stage.world.clock.set(planned.unwrap());
    stage.world.round().await;
    assert!(store.next_due().await.unwrap() > planned);
    assert!(!stage.is_open().await);
}

#[tokio::test]
async fn a_paused_monitor_is_missed_by_nobody_until_it_is_resumed() {
    let stage = Stage::new().await;
    let paused = |paused| PatchMonitor {
        paused: Some(paused),
        ..PatchMonitor::default()
    };
    let patch = |to| patch_monitor(&stage.world.ctx, &stage.me, stage.id(), paused(to), None);
    assert_eq!(patch(true).await.unwrap().pulse, Pulse::Paused);
    stage.days(10, false).await;
    assert_eq!(stage.lines(), Vec::<String>::new());
    assert_eq!(patch(false).await.unwrap().pulse, Pulse::New);
    stage.days(1, false).await;
    assert_eq!(stage.lines(), Vec::<String>::new());
    stage.days(1, false).await;
    assert_eq!(stage.lines(), ["monitor:ID silent now#1"]);
}

/// L27: a removed monitor closes its alert and hears no more.
#[tokio::test]
async fn a_removed_monitor_closes_its_alert_and_hears_no_more() {
    let stage = Stage::new().await;
    stage.days(2, false).await;
    assert!(stage.is_open().await);
    let world = &stage.world;
    remove_monitor(&world.ctx, &stage.me, stage.id())
        .await
        .unwrap();
    world.round().await;
    assert!(!stage.is_open().await);
    let gone = ping(&world.ctx, stage.key(), Ping::Fine).await;
    assert!(matches!(gone, Err(AppError::NotFound { .. })));
    assert_eq!(world.ctx.store.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn a_ping_counts_at_once_and_is_written_down_by_a_clean_stop() {
    let stage = Stage::new().await;
    let world = &stage.world;
    ping(&world.ctx, stage.key(), Ping::Fine).await.unwrap();
    assert_eq!(
        stage.pulse().await,
        Pulse::Up,
        "what is noted counts at once"
    );
    worker::keep_up::write_down(&world.ctx).await;
    let stored = world.ctx.store.monitors().await.unwrap();
    assert_eq!(
        (stored[0].last_ping_at, stored[0].pings),
        (Some(world.now()), 1)
    );
}

/// What was to report in while Forewarn was down is not missed for that; what stopped is.
#[tokio::test]
async fn an_outage_of_forewarn_is_no_silence_of_others() {
    let stage = Stage::new().await;
    stage.days(3, true).await;
    stop_listening(&stage.world.ctx).await.unwrap();
    // Down from 03:00 of its day to 05:00 of the next: the next ping falls into it.
    stage.world.clock.advance(Span::hours(26));
    let mail = std::sync::Arc::new(RecordingChannel::mail("mail"));
    let Stage {
        world,
        ada,
        me,
        monitor,
    } = stage;
    let mut world = world.restarted(vec![mail.clone()]);
    world.mail = mail;
    let stage = Stage {
        world,
        ada,
        me,
        monitor,
    };
    stage.world.round().await;
    assert!(!stage.is_open().await);
    stage.days(1, false).await;
    assert!(
        stage.is_open().await,
        "it did not report in the next time either"
    );
}

/// A token as the issuer keeps it, with use counted by days.
async fn token(world: &World, owner: &PersonId) -> CredentialId {
    let mut one: Credential = world.credential("ci", Some(owner), Span::days(300));
    one.id = CredentialId::parse("TOKEN0000001").unwrap();
    one.source = SourceId::parse("forewarn").unwrap();
    one.use_is_known = true;
    world.put(one).await
}

async fn use_it(world: &World, id: &CredentialId) {
    let usage = Usage {
        id: id.clone(),
        last_used_at: world.now(),
        uses: 1,
        from: None,
        look_at: None,
    };
    world.ctx.store.flush_usage(vec![usage]).await.unwrap();
}

/// F28: used yesterday, silent today.
#[tokio::test]
async fn a_token_that_is_used_no_longer_is_said_once_and_again_when_it_is() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = token(&world, &ada).await;
    for _ in 0..10 {
        use_it(&world, &id).await;
        world.live(DAY, Span::hours(6)).await;
    }
    assert_eq!(world.mailed(), Vec::<String>::new());
    world.live(Span::days(30), Span::hours(6)).await;
    assert_eq!(world.mailed(), ["ci now#1"]);
    let alert = world.alert(&id, AlertKind::FellSilent).await.unwrap();
    let silence = world.now() - Span::days(30);
    assert!(
        silence.until(alert.opened_at) <= Span::hours(30),
        "{alert:?}"
    );
    use_it(&world, &id).await;
    world.round().await;
    assert_eq!(world.mailed(), ["ci now#1", "ci now#1 Recovered"]);
}

#[tokio::test]
async fn a_token_of_a_working_week_is_never_missed() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = token(&world, &ada).await;
    // The world starts on a Monday.
    for day in 0..70 {
        if day % 7 < 5 {
            use_it(&world, &id).await;
        }
        world.live(DAY, Span::hours(8)).await;
    }
    assert_eq!(world.mailed(), Vec::<String>::new());
}

/// L24: what is presented after its end is refused, and yet counted, flushed, looked at and
/// said: the key and who still uses it are known.
#[tokio::test]
async fn use_after_the_end_is_said_whenever_it_comes() {
    let world = World::new();
    let ada = world.person("ada").await;
    let none = Role {
        name: RoleName::parse("None").unwrap(),
        description: String::new(),
        grant: Grant::default(),
        fixed: true,
        may_rotate_itself: true,
        version: 0,
    };
    world.write(vec![Write::PutRole(none)]).await;
    let request = IssueToken {
        name: "ci".to_owned(),
        lifetime: Some(DAY),
        ..IssueToken::default()
    };
    let me = principal(&ada, &["*"]);
    let issued = issue_token(&world.ctx, &me, request).await.unwrap();
    let (id, value) = (issued.item.token.id, issued.value.unwrap());
    world.live(Span::days(20), Span::hours(6)).await;
    let said = world.mailed().len();
    for _ in 0..2 {
        let shown = authenticate(&world.ctx, value.expose());
        assert_eq!(shown, Err(AuthError::Expired));
    }
    assert_eq!(flush_usage(&world.ctx).await.unwrap(), 1);
    assert_eq!(world.ctx.store.uses(&id).await.unwrap(), 2);
    world.round().await;
    let alert = world.alert(&id, AlertKind::UsedAfterEnd).await.unwrap();
    assert_eq!(alert.opened_at, world.now());
    assert_eq!(world.mailed()[said..], ["ci now#1"]);
}
