//! The queue of instants that matter.

use app::ports::{Answering, Due, Write};
use domain::kernel::{Instant, SourceId, TeamId};

use crate::claims;
use crate::given::{NOW, credential, in_micros, owner, subject, team};
use crate::stage::{Shared, put};

async fn set(store: &Shared, about: &str, at: Option<Instant>) {
    put(store, vec![Write::SetDue(subject(about), at)])
        .await
        .unwrap();
}

async fn next(store: &Shared) -> Option<Instant> {
    store.next_due().await.unwrap()
}

claims! {
    async fn a_subject_has_one_instant_which_is_set_moved_and_removed(store: Shared) {
        assert_eq!(next(&store).await, None);
        set(&store, "a", Some(in_micros(5))).await;
        set(&store, "a", Some(in_micros(9))).await;
        assert_eq!(next(&store).await, Some(in_micros(9)));
        assert!(store.due(in_micros(8), None, 9).await.unwrap().is_empty());
        set(&store, "a", None).await;
        set(&store, "a", None).await;
        assert_eq!(next(&store).await, None);
    }

    async fn at_latest_only_ever_moves_an_instant_forward(store: Shared) {
        let at_latest = |at| vec![Write::DueAtLatest(subject("a"), at)];
        put(&store, at_latest(in_micros(5))).await.unwrap();
        put(&store, at_latest(in_micros(6))).await.unwrap();
        assert_eq!(next(&store).await, Some(in_micros(5)));
        put(&store, at_latest(in_micros(4))).await.unwrap();
        assert_eq!(next(&store).await, Some(in_micros(4)));
    }

    async fn what_was_asked_while_it_was_planned_stays_on_the_queue(store: Shared) {
        let a = || subject("a");
        let asked = async || store.asked(&[a(), subject("b")]).await.unwrap().remove(&a());
        let settle = async |asked, next| {
            let found = Write::SettleDue { subject: a(), asked, next };
            put(&store, vec![found]).await.unwrap();
        };
        assert_eq!(asked().await, None);
        settle(None, Some(in_micros(9))).await;
        assert_eq!(next(&store).await, Some(in_micros(9)));
        settle(None, Some(in_micros(3))).await;
        assert_eq!(next(&store).await, Some(in_micros(9)), "it was in the queue by then");

        // Asked again for no earlier instant: still asked again.
        let seen = asked().await;
        put(&store, vec![Write::DueAtLatest(a(), in_micros(9))]).await.unwrap();
        settle(seen, Some(in_micros(20))).await;
        assert_eq!(next(&store).await, Some(in_micros(9)));
        settle(seen, None).await;
        assert_eq!(next(&store).await, Some(in_micros(9)));
        put(&store, vec![Write::SetDue(a(), Some(in_micros(9)))]).await.unwrap();
        let set = asked().await;
        assert!(set > seen);

        settle(set, Some(in_micros(20))).await;
        assert_eq!(next(&store).await, Some(in_micros(20)));
        settle(asked().await, None).await;
        assert_eq!(next(&store).await, None);
    }

    async fn who_answers_for_credentials_asks_about_all_that_are_not_over(store: Shared) {
        let (ada, core) = (owner("per_ada"), team("core").id);
        let one = |id: &str, owner: Option<&domain::people::Owner>, team: Option<&TeamId>| {
            let mut one = credential(id);
            (one.owner, one.team) = (owner.cloned(), team.cloned());
            one
        };
        let mut revoked = one("revoked", Some(&ada), Some(&core));
        revoked.revoked_at = Some(NOW);
        let all = [
            one("own", Some(&ada), None), one("teams", None, Some(&core)),
            one("others", None, None), revoked,
        ];
        put(&store, all.map(|c| Write::PutCredential(Box::new(c))).to_vec()).await.unwrap();
        set(&store, "own", Some(in_micros(9))).await;
        let due = async || {
            let due = store.due(in_micros(8), None, 9).await.unwrap();
            due.iter().map(|d| d.subject.to_string()).collect::<Vec<_>>()
        };
        let before = store.asked(&[subject("own")]).await.unwrap();
        put(&store, vec![Write::AskAbout(Answering::Owner(ada), in_micros(5))]).await.unwrap();
        assert_eq!(due().await, ["credential:own"]);
        assert!(store.asked(&[subject("own")]).await.unwrap() > before);
        put(&store, vec![Write::AskAbout(Answering::Team(core), in_micros(6))]).await.unwrap();
        assert_eq!(due().await, ["credential:own", "credential:teams"]);
    }

    async fn the_instants_of_some_subjects_are_read_whenever_they_are(store: Shared) {
        set(&store, "a", Some(in_micros(5))).await;
        set(&store, "b", Some(in_micros(-5))).await;
        let some = store.due_of(&[subject("a"), subject("c")]).await.unwrap();
        assert_eq!(some, [Due { at: in_micros(5), subject: subject("a") }]);
        assert!(store.due_of(&[]).await.unwrap().is_empty());
    }

    /// L3: what is due comes page by page, most urgent first.
    async fn what_is_due_comes_by_instant_then_subject_page_by_page(store: Shared) {
        for (about, at) in [("d", 1), ("c", 0), ("a", 0), ("b", 0), ("e", -1), ("B", 0)] {
            set(&store, about, Some(in_micros(at))).await;
        }
        let mut seen = Vec::new();
        let mut after: Option<Due> = None;
        loop {
            let page = store.due(NOW, after.as_ref(), 2).await.unwrap();
            assert!(page.len() <= 2);
            let Some(last) = page.last().cloned() else { break };
            seen.extend(page.iter().map(|d| d.subject.to_string().replace("credential:", "")));
            after = Some(last);
        }
        assert_eq!(seen, ["e", "B", "a", "b", "c"]);
    }

    async fn a_released_import_is_due_at_once_without_what_is_over(store: Shared) {
        let source = |id: &str, source: &str| {
            let mut one = credential(id);
            one.source = SourceId::parse(source).unwrap();
            one
        };
        let (mut revoked, mut gone) = (source("revoked", "far"), source("gone", "far"));
        (revoked.revoked_at, gone.gone_at) = (Some(NOW), Some(NOW));
        let all = [source("a", "far"), source("b", "far"), source("c", "near"), revoked, gone];
        put(&store, all.map(|one| Write::PutCredential(Box::new(one))).to_vec()).await.unwrap();
        set(&store, "a", Some(in_micros(9))).await;
        set(&store, "b", Some(in_micros(2))).await;
        let far = SourceId::parse("far").unwrap();
        put(&store, vec![Write::ReleaseImport(far, in_micros(5))]).await.unwrap();
        let due = store.due(in_micros(9), None, 9).await.unwrap();
        let due: Vec<_> = due.iter().map(|d| (d.subject.to_string(), d.at)).collect();
        assert_eq!(due, [
            ("credential:b".to_owned(), in_micros(2)),
            ("credential:a".to_owned(), in_micros(5)),
        ]);
    }
}
