//! Values that make no sense are refused at start, with the key and the reason.

use domain::kernel::{ChannelId, Name, SourceId, Span};

use super::model::{Config, NotifierConfig, ServerConfig, SignInConfig};
use super::{ChannelConfig, CommandConfig, ConfigError, EmailConfig};

const LONGEST: Span = Span::days(3650);

pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    server(&config.server)?;
    notifier(&config.notifier)?;
    sign_in(&config.sign_in)?;
    policies(config)?;
    owners(config)?;
    watchers(config)?;
    reviews(config)?;
    ids(config)?;
    for (id, channel) in &config.channels {
        match channel {
            ChannelConfig::Email(email) => self::email(id, email)?,
            ChannelConfig::Webhook(hook) => channel_url(id, Some(&hook.url))?,
            ChannelConfig::Pagerduty(pager) => channel_url(id, pager.url.as_deref())?,
            ChannelConfig::Slack(slack) => channel_url(id, slack.url.as_deref())?,
            ChannelConfig::Alertmanager(pushed) => {
                for (n, url) in pushed.urls.iter().enumerate() {
                    http_url(&format!("channels.{id}.urls[{n}]"), url)?;
                }
            }
            ChannelConfig::Github(github) => channel_url(id, github.url.as_deref())?,
            ChannelConfig::Gitlab(gitlab) => channel_url(id, gitlab.url.as_deref())?,
            ChannelConfig::Jira(jira) => channel_url(id, Some(&jira.url))?,
            ChannelConfig::Command(program) => command(config, id, program)?,
            ChannelConfig::Outbox(_) => {}
        }
    }
    audience(config)
}

fn wrong(key: impl Into<String>, reason: impl Into<String>) -> ConfigError {
    ConfigError::Value {
        key: key.into(),
        reason: reason.into(),
    }
}

fn positive(key: &str, span: Span) -> Result<(), ConfigError> {
    if !span.is_positive() {
        return Err(wrong(
            key,
            format!("must be longer than zero, not {span}; try 1h"),
        ));
    }
    if span > LONGEST {
        return Err(wrong(
            key,
            format!("must not be longer than ten years, not {span}"),
        ));
    }
    Ok(())
}

/// Fewer would starve the pages of a browser, more no system gives.
const CONNECTIONS: std::ops::RangeInclusive<usize> = 8..=1_000_000;

fn server(s: &ServerConfig) -> Result<(), ConfigError> {
    if !CONNECTIONS.contains(&s.connections_max) {
        let (least, most) = CONNECTIONS.into_inner();
        let reason = format!(
            "must lie between {least} and {most}, not {}",
            s.connections_max
        );
        return Err(wrong("server.connections_max", reason));
    }
    if s.failures_a_minute == 0 {
        return Err(wrong(
            "server.failures_a_minute",
            "must be at least 1; a mistyped token is not an attack",
        ));
    }
    Ok(())
}

/// Who is seen less often is asked again too late: that somebody was here is written down
/// once a minute.
const IDLE_MIN: Span = Span::minutes(5);
const SESSION_MAX: Span = Span::days(90);

fn sign_in(s: &SignInConfig) -> Result<(), ConfigError> {
    if let Some(provider) = &s.provider {
        http_url("sign_in.provider.issuer", &provider.issuer)?;
        if provider.client_id.is_empty() {
            let reason = "must be the id that the provider gave this server";
            return Err(wrong("sign_in.provider.client_id", reason));
        }
    }
    positive("sign_in.lifetime", s.lifetime)?;
    positive("sign_in.idle", s.idle)?;
    if s.idle < IDLE_MIN || s.idle > s.lifetime {
        let reason = format!(
            "must lie between {IDLE_MIN} and sign_in.lifetime, not {}",
            s.idle
        );
        return Err(wrong("sign_in.idle", reason));
    }
    if s.lifetime > SESSION_MAX {
        let reason = format!("must not be longer than {SESSION_MAX}, not {}", s.lifetime);
        return Err(wrong("sign_in.lifetime", reason));
    }
    Ok(())
}

fn notifier(n: &NotifierConfig) -> Result<(), ConfigError> {
    positive("notifier.interval", n.interval)?;
    positive("notifier.backoff", n.backoff)?;
    positive("notifier.window", n.window)?;
    positive("notifier.log_slice", n.log_slice)?;
    if n.interval < Span::seconds(1) {
        return Err(wrong(
            "notifier.interval",
            format!("must be at least 1s, not {}", n.interval),
        ));
    }
    if n.log_slice < Span::seconds(1) {
        return Err(wrong(
            "notifier.log_slice",
            format!("must be at least 1s, not {}", n.log_slice),
        ));
    }
    if n.backoff > n.window {
        let reason = format!(
            "{} is longer than the window of {}, so nothing would ever repeat inside it",
            n.backoff, n.window
        );
        return Err(wrong("notifier.backoff", reason));
    }
    if n.log_slice_name.trim().is_empty() || n.log_slice_name.chars().any(char::is_control) {
        return Err(wrong(
            "notifier.log_slice_name",
            "must be a word such as day",
        ));
    }
    if let Some(url) = &n.heartbeat_url {
        http_url("notifier.heartbeat_url", url)?;
    }
    Ok(())
}

