//! A preset as it is written. `docs/presets.md` is the language; this is its grammar.

use std::collections::BTreeMap;

use domain::kernel::Span;
use serde::Deserialize;
use serde_json::Value;

use super::condition::Condition;
use super::expression::{Ending, Expression, Timed};
use super::page::Paging;
use super::pointer::Pointer;
use super::settings::Declared;
use super::step::Step;
use super::template::Template;

/// A whole preset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub id: String,
    /// Other ids under which the same system is known.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    pub system: String,
    pub read: Vec<VendorPage>,
    pub tried: Tried,
    pub needs: String,
    pub auth_says: Option<String>,
    #[serde(default)]
    pub advice: Vec<String>,
    pub renew_url: Option<Template>,
    /// One credential that is asked about itself: a 401 or 403 is its own end, not the
    /// source's.
    #[serde(default)]
    pub probe: bool,
    #[serde(default)]
    pub settings: BTreeMap<String, Declared>,
    #[serde(default)]
    pub auth: Auth,
    #[serde(default)]
    pub request: Shared,
    pub lists: Vec<List>,
    #[serde(default)]
    pub lookups: BTreeMap<String, Lookup>,
    pub own: Option<Own>,
}

/// A page of the vendor's, and when it was read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VendorPage {
    pub url: String,
    pub on: String,
}

/// The strongest thing a preset ran against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Tried {
    #[serde(rename = "real system")]
    RealSystem,
    #[serde(rename = "independent mock")]
    IndependentMock,
    #[serde(rename = "vendor specification")]
    VendorSpecification,
    #[serde(rename = "documented payloads")]
    DocumentedPayloads,
}

impl Tried {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RealSystem => "real system",
            Self::IndependentMock => "independent mock",
            Self::VendorSpecification => "vendor specification",
            Self::DocumentedPayloads => "documented payloads",
        }
    }
}

/// How Forewarn proves itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Auth {
    #[default]
    None,
    Bearer {
        token: Template,
    },
    Headers {
        headers: BTreeMap<String, Template>,
    },
    Basic {
        username: Template,
        password: Template,
    },
    ClientCredentials(Box<ClientCredentials>),
    Exchange(Box<Exchange>),
    JwtAssertion(Box<Assertion>),
}

/// OAuth 2.0 client credentials (RFC 6749, section 4.4).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientCredentials {
    pub token_url: Template,
    pub client_id: Template,
    pub client_secret: Template,
    pub scope: Option<Template>,
    pub audience: Option<Template>,
    #[serde(default)]
    pub in_body: bool,
}

/// A request whose answer holds the token for the others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    pub path: Template,
    #[serde(default = "post")]
    pub method: String,
    pub body: Option<Body>,
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    pub token: Pointer,
    pub expires: Option<Timed>,
    #[serde(default = "authorization")]
    pub header: String,
    #[serde(default = "bearer")]
    pub prefix: String,
}

/// A JWT signed by the source's own key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assertion {
    pub private_key: Template,
    pub issuer: Template,
    pub subject: Option<Template>,
    pub audience: Option<Template>,
    pub scope: Option<Template>,
    pub lifetime: Option<Span>,
    pub token_url: Option<Template>,
    pub exchange: Option<Exchange>,
}

fn post() -> String {
    "POST".to_owned()
}

fn authorization() -> String {
    "authorization".to_owned()
}

fn bearer() -> String {
    "Bearer ".to_owned()
}

/// What all lists share.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Shared {
    pub base: Option<Template>,
    pub headers: BTreeMap<String, Template>,
    pub timeout: Option<Span>,
    pub concurrency: Option<usize>,
    pub delay: Option<Span>,
}

/// A request, wherever in a preset it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Ask {
    pub method: Option<String>,
    pub path: Option<Template>,
    pub query: BTreeMap<String, Template>,
    pub headers: BTreeMap<String, Template>,
    pub body: Option<Body>,
    /// Sent as `application/x-www-form-urlencoded`.
    pub form: BTreeMap<String, Template>,
}

/// A request's body: a table is sent as JSON, a text as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Body {
    Text(Template),
    Json(BTreeMap<String, Json>),
}

/// JSON whose texts are templates.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Json {
    Text(Template),
    List(Vec<Json>),
    Map(BTreeMap<String, Json>),
    Other(Value),
}

