//! From what a source tells to what the inventory believes, on the real store.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::convert::Infallible;

use app::ports::ConnectorError;
use app::reconcile::{PushError, Pushed, observe, push_observations, register};
use domain::expiry::{AlertKind, Subject};
use domain::inventory::{End, Facts, Observation};
use domain::kernel::{SourceId, Span};
use domain::people::Owner;
use futures_util::{Stream, stream};
use world::World;
use world::told::{Told, all, creation, event, listed, principal};

/// B64: REVOKE before CREATE makes no row, and the create that comes late is revoked.
#[tokio::test]
async fn a_revoke_before_its_create_leaves_no_row() {
    let world = World::new();
    let source = Told::new(false);
    let revoked = world.now() - Span::hours(1);
    source.next(Ok((
        vec![event("t", &Facts::of_revocation(Some(revoked)))],
        false,
    )));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    assert!(all(&world).await.is_empty());
    let made = creation(world.now() - Span::days(1), Span::days(9), "u1");
    source.next(Ok((vec![event("t", &made)], false)));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    let known = all(&world).await;
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].revoked_at, Some(revoked));
    world.round().await;
    assert!(world.mailed().is_empty());
}

/// B64: the same events in any order, in any batches, any number of times, give the same
/// inventory.
#[tokio::test]
async fn order_and_repetition_of_events_change_nothing() {
    let start = world::start();
    let told = [
        event(
            "a",
            &creation(start - Span::days(2), Span::days(30), "ada@example.org"),
        ),
        event("a", &Facts::of_revocation(Some(start - Span::days(1)))),
        event("b", &creation(start - Span::days(3), Span::days(10), "u2")),
        event("b", &creation(start - Span::days(3), Span::days(20), "u2")),
        event("c", &Facts::of_revocation(None)),
    ];
    let mut outcomes = Vec::new();
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 3, 0, 4, 2]] {
        let world = World::new();
        world.person("ada").await;
        let source = Told::new(false);
        for index in order {
            let one = told[index].clone();
            source.next(Ok((vec![one.clone(), one], false)));
            observe(&world.ctx, &source).await.unwrap().unwrap();
        }
        let mut known = all(&world).await;
        known.iter_mut().for_each(|c| {
            c.version = 0;
            c.from_first_import = false;
        });
        outcomes.push(known);
    }
    assert_eq!(outcomes[0].len(), 2);
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0], outcomes[2]);
}

/// T11, B69: P8, an empty, failed or incomplete listing ends nothing; two complete ones do.
#[tokio::test]
async fn only_two_complete_listings_end_what_they_lack() {
    let world = World::new();
    let source = Told::new(true);
    let end = End::Known(world.now() + Span::days(100));
    let both = vec![listed("a", end), listed("b", end)];
    let one = vec![listed("a", end)];
    let broken = Err(ConnectorError::Unavailable("gone fishing".to_owned()));
    let reads = [
        (Ok((both, true)), false),
        (Ok((one.clone(), true)), false),
        (Ok((Vec::new(), true)), false),
        (broken, false),
        (Ok((one.clone(), false)), false),
        (Ok((one, true)), true),
    ];
    for (n, (read, gone)) in reads.into_iter().enumerate() {
        source.next(read);
        drop(observe(&world.ctx, &source).await.unwrap());
        let known = all(&world).await;
        assert_eq!(known[1].gone_at.is_some(), gone, "after read {n}");
        assert_eq!(known[0].gone_at, None);
        world.clock.advance(Span::hours(1));
    }
}

