//! The set-up page as a browser sees it, over a real store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use app::ports::{Clock, Random};
use app::{Context, Keys, Settings, Verifier};
use axum::Router;
use axum::body::{Body, to_bytes};
use domain::kernel::{Instant, Span};
use http::{HeaderMap, Request};
use testkit::{FakeClock, SeededRandom};
use tower::ServiceExt as _;

struct House {
    ctx: Arc<Context>,
    clock: Arc<FakeClock>,
    router: Router,
    code: String,
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    html: String,
}

impl House {
    async fn open() -> Self {
        let start = Instant::parse("2026-11-22T09:00:00Z").unwrap();
        let clock = Arc::new(FakeClock::at(start));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(11));
        let keys = Keys::generate(&mut &*random);
        let ctx = Arc::new(Context::new(
            store::Sqlite::temporary().unwrap(),
            Arc::clone(&clock) as Arc<dyn Clock>,
            random,
            Arc::new(Verifier::new(keys)),
            Settings::default(),
            Vec::new(),
        ));
        app::setup::prepare(&ctx).await.unwrap();
        app::feed::load_index(&ctx).await.unwrap();
        let code = app::setup::make_setup_code(&ctx).await.unwrap().unwrap();
        let code = code.expose().clone();
        let router = web::router(Arc::clone(&ctx));
        Self {
            ctx,
            clock,
            router,
            code,
        }
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            html: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    async fn post(&self, code: &str, form: &str) -> Reply {
        let request = Request::post(format!("/setup/{code}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }
}

/// T15: reading the page uses nothing up and sending it works once.
#[tokio::test]
async fn reading_the_page_uses_nothing_up_and_sending_it_works_once() {
    let house = House::open().await;
    let path = format!("/setup/{}", house.code);
    for _ in 0..3 {
        let page = house.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.html.contains("<label for=\"name\">"));
    }
    let form = "name=Ada&email=ada%40example.org";
    let done = house.post(&house.code, form).await;
    assert_eq!(done.status, 200, "{}", done.html);
    let at = done.html.find("fwnp_").unwrap();
    let value = &done.html[at..at + 56];
    let caller = app::authenticate(&house.ctx, value).unwrap();
    assert!(caller.grant.is_all());
    assert_eq!(done.headers["cache-control"], "no-store");
    for reply in [house.post(&house.code, form).await, house.get(&path).await] {
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

#[tokio::test]
async fn wrong_and_old_codes_get_a_clear_page() {
    let house = House::open().await;
    for code in ["x", "%00", "..%2f", &"a".repeat(5000)] {
        let reply = house.get(&format!("/setup/{code}")).await;
        assert_eq!(reply.status, 404, "{code:.20}");
        assert!(reply.html.contains("This link does not work"));
    }
    house.clock.advance(Span::hours(1));
    assert_eq!(
        house.get(&format!("/setup/{}", house.code)).await.status,
        404
    );
    assert_eq!(house.post(&house.code, "name=Ada").await.status, 404);
}

/// B14, B16, B60: what is wrong stands beside its field; what was typed is kept, inert.
#[tokio::test]
async fn a_wrong_entry_is_explained_and_kept() {
    let house = House::open().await;
    let reply = house.post(&house.code, "name=&email=").await;
    assert_eq!(reply.status, 422);
    assert!(reply.html.contains("id=\"name-error\" role=\"alert\""));
    let form = "name=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&email=a%40b%40c";
    let reply = house.post(&house.code, form).await;
    assert_eq!(reply.status, 422);
    assert!(
        reply.html.contains("id=\"email-error\" role=\"alert\""),
        "{}",
        reply.html
    );
    assert!(!reply.html.contains("<script"), "{}", reply.html);
    let form = "name=%3Cimg%20src%3Dx%20onerror%3D1%3E";
    let reply = house.post(&house.code, form).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.html.contains("<img"), "{}", reply.html);
}

#[tokio::test]
async fn an_unreadable_form_changes_nothing() {
    let house = House::open().await;
    let large = format!("name={}", "a".repeat(20_000));
    for form in ["role=Admin&name=Ada", "", &large] {
        let reply = house.post(&house.code, form).await;
        assert_eq!(reply.status, 400, "{form:.20}");
    }
    assert_eq!(
        house.get(&format!("/setup/{}", house.code)).await.status,
        200
    );
}

/// B47, B51: pages cannot be framed, leak no address, and believe no host.
#[tokio::test]
async fn pages_are_closed_to_everything_else() {
    let house = House::open().await;
    for path in ["/", "/style.css", "/setup/x"] {
        let reply = house.get(path).await;
        let policy = reply.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(reply.headers["referrer-policy"], "no-referrer");
        assert!(!reply.html.contains("<script"));
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
async fn the_front_page_says_where_one_is() {
    let house = House::open().await;
    let page = house.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("href=\"/docs\""));
}
