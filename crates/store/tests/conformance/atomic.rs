//! All or nothing, whatever fails and wherever.

use app::ports::{Changes, StoreError, Write};
use domain::kernel::{CredentialId, Instant};

use crate::claims;
use crate::given::{NOW, alert, credential, issued, message, notice, person, role, subject, token};
use crate::stage::{Shared, put, said};

/// One write of every kind that adds something.
fn everything() -> Vec<Write> {
    let about = alert("c1");
    vec![
        Write::PutCredential(Box::new(credential("c1"))),
        Write::PutCredential(Box::new(issued("t1"))),
        Write::PutToken(Box::new(token("t1"))),
        Write::PutRole(role("Ops")),
        Write::PutPerson(person("per_1")),
        Write::AddNotice(Box::new(notice("n1", &about.id))),
        Write::AddMessage(Box::new(message("m1", &["n1"]))),
        Write::PutAlert(Box::new(about)),
        Write::SetDue(subject("c1"), Some(NOW)),
        Write::SetMeta("x".to_owned(), "1".to_owned()),
    ]
}

fn failing() -> Write {
    let mut stale = credential("missing");
    stale.version = 7;
    Write::PutCredential(Box::new(stale))
}

async fn is_empty(store: &Shared) -> bool {
    let id = CredentialId::parse("c1").unwrap();
    store.credential(&id).await.unwrap().is_none()
        && store.tokens_after(None, 9).await.unwrap().is_empty()
        && store.roles().await.unwrap().is_empty()
        && store.directory().await.unwrap().persons.is_empty()
        && store.alerts_of(&[subject("c1")]).await.unwrap().is_empty()
        && store.notices_of(&alert("c1").id).await.unwrap().is_empty()
        && store.oldest_waiting(Instant::MAX).await.unwrap().is_none()
        && store.next_due().await.unwrap().is_none()
        && store.meta("x").await.unwrap().is_none()
        && store.audit_after(0, 9).await.unwrap().is_empty()
        && store.feed_mark().await.unwrap().revision == 0
}

claims! {
    /// A write that fails leaves nothing of those before and after it, audit included.
    async fn a_failing_write_anywhere_leaves_nothing(store: Shared) {
        for at in 0..=everything().len() {
            let mut writes = everything();
            writes.insert(at, failing());
            let changes = Changes { writes, audit: vec![said("x", NOW)] };
            let refused = store.commit(changes).await;
            assert_eq!(refused, Err(StoreError::Conflict("credential missing".to_owned())));
            assert!(is_empty(&store).await, "failed at {at}");
        }
        let changes = Changes { writes: everything(), audit: vec![said("x", NOW)] };
        store.commit(changes).await.unwrap();
        assert!(!is_empty(&store).await);
        store.commit(Changes::default()).await.unwrap();
    }

    /// What fails for one caller does not touch what others commit at the same moment.
    async fn a_failing_change_does_not_take_its_neighbours_along(store: Shared) {
        let tasks: Vec<_> = (0..40).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut writes = vec![Write::PutCredential(Box::new(credential(&format!("c{n}"))))];
                if n % 2 == 1 {
                    writes.push(failing());
                }
                (n, put(&store, writes).await)
            })
        }).collect();
        for task in tasks {
            let (n, outcome) = task.await.unwrap();
            assert_eq!(outcome.is_ok(), n % 2 == 0);
            let id = CredentialId::parse(format!("c{n}")).unwrap();
            assert_eq!(store.credential(&id).await.unwrap().is_some(), n % 2 == 0);
        }
    }

    /// A caller who hangs up does not stop a change half-way, nor hold up the next.
    async fn a_caller_who_leaves_early_leaves_no_half_change(store: Shared) {
        for n in 0..30 {
            let (store, id) = (store.clone(), format!("c{n}"));
            let writes = vec![
                Write::PutCredential(Box::new(credential(&id))),
                Write::SetDue(subject(&id), Some(NOW)),
            ];
            let task = tokio::spawn(async move { put(&store, writes).await });
            tokio::task::yield_now().await;
            task.abort();
        }
        put(&store, everything()).await.unwrap_or_else(|e| assert!(matches!(e, StoreError::Duplicate(_))));
        for n in 0..30 {
            let id = CredentialId::parse(format!("c{n}")).unwrap();
            // Read in the order in which a late commit cannot make a half of a whole.
            let before = store.credential(&id).await.unwrap().is_some();
            let due = store.due(NOW, None, 99).await.unwrap();
            let after = store.credential(&id).await.unwrap().is_some();
            let queued = due.iter().any(|d| d.subject == subject(&format!("c{n}")));
            assert!(queued == before || queued == after, "c{n}");
        }
    }
}
