//! `/reviews`: what a team answers for, and what it decides about each.

use app::Settings;
use app::credentials::{PatchCredential, patch_credential};
use app::people::{CreateTeam, PatchTeam, create_team, patch_team};
use domain::expiry::{Every, ReviewRule};
use domain::kernel::Span;

use crate::house::{Browser, House};

/// A house where a quarterly review runs, whose round began with these credentials of the
/// team Platform; and the review's path.
async fn reviewing(names: &[&str]) -> (House, String) {
    let rule = ReviewRule {
        every: Every::Quarter,
        day: 1,
        teams: Vec::new(),
    };
    let settings = Settings {
        reviews: [("quarterly".to_owned(), rule)].into(),
        ..Settings::default()
    };
    let house = House::with(settings).await;
    let request = CreateTeam {
        name: "Platform".to_owned(),
        ..CreateTeam::default()
    };
    let team = create_team(&house.ctx, &house.admin, request)
        .await
        .unwrap();
    for name in names {
        let id = house.credential(name, Span::days(200), None).await;
        let patch = PatchCredential {
            team: Some(Some("Platform".to_owned())),
            ..PatchCredential::default()
        };
        patch_credential(&house.ctx, &house.admin, &id, patch, None)
            .await
            .unwrap();
    }
    house.sweep().await;
    // 1 January has come.
    house.clock.advance(Span::days(45));
    house.sweep().await;
    (house, format!("/reviews/quarterly%3A{}", team.id))
}

/// The ids of the rows, as the form sends them.
fn ids(html: &str) -> Vec<String> {
    let parts = html.split("name=\"credential\" value=\"").skip(1);
    parts
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

async fn admin(house: &House) -> Browser<'_> {
    house.somebody("Ada", &["*"]).await
}

#[tokio::test]
async fn a_review_is_decided_row_by_row_and_then_done() {
    let (house, path) = reviewing(&["ci-deploy", "old-export"]).await;
    let mut ada = admin(&house).await;
    let page = ada.get("/reviews").await.is(200);
    page.says("Platform").says("0 of 2 decided").says(&path);
    ada.get("/alerts").await.is(200).says("quarterly, Platform");
    let page = ada.get(&path).await.is(200).says("ci-deploy");
    let page = page
        .says("old-export")
        .says("used")
        .says("api")
        .says("issued");
    let ids = ids(&page.html);
    let (first, second) = (ids[0].as_str(), ids[1].as_str());
    // What stays at "not yet" is left for later.
    let form = [
        ("credential", first),
        ("decision", "keep"),
        ("note", "needed daily"),
        ("credential", second),
        ("decision", ""),
        ("note", ""),
    ];
    let back = format!("{path}?said=decided");
    ada.post(&path, &form).await.leads_to(&back);
    let page = ada.get(&back).await.is(200).says("1 of 2 decided");
    assert!(!page.html.contains(first), "{}", page.html);
    let page = ada.get(&format!("{path}?show=all")).await.is(200);
    page.says("needed daily").says("Ada");
    let form = [("credential", second), ("decision", "rotate"), ("note", "")];
    ada.post(&path, &form)
        .await
        .leads_to(&format!("{path}?said=done"));
    ada.get(&path)
        .await
        .is(200)
        .says("done")
        .says("needed daily");
}

#[tokio::test]
async fn what_is_not_ours_leaves_the_team() {
    let (house, path) = reviewing(&["stray"]).await;
    let mut ada = admin(&house).await;
    let page = ada.get(&path).await.is(200);
    let ids = ids(&page.html);
    let form = [
        ("credential", ids[0].as_str()),
        ("decision", "not-ours"),
        ("note", ""),
    ];
    ada.post(&path, &form).await.is(303);
    let page = ada.get(&path).await.is(200);
    assert!(!page.html.contains("stray"), "{}", page.html);
    let page = ada.get(&format!("/credentials/{}", ids[0])).await.is(200);
    // What is offered to a form stands behind everything that is told.
    let (told, _) = page.html.split_once("<datalist").unwrap();
    assert!(!told.contains("Platform"), "{}", page.html);
}

