//! The ways in that the configuration names: made, made known, replaced on reload.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use app::Context;
use app::ports::{Connector, Decoder};
use app::sources::{OwnerMap, SourceSettings};
use domain::kernel::SourceId;
use serde::Deserialize as _;
use sources::{Keys, OpenSecret, SecretHandle, Tools, Ways};

use super::build::{Environment, egress_settings, sentence};
use crate::cli::CliError;
use crate::config::{Config, SecretRef, SourceConfig};

/// The opened sources, before they are put to use.
pub(super) struct Opened {
    ways: BTreeMap<SourceId, Ways>,
}

/// Opens every source of the configuration; nothing is asked of them yet.
pub(super) fn open(
    config: &Config,
    egress: &egress::Egress,
    clock: &Arc<dyn app::ports::Clock>,
    environment: &Environment,
) -> Result<Opened, CliError> {
    let tools = Tools {
        egress: egress.clone(),
        egress_settings: egress_settings(config),
        clock: Arc::clone(clock),
    };
    let secrets = secrets(environment);
    let mut ways = BTreeMap::new();
    for (id, source) in &config.sources {
        let key = SourceId::parse(id.clone()).map_err(sentence)?;
        ways.insert(key.clone(), one(key, source, &secrets, &tools)?);
    }
    Ok(Opened { ways })
}

fn one(
    id: SourceId,
    source: &SourceConfig,
    secrets: &OpenSecret,
    tools: &Tools,
) -> Result<Ways, CliError> {
    let keys = Keys::new(id.as_str(), source.keys.clone(), Arc::clone(secrets));
    let (system, preset) = (source.system.as_deref(), source.preset.as_deref());
    sources::open(system, preset, id, keys, tools).map_err(sentence)
}

/// What the configuration says of each source beside how it is read.
///
/// Rows of an owner file that cannot be used are named in the log and left out: they take
/// nothing from the others.
pub(super) fn settings(config: &Config) -> Result<BTreeMap<SourceId, SourceSettings>, CliError> {
    let one = |(id, source): (&String, &SourceConfig)| {
        let key = SourceId::parse(id.clone()).map_err(sentence)?;
        let settings = SourceSettings {
            interval: source.interval,
            team: source.team.clone(),
            owners: owners(id, source.owners.as_deref())?,
            labels: source.labels.clone(),
            own_id: source.own_id.clone(),
            advice: source.advice.clone(),
            renew_url: None,
        };
        Ok((key, settings))
    };
    config.sources.iter().map(one).collect()
}

fn owners(id: &str, file: Option<&Path>) -> Result<OwnerMap, CliError> {
    let Some(file) = file else {
        return Ok(OwnerMap::default());
    };
    let shown = file.display();
    let content = std::fs::read(file).map_err(|error| {
        CliError::failed(format!(
            "`sources.{id}.owners`: {shown} cannot be read: {error}"
        ))
    })?;
    let (map, errors) = OwnerMap::parse(&content);
    for error in &errors {
        tracing::warn!(source = %id, file = %shown, %error, "a row of the owner file is left out");
    }
    if map.is_empty() && !errors.is_empty() {
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        return Err(CliError::failed(format!(
            "`sources.{id}.owners`: {shown}, {first}"
        )));
    }
    Ok(map)
}

/// How a reference to a secret is read: by the configuration's rules, anew each time.
fn secrets(environment: &Environment) -> OpenSecret {
    let environment: Arc<Environment> = environment.into();
    Arc::new(move |value| {
        let reference =
            SecretRef::deserialize(value.clone()).map_err(|e| e.message().to_owned())?;
        let environment = Arc::clone(&environment);
        Ok(SecretHandle::new(move || {
            reference.read(&environment).map_err(|e| e.to_string())
        }))
    })
}

impl Opened {
    /// Adds what the systems themselves say of each source.
    pub(super) fn add_to(&self, settings: &mut BTreeMap<SourceId, SourceSettings>) {
        for (id, ways) in &self.ways {
            let source = settings.entry(id.clone()).or_default();
            source.renew_url.clone_from(&ways.renew_url);
            source.advice.extend(ways.advice.iter().cloned());
        }
    }

    /// Makes the sources known and puts them in the place of those before. A source that
    /// is no longer named is not read any more; what is known of it stands.
    pub(super) async fn put_to_use(self, ctx: &Context) -> Result<(), CliError> {
        let mut connectors: BTreeMap<SourceId, Arc<dyn Connector>> = BTreeMap::new();
        let mut decoders: BTreeMap<SourceId, Arc<dyn Decoder>> = BTreeMap::new();
        for (id, ways) in self.ways {
            app::reconcile::register(ctx, &id, &ways.system)
                .await
                .map_err(sentence)?;
            connectors.extend(ways.connector.map(|connector| (id.clone(), connector)));
            decoders.extend(ways.decoder.map(|decoder| (id, decoder)));
        }
        ctx.connectors.store(Arc::new(connectors));
        ctx.decoders.store(Arc::new(decoders));
        ctx.sync_wanted.notify_one();
        Ok(())
    }
}
