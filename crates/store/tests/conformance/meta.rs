//! Small named values and idempotency keys.

use app::ports::{Changes, Idempotent, StoreError, Write};

use crate::claims;
use crate::given::{NOW, in_micros};
use crate::stage::{put, said};

fn swap(from: Option<&str>, to: Option<&str>) -> Vec<Write> {
    vec![Write::SwapMeta {
        name: "leader".to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    }]
}

fn made(until: i64) -> Idempotent {
    Idempotent {
        key: "k".to_owned(),
        request: "r".to_owned(),
        made: "token".to_owned(),
        until: in_micros(until),
    }
}

claims! {
    async fn a_value_is_set_and_replaced(store: Shared) {
        assert_eq!(store.meta("x").await.unwrap(), None);
        for value in ["1", "' OR 1=1--"] {
            put(&store, vec![Write::SetMeta("x".to_owned(), value.to_owned())]).await.unwrap();
            assert_eq!(store.meta("x").await.unwrap().as_deref(), Some(value));
        }
        store.ping().await.unwrap();
    }

    async fn a_value_is_swapped_only_from_what_stands(store: Shared) {
        let conflict = Err(StoreError::Conflict("the value leader".to_owned()));
        put(&store, swap(None, None)).await.unwrap();
        assert_eq!(put(&store, swap(Some("a"), Some("b"))).await, conflict);
        put(&store, swap(None, Some("a"))).await.unwrap();
        assert_eq!(put(&store, swap(None, Some("b"))).await, conflict);
        assert_eq!(put(&store, swap(None, None)).await, conflict);
        put(&store, swap(Some("a"), Some("b"))).await.unwrap();
        assert_eq!(put(&store, swap(Some("a"), None)).await, conflict);
        assert_eq!(store.meta("leader").await.unwrap().as_deref(), Some("b"));
        put(&store, swap(Some("b"), None)).await.unwrap();
        assert_eq!(store.meta("leader").await.unwrap(), None);
    }

    async fn a_key_is_remembered_until_its_end_and_then_free_again(store: Shared) {
        let add = |until, at| Changes {
            writes: vec![Write::AddIdempotent(made(until))],
            audit: vec![said("token.issue", in_micros(at))],
        };
        store.commit(add(10, 0)).await.unwrap();
        assert_eq!(store.idempotent("k", in_micros(9)).await.unwrap(), Some(made(10)));
        assert_eq!(store.idempotent("k", in_micros(10)).await.unwrap(), None);
        let again = store.commit(add(19, 9)).await;
        assert_eq!(again, Err(StoreError::Duplicate("this idempotency key".to_owned())));
        store.commit(add(20, 10)).await.unwrap();
        assert_eq!(store.idempotent("k", in_micros(19)).await.unwrap(), Some(made(20)));
        assert_eq!(store.prune(NOW, in_micros(19)).await.unwrap(), 0);
        assert_eq!(store.prune(NOW, in_micros(20)).await.unwrap(), 1);
    }
}
