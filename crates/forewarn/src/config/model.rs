//! The keys of the configuration. Unknown keys are refused.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::expiry::{Policies, Policy, PolicyDraft, PolicyError, ReviewRule};
use domain::inventory::{OwnerRule, WatcherRule};
use domain::kernel::{Email, Span};
use serde::Deserialize;

use super::SecretRef;
use super::channels::ChannelConfig;

/// The whole configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[server]`
    pub server: ServerConfig,
    /// `[database]`
    pub database: DatabaseConfig,
    /// `[notifier]`
    pub notifier: NotifierConfig,
    /// `[audience]`
    pub audience: AudienceConfig,
    /// `[egress]`
    pub egress: EgressConfig,
    /// `[sign_in]`
    pub sign_in: SignInConfig,
    /// `[log]`
    pub log: LogConfig,
    /// `[[owners]]`
    pub owners: Vec<OwnerRule>,
    /// `[[watchers]]`
    pub watchers: Vec<WatcherRule>,
    /// `[reviews.NAME]`
    pub reviews: BTreeMap<String, ReviewRule>,
    /// `[policies.NAME]`
    pub policies: BTreeMap<String, PolicyDraft>,
    /// `[templates]`
    pub templates: TemplatesConfig,
    /// `[channels.ID]`
    pub channels: BTreeMap<String, ChannelConfig>,
    /// `[sources.ID]`
    pub sources: BTreeMap<String, SourceConfig>,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port to listen on; port 0 lets the system choose.
    pub listen: String,
    /// Where links in messages lead; default: the bound address.
    pub public_url: Option<String>,
    /// Where database, key file and lock file live.
    pub data: PathBuf,
    /// The key file for the tokens' HMAC; default: `keys` in the data directory.
    pub key_file: Option<PathBuf>,
    /// Whether `/metrics` answers without a token.
    pub open_metrics: bool,
    /// Whether channels may start programs on this machine.
    pub allow_command_channels: bool,
    /// How many connections there may be at once; more wait.
    pub connections_max: usize,
    /// How often in a minute one client address may present a token that is none before
    /// it hears 429.
    pub failures_a_minute: u32,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
}

/// `[database]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://…`; default: `forewarn.db` in the data directory.
    pub url: Option<String>,
}

/// `[notifier]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifierConfig {
    /// How often the sweep runs.
    pub interval: Span,
    /// How long between repeats.
    pub backoff: Span,
    /// How long before the end the log and other surfaces show a credential.
    pub window: Span,
    /// The unit in which the log line counts.
    pub log_slice: Span,
    /// What that unit is called, in the singular.
    pub log_slice_name: String,
    /// Asked after each complete sweep; silence there means Forewarn stands still.
    pub heartbeat_url: Option<String>,
    /// Whether links in messages act only for somebody who is signed in.
    pub links_need_sign_in: bool,
}

/// `[audience]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AudienceConfig {
    /// `team:NAME` or addresses; empty means everybody who holds `Admin`.
    pub admins: Vec<String>,
    /// Who hears when nobody else can.
    pub catch_all: Vec<Email>,
}

/// `[egress]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EgressConfig {
    /// Networks that webhook targets may lie in although they are not public.
    pub allow_cidrs: Vec<ipnet::IpNet>,
    /// Certificates to trust beside the system's, as PEM.
    pub ca_file: Option<PathBuf>,
}

/// `[sign_in]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignInConfig {
    /// Whether passwords kept here open anything.
    pub passwords: bool,
    /// A session that nobody uses ends after so long.
    pub idle: Span,
    /// Every session ends after so long.
    pub lifetime: Span,
    /// `[sign_in.provider]`
    pub provider: Option<ProviderConfig>,
}

/// `[sign_in.provider]`: an OpenID Connect provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its address, as it calls itself.
    pub issuer: String,
    /// As whom we ask.
    pub client_id: String,
    /// What proves that it is us; public clients have none.
    pub client_secret: Option<SecretRef>,
    /// What people call it.
    #[serde(default = "your_organisation")]
    pub label: String,
    /// What is asked for beside `openid`.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// The claim that lists groups.
    #[serde(default = "groups")]
    pub groups_claim: String,
    /// Whether somebody whom nobody knows is added.
    #[serde(default = "yes")]
    pub admit: bool,
    /// Which roles the members of a group hold.
    #[serde(default)]
    pub roles: BTreeMap<String, Vec<String>>,
    /// To which teams they belong.
    #[serde(default)]
    pub teams: BTreeMap<String, Vec<String>>,
}

fn your_organisation() -> String {
    "your organisation".to_owned()
}

fn usual_scopes() -> Vec<String> {
    ["email", "profile"].map(str::to_owned).to_vec()
}

fn groups() -> String {
    "groups".to_owned()
}

const fn yes() -> bool {
    true
}

/// `[log]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// How lines look.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives per target.
    pub level: Option<String>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// `[templates]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TemplatesConfig {
    /// One line that says what is the matter.
    pub headline: Option<String>,
    /// What to do, a sentence a line.
    pub advice: Option<String>,
}

/// `[sources.ID]`: what every source has, and the keys of its system.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SourceConfig {
    /// Which system it is; may be left out beside `preset`.
    pub system: Option<String>,
    /// A preset of the operator's own, relative to the configuration.
    pub preset: Option<PathBuf>,
    /// How often it is read; default: the notifier's interval.
    pub interval: Option<Span>,
    /// The team that answers for credentials without one, by id or name.
    pub team: Option<String>,
    /// A CSV file that says whom the issuer means by its owners.
    pub owners: Option<PathBuf>,
    /// Labels put on every credential.
    pub labels: BTreeMap<String, String>,
    /// The issuer's id of the credential that this source reads with.
    pub own_id: Option<String>,
    /// Sentences that stand in each warning.
    pub advice: Vec<String>,
    /// What its system reads.
    #[serde(flatten)]
    pub keys: toml::Table,
}

impl Config {
    /// The policies as they are applied: what one does not say is as in `default`, and
    /// what that does not say is as in the notifier or built in.
    ///
    /// # Errors
    /// The first that makes no sense.
    pub fn policies(&self) -> Result<Policies, PolicyError> {
        let built_in = Policy {
            backoff: self.notifier.backoff,
            ..Policy::default()
        };
        let default = match self.policies.get("default") {
            Some(draft) => draft.build("default", &built_in)?,
            None => built_in,
        };
        let others = self.policies.iter().filter(|(name, _)| *name != "default");
        let others = others.map(|(name, draft)| draft.build(name, &default));
        Ok(Policies::new(
            default.clone(),
            others.collect::<Result<_, _>>()?,
        ))
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: None,
            data: PathBuf::from("forewarn-data"),
            key_file: None,
            open_metrics: false,
            allow_command_channels: false,
            connections_max: 512,
            failures_a_minute: 60,
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for SignInConfig {
    fn default() -> Self {
        let usual = app::SignIn::default();
        Self {
            passwords: usual.passwords,
            idle: usual.idle,
            lifetime: usual.lifetime,
            provider: None,
        }
    }
}

impl Default for NotifierConfig {
    fn default() -> Self {
        Self {
            interval: Span::hours(1),
            backoff: Span::hours(24),
            window: Span::hours(168),
            log_slice: Span::hours(24),
            log_slice_name: "day".to_owned(),
            heartbeat_url: None,
            links_need_sign_in: false,
        }
    }
}