/// One list of credentials.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    pub name: String,
    pub kind: Option<String>,
    /// Taken apart before this grammar sees it; kept so that the key is known.
    #[serde(rename = "like")]
    pub _like: Option<String>,
    #[serde(default)]
    pub when: OneOrMany,
    #[serde(default)]
    pub unless: OneOrMany,
    #[serde(default)]
    pub optional: bool,
    /// Files, folders or patterns to read in place of asking.
    pub files: Option<Template>,
    pub auth: Option<Auth>,
    pub method: Option<String>,
    pub path: Option<Template>,
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    pub body: Option<Body>,
    #[serde(default)]
    pub form: BTreeMap<String, Template>,
    #[serde(default)]
    pub parents: Vec<Parent>,
    /// Statuses of this list that mean that its parent ended meanwhile.
    #[serde(default)]
    pub gone_is: Vec<u16>,
    /// The statuses that are a good answer; `None`: 200 to 299.
    pub expect: Option<Vec<u16>>,
    /// Of a probe: the statuses, and what in a body, mean that the credential is refused.
    pub refused: Option<Vec<u16>>,
    #[serde(default)]
    pub refused_when: Vec<Condition>,
    #[serde(default)]
    pub format: Format,
    #[serde(default)]
    pub items: Option<Pointer>,
    #[serde(default)]
    pub items_may_lack: bool,
    pub columns: Option<Pointer>,
    pub rows: Option<Pointer>,
    #[serde(default)]
    pub page: Paging,
    #[serde(default)]
    pub decode: Vec<Step>,
    #[serde(default)]
    pub must: Vec<Condition>,
    pub renew_url: Option<Template>,
    #[serde(default)]
    pub advice: Vec<String>,
    pub map: Mapping,
}

/// A text, or a list of texts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Texts")]
pub(super) struct OneOrMany(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

impl From<Texts> for OneOrMany {
    fn from(texts: Texts) -> Self {
        match texts {
            Texts::One(text) => Self(vec![text]),
            Texts::Many(texts) => Self(texts),
        }
    }
}

/// A list that must be asked first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parent {
    pub method: Option<String>,
    pub path: Template,
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    pub body: Option<Body>,
    #[serde(default)]
    pub form: BTreeMap<String, Template>,
    pub items: Option<Pointer>,
    #[serde(default)]
    pub items_may_lack: bool,
    #[serde(default)]
    pub page: Paging,
    #[serde(default)]
    pub must: Vec<Condition>,
    pub keep: BTreeMap<String, Expression>,
    #[serde(default)]
    pub skip_when: Vec<Condition>,
}

/// What a body is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    #[default]
    Json,
    Csv,
    Rows,
    Ndjson,
    Text,
}

/// Which field is what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mapping {
    pub external_id: Expression,
    pub parent: Option<Expression>,
    pub kind: Option<Expression>,
    pub name: Option<Expression>,
    #[serde(default)]
    pub owner: OwnerMapping,
    pub scopes: Option<Expression>,
    pub roles: Option<Expression>,
    pub created: Option<Timed>,
    pub expires: Option<Ending>,
    pub last_used: Option<Timed>,
    pub revoked_at: Option<Timed>,
    pub use_is_known: Option<bool>,
    #[serde(default)]
    pub revoked_when: Vec<Condition>,
    #[serde(default)]
    pub suspended_when: Vec<Condition>,
    #[serde(default)]
    pub skip_when: Vec<Condition>,
    #[serde(default)]
    pub labels: BTreeMap<String, Expression>,
    pub used_by: Option<Expression>,
    pub renew_url: Option<Expression>,
    pub lives_at_least: Option<Span>,
}

/// Who the issuer says owns it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OwnerMapping {
    pub id: Option<Expression>,
    pub name: Option<Expression>,
    pub email: Option<Expression>,
}

/// A request that knows more about a key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lookup {
    pub method: Option<String>,
    pub path: Template,
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    pub body: Option<Body>,
    pub keep: BTreeMap<String, Expression>,
}

/// The credential that the source reads with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Own {
    pub method: Option<String>,
    pub path: Option<Template>,
    pub external_id: Option<Expression>,
    /// Which list's mapping reads the rest of the answer.
    pub list: Option<String>,
    /// Its end, from a header of any answer.
    pub expires: Option<Ending>,
}

impl From<&Lookup> for Ask {
    fn from(lookup: &Lookup) -> Self {
        Self {
            method: lookup.method.clone(),
            path: Some(lookup.path.clone()),
            query: lookup.query.clone(),
            headers: lookup.headers.clone(),
            body: lookup.body.clone(),
            form: BTreeMap::new(),
        }
    }
}

impl From<&Parent> for Ask {
    fn from(parent: &Parent) -> Self {
        Self {
            method: parent.method.clone(),
            path: Some(parent.path.clone()),
            query: parent.query.clone(),
            headers: parent.headers.clone(),
            body: parent.body.clone(),
            form: parent.form.clone(),
        }
    }
}

impl TryFrom<&Own> for Ask {
    type Error = ();

    /// Fails where there is nothing to ask.
    fn try_from(own: &Own) -> Result<Self, ()> {
        Ok(Self {
            method: own.method.clone(),
            path: Some(own.path.clone().ok_or(())?),
            ..Self::default()
        })
    }
}

impl From<&List> for Ask {
    fn from(list: &List) -> Self {
        Self {
            method: list.method.clone(),
            path: list.path.clone(),
            query: list.query.clone(),
            headers: list.headers.clone(),
            body: list.body.clone(),
            form: list.form.clone(),
        }
    }
}
