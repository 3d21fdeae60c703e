//! Alerts and notices.

use app::ports::{AlertFilter, AlertsSeen, PageRequest, StoreError, Write};
use domain::expiry::{
    Acknowledged, Alert, AlertKind, AlertState, LetLapse, Resolution, Resolved, Silence, Snoozed,
    Subject,
};
use domain::kernel::{ChannelId, Instant, NoticeKey, TeamId};
use domain::notice::NoticeState;
use domain::people::Owner;

use crate::claims;
use crate::given::{
    NOW, alert, credential, in_days, in_micros, message, notice, silence, subject, watch,
};
use crate::stage::{Shared, put};

fn page() -> PageRequest {
    PageRequest {
        limit: 100,
        after: None,
    }
}

async fn found(store: &Shared, filter: AlertFilter) -> Vec<String> {
    let got = store.list_alerts(&filter, &page()).await.unwrap();
    let counted = store.count_alerts(&filter).await.unwrap();
    assert_eq!(counted, got.items.len() as u64, "{filter:?}");
    let subjects = got.items.iter().map(|a| a.subject.to_string());
    let mut ids: Vec<_> = subjects.map(|s| s.replace("credential:", "")).collect();
    ids.sort_unstable();
    ids
}

fn resolved(about: &str, at: Instant) -> Alert {
    let mut one = alert(about);
    let how = Resolution::Revoked;
    one.resolved = Some(Resolved { at, how });
    one
}

fn one_of_each() -> Vec<Alert> {
    let mut acknowledged = alert("acknowledged");
    acknowledged.acknowledged = Some(Acknowledged {
        by: "x".to_owned(),
        at: NOW,
        step: None,
        note: None,
    });
    let mut snoozed = acknowledged.clone();
    snoozed.subject = subject("snoozed");
    snoozed.id = Alert::id_of(&snoozed.subject, snoozed.kind);
    snoozed.snoozed = Some(Snoozed {
        by: "x".to_owned(),
        at: NOW,
        until: in_micros(1),
    });
    let mut lapsing = alert("lapsing");
    lapsing.let_lapse = Some(LetLapse {
        by: "x".to_owned(),
        at: NOW,
        end: in_days(10),
        reason: None,
    });
    let mut lapsing_no_more = lapsing.clone();
    lapsing_no_more.subject = subject("moved");
    lapsing_no_more.id = Alert::id_of(&lapsing_no_more.subject, AlertKind::Expiry);
    lapsing_no_more.end = Some(in_days(20));
    vec![
        alert("open"),
        acknowledged,
        snoozed,
        lapsing,
        lapsing_no_more,
        resolved("resolved", NOW),
    ]
}

