//! Sources that are not well: read in part, suddenly empty, refusing, hanging. Nothing of
//! what is known is closed, and somebody hears of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::ports::{
    Batch, Condition, Connector, ConnectorError, CredentialFilter, Due, ReadSummary, SourceState,
    Store,
};
use app::reconcile::{Pushed, observe, push_observations, register};
use app::sources::{SourceSettings, accept_source, forget_source, get_source};
use app::{AppError, Degradation};
use async_trait::async_trait;
use domain::expiry::{Alert, AlertKind, Subject};
use domain::inventory::{End, Observation, SOURCE_LABEL};
use domain::kernel::{SourceId, Span};
use futures_util::stream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use world::World;
use world::told::{Told, all, creation, event, key, listed, principal};

const FAR: Span = Span::days(300);

async fn state(world: &World, source: &Told) -> SourceState {
    world
        .ctx
        .store
        .source(&source.source)
        .await
        .unwrap()
        .unwrap()
}

async fn open(world: &World, source: &Told, kind: AlertKind) -> Option<Alert> {
    let subject = Subject::Source(source.source.clone());
    let alert = world.alert_of(&subject, kind).await;
    alert.filter(|a| a.resolved.is_none())
}

fn keys(ids: std::ops::Range<u32>, world: &World) -> Vec<Observation> {
    let end = End::Known(world.now() + FAR);
    ids.map(|n| listed(&format!("k{n:02}"), end)).collect()
}

async fn gone(world: &World) -> usize {
    let all = all(world).await;
    all.iter().filter(|c| c.gone_at.is_some()).count()
}

/// T11, B69, P8: a listing that is read only in part closes nothing, and is blind after a day
/// without a whole one, over mail.
#[tokio::test]
async fn a_listing_read_in_part_closes_nothing_and_alarms_after_a_day() {
    let world = World::new();
    let source = Told::new(true);
    let end = End::Known(world.now() + FAR);
    source.all(vec![listed("a", end), listed("b", end)]);
    source.read_by(&world).await.unwrap();
    world.round().await;
    for hour in 1..=25 {
        world.clock.advance(Span::hours(1));
        source.next(Ok((vec![listed("a", end)], false)));
        source.read_by(&world).await.unwrap();
        world.round().await;
        assert_eq!(state(&world, &source).await.condition(), Condition::Partial);
        let alert = open(&world, &source, AlertKind::Blind).await;
        assert_eq!(alert.is_some(), hour >= 24, "after {hour} hours");
    }
    assert_eq!(gone(&world).await, 0);
    let alert = open(&world, &source, AlertKind::Blind).await.unwrap();
    assert_eq!(
        alert.detail.unwrap(),
        "it was read only in part since 2027-03-01T09:00:00Z: page 2 was refused"
    );
    assert_eq!(world.mailed(), ["source:far blind now#1"]);
    source.all(vec![listed("a", end), listed("b", end)]);
    source.read_by(&world).await.unwrap();
    world.round().await;
    assert_eq!(state(&world, &source).await.condition(), Condition::Ok);
    assert!(open(&world, &source, AlertKind::Blind).await.is_none());
    // What one whole listing lacks after the parts is not gone yet.
    world.clock.advance(Span::hours(1));
    source.all(vec![listed("a", end)]);
    source.read_by(&world).await.unwrap();
    assert_eq!(gone(&world).await, 0);
}

/// T11, F29: a listing that suddenly lacks 90 % closes nothing, is asked about at once, and is
/// settled when the rest is back.
#[tokio::test]
async fn a_mass_disappearance_is_held_and_asked_about() {
    let world = World::new();
    let source = Told::new(true);
    source.all(keys(0..10, &world));
    source.read_by(&world).await.unwrap();
    world.round().await;
    for hour in 1..=4 {
        world.clock.advance(Span::hours(1));
        source.all(keys(0..1, &world));
        source.read_by(&world).await.unwrap();
        world.round().await;
        assert_eq!(gone(&world).await, 0, "after {hour} hours");
        assert_eq!(state(&world, &source).await.condition(), Condition::Held);
    }
    let alert = open(&world, &source, AlertKind::Vanished).await.unwrap();
    assert_eq!(
        alert.detail.unwrap(),
        "9 of 10 credentials are missing from it since 2027-03-01T10:00:00Z; nothing is closed. If that is right: `forewarn source accept far`"
    );
    assert_eq!(world.mailed(), ["source:far vanished now#1"]);
    world.clock.advance(Span::hours(1));
    source.all(keys(0..9, &world));
    source.read_by(&world).await.unwrap();
    world.round().await;
    assert!(open(&world, &source, AlertKind::Vanished).await.is_none());
    assert_eq!(state(&world, &source).await.condition(), Condition::Ok);
    assert_eq!(gone(&world).await, 0, "one whole listing lacks k09");
    world.clock.advance(Span::hours(1));
    source.all(keys(0..9, &world));
    source.read_by(&world).await.unwrap();
    assert_eq!(gone(&world).await, 1, "two whole listings lack k09");
    let counts = state(&world, &source).await.last.unwrap();
    assert_eq!(counts.gone, 1);
}

