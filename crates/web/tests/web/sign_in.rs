//! `/sign-in`, `/sign-out`, and what protects a session.

use app::Settings;
use domain::kernel::Span;

use crate::house::{House, PASSWORD, escaped};

const RIGHT: [(&str, &str); 2] = [("email", "ada@example.org"), ("password", PASSWORD)];
const WRONG: [(&str, &str); 2] = [("email", "ada@example.org"), ("password", "wrong \"<b>")];

#[tokio::test]
async fn a_page_leads_to_the_sign_in_and_back() {
    let house = House::open().await;
    house.founded().await;
    let mut browser = house.stranger();
    let asked = "/sessions?said=ended";
    let there = format!("/sign-in?next={}", "%2Fsessions%3Fsaid%3Dended");
    browser.get(asked).await.leads_to(&there);
    browser
        .get(&there)
        .await
        .is(200)
        .says(r#"value="/sessions?said=ended""#);
    let form = [RIGHT.as_slice(), &[("next", asked)]].concat();
    browser.post("/sign-in", &form).await.leads_to(asked);
    browser.get(asked).await.is(200);
}

/// Nobody is sent to another site by a link that somebody made up.
#[tokio::test]
async fn signing_in_leads_nowhere_else() {
    let house = House::open().await;
    house.founded().await;
    for next in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let form = [RIGHT.as_slice(), &[("next", next)]].concat();
        house.stranger().post("/sign-in", &form).await.leads_to("/");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_and_the_address_is_kept() {
    let house = House::open().await;
    house.founded().await;
    let mut browser = house.stranger();
    let page = browser.post("/sign-in", &WRONG).await.is(422);
    let page = page.says("do not belong together");
    assert!(page.html.contains("value=\"ada@example.org\"") && !page.html.contains("wrong"));
    assert!(browser.cookie.is_empty());
}

#[tokio::test]
async fn who_tries_again_and_again_has_to_wait() {
    let house = House::open().await;
    house.founded().await;
    for _ in 0..10 {
        house.stranger().post("/sign-in", &WRONG).await.is(422);
    }
    house
        .stranger()
        .post("/sign-in", &RIGHT)
        .await
        .is(429)
        .says("Wait a minute".to_lowercase().as_str());
    house.clock.advance(Span::minutes(1));
    house
        .stranger()
        .post("/sign-in", &RIGHT)
        .await
        .leads_to("/");
}

#[tokio::test]
async fn a_personal_token_signs_in_and_is_not_shown() {
    let house = House::open().await;
    let token = house.token_of("Bob", &["credentials:read"]).await;
    let value = token.value.unwrap();
    let mut bob = house.stranger();
    let bad = bob.post("/sign-in/token", &[("token", "fwnp_wrong")]).await;
    let bad = bad.is(422).says("id=\"token-error\"");
    assert!(!bad.html.contains("fwnp_wrong"));
    let sent = [("token", value.expose().as_str())];
    bob.post("/sign-in/token", &sent).await.leads_to("/");
    bob.get("/sessions").await.is(200).says("with a token");
}

#[tokio::test]
async fn signing_out_ends_the_session_for_every_copy_of_its_cookie() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let copy = ada.cookie.clone();
    ada.post("/sign-out", &[]).await.leads_to("/sign-in");
    ada.cookie = copy;
    assert_eq!(ada.get("/sessions").await.status, 303);
}

/// B50: whatever cookie was there before, signing in gives a new one, and ends the old
/// session.
#[tokio::test]
async fn signing_in_again_begins_anew() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let before = ada.cookie.clone();
    ada.post("/sign-in", &RIGHT).await.leads_to("/");
    assert_ne!(ada.cookie, before);
    ada.cookie = before;
    assert_eq!(ada.get("/sessions").await.status, 303);
    let mut eve = house.stranger();
    eve.cookie = format!("forewarn={}", "a".repeat(44));
    eve.post("/sign-in", &RIGHT).await.leads_to("/");
    assert!(!eve.cookie.contains("aaaaaaaa"));
}

/// B50: of two cookies of our name, somebody else set one.
#[tokio::test]
async fn two_cookies_of_one_name_are_refused() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    ada.cookie = format!("{}; forewarn=x", ada.cookie);
    ada.get("/").await.is(400);
}

/// B49: a form from another site does nothing, nor one without the token of its session.
#[tokio::test]
async fn a_form_from_elsewhere_does_nothing() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let token = ada.form_token().unwrap();
    let body = format!("form_token={}", escaped(&token));
    for site in ["cross-site", "same-site"] {
        let own = [("sec-fetch-site", site)];
        ada.ask("POST", "/sessions/end-others", &own, &body)
            .await
            .is(403);
    }
    for origin in ["null", "https://evil.example"] {
        let own = [("origin", origin)];
        ada.ask("POST", "/sessions/end-others", &own, &body)
            .await
            .is(403);
    }
    let of_another = house.somebody("Bob", &[]).await.form_token().unwrap();
    for token in ["", "x", of_another.as_str()] {
        let body = format!("form_token={token}");
        ada.form("/sessions/end-others", &body).await.is(403);
    }
    ada.form("/sessions/end-others", "").await.is(403);
    let own = [("origin", "http://127.0.0.1:8080")];
    let done = ada.ask("POST", "/sessions/end-others", &own, &body).await;
    done.leads_to("/sessions?said=others");
}

/// A browser that another site makes sign in would then work for somebody else.
#[tokio::test]
async fn nobody_is_signed_in_by_another_site() {
    let house = House::open().await;
    house.founded().await;
    let body = format!("email=ada%40example.org&password={}", escaped(PASSWORD));
    let own = [("sec-fetch-site", "cross-site")];
    let reply = house.stranger().ask("POST", "/sign-in", &own, &body).await;
    assert!(reply.is(403).headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_host_and_tls() {
    let settings = Settings {
        public_url: "https://warn.example".to_owned(),
        ..Settings::default()
    };
    let house = House::with(settings).await;
    house.founded().await;
    let reply = house.stranger().post("/sign-in", &RIGHT).await;
    let line = reply.headers["set-cookie"].to_str().unwrap();
    assert!(line.starts_with("__Host-forewarn="), "{line}");
    assert!(
        line.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{line}"
    );
    assert_eq!(
        reply.headers["strict-transport-security"],
        "max-age=31536000"
    );
}

#[tokio::test]
async fn passwords_can_be_switched_off() {
    let house = House::open().await;
    house.founded().await;
    let mut settings = Settings::clone(&house.ctx.settings.load());
    settings.sign_in.passwords = false;
    house.ctx.settings.store(settings.into());
    let page = house.stranger().get("/sign-in").await.is(200);
    assert!(!page.html.contains("name=\"password\""));
    house
        .stranger()
        .post("/sign-in", &RIGHT)
        .await
        .is(422)
        .says("switched off");
}
