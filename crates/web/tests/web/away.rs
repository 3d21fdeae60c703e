//! `/sign-in/provider`: to the identity provider and back. The provider is a fake: it
//! vouches for whomever the test says; the real one is tried from outside.

use std::sync::{Arc, Mutex};

use app::Settings;
use app::people::{CreateTeam, PatchPerson, create_team, patch_person};
use app::ports::{Asked, IdentityProvider, ProviderError, Vouched};
use async_trait::async_trait;
use domain::kernel::Secret;

use crate::house::{Browser, House};

/// A fake that vouches for one person, to whoever brings back its state.
struct Fake(Mutex<Vouched>);

#[async_trait]
impl IdentityProvider for Fake {
    fn label(&self) -> &str {
        "Acme"
    }

    async fn ask(&self, redirect: &str) -> Result<Asked, ProviderError> {
        Ok(Asked {
            url: format!("https://id.example/auth?redirect={redirect}"),
            keep: Secret::new("kept.state".to_owned()),
        })
    }

    async fn answer(
        &self,
        _: &str,
        keep: &Secret<String>,
        state: &str,
        _: &Secret<String>,
    ) -> Result<Vouched, ProviderError> {
        if keep.expose() != "kept.state" || state != "state" {
            return Err(ProviderError::Refused("another state".to_owned()));
        }
        Ok(self.0.lock().unwrap().clone())
    }
}

fn ada(groups: &[&str]) -> Vouched {
    Vouched {
        issuer: "https://id.example".to_owned(),
        subject: "4711".to_owned(),
        email: Some("ada@example.org".to_owned()),
        name: Some("Ada".to_owned()),
        groups: groups.iter().map(ToString::to_string).collect(),
    }
}

async fn house() -> (House, Arc<Fake>) {
    let mut settings = Settings::default();
    let words = |word: &str| vec![word.to_owned()];
    settings
        .sign_in
        .roles
        .insert("admins".to_owned(), words("Admin"));
    settings
        .sign_in
        .roles
        .insert("readers".to_owned(), words("Analyst"));
    settings
        .sign_in
        .teams
        .insert("platform".to_owned(), words("Platform"));
    let house = House::with(settings).await;
    let fake = Arc::new(Fake(Mutex::new(ada(&[]))));
    let shared: Arc<dyn IdentityProvider> = Arc::<Fake>::clone(&fake);
    house.ctx.provider.store(Arc::new(Some(shared)));
    (house, fake)
}

/// Goes there and comes back; the browser of the reply.
async fn signed_in<'a>(house: &'a House, next: &str) -> Browser<'a> {
    let mut browser = house.stranger();
    let path = format!("/sign-in/provider?next={next}");
    let away = browser.get(&path).await;
    assert!(
        away.headers["location"]
            .to_str()
            .unwrap()
            .starts_with("https://id.example/auth")
    );
    let back = "/sign-in/provider/back?code=c&state=state";
    browser.get(back).await.leads_to(next);
    browser
}

