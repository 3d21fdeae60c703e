//! Calendar and feed addresses.

use app::ports::{Followed, StoreError, Subscription, Write};
use domain::kernel::{PersonId, SubscriptionId};
use domain::people::Owner;

use crate::claims;
use crate::given::NOW;
use crate::stage::put;

fn made(id: &str) -> Subscription {
    let ada = PersonId::parse("per_ada").unwrap();
    Subscription {
        id: SubscriptionId::parse(id).unwrap(),
        of: Followed::Person(ada.clone()),
        owner: Owner::Person(ada),
        discreet: true,
        created_at: NOW,
        key_version: 1,
        mac: "00".repeat(32),
        version: 0,
    }
}

claims! {
    async fn an_address_is_kept_listed_and_removed(store: Shared) {
        let [a, b] = ["a", "b"].map(made);
        let writes = [&b, &a].map(|s| Write::PutSubscription(Box::new(s.clone())));
        put(&store, writes.to_vec()).await.unwrap();
        let again = put(&store, vec![Write::PutSubscription(Box::new(a.clone()))]).await;
        assert_eq!(again, Err(StoreError::Duplicate("feed a".to_owned())));
        let kept = |s: &Subscription| Subscription { version: 1, ..s.clone() };
        assert_eq!(store.subscription(&a.id).await.unwrap(), Some(kept(&a)));
        assert_eq!(store.subscriptions().await.unwrap(), [kept(&a), kept(&b)]);
        put(&store, vec![Write::RemoveSubscription(a.id.clone())]).await.unwrap();
        assert_eq!(store.subscription(&a.id).await.unwrap(), None);
        assert_eq!(store.subscriptions().await.unwrap(), [kept(&b)]);
    }
}
