//! `/setup/{code}`: how the first admin comes to be.

use axum::body::Body;
use domain::kernel::Span;
use http::Request;

use crate::house::{House, PASSWORD};

async fn get(house: &House, path: &str) -> crate::house::Reply {
    house.stranger().get(path).await
}

async fn post(house: &House, code: &str, form: &str) -> crate::house::Reply {
    let path = format!("/setup/{code}");
    house.stranger().form(&path, form).await
}

/// T15: reading the page uses nothing up and sending it works once.
#[tokio::test]
async fn reading_the_page_uses_nothing_up_and_sending_it_works_once() {
    let house = House::open().await;
    let path = format!("/setup/{}", house.code);
    for _ in 0..3 {
        let page = get(&house, &path).await;
        assert_eq!(page.status, 200);
        assert!(page.html.contains("<label for=\"name\">"));
    }
    let form = "name=Ada&email=ada%40example.org";
    let done = post(&house, &house.code, form).await;
    assert_eq!(done.status, 200, "{}", done.html);
    let at = done.html.find("fwnp_").unwrap();
    let value = &done.html[at..at + 56];
    let caller = app::authenticate(&house.ctx, value).unwrap();
    assert!(caller.grant.is_all());
    assert_eq!(done.headers["cache-control"], "no-store");
    for reply in [
        post(&house, &house.code, form).await,
        get(&house, &path).await,
    ] {
        assert_eq!(reply.status, 404);
        assert!(!reply.html.contains("fwnp_"));
    }
    assert!(
        app::setup::make_setup_code(&house.ctx)
            .await
            .unwrap()
            .is_none()
    );
}

/// Whoever set the server up knows with what they sign in the next time.
#[tokio::test]
async fn the_first_admin_is_told_with_what_they_sign_in() {
    let house = House::open().await;
    let page = get(&house, &format!("/setup/{}", house.code)).await;
    page.says("what you sign in with if you choose a password")
        .says("the e-mail address above and this password");
    let password = PASSWORD.replace(' ', "+");
    let form = format!("name=Ada&email=ada%40example.org&password={password}");
    let done = post(&house, &house.code, &form).await;
    done.says("<bdi>ada@example.org</bdi> and your password, or with this token");
    let other = House::open().await;
    let done = post(&other, &other.code, "name=Ada").await;
    done.says("From now on you sign in with this token");
}

#[tokio::test]
async fn wrong_and_old_codes_get_a_clear_page() {
    let house = House::open().await;
    for code in ["x", "%00", "..%2f", &"a".repeat(5000)] {
        let reply = get(&house, &format!("/setup/{code}")).await;
        assert_eq!(reply.status, 404, "{code:.20}");
        assert!(reply.html.contains("This link does not work"));
    }
    house.clock.advance(Span::hours(1));
    assert_eq!(
        get(&house, &format!("/setup/{}", house.code)).await.status,
        404
    );
    assert_eq!(post(&house, &house.code, "name=Ada").await.status, 404);
}

/// B14, B16, B60: what is wrong stands beside its field; what was typed is kept, inert.
#[tokio::test]
async fn a_wrong_entry_is_explained_and_kept() {
    let house = House::open().await;
    let reply = post(&house, &house.code, "name=&email=").await;
    assert_eq!(reply.status, 422);
    assert!(reply.html.contains("id=\"name-error\" role=\"alert\""));
    let form = "name=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&email=a%40b%40c";
    let reply = post(&house, &house.code, form).await;
    assert_eq!(reply.status, 422);
    assert!(
        reply.html.contains("id=\"email-error\" role=\"alert\""),
        "{}",
        reply.html
    );
    assert!(!reply.html.contains("<script>"), "{}", reply.html);
    let form = "name=%3Cimg%20src%3Dx%20onerror%3D1%3E";
    let reply = post(&house, &house.code, form).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.html.contains("<img"), "{}", reply.html);
}

#[tokio::test]
async fn an_unreadable_form_changes_nothing() {
    let house = House::open().await;
    let large = format!("name={}", "a".repeat(70_000));
    for form in ["role=Admin&name=Ada", "%ff=1", &large] {
        let reply = post(&house, &house.code, form).await;
        assert_eq!(reply.status, 400, "{form:.20}");
    }
    assert_eq!(
        get(&house, &format!("/setup/{}", house.code)).await.status,
        200
    );
}

/// B47, B51: pages cannot be framed, leak no address, and believe no host.
#[tokio::test]
async fn pages_are_closed_to_everything_else() {
    let house = House::open().await;
    for path in ["/", "/sign-in", "/assets/style.css", "/setup/x"] {
        let reply = get(&house, path).await;
        let policy = reply.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(reply.headers["referrer-policy"], "same-origin");
        assert!(!policy.contains("unsafe") && !reply.html.contains("<script>"));
    }
    let request = Request::post(format!("/setup/{}", house.code))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("host", "evil.example")
        .body(Body::from("name=Ada"));
    let reply = house.send(request.unwrap()).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.html.contains("evil"));
    assert!(reply.html.contains("http://127.0.0.1:8080"));
}

#[tokio::test]
async fn the_first_admin_is_signed_in_and_may_choose_a_password() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    ada.get("/").await.is(200).says("Ada Lovelace");
    let sent = [("email", "ada@example.org"), ("password", PASSWORD)];
    house.stranger().post("/sign-in", &sent).await.leads_to("/");
}

#[tokio::test]
async fn a_password_needs_an_address_and_some_length() {
    let house = House::open().await;
    for (form, field) in [
        ("name=Ada&password=correct+horse+battery", "email"),
        (
            "name=Ada&email=ada%40example.org&password=short",
            "password",
        ),
    ] {
        let reply = post(&house, &house.code, form).await.is(422);
        reply.says(&format!("id=\"{field}-error\""));
    }
}

#[tokio::test]
async fn the_front_page_says_where_one_is() {
    let house = House::open().await;
    let page = get(&house, "/").await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("href=\"/docs\""));
}
