//! A whole house for tests: the real store, a clock moved by hand, channels that follow
//! a script, and people.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a broken world is a broken test")]

pub mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::ports::{Changes, Channel, Store, Write};
use app::sweep::{SweepReport, sweep};
use app::{Audience, Context, Settings};
use domain::expiry::{Alert, AlertKind, Subject};
use domain::inventory::{Credential, End};
use domain::kernel::{
    CredentialId, Email, Instant, Name, PersonId, SourceId, Span, SweepId, TeamId,
};
use domain::people::{Owner, Person, Team};
use testkit::{FakeClock, FaultyStore, RecordingChannel, SeededRandom};
use verifier::{Keys, Verifier};
use worker::deliver::InFlight;

pub struct World {
    pub ctx: Arc<Context>,
    pub clock: Arc<FakeClock>,
    pub mail: Arc<RecordingChannel>,
    sweeps: std::sync::atomic::AtomicU64,
}

pub fn start() -> Instant {
    Instant::parse("2027-03-01T09:00:00Z").unwrap()
}

pub fn settings() -> Settings {
    Settings {
        audience: Audience {
            admins: Vec::new(),
            catch_all: vec![Email::parse("ops@example.org").unwrap()],
        },
        ..Settings::default()
    }
}

pub fn context(
    store: Arc<dyn Store>,
    clock: &Arc<FakeClock>,
    settings: Settings,
    channels: Vec<Arc<dyn Channel>>,
) -> Arc<Context> {
    let random = SeededRandom::new(7);
    let mut entropy: &dyn app::ports::Random = &random;
    let verifier = Arc::new(Verifier::new(Keys::generate(&mut entropy)));
    let clock: Arc<dyn app::ports::Clock> = clock.clone();
    let random = Arc::new(SeededRandom::new(8));
    Arc::new(Context::new(
        store, clock, random, verifier, settings, channels,
    ))
}

impl World {
    /// With one mail channel.
    pub fn new() -> Self {
        let mail = Arc::new(RecordingChannel::mail("mail"));
        Self::with(vec![mail.clone()], mail)
    }

    pub fn with(channels: Vec<Arc<dyn Channel>>, mail: Arc<RecordingChannel>) -> Self {
        Self::over(store::Sqlite::temporary().unwrap(), channels, mail)
    }

    /// With one mail channel, over a store that fails when it is told to.
    pub fn faulty() -> (Self, Arc<FaultyStore>) {
        let store = FaultyStore::over(store::Sqlite::temporary().unwrap());
        let mail = Arc::new(RecordingChannel::mail("mail"));
        let world = Self::over(store.clone(), vec![mail.clone()], mail);
        (world, store)
    }

