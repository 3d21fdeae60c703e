//! `/sessions`: where one is signed in, and one's own password.

use crate::house::{House, PASSWORD};

const RIGHT: [(&str, &str); 2] = [("email", "ada@example.org"), ("password", PASSWORD)];

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_and_together() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let agent = [(
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0",
    )];
    let mut other = house.stranger();
    let body = "email=ada%40example.org&password=correct+horse+battery+staple";
    other
        .ask("POST", "/sign-in", &agent, body)
        .await
        .leads_to("/");
    let page = ada.get("/sessions").await.is(200);
    let page = page.says("Firefox on Linux").says("this one");
    let at = page.html.find("action=\"/sessions/").unwrap();
    let path = page.html[at..].split('"').nth(1).unwrap();
    ada.post(path, &[]).await.leads_to("/sessions?said=ended");
    ada.get("/sessions?said=ended")
        .await
        .is(200)
        .says("The session has ended.");
    assert_eq!(other.get("/sessions").await.status, 303);
    other.post("/sign-in", &RIGHT).await.leads_to("/");
    ada.post("/sessions/end-others", &[])
        .await
        .leads_to("/sessions?said=others");
    assert_eq!(other.get("/sessions").await.status, 303);
    ada.get("/sessions").await.is(200);
}

#[tokio::test]
async fn the_session_of_somebody_else_is_not_there() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let mut bob = house.somebody("Bob", &["*"]).await;
    let id = bob.cookie.split_once('=').unwrap().1[..12].to_owned();
    ada.post(&format!("/sessions/{id}/end"), &[]).await.is(404);
    bob.get("/sessions").await.is(200);
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let new = "a wholly different sentence";
    let wrong = [("current", "x"), ("password", new)];
    let page = ada.post("/sessions/password", &wrong).await.is(422);
    page.says("id=\"current-error\"");
    let short = [("current", PASSWORD), ("password", "short")];
    let page = ada.post("/sessions/password", &short).await.is(422);
    page.says("id=\"password-error\"");
    let right = [("current", PASSWORD), ("password", new)];
    let done = ada.post("/sessions/password", &right).await;
    done.leads_to("/sessions?said=password");
    house.stranger().post("/sign-in", &RIGHT).await.is(422);
    let form = [("email", "ada@example.org"), ("password", new)];
    house.stranger().post("/sign-in", &form).await.leads_to("/");
}

/// Passwords are for those who may do everything.
#[tokio::test]
async fn a_member_is_not_offered_a_password() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &["credentials:read"]).await;
    let page = bob.get("/sessions").await.is(200);
    assert!(!page.html.contains("/sessions/password"));
    let form = [("password", PASSWORD)];
    bob.post("/sessions/password", &form).await.is(403);
}

/// B14: a hostile name stays a name.
#[tokio::test]
async fn a_hostile_name_is_inert_around_every_page() {
    let house = House::open().await;
    let mut eve = house.somebody("<img src=x onerror=1>\u{202E}", &[]).await;
    let page = eve.get("/sessions").await.is(200);
    let page = page.says("&#60;img src=x onerror=1&#62;‹U+202E›");
    assert!(!page.html.contains("<img") && !page.html.contains('\u{202E}'));
}
