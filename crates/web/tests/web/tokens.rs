//! `/tokens`: generated, shown once, rotated, revoked.

use domain::kernel::Span;

use crate::house::{Browser, House, Reply};

/// Takes the value out of a page that shows it.
fn value(page: &Reply) -> String {
    let at = page.html.find("data-copy>").expect("a value");
    let rest = &page.html[at + "data-copy>".len()..];
    rest.split('<').next().unwrap().to_owned()
}

fn id_of(value: &str) -> String {
    value.split('_').nth(1).unwrap().to_owned()
}

async fn generated(browser: &mut Browser<'_>, name: &str) -> String {
    let form = [("name", name), ("role", "None"), ("once", name)];
    let page = browser.post("/tokens/new", &form).await.is(200);
    value(&page)
}

#[tokio::test]
async fn a_token_is_generated_and_its_value_is_shown_once() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let page = ada.get("/tokens/new").await.is(200);
    // An empty expiration date means one year, and the page says which day that is.
    let page = page.says("Mon 22 Nov 2027, 09:00");
    page.says("Continuous Integration")
        .says("30 days before the end");
    let form = [
        ("name", "nightly-export"),
        ("role", "Continuous Integration"),
        ("expires", "2027-03-01"),
        ("lead_time", "45d"),
        ("watchers", "ops@example.org"),
        ("once", "k1"),
    ];
    let page = ada.post("/tokens/new", &form).await.is(200);
    assert_eq!(page.headers["cache-control"], "no-store");
    let value = value(&page);
    assert!(app::authenticate(&house.ctx, &value).is_ok());
    let page = page.says("Mon 1 Mar 2027, 23:59");
    page.says("45 days before the end").says("ops@example.org");
    let path = format!("/tokens/{}?said=stored", id_of(&value));
    let page = ada.get(&path).await.is(200).says("not shown again");
    assert!(!page.html.contains(&value));
    let page = ada.get("/tokens").await.is(200).says("nightly-export");
    assert!(!page.html.contains(&value));
}

#[tokio::test]
async fn a_second_click_makes_no_second_token() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let first = generated(&mut ada, "once only").await;
    let form = [
        ("name", "once only"),
        ("role", "None"),
        ("once", "once only"),
    ];
    let page = ada.post("/tokens/new", &form).await.is(200);
    let page = page.says("only one token was made").says(&id_of(&first));
    assert!(!page.html.contains("data-copy"));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [
        ("name", ""),
        ("scopes", "billing:read"),
        ("expires", "someday"),
        ("lead_time", "soon"),
        ("team", "nobody at all"),
    ];
    let page = ada.post("/tokens/new", &form).await.is(422);
    let page = page.says("name-error").says("expires-error");
    let page = page.says("lead_time-error").says("billing:read");
    page.says("nobody at all");
    let form = [("name", "x"), ("role", "None"), ("team", "nobody at all")];
    let page = ada.post("/tokens/new", &form).await.is(422);
    page.says("team-error").says("value=\"None\" checked");
    let form = [("name", "x"), ("role", "None"), ("expires", "2020-01-01")];
    let page = ada.post("/tokens/new", &form).await.is(422);
    page.says("expires-error");
}

#[tokio::test]
async fn looking_who_will_hear_makes_nothing() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [
        ("role", "None"),
        ("expires", "2026-12-24"),
        ("do", "preview"),
    ];
    let page = ada.post("/tokens/new", &form).await.is(200);
    let page = page.says("Thu 24 Dec, 23:59");
    page.says("value=\"2026-12-24\"").says("At the end");
    let page = ada.get("/tokens?role=None&expires_within=60d").await;
    page.is(200).says("No token fits");
}

/// P6: only roles that one may grant are offered, and the others are refused.
#[tokio::test]
async fn nobody_grants_what_they_do_not_hold() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &["tokens:issue"]).await;
    let page = bob.get("/tokens/new").await.is(200);
    assert!(!page.html.contains("value=\"Admin\""));
    let page = page.says("It will be yours");
    page.says("role of Bob");
    let form = [("name", "x"), ("role", "Admin")];
    let page = bob.post("/tokens/new", &form).await.is(422);
    page.says("role-error").says("do not hold");
    let form = [("name", "x"), ("role", "None"), ("owner", "setup")];
    let page = bob.post("/tokens/new", &form).await;
    assert_eq!(page.status, 422);
}

#[tokio::test]
async fn rotating_shows_both_values_and_when_the_new_one_was_used() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let old = generated(&mut ada, "release").await;
    let path = format!("/tokens/{}", id_of(&old));
    ada.get(&path).await.is(200).says("Rotate");
    let page = ada.get(&format!("{path}/rotate")).await.is(200);
    page.says("365 days").says("value=\"24h\"");
    let wrong = [("overlap", "a while"), ("lifetime", "10000d")];
    let page = ada.post(&format!("{path}/rotate"), &wrong).await.is(422);
    page.says("overlap-error").says("10000d");
    let ends_first = [("overlap", "80d"), ("lifetime", "1h")];
    let page = ada.post(&format!("{path}/rotate"), &ends_first).await;
    let page = page.is(422).says("lifetime-error");
    page.says("the old one beside it for 80d");
    let form = [("overlap", "2h"), ("lifetime", "90d"), ("first_use", "yes")];
    let page = ada.post(&format!("{path}/rotate"), &form).await.is(200);
    let new = value(&page);
    page.says("works until");
    // The old one will hardly be used any more; the new one may.
    let page = ada.get(&path).await.is(200).says("never used so far");
    page.says("not used yet");
    assert!(app::authenticate(&house.ctx, &old).is_ok());
    let page = ada.get(&path).await.is(200).says("being replaced");
    page.says("not used yet").says(&id_of(&new));
    assert!(app::authenticate(&house.ctx, &new).is_ok());
    app::feed::end_replaced(&house.ctx).await.unwrap();
    let page = ada.get(&format!("/tokens/{}", id_of(&new))).await.is(200);
    page.says("last <time").says("ended <time");
    let page = ada.post(&format!("{path}/rotate"), &form).await.is(422);
    page.says("overlap-error");
}

