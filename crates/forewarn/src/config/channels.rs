//! The keys of `[channels.ID]`, a shape for each kind. Unknown keys are refused.

use std::path::PathBuf;

use domain::kernel::Span;
use serde::Deserialize;

use super::SecretRef;

/// `[channels.ID]`
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChannelConfig {
    /// SMTP.
    Email(EmailConfig),
    /// HTTP POST.
    Webhook(WebhookConfig),
    /// PagerDuty, Events API v2.
    Pagerduty(PagerdutyConfig),
    /// A Slack bot in one room.
    Slack(SlackConfig),
    /// Pushed to Prometheus Alertmanager.
    Alertmanager(AlertmanagerConfig),
    /// Issues of a GitHub repository.
    Github(GithubConfig),
    /// Issues of a GitLab project.
    Gitlab(GitlabConfig),
    /// Issues of a Jira project.
    Jira(JiraConfig),
    /// Keeps its messages here and sends nothing.
    Outbox(OutboxConfig),
    /// A program on this machine.
    Command(CommandConfig),
}

/// `kind = "command"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandConfig {
    /// The program, by its whole path.
    pub program: PathBuf,
    /// Its arguments; no shell reads them.
    #[serde(default)]
    pub args: Vec<String>,
    /// How long it may take; default: 30 s.
    pub timeout: Option<Span>,
    /// Whether it puts what it accepts before a person.
    #[serde(default)]
    pub reaches_persons: bool,
}

/// `kind = "email"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailConfig {
    /// The mail server.
    pub host: String,
    /// Default: 587, 465 with implicit TLS, 25 with none.
    pub port: Option<u16>,
    /// How the connection is protected; never less than this.
    #[serde(default)]
    pub tls: SmtpTls,
    /// For AUTH.
    pub username: Option<String>,
    /// For AUTH.
    pub password: Option<SecretRef>,
    /// `Name <address>` or an address.
    pub from: String,
    /// Certificates to trust for this server, as PEM.
    pub ca_file: Option<PathBuf>,
}

/// How an SMTP connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// STARTTLS is required.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// In the clear; for a relay on this machine.
    None,
}

/// `kind = "webhook"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where to POST. It may hold a secret, so it is never logged.
    pub url: String,
    /// `whsec_…`; signs each request.
    pub secret: Option<SecretRef>,
    /// The secret before; signs too while receivers change over.
    pub previous_secret: Option<SecretRef>,
    /// What the body looks like.
    #[serde(default)]
    pub format: WebhookFormat,
    /// Sent as `Authorization: Bearer`.
    pub token: Option<SecretRef>,
    /// For ntfy: the topic.
    pub topic: Option<SecretRef>,
    /// For Apprise: only services with this tag.
    pub tag: Option<String>,
}

/// What a webhook's body looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// Standard Webhooks.
    #[default]
    Standard,
    /// CloudEvents 1.0, structured.
    Cloudevents,
    /// As Alertmanager sends (version 4).
    Alertmanager,
    /// As Slack's incoming webhooks want.
    Slack,
    /// An Adaptive Card, as Microsoft Teams workflows want.
    Teams,
    /// As Discord's webhooks want.
    Discord,
    /// As Mattermost's incoming webhooks want.
    Mattermost,
    /// As an ntfy server wants.
    Ntfy,
    /// As an Apprise API server wants.
    Apprise,
}

/// `kind = "outbox"`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboxConfig {
    /// Also write each message into this directory.
    pub directory: Option<PathBuf>,
}

/// `kind = "pagerduty"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagerdutyConfig {
    /// The integration's key.
    pub routing_key: SecretRef,
    /// Where events go; default: the address of the US service region.
    pub url: Option<String>,
}

/// `kind = "slack"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlackConfig {
    /// The bot's token.
    pub token: SecretRef,
    /// The room's id.
    pub room: String,
    /// With it, messages have buttons.
    pub signing_secret: Option<SecretRef>,
    /// Default: `https://slack.com/api`.
    pub url: Option<String>,
}

/// `kind = "alertmanager"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertmanagerConfig {
    /// Every member of the cluster.
    pub urls: Vec<String>,
    /// Sent as `Authorization: Bearer`.
    pub token: Option<SecretRef>,
}

/// `kind = "github"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GithubConfig {
    /// Default: `https://api.github.com`.
    pub url: Option<String>,
    /// `owner/name`.
    pub repository: String,
    /// A token that may write issues.
    pub token: SecretRef,
}

/// `kind = "gitlab"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitlabConfig {
    /// Default: `https://gitlab.com`.
    pub url: Option<String>,
    /// `group/name`, or the project's number.
    pub project: String,
    /// A token with the scope `api`.
    pub token: SecretRef,
}

/// `kind = "jira"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JiraConfig {
    /// The site.
    pub url: String,
    /// The project's key.
    pub project: String,
    /// Default: `Task`.
    pub issue_type: Option<String>,
    /// In the cloud: the account's address. In a data centre there is none.
    pub username: Option<String>,
    /// The account's API token, or a personal access token.
    pub token: SecretRef,
}
