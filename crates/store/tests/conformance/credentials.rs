//! Credentials and tokens: compare-and-set, use counts, paging, successors.

use app::ports::{CredentialFilter, CredentialSort, Cursor, PageRequest, StoreError, Usage, Write};
use domain::inventory::{Credential, End, IssuerOwner};
use domain::kernel::CredentialId;

use crate::claims;
use crate::given::{NOW, credential, in_days, in_micros, issued, owner, token};
use crate::stage::{Shared, put};

fn id(text: &str) -> CredentialId {
    CredentialId::parse(text).unwrap()
}

async fn put_all(store: &Shared, all: Vec<Credential>) {
    for chunk in all.chunks(500) {
        let writes = chunk
            .iter()
            .map(|c| Write::PutCredential(Box::new(c.clone())));
        put(store, writes.collect()).await.unwrap();
    }
}

async fn walk(store: &Shared, sort: CredentialSort, limit: u32) -> Vec<String> {
    let filter = CredentialFilter {
        sort,
        ..CredentialFilter::default()
    };
    let mut page = PageRequest { limit, after: None };
    let mut seen = Vec::new();
    loop {
        let got = store.list_credentials(&filter, &page).await.unwrap();
        assert!(got.items.len() <= limit as usize);
        seen.extend(got.items.iter().map(|(c, _)| c.id.to_string()));
        match got.next {
            Some(next) => page.after = Some(next),
            None => return seen,
        }
    }
}

