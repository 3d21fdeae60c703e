//! `/policies` and `/silences`: which steps for what, a dry run, and what is kept back.

use domain::kernel::Span;

use crate::house::House;

#[tokio::test]
async fn a_policy_is_shown_and_another_is_tried_without_changing_anything() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let owner = house.person("Ada Lovelace").await;
    house
        .credential("ci-deploy", Span::days(60), Some(&owner))
        .await;
    let page = ada.get("/policies").await.is(200).says("default");
    page.says("30 days, 14 days, 7 days, 3 days, 1 day before the end; at the end; 1 day after it")
        .says("<bdi>everything</bdi>");
    let page = ada
        .get("/policies?steps=45d+1d&source=prod-*")
        .await
        .is(200);
    let page = page.says("It would apply to 1 credential now");
    page.says("45 days before the end").says("ci-deploy");
    let page = ada.get("/policies?steps=soon").await.is(422);
    page.says("steps-error").says("value=\"soon\"");
    let page = ada.get("/policies").await.is(200);
    assert!(!page.html.contains("45 days"));
}

#[tokio::test]
async fn a_silence_has_a_reason_and_an_end_and_can_be_ended() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let wrong = [("source", "prod-*"), ("until", "2026-12-31")];
    let page = ada.post("/silences", &wrong).await.is(422);
    page.says("reason-error").says("value=\"prod-*\"");
    let wrong = [("reason", "a move"), ("until", "2026-12-31")];
    let page = ada.post("/silences", &wrong).await.is(422);
    page.says("source-error").says("value=\"a move\"");
    let wrong = [
        ("source", "x"),
        ("reason", "a move"),
        ("until", "2026-01-01"),
    ];
    ada.post("/silences", &wrong)
        .await
        .is(422)
        .says("until-error");
    let form = [
        ("source", "prod-*"),
        ("reason", "a <move>"),
        ("until", "2026-12-31"),
    ];
    let done = ada.post("/silences", &form).await;
    done.leads_to("/silences?said=made");
    let page = ada.get("/silences").await.is(200).says("source prod-*");
    let page = page.says("a &#60;move&#62;").says("Ada Lovelace");
    let at = page.html.find("action=\"/silences/").unwrap();
    let path = page.html[at..].split('"').nth(1).unwrap();
    let done = ada.post(path, &[]).await;
    done.leads_to("/silences?said=ended");
    ada.get("/silences")
        .await
        .is(200)
        .says("Nothing is silenced");
}

#[tokio::test]
async fn who_may_only_read_silences_cannot_make_one() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &["alerts:read"]).await;
    let page = bob.get("/silences").await.is(200);
    assert!(!page.html.contains("Silence something"));
    bob.post("/silences", &[]).await.is(403);
}

/// A step of two days says what the step of three days says again a day later.
#[tokio::test]
async fn a_step_that_only_has_another_name_is_neither_added_nor_dropped() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let owner = house.person("Ada Lovelace").await;
    house
        .credential("ci-deploy", Span::days(60), Some(&owner))
        .await;
    let page = ada.get("/policies?steps=30d+14d+7d+3d+2d+1d").await;
    let page = page.is(200).says("in place of");
    let page = page.says(": 0 in addition, 0 no longer.");
    assert!(!page.html.contains("2 days before the end"));
}

#[tokio::test]
async fn every_line_of_a_dry_run_can_be_read() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let owner = house.person("Ada Lovelace").await;
    for n in 0..30 {
        house
            .credential(&format!("ci-{n}"), Span::days(60), Some(&owner))
            .await;
    }
    let page = ada.get("/policies?steps=45d+30d+14d+7d+3d+1d").await;
    let page = page.is(200).says("30 in addition, 0 no longer.");
    let page = page.says("Said in addition: 30 notices");
    let page = page.says("<summary>5 more lines, later</summary>");
    for n in 0..30 {
        assert!(page.html.contains(&format!(">ci-{n}<")), "{n}");
    }
}

#[tokio::test]
async fn those_whom_the_configuration_names_as_admins_are_named() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let plain = ada.get("/policies").await.is(200);
    plain.says("<bdi>admins</bdi> too from 3 days");
    let form = [("name", "Security"), ("members", "ada@example.org")];
    ada.post("/teams/new", &form).await.is(303);
    let mut settings = (*house.ctx.settings.load_full()).clone();
    settings.audience.admins = vec!["team:Security".to_owned()];
    house.ctx.settings.store(std::sync::Arc::new(settings));
    let page = ada.get("/policies").await.is(200);
    page.says("<bdi>admins (Security)</bdi> too from 3 days");
}

#[tokio::test]
async fn a_dry_run_counts_only_what_still_stands() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let owner = house.person("Ada Lovelace").await;
    for (name, left) in [("ci-new", Span::days(60)), ("ci-old", Span::days(-5))] {
        house.credential(name, left, Some(&owner)).await;
    }
    let page = ada.get("/policies?steps=45d+1d&name=ci-*").await.is(200);
    page.says("It would apply to 1 credential now");
}