/// F29: the same for what is pushed as a whole.
#[tokio::test]
async fn a_snapshot_that_lacks_most_is_held_too() {
    let world = World::new();
    let source = SourceId::parse("pushed").unwrap();
    register(&world.ctx, &source, "push").await.unwrap();
    let pusher = principal(&["observations:write"], None);
    let body = |n: u32| {
        let lines = (0..n).map(|n| format!("{{\"external_id\":\"k{n}\"}}\n"));
        lines.collect::<String>()
    };
    for n in [8, 2, 2] {
        push_observations(
            &world.ctx,
            &pusher,
            &source,
            stream::iter([Ok::<_, Infallible>(body(n))]),
            Pushed::Complete,
        )
        .await
        .unwrap();
        world.clock.advance(Span::hours(1));
    }
    let state = world.ctx.store.source(&source).await.unwrap().unwrap();
    assert_eq!(state.condition(), Condition::Held);
    assert_eq!(gone(&world).await, 0);
}

/// F29: what somebody accepts is closed at once, is in the audit log, and is asked about
/// no more.
#[tokio::test]
async fn what_is_accepted_is_closed_at_once() {
    let world = World::new();
    let source = Told::new(true);
    let admin = principal(&["sources:write", "sources:read"], None);
    source.all(keys(0..10, &world));
    source.read_by(&world).await.unwrap();
    let nothing = accept_source(&world.ctx, &admin, "far").await;
    assert!(matches!(nothing, Err(AppError::Conflict { .. })));
    world.clock.advance(Span::hours(1));
    source.all(keys(0..2, &world));
    source.read_by(&world).await.unwrap();
    world.round().await;
    let reader = principal(&["sources:read"], None);
    let refused = accept_source(&world.ctx, &reader, "far").await;
    assert!(matches!(refused, Err(AppError::Forbidden { .. })));
    assert_eq!(gone(&world).await, 0);
    let accepted = accept_source(&world.ctx, &admin, "far").await.unwrap();
    assert_eq!(accepted.condition(), Condition::Ok);
    assert_eq!(gone(&world).await, 8);
    world.round().await;
    assert!(open(&world, &source, AlertKind::Vanished).await.is_none());
    let rows = world.ctx.store.audit_after(0, 100).await.unwrap();
    let row = rows.iter().find(|r| r.entry.action == "source.accept");
    let details = &row.unwrap().entry.details;
    assert_eq!(
        (&details["missing"], &details["of"]),
        (&8.into(), &10.into())
    );
    world.clock.advance(Span::hours(1));
    source.all(keys(0..2, &world));
    source.read_by(&world).await.unwrap();
    assert_eq!(state(&world, &source).await.condition(), Condition::Ok);
}

/// P8: a short list that comes back empty closes nothing and is asked about after a day.
#[tokio::test]
async fn an_empty_listing_is_asked_about_after_a_day() {
    let world = World::new();
    let source = Told::new(true);
    source.all(keys(0..2, &world));
    source.read_by(&world).await.unwrap();
    world.round().await;
    for hour in 1..=26 {
        world.clock.advance(Span::hours(1));
        source.all(Vec::new());
        source.read_by(&world).await.unwrap();
        world.round().await;
        let alert = open(&world, &source, AlertKind::Vanished).await;
        assert_eq!(alert.is_some(), hour >= 25, "after {hour} hours");
    }
    assert_eq!(gone(&world).await, 0);
    let admin = principal(&["sources:write"], None);
    accept_source(&world.ctx, &admin, "far").await.unwrap();
    assert_eq!(gone(&world).await, 2);
    // And a source that holds nothing at all is well.
    world.clock.advance(Span::hours(1));
    source.all(Vec::new());
    source.read_by(&world).await.unwrap();
    assert_eq!(state(&world, &source).await.condition(), Condition::Ok);
}

