//! `/mine`: what one answers for, and what one will hear.

use domain::kernel::Span;

use crate::house::House;

#[tokio::test]
async fn only_what_is_close_is_listed_whatever_one_may_see() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    let own = house.person("Ada").await;
    house.credential("hers", Span::days(20), Some(&own)).await;
    house.credential("of-others", Span::days(20), None).await;
    let page = ada.get("/mine").await.is(200).says("hers");
    assert!(!page.html.contains("of-others"));
}

#[tokio::test]
async fn what_one_will_hear_is_what_is_forecast() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &[]).await;
    let page = bob.get("/mine/notifications").await.is(200);
    page.says("bob@example.org")
        .says("token of Bob")
        .says("you own it")
        .says("7 days before the end");
}

#[tokio::test]
async fn everybody_chooses_their_own_clock() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &[]).await;
    bob.get("/mine").await.says("Times in UTC");
    let bad = [("time_zone", "Mars/Phobos")];
    let page = bob.post("/address/clock", &bad).await.is(422);
    page.says("id=\"time_zone-error\"").says("Mars/Phobos");
    let vienna = [("time_zone", "Europe/Vienna")];
    let chosen = bob.post("/address/clock", &vienna).await;
    chosen.leads_to("/address?said=clock");
    bob.get("/mine").await.says("Times in Europe/Vienna");
    bob.post("/address/clock", &[("time_zone", "")]).await;
    bob.get("/mine").await.says("Times in UTC");
}