async fn roles(house: &House) -> Vec<String> {
    let directory = house.ctx.store.directory().await.unwrap();
    let ada = directory
        .persons
        .values()
        .find(|p| p.name.as_str() == "Ada")
        .unwrap();
    ada.roles.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn somebody_new_is_added_once_and_comes_back_as_the_same() {
    let (house, fake) = house().await;
    house
        .stranger()
        .get("/sign-in")
        .await
        .says("Sign in through Acme");
    signed_in(&house, "/mine")
        .await
        .get("/sessions")
        .await
        .is(200)
        .says("through your organisation");
    // Another name and address: the provider's own id still means the same person.
    *fake.0.lock().unwrap() = Vouched {
        email: Some("other@example.org".to_owned()),
        ..ada(&[])
    };
    signed_in(&house, "/mine").await;
    assert_eq!(house.ctx.store.directory().await.unwrap().persons.len(), 1);
}

#[tokio::test]
async fn a_verified_address_means_who_has_it_here() {
    let (house, _) = house().await;
    house.token_of("Ada", &["audit:read"]).await;
    let mut browser = signed_in(&house, "/audit").await;
    browser.get("/audit").await.is(200).says("person.link");
}

#[tokio::test]
async fn groups_give_and_take_only_what_is_tied_to_groups() {
    let (house, fake) = house().await;
    let request = CreateTeam {
        name: "Platform".to_owned(),
        ..CreateTeam::default()
    };
    let team = create_team(&house.ctx, &house.admin, request)
        .await
        .unwrap();
    house.token_of("Ada", &["audit:read"]).await;
    *fake.0.lock().unwrap() = ada(&["readers", "platform", "unknown"]);
    signed_in(&house, "/").await;
    assert_eq!(roles(&house).await, ["Analyst", "role of Ada"]);
    let members = || async {
        house
            .ctx
            .store
            .team(&team.id)
            .await
            .unwrap()
            .unwrap()
            .members
            .len()
    };
    assert_eq!(members().await, 1);
    *fake.0.lock().unwrap() = ada(&[]);
    signed_in(&house, "/").await;
    assert_eq!(roles(&house).await, ["role of Ada"]);
    assert_eq!(members().await, 0);
}

/// B49: an answer that this browser did not ask for signs nobody in.
#[tokio::test]
async fn an_answer_without_its_question_is_refused() {
    let (house, _) = house().await;
    let mut browser = house.stranger();
    browser
        .get("/sign-in/provider/back?code=c&state=state")
        .await
        .is(403);
    browser.get("/sign-in/provider").await;
    browser
        .get("/sign-in/provider/back?code=c&state=other")
        .await
        .is(403);
    browser
        .get("/sign-in/provider/back?error=access_denied&state=state")
        .await
        .is(403);
    assert!(
        house
            .ctx
            .store
            .directory()
            .await
            .unwrap()
            .persons
            .is_empty()
    );
}

#[tokio::test]
async fn nobody_is_added_where_that_is_switched_off() {
    let (house, _) = house().await;
    let mut settings = Settings::clone(&house.ctx.settings.load());
    settings.sign_in.admit = false;
    house.ctx.settings.store(settings.into());
    let mut browser = house.stranger();
    browser.get("/sign-in/provider").await;
    let page = browser
        .get("/sign-in/provider/back?code=c&state=state")
        .await
        .is(403);
    page.says("ask an admin to add you");
}

#[tokio::test]
async fn without_a_provider_its_sessions_end() {
    let (house, _) = house().await;
    let mut browser = signed_in(&house, "/mine").await;
    house.ctx.provider.store(Arc::new(None));
    assert_eq!(browser.get("/mine").await.status, 303);
    browser.get("/sign-in/provider").await.is(404);
}

/// An address is given to somebody new one day: the provider's own id goes before it.
#[tokio::test]
async fn another_account_with_the_address_is_not_the_person_until_an_admin_says_so() {
    let (house, fake) = house().await;
    signed_in(&house, "/mine").await;
    *fake.0.lock().unwrap() = Vouched {
        subject: "4712".to_owned(),
        ..ada(&[])
    };
    let mut newcomer = house.stranger();
    newcomer.get("/sign-in/provider?next=/mine").await;
    let back = "/sign-in/provider/back?code=c&state=state";
    let refused = newcomer.get(back).await.is(403);
    refused.says("Another account of the provider");

    let directory = house.ctx.store.directory().await.unwrap();
    let id = directory
        .persons
        .values()
        .find(|p| p.name.as_str() == "Ada");
    let id = id.unwrap().id.to_string();
    for active in [false, true] {
        let patch = PatchPerson {
            active: Some(active),
            ..PatchPerson::default()
        };
        patch_person(&house.ctx, &house.admin, &id, patch, None)
            .await
            .unwrap();
    }
    signed_in(&house, "/mine").await;
    *fake.0.lock().unwrap() = ada(&[]);
    let mut old = house.stranger();
    old.get("/sign-in/provider?next=/mine").await;
    old.get(back).await.is(403);
}