claims! {
    async fn a_credential_reads_back_as_it_was_written(store: Shared) {
        let mut told = credential("c1");
        told.name = domain::kernel::Name::parse("Ünïcode \u{202E} 'quoted' {list:1} $1").unwrap();
        told.facts = Some(serde_json::json!({"nul": "\0", "deep": [1, {"x": null}]}));
        told.kind = "with\0nul".to_owned();
        told.last_used_at = Some(in_micros(-1));
        put(&store, vec![Write::PutCredential(Box::new(told.clone()))]).await.unwrap();
        told.version = 1;
        assert_eq!(store.credential(&told.id).await.unwrap(), Some(told));
        assert_eq!(store.credential(&id("nobody")).await.unwrap(), None);
    }

    async fn version_zero_inserts_once_and_version_n_replaces_only_n(store: Shared) {
        let mut told = credential("c1");
        let write = |c: &Credential| vec![Write::PutCredential(Box::new(c.clone()))];
        put(&store, write(&told)).await.unwrap();
        let again = put(&store, write(&told)).await;
        assert_eq!(again, Err(StoreError::Duplicate("credential c1".to_owned())));
        told.version = 1;
        told.suspended = true;
        put(&store, write(&told)).await.unwrap();
        let stale = put(&store, write(&told)).await;
        assert_eq!(stale, Err(StoreError::Conflict("credential c1".to_owned())));
        told.version = 3;
        assert!(matches!(put(&store, write(&told)).await, Err(StoreError::Conflict(_))));
        told.version = 2;
        put(&store, write(&told)).await.unwrap();
        let mut missing = credential("c2");
        missing.version = 1;
        assert!(matches!(put(&store, write(&missing)).await, Err(StoreError::Conflict(_))));
    }

    async fn of_two_who_change_one_version_at_once_exactly_one_wins(store: Shared) {
        put(&store, vec![Write::PutCredential(Box::new(credential("c1")))]).await.unwrap();
        let mut tries = Vec::new();
        for n in 0..16 {
            let store = store.clone();
            tries.push(tokio::spawn(async move {
                let mut mine = credential("c1");
                mine.version = 1;
                mine.advice = vec![n.to_string()];
                put(&store, vec![Write::PutCredential(Box::new(mine))]).await
            }));
        }
        let mut won = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(()) => won += 1,
                Err(error) => assert!(matches!(error, StoreError::Conflict(_)), "{error}"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(store.credential(&id("c1")).await.unwrap().unwrap().version, 2);
    }

    async fn use_is_counted_and_the_latest_wins_whatever_else_is_written(store: Shared) {
        let mut told = credential("c1");
        put(&store, vec![Write::PutCredential(Box::new(told.clone()))]).await.unwrap();
        let used = |at, uses| Usage { id: id("c1"), last_used_at: at, uses, from: None, look_at: None };
        let from = |text: &str| Some(text.parse().unwrap());
        let placed = |usage, text| Usage { from: from(text), ..usage };
        store.flush_usage(vec![placed(used(in_days(2), 4), "192.0.2.7")]).await.unwrap();
        store.flush_usage(vec![placed(used(in_days(1), 7), "198.51.100.1")]).await.unwrap();
        store.flush_usage(vec![used(in_days(2), 1)]).await.unwrap();
        assert_eq!(store.used_from(&id("c1")).await.unwrap(), from("192.0.2.7"));
        store.flush_usage(vec![placed(used(in_days(2), 0), "2001:db8::7")]).await.unwrap();
        assert_eq!(store.used_from(&id("c1")).await.unwrap(), from("2001:db8::7"));
        assert_eq!(store.used_from(&id("unknown")).await.unwrap(), None);
        store.flush_usage(vec![Usage { id: id("unknown"), ..used(NOW, 1) }]).await.unwrap();
        store.flush_usage(Vec::new()).await.unwrap();
        // Loaded before the flush, saved after it: the use stays.
        told.version = 1;
        told.last_used_at = None;
        put(&store, vec![Write::PutCredential(Box::new(told.clone()))]).await.unwrap();
        let kept = store.credential(&id("c1")).await.unwrap().unwrap();
        assert_eq!(kept.last_used_at, Some(in_days(2)));
        assert_eq!(store.uses(&id("c1")).await.unwrap(), 12);
        assert_eq!(store.uses(&id("unknown")).await.unwrap(), 0);
        // What is told late was still the first.
        assert_eq!(store.first_use(&id("c1")).await.unwrap(), Some(in_days(1)));
        assert_eq!(store.first_use(&id("unknown")).await.unwrap(), None);
        told.version = 2;
        told.last_used_at = Some(in_days(3));
        put(&store, vec![Write::PutCredential(Box::new(told))]).await.unwrap();
        let kept = store.credential(&id("c1")).await.unwrap().unwrap();
        assert_eq!(kept.last_used_at, Some(in_days(3)));
    }

    async fn several_are_read_by_their_ids(store: Shared) {
        put_all(&store, vec![credential("c1"), credential("c2"), credential("c3")]).await;
        let got = store.credentials_of(&[id("c3"), id("c1"), id("c9")]).await.unwrap();
        let mut ids: Vec<_> = got.iter().map(|c| c.id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["c1", "c3"]);
        assert!(store.credentials_of(&[]).await.unwrap().is_empty());
    }

    async fn a_token_stands_beside_its_credential(store: Shared) {
        let (told, kept) = (issued("aaaaaaaaaaaa"), token("aaaaaaaaaaaa"));
        let writes = vec![
            Write::PutCredential(Box::new(told)),
            Write::PutToken(Box::new(kept.clone())),
            Write::PutCredential(Box::new(credential("c1"))),
        ];
        put(&store, writes).await.unwrap();
        let read = store.token(&kept.id).await.unwrap().unwrap();
        assert_eq!((read.version, read.mac), (1, kept.mac));
        let all = store
            .list_credentials(&CredentialFilter::default(), &PageRequest { limit: 9, after: None })
            .await
            .unwrap();
        let with_token: Vec<_> = all.items.iter().filter(|(_, t)| t.is_some()).collect();
        assert_eq!((all.items.len(), with_token.len()), (2, 1));
        assert_eq!(with_token[0].1.as_ref().unwrap(), &read);
        assert_eq!(store.token(&id("c1")).await.unwrap(), None);
    }

    async fn every_sort_is_stable_and_complete_with_equal_keys(store: Shared) {
        let mut all = Vec::new();
        for n in 0..23 {
            let mut one = credential(&format!("c{n:02}"));
            one.end = match n % 3 {
                0 => End::Known(in_days(1)),
                1 => End::Never,
                _ => End::Unknown,
            };
            one.name = domain::kernel::Name::parse(if n % 2 == 0 { "same" } else { "SAME" }).unwrap();
            all.push(one);
        }
        put_all(&store, all).await;
        for sort in [CredentialSort::Newest, CredentialSort::ExpiresAt, CredentialSort::Name] {
            let whole = walk(&store, sort, 200).await;
            assert_eq!(whole.len(), 23);
            for limit in [1, 2, 5, 22, 23, 24] {
                assert_eq!(walk(&store, sort, limit).await, whole, "{sort:?} by {limit}");
            }
        }
        let by_end = walk(&store, CredentialSort::ExpiresAt, 200).await;
        assert_eq!(by_end[..2], ["c00", "c03"]);
    }

    async fn a_walk_over_ten_thousand_rows_sees_each_once(store: Shared) {
        let all: Vec<_> = (0..10_000).map(|n| credential(&format!("c{n:05}"))).collect();
        put_all(&store, all).await;
        let mut seen = walk(&store, CredentialSort::Newest, 197).await;
        assert_eq!(seen.len(), 10_000);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 10_000);
    }

    async fn a_cursor_of_another_list_or_from_outside_is_refused(store: Shared) {
        put_all(&store, vec![credential("c1"), credential("c2")]).await;
        let first = PageRequest { limit: 1, after: None };
        let page = store.list_credentials(&CredentialFilter::default(), &first).await.unwrap();
        let by_name = CredentialFilter { sort: CredentialSort::Name, ..CredentialFilter::default() };
        let after = |cursor: Option<Cursor>| PageRequest { limit: 1, after: cursor };
        let swapped = store.list_credentials(&by_name, &after(page.next)).await;
        assert_eq!(swapped.unwrap_err(), StoreError::BadCursor);
        let forged = after(Some(Cursor("' OR 1=1--".to_owned())));
        let forged = store.list_credentials(&CredentialFilter::default(), &forged).await;
        assert_eq!(forged.unwrap_err(), StoreError::BadCursor);
    }

    async fn successors_have_the_same_source_owner_and_given_name_and_are_later(store: Shared) {
        let named = |id: &str, created| {
            let mut one = credential(id);
            one.name = domain::kernel::Name::parse("ci").unwrap();
            one.owner = Some(owner("per_1"));
            one.created_at = Some(created);
            one
        };
        let old = named("old", in_days(-9));
        let (mut other_owner, mut other_name) = (named("o1", NOW), named("o2", NOW));
        other_owner.owner = Some(owner("per_2"));
        other_name.name = domain::kernel::Name::parse("CI").unwrap();
        let (mut made_up, mut other_source) = (named("o3", NOW), named("o4", NOW));
        made_up.name_is_given = false;
        other_source.source = domain::kernel::SourceId::parse("elsewhere").unwrap();
        let mut ownerless = named("o7", NOW);
        ownerless.owner = None;
        ownerless.issuer_owner = Some(IssuerOwner { id: "u1".to_owned(), ..IssuerOwner::default() });
        let mut ownerless_later = ownerless.clone();
        ownerless_later.id = id("o8");
        ownerless_later.created_at = Some(in_micros(1));
        put_all(&store, vec![
            old.clone(), other_owner, other_name, made_up.clone(), other_source,
            named("o5", in_days(-9)), named("o6", in_days(-10)), ownerless.clone(), ownerless_later,
            named("next", in_days(-8)), named("last", in_days(-7)),
        ]).await;
        let ids = |all: Vec<Credential>| all.iter().map(|c| c.id.to_string()).collect::<Vec<_>>();
        assert_eq!(ids(store.possible_successors(&old).await.unwrap()), ["next", "last"]);
        assert_eq!(ids(store.possible_successors(&ownerless).await.unwrap()), ["o8"]);
        assert!(store.possible_successors(&made_up).await.unwrap().is_empty());
    }
}
