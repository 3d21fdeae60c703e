//! What verifying needs to stay current.

use std::collections::BTreeSet;

use app::feed::Followed;
use app::ports::{StoreError, Write};
use domain::kernel::CredentialId;

use crate::claims;
use crate::given::{credential, issued, person, role, service_account, team, token};
use crate::stage::{Shared, put};

fn issue(id: &str) -> Vec<Write> {
    vec![
        Write::PutCredential(Box::new(issued(id))),
        Write::PutToken(Box::new(token(id))),
    ]
}

async fn changed(store: &Shared, after: i64) -> (Vec<String>, bool) {
    let (tokens, others) = store.tokens_changed_after(after).await.unwrap();
    let mut ids: Vec<_> = tokens.iter().map(|(c, _)| c.id.to_string()).collect();
    ids.sort_unstable();
    (ids, others)
}

claims! {
    async fn revisions_rise_with_whom_things_belong_to_and_nothing_else(store: Shared) {
        let mut last = store.feed_mark().await.unwrap().revision;
        let mut renamed = issued("a");
        renamed.version = 1;
        let mut rotated = token("a");
        rotated.version = 1;
        let matters = [
            issue("a"), vec![Write::PutCredential(Box::new(renamed))],
            vec![Write::PutToken(Box::new(rotated))], vec![Write::PutRole(role("Ops"))],
            vec![Write::RemoveRole(role("Ops").name, 1)], vec![Write::PutPerson(person("per_1"))],
            vec![Write::PutServiceAccount(service_account("sva_1"))], vec![Write::PutTeam(team("tea_1"))],
        ];
        for writes in matters {
            put(&store, writes.clone()).await.unwrap();
            let now = store.feed_mark().await.unwrap().revision;
            assert!(now > last, "{writes:?}");
            last = now;
        }
        put(&store, vec![
            Write::PutCredential(Box::new(credential("watched"))),
            Write::SetMeta("x".to_owned(), "1".to_owned()),
        ]).await.unwrap();
        assert_eq!(store.feed_mark().await.unwrap().revision, last);
    }

    async fn what_changed_since_a_revision_is_told_once_each(store: Shared) {
        put(&store, issue("a")).await.unwrap();
        let seen = store.feed_mark().await.unwrap().revision;
        put(&store, issue("b")).await.unwrap();
        assert_eq!(changed(&store, seen).await, (vec!["b".to_owned()], false));
        assert_eq!(changed(&store, 0).await, (vec!["a".to_owned(), "b".to_owned()], false));
        put(&store, vec![Write::PutRole(role("Ops"))]).await.unwrap();
        let since = store.feed_mark().await.unwrap().revision;
        assert_eq!(changed(&store, since - 1).await, (vec![], true));
        assert_eq!(changed(&store, since).await, (vec![], false));
    }

    async fn all_tokens_are_walked_by_id(store: Shared) {
        let writes: Vec<_> = (0..7).flat_map(|n| issue(&format!("t{n}"))).collect();
        put(&store, writes).await.unwrap();
        put(&store, vec![Write::PutCredential(Box::new(credential("watched")))]).await.unwrap();
        let (mut after, mut seen): (Option<CredentialId>, Vec<String>) = (None, Vec::new());
        loop {
            let page = store.tokens_after(after.as_ref(), 3).await.unwrap();
            let Some((last, _)) = page.last() else { break };
            after = Some(last.id.clone());
            seen.extend(page.iter().map(|(c, t)| {
                assert_eq!(c.id, t.id);
                c.id.to_string()
            }));
        }
        assert_eq!(seen, ["t0", "t1", "t2", "t3", "t4", "t5", "t6"]);
    }

    /// Who follows by marks misses nothing, however commits overlap.
    async fn nothing_is_missed_under_concurrent_commits(store: Shared) {
        let writers: Vec<_> = (0..8).map(|w| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0..20 {
                    put(&store, issue(&format!("w{w}n{n}"))).await.unwrap();
                }
                Ok::<(), StoreError>(())
            })
        }).collect();
        let (mut seen, mut followed, mut last) = (BTreeSet::new(), Followed::default(), 0);
        loop {
            let done = writers.iter().all(|w| w.is_finished());
            let now = store.feed_mark().await.unwrap();
            assert!(now.revision >= last, "revisions never fall");
            last = now.revision;
            seen.extend(changed(&store, followed.known(&now)).await.0);
            followed.note(now);
            if done {
                break;
            }
        }
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        assert_eq!(seen.len(), 160);
    }
}