/// F27: a source that refuses its credential alarms at once and names it; what is known is
/// still warned of, as last confirmed.
#[tokio::test]
async fn a_refused_credential_alarms_at_once_and_known_ends_are_still_warned_of() {
    let world = World::new();
    let ada = world.person("ada").await;
    let source = Told::new(true);
    let own = SourceSettings {
        own_id: Some("reader".to_owned()),
        ..SourceSettings::default()
    };
    world.configure(|s| drop(s.sources.insert(source.source.clone(), own)));
    let lapses = End::Known(world.now() + Span::hours(30));
    let mut mine = key("mine", End::Known(world.now() + Span::days(8)));
    mine.owner = Some(domain::inventory::IssuerOwner {
        id: "ada@example.org".to_owned(),
        ..Default::default()
    });
    let mine = Observation::Listed(Box::new(mine));
    source.all(vec![mine, listed("reader", lapses)]);
    source.read_by(&world).await.unwrap();
    let known = all(&world).await;
    let reader = &known[1];
    assert_eq!(reader.labels.get(SOURCE_LABEL).unwrap(), "far");
    assert_eq!(reader.used_by[0].what, "Forewarn source far");
    assert_eq!(state(&world, &source).await.own, Some(reader.id.clone()));
    world.round().await;
    world.clock.advance(Span::hours(31));
    world.mail.forget();
    source.next(Err(ConnectorError::Auth("status 401".to_owned())));
    source.read_by(&world).await.unwrap_err();
    world.round().await;
    let alert = open(&world, &source, AlertKind::Blind).await.unwrap();
    assert_eq!(
        alert.detail.unwrap(),
        "it cannot be read since 2027-03-02T16:00:00Z: the source refuses its credential: status 401; it is read with reader (ID reader), which ended at 2027-03-02T15:00:00Z"
    );
    assert!(
        world
            .mailed()
            .contains(&"source:far blind now#1".to_owned())
    );
    assert!(world.mailed().contains(&"reader end#1".to_owned()));
    let messages = world.mail.rendered();
    let to_ada = messages
        .iter()
        .filter(|m| m.to.recipient.to_string() == format!("person:{ada}"))
        .flat_map(|m| &m.items)
        .filter_map(|i| i.credential.as_ref())
        .find(|c| c.name == "mine");
    let mine = to_ada.unwrap();
    assert_eq!(mine.doubt, Some(Condition::Failing));
    assert_eq!(mine.confirmed_at, world::start());
}

/// F27: the admins hear at every step of the credential that a source is read with; and
/// when another takes its place, it is an ordinary one.
#[tokio::test]
async fn the_admins_hear_every_step_of_a_source_s_own_credential() {
    let world = World::new();
    world.person("ada").await;
    let source = Told::new(true);
    let tell = |own: &str| {
        let mut told = Vec::new();
        for id in ["one", "two"] {
            let mut key = key(id, End::Known(world::start() + Span::days(33)));
            key.own = id == own;
            key.owner = Some(domain::inventory::IssuerOwner {
                id: "ada@example.org".to_owned(),
                ..Default::default()
            });
            told.push(Observation::Listed(Box::new(key)));
        }
        source.all(told);
    };
    tell("one");
    source.read_by(&world).await.unwrap();
    world.round().await;
    world.mail.forget();
    world.clock.advance(Span::days(4));
    tell("one");
    source.read_by(&world).await.unwrap();
    world.round().await;
    let to_ops = || {
        let mut lines = Vec::new();
        for heard in world.mail.arrived() {
            if heard.payload.contains("ops@example.org") {
                lines.extend(heard.payload.lines().skip(1).map(str::to_owned));
            }
        }
        // That the key is a person's is told apart.
        lines.retain(|line| !line.contains(" now#"));
        lines
    };
    assert_eq!(to_ops(), ["one 30d#1"]);
    world.mail.forget();
    world.clock.advance(Span::days(16));
    tell("two");
    source.read_by(&world).await.unwrap();
    world.round().await;
    assert_eq!(to_ops(), ["two 14d#1"]);
    let known = all(&world).await;
    assert!(known[0].labels.is_empty() && known[0].used_by.is_empty());
}

/// What a source of events is read with is found among what events told.
#[tokio::test]
async fn the_own_credential_of_an_event_log_is_found_as_well() {
    let world = World::new();
    let source = Told::new(false);
    let own = SourceSettings {
        own_id: Some("t1".to_owned()),
        ..SourceSettings::default()
    };
    world.configure(|s| drop(s.sources.insert(source.source.clone(), own)));
    let made = creation(world.now() - Span::days(1), Span::days(90), "u1");
    source.next(Ok((vec![event("t1", &made), event("t2", &made)], false)));
    source.read_by(&world).await.unwrap();
    let known = all(&world).await;
    assert!(known[0].is_ours() && !known[1].is_ours());
}

