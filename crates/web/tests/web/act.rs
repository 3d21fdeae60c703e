//! `/act`: the buttons in messages, which need no sign-in.

use std::sync::Arc;

use app::Settings;
use app::deliver::{claim, deliver};
use app::ports::Channel;
use domain::kernel::Span;
use testkit::RecordingChannel;

use crate::house::{Browser, House, Reply};

const LINK: [(&str, &str); 0] = [];

/// A warning of something that ends in five days; the path of the link in its mail.
async fn warned(house: &House, name: &str, left: Span) -> String {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let ways: Vec<Arc<dyn Channel>> = vec![mail.clone()];
    house.ctx.channels.store(Arc::new(ways));
    let ada = house.person("Ada Lovelace").await;
    house.credential(name, left, Some(&ada)).await;
    house.sweep().await;
    for message in claim(&house.ctx, 100, Vec::new()).await.unwrap() {
        deliver(&house.ctx, message).await.unwrap();
    }
    let said = mail
        .rendered()
        .into_iter()
        .flat_map(|content| content.items);
    let of_it = |item: &app::ports::Item| item.credential.as_ref().is_some_and(|c| c.name == name);
    let link = said
        .into_iter()
        .filter(of_it)
        .find_map(|item| item.act_link);
    let link = link.expect("a link").expose().clone();
    let path = link.strip_prefix("http://127.0.0.1:8080");
    path.expect("a link to here").to_owned()
}

/// How the only alert about an end stands, as its page says.
async fn state(ada: &mut Browser<'_>) -> String {
    let page = ada.get("/alerts?kind=expiry&state=any").await.is(200);
    let tag = page.html.split("<span class=\"tag ").nth(1).expect("a row");
    let words = tag.split('>').nth(1).unwrap().split('<').next();
    words.unwrap().to_owned()
}

/// B49: the answer is told to no other page, and kept nowhere.
fn quiet(reply: &Reply) {
    assert_eq!(reply.headers["referrer-policy"], "no-referrer");
    assert_eq!(reply.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_press_acts_without_a_sign_in_and_a_look_does_not() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let path = warned(&house, "ci-deploy", Span::days(5)).await;
    let mut stranger = house.stranger();
    for method in ["GET", "HEAD", "GET"] {
        let page = stranger.ask(method, &path, &LINK, "").await.is(200);
        quiet(&page);
        stranger
            .ask(method, &format!("{path}?do=let-lapse"), &LINK, "")
            .await
            .is(200);
    }
    assert_eq!(state(&mut ada).await, "open");
    let page = stranger
        .get(&path)
        .await
        .says("You act as <bdi>Ada Lovelace");
    page.says("Opening this page has changed nothing")
        .says("ci-deploy");
    let back = format!("{path}?said=acknowledge");
    let done = stranger.post(&path, &[("do", "acknowledge")]).await;
    quiet(&done);
    done.leads_to(&back);
    let page = stranger.get(&back).await.is(200);
    page.says("Acknowledged by Ada Lovelace, through a link in a message");
    assert_eq!(state(&mut ada).await, "acknowledged");
    let snooze = [("do", "snooze"), ("days", "3")];
    stranger.post(&path, &snooze).await.is(303);
    assert_eq!(state(&mut ada).await, "snoozed");
    stranger.post(&path, &[("do", "let-lapse")]).await.is(303);
    assert_eq!(state(&mut ada).await, "may lapse");
    // What was done is offered no more.
    let page = stranger.get(&path).await.says("Nothing is left to decide");
    assert!(!page.html.contains("<form"), "{}", page.html);
}

/// What the message's button said comes first on the page, and is not yet done.
#[tokio::test]
async fn the_button_that_was_pressed_in_the_message_comes_first() {
    let house = House::open().await;
    house.founded().await;
    let path = warned(&house, "ci-deploy", Span::days(5)).await;
    for verb in ["acknowledge", "snooze", "let-lapse"] {
        let page = house.stranger().get(&format!("{path}?do={verb}")).await;
        let first = page.html.split("name=\"do\" value=\"").nth(1).unwrap();
        assert_eq!(first.split('"').next(), Some(verb));
    }
    let hostile = format!("{path}?do=%22%3E%3Cb%3E&said=%3Cb%3E");
    let page = house.stranger().get(&hostile).await.is(200);
    assert!(!page.html.contains("<b>"));
}

/// B49: another site makes a browser send nothing here, and a browser that hides where it
/// comes from is told apart from one.
#[tokio::test]
async fn a_form_from_elsewhere_is_refused() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let path = warned(&house, "ci-deploy", Span::days(5)).await;
    let body = "do=acknowledge";
    for headers in [
        [("sec-fetch-site", "cross-site"), ("origin", "null")],
        [
            ("sec-fetch-site", "same-site"),
            ("origin", "https://a.example"),
        ],
        [("origin", "https://evil.example"), ("x", "y")],
    ] {
        let reply = house.stranger().ask("POST", &path, &headers, body).await;
        assert_eq!(reply.status, 403, "{headers:?}");
    }
    assert_eq!(state(&mut ada).await, "open");
    let json = house.stranger().ask("POST", &path, &LINK, "do=dance").await;
    assert_eq!(json.status, 400);
    let hidden = [("origin", "null")];
    house
        .stranger()
        .ask("POST", &path, &hidden, body)
        .await
        .is(303);
    assert_eq!(state(&mut ada).await, "acknowledged");
}

