//! Makes the parts that the configuration names. The choice of store is one `match`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::feed::Followed;
use app::ports::Store;
use app::{Audience, Context, Settings};
use domain::expiry::{Every, ReviewRule};
use domain::kernel::Email;
use egress::Egress;
use verifier::Verifier;

use crate::cli::CliError;
use crate::config::{ChannelConfig, Config, OutboxConfig};
use crate::demo::{REVIEW, REVIEWERS};
use crate::system::SystemRandom;

pub(super) type Environment = [(String, String)];

pub(super) fn sentence(error: impl std::fmt::Display) -> CliError {
    CliError::failed(error.to_string())
}

/// Gives the demonstration a channel and somebody who hears, where the configuration
/// names none.
pub(super) fn dress_for_demo(config: &mut Config) {
    let outbox = ChannelConfig::Outbox(OutboxConfig::default());
    config
        .channels
        .entry("demo-outbox".to_owned())
        .or_insert(outbox);
    let audience = &mut config.audience;
    if audience.admins.is_empty() && audience.catch_all.is_empty() {
        audience.admins.push("team:Security".to_owned());
        audience
            .catch_all
            .extend(Email::parse("ops@meridian.example"));
    }
    if config.reviews.is_empty() {
        let rule = ReviewRule {
            every: Every::Quarter,
            day: 1,
            teams: REVIEWERS.map(str::to_owned).to_vec(),
        };
        config.reviews.insert(REVIEW.to_owned(), rule);
    }
}

/// The guarded way out.
pub(super) fn egress(config: &Config) -> Result<Egress, CliError> {
    egress_with(config, config.egress.ca_file.clone())
}

pub(super) fn egress_with(config: &Config, ca_file: Option<PathBuf>) -> Result<Egress, CliError> {
    let settings = egress_settings(config);
    Egress::new(egress::Settings {
        ca_file,
        ..settings
    })
    .map_err(sentence)
}

/// What the operator says of the way out.
pub(super) fn egress_settings(config: &Config) -> egress::Settings {
    egress::Settings {
        allow_cidrs: config.egress.allow_cidrs.clone(),
        ca_file: config.egress.ca_file.clone(),
        ..egress::Settings::default()
    }
}

/// Opens the store and brings it to this version's schema.
pub(super) async fn store(config: &Config) -> Result<Arc<dyn Store>, CliError> {
    let url = database(config);
    make_data_directory(&config.server.data)?;
    match url.split_once(':') {
        Some(("sqlite", path)) => {
            store::Sqlite::open(Path::new(path), &store::SqliteOptions::default()).map_err(sentence)
        }
        Some(("postgres" | "postgresql", _)) => {
            store::Postgres::connect(&url, &store::PostgresOptions::default())
                .await
                .map_err(sentence)
        }
        _ => Err(CliError::failed(
            "database.url begins neither with sqlite: nor with postgres:".to_owned(),
        )),
    }
}

/// Where the database is.
pub(super) fn database(config: &Config) -> String {
    let embedded = || config.server.data.join("forewarn.db");
    let url = config.database.url.clone();
    url.unwrap_or_else(|| format!("sqlite:{}", embedded().display()))
}

fn make_data_directory(path: &Path) -> Result<(), CliError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| {
        CliError::failed(format!(
            "the data directory {} cannot be made: {e}",
            path.display()
        ))
    })
}

/// The verifier with its keys, which are made at the first start and never again.
pub(super) async fn verifier(config: &Config, store: &dyn Store) -> Result<Verifier, CliError> {
    let path = config
        .server
        .key_file
        .clone()
        .unwrap_or_else(|| config.server.data.join("keys"));
    let tokens_exist = !store
        .tokens_after(None, 1)
        .await
        .map_err(sentence)?
        .is_empty();
    let keys = super::key_file::open(&path, tokens_exist, &SystemRandom).map_err(sentence)?;
    Ok(Verifier::new(keys))
}

/// What use cases and workers are told of the configuration.
pub(super) fn settings(config: &Config, bound: &str) -> Result<Settings, CliError> {
    let n = &config.notifier;
    if n.window < n.interval {
        tracing::warn!(
            "notifier.window of {} is shorter than notifier.interval of {}: what ends between two sweeps may never be logged",
            n.window,
            n.interval
        );
    }
    let public_url = config
        .server
        .public_url
        .clone()
        .unwrap_or_else(|| bound.to_owned());
    let provider = config.sign_in.provider.as_ref();
    Ok(Settings {
        public_url: public_url.trim_end_matches('/').to_owned(),
        // What makes no sense was refused when it was read.
        policies: config.policies().unwrap_or_default(),
        audience: Audience {
            admins: config.audience.admins.clone(),
            catch_all: config.audience.catch_all.clone(),
        },
        owners: config.owners.clone(),
        watchers: config.watchers.clone(),
        reviews: config.reviews.clone(),
        interval: n.interval,
        backoff: n.backoff,
        window: n.window,
        slice: n.log_slice,
        slice_name: n.log_slice_name.clone(),
        sign_in: app::SignIn {
            passwords: config.sign_in.passwords,
            idle: config.sign_in.idle,
            lifetime: config.sign_in.lifetime,
            admit: provider.is_none_or(|p| p.admit),
            roles: provider.map(|p| p.roles.clone()).unwrap_or_default(),
            teams: provider.map(|p| p.teams.clone()).unwrap_or_default(),
        },
        links_need_sign_in: n.links_need_sign_in,
        sources: super::sources::settings(config)?,
    })
}

/// The doors: pages, then everything else.
pub(super) fn front(ctx: &Arc<Context>, config: &Config) -> api::Front {
    let metrics = if config.server.open_metrics {
        api::MetricsAccess::Open
    } else {
        api::MetricsAccess::Scope
    };
    let usual = api::Options::default();
    let failures_a_minute = std::num::NonZeroU32::new(config.server.failures_a_minute);
    let options = api::Options {
        metrics,
        failures_a_minute: failures_a_minute.unwrap_or(usual.failures_a_minute),
        trusted_proxies: api::TrustedProxies::new(config.server.trusted_proxies.clone()),
        ..usual
    };
    let pages = api::Pages {
        router: web::router(Arc::clone(ctx)),
        lost: web::lost(Arc::clone(ctx)),
    };
    api::Front::new(Arc::clone(ctx), options, pages)
}

/// What the workers need beside the context.
pub(super) fn equipment(
    config: &Config,
    egress: &Egress,
    followed: Followed,
) -> Result<worker::Equipment, CliError> {
    let url = config.notifier.heartbeat_url.as_deref();
    let heartbeat = url
        .map(|url| super::heartbeat::Ping::new(egress, url))
        .transpose()?;
    let postgres = config
        .database
        .url
        .as_deref()
        .is_some_and(|u| u.starts_with("postgres"));
    Ok(worker::Equipment {
        heartbeat: heartbeat.map(|ping| Arc::new(ping) as Arc<dyn worker::Heartbeat>),
        // The lock file beside an embedded database keeps others away.
        alone: !postgres,
        followed,
    })
}