/// A reader that never comes back.
struct Hangs(SourceId);

#[async_trait]
impl Connector for Hangs {
    fn source(&self) -> &SourceId {
        &self.0
    }
    fn system(&self) -> &str {
        "far"
    }
    async fn read(
        &self,
        _: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        let batch = Batch {
            observations: vec![listed("a", End::Never), listed("b", End::Never)],
            checkpoint: serde_json::Value::Null,
            counts: Default::default(),
        };
        drop(batches.send(batch).await);
        std::future::pending().await
    }
}

/// F29: a reader that hangs makes its source blind after three intervals, and shows how
/// far it is meanwhile.
#[tokio::test]
async fn a_reader_that_hangs_is_blind_after_three_intervals() {
    let world = World::new();
    let source = SourceId::parse("far").unwrap();
    let connector: Arc<dyn Connector> = Arc::new(Hangs(source.clone()));
    let connectors = BTreeMap::from([(source.clone(), Arc::clone(&connector))]);
    world.ctx.connectors.store(Arc::new(connectors));
    register(&world.ctx, &source, "far").await.unwrap();
    let ctx = Arc::clone(&world.ctx);
    let reading = tokio::spawn(async move { observe(&ctx, connector.as_ref()).await });
    let underway = loop {
        tokio::task::yield_now().await;
        if let Some(underway) = world.ctx.readings.of(&source).filter(|u| u.read > 0) {
            break underway;
        }
    };
    assert_eq!((underway.since, underway.read), (world::start(), 2));
    let reader = principal(&["sources:read"], None);
    let shown = get_source(&world.ctx, &reader, "far").await.unwrap();
    assert_eq!(shown.underway, Some(underway));
    let subject = Subject::Source(source.clone());
    for hour in 0..=4 {
        world.round().await;
        let alert = world.alert_of(&subject, AlertKind::Blind).await;
        assert_eq!(alert.is_some(), hour >= 3, "after {hour} hours");
        world.clock.advance(Span::hours(1));
    }
    let alert = world.alert_of(&subject, AlertKind::Blind).await.unwrap();
    assert_eq!(
        alert.detail.unwrap(),
        "its reader has told nothing since 2027-03-01T09:00:00Z"
    );
    reading.abort();
    drop(reading.await);
    assert_eq!(world.ctx.readings.of(&source), None);
}

/// Counts how often it is read.
struct Counted {
    source: SourceId,
    reads: AtomicU64,
}

#[async_trait]
impl Connector for Counted {
    fn source(&self) -> &SourceId {
        &self.source
    }
    fn system(&self) -> &str {
        "far"
    }
    async fn read(
        &self,
        _: Option<serde_json::Value>,
        _: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        Ok(ReadSummary::default())
    }
}

/// A sync reads the source that was asked for and no other, although neither is due.
#[tokio::test]
async fn a_sync_reads_one_source_before_its_time() {
    let world = World::new();
    let counted = |id: &str| {
        Arc::new(Counted {
            source: SourceId::parse(id).unwrap(),
            reads: AtomicU64::new(0),
        })
    };
    let (one, other) = (counted("one"), counted("other"));
    let connectors: BTreeMap<SourceId, Arc<dyn Connector>> = BTreeMap::from([
        (one.source.clone(), Arc::clone(&one) as Arc<dyn Connector>),
        (
            other.source.clone(),
            Arc::clone(&other) as Arc<dyn Connector>,
        ),
    ]);
    world.ctx.connectors.store(Arc::new(connectors));
    let stop = CancellationToken::new();
    let observing = tokio::spawn(worker::observe::run(Arc::clone(&world.ctx), stop.clone()));
    let ended = async |source: &Counted, reads: u64| loop {
        tokio::task::yield_now().await;
        let state = world.ctx.store.source(&source.source).await.unwrap();
        let all = source.reads.load(Ordering::SeqCst) == reads;
        if all && state.is_some_and(|s| s.ended_at == Some(world.now())) {
            return;
        }
    };
    ended(&one, 1).await;
    ended(&other, 1).await;
    world.clock.advance(Span::minutes(10));
    let admin = principal(&["sources:write"], None);
    let asked = app::sources::request_sync(&world.ctx, &admin, "one").await;
    assert!(asked.is_ok());
    ended(&one, 2).await;
    assert_eq!(other.reads.load(Ordering::SeqCst), 1);
    register(&world.ctx, &SourceId::parse("pushed").unwrap(), "push")
        .await
        .unwrap();
    let pushed = app::sources::request_sync(&world.ctx, &admin, "pushed").await;
    assert!(matches!(pushed, Err(AppError::Conflict { .. })));
    stop.cancel();
    observing.await.unwrap();
}

