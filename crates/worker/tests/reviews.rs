//! A team looks at everything it answers for, every so often.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::sync::Arc;

use app::reviews::{Wish, decide, get_review, list_reviews};
use app::{AppError, Principal};
use domain::access::Grant;
use domain::expiry::{Decision, Every, ReviewRule};
use domain::kernel::{CredentialId, PersonId, Span, TeamId};
use domain::people::Owner;
use world::World;

/// Ada and Bob are the team `core`, which answers for `a` and `b`; Eve is of another.
struct Office {
    world: World,
    bob: PersonId,
    eve: PersonId,
    core: TeamId,
    ids: Vec<CredentialId>,
}

/// With a review on the second of each month; the start is the first of March at nine.
async fn office() -> Office {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let eve = world.person("eve").await;
    let core = world.team("core", &[&ada, &bob]).await;
    world.team("other", &[&eve]).await;
    let mut ids = Vec::new();
    for name in ["a", "b"] {
        let mut credential = world.credential(name, Some(&ada), Span::days(300));
        credential.team = Some(core.clone());
        ids.push(world.put(credential).await);
    }
    world.configure(|settings| {
        let rule = ReviewRule {
            every: Every::Month,
            day: 2,
            teams: Vec::new(),
        };
        settings.reviews.insert("monthly".to_owned(), rule);
    });
    Office {
        world,
        bob,
        eve,
        core,
        ids,
    }
}

impl Office {
    fn id(&self) -> String {
        format!("monthly:{}", self.core)
    }

    fn wish(&self, n: usize, decision: Decision) -> Wish {
        Wish {
            credential: self.ids.get(n).unwrap().to_string(),
            decision,
            note: None,
        }
    }

    /// What was mailed about the review.
    fn lines(&self) -> Vec<String> {
        let lines = self.world.mailed().into_iter();
        let lines = lines.filter(|line| line.starts_with("review:"));
        lines.map(|line| line.replace(&self.id(), "ID")).collect()
    }
}

fn principal(person: &PersonId) -> Principal {
    Principal {
        token: None,
        kind: None,
        owner: Owner::Person(person.clone()),
        grant: Arc::new(Grant::parse::<&str>(&[]).unwrap()),
        expires_at: None,
        ingest_source: None,
    }
}

#[tokio::test]
async fn a_round_is_said_to_the_team_until_everything_is_decided() {
    let office = office().await;
    let world = &office.world;
    world.round().await;
    assert_eq!(office.lines().len(), 0, "it waits for its day");
    world.live(Span::days(1), Span::hours(1)).await;
    // Both members hear, once.
    assert_eq!(office.lines(), ["review:ID review_due now#1"; 2]);
    world.mail.forget();
    let mut late = world.credential("late", None, Span::days(300));
    late.team = Some(office.core.clone());
    late.first_seen_at = world.now();
    world.put(late).await;
    world.live(Span::days(7), Span::hours(6)).await;
    assert_eq!(office.lines(), ["review:ID review_due now#2"; 2]);
    world.mail.forget();

    let bob = principal(&office.bob);
    let id = office.id();
    let keep = [office.wish(0, Decision::Keep)];
    let after = decide(&world.ctx, &bob, &id, &keep).await.unwrap();
    assert_eq!((after.review.total, after.review.waiting), (2, 1));
    world.round().await;
    assert_eq!(office.lines().len(), 0);
    let theirs = [office.wish(1, Decision::NotOurs)];
    let after = decide(&world.ctx, &bob, &id, &theirs).await.unwrap();
    assert_eq!((after.review.total, after.review.waiting), (1, 0));
    world.round().await;
    assert_eq!(office.lines(), ["review:ID review_due now#2 Recovered"; 2]);
    let b = world.ctx.store.credential(office.ids.get(1).unwrap()).await;
    assert_eq!(b.unwrap().unwrap().team, None);
    world.mail.forget();

    world.live(Span::days(30), Span::hours(12)).await;
    assert!(
        office
            .lines()
            .contains(&"review:ID review_due now#3".to_owned()),
        "the next month"
    );
}

#[tokio::test]
async fn only_the_team_sees_and_decides() {
    let office = office().await;
    office.world.round().await;
    office.world.live(Span::days(1), Span::hours(2)).await;
    let (ctx, id) = (&office.world.ctx, office.id());
    let eve = principal(&office.eve);
    let all = list_reviews(ctx, &eve).await.unwrap();
    assert!(all.iter().all(|review| review.team != office.core));
    let hidden = get_review(ctx, &eve, &id).await;
    assert!(matches!(hidden, Err(AppError::NotFound { .. })));
    let wish = [office.wish(0, Decision::Keep)];
    assert!(matches!(
        decide(ctx, &eve, &id, &wish).await,
        Err(AppError::NotFound { .. })
    ));
    let bob = principal(&office.bob);
    let strange = Wish {
        credential: "none".to_owned(),
        ..office.wish(0, Decision::Keep)
    };
    let refused = decide(ctx, &bob, &id, &[strange]).await;
    assert!(matches!(refused, Err(AppError::Invalid { .. })));
    assert!(matches!(
        decide(ctx, &bob, &id, &[]).await,
        Err(AppError::Invalid { .. })
    ));
}

/// What is no longer configured is not asked for any more.
#[tokio::test]
async fn a_review_that_is_taken_out_is_over() {
    let office = office().await;
    office.world.round().await;
    office.world.live(Span::days(1), Span::hours(2)).await;
    office.world.mail.forget();
    office.world.configure(|settings| settings.reviews.clear());
    office.world.round().await;
    assert_eq!(office.lines(), ["review:ID review_due now#1 Recovered"; 2]);
}