/// Revoking the new value of a rotation leaves only the old one, which ends by itself.
#[tokio::test]
async fn revoking_a_new_value_says_how_long_the_old_one_works() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let old = generated(&mut ada, "release").await;
    let rotate = format!("/tokens/{}/rotate", id_of(&old));
    let page = ada.post(&rotate, &[("overlap", "2h")]).await.is(200);
    let new = id_of(&value(&page));
    // Of the two, only the new one has a value before it.
    let page = ada.get(&format!("/tokens/{}/revoke", id_of(&old))).await;
    let warning = "nothing replaces it after that";
    assert!(!page.is(200).html.contains(warning));
    let path = format!("/tokens/{new}/revoke");
    ada.get(&path).await.is(200).says(warning);
    let back = format!("/tokens/{new}?said=revoked-new");
    ada.post(&path, &[]).await.leads_to(&back);
    ada.get(&back).await.is(200).says(warning);
}

#[tokio::test]
async fn revoking_says_first_what_stops() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let value = generated(&mut ada, "old sensor").await;
    let path = format!("/tokens/{}/revoke", id_of(&value));
    let page = ada.get(&path).await.is(200);
    assert!(!page.html.contains("It is in use"));
    assert!(app::authenticate(&house.ctx, &value).is_ok());
    ada.get(&path).await.is(200).says("It is in use");
    let back = format!("/tokens/{}?said=revoked", id_of(&value));
    ada.post(&path, &[]).await.leads_to(&back);
    assert!(app::authenticate(&house.ctx, &value).is_err());
    let page = ada.get(&back).await.is(200).says("is refused from now on");
    // When it would have ended means nothing any more.
    let page = page.says("<p class=\"big\">revoked</p>");
    assert!(!page.html.contains("in 365 days"));
    let whole = format!("/credentials/{}", id_of(&value));
    let page = ada.get(&whole).await.is(200).says("It was revoked.");
    assert!(!page.html.contains("It ends"));
}

#[tokio::test]
async fn a_value_comes_back_as_a_file_and_nothing_else_does() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let value = generated(&mut ada, "to a file").await;
    let reply = ada.post("/tokens/download", &[("value", &value)]).await;
    let reply = reply.is(200);
    assert_eq!(reply.html, format!("{value}\n"));
    let name = reply.headers["content-disposition"].to_str().unwrap();
    assert!(name.starts_with("attachment") && name.contains(&id_of(&value)));
    let form = [("value", "<script>alert(1)</script>")];
    ada.post("/tokens/download", &form).await.is(400);
}

/// Without `tokens:read` only one's own and one's teams' are there.
#[tokio::test]
async fn the_tokens_of_others_are_not_there() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let value = generated(&mut ada, "of ada").await;
    let mut bob = house.somebody("Bob", &[]).await;
    let page = bob.get("/tokens").await.is(200);
    assert!(!page.html.contains("of ada"));
    for path in ["", "/rotate", "/revoke"] {
        let path = format!("/tokens/{}{path}", id_of(&value));
        bob.get(&path).await.is(404);
    }
    bob.post(&format!("/tokens/{}/revoke", id_of(&value)), &[])
        .await
        .is(404);
}

/// B14: a hostile name stays a name.
#[tokio::test]
async fn a_hostile_name_is_inert() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let name = "\"><img src=x onerror=alert(1)>\u{202E}";
    let form = [("name", name), ("role", "None"), ("team", name)];
    let page = ada.post("/tokens/new", &form).await.is(422);
    assert!(!page.html.contains("<img"));
    let value = generated(&mut ada, name.trim_end_matches('\u{202E}')).await;
    for path in ["", "/rotate", "/revoke"] {
        let path = format!("/tokens/{}{path}", id_of(&value));
        let page = ada.get(&path).await.is(200);
        assert!(!page.html.contains("<img"));
    }
    let page = ada.get("/tokens").await.is(200);
    assert!(!page.html.contains("<img"));
}

#[tokio::test]
async fn the_role_that_allows_nothing_stands_alone() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [("name", "x"), ("role", "None"), ("role", "Admin")];
    let page = ada.post("/tokens/new", &form).await.is(422);
    page.says("role-error").says("choose it alone");
    let form = [("name", "x"), ("role", "None")];
    ada.post("/tokens/new", &form).await.is(200);
}

#[tokio::test]
async fn who_rotates_what_they_are_signed_in_with_is_warned() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let value = generated(&mut ada, "by hand").await;
    let path = format!("/tokens/{}/rotate", id_of(&value));
    let page = ada.get(&path).await.is(200);
    assert!(!page.html.contains("You are signed in with this token"));
    let mut there = house.stranger();
    there
        .post("/sign-in/token", &[("token", &value)])
        .await
        .is(303);
    let page = there.get(&path).await.is(200);
    page.says("You are signed in with this token");
}

#[tokio::test]
async fn what_lives_for_a_day_is_pressing_in_its_last_third_only() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let page = ada.get("/tokens").await.is(200).says("bootstrap");
    page.says("left later\">in 24 hours<");
    house.clock.advance(Span::hours(17));
    let mut ada = house.somebody("Grace", &["*"]).await;
    let page = ada.get("/tokens").await.is(200);
    page.says("left crit\">in 7 hours<");
}
