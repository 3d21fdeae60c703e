//! Makes the ways out that the configuration names, one for each table.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::ports::{Channel, ChannelMemory, Wording};
use channels::command::TIMEOUT;
use channels::render::{TemplateSettings, Templates};
use channels::smtp::{Limits, Login, Server, TlsMode};
use channels::ticket::{GithubSettings, GitlabSettings, JiraLogin, JiraSettings};
use channels::webhook::Format;
use channels::{
    AlertmanagerChannel, AlertmanagerSettings, CommandChannel, CommandSettings, EmailChannel,
    EmailSettings, OutboxChannel, PagerDutyChannel, PagerDutySettings, SlackChannel, SlackSettings,
    TicketChannel, WebhookChannel, WebhookSettings, pagerduty,
};
use domain::kernel::{ChannelId, Secret};
use egress::Egress;

use super::build::{Environment, egress_with, sentence};
use crate::cli::CliError;
use crate::config::{
    AlertmanagerConfig, ChannelConfig, CommandConfig, Config, EmailConfig, GithubConfig,
    GitlabConfig, JiraConfig, PagerdutyConfig, SecretRef, SlackConfig, SmtpTls, WebhookConfig,
    WebhookFormat,
};

/// What every channel is made with.
struct Workshop<'a> {
    config: &'a Config,
    egress: &'a Egress,
    environment: &'a Environment,
    memory: Arc<dyn ChannelMemory>,
}

/// All of them.
pub(super) fn channels(
    config: &Config,
    egress: &Egress,
    environment: &Environment,
    memory: Arc<dyn ChannelMemory>,
) -> Result<Vec<Arc<dyn Channel>>, CliError> {
    let workshop = Workshop {
        config,
        egress,
        environment,
        memory,
    };
    let one = |(id, channel): (&String, &ChannelConfig)| {
        let named =
            |error: &dyn std::fmt::Display| CliError::failed(format!("channels.{id}: {error}"));
        let key = ChannelId::parse(id.clone()).map_err(|e| named(&e))?;
        workshop.make(key, channel).map_err(|e| named(&e))
    };
    config.channels.iter().map(one).collect()
}

/// The organisation's own words, checked.
pub(super) fn wording(config: &Config) -> Result<Option<Arc<dyn Wording>>, CliError> {
    let settings = TemplateSettings {
        headline: config.templates.headline.clone(),
        advice: config.templates.advice.clone(),
    };
    let templates = Templates::new(&settings).map_err(sentence)?;
    Ok(templates.map(|t| Arc::new(t) as Arc<dyn Wording>))
}

/// Its folder is made: a letter that has no place would be tried again for ever.
fn outbox_channel(id: ChannelId, folder: Option<PathBuf>) -> Result<Arc<dyn Channel>, CliError> {
    if let Some(folder) = &folder {
        std::fs::create_dir_all(folder).map_err(|e| {
            let shown = folder.display();
            CliError::failed(format!(
                "channels.{id}.directory {shown} cannot be made: {e}"
            ))
        })?;
    }
    Ok(Arc::new(OutboxChannel::new(id, folder)))
}

fn command_channel(id: ChannelId, command: &CommandConfig) -> Result<Arc<dyn Channel>, CliError> {
    let timeout = command.timeout.map(|span| span.as_micros().unsigned_abs());
    let settings = CommandSettings {
        id,
        program: command.program.clone(),
        args: command.args.clone(),
        timeout: timeout.map_or(TIMEOUT, Duration::from_micros),
        reaches_persons: command.reaches_persons,
    };
    Ok(Arc::new(CommandChannel::new(settings).map_err(sentence)?))
}