/// T12: of ten thousand credentials that are read for the first time each recipient is sent one
/// message, which holds them all.
#[tokio::test]
async fn ten_thousand_at_first_are_one_message_a_recipient() {
    const EACH: u64 = 5_000;
    let world = World::new();
    let source = Told::new(true);
    let mut told = Vec::new();
    for name in ["ada", "bob"] {
        world.person(name).await;
        told.extend((0..EACH).map(|n| {
            let left = Span::days(2 + i64::try_from(n % 28).unwrap());
            let Observation::Listed(mut one) =
                listed(&format!("{name}-{n}"), End::Known(world.now() + left))
            else {
                unreachable!("listed() makes listings")
            };
            one.owner = Some(domain::inventory::IssuerOwner {
                id: name.to_owned(),
                name: None,
                email: Some(format!("{name}@example.org")),
            });
            Observation::Listed(one)
        }));
    }
    source.next(Ok((told, true)));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    world.live(Span::hours(3), Span::hours(1)).await;
    let mut all = world.mail.arrived();
    all.sort_by(|a, b| a.payload.cmp(&b.payload));
    assert_eq!(
        all.len(),
        2,
        "{:?}",
        all.iter().map(|h| &h.id).collect::<Vec<_>>()
    );
    for message in all {
        let stored = world.ctx.store.message(&message.id).await.unwrap().unwrap();
        let lines = message.payload.lines().skip(1);
        assert!(lines.clone().all(|line| line.contains(" baseline#")));
        let named = u64::try_from(lines.count()).unwrap();
        let held = u64::try_from(stored.notices.len()).unwrap();
        assert_eq!((named, held), (EACH, EACH));
    }
}

/// T12, L10: the first import is one message a recipient, and only what ends
/// within a day is said by itself.
#[tokio::test]
async fn a_first_import_is_one_message() {
    let world = World::new();
    world.person("ada").await;
    let source = Told::new(true);
    let mut told = Vec::new();
    for n in 0..40 {
        told.push((format!("k{n}"), Span::days(2 + n)));
    }
    told.push(("urgent".to_owned(), Span::hours(20)));
    let owned = told.into_iter().map(|(id, left)| {
        let Observation::Listed(mut one) = listed(&id, End::Known(world.now() + left)) else {
            unreachable!("listed() makes listings")
        };
        one.owner = Some(domain::inventory::IssuerOwner {
            id: "u1".to_owned(),
            name: None,
            email: Some("ada@example.org".to_owned()),
        });
        Observation::Listed(one)
    });
    source.next(Ok((owned.collect(), true)));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    world.round().await;
    let to_ada: Vec<String> = world
        .mail
        .arrived()
        .into_iter()
        .filter(|h| h.payload.contains("person:"))
        .map(|h| h.payload)
        .collect();
    assert_eq!(to_ada.len(), 2, "{to_ada:#?}");
    assert!(to_ada.iter().any(|m| m.contains("urgent 1d#1")));
    assert!(to_ada.iter().any(|m| m.contains("k0 baseline")));
    // Its steps go on one by one afterwards.
    world.clock.advance(Span::hours(25));
    world.mail.forget();
    world.round().await;
    assert!(
        world.mailed().iter().any(|l| l.starts_with("k0 1d")),
        "{:?}",
        world.mailed()
    );
}

/// P3: a source that cannot be read for three intervals is an alert; its credentials are
/// warned of from their last known ends; and reading again resolves it.
#[tokio::test]
async fn a_blind_source_alarms_and_its_credentials_still_warn() {
    let world = World::new();
    let source = Told::new(true);
    let end = End::Known(world.now() + Span::days(7) + Span::hours(5));
    source.next(Ok((vec![listed("a", end)], true)));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    world.round().await;
    world.mail.forget();
    let subject = Subject::Source(source.source.clone());
    for hour in 1..=4 {
        world.clock.advance(Span::hours(1));
        source.next(Err(ConnectorError::Unavailable("503".to_owned())));
        observe(&world.ctx, &source).await.unwrap().unwrap_err();
        world.round().await;
        let alert = world.alert_of(&subject, AlertKind::Blind).await;
        assert_eq!(alert.is_some(), hour >= 3, "after {hour} hours");
    }
    world.clock.advance(Span::hours(1));
    world.round().await;
    let mailed = world.mailed();
    assert!(
        mailed
            .iter()
            .any(|l| l.starts_with("source:far blind now#1")),
        "{mailed:?}"
    );
    assert!(mailed.iter().any(|l| l.starts_with("a 7d#1")), "{mailed:?}");
    source.next(Ok((vec![listed("a", end)], true)));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    world.round().await;
    let alert = world.alert_of(&subject, AlertKind::Blind).await.unwrap();
    assert!(alert.resolved.is_some());
}

