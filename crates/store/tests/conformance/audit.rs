//! The audit log: in the change's transaction, chained afterwards.

use app::ports::{AuditEntry, AuditFilter, Changes, PageRequest, StoreError, Write};
use store::AuditChain;

use crate::claims;
use crate::given::{NOW, in_micros, role};
use crate::stage::{Shared, said};

async fn say(store: &Shared, actions: &[&str]) {
    let changes = Changes {
        writes: Vec::new(),
        audit: actions.iter().map(|a| said(a, NOW)).collect(),
    };
    store.commit(changes).await.unwrap();
}

/// How many rows there are, and whether each linked one follows.
async fn verified(store: &Shared) -> (usize, bool) {
    let (mut chain, mut after, mut count, mut whole) = (AuditChain::new(), 0, 0, true);
    loop {
        let rows = store.audit_after(after, 3).await.unwrap();
        let Some(last) = rows.last() else {
            return (count, whole);
        };
        after = last.number;
        count += rows.len();
        whole &= rows.iter().all(|row| chain.follows(row));
    }
}

claims! {
    async fn an_entry_is_there_exactly_when_its_change_is(store: Shared) {
        let change = |action: &str| Changes {
            writes: vec![Write::PutRole(role("Ops"))],
            audit: vec![said(action, NOW), said("second", in_micros(1))],
        };
        store.commit(change("role.create")).await.unwrap();
        let refused = store.commit(change("role.create.again")).await;
        assert!(matches!(refused, Err(StoreError::Duplicate(_))));
        let rows = store.audit_after(0, 9).await.unwrap();
        let entries: Vec<_> = rows.iter().map(|r| r.entry.clone()).collect();
        assert_eq!(entries, [said("role.create", NOW), said("second", in_micros(1))]);
        assert!(rows.iter().all(|r| r.hash.is_none()));
    }

    async fn rows_are_listed_newest_first_in_pages(store: Shared) {
        say(&store, &["a", "b", "c", "d", "e"]).await;
        let (mut page, mut seen) = (PageRequest { limit: 2, after: None }, Vec::new());
        loop {
            let got = store.audit(&AuditFilter::default(), &page).await.unwrap();
            seen.extend(got.items.iter().map(|r| r.entry.action.clone()));
            let Some(next) = got.next else { break };
            page.after = Some(next);
        }
        assert_eq!(seen, ["e", "d", "c", "b", "a"]);
    }

    async fn rows_are_found_by_actor_action_target_and_time(store: Shared) {
        let row = |actor: &str, action: &str, target: &str, at| {
            let (actor, target) = (actor.to_owned(), target.to_owned());
            AuditEntry { actor, target, ..said(action, at) }
        };
        let audit = vec![
            row("system", "token.issue", "token:a", NOW),
            row("token x of per_1", "token.revoke", "token:a", in_micros(1)),
            row("session y of per_2", "role.change", "role:a_%", in_micros(2)),
        ];
        store.commit(Changes { writes: Vec::new(), audit }).await.unwrap();
        let page = PageRequest { limit: 9, after: None };
        let any = AuditFilter::default();
        let text = |word: &str| Some(word.to_owned());
        let actors = |all: &[&str]| all.iter().map(|a| (*a).to_owned()).collect();
        for (filter, want) in [
            (AuditFilter { actors: actors(&["per_1", "per_2"]), ..any.clone() }, vec!["role.change", "token.revoke"]),
            (AuditFilter { actors: actors(&["per_%"]), ..any.clone() }, vec![]),
            (AuditFilter { action: text("token."), ..any.clone() }, vec!["token.revoke", "token.issue"]),
            (AuditFilter { action: text("revoke"), ..any.clone() }, vec![]),
            (AuditFilter { target: text("a_%"), ..any.clone() }, vec!["role.change"]),
            (AuditFilter { from: Some(in_micros(1)), until: Some(in_micros(2)), ..any }, vec!["token.revoke"]),
        ] {
            let got = store.audit(&filter, &page).await.unwrap();
            let got: Vec<&str> = got.items.iter().map(|r| r.entry.action.as_str()).collect();
            assert_eq!(got, want, "{filter:?}");
        }
    }

    async fn rows_are_chained_in_order_and_verify(store: Shared) {
        assert_eq!(store.chain_audit(9).await.unwrap(), 0);
        say(&store, &["a", "b", "c"]).await;
        assert_eq!(store.chain_audit(2).await.unwrap(), 2);
        assert_eq!(store.chain_audit(2).await.unwrap(), 1);
        say(&store, &["d"]).await;
        assert_eq!(store.chain_audit(9).await.unwrap(), 1);
        assert_eq!(store.chain_audit(9).await.unwrap(), 0);
        assert_eq!(verified(&store).await, (4, true));
        let mut rows = store.audit_after(0, 9).await.unwrap();
        let broken = |rows: &[app::ports::AuditRow]| {
            let mut chain = AuditChain::new();
            !rows.iter().all(|row| chain.follows(row))
        };
        assert!(!broken(&rows));
        let mut swapped = rows.clone();
        swapped.swap(1, 2);
        assert!(broken(&swapped), "reordered");
        let mut cut = rows.clone();
        cut.remove(1);
        assert!(broken(&cut), "deleted");
        rows[2].entry.target = "role:Admin".to_owned();
        assert!(broken(&rows), "edited");
    }

    async fn chaining_while_others_write_leaves_no_gap(store: Shared) {
        let writers: Vec<_> = (0..6).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..15 {
                    say(&store, &["a", "b"]).await;
                }
            })
        }).collect();
        let chainers: Vec<_> = (0..2).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    store.chain_audit(50).await.unwrap();
                }
            })
        }).collect();
        for task in writers.into_iter().chain(chainers) {
            task.await.unwrap();
        }
        while store.chain_audit(50).await.unwrap() > 0 {}
        assert_eq!(verified(&store).await, (180, true));
        let rows = store.audit_after(0, 999).await.unwrap();
        assert!(rows.iter().all(|r| r.hash.is_some()));
    }
}
