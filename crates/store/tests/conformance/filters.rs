//! Which credentials a filter means, at its boundaries, and taken literally.

use app::ports::{CredentialFilter, CredentialSort, PageRequest, Write};
use domain::inventory::{Credential, End, IssuerOwner, State};
use domain::kernel::{Name, SourceId, Span, TeamId};

use crate::claims;
use crate::given::{NOW, credential, in_micros, issued, owner};
use crate::stage::{Shared, put};

async fn put_all(store: &Shared, all: Vec<Credential>) {
    let writes = all.into_iter().map(|c| Write::PutCredential(Box::new(c)));
    put(store, writes.collect()).await.unwrap();
}

/// The ids that a filter means, in order.
async fn found(store: &Shared, filter: CredentialFilter) -> Vec<String> {
    let page = PageRequest {
        limit: 10_000,
        after: None,
    };
    let got = store.list_credentials(&filter, &page).await.unwrap();
    let mut ids: Vec<_> = got.items.iter().map(|(c, _)| c.id.to_string()).collect();
    ids.sort_unstable();
    ids
}

fn all() -> CredentialFilter {
    CredentialFilter {
        now: NOW,
        ..CredentialFilter::default()
    }
}

fn with(id: &str, change: impl FnOnce(&mut Credential)) -> Credential {
    let mut one = credential(id);
    change(&mut one);
    one
}