claims! {
    async fn an_alert_is_compared_and_set_and_reads_back(store: Shared) {
        let mut one = alert("c1");
        let write = |a: &Alert| vec![Write::PutAlert(Box::new(a.clone()))];
        put(&store, write(&one)).await.unwrap();
        assert!(matches!(put(&store, write(&one)).await, Err(StoreError::Duplicate(_))));
        one.version = 1;
        one.detail = Some("a".to_owned());
        put(&store, write(&one)).await.unwrap();
        assert!(matches!(put(&store, write(&one)).await, Err(StoreError::Conflict(_))));
        one.version = 2;
        assert_eq!(store.alert(&one.id).await.unwrap(), Some(one.clone()));
        assert_eq!(store.alerts_of(&[subject("c2"), subject("c1")]).await.unwrap(), [one]);
        assert!(store.alerts_of(&[]).await.unwrap().is_empty());
    }

    async fn a_state_in_sql_is_the_state_in_the_domain(store: Shared) {
        let made = one_of_each();
        put(&store, made.iter().map(|a| Write::PutAlert(Box::new(a.clone()))).collect()).await.unwrap();
        let states = [AlertState::Open, AlertState::Acknowledged, AlertState::Snoozed,
            AlertState::LetLapse, AlertState::Resolved];
        for now in [0, 1, 2].map(in_micros) {
            for state in states {
                let mut want: Vec<_> = made.iter().filter(|a| a.state(now) == state)
                    .map(|a| a.subject.to_string().replace("credential:", "")).collect();
                want.sort_unstable();
                let filter = AlertFilter { now, states: vec![state], ..AlertFilter::default() };
                assert_eq!(found(&store, filter).await, want, "{state:?} at {now}");
            }
        }
    }

    async fn without_states_all_but_resolved_are_listed_newest_cycle_first(store: Shared) {
        let mut late = alert("late");
        late.opened_at = in_days(1);
        late.kind = AlertKind::Orphaned;
        late.id = Alert::id_of(&late.subject, late.kind);
        let writes = [alert("a"), alert("b"), late, resolved("r", NOW)];
        put(&store, writes.map(|a| Write::PutAlert(Box::new(a))).to_vec()).await.unwrap();
        let none = AlertFilter::default();
        assert_eq!(found(&store, none.clone()).await, ["a", "b", "late"]);
        let with_resolved = AlertFilter { with_resolved: true, ..none.clone() };
        assert_eq!(found(&store, with_resolved).await, ["a", "b", "late", "r"]);
        let kind = Some(AlertKind::Orphaned);
        assert_eq!(found(&store, AlertFilter { kind, ..none.clone() }).await, ["late"]);
        let about = Some(subject("b"));
        assert_eq!(found(&store, AlertFilter { subject: about, ..none.clone() }).await, ["b"]);
        let mut page = PageRequest { limit: 1, after: None };
        let mut seen = Vec::new();
        loop {
            let got = store.list_alerts(&none, &page).await.unwrap();
            seen.extend(got.items.into_iter().map(|a| a.opened_at));
            let Some(next) = got.next else { break };
            page.after = Some(next);
        }
        assert_eq!(seen, [in_days(1), NOW, NOW]);
    }

    /// A page is full whoever asks: what they may not see takes no place in it.
    async fn who_may_not_see_all_is_given_full_pages_of_what_they_may(store: Shared) {
        let mut own = credential("own");
        own.owner = Some(Owner::parse("per_1").unwrap());
        let mut of_team = credential("team");
        of_team.team = Some(TeamId::parse("tea_1").unwrap());
        let known = [own, of_team, credential("others")];
        let mut writes = known.map(|c| Write::PutCredential(Box::new(c))).to_vec();
        let mut review = alert("own");
        review.subject = Subject::Review("quarterly:tea_1".to_owned());
        review.id = Alert::id_of(&review.subject, review.kind);
        let alerts = [alert("own"), alert("others"), alert("team"), review.clone()];
        writes.extend(alerts.map(|a| Write::PutAlert(Box::new(a))));
        put(&store, writes).await.unwrap();
        let seen = AlertsSeen {
            owner: "per_1".to_owned(),
            teams: vec![TeamId::parse("tea_1").unwrap()],
            subjects: vec![review.subject],
        };
        let filter = |seen: AlertsSeen| AlertFilter { visible_to: Some(seen), ..AlertFilter::default() };
        assert_eq!(found(&store, filter(seen.clone())).await, ["own", "review:quarterly:tea_1", "team"]);
        let one = PageRequest { limit: 3, after: None };
        let got = store.list_alerts(&filter(seen), &one).await.unwrap();
        assert_eq!((got.items.len(), got.next), (3, None));
        assert!(found(&store, filter(AlertsSeen::default())).await.is_empty());
    }

    /// L7: the key decides: a notice is made once, whenever it is made again.
    async fn a_notice_is_made_once_and_its_state_moves(store: Shared) {
        let about = alert("c1").id;
        let first = notice("n1", &about);
        let mut again = first.clone();
        again.reason = "said twice".to_owned();
        put(&store, vec![Write::AddNotice(Box::new(first.clone()))]).await.unwrap();
        put(&store, vec![Write::AddNotice(Box::new(again))]).await.unwrap();
        let mut second = notice("n0", &about);
        second.created_at = in_micros(1);
        put(&store, vec![Write::AddNotice(Box::new(second.clone()))]).await.unwrap();
        assert_eq!(store.notices_of(&about).await.unwrap(), [first.clone(), second]);
        let channel = ChannelId::parse("mail").unwrap();
        let state = NoticeState::Accepted { channel, at: NOW, person: true };
        put(&store, vec![Write::SetNotice(first.key.clone(), state.clone())]).await.unwrap();
        let unknown = NoticeKey::parse("n9").unwrap();
        put(&store, vec![Write::SetNotice(unknown.clone(), state.clone())]).await.unwrap();
        let read = store.notices(&[first.key.clone(), unknown]).await.unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((&read[0].state, &read[0].reason), (&state, &first.reason));
    }

    async fn pruning_removes_what_is_over_and_keeps_the_proof_of_what_is_not(store: Shared) {
        let (running, over, fresh) = (alert("c1"), resolved("c2", in_micros(-1)), resolved("c3", NOW));
        let sent = |key: &str, about: &Alert, at| {
            let mut one = notice(key, &about.id);
            one.created_at = at;
            one.state = NoticeState::Superseded { at };
            Write::AddNotice(Box::new(one))
        };
        let closed = |id: &str, carried: &[&str], at| {
            let mut one = message(id, carried);
            one.closed_at = Some(at);
            Write::AddMessage(Box::new(one))
        };
        let (old, at) = (in_micros(-1), NOW);
        put(&store, vec![
            Write::PutAlert(Box::new(running.clone())), Write::PutAlert(Box::new(over.clone())),
            Write::PutAlert(Box::new(fresh.clone())),
            sent("n1", &running, old), sent("n2", &over, old), sent("n3", &over, at),
            sent("n4", &over, old), sent("n5", &fresh, old),
            closed("m1", &["n2"], old), closed("m2", &["n4"], at),
            Write::AddMessage(Box::new(message("m3", &["n1"]))),
        ]).await.unwrap();
        // The message m1, its notice n2, the alert of c2.
        assert_eq!(store.prune(NOW, NOW).await.unwrap(), 3);
        let keys = |about: &Alert| {
            let (store, id) = (store.clone(), about.id.clone());
            async move {
                let all = store.notices_of(&id).await.unwrap();
                all.iter().map(|n| n.key.to_string()).collect::<Vec<_>>()
            }
        };
        assert_eq!(keys(&running).await, ["n1"]);
        assert_eq!(keys(&over).await, ["n4", "n3"]);
        assert_eq!(keys(&fresh).await, ["n5"]);
        assert_eq!(store.alert(&over.id).await.unwrap(), None);
        assert!(store.alert(&fresh.id).await.unwrap().is_some());
        let none = app::ports::MessageFilter::default();
        assert_eq!(store.list_messages(&none, &page()).await.unwrap().items.len(), 2);
        assert_eq!(store.prune(NOW, NOW).await.unwrap(), 0);
    }

    async fn a_rule_about_watchers_is_compared_and_set_and_removed(store: Shared) {
        let (one, two) = (watch("wat_1", "prod"), watch("wat_2", "test"));
        for watch in [&two, &one] {
            put(&store, vec![Write::PutWatch(Box::new(watch.clone()))]).await.unwrap();
        }
        let again = put(&store, vec![Write::PutWatch(Box::new(one.clone()))]).await;
        assert!(matches!(again, Err(StoreError::Duplicate(_))));
        let stand = store.watches().await.unwrap();
        assert_eq!(stand.iter().map(|w| (w.id.as_str(), w.version)).collect::<Vec<_>>(), [("wat_1", 1), ("wat_2", 1)]);
        assert_eq!((&stand[0].rule, &stand[0].by), (&one.rule, &one.by));
        put(&store, vec![Write::PutWatch(Box::new(stand[0].clone()))]).await.unwrap();
        let stale = put(&store, vec![Write::RemoveWatch(one.id.clone(), 1)]).await;
        assert!(matches!(stale, Err(StoreError::Conflict(_))));
        put(&store, vec![Write::RemoveWatch(one.id, 2), Write::RemoveWatch(two.id, 1)]).await.unwrap();
        assert_eq!(store.watches().await.unwrap(), []);
    }

    async fn a_silence_is_compared_and_set_removed_and_forgotten_once_it_is_over(store: Shared) {
        let (short, long) = (silence("sil_1", 1), silence("sil_2", 9));
        for silence in [&short, &long] {
            put(&store, vec![Write::PutSilence(Box::new(silence.clone()))]).await.unwrap();
        }
        let again = put(&store, vec![Write::PutSilence(Box::new(short.clone()))]).await;
        assert!(matches!(again, Err(StoreError::Duplicate(_))));
        let stand = store.silences().await.unwrap();
        assert_eq!(stand.iter().map(|s| (s.id.as_str(), s.version)).collect::<Vec<_>>(), [("sil_1", 1), ("sil_2", 1)]);
        let sooner = Silence { ends_at: in_days(2), version: 1, ..long };
        put(&store, vec![Write::PutSilence(Box::new(sooner.clone()))]).await.unwrap();
        assert!(matches!(put(&store, vec![Write::RemoveSilence(sooner.id.clone(), 1)]).await, Err(StoreError::Conflict(_))));
        assert_eq!(store.prune(in_days(1), NOW).await.unwrap(), 0);
        assert_eq!(store.prune(in_days(1) + domain::kernel::Span::from_micros(1), NOW).await.unwrap(), 1);
        put(&store, vec![Write::RemoveSilence(sooner.id, 2)]).await.unwrap();
        assert_eq!(store.silences().await.unwrap(), []);
    }
}
