//! Whose a credential is, which team answers, what takes its place: from what a source
//! tells, what people are known, and what the configuration adds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use app::ports::ReadCounts;
use app::sources::{OwnerMap, SourceSettings};
use domain::expiry::AlertKind;
use domain::inventory::{End, Facts, IssuerOwner, Listed, Observation};
use domain::kernel::{Name, PersonId, Span};
use domain::people::Owner;
use world::World;
use world::told::{Told, all, creation, event, key, listed, owned};

fn far() -> End {
    End::Known(world::start() + Span::days(300))
}

fn configured(world: &World, source: &Told, settings: SourceSettings) {
    world.configure(|s| drop(s.sources.insert(source.source.clone(), settings)));
}

fn mapped(csv: &str) -> SourceSettings {
    let (owners, errors) = OwnerMap::parse(csv.as_bytes());
    assert_eq!(errors, []);
    SourceSettings {
        owners,
        ..SourceSettings::default()
    }
}

fn person(id: &PersonId) -> Option<Owner> {
    Some(Owner::Person(id.clone()))
}

/// A person who is added later owns at the next read, although the listing is the same;
/// so for what is folded from events, of which nothing is told again.
#[tokio::test]
async fn a_person_who_comes_later_owns_at_the_next_read() {
    let world = World::new();
    let listing = Told::new(true);
    let told = || vec![owned("k1", far(), "ada"), owned("k2", far(), "bob")];
    listing.all(told());
    listing.read_by(&world).await.unwrap();
    let known = all(&world).await;
    assert!(known.iter().all(|c| c.orphaned && c.owner.is_none()));
    let ada = world.person("ada").await;
    listing.all(told());
    listing.read_by(&world).await.unwrap();
    let known = all(&world).await;
    assert_eq!(
        (known[0].owner.clone(), known[0].orphaned),
        (person(&ada), false)
    );
    assert!(known[1].orphaned, "bob is still nobody");

    let world = World::new();
    let log = Told::new(false);
    let made = creation(world.now() - Span::days(1), Span::days(99), "ada");
    log.next(Ok((vec![event("t1", &made)], false)));
    log.read_by(&world).await.unwrap();
    assert!(all(&world).await[0].orphaned);
    let ada = world.person("ada").await;
    log.next(Ok((Vec::new(), false)));
    log.read_by(&world).await.unwrap();
    assert_eq!(all(&world).await[0].owner, person(&ada));
}

/// The file says who is meant, by id, address or name; also whose team answers.
#[tokio::test]
async fn the_owner_map_says_who_is_meant() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let core = world.team("core", &[&bob]).await;
    let source = Told::new(true);
    let csv = "owner,email,team\nu-1,ada@example.org,\nbuild,,core\nu-3,bob@example.org,core\n";
    configured(&world, &source, mapped(csv));
    let told = ["u-1", "build", "u-3", "u-4"];
    let told = told.iter().enumerate();
    let told = told.map(|(n, owner)| owned(&format!("k{n}"), far(), owner));
    source.all(told.collect());
    source.read_by(&world).await.unwrap();
    let known = all(&world).await;
    let owners: Vec<_> = known.iter().map(|c| c.owner.clone()).collect();
    assert_eq!(owners, [person(&ada), None, person(&bob), None]);
    let teams: Vec<_> = known.iter().map(|c| c.team.clone()).collect();
    assert_eq!(teams, [None, Some(core.clone()), Some(core), None]);
    let issuer = known[0].issuer_owner.as_ref().unwrap();
    assert_eq!(issuer.email.as_deref(), Some("ada@example.org"));
}

/// A corrected row moves what was found by itself; what was set by hand stays.
#[tokio::test]
async fn a_corrected_map_moves_what_was_found_by_itself() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let by_hand = world.person("cyd").await;
    for listing in [true, false] {
        let source = Told::new(listing);
        let tell = || {
            let made: Facts<String> = creation(world::start(), Span::days(99), "u-1");
            let told = ["k0", "k1"].map(|id| match listing {
                true => owned(id, far(), "u-1"),
                false => event(id, &made),
            });
            source.next(Ok((told.to_vec(), listing)));
        };
        configured(
            &world,
            &source,
            mapped("owner,email\nu-1,ada@example.org\n"),
        );
        tell();
        source.read_by(&world).await.unwrap();
        let known = all(&world).await;
        assert!(known.iter().all(|c| c.owner == person(&ada)), "{known:?}");
        let hand = Owner::Person(by_hand.clone());
        world.change(&known[1].id, |c| c.owner = Some(hand)).await;
        configured(
            &world,
            &source,
            mapped("owner,email\nu-1,bob@example.org\n"),
        );
        match listing {
            true => tell(),
            false => source.next(Ok((Vec::new(), false))),
        }
        source.read_by(&world).await.unwrap();
        let owners: Vec<_> = all(&world).await.into_iter().map(|c| c.owner).collect();
        assert_eq!(
            owners,
            [person(&bob), person(&by_hand)],
            "listing: {listing}"
        );
        world
            .write(vec![app::ports::Write::ForgetSource(
                source.source.clone(),
                world.now(),
            )])
            .await;
    }
}

