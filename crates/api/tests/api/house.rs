//! A whole server without a socket: real store, real use cases, a clock moved by hand.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use api::{Front, Options, router};
use app::ports::{Clock, Random, Store};
use app::{Context, Settings};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use domain::kernel::{Entropy, Instant};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use store::Sqlite;
use testkit::{FakeClock, SeededRandom};
use tower::ServiceExt as _;
use verifier::{Keys, Verifier};

/// A whole server without a socket.
pub struct House {
    pub ctx: Arc<Context>,
    pub clock: Arc<FakeClock>,
    pub admin: String,
    front: Front,
    router: Router,
}

/// A request in the making.
pub struct Ask<'a> {
    house: &'a House,
    method: Method,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    from: Option<SocketAddr>,
    past_the_front: bool,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

struct Chance<'a>(&'a dyn Random);
impl Entropy for Chance<'_> {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

impl House {
    /// A fresh server with one admin.
    pub async fn open() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let start = Instant::parse("2026-11-22T09:00:00Z").unwrap();
        let clock = Arc::new(FakeClock::at(start));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let keys = Keys::generate(&mut Chance(&*random));
        let store: Arc<dyn Store> = Sqlite::temporary().unwrap();
        let ctx = Arc::new(Context::new(
            store,
            Arc::clone(&clock) as Arc<dyn Clock>,
            random,
            Arc::new(Verifier::new(keys)),
            Settings::default(),
            Vec::new(),
        ));
        app::setup::prepare(&ctx).await.unwrap();
        app::feed::load_index(&ctx).await.unwrap();
        let issued = app::setup::issue_bootstrap_token(&ctx).await.unwrap();
        let admin = issued.value.unwrap().expose().clone();
        let router = router(Arc::clone(&ctx), options.clone());
        let front = Front::new(Arc::clone(&ctx), options, api::Pages::default());
        Self {
            ctx,
            clock,
            admin,
            front,
            router,
        }
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        Ask {
            house: self,
            method: method.parse().unwrap(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            from: None,
            past_the_front: false,
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path).token(&self.admin).send().await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask("POST", path)
            .token(&self.admin)
            .json(&body)
            .send()
            .await
    }

    /// A service account with a role of its own that grants these scopes, and a token
    /// of it: id and value.
    pub async fn holder(&self, name: &str, scopes: &[&str]) -> (String, String) {
        let role = json!({"name": format!("role of {name}"), "scopes": scopes});
        self.post("/v1/roles", role).await.is(201);
        let account = json!({"name": name, "roles": [format!("role of {name}")]});
        let account = self
            .post("/v1/service-accounts", account)
            .await
            .is(201)
            .json();
        self.token_of(&account["id"], &[&format!("role of {name}")], "30d")
            .await
    }

    /// A token of an owner with these roles.
    pub async fn token_of(
        &self,
        owner: &Value,
        roles: &[&str],
        lifetime: &str,
    ) -> (String, String) {
        let body = json!({"name": "t", "owner": owner, "roles": roles, "lifetime": lifetime});
        let issued = self.post("/v1/tokens", body).await.is(201).json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&issued["token"]["id"]), text(&issued["value"]))
    }
}

/// An address that nobody had before.
fn stranger() -> SocketAddr {
    static MET: AtomicU32 = AtomicU32::new(0);
    let number = MET.fetch_add(1, Ordering::Relaxed);
    SocketAddr::new(Ipv4Addr::from_bits(0x0a00_0000 + number).into(), 4711)
}

impl Ask<'_> {
    pub fn token(self, value: &str) -> Self {
        self.header("authorization", format!("Bearer {value}").as_bytes())
    }

    pub fn header(mut self, name: &str, value: &[u8]) -> Self {
        self.headers.push((name.to_owned(), value.to_vec()));
        self
    }

    /// As if it had come over a connection from this address.
    pub fn from(mut self, address: &str) -> Self {
        self.from = Some(SocketAddr::new(address.parse().unwrap(), 4711));
        self
    }

    /// Straight to the router.
    pub fn past_the_front(mut self) -> Self {
        self.past_the_front = true;
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn form(self, body: &str) -> Self {
        self.body("application/x-www-form-urlencoded", body)
    }

    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", media_type.as_bytes())
    }

    pub async fn send(self) -> Reply {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let peer = self.from.unwrap_or_else(stranger);
        if self.past_the_front {
            request = request.extension(ConnectInfo(peer));
        }
        let request = request.body(Body::from(self.body)).unwrap();
        let response = if self.past_the_front {
            self.house.router.clone().oneshot(request).await.unwrap()
        } else {
            self.house.front.answer(request, peer).await
        };
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

impl Reply {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// A problem of this kind, with the status that belongs to it.
    #[track_caller]
    pub fn problem(self, status: u16, slug: &str) -> Value {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let reply = self.is(status);
        let body = reply.json();
        assert_eq!(body["type"], format!("/docs#problem-{slug}"));
        assert_eq!(body["status"], status);
        assert!(body["detail"].as_str().is_some_and(|d| !d.is_empty()));
        body
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header as text; empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}
