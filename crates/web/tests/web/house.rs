//! A server without sockets, and browsers that keep their cookie.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::people::{CreatePerson, create_person};
use app::ports::{Changes, Clock, Random, Write};
use app::roles::{CreateRole, create_role};
use app::sessions::sign_in_with_token;
use app::tokens::{IssueToken, Issued, issue_token};
use app::{Context, Keys, Principal, Settings, Verifier, authenticate};
use axum::Router;
use axum::body::{Body, to_bytes};
use domain::expiry::Subject;
use domain::inventory::{Credential, End};
use domain::kernel::{Instant, Name, Secret, SourceId, Span, SweepId};
use domain::people::Owner;
use http::{HeaderMap, Request};
use testkit::{FakeClock, SeededRandom};
use tower::ServiceExt as _;

/// Long enough, and not to be guessed.
pub const PASSWORD: &str = "correct horse battery staple";

pub struct House {
    pub ctx: Arc<Context>,
    pub clock: Arc<FakeClock>,
    /// May do everything.
    pub admin: Principal,
    /// The one-time code of the set-up.
    pub code: String,
    router: Router,
}

/// A browser at one house.
pub struct Browser<'a> {
    house: &'a House,
    /// As `Cookie` sends it; empty without one.
    pub cookie: String,
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl House {
    pub async fn open() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let start = Instant::parse("2026-11-22T09:00:00Z").unwrap();
        let clock = Arc::new(FakeClock::at(start));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(11));
        let keys = Keys::generate(&mut &*random);
        let ctx = Arc::new(Context::new(
            store::Sqlite::temporary().unwrap(),
            Arc::clone(&clock) as Arc<dyn Clock>,
            random,
            Arc::new(Verifier::new(keys)),
            settings,
            Vec::new(),
        ));
        app::setup::prepare(&ctx).await.unwrap();
        app::feed::load_index(&ctx).await.unwrap();
        let issued = app::setup::issue_bootstrap_token(&ctx).await.unwrap();
        let admin = authenticate(&ctx, issued.value.unwrap().expose()).unwrap();
        let code = app::setup::make_setup_code(&ctx).await.unwrap().unwrap();
        Self {
            code: code.expose().clone(),
            router: web::router(Arc::clone(&ctx)),
            ctx,
            clock,
            admin,
        }
    }

    /// A browser that has never been here.
    pub fn stranger(&self) -> Browser<'_> {
        Browser {
            house: self,
            cookie: String::new(),
        }
    }

    /// The first admin, Ada, signed in by the set-up.
    pub async fn founded(&self) -> Browser<'_> {
        let mut browser = self.stranger();
        let form = [
            ("name", "Ada Lovelace"),
            ("email", "ada@example.org"),
            ("password", PASSWORD),
        ];
        let path = format!("/setup/{}", self.code);
        browser.post(&path, &form).await.is(200);
        browser
    }

    /// Somebody who holds these scopes, signed in with a token that does too.
    pub async fn somebody(&self, name: &str, scopes: &[&str]) -> Browser<'_> {
        let token = self.token_of(name, scopes).await;
        let value = token.value.unwrap();
        let opened = sign_in_with_token(&self.ctx, &value, "").await.unwrap();
        Browser {
            house: self,
            cookie: format!("forewarn={}", opened.cookie.expose()),
        }
    }

    /// A new person who holds these scopes, and a token of theirs for 30 days.
    pub async fn token_of(&self, name: &str, scopes: &[&str]) -> Issued {
        let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let role = format!("role of {letters}");
        let scopes = scopes.iter().map(ToString::to_string).collect();
        let request = CreateRole {
            name: role.clone(),
            scopes,
            ..CreateRole::default()
        };
        create_role(&self.ctx, &self.admin, request).await.unwrap();
        let request = CreatePerson {
            name: name.to_owned(),
            email: Some(format!("{}@example.org", letters.to_lowercase())),
            roles: vec![role.clone()],
            ..CreatePerson::default()
        };
        let person = create_person(&self.ctx, &self.admin, request);
        let request = IssueToken {
            name: format!("token of {name}"),
            roles: vec![role],
            owner: Some(person.await.unwrap().id.to_string()),
            lifetime: Some(Span::days(30)),
            ..IssueToken::default()
        };
        issue_token(&self.ctx, &self.admin, request).await.unwrap()
    }

    /// A watched credential of this name that ends after so long, owned by somebody or
    /// nobody; its id.
    pub async fn credential(&self, name: &str, left: Span, owner: Option<&str>) -> String {
        let source = SourceId::parse("prod-gitlab").unwrap();
        let now = self.ctx.now();
        let id = Credential::derive_id(&source, None, "project", name);
        let credential = Credential {
            id: id.clone(),
            source,
            parent: None,
            external_id: name.to_owned(),
            kind: "project".to_owned(),
            name: Name::lossy(name).unwrap(),
            name_is_given: true,
            owner: owner.map(|id| Owner::parse(id).unwrap()),
            issuer_owner: None,
            team: None,
            watchers: BTreeSet::new(),
            scopes: vec!["api".to_owned()],
            roles: Vec::new(),
            created_at: Some(now - Span::days(300)),
            end: End::Known(now + left),
            last_used_at: Some(now - Span::hours(1)),
            use_is_known: true,
            revoked_at: None,
            gone_at: None,
            suspended: false,
            orphaned: owner.is_none(),
            in_overlap: false,
            cut: None,
            successor: None,
            labels: BTreeMap::new(),
            used_by: Vec::new(),
            origin_url: Some("https://gitlab.example/tokens".to_owned()),
            advice: Vec::new(),
            lead_time: None,
            facts: None,
            first_seen_at: now - Span::days(200),
            from_first_import: false,
            confirmed_at: now,
            refused: None,
            version: 0,
        };
        let subject = Subject::Credential(id.clone());
        let changes = Changes {
            writes: vec![
                Write::PutCredential(Box::new(credential)),
                Write::DueAtLatest(subject, now),
            ],
            audit: Vec::new(),
        };
        self.ctx.store.commit(changes).await.unwrap();
        id.to_string()
    }

    /// What the notifier does when its time comes.
    pub async fn sweep(&self) {
        let id = SweepId::random(&mut &*self.ctx.random);
        app::sweep::sweep(&self.ctx, &id).await.unwrap();
    }

    /// The id of the person of this name.
    pub async fn person(&self, name: &str) -> String {
        let directory = self.ctx.store.directory().await.unwrap();
        let mut persons = directory.persons.values();
        persons
            .find(|p| p.name.as_str() == name)
            .unwrap()
            .id
            .to_string()
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            html: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}