/// B71: an end that moves starts a new cycle; one that flickers by seconds does not.
#[tokio::test]
async fn a_moved_end_is_news_and_a_flickering_one_is_not() {
    let world = World::new();
    let source = Told::new(true);
    let tell = |left: Span| {
        let end = End::Known(world.now() + left);
        source.next(Ok((vec![listed("a", end)], true)));
    };
    tell(Span::days(100));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    world.round().await;
    world.clock.advance(Span::days(2));
    tell(Span::days(6));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    world.round().await;
    tell(Span::seconds(6 * 86_400 - 30));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    world.round().await;
    assert_eq!(world.mailed(), ["a 7d#1"]);
    tell(Span::days(200));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    world.round().await;
    assert_eq!(world.mailed(), ["a 7d#1", "a 7d#1 Extended"]);
}

#[tokio::test]
async fn an_owner_assigned_by_hand_stays() {
    let world = World::new();
    let ada = world.person("ada").await;
    let source = Told::new(true);
    let end = End::Known(world.now() + Span::days(100));
    let told = || {
        let Observation::Listed(mut one) = listed("a", end) else {
            unreachable!("listed() makes listings")
        };
        one.owner = Some(domain::inventory::IssuerOwner {
            id: "nobody-we-know".to_owned(),
            ..Default::default()
        });
        vec![Observation::Listed(one)]
    };
    source.next(Ok((told(), true)));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    let id = all(&world).await[0].id.clone();
    assert!(all(&world).await[0].orphaned);
    world
        .change(&id, |c| c.owner = Some(Owner::Person(ada.clone())))
        .await;
    source.next(Ok((told(), true)));
    observe(&world.ctx, &source).await.unwrap().unwrap();
    let known = &all(&world).await[0];
    assert_eq!(known.owner, Some(Owner::Person(ada)));
    assert!(!known.orphaned);
}

/// A body in one piece.
fn whole(body: &str) -> impl Stream<Item = Result<&[u8], Infallible>> {
    stream::iter([Ok(body.as_bytes())])
}

/// P8: a body that breaks off leaves what was merged before, and ends nothing.
#[tokio::test]
async fn a_body_is_merged_as_it_comes_and_may_break_off() {
    let world = World::new();
    let source = SourceId::parse("pushed").unwrap();
    register(&world.ctx, &source, "push").await.unwrap();
    let pusher = principal(&["observations:write"], None);
    let push = |body: Vec<Result<String, &'static str>>| {
        let (ctx, pusher, source) = (&world.ctx, &pusher, &source);
        let body = stream::iter(body);
        async move { push_observations(ctx, pusher, source, body, Pushed::Complete).await }
    };
    let lines = |ids: std::ops::Range<u32>| -> String {
        ids.map(|n| format!("{{\"external_id\":\"t{n}\"}}\n"))
            .collect()
    };
    let all_of_it = lines(0..1001);
    let (first, second) = all_of_it.split_at(all_of_it.len() / 2 + 3);
    let cut = push(vec![
        Ok(first.to_owned()),
        Ok(second.to_owned()),
        Err("gone"),
    ]);
    assert_eq!(cut.await, Err(PushError::Body("gone")));
    let merged = all(&world).await.len();
    assert_eq!(merged, 1001);
    let state = world.ctx.store.source(&source).await.unwrap().unwrap();
    assert_eq!((state.complete_at, state.read), (None, 0));
    // Two complete pushes end what they lack, whatever else broke off.
    for left in [1001, 600] {
        world.clock.advance(Span::hours(1));
        push(vec![Ok(lines(0..600))]).await.unwrap();
        let broken = push(vec![Ok(lines(1..2)), Err("gone")]).await;
        assert!(broken.is_err());
        let known = all(&world).await;
        let there = known.iter().filter(|c| c.gone_at.is_none());
        assert_eq!(there.count(), left);
    }
}