#[tokio::test]
async fn a_link_that_is_none_says_so_and_nothing_of_the_alert() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let path = warned(&house, "ci-deploy", Span::days(5)).await;
    let (alert, code) = path["/act/".len()..].split_once('/').unwrap();
    for wrong in [
        format!("/act/{alert}/{code}0"),
        format!("/act/{alert}/x"),
        format!("/act/alr_other/{code}"),
        format!("/act/%2E%2E/{code}"),
    ] {
        let page = house.stranger().get(&wrong).await.is(410);
        assert!(!page.html.contains("ci-deploy"), "{wrong}");
        let form = [("do", "let-lapse")];
        house.stranger().post(&wrong, &form).await.is(410);
    }
    assert_eq!(state(&mut ada).await, "open");
}

/// Nobody tries links by the thousand, and nobody keeps a scanner from looking.
#[tokio::test]
async fn presses_and_wrong_links_are_slowed_and_looking_is_not() {
    let house = House::open().await;
    house.founded().await;
    let path = warned(&house, "ci-deploy", Span::days(5)).await;
    let mut stranger = house.stranger();
    for _ in 0..100 {
        stranger.get(&path).await.is(200);
    }
    for _ in 0..10 {
        stranger.post(&path, &[("do", "acknowledge")]).await.is(303);
    }
    stranger.post(&path, &[("do", "acknowledge")]).await.is(429);
    let wrong = format!("{path}0");
    let mut last = 0;
    for _ in 0..20 {
        last = stranger.get(&wrong).await.status;
    }
    assert_eq!(last, 429);
    stranger.get(&path).await.is(200);
    house.clock.advance(Span::minutes(1));
    stranger.post(&path, &[("do", "snooze")]).await.is(303);
}

/// What cannot be done is told on the page, and what is not possible is not offered.
#[tokio::test]
async fn on_the_last_day_nothing_is_snoozed() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let path = warned(&house, "today", Span::hours(5)).await;
    let page = house.stranger().get(&path).await.is(200);
    assert!(!page.html.contains("value=\"snooze\""));
    let form = [("do", "snooze"), ("days", "7")];
    let page = house.stranger().post(&path, &form).await.is(422);
    page.says("cannot be snoozed");
    assert_eq!(state(&mut ada).await, "open");
}

#[tokio::test]
async fn where_links_need_a_sign_in_the_page_leads_there() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let path = warned(&house, "ci-deploy", Span::days(5)).await;
    house.ctx.settings.store(Arc::new(Settings {
        links_need_sign_in: true,
        ..Settings::default()
    }));
    let page = house.stranger().get(&path).await.is(200).says("Sign in");
    assert!(!page.html.contains("ci-deploy"));
    let form = [("do", "acknowledge")];
    house.stranger().post(&path, &form).await.is(403);
    assert_eq!(state(&mut ada).await, "open");
}

/// B14: a hostile name stays a name.
#[tokio::test]
async fn a_hostile_name_is_inert_here_too() {
    let house = House::open().await;
    house.founded().await;
    let name = "\"><img src=x>";
    let path = warned(&house, name, Span::days(5)).await;
    let page = house.stranger().get(&path).await.is(200);
    assert!(!page.html.contains("<img"));
}