impl Browser<'_> {
    pub async fn get(&mut self, path: &str) -> Reply {
        self.ask("GET", path, &[], "").await
    }

    /// Sends the form of a page of this browser: with its token, if it is signed in.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut body = String::new();
        let token = self.form_token();
        let own = token.as_deref().map(|token| ("form_token", token));
        for (name, value) in own.iter().chain(fields) {
            body.push_str(&format!("{name}={}&", escaped(value)));
        }
        self.form(path, body.trim_end_matches('&')).await
    }

    /// Sends a form as it is.
    pub async fn form(&mut self, path: &str, body: &str) -> Reply {
        let own = [("sec-fetch-site", "same-origin")];
        self.ask("POST", path, &own, body).await
    }

    /// Asks, and keeps the cookie that comes back.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if method == "POST" {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let reply = self.house.send(request).await;
        for line in reply.headers.get_all("set-cookie") {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            self.keep(pair);
        }
        reply
    }

    /// Keeps a cookie in place of an older one of its name; one without a value goes.
    fn keep(&mut self, pair: &str) {
        let (name, value) = pair.split_once('=').unwrap();
        let others = self.cookie.split("; ").filter(|own| !own.is_empty());
        let others = others.filter(|own| own.split_once('=').unwrap().0 != name);
        let own = (!value.is_empty()).then_some(pair);
        let all: Vec<&str> = others.chain(own).collect();
        self.cookie = all.join("; ");
    }

    /// What the pages of this browser hold in their forms.
    pub fn form_token(&self) -> Option<String> {
        let session = self
            .cookie
            .split("; ")
            .find_map(|own| own.split_once("forewarn="));
        let (_, value) = session?;
        let value = Secret::new(value.to_owned());
        let mut random = &*self.house.ctx.random;
        (!value.expose().is_empty()).then(|| app::sessions::form_token(&mut random, &value))
    }
}

impl Reply {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.html);
        self
    }

    /// Says this, somewhere on the page.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(
            self.html.contains(words),
            "no `{words}` in {:.4000}",
            self.html
        );
        self
    }

    /// Leads there.
    #[track_caller]
    pub fn leads_to(self, path: &str) -> Self {
        assert_eq!(self.status, 303, "{}", self.html);
        assert_eq!(self.headers["location"], path);
        self
    }
}

/// Everything but letters and digits as `%XX`.
pub fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric();
    let one = |b: u8| match plain(b) {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}
