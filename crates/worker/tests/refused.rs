//! A probe meets 401: from the observation to the people who must hear.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::collections::BTreeSet;

use app::ports::{SourceState, Write};
use app::reconcile::{reconcile, register};
use domain::expiry::AlertKind;
use domain::inventory::{Credential, End, IssuerOwner, Listed, Observation, PlaceOfUse};
use domain::kernel::{CredentialId, Email, Name, PersonId, SourceId, Span};
use domain::people::{Person, Recipient};
use world::World;

/// A world with a probe whose first read is over.
async fn world() -> (World, SourceState) {
    let world = World::new();
    let id = SourceId::parse("probe").unwrap();
    register(&world.ctx, &id, "http").await.unwrap();
    let mut source = world.ctx.store.source(&id).await.unwrap().unwrap();
    source.imported = true;
    world
        .write(vec![Write::PutSource(Box::new(source.clone()))])
        .await;
    source.version += 1;
    (world, source)
}

async fn admin(world: &World) -> PersonId {
    let id = PersonId::derived(&["root"]);
    world
        .write(vec![Write::PutPerson(Person {
            id: id.clone(),
            name: Name::parse("root").unwrap(),
            email: Some(Email::parse("root@example.org").unwrap()),
            time_zone: None,
            roles: BTreeSet::from([domain::kernel::RoleName::parse("Admin").unwrap()]),
            active: true,
            leaves_at: None,
            bounced_at: None,
            claimed: None,
            locale: None,
            provisioned: Default::default(),
            created_at: world.now(),
            version: 0,
        })])
        .await;
    id
}

fn told(end: End) -> Listed {
    Listed {
        external_id: "export".to_owned(),
        parent: None,
        kind: "key".to_owned(),
        name: Name::lossy("export-key"),
        owner: Some(IssuerOwner {
            id: "ada@example.org".to_owned(),
            ..IssuerOwner::default()
        }),
        scopes: Vec::new(),
        roles: Vec::new(),
        created_at: None,
        end,
        last_used_at: None,
        use_is_known: false,
        revoked_at: None,
        suspended: false,
        labels: Default::default(),
        used_by: vec![PlaceOfUse {
            what: "nightly export".to_owned(),
            url: None,
            team: None,
        }],
        origin_url: None,
        advice: Vec::new(),
        own: false,
    }
}

async fn see(world: &World, source: &mut SourceState, observation: Observation) {
    let now = world.now();
    reconcile(&world.ctx, source, &[observation], None, now)
        .await
        .unwrap();
}

async fn refuse(world: &World, source: &mut SourceState) {
    let refused = Observation::Refused {
        told: Box::new(told(End::Unknown)),
        why: "it answered 401".to_owned(),
    };
    see(world, source, refused).await;
}

async fn accept(world: &World, source: &mut SourceState, end: End) {
    see(world, source, Observation::Listed(Box::new(told(end)))).await;
}

fn id() -> CredentialId {
    let source = SourceId::parse("probe").unwrap();
    Credential::derive_id(&source, None, "key", "export")
}

async fn stored(world: &World) -> Credential {
    world.ctx.store.credential(&id()).await.unwrap().unwrap()
}

fn recipients(world: &World) -> BTreeSet<Recipient> {
    let rendered = world.mail.rendered();
    rendered
        .into_iter()
        .map(|content| content.to.recipient)
        .collect()
}

/// F28: a token behind a probe begins to answer 401: within one interval its owner and
/// the admins hear, and the message names where it is used.
#[tokio::test]
async fn a_refused_credential_is_said_at_once_to_owner_and_admins() {
    let (world, mut source) = world().await;
    let (ada, root) = (world.person("ada").await, admin(&world).await);
    accept(
        &world,
        &mut source,
        End::Known(world.now() + Span::days(90)),
    )
    .await;
    world.round().await;
    assert_eq!(world.mailed(), Vec::<String>::new());
    world.clock.advance(Span::hours(1));
    refuse(&world, &mut source).await;
    world.round().await;
    assert_eq!(
        recipients(&world),
        BTreeSet::from([Recipient::Person(ada), Recipient::Person(root)])
    );
    let rendered = world.mail.rendered();
    let item = rendered.first().unwrap().items.first().unwrap();
    assert_eq!(item.kind, AlertKind::Refused);
    let facts = item.credential.as_ref().unwrap();
    assert_eq!(facts.used_by.first().unwrap().what, "nightly export");
    assert_eq!(facts.owner.as_ref().unwrap().1, "ada");
    assert!(item.detail.as_ref().unwrap().contains("it answered 401"));
}

#[tokio::test]
async fn a_refusal_changes_nothing_that_is_known_of_end_and_use() {
    let (world, mut source) = world().await;
    let end = End::Known(world.now() + Span::days(90));
    let mut first = told(end);
    first.created_at = Some(world.now() - Span::days(5));
    first.last_used_at = Some(world.now());
    see(&world, &mut source, Observation::Listed(Box::new(first))).await;
    let before = stored(&world).await;
    world.clock.advance(Span::hours(1));
    refuse(&world, &mut source).await;
    let refused = stored(&world).await;
    assert_eq!(
        (refused.end, refused.created_at, refused.last_used_at),
        (before.end, before.created_at, before.last_used_at)
    );
    let since = refused.refused.clone().unwrap().since;
    assert_eq!(since, world.now());
    world.clock.advance(Span::hours(1));
    refuse(&world, &mut source).await;
    assert_eq!(stored(&world).await.refused.unwrap().since, since);
}

#[tokio::test]
async fn the_first_import_does_not_hold_back_a_refusal() {
    let (world, mut source) = world().await;
    source.imported = false;
    refuse(&world, &mut source).await;
    world.round().await;
    let said = world.alert(&id(), AlertKind::Refused).await;
    assert!(said.is_some_and(|alert| alert.resolved.is_none()));
}

#[tokio::test]
async fn being_accepted_again_is_said_to_those_who_heard() {
    let (world, mut source) = world().await;
    world.person("ada").await;
    refuse(&world, &mut source).await;
    world.live(Span::hours(24), Span::hours(1)).await;
    accept(&world, &mut source, End::Never).await;
    world.round().await;
    assert_eq!(
        world.mailed(),
        [
            "export-key now#1",
            "export-key now#2",
            "export-key now#2 Recovered"
        ]
    );
    assert!(stored(&world).await.refused.is_none());
}

/// Documents of versions before know no refusal.
#[tokio::test]
async fn a_credential_from_before_is_read_as_accepted() {
    let (world, mut source) = world().await;
    accept(&world, &mut source, End::Never).await;
    let mut document = serde_json::to_value(stored(&world).await).unwrap();
    document.as_object_mut().unwrap().remove("refused");
    let read: Credential = serde_json::from_value(document).unwrap();
    assert_eq!(read, stored(&world).await);
}
