//! A source that reads as its preset says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use app::ports::{Batch, Connector, ConnectorError, LineCounts, Preview, ReadSummary};
use async_trait::async_trait;
use domain::inventory::Observation;
use domain::kernel::SourceId;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::document::{Document, List};
use super::files;
use super::lookup::Lookups;
use super::own::{self, Me};
use super::preview;
use super::probe;
use super::session::Wire;
use super::settings::Settings;
use super::signer::Signer;
use super::template::Template;
use super::walk::{Counts, Ended, Row, Sink, Walk};

/// Observations sent in one batch.
const BATCH: usize = 1_000;

/// A source that reads as its preset says.
pub(super) struct PresetSource {
    pub id: SourceId,
    pub document: Arc<Document>,
    pub settings: Arc<Settings>,
    pub wire: Wire,
    pub signer: Signer,
    /// Of the lists that sign in by themselves, by name.
    pub signers: BTreeMap<String, Signer>,
}

/// What is remembered between reads.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// Optional lists that could be read once. If they cannot be read later, that is news,
    /// and no sign that what they listed is gone.
    seen: BTreeSet<String>,
}

#[async_trait]
impl Connector for PresetSource {
    fn source(&self) -> &SourceId {
        &self.id
    }

    #[expect(
        clippy::misnamed_getters,
        reason = "a system is known by its id; `document.system` is what people call it"
    )]
    fn system(&self) -> &str {
        &self.document.id
    }

    async fn read(
        &self,
        checkpoint: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        let memory = checkpoint.and_then(|c| serde_json::from_value(c).ok());
        let memory: Memory = memory.unwrap_or_default();
        let into = IntoBatches {
            batches,
            memory: Mutex::new(memory),
        };
        let mut walk = self.walk(&into);
        let me = match &self.document.own {
            Some(own) => own::ask(own, &walk, &self.signer).await,
            None => None,
        };
        walk.own = me.as_ref().and_then(|me| me.external_id.clone());
        let mut summary = ReadSummary {
            complete: true,
            is_listing: true,
            ..ReadSummary::default()
        };
        let mut failed = None;
        for list in self.lists() {
            match self.one(list, &walk).await {
                Ok(ended) => into.note(list, ended, &mut summary),
                Err(ConnectorError::Stopped) => return Err(ConnectorError::Stopped),
                // Its sign-in is the credential too.
                Err(ConnectorError::Auth(why)) if self.document.probe => walk.refuse(why),
                Err(error) => drop(failed.get_or_insert(error)),
            }
        }
        // What the memory holds is stored even if nothing was listed.
        let mut unsaid = self.unseen(me, &walk);
        unsaid.extend(self.refused(&walk));
        into.send(unsaid).await?;
        let counts = walk.counts.lock().unwrap_or_else(PoisonError::into_inner);
        count(&counts, &mut summary);
        match failed {
            Some(error) => Err(error),
            None => Ok(summary),
        }
    }

    async fn preview(&self) -> Result<Preview, ConnectorError> {
        preview::preview(self).await
    }
}

impl PresetSource {
    /// The lists that are wanted.
    pub(super) fn lists(&self) -> impl Iterator<Item = &List> {
        let settings = &self.settings;
        let wanted = |list: &&List| {
            let when = list.when.0.iter().all(|name| settings.is_given(name));
            let unless = list.unless.0.iter().any(|name| settings.is_given(name));
            let mut files = list.files.iter().flat_map(Template::settings);
            when && !unless && files.all(|name| settings.is_given(name))
        };
        self.document.lists.iter().filter(wanted)
    }

    pub(super) fn walk<'a>(&'a self, sink: &'a dyn Sink) -> Walk<'a> {
        Walk {
            document: &self.document,
            settings: &self.settings,
            wire: &self.wire,
            sink,
            lookups: Lookups::default(),
            counts: Mutex::default(),
            now: self.wire.clock.now(),
            probe: self.document.probe.then_some(self.id.as_str()),
            own: None,
            own_seen: AtomicBool::new(false),
        }
    }