/// A source that lists very many, a thousand a batch.
struct Many {
    source: SourceId,
    batches: u32,
    store: Arc<dyn Store>,
    /// The most that were told and not yet stored.
    ahead: AtomicU64,
}

#[async_trait]
impl Connector for Many {
    fn source(&self) -> &SourceId {
        &self.source
    }
    fn system(&self) -> &str {
        "far"
    }
    async fn read(
        &self,
        _: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        let mut told = 0;
        for batch in 0..self.batches {
            let keys = (0..1000).map(|n| listed(&format!("k{batch}-{n}"), End::Never));
            let batch = Batch {
                observations: keys.collect(),
                checkpoint: serde_json::json!(batch),
                counts: Default::default(),
            };
            let sent = batches.send(batch).await;
            sent.map_err(|_| ConnectorError::Stopped)?;
            told += 1000;
            let all = CredentialFilter::default();
            let stored = self.store.count_credentials(&all).await.unwrap();
            self.ahead.fetch_max(told - stored, Ordering::SeqCst);
        }
        Ok(ReadSummary {
            complete: true,
            is_listing: true,
            read: told,
            ..ReadSummary::default()
        })
    }
}

/// L26, B69: a long listing never waits in memory as a whole: what was told is stored but for
/// the one batch that is being stored and the four that wait for it, and the first import is
/// released by one statement. A hundred thousand with `FOREWARN_TEST_LONG`, else ten thousand.
#[tokio::test]
async fn a_long_listing_is_stored_as_it_comes() {
    let world = World::new();
    let long = std::env::var_os("FOREWARN_TEST_LONG").is_some();
    let many = Many {
        source: SourceId::parse("far").unwrap(),
        batches: if long { 100 } else { 10 },
        store: Arc::clone(&world.ctx.store),
        ahead: AtomicU64::new(0),
    };
    observe(&world.ctx, &many).await.unwrap().unwrap();
    let source = world.ctx.store.source(&many.source).await.unwrap().unwrap();
    let all = u64::from(many.batches) * 1000;
    let counts = source.last.unwrap();
    assert_eq!((counts.read, counts.new, counts.gone), (all, all, 0));
    assert_eq!(source.condition(), Condition::Ok);
    let ahead = many.ahead.load(Ordering::SeqCst);
    assert!(ahead <= 5_000, "{ahead} were told and not stored");
    let due = world.ctx.store.due(world.now(), None, 500).await.unwrap();
    assert_eq!(due.len(), 500, "the import is released");
}

/// L27: a forgotten source leaves nothing open behind, of itself or of what it named, and
/// nothing waits for it.
#[tokio::test]
async fn what_is_open_about_a_forgotten_source_closes_with_it() {
    let world = World::new();
    let source = Told::new(true);
    let end = End::Known(world.now() + Span::days(5));
    source.all(vec![listed("a", end), listed("b", End::Never)]);
    source.read_by(&world).await.unwrap();
    source.next(Err(ConnectorError::Auth("401".to_owned())));
    let _ = source.read_by(&world).await;
    world.live(Span::days(2), Span::hours(6)).await;
    let about = Subject::Credential(all(&world).await[0].id.clone());
    let expiry = || world.alert_of(&about, AlertKind::Expiry);
    assert!(expiry().await.unwrap().resolved.is_none());
    assert!(open(&world, &source, AlertKind::Blind).await.is_some());
    assert!(
        world
            .ctx
            .signals
            .degraded()
            .contains(&Degradation::SourceFailing)
    );

    let admin = principal(&["sources:write"], None);
    forget_source(&world.ctx, &admin, "far").await.unwrap();
    world.round().await;

    assert!(expiry().await.unwrap().resolved.is_some());
    assert!(open(&world, &source, AlertKind::Blind).await.is_none());
    assert!(
        !world
            .ctx
            .signals
            .degraded()
            .contains(&Degradation::SourceFailing)
    );
    let much_later = world.now() + Span::days(4000);
    let waiting = world.ctx.store.due(much_later, None, 9).await.unwrap();
    let of_it = |d: &&Due| matches!(d.subject, Subject::Credential(_) | Subject::Source(_));
    assert_eq!(waiting.iter().filter(of_it).count(), 0, "{waiting:?}");
}
