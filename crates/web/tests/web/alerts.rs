//! `/alerts`: the inbox, one alert, and what people do about them.

use std::sync::Arc;

use app::ports::Channel;
use domain::kernel::Span;
use testkit::RecordingChannel;

use crate::house::House;

/// The path of the first alert of a page.
fn first(html: &str) -> String {
    let at = html.find("href=\"/alerts/").expect("an alert");
    html[at..].split('"').nth(1).unwrap().to_owned()
}

async fn with_alert(house: &House) {
    house.credential("ci-deploy", Span::days(5), None).await;
    house.sweep().await;
}

#[tokio::test]
async fn an_alert_is_acknowledged_snoozed_and_let_lapse() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    with_alert(&house).await;
    let page = ada.get("/alerts?kind=expiry").await.is(200);
    let page = page.says("ci-deploy").says("nears its end").says("open");
    // What comes next stands beside it.
    let page = page.says("3 days before the end");
    let path = first(&page.html);
    ada.get(&path).await.is(200).says("What comes next");
    let form = [("do", "acknowledge"), ("note", "we are on it")];
    let back = format!("{path}?said=acknowledged");
    ada.post(&path, &form).await.leads_to(&back);
    let page = ada.get(&back).await.is(200).says("we are on it");
    page.says("Acknowledged by Ada Lovelace");
    let form = [("do", "snooze"), ("days", "3")];
    ada.post(&path, &form).await.is(303);
    ada.get(&path).await.is(200).says("Take the snooze back");
    ada.post(&path, &[("do", "unsnooze")]).await.is(303);
    let form = [("do", "let-lapse"), ("note", "replaced")];
    ada.post(&path, &form).await.is(303);
    ada.get(&path)
        .await
        .is(200)
        .says("may lapse")
        .says("replaced");
    let page = ada.get("/alerts?state=let_lapse").await.is(200);
    page.says("ci-deploy");
    let page = ada.get("/alerts?state=snoozed").await.is(200);
    page.says("No alert fits");
}

/// What nobody took on stands above what somebody did, and the nearest end above the rest,
/// whichever was opened first.
#[tokio::test]
async fn what_presses_most_stands_first() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    house.credential("taken-on", Span::days(2), None).await;
    house.sweep().await;
    let path = first(&ada.get("/alerts?kind=expiry").await.html);
    ada.post(&path, &[("do", "acknowledge")]).await.is(303);
    for (name, days) in [("nearer", 4), ("farther", 6)] {
        house.clock.advance(Span::hours(1));
        house.credential(name, Span::days(days), None).await;
        house.sweep().await;
    }
    let page = ada.get("/alerts?kind=expiry").await.is(200);
    let place = |name: &str| page.html.find(&format!("<bdi>{name}</bdi>")).unwrap();
    let places = ["nearer", "farther", "taken-on"].map(place);
    assert!(places.is_sorted(), "{places:?}");
}

/// The hint explains the buttons that are there, and no others.
#[tokio::test]
async fn only_what_can_be_done_is_explained() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    with_alert(&house).await;
    let path = first(&ada.get("/alerts?kind=expiry").await.html);
    let page = ada.get(&path).await.is(200).says("Acknowledging stops");
    page.says("See what it is, who uses it, and renew it");
    ada.post(&path, &[("do", "acknowledge")]).await.is(303);
    let page = ada.get(&path).await.is(200).says("A snooze ends");
    assert!(!page.html.contains("Acknowledging stops"));
}

#[tokio::test]
async fn what_cannot_be_done_stands_beside_the_note_that_was_typed() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    house.credential("today", Span::hours(5), None).await;
    house.sweep().await;
    let path = first(&ada.get("/alerts?kind=expiry").await.html);
    let form = [("do", "snooze"), ("note", "later please")];
    let page = ada.post(&path, &form).await.is(422);
    page.says("note-error").says("later please");
    ada.post(&path, &[("do", "dance")]).await.is(400);
}

#[tokio::test]
async fn several_are_acknowledged_at_once() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    with_alert(&house).await;
    let page = ada.get("/alerts?kind=expiry").await.is(200);
    let path = first(&page.html);
    let id = path.rsplit('/').next().unwrap();
    let back = "/alerts?kind=expiry";
    let form = [("do", "acknowledge"), ("back", back)];
    let nothing = format!("{back}&said=nothing");
    ada.post("/alerts/act", &form).await.leads_to(&nothing);
    let form = [("one", id), ("back", back)];
    let done = format!("{back}&said=acknowledged");
    ada.post("/alerts/act", &form).await.leads_to(&done);
    ada.get(&done)
        .await
        .is(200)
        .says("class=\"tag ok\">acknowledged");
    let form = [
        ("id", id),
        ("id", "none"),
        ("do", "snooze"),
        ("back", "https://elsewhere.example"),
    ];
    let page = ada.post("/alerts/act", &form).await.is(422);
    let page = page.says("Done for 1").says("none");
    assert!(!page.html.contains("elsewhere.example"));
}

/// A scanner that follows the links of messages changes nothing, and learns nothing.
#[tokio::test]
async fn a_stranger_is_told_where_to_sign_in_and_nothing_else() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    with_alert(&house).await;
    let path = first(&ada.get("/alerts?kind=expiry").await.html);
    for path in [path.as_str(), "/alerts"] {
        let page = house.stranger().get(path).await.is(200).says("Sign in");
        assert!(!page.html.contains("ci-deploy"));
    }
    let page = house.stranger().get("/alerts/%3Cb%3E").await.is(200);
    assert!(!page.html.contains("<b>"));
    let page = ada.get(&path).await.is(200);
    page.says("class=\"tag crit\">open");
}