impl Workshop<'_> {
    fn make(&self, id: ChannelId, channel: &ChannelConfig) -> Result<Arc<dyn Channel>, CliError> {
        match channel {
            ChannelConfig::Email(email) => self.email(id, email),
            ChannelConfig::Webhook(hook) => self.webhook(id, hook),
            ChannelConfig::Pagerduty(pager) => self.pagerduty(id, pager),
            ChannelConfig::Slack(slack) => self.slack(id, slack),
            ChannelConfig::Alertmanager(pushed) => self.alertmanager(id, pushed),
            ChannelConfig::Github(github) => self.github(id, github),
            ChannelConfig::Gitlab(gitlab) => self.gitlab(id, gitlab),
            ChannelConfig::Jira(jira) => self.jira(id, jira),
            ChannelConfig::Command(command) => command_channel(id, command),
            ChannelConfig::Outbox(outbox) => outbox_channel(id, outbox.directory.clone()),
        }
    }

    fn read(&self, reference: &SecretRef) -> Result<Secret<String>, CliError> {
        reference.read(self.environment).map_err(sentence)
    }

    fn email(&self, id: ChannelId, email: &EmailConfig) -> Result<Arc<dyn Channel>, CliError> {
        let tls = match email.tls {
            SmtpTls::Starttls => TlsMode::StartTls,
            SmtpTls::Implicit => TlsMode::Implicit,
            SmtpTls::None => TlsMode::None,
        };
        let login = match (&email.username, &email.password) {
            (Some(username), Some(password)) => Some(Login {
                username: username.clone(),
                password: self.read(password)?,
            }),
            _ => None,
        };
        let server = Server {
            host: email.host.clone(),
            port: email.port.unwrap_or(tls.default_port()),
            tls,
            login,
            hello: hello(self.config),
            limits: Limits::default(),
        };
        let ca_file = email
            .ca_file
            .clone()
            .or_else(|| self.config.egress.ca_file.clone());
        let settings = EmailSettings {
            id,
            server,
            from: email.from.clone(),
        };
        let channel =
            EmailChannel::new(settings, egress_with(self.config, ca_file)?).map_err(sentence)?;
        Ok(Arc::new(channel))
    }

    fn webhook(&self, id: ChannelId, hook: &WebhookConfig) -> Result<Arc<dyn Channel>, CliError> {
        let secrets: Result<Vec<_>, _> = hook
            .secret
            .iter()
            .chain(&hook.previous_secret)
            .map(|reference| self.read(reference))
            .collect();
        let format = match hook.format {
            WebhookFormat::Standard => Format::Standard,
            WebhookFormat::Cloudevents => Format::CloudEvents,
            WebhookFormat::Alertmanager => Format::Alertmanager,
            WebhookFormat::Slack => Format::Slack,
            WebhookFormat::Teams => Format::Teams,
            WebhookFormat::Discord => Format::Discord,
            WebhookFormat::Mattermost => Format::Mattermost,
            WebhookFormat::Ntfy => Format::Ntfy,
            WebhookFormat::Apprise => Format::Apprise,
        };
        let secret =
            |reference: &Option<SecretRef>| reference.as_ref().map(|r| self.read(r)).transpose();
        let settings = WebhookSettings {
            id,
            url: Secret::new(hook.url.clone()),
            secrets: secrets?,
            format,
            token: secret(&hook.token)?,
            topic: secret(&hook.topic)?,
            tag: hook.tag.clone(),
        };
        Ok(Arc::new(
            WebhookChannel::new(&settings, self.egress.clone()).map_err(sentence)?,
        ))
    }

    fn pagerduty(
        &self,
        id: ChannelId,
        pager: &PagerdutyConfig,
    ) -> Result<Arc<dyn Channel>, CliError> {
        let settings = PagerDutySettings {
            id,
            url: pager
                .url
                .clone()
                .unwrap_or_else(|| pagerduty::URL.to_owned()),
            routing_key: self.read(&pager.routing_key)?,
        };
        let memory = Arc::clone(&self.memory);
        let channel = PagerDutyChannel::new(settings, self.egress, memory);
        Ok(Arc::new(channel.map_err(sentence)?))
    }

    fn slack(&self, id: ChannelId, slack: &SlackConfig) -> Result<Arc<dyn Channel>, CliError> {
        let signing_secret = slack.signing_secret.as_ref().map(|r| self.read(r));
        let settings = SlackSettings {
            id,
            url: slack
                .url
                .clone()
                .unwrap_or_else(|| channels::slack::URL.to_owned()),
            token: self.read(&slack.token)?,
            room: slack.room.clone(),
            signing_secret: signing_secret.transpose()?,
        };
        let memory = Arc::clone(&self.memory);
        let channel = SlackChannel::new(settings, self.egress, memory);
        Ok(Arc::new(channel.map_err(sentence)?))
    }

    fn alertmanager(
        &self,
        id: ChannelId,
        pushed: &AlertmanagerConfig,
    ) -> Result<Arc<dyn Channel>, CliError> {
        let token = pushed.token.as_ref().map(|r| self.read(r)).transpose()?;
        let settings = AlertmanagerSettings {
            id,
            urls: pushed.urls.clone(),
            token,
        };
        let memory = Arc::clone(&self.memory);
        let channel = AlertmanagerChannel::new(&settings, self.egress, memory);
        Ok(Arc::new(channel.map_err(sentence)?))
    }

    fn github(&self, id: ChannelId, github: &GithubConfig) -> Result<Arc<dyn Channel>, CliError> {
        let url = github.url.as_deref().unwrap_or("https://api.github.com");
        let settings = GithubSettings {
            id,
            url: url.to_owned(),
            repository: github.repository.clone(),
            token: self.read(&github.token)?,
        };
        let memory = Arc::clone(&self.memory);
        let channel = TicketChannel::github(settings, self.egress, memory);
        Ok(Arc::new(channel.map_err(sentence)?))
    }

    fn gitlab(&self, id: ChannelId, gitlab: &GitlabConfig) -> Result<Arc<dyn Channel>, CliError> {
        let url = gitlab.url.as_deref().unwrap_or("https://gitlab.com");
        let settings = GitlabSettings {
            id,
            url: url.to_owned(),
            project: gitlab.project.clone(),
            token: self.read(&gitlab.token)?,
        };
        let memory = Arc::clone(&self.memory);
        let channel = TicketChannel::gitlab(settings, self.egress, memory);
        Ok(Arc::new(channel.map_err(sentence)?))
    }

    fn jira(&self, id: ChannelId, jira: &JiraConfig) -> Result<Arc<dyn Channel>, CliError> {
        let token = self.read(&jira.token)?;
        let login = match &jira.username {
            Some(username) => JiraLogin::Cloud {
                username: username.clone(),
                token,
            },
            None => JiraLogin::DataCenter { token },
        };
        let settings = JiraSettings {
            id,
            url: jira.url.clone(),
            project: jira.project.clone(),
            issue_type: jira.issue_type.clone().unwrap_or_else(|| "Task".to_owned()),
            login,
        };
        let memory = Arc::clone(&self.memory);
        let channel = TicketChannel::jira(settings, self.egress, memory);
        Ok(Arc::new(channel.map_err(sentence)?))
    }
}

/// What we call ourselves to mail servers: the host of the public address.
fn hello(config: &Config) -> String {
    let url = config
        .server
        .public_url
        .as_deref()
        .and_then(|u| url::Url::parse(u).ok());
    url.and_then(|u| u.domain().map(str::to_owned))
        .unwrap_or_else(|| "localhost".to_owned())
}