/// B62, B75: lines that cannot be read are counted and named, and stop nothing.
#[tokio::test]
async fn a_push_takes_what_it_can_read_and_says_what_it_cannot() {
    let world = World::new();
    let source = SourceId::parse("pushed").unwrap();
    register(&world.ctx, &source, "push").await.unwrap();
    let pusher = principal(&["observations:write"], None);
    let body = concat!(
        "{\"external_id\":\"a\",\"name\":\"deploy\",\"expires_at\":\"2027-06-01T00:00:00Z\"}\n",
        "\n",
        "{\"external_id\":\"b\",\"owner\":\"ada@example.org\",\"expires_at\":\"never\"}\r\n",
        "{\"external_id\":\"c\",\"expires_at\":\"tomorrow\"}\n",
        "not json\n",
        "{\"external_id\":\"d\",\"secret\":\"s3cr3t\"}\n",
        "{\"external_id\":\"e\"}",
    );
    let report = push_observations(&world.ctx, &pusher, &source, whole(body), Pushed::Part)
        .await
        .unwrap();
    assert_eq!(
        (report.lines, report.accepted, report.unreadable),
        (6, 3, 3)
    );
    let numbers: Vec<u64> = report.errors.iter().map(|(n, _)| *n).collect();
    assert_eq!(numbers, [3, 4, 5]);
    assert!(!format!("{:?}", report.errors).contains("s3cr3t"));
    let known = all(&world).await;
    assert_eq!(known.len(), 3);
    assert_eq!(known[1].end, End::Never);
    assert_eq!(known[2].end, End::Unknown);
}

#[tokio::test]
async fn a_connector_token_pushes_to_its_own_source_only() {
    let world = World::new();
    let (own, other) = (
        SourceId::parse("own").unwrap(),
        SourceId::parse("other").unwrap(),
    );
    register(&world.ctx, &own, "push").await.unwrap();
    register(&world.ctx, &other, "push").await.unwrap();
    let bound = principal(&["observations:write"], Some(&own));
    let push = |to: SourceId| {
        let (ctx, bound) = (world.ctx.clone(), bound.clone());
        async move { push_observations(&ctx, &bound, &to, whole("{}"), Pushed::Part).await }
    };
    assert!(push(own).await.is_ok());
    assert!(matches!(
        push(other).await,
        Err(PushError::App(app::AppError::Forbidden { .. }))
    ));
    let nobody = principal(&["tokens:read"], None);
    let source = SourceId::parse("other").unwrap();
    let refused = push_observations(&world.ctx, &nobody, &source, whole(""), Pushed::Part).await;
    assert!(matches!(
        refused,
        Err(PushError::App(app::AppError::Forbidden { .. }))
    ));
}

/// T11, P8: a snapshot with a line that cannot be read is no whole one.
#[tokio::test]
async fn a_broken_snapshot_ends_nothing() {
    let world = World::new();
    let source = SourceId::parse("pushed").unwrap();
    register(&world.ctx, &source, "push").await.unwrap();
    let pusher = principal(&["observations:write"], None);
    let bodies = [
        ("{\"external_id\":\"a\"}\n{\"external_id\":\"b\"}\n", false),
        ("{\"external_id\":\"a\"}\n", false),
        ("{\"external_id\":\"a\"}\nbroken\n", false),
        ("", false),
        ("{\"external_id\":\"a\"}\n", true),
    ];
    for (n, (body, gone)) in bodies.into_iter().enumerate() {
        push_observations(&world.ctx, &pusher, &source, whole(body), Pushed::Complete)
            .await
            .unwrap();
        assert_eq!(
            all(&world).await[1].gone_at.is_some(),
            gone,
            "after push {n}"
        );
        world.clock.advance(Span::hours(1));
    }
}