#[tokio::test]
async fn who_may_only_read_is_offered_no_action() {
    let house = House::open().await;
    with_alert(&house).await;
    let mut reader = house.somebody("Reader", &["alerts:read"]).await;
    let page = reader.get("/alerts?kind=expiry").await.is(200);
    let page = page.says("ci-deploy");
    assert!(!page.html.contains("Acknowledge"));
    let path = first(&page.html);
    let page = reader.get(&path).await.is(200);
    assert!(!page.html.contains("value=\"acknowledge\""));
    let form = [("do", "acknowledge")];
    reader.post(&path, &form).await.is(403);
    let mut bob = house.somebody("Bob", &[]).await;
    bob.get("/alerts")
        .await
        .is(200)
        .says("Nothing needs you now");
    bob.get(&path).await.is(404);
}

/// B14: a hostile name stays a name.
#[tokio::test]
async fn a_hostile_name_is_inert() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let name = "\"><img src=x>\u{202E}";
    house.credential(name, Span::days(5), None).await;
    house.sweep().await;
    let page = ada.get("/alerts?kind=expiry").await.is(200);
    assert!(!page.html.contains("<img") && !page.html.contains('\u{202E}'));
    let page = ada.get(&first(&page.html)).await.is(200);
    assert!(!page.html.contains("<img") && !page.html.contains('\u{202E}'));
}

#[tokio::test]
async fn an_alert_is_escalated_once_and_the_admins_hear_at_once() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let mail: Vec<Arc<dyn Channel>> = vec![Arc::new(RecordingChannel::mail("mail"))];
    house.ctx.channels.store(Arc::new(mail));
    house.token_of("Bob", &[]).await;
    let owner = house.person("Bob").await;
    house
        .credential("ci-deploy", Span::days(20), Some(&owner))
        .await;
    house.sweep().await;
    let path = first(&ada.get("/alerts?kind=expiry").await.html);
    let page = ada.get(&path).await.is(200).says("value=\"escalate\"");
    assert!(
        !page.html.contains("Ada Lovelace: on its way"),
        "{}",
        page.html
    );
    let form = [("do", "escalate"), ("note", "Bob is away")];
    let back = format!("{path}?said=escalated");
    ada.post(&path, &form).await.leads_to(&back);
    house.sweep().await;
    let page = ada
        .get(&path)
        .await
        .is(200)
        .says("Escalated by Ada Lovelace");
    let page = page
        .says("Bob is away")
        .says("Ada Lovelace (time 2): on its way");
    assert!(!page.html.contains("value=\"escalate\""));
    let page = ada.post(&path, &form).await.is(422);
    page.says("was escalated already").says("Bob is away");
}

/// Whoever may not see all is shown all of their own, however much there is of others.
#[tokio::test]
async fn ones_own_alerts_stand_on_the_first_page_however_many_others_there_are() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &[]).await;
    let owner = house.person("Bob").await;
    house
        .credential("bobs-own", Span::days(5), Some(&owner))
        .await;
    house.sweep().await;
    house.clock.advance(Span::minutes(1));
    for number in 0..60 {
        house
            .credential(&format!("other-{number}"), Span::days(5), None)
            .await;
    }
    house.sweep().await;
    let page = bob.get("/alerts").await.is(200).says("bobs-own");
    assert!(!page.html.contains("other-") && !page.html.contains("Next page"));
    bob.get(&first(&page.html))
        .await
        .is(200)
        .says("value=\"acknowledge\"");
}

/// A row says until when it is snoozed, and that nothing comes where nothing does.
#[tokio::test]
async fn a_row_says_until_when_it_is_snoozed_and_that_nothing_comes() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    house.credential("ci-deploy", Span::days(20), None).await;
    house.sweep().await;
    let path = first(&ada.get("/alerts?kind=expiry").await.html);
    let form = [("do", "snooze"), ("days", "3")];
    ada.post(&path, &form).await.is(303);
    let page = ada.get("/alerts?kind=expiry").await.is(200);
    page.says("snoozed</span></span><small>until <time")
        .says("Wed 25 Nov, 09:00");
    ada.post(&path, &[("do", "let-lapse")]).await.is(303);
    house.clock.advance(Span::hours(19 * 24 + 12));
    house.sweep().await;
    let mut grace = house.somebody("Grace", &["*"]).await;
    let page = grace.get("/alerts?kind=expiry").await.is(200);
    page.says("Nothing more is foreseen");
}

/// The number on one's own page leads to the very alerts that it counts.
#[tokio::test]
async fn what_is_ones_own_is_listed_by_itself() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    with_alert(&house).await;
    let own = house.person("Ada Lovelace").await;
    house.credential("of-ada", Span::days(5), Some(&own)).await;
    house.sweep().await;
    let page = ada.get("/mine").await.is(200);
    page.says("href=\"/alerts?state=open&#38;whose=mine\"");
    let page = ada.get("/alerts?state=open&whose=mine").await.is(200);
    let page = page.says("<bdi>of-ada</bdi>").says("mine and my teams");
    assert!(!page.html.contains("<bdi>ci-deploy</bdi>"), "{}", page.html);
}
