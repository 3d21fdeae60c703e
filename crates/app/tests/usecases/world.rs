//! An installation in memory: a real store, a clock that is moved, an admin.

use std::sync::Arc;

use app::people::{CreatePerson, CreateServiceAccount, create_person, create_service_account};
use app::ports::Store;
use app::roles::{CreateRole, create_role};
use app::tokens::{IssueToken, Issued, issue_token};
use app::{AppError, Context, Principal, Settings, authenticate, feed, setup};
use domain::kernel::{Entropy, Instant, Span};
use domain::people::{Person, ServiceAccount};
use testkit::{FakeClock, SeededRandom};
use verifier::{Keys, Verifier};

pub struct World {
    pub ctx: Context,
    pub clock: Arc<FakeClock>,
    pub admin: Principal,
    pub admin_value: String,
}

pub fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

struct KeyBytes;
impl Entropy for KeyBytes {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(42);
    }
}

/// A fresh installation that nobody has touched.
pub fn fresh() -> (Context, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::at(
        Instant::parse("2026-11-22T09:00:00Z").unwrap(),
    ));
    let ctx = Context::new(
        store::Sqlite::temporary().unwrap(),
        clock.clone(),
        Arc::new(SeededRandom::new(7)),
        Arc::new(Verifier::new(Keys::generate(&mut KeyBytes))),
        Settings::default(),
        Vec::new(),
    );
    (ctx, clock)
}

impl World {
    /// Set up, with the bootstrap token as admin.
    pub async fn new() -> Self {
        let (ctx, clock) = fresh();
        assert!(setup::prepare(&ctx).await.unwrap());
        feed::load_index(&ctx).await.unwrap();
        let issued = setup::issue_bootstrap_token(&ctx).await.unwrap();
        let admin_value = value(&issued);
        let admin = authenticate(&ctx, &admin_value).unwrap();
        Self {
            ctx,
            clock,
            admin,
            admin_value,
        }
    }

    /// A process that starts again on the same store.
    pub async fn restarted(&self) -> Context {
        self.beside(Arc::clone(&self.ctx.store)).await
    }

    /// A process that starts on this store.
    pub async fn beside(&self, store: Arc<dyn Store>) -> Context {
        let ctx = Context::new(
            store,
            self.clock.clone(),
            Arc::new(SeededRandom::new(8)),
            Arc::new(Verifier::new(Keys::generate(&mut KeyBytes))),
            Settings::default(),
            Vec::new(),
        );
        assert!(!setup::prepare(&ctx).await.unwrap());
        feed::load_index(&ctx).await.unwrap();
        ctx
    }

    pub fn pass(&self, span: Span) {
        self.clock.advance(span);
    }

    pub async fn role(&self, name: &str, scopes: &[&str]) {
        let request = CreateRole {
            name: name.into(),
            scopes: words(scopes),
            ..CreateRole::default()
        };
        create_role(&self.ctx, &self.admin, request).await.unwrap();
    }

    pub async fn person(&self, name: &str, roles: &[&str]) -> Person {
        let request = CreatePerson {
            name: name.into(),
            email: Some(format!("{name}@example.org")),
            roles: words(roles),
            ..CreatePerson::default()
        };
        create_person(&self.ctx, &self.admin, request)
            .await
            .unwrap()
    }

    pub async fn account(&self, name: &str, roles: &[&str]) -> ServiceAccount {
        let request = CreateServiceAccount {
            name: name.into(),
            roles: words(roles),
            ..CreateServiceAccount::default()
        };
        create_service_account(&self.ctx, &self.admin, request)
            .await
            .unwrap()
    }

    /// A token that the admin issues to an owner.
    pub async fn token(&self, owner: &str, roles: &[&str]) -> Issued {
        let request = IssueToken {
            name: "t".into(),
            roles: words(roles),
            owner: Some(owner.into()),
            ..IssueToken::default()
        };
        self.issue(&self.admin, request).await.unwrap()
    }

    pub async fn issue(&self, by: &Principal, request: IssueToken) -> Result<Issued, AppError> {
        issue_token(&self.ctx, by, request).await
    }

    /// Who asks with this token.
    pub fn with(&self, issued: &Issued) -> Principal {
        authenticate(&self.ctx, &value(issued)).unwrap()
    }
}

/// The value, which is there the first time.
pub fn value(issued: &Issued) -> String {
    issued.value.as_ref().unwrap().expose().clone()
}

/// The words a refusal names as missing.
pub fn missing(error: &AppError) -> &[String] {
    match error {
        AppError::Forbidden { missing, sentence } => {
            for word in missing {
                assert!(sentence.contains(word.as_str()), "{sentence}");
            }
            missing
        }
        other => panic!("{other:?}"),
    }
}

/// The field a refusal names.
pub fn field(error: &AppError) -> &'static str {
    match error {
        AppError::Invalid { field, .. } => field,
        other => panic!("{other:?}"),
    }
}