    /// The source's own credential, if no list showed it.
    fn unseen(&self, me: Option<Me>, walk: &Walk<'_>) -> Vec<Observation> {
        let (Some(own), Some(me)) = (&self.document.own, me) else {
            return Vec::new();
        };
        let mut lists = self.document.lists.iter();
        let list = lists.find(|list| own.list.as_ref() == Some(&list.name));
        let listed = list.filter(|_| !walk.own_seen.load(Ordering::Relaxed));
        let listed = listed.and_then(|list| me.listed(own, list, walk));
        listed.map(Observation::Listed).into_iter().collect()
    }

    /// What a probe found refused.
    fn refused(&self, walk: &Walk<'_>) -> Option<Observation> {
        let counts = walk.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let why = counts.refused.clone()?;
        let list = self.document.lists.first()?;
        Some(probe::refused(walk, list, self.id.as_str(), why))
    }

    pub(super) async fn one(&self, list: &List, walk: &Walk<'_>) -> Result<Ended, ConnectorError> {
        let signer = self.signers.get(&list.name).unwrap_or(&self.signer);
        match &list.files {
            Some(files) => files::read(list, files, walk, signer).await,
            None => walk.list(list, signer).await,
        }
    }
}

fn count(counts: &Counts, summary: &mut ReadSummary) {
    summary.read = counts.read;
    summary.unreadable = counts.unreadable;
    if counts.unreadable > 0 {
        summary.complete = false;
        let items = counts.unreadable;
        let why = format!("{items} items have no id and are left out");
        summary.partial.get_or_insert(why.clone());
        summary.remarks.push(why);
    }
    if counts.ends_unreadable > 0 {
        let items = counts.ends_unreadable;
        summary
            .remarks
            .push(format!("{items} items have an end that cannot be read"));
    }
}

/// Sends what is read on, in batches.
struct IntoBatches {
    batches: mpsc::Sender<Batch>,
    memory: Mutex<Memory>,
}

impl IntoBatches {
    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a list's end means for the read as a whole.
    fn note(&self, list: &List, ended: Ended, summary: &mut ReadSummary) {
        let name = &list.name;
        match ended {
            Ended::Whole | Ended::Gone(_) => {
                if list.optional {
                    self.memory().seen.insert(name.clone());
                }
            }
            Ended::Partial(why) => {
                summary.complete = false;
                let why = format!("`{name}` was read in part: {why}");
                summary.partial.get_or_insert(why.clone());
                summary.remarks.push(why);
            }
            Ended::LeftOut(status) => {
                let known = self.memory().seen.contains(name);
                summary.complete &= !known;
                let was = if known {
                    ", and could be read before"
                } else {
                    ""
                };
                summary
                    .remarks
                    .push(format!("`{name}` answers {status} and is left out{was}"));
            }
        }
    }

    async fn send(&self, observations: Vec<Observation>) -> Result<(), ConnectorError> {
        let checkpoint = serde_json::to_value(&*self.memory()).unwrap_or_default();
        let batch = Batch {
            observations,
            checkpoint,
            // A listing is counted as a whole, by its summary.
            counts: LineCounts::default(),
        };
        self.batches
            .send(batch)
            .await
            .map_err(|_| ConnectorError::Stopped)
    }
}

#[async_trait]
impl Sink for IntoBatches {
    async fn take(&self, rows: Vec<Row>) -> Result<(), ConnectorError> {
        let mut rows = rows.into_iter();
        loop {
            let some: Vec<Observation> = rows
                .by_ref()
                .take(BATCH)
                .map(|row| Observation::Listed(row.listed))
                .collect();
            if some.is_empty() {
                return Ok(());
            }
            self.send(some).await?;
        }
    }

    fn is_preview(&self) -> bool {
        false
    }
}