#[tokio::test]
async fn a_decision_that_changes_nothing_changes_nothing() {
    let (house, path) = reviewing(&["ci-deploy"]).await;
    let mut ada = admin(&house).await;
    let ids = ids(&ada.get(&path).await.is(200).html);
    let form = [
        ("credential", ids[0].as_str()),
        ("decision", "keep"),
        ("note", "x"),
    ];
    ada.post(&path, &form).await.is(303);
    ada.post(&path, &form)
        .await
        .leads_to(&format!("{path}?said=nothing"));
    ada.post(&path, &[])
        .await
        .leads_to(&format!("{path}?said=nothing"));
}

#[tokio::test]
async fn what_the_round_is_not_about_is_refused_and_what_was_typed_stays() {
    let (house, path) = reviewing(&["ci-deploy"]).await;
    let mut ada = admin(&house).await;
    let ids = ids(&ada.get(&path).await.is(200).html);
    let form = [
        ("credential", ids[0].as_str()),
        ("decision", "keep"),
        ("note", "typed before"),
        ("credential", "none"),
        ("decision", "keep"),
        ("note", ""),
    ];
    let page = ada.post(&path, &form).await.is(422);
    page.says("is not about `none`").says("typed before");
}

#[tokio::test]
async fn only_the_team_and_who_may_change_credentials_decide() {
    let (house, path) = reviewing(&["ci-deploy"]).await;
    let mut reader = house.somebody("Reader", &["credentials:read"]).await;
    let page = reader.get(&path).await.is(200).says("not yet");
    assert!(!page.html.contains("name=\"decision\""));
    let form = [("credential", "none"), ("decision", "keep"), ("note", "")];
    reader.post(&path, &form).await.is(403);
    let mut bob = house.somebody("Bob", &[]).await;
    bob.get(&path).await.is(404);
    bob.get("/reviews")
        .await
        .is(200)
        .says("No review of yours is planned");
}

/// B14: a hostile name stays a name.
#[tokio::test]
async fn a_hostile_name_in_a_review_is_inert() {
    let (house, path) = reviewing(&["\"><img src=x>\u{202E}"]).await;
    let mut ada = admin(&house).await;
    let page = ada.get(&path).await.is(200);
    assert!(!page.html.contains("<img") && !page.html.contains('\u{202E}'));
}

/// Members of the team need no scope: they are told on their first page and in the inbox,
/// and decide.
#[tokio::test]
async fn a_member_without_any_scope_is_led_to_the_review_and_decides() {
    let (house, path) = reviewing(&["ci-deploy"]).await;
    let mut bob = house.somebody("Bob", &[]).await;
    bob.get("/alerts")
        .await
        .is(200)
        .says("Nothing needs you now");
    let patch = PatchTeam {
        members: Some(vec!["bob@example.org".to_owned()]),
        ..PatchTeam::default()
    };
    let team = path.rsplit("%3A").next().unwrap();
    patch_team(&house.ctx, &house.admin, team, patch, None)
        .await
        .unwrap();
    house.sweep().await;
    let page = bob.get("/mine").await.is(200).says(&path);
    page.says("of Platform to be decided in a review");
    let page = bob.get("/alerts").await.is(200).says("is due for review");
    let at = page.html.find("href=\"/alerts/alr_").unwrap();
    let alert = page.html[at..].split('"').nth(1).unwrap().to_owned();
    bob.get(&alert).await.is(200).says(&path);
    let back = format!("{alert}?said=acknowledged");
    bob.post(&alert, &[("do", "acknowledge")])
        .await
        .leads_to(&back);
    let ids = ids(&bob.get(&path).await.is(200).html);
    let form = [
        ("credential", ids[0].as_str()),
        ("decision", "keep"),
        ("note", ""),
    ];
    bob.post(&path, &form)
        .await
        .leads_to(&format!("{path}?said=done"));
}
