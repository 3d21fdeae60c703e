//! The line on every page while something of one's own ends soon.

use app::credentials::{PatchCredential, patch_credential};
use app::people::{CreateTeam, create_team};
use app::tokens::{IssueToken, issue_token};
use domain::kernel::Span;

use crate::house::{Browser, House};

/// Issues a token of this life to the person in the browser.
async fn token(house: &House, whose: &mut Browser<'_>, name: &str, life: Span) {
    let sessions = house.ctx.store.directory().await.unwrap();
    let page = whose.get("/sessions").await;
    let owner = sessions
        .persons
        .values()
        .find(|p| page.html.contains(p.name.as_str()));
    let request = IssueToken {
        name: name.to_owned(),
        owner: Some(owner.unwrap().id.to_string()),
        lifetime: Some(life),
        ..IssueToken::default()
    };
    issue_token(&house.ctx, &house.admin, request)
        .await
        .unwrap();
}

#[tokio::test]
async fn it_is_amber_inside_the_window_and_red_inside_a_day_or_past() {
    let more = |span: Span| Span::from_micros(span.as_micros() + 1);
    for (life, class) in [
        (more(Span::days(7)), None),
        (Span::days(7), Some("warn")),
        (more(Span::days(1)), Some("warn")),
        (Span::days(1), Some("crit")),
        (Span::minutes(1), Some("crit")),
    ] {
        let house = House::open().await;
        let mut bob = house.somebody("Bob", &[]).await;
        token(&house, &mut bob, "ci-deploy", life).await;
        let html = bob.get("/sessions").await.is(200).html;
        let found = ["crit", "warn"]
            .into_iter()
            .find(|c| html.contains(&format!("class=\"banner {c}\"")));
        assert_eq!(found, class, "{life}");
    }
}

#[tokio::test]
async fn what_ended_is_red_for_a_week_and_the_nearest_stands_first() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &[]).await;
    token(&house, &mut bob, "nightly-export", Span::hours(2)).await;
    token(&house, &mut bob, "ci-deploy", Span::hours(30)).await;
    bob.get("/sessions")
        .await
        .says("nightly-export")
        .says("1 more of yours or your teams'");
    house.clock.advance(Span::hours(3));
    let page = bob.get("/sessions").await.is(200);
    page.says("banner crit")
        .says("nightly-export")
        .says("ended");
    house.clock.advance(Span::hours(4));
    let page = bob.get("/sessions").await.is(200);
    page.says("banner crit").says("ci-deploy").says("Rotate it");
}

#[tokio::test]
async fn nobody_is_pressed_by_what_others_own() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &[]).await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    token(&house, &mut bob, "ci-deploy", Span::hours(2)).await;
    let html = ada.get("/sessions").await.is(200).html;
    assert!(!html.contains("class=\"banner"));
}

#[tokio::test]
async fn it_says_who_has_taken_it_on() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let mut bob = house.somebody("Bob", &[]).await;
    let own = house.person("Ada Lovelace").await;
    let id = house.credential("alpha", Span::days(5), Some(&own)).await;
    house.sweep().await;
    let page = ada.get("/sessions").await.is(200);
    assert!(!page.html.contains("acknowledged it"));
    let form = [("do", "acknowledge")];
    let path = format!("/credentials/{id}/alert");
    ada.post(&path, &form).await.is(303);
    house.clock.advance(Span::hours(2));
    let page = ada.get("/sessions").await.is(200);
    let page = page.says("You acknowledged it 2 hours ago.");
    page.says("in 4 days 22 hours");
    let request = CreateTeam {
        name: "Platform".to_owned(),
        members: vec![own, house.person("Bob").await],
        ..CreateTeam::default()
    };
    create_team(&house.ctx, &house.admin, request)
        .await
        .unwrap();
    let patch = PatchCredential {
        team: Some(Some("Platform".to_owned())),
        ..PatchCredential::default()
    };
    patch_credential(&house.ctx, &house.admin, &id, patch, None)
        .await
        .unwrap();
    let page = bob.get("/sessions").await.is(200);
    page.says("Ada Lovelace acknowledged it 2 hours ago.");
}
