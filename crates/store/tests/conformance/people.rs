//! Roles, people, teams, service accounts, sources.

use app::ports::{SourceState, StoreError, Write};
use domain::expiry::Subject;
use domain::kernel::{CredentialId, RoleName, SourceId, Span};

use crate::claims;
use crate::given::{NOW, credential, person, role, service_account, subject, team};
use crate::stage::put;

fn source(id: &str) -> SourceState {
    SourceState {
        checkpoint: Some(serde_json::json!({"offset": 7})),
        attempted_at: Some(NOW),
        failing: Some((NOW, "refused".to_owned())),
        read: 3,
        unreadable: 1,
        remarks: vec!["a".to_owned()],
        ..SourceState::new(SourceId::parse(id).unwrap(), "foundry")
    }
}

claims! {
    async fn everybody_is_in_the_directory_as_they_were_written(store: Shared) {
        let (ada, platform, nightly) = (person("per_1"), team("tea_1"), service_account("sva_1"));
        put(&store, vec![
            Write::PutPerson(ada.clone()), Write::PutTeam(platform.clone()),
            Write::PutServiceAccount(nightly.clone()),
        ]).await.unwrap();
        let all = store.directory().await.unwrap();
        assert_eq!((all.persons.len(), all.teams.len(), all.service_accounts.len()), (1, 1, 1));
        let read = store.person(&ada.id).await.unwrap().unwrap();
        assert_eq!((read.version, &read.email), (1, &ada.email));
        assert_eq!(all.persons.get(&ada.id), Some(&read));
        assert_eq!(store.team(&platform.id).await.unwrap().unwrap().members, platform.members);
        assert!(store.service_account(&nightly.id).await.unwrap().unwrap().active);
        assert_eq!(store.person(&person("per_9").id).await.unwrap(), None);
    }

    async fn each_kind_is_compared_and_set(store: Shared) {
        let writes = |version| {
            let (mut p, mut t) = (person("per_1"), team("tea_1"));
            let (mut s, mut r, mut o) = (service_account("sva_1"), role("Ops"), source("prod"));
            for at in [&mut p.version, &mut t.version, &mut s.version, &mut r.version, &mut o.version] {
                *at = version;
            }
            [Write::PutPerson(p), Write::PutTeam(t), Write::PutServiceAccount(s),
                Write::PutRole(r), Write::PutSource(Box::new(o))]
        };
        for write in writes(1) {
            assert!(matches!(put(&store, vec![write]).await, Err(StoreError::Conflict(_))));
        }
        for write in writes(0) {
            put(&store, vec![write.clone()]).await.unwrap();
            assert!(matches!(put(&store, vec![write]).await, Err(StoreError::Duplicate(_))));
        }
        for write in writes(1) {
            put(&store, vec![write.clone()]).await.unwrap();
            assert!(matches!(put(&store, vec![write]).await, Err(StoreError::Conflict(_))));
        }
    }

    async fn a_role_is_removed_only_in_the_version_that_was_seen(store: Shared) {
        let name = RoleName::parse("Ops").unwrap();
        put(&store, vec![Write::PutRole(role("Ops")), Write::PutRole(role("Dev"))]).await.unwrap();
        let stale = put(&store, vec![Write::RemoveRole(name.clone(), 2)]).await;
        assert_eq!(stale, Err(StoreError::Conflict("role Ops".to_owned())));
        assert_eq!(store.roles().await.unwrap().len(), 2);
        put(&store, vec![Write::RemoveRole(name.clone(), 1)]).await.unwrap();
        assert!(!store.roles().await.unwrap().contains_key(&name));
    }

    async fn a_forgotten_source_takes_its_credentials_along_and_each_is_looked_at_once_more(store: Shared) {
        let mut other = credential("c2");
        other.source = SourceId::parse("other").unwrap();
        let prod = SourceId::parse("prod").unwrap();
        let mut first = credential("c1");
        first.scopes = vec!["a".to_owned()];
        put(&store, vec![
            Write::PutSource(Box::new(source("prod"))), Write::PutSource(Box::new(source("other"))),
            Write::PutCredential(Box::new(first)), Write::PutCredential(Box::new(other)),
            Write::SetDue(subject("c1"), Some(NOW + Span::days(1))), Write::SetDue(subject("c2"), Some(NOW + Span::days(1))),
        ]).await.unwrap();
        assert_eq!(store.source(&prod).await.unwrap().unwrap().checkpoint, source("prod").checkpoint);
        put(&store, vec![Write::ForgetSource(prod.clone(), NOW)]).await.unwrap();
        assert_eq!(store.source(&prod).await.unwrap(), None);
        assert_eq!(store.sources().await.unwrap().len(), 1);
        let gone = CredentialId::parse("c1").unwrap();
        assert_eq!(store.credential(&gone).await.unwrap(), None);
        let due = store.due(NOW, None, 9).await.unwrap();
        let due: Vec<_> = due.iter().map(|d| d.subject.clone()).collect();
        assert_eq!(due, [subject("c1"), Subject::Source(prod)]);
    }
}
