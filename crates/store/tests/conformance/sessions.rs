//! Who is signed in, and what proves a password.

use app::ports::{Password, Phc, Session, StoreError, Way, Write};
use domain::kernel::{Instant, PersonId, SessionId, Span};

use crate::claims;
use crate::given::NOW;
use crate::stage::put;

fn person(id: &str) -> PersonId {
    PersonId::parse(id).unwrap()
}

fn session(id: &str, whose: &str, ends_at: Instant) -> Session {
    Session {
        id: SessionId::parse(id).unwrap(),
        person: person(whose),
        way: Way::Password,
        hash: "00".repeat(32),
        agent: "a browser".to_owned(),
        opened_at: NOW,
        seen_at: NOW,
        ends_at,
        version: 0,
    }
}

fn boxed(session: &Session) -> Write {
    Write::PutSession(Box::new(session.clone()))
}

claims! {
    async fn a_session_is_kept_seen_again_and_ended(store: Shared) {
        let (mut a, b) = (session("a", "per_ada", NOW), session("b", "per_ada", NOW));
        let other = session("c", "per_bob", NOW);
        put(&store, vec![boxed(&b), boxed(&a), boxed(&other)]).await.unwrap();
        let again = put(&store, vec![boxed(&a)]).await;
        assert_eq!(again, Err(StoreError::Duplicate("session a".to_owned())));
        a.version = 1;
        a.seen_at = NOW + Span::minutes(5);
        put(&store, vec![boxed(&a)]).await.unwrap();
        let stale = put(&store, vec![boxed(&a)]).await;
        assert_eq!(stale, Err(StoreError::Conflict("session a".to_owned())));
        a.version = 2;
        assert_eq!(store.session(&a.id).await.unwrap(), Some(a.clone()));
        assert_eq!(store.sessions_of(&a.person).await.unwrap().len(), 2);
        put(&store, vec![Write::RemoveSessionsOf(person("per_ada"), Some(a.id.clone()))]).await.unwrap();
        assert_eq!(store.sessions_of(&a.person).await.unwrap(), [a.clone()]);
        assert_eq!(store.sessions_of(&other.person).await.unwrap().len(), 1);
        put(&store, vec![Write::RemoveSession(a.id.clone())]).await.unwrap();
        assert_eq!(store.session(&a.id).await.unwrap(), None);
        put(&store, vec![Write::RemoveSessionsOf(person("per_bob"), None)]).await.unwrap();
        assert_eq!(store.sessions_of(&other.person).await.unwrap(), []);
    }

    async fn a_session_goes_when_its_time_is_over(store: Shared) {
        let just = Span::from_micros(1);
        for (id, ends_at) in [("a", NOW - just), ("b", NOW), ("c", NOW + just)] {
            put(&store, vec![boxed(&session(id, "per_ada", ends_at))]).await.unwrap();
        }
        store.prune(NOW, NOW).await.unwrap();
        let left = store.sessions_of(&person("per_ada")).await.unwrap();
        assert_eq!(left.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["c"]);
    }

    async fn a_password_replaces_the_one_before(store: Shared) {
        let chosen = |hash: &str| Password {
            person: person("per_ada"),
            hash: Phc(hash.to_owned()),
            chosen_at: NOW,
        };
        assert_eq!(store.password(&person("per_ada")).await.unwrap(), None);
        for hash in ["first", "second"] {
            put(&store, vec![Write::PutPassword(chosen(hash))]).await.unwrap();
            let kept = store.password(&person("per_ada")).await.unwrap();
            assert_eq!(kept, Some(chosen(hash)));
        }
    }
}