/// The domain says what is wrong; its sentences begin with the key.
fn policies(config: &Config) -> Result<(), ConfigError> {
    for (name, policy) in &config.policies {
        if let Some(backoff) = policy.backoff {
            positive(&format!("policies.{name}.backoff"), backoff)?;
        }
        for step in policy.steps.iter().flatten() {
            positive(&format!("policies.{name}.steps"), *step)?;
        }
        if Name::parse(name.clone()).is_err() {
            return Err(wrong("policies", "holds a table whose name is no name"));
        }
    }
    config
        .policies()
        .map(drop)
        .map_err(|error| ConfigError::Wrong {
            origin: "in the configuration".to_owned(),
            reason: error.to_string(),
        })
}

fn owners(config: &Config) -> Result<(), ConfigError> {
    for (index, rule) in config.owners.iter().enumerate() {
        let key = format!("owners[{index}]");
        if let Err(error) = rule.matches.check() {
            return Err(wrong(format!("{key}.match"), error.to_string()));
        }
        if rule.owner.is_none() && rule.team.is_none() {
            return Err(wrong(key, "names neither an owner nor a team"));
        }
    }
    Ok(())
}

/// A program runs with all that this process may do, so that the configuration says twice
/// that it may.
fn command(config: &Config, id: &str, program: &CommandConfig) -> Result<(), ConfigError> {
    if !config.server.allow_command_channels {
        let reason = "starts a program, which needs server.allow_command_channels = true";
        return Err(wrong(format!("channels.{id}.kind"), reason));
    }
    let key = format!("channels.{id}.timeout");
    match program.timeout {
        None => Ok(()),
        Some(timeout) if timeout > COMMAND_MAX => {
            Err(wrong(key, format!("is longer than {COMMAND_MAX}")))
        }
        Some(timeout) => positive(&key, timeout),
    }
}

/// The longest a program may take: a message is leased for little longer.
const COMMAND_MAX: Span = Span::seconds(60);

fn watchers(config: &Config) -> Result<(), ConfigError> {
    for (index, rule) in config.watchers.iter().enumerate() {
        let key = format!("watchers[{index}]");
        if let Err(error) = rule.matches.check() {
            return Err(wrong(format!("{key}.match"), error.to_string()));
        }
        if rule.notify.is_empty() || rule.notify.len() > HEARERS_MAX {
            let reason = format!("names nobody, or more than {HEARERS_MAX}");
            return Err(wrong(format!("{key}.notify"), reason));
        }
    }
    Ok(())
}

/// Whom one rule about watchers may name.
const HEARERS_MAX: usize = 50;

fn reviews(config: &Config) -> Result<(), ConfigError> {
    for (name, rule) in &config.reviews {
        // The name stands in ids, which are split at a colon.
        let key = format!("reviews.{name}");
        ChannelId::parse(name.clone()).map_err(|e| wrong(key.clone(), e.to_string()))?;
        if !(1..=28).contains(&rule.day) {
            return Err(wrong(format!("{key}.day"), "is no day from 1 to 28"));
        }
    }
    Ok(())
}

fn ids(config: &Config) -> Result<(), ConfigError> {
    for id in config.channels.keys() {
        ChannelId::parse(id.clone()).map_err(|e| wrong(format!("channels.{id}"), e.to_string()))?;
    }
    for (id, source) in &config.sources {
        if let Some(interval) = source.interval {
            positive(&format!("sources.{id}.interval"), interval)?;
        }
        SourceId::parse(id.clone()).map_err(|e| wrong(format!("sources.{id}"), e.to_string()))?;
        if id == "forewarn" {
            return Err(wrong(
                "sources.forewarn",
                "this id stands for Forewarn's own tokens; choose another",
            ));
        }
    }
    Ok(())
}

fn email(id: &str, email: &EmailConfig) -> Result<(), ConfigError> {
    if email.host.trim().is_empty() {
        return Err(wrong(format!("channels.{id}.host"), "names no mail server"));
    }
    if email.port == Some(0) {
        return Err(wrong(
            format!("channels.{id}.port"),
            "must lie between 1 and 65535",
        ));
    }
    if email.username.is_some() != email.password.is_some() {
        return Err(wrong(
            format!("channels.{id}.username"),
            "username and password go together",
        ));
    }
    Ok(())
}

fn channel_url(id: &str, url: Option<&str>) -> Result<(), ConfigError> {
    url.map_or(Ok(()), |url| http_url(&format!("channels.{id}.url"), url))
}

fn http_url(key: &str, text: &str) -> Result<(), ConfigError> {
    // The URL itself may hold a secret and is not repeated.
    let url = url::Url::parse(text).map_err(|e| wrong(key, format!("is not a URL: {e}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(
            key,
            format!("must begin with https:// or http://, not {}:", url.scheme()),
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(key, "must not hold a user name or password"));
    }
    Ok(())
}

fn audience(config: &Config) -> Result<(), ConfigError> {
    for entry in &config.audience.admins {
        let team = entry
            .strip_prefix("team:")
            .is_some_and(|name| !name.is_empty());
        if !team
            && domain::kernel::Email::parse(entry.clone()).is_err()
            && !entry.starts_with("per_")
        {
            return Err(wrong(
                "audience.admins",
                format!("`{entry}` is neither team:NAME nor an address"),
            ));
        }
    }
    Ok(())
}