fn team(id: &str) -> TeamId {
    TeamId::parse(id).unwrap()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

/// Every mixture of what a state is made of, with ends just before, at and after now.
fn every_mixture() -> Vec<Credential> {
    let ends = [-1, 0, 1].map(|at| End::Known(in_micros(at)));
    let mut made = Vec::new();
    for end in ends.into_iter().chain([End::Never, End::Unknown]) {
        for bits in 0..8_u8 {
            made.push(with(&format!("c{:03}", made.len()), |c| {
                c.end = end;
                c.revoked_at = (bits & 1 > 0).then_some(NOW);
                c.gone_at = (bits & 2 > 0).then_some(NOW);
                c.suspended = bits & 4 > 0;
            }));
        }
    }
    made
}

/// All have the scope `all`, those beyond the first two `most`, one in a hundred `some`.
fn numbered(number: i64) -> Credential {
    with(&format!("n{number:05}"), |c| {
        c.name = Name::parse(format!("Key {number}")).unwrap();
        c.first_seen_at = in_micros(number % 7);
        c.created_at = Some(in_micros(number % 7 + i64::from(number == 3) * 5));
        c.end = match number % 3 {
            0 => End::Unknown,
            _ => End::Known(in_micros(number % 11 - 5)),
        };
        c.scopes = words(&["all"]).into_iter().chain(beyond(number)).collect();
    })
}

fn beyond(number: i64) -> Vec<String> {
    let most = (number >= 2).then_some("most");
    let some = (number % 100 == 0).then_some("some");
    words(&[most, some].into_iter().flatten().collect::<Vec<_>>())
}

/// Five thousand and two pass, exactly five thousand, fifty and one, and none.
fn many_and_few() -> Vec<CredentialFilter> {
    let scope = |scope: &str| CredentialFilter {
        scopes: words(&[scope]),
        ..all()
    };
    let name = |name: &str| CredentialFilter {
        name: Some(name.to_owned()),
        ..all()
    };
    let mut made: Vec<_> = ["all", "most", "some", "none"].map(scope).into();
    made.extend(["key", "9", "Y 49", "zzz"].map(name));
    made.push(CredentialFilter {
        scopes: words(&["all", "some"]),
        ..name("1")
    });
    made.push(CredentialFilter {
        expires_after: Some(in_micros(2)),
        ..all()
    });
    made.push(CredentialFilter {
        expires_before: Some(in_micros(-3)),
        ..scope("most")
    });
    made.push(CredentialFilter {
        created_after: Some(in_micros(5)),
        ..all()
    });
    made.push(CredentialFilter {
        states: vec![State::Expired],
        ..all()
    });
    made.push(CredentialFilter {
        states: vec![State::UnknownEnd],
        ..all()
    });
    made
}

/// The same in words of the program.
fn passes(c: &Credential, filter: &CredentialFilter) -> bool {
    let end = c.expires_at();
    filter.scopes.iter().all(|scope| c.scopes.contains(scope))
        && filter.name.as_ref().is_none_or(|part| {
            c.name
                .as_str()
                .to_ascii_lowercase()
                .contains(&part.to_ascii_lowercase())
        })
        && filter
            .expires_after
            .is_none_or(|at| end.is_some_and(|end| end > at))
        && filter
            .expires_before
            .is_none_or(|at| end.is_some_and(|end| end < at))
        && filter
            .created_after
            .is_none_or(|at| c.created_at.is_some_and(|made| made > at))
        && (filter.states.is_empty() || filter.states.contains(&c.state(NOW)))
}

fn in_order(sort: CredentialSort, a: &Credential, b: &Credential) -> std::cmp::Ordering {
    let key = |c: &Credential| (c.expires_at().is_none(), c.expires_at());
    let name = |c: &Credential| c.name.as_str().to_ascii_lowercase();
    match sort {
        CredentialSort::Newest => (b.first_seen_at, &b.id).cmp(&(a.first_seen_at, &a.id)),
        CredentialSort::ExpiresAt => (key(a), &a.id).cmp(&(key(b), &b.id)),
        CredentialSort::Name => (name(a), &a.id).cmp(&(name(b), &b.id)),
    }
}

/// All pages, one after another.
async fn walked(store: &Shared, filter: &CredentialFilter) -> Vec<Credential> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let request = PageRequest {
            limit: 1_700,
            after,
        };
        let page = store.list_credentials(filter, &request).await.unwrap();
        all.extend(page.items.into_iter().map(|(c, _)| c));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

claims! {
    /// Few are read first and sorted, of many the list is walked: both ways mean the same.
    async fn a_filter_means_the_same_whether_few_or_many_pass(store: Shared) {
        let few = 5_000;
        put_all(&store, (0..few + 2).map(numbered).collect()).await;
        for sort in [CredentialSort::Newest, CredentialSort::ExpiresAt, CredentialSort::Name] {
            for filter in many_and_few() {
                let filter = CredentialFilter { sort, ..filter };
                let pages = walked(&store, &filter).await;
                let count = store.count_credentials(&filter).await.unwrap();
                let wanted: Vec<_> = (0..few + 2).map(numbered).filter(|c| passes(c, &filter)).collect();
                assert_eq!((pages.len(), count), (wanted.len(), wanted.len() as u64), "{filter:?}");
                let mut sorted = pages.clone();
                sorted.sort_by(|a, b| in_order(sort, a, b));
                assert!(pages == sorted, "{filter:?}");
            }
        }
    }

    async fn a_count_is_that_of_the_list(store: Shared) {
        put_all(&store, every_mixture()).await;
        for states in [vec![], vec![State::Active], vec![State::Expired, State::Gone]] {
            let filter = CredentialFilter { states, ..all() };
            let listed = found(&store, filter.clone()).await.len() as u64;
            assert_eq!(store.count_credentials(&filter).await.unwrap(), listed);
        }
    }

    async fn ends_are_counted_by_the_readers_day(store: Shared) {
        let day = Span::days(1).as_micros();
        // 16 hours are left of the day.
        let midnight = day - NOW.as_micros() % day;
        let made = [(0, "a"), (midnight - 1, "b"), (midnight, "c"), (midnight + day, "d")];
        put_all(&store, made.map(|(at, id)| with(id, |c| c.end = End::Known(in_micros(at)))).to_vec()).await;
        put_all(&store, vec![with("e", |c| c.end = End::Never)]).await;
        let today = NOW.as_micros() / day;
        let (days, none) = (today - 9..today + 9, Span::ZERO);
        let by_day = store.ends_by_day(&all(), days.clone(), none).await.unwrap();
        assert_eq!(by_day, [(today, 2), (today + 1, 1), (today + 2, 1)]);
        let ahead = store.ends_by_day(&all(), days.clone(), Span::from_micros(1)).await.unwrap();
        assert_eq!(ahead, [(today, 1), (today + 1, 2), (today + 2, 1)]);
        let later = CredentialFilter { expires_after: Some(in_micros(midnight)), ..all() };
        let later = store.ends_by_day(&later, days, none).await.unwrap();
        assert_eq!(later, [(today + 2, 1)]);
        let one = store.ends_by_day(&all(), today + 1..today + 2, none).await.unwrap();
        assert_eq!(one, [(today + 1, 1)]);
    }

    async fn a_state_in_sql_is_the_state_in_the_domain(store: Shared) {
        let made = every_mixture();
        put_all(&store, made.clone()).await;
        for now in [-2, -1, 0, 1, 2].map(in_micros) {
            for state in State::ALL {
                let filter = CredentialFilter { now, states: vec![state], ..all() };
                let want: Vec<_> = made.iter().filter(|c| c.state(now) == state)
                    .map(|c| c.id.to_string()).collect();
                assert_eq!(found(&store, filter).await, want, "{state} at {now}");
            }
        }
        let two = vec![State::Revoked, State::Active];
        let either = found(&store, CredentialFilter { states: two.clone(), ..all() }).await;
        let want = made.iter().filter(|c| two.contains(&c.state(NOW))).count();
        assert_eq!(either.len(), want);
        let works = vec![State::UnknownEnd, State::Active];
        let working = found(&store, CredentialFilter { states: works.clone(), ..all() }).await;
        let want: Vec<_> = made.iter().filter(|c| works.contains(&c.state(NOW)))
            .map(|c| c.id.to_string()).collect();
        assert_eq!(working, want);
        assert_eq!(found(&store, all()).await.len(), made.len());
    }

    async fn times_narrow_exclusively(store: Shared) {
        let at = |id: &str, micros| with(id, |c| {
            c.end = End::Known(in_micros(micros));
            c.last_used_at = Some(in_micros(micros));
            c.created_at = Some(in_micros(micros));
        });
        let never = with("never", |c| {
            c.end = End::Never;
            c.created_at = None;
        });
        put_all(&store, vec![at("a", -1), at("b", 0), at("c", 1), never]).await;
        let now = Some(NOW);
        assert_eq!(found(&store, CredentialFilter { expires_before: now, ..all() }).await, ["a"]);
        assert_eq!(found(&store, CredentialFilter { expires_after: now, ..all() }).await, ["c"]);
        assert_eq!(found(&store, CredentialFilter { created_after: now, ..all() }).await, ["c"]);
        let unused = CredentialFilter { last_used_before: now, ..all() };
        assert_eq!(found(&store, unused).await, ["a", "never"]);
    }

    async fn every_scope_asked_for_must_be_held_and_the_star_holds_all(store: Shared) {
        put_all(&store, vec![
            with("both", |c| c.scopes = words(&["a:read", "b:read", "a:read"])),
            with("one", |c| c.scopes = words(&["a:read"])),
            with("star", |c| c.scopes = words(&["*"])),
            with("none", |_| {}),
            with("other-case", |c| c.scopes = words(&["A:READ", "b:read"])),
        ]).await;
        let scopes = |all_of: &[&str]| CredentialFilter { scopes: words(all_of), ..all() };
        assert_eq!(found(&store, scopes(&["a:read"])).await, ["both", "one", "star"]);
        assert_eq!(found(&store, scopes(&["a:read", "b:read"])).await, ["both", "star"]);
        assert_eq!(found(&store, scopes(&["*"])).await, ["star"]);
        assert_eq!(found(&store, scopes(&["a:"])).await, ["star"]);
    }

    async fn scopes_and_roles_follow_when_a_credential_changes(store: Shared) {
        put_all(&store, vec![with("c", |c| {
            c.scopes = words(&["a"]);
            c.roles = words(&["x"]);
        })]).await;
        put_all(&store, vec![with("c", |c| {
            c.version = 1;
            c.scopes = words(&["b"]);
            c.roles = words(&["y"]);
        })]).await;
        let scope = |s: &str| CredentialFilter { scopes: words(&[s]), ..all() };
        let role = |r: &str| CredentialFilter { role: Some(r.to_owned()), ..all() };
        assert!(found(&store, scope("a")).await.is_empty());
        assert!(found(&store, role("x")).await.is_empty());
        assert_eq!(found(&store, scope("b")).await, ["c"]);
        assert_eq!(found(&store, role("y")).await, ["c"]);
    }

    async fn owner_team_source_and_orphans_narrow(store: Shared) {
        let mut ours = issued("d");
        ours.team = Some(team("tea_2"));
        put_all(&store, vec![
            with("a", |c| c.owner = Some(owner("per_1"))),
            with("b", |c| c.issuer_owner = Some(IssuerOwner { id: "u-9".to_owned(), ..IssuerOwner::default() })),
            with("c", |c| {
                c.team = Some(team("tea_1"));
                c.orphaned = true;
                c.source = SourceId::parse("other").unwrap();
            }),
            ours,
        ]).await;
        let owned = |id: &str| CredentialFilter { owner: Some(id.to_owned()), ..all() };
        assert_eq!(found(&store, owned("per_1")).await, ["a"]);
        assert_eq!(found(&store, owned("u-9")).await, ["b"]);
        assert_eq!(found(&store, CredentialFilter { team: Some(team("tea_1")), ..all() }).await, ["c"]);
        let source = SourceId::parse("prod").ok();
        assert_eq!(found(&store, CredentialFilter { source, ..all() }).await, ["a", "b"]);
        let orphaned = |flag| CredentialFilter { orphaned: Some(flag), ..all() };
        assert_eq!(found(&store, orphaned(true)).await, ["c"]);
        assert_eq!(found(&store, orphaned(false)).await, ["a", "b", "d"]);
        let here = |flag| CredentialFilter { issued_here: Some(flag), ..all() };
        assert_eq!(found(&store, here(true)).await, ["d"]);
        assert_eq!(found(&store, here(false)).await, ["a", "b", "c"]);
    }

    async fn nobody_sees_beyond_their_own_and_their_teams(store: Shared) {
        put_all(&store, vec![
            with("mine", |c| c.owner = Some(owner("per_1"))),
            with("ours", |c| c.team = Some(team("tea_1"))),
            with("theirs", |c| {
                c.owner = Some(owner("per_2"));
                c.team = Some(team("tea_2"));
            }),
            with("nobodys", |c| c.issuer_owner = Some(IssuerOwner { id: "per_1".to_owned(), ..IssuerOwner::default() })),
        ]).await;
        let seen_by = |teams: &[&str]| CredentialFilter {
            visible_to: Some(("per_1".to_owned(), teams.iter().map(|t| team(t)).collect())),
            ..all()
        };
        assert_eq!(found(&store, seen_by(&[])).await, ["mine"]);
        assert_eq!(found(&store, seen_by(&["tea_1", "tea_9"])).await, ["mine", "ours"]);
        let widened = CredentialFilter { owner: Some("per_2".to_owned()), ..seen_by(&["tea_1"]) };
        assert!(found(&store, widened).await.is_empty());
    }

    /// B39: what looks like SQL, a pattern or an expression is only a text.
    async fn hostile_filters_are_taken_literally(store: Shared) {
        let named = |id: &str, name: &str| with(id, |c| c.name = Name::parse(name).unwrap());
        put_all(&store, vec![
            named("a", "100%_sure"), named("b", "100 sure"), named("c", "it's' OR 1=1--"),
            named("d", "Back\\slash {list:1} $1 ?1"), named("e", "ÄRGER"),
        ]).await;
        let name = |n: &str| CredentialFilter { name: Some(n.to_owned()), ..all() };
        assert_eq!(found(&store, name("%")).await, ["a"]);
        assert_eq!(found(&store, name("_")).await, ["a"]);
        assert_eq!(found(&store, name("0%_S")).await, ["a"]);
        assert_eq!(found(&store, name("' or 1=1--")).await, ["c"]);
        assert_eq!(found(&store, name("\\SLASH")).await, ["d"]);
        assert_eq!(found(&store, name("{LIST:1} $1 ?1")).await, ["d"]);
        assert_eq!(found(&store, name("sure")).await, ["a", "b"]);
        // Only ASCII is folded.
        assert_eq!(found(&store, name("ÄRG")).await, ["e"]);
        assert!(found(&store, name("ärg")).await.is_empty());
        assert_eq!(found(&store, name("")).await.len(), 5);
        for hostile in ["' OR 1=1--", "(a+)+$", "%_", "\0", "\"; DROP TABLE credentials; --", "*/"] {
            let scope = CredentialFilter { scopes: words(&[hostile]), ..all() };
            assert!(found(&store, scope).await.is_empty(), "{hostile}");
            let role = CredentialFilter { role: Some(hostile.to_owned()), ..all() };
            assert!(found(&store, role).await.is_empty(), "{hostile}");
            let of = CredentialFilter { owner: Some(hostile.to_owned()), ..all() };
            assert!(found(&store, of).await.is_empty(), "{hostile}");
        }
        assert!(found(&store, name(&"x".repeat(100_000))).await.is_empty());
    }
}
