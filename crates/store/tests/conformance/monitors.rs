//! Monitors: compare-and-set, keys, what is heard; and days of use.

use app::ports::{Pinged, StoreError, Usage, Write};
use domain::expiry::{Alert, AlertKind, Subject};
use domain::inventory::{DaysOfUse, End, Monitor, PingKey};
use domain::kernel::{CredentialId, Instant, MonitorId, Name, Span};
use domain::people::Owner;

use crate::claims;
use crate::given::{NOW, credential, in_days, in_micros};
use crate::stage::{Shared, put};

const DAY: Span = Span::days(1);

fn monitor(id: &str) -> Monitor {
    Monitor {
        id: MonitorId::parse(id).unwrap(),
        key: PingKey::parse(format!("{id:0>22}").replace('_', "x")).unwrap(),
        name: Name::parse("nightly export").unwrap(),
        period: DAY,
        grace: Span::hours(5),
        owner: None,
        team: None,
        depends_on: [CredentialId::parse("c1").unwrap()].into(),
        created_at: NOW,
        counts_from: NOW,
        paused_at: None,
        last_ping_at: None,
        failed_at: None,
        pings: 0,
        version: 0,
    }
}

fn heard(id: &str, fine: Option<Instant>, failed: Option<Instant>) -> Vec<Pinged> {
    vec![Pinged {
        id: MonitorId::parse(id).unwrap(),
        last_ping_at: fine,
        failed_at: failed,
        pings: 2,
    }]
}

async fn add(store: &Shared, one: &Monitor) {
    put(store, vec![Write::PutMonitor(Box::new(one.clone()))])
        .await
        .unwrap();
}

async fn read(store: &Shared, id: &str) -> Monitor {
    let id = MonitorId::parse(id).unwrap();
    store.monitor(&id).await.unwrap().unwrap()
}

async fn used(store: &Shared, at: Instant) -> u64 {
    let usage = Usage {
        id: CredentialId::parse("c1").unwrap(),
        last_used_at: at,
        uses: 1,
        from: None,
        look_at: None,
    };
    store.flush_usage(vec![usage]).await.unwrap()
}

async fn days(store: &Shared) -> Option<DaysOfUse> {
    let id = CredentialId::parse("c1").unwrap();
    let found = store.days_of_use(std::slice::from_ref(&id)).await.unwrap();
    found.get(&id).copied()
}

async fn due(store: &Shared) -> Option<Instant> {
    store.next_due().await.unwrap()
}