/// The team of a source answers for what has none; labels and advice come on top.
#[tokio::test]
async fn a_source_adds_team_labels_and_advice() {
    let world = World::new();
    let ada = world.person("ada").await;
    let (platform, own) = (
        world.team("platform", &[&ada]).await,
        world.team("own", &[&ada]).await,
    );
    let source = Told::new(true);
    let settings = SourceSettings {
        team: Some("platform".to_owned()),
        labels: [("env".to_owned(), "prod".to_owned())].into(),
        advice: vec!["Move it to a service account.".to_owned()],
        ..SourceSettings::default()
    };
    configured(&world, &source, settings);
    let tell = || {
        let mut one = key("k0", far());
        one.labels = [("env".to_owned(), "?".to_owned())].into();
        one.advice = vec!["It rotates without overlap.".to_owned()];
        let told = vec![Observation::Listed(Box::new(one)), listed("k1", far())];
        source.all(told);
    };
    tell();
    source.read_by(&world).await.unwrap();
    let known = all(&world).await;
    assert!(known.iter().all(|c| c.team.as_ref() == Some(&platform)));
    assert_eq!(known[0].labels["env"], "prod");
    assert_eq!(
        known[0].advice,
        [
            "It rotates without overlap.",
            "Move it to a service account."
        ]
    );
    world
        .change(&known[1].id, |c| c.team = Some(own.clone()))
        .await;
    let version = all(&world).await[0].version;
    world.clock.advance(Span::hours(1));
    tell();
    source.read_by(&world).await.unwrap();
    let known = all(&world).await;
    assert_eq!(known[1].team, Some(own), "set by hand");
    assert_eq!(known[0].version, version + 1, "only confirmed");
    let state = world.ctx.store.source(&source.source).await.unwrap();
    let counts = state.unwrap().last.unwrap();
    assert_eq!((counts.new, counts.changed), (0, 0), "nothing is different");
}

/// What a read came to is counted.
#[tokio::test]
async fn a_read_counts_what_is_new_changed_ended_and_gone() {
    let world = World::new();
    let source = Told::new(true);
    let end = far();
    let ended = |id: &str| {
        let revoked_at = Some(world::start());
        Observation::Listed(Box::new(Listed {
            revoked_at,
            ..key(id, end)
        }))
    };
    let moved = End::Known(world.now() + Span::days(400));
    let abcd = ["a", "b", "c", "d"].map(|id| listed(id, end)).to_vec();
    let reads = [
        (abcd, (4, 0, 0, 0)),
        (
            vec![listed("a", end), listed("b", moved), ended("c"), ended("e")],
            (1, 1, 1, 0),
        ),
        (
            vec![listed("a", end), listed("b", moved), ended("c"), ended("e")],
            (0, 0, 0, 1),
        ),
    ];
    for (n, (told, (new, changed, ended, gone))) in reads.into_iter().enumerate() {
        source.all(told);
        source.read_by(&world).await.unwrap();
        let state = world.ctx.store.source(&source.source).await.unwrap();
        let wanted = ReadCounts {
            read: 4,
            unreadable: 0,
            new,
            changed,
            ended,
            gone,
        };
        assert_eq!(state.unwrap().last, Some(wanted), "read {n}");
        world.clock.advance(Span::hours(1));
    }
}

/// B64: one issuer's id may stand under two parents, in two kinds and in two sources.
#[tokio::test]
async fn ids_are_unique_within_source_parent_and_kind() {
    let world = World::new();
    let source = Told::new(true);
    let end = far();
    let under = |parent: Option<&str>, kind: &str| {
        Observation::Listed(Box::new(Listed {
            parent: parent.map(str::to_owned),
            kind: kind.to_owned(),
            ..key("7", end)
        }))
    };
    let told = || {
        vec![
            under(None, "key"),
            under(Some("group/a"), "key"),
            under(Some("group/b"), "key"),
            under(Some("group/b"), "deploy"),
        ]
    };
    for _ in 0..2 {
        source.all(told());
        source.read_by(&world).await.unwrap();
    }
    let mut other = Told::new(true);
    other.source = domain::kernel::SourceId::parse("near").unwrap();
    other.all(told());
    other.read_by(&world).await.unwrap();
    let known = all(&world).await;
    assert_eq!(known.len(), 8);
    let ids: std::collections::BTreeSet<_> = known.iter().map(|c| &c.id).collect();
    assert_eq!(ids.len(), 8);
}

fn made(world: &World, id: &str, ago: Span, left: Span, used: Option<Span>) -> Observation {
    Observation::Listed(Box::new(Listed {
        name: Name::lossy("deploy"),
        created_at: Some(world.now() - ago),
        last_used_at: used.map(|ago| world.now() - ago),
        use_is_known: true,
        owner: Some(IssuerOwner {
            id: "ada".to_owned(),
            ..IssuerOwner::default()
        }),
        ..key(id, End::Known(world.now() + left))
    }))
}

/// T9: A newer one of the same owner and name takes the place of the old one: linked at once,
/// in whichever order they are told; the old one's alert is over only when its last use is
/// a day older than the new one.
#[tokio::test]
async fn a_listed_successor_is_linked_and_may_end_the_old_one_s_alert() {
    for (used, over) in [
        (Some(Span::hours(1)), false),
        (Some(Span::hours(25)), false),
        (Some(Span::hours(26)), true),
        (None, true),
    ] {
        let world = World::new();
        world.person("ada").await;
        let source = Told::new(true);
        source.all(vec![made(
            &world,
            "old",
            Span::days(100),
            Span::days(6),
            used,
        )]);
        source.read_by(&world).await.unwrap();
        world.round().await;
        let old = made(&world, "old", Span::days(100), Span::days(6), used);
        let new = made(&world, "new", Span::hours(2), Span::days(90), None);
        source.all(vec![new, old]);
        source.read_by(&world).await.unwrap();
        world.round().await;
        let known = all(&world).await;
        let (new, old) = (&known[0], &known[1]);
        assert_eq!(old.successor, Some(new.id.clone()));
        assert_eq!(new.successor, None);
        let alert = world.alert(&old.id, AlertKind::Expiry).await.unwrap();
        assert_eq!(alert.resolved.is_some(), over, "used {used:?} ago");
    }
}