    fn over(
        store: Arc<dyn Store>,
        channels: Vec<Arc<dyn Channel>>,
        mail: Arc<RecordingChannel>,
    ) -> Self {
        let clock = Arc::new(FakeClock::at(start()));
        let ctx = context(store, &clock, settings(), channels);
        Self {
            ctx,
            clock,
            mail,
            sweeps: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// The same store after a restart of the process.
    pub fn restarted(self, channels: Vec<Arc<dyn Channel>>) -> Self {
        let settings = (*self.ctx.settings.load_full()).clone();
        let ctx = context(Arc::clone(&self.ctx.store), &self.clock, settings, channels);
        Self { ctx, ..self }
    }

    pub fn now(&self) -> Instant {
        self.ctx.now()
    }

    pub async fn write(&self, writes: Vec<Write>) {
        let audit = Vec::new();
        self.ctx
            .store
            .commit(Changes { writes, audit })
            .await
            .unwrap();
    }

    /// Somebody with an address made of the name.
    pub async fn person(&self, name: &str) -> PersonId {
        let id = PersonId::derived(&[name]);
        let person = Person {
            id: id.clone(),
            name: Name::parse(name).unwrap(),
            email: Some(Email::parse(format!("{name}@example.org")).unwrap()),
            time_zone: None,
            roles: BTreeSet::new(),
            active: true,
            leaves_at: None,
            bounced_at: None,
            claimed: None,
            locale: None,
            provisioned: Default::default(),
            created_at: self.now(),
            version: 0,
        };
        self.write(vec![Write::PutPerson(person)]).await;
        id
    }

    pub async fn team(&self, name: &str, members: &[&PersonId]) -> TeamId {
        let id = TeamId::derived(&[name]);
        let team = Team {
            id: id.clone(),
            name: Name::parse(name).unwrap(),
            email: None,
            parent: None,
            members: members.iter().map(|m| (*m).clone()).collect(),
            external_id: None,
            removed: false,
            created_at: self.now(),
            version: 0,
        };
        self.write(vec![Write::PutTeam(team)]).await;
        id
    }

    /// A credential issued a year before its end.
    pub fn credential(&self, name: &str, owner: Option<&PersonId>, left: Span) -> Credential {
        let source = SourceId::parse("elsewhere").unwrap();
        let end = self.now() + left;
        Credential {
            id: Credential::derive_id(&source, None, "key", name),
            source,
            parent: None,
            external_id: format!("ext-{name}"),
            kind: "key".to_owned(),
            name: Name::parse(name).unwrap(),
            name_is_given: true,
            owner: owner.cloned().map(Owner::Person),
            issuer_owner: None,
            team: None,
            watchers: BTreeSet::new(),
            scopes: Vec::new(),
            roles: Vec::new(),
            created_at: Some(end - Span::days(365)),
            end: End::Known(end),
            last_used_at: None,
            use_is_known: false,
            revoked_at: None,
            gone_at: None,
            suspended: false,
            orphaned: owner.is_none(),
            in_overlap: false,
            cut: None,
            successor: None,
            labels: BTreeMap::new(),
            used_by: Vec::new(),
            origin_url: None,
            advice: Vec::new(),
            lead_time: None,
            facts: None,
            first_seen_at: (end - Span::days(365)).min(self.now()),
            from_first_import: false,
            refused: None,
            confirmed_at: self.now(),
            version: 0,
        }
    }

    /// Stores it and puts it on the queue.
    pub async fn put(&self, credential: Credential) -> CredentialId {
        let id = credential.id.clone();
        let due = Write::SetDue(Subject::Credential(id.clone()), Some(self.now()));
        self.write(vec![Write::PutCredential(Box::new(credential)), due])
            .await;
        id
    }

    /// Changes a stored credential.
    pub async fn change(&self, id: &CredentialId, change: impl FnOnce(&mut Credential)) {
        let mut credential = self.ctx.store.credential(id).await.unwrap().unwrap();
        change(&mut credential);
        self.put(credential).await;
    }

    pub async fn sweep(&self) -> SweepReport {
        let n = self
            .sweeps
            .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let id = SweepId::derived(&["test", &n.to_string()]);
        sweep(&self.ctx, &id).await.unwrap()
    }

    /// Starts what is due and waits until each of these channels has got something.
    pub async fn under_way(&self, channels: &[&Arc<RecordingChannel>]) -> InFlight {
        let mut flight = InFlight::default();
        while channels.iter().any(|c| c.attempts().is_empty()) {
            flight.start(&self.ctx).await.unwrap();
            tokio::task::yield_now().await;
        }
        flight
    }

    /// The channel got the 7-day warning of `deploy` once more, with the same id and the same
    /// bytes, and the ledger knows of an answer that was lost.
    pub async fn is_repeated_once(&self, channel: &RecordingChannel) {
        let heard = channel.attempts();
        assert_eq!(heard.len(), 2, "{heard:?}");
        assert!(heard[0].payload.ends_with("\ndeploy 7d#1"));
        assert_eq!(
            (&heard[0].id, &heard[0].payload),
            (&heard[1].id, &heard[1].payload)
        );
        let attempts = self.ctx.store.attempts(&heard[0].id).await.unwrap();
        let outcomes: Vec<&str> = attempts.iter().map(|a| a.outcome.as_str()).collect();
        assert_eq!(outcomes, ["ambiguous", "accepted"]);
    }

    /// Carries everything whose turn has come.
    pub async fn deliver(&self) {
        worker::deliver::drain(&self.ctx).await.unwrap();
    }

    pub async fn round(&self) {
        self.sweep().await;
        self.deliver().await;
    }

    /// Changes what the configuration says.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = (*self.ctx.settings.load_full()).clone();
        change(&mut settings);
        self.ctx.settings.store(Arc::new(settings));
    }

    /// Rounds every `step` for `long`.
    pub async fn live(&self, long: Span, step: Span) {
        let end = self.now() + long;
        self.round().await;
        while self.now() + step <= end {
            self.clock.advance(step);
            self.round().await;
        }
    }

    pub async fn alert(&self, id: &CredentialId, kind: AlertKind) -> Option<Alert> {
        self.alert_of(&Subject::Credential(id.clone()), kind).await
    }

    pub async fn alert_of(&self, subject: &Subject, kind: AlertKind) -> Option<Alert> {
        self.ctx
            .store
            .alert(&Alert::id_of(subject, kind))
            .await
            .unwrap()
    }

    /// What the mail channel's receivers have got, one line an item, in order.
    pub fn mailed(&self) -> Vec<String> {
        lines(&self.mail)
    }
}

pub fn lines(channel: &RecordingChannel) -> Vec<String> {
    let arrived = channel.arrived();
    let each = arrived.iter().flat_map(|h| h.payload.lines().skip(1));
    each.map(str::to_owned).collect()
}