claims! {
    async fn a_monitor_reads_back_and_is_compared_and_set(store: Shared) {
        let mut one = monitor("mon_1");
        add(&store, &one).await;
        add(&store, &monitor("mon_2")).await;
        let again = put(&store, vec![Write::PutMonitor(Box::new(one.clone()))]).await;
        assert!(matches!(again, Err(StoreError::Duplicate(_))));
        one.version = 1;
        assert_eq!(read(&store, "mon_1").await, one);
        assert_eq!(store.monitors().await.unwrap().len(), 2);
        assert_eq!(store.monitors_of(std::slice::from_ref(&one.id)).await.unwrap(), [one.clone()]);
        assert_eq!(store.monitor_of_key(&one.key).await.unwrap(), Some(one.id.clone()));
        let unknown = PingKey::parse("A".repeat(22)).unwrap();
        assert_eq!(store.monitor_of_key(&unknown).await.unwrap(), None);
        add(&store, &one).await;
        let stale = put(&store, vec![Write::PutMonitor(Box::new(one.clone()))]).await;
        assert!(matches!(stale, Err(StoreError::Conflict(_))));
        let stale = put(&store, vec![Write::RemoveMonitor(one.id.clone(), 1)]).await;
        assert!(matches!(stale, Err(StoreError::Conflict(_))));
        put(&store, vec![Write::RemoveMonitor(one.id.clone(), 2)]).await.unwrap();
        assert_eq!(store.monitor(&one.id).await.unwrap(), None);
        assert_eq!(store.monitor_of_key(&one.key).await.unwrap(), None);
    }

    async fn monitors_are_counted_by_owner(store: Shared) {
        let owner = |id: &str| Owner::try_from(id.to_owned()).unwrap();
        for (id, of) in [("mon_1", Some("per_a")), ("mon_2", Some("per_ab")), ("mon_3", None)] {
            let name = Name::parse("\"owner\":\"per_a\"").unwrap();
            let of = of.map(owner);
            add(&store, &Monitor { owner: of, name, ..monitor(id) }).await;
        }
        assert_eq!(store.count_monitors(None).await.unwrap(), 3);
        for (id, count) in [("per_a", 1), ("per_ab", 1), ("per_A", 0), ("per_b", 0)] {
            let owner = owner(id);
            assert_eq!(store.count_monitors(Some(&owner)).await.unwrap(), count, "{id}");
        }
    }

    async fn what_was_heard_is_added_and_never_taken_back(store: Shared) {
        add(&store, &monitor("mon_1")).await;
        for (fine, failed) in [
            (Some(in_days(2)), None),
            (Some(in_days(1)), Some(in_days(1))),
            (None, Some(NOW)),
        ] {
            store.flush_pings(heard("mon_1", fine, failed)).await.unwrap();
        }
        let one = read(&store, "mon_1").await;
        assert_eq!(one.last_ping_at, Some(in_days(2)));
        assert_eq!((one.failed_at, one.pings, one.version), (Some(in_days(1)), 6, 1));
        let mut renamed = monitor("mon_1");
        renamed.version = 1;
        add(&store, &renamed).await;
        assert_eq!(read(&store, "mon_1").await.last_ping_at, Some(in_days(2)));
        let gone = store.flush_pings(heard("mon_9", Some(NOW), Some(NOW))).await.unwrap();
        assert_eq!((gone, store.flush_pings(Vec::new()).await.unwrap()), (0, 0));
    }

    async fn only_news_of_a_monitor_makes_it_due(store: Shared) {
        add(&store, &monitor("mon_1")).await;
        let fine = || store.flush_pings(heard("mon_1", Some(in_days(1)), None));
        assert_eq!((fine().await.unwrap(), due(&store).await), (0, None));
        let failed = store.flush_pings(heard("mon_1", None, Some(in_days(3)))).await.unwrap();
        assert_eq!((failed, due(&store).await), (1, Some(in_days(3))));
        let subject = Subject::Monitor(MonitorId::parse("mon_1").unwrap());
        let mut alert = Alert::open(subject.clone(), AlertKind::Silent, None, NOW);
        put(&store, vec![
            Write::SetDue(subject, None), Write::PutAlert(Box::new(alert.clone())),
        ]).await.unwrap();
        assert_eq!((fine().await.unwrap(), due(&store).await), (1, Some(in_days(1))));
        alert.version = 1;
        alert.resolved = Some(domain::expiry::Resolved {
            at: NOW, how: domain::expiry::Resolution::Recovered,
        });
        put(&store, vec![Write::PutAlert(Box::new(alert))]).await.unwrap();
        assert_eq!(fine().await.unwrap(), 0);
    }

    async fn days_of_use_are_those_of_the_rule(store: Shared) {
        put(&store, vec![Write::PutCredential(Box::new(credential("c1")))]).await.unwrap();
        assert_eq!(days(&store).await, None);
        let mut want = None;
        for day in [0, 0, 1, 4, 3, -58, -59, 66, 67, 67, 200, 137, 138, 199, 201, -9000, 9000] {
            used(&store, in_days(day)).await;
            want = Some(DaysOfUse::used(want, in_days(day)));
            assert_eq!(days(&store).await, want, "{day}");
        }
    }

    async fn a_use_is_news_the_first_time_and_after_a_silence(store: Shared) {
        let mut one = credential("c1");
        one.end = End::Known(in_days(30));
        put(&store, vec![Write::PutCredential(Box::new(one))]).await.unwrap();
        let subject = Subject::Credential(CredentialId::parse("c1").unwrap());
        let clear = || put(&store, vec![Write::SetDue(subject.clone(), None)]);
        let week = Span::days(7);
        for (day, want) in [
            (0, Some(in_days(0))), // the first
            (1, Some(in_days(1) + week)), // the first of a day
            (3, Some(in_days(3))), // after a day without
            (29, Some(in_days(29))),
            (30, Some(in_days(30))), // the first after the end
            (31, Some(in_days(31) + week)),
        ] {
            clear().await.unwrap();
            used(&store, in_days(day)).await;
            assert_eq!(due(&store).await, want, "{day}");
            clear().await.unwrap();
            assert_eq!(used(&store, in_days(day) + Span::from_micros(1)).await, 0);
            assert_eq!(due(&store).await, None, "the second of day {day}");
        }
        put(&store, vec![Write::SetDue(subject.clone(), Some(in_micros(5)))]).await.unwrap();
        used(&store, in_days(60)).await;
        assert_eq!(due(&store).await, Some(in_micros(5)), "never later");
    }
}
