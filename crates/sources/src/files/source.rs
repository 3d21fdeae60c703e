//! Reads the files of one source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::ports::{Batch, Connector, ConnectorError, LineCounts, ReadSummary};
use async_trait::async_trait;
use domain::inventory::{Listed, Observation};
use domain::kernel::SourceId;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::form::Form;
use super::found::Found;
use super::identity::{self, visible};
use super::place::{Place, content, places};
use super::read::read;
use crate::keys::{KeyError, Keys};
use crate::system::{Key, KeyKind, Preset, System, Tools, Ways};

/// Observations sent in one batch.
const BATCH: usize = 1000;
/// Remarks of one read.
const REMARKS_MAX: usize = 20;

/// Files of well-known forms.
pub(crate) struct Files;

impl System for Files {
    fn describe(&self) -> Preset {
        let kinds = [
            "certificate",
            "ca-certificate",
            "jwt",
            "jwk",
            "kubeconfig-user",
            "any",
        ];
        Preset {
            id: "files".to_owned(),
            system: "Files: certificates, tokens, key sets, kubeconfigs, lists".to_owned(),
            kinds: kinds.map(str::to_owned).to_vec(),
            auth: "none: reads files".to_owned(),
            needs: "leave to read them; private keys beside them are not opened up".to_owned(),
            tried: None,
            pages: Vec::new(),
            keys: vec![
                Key::required("paths", KeyKind::List, "files, folders or patterns"),
                Key::optional(
                    "kind",
                    KeyKind::Text,
                    "the form of all of them, where the content should not decide",
                ),
            ],
        }
    }

    fn open(&self, id: SourceId, keys: &mut Keys, _: &Tools) -> Result<Ways, KeyError> {
        let paths = keys.texts("paths")?;
        if paths.is_empty() {
            let says =
                "is missing; it names files, folders or patterns such as [\"/etc/ssl/*.pem\"]";
            return Err(keys.wrong("paths", says));
        }
        let form = match keys.text("kind")? {
            None => None,
            Some(word) => Some(Form::named(&word).ok_or_else(|| {
                keys.wrong("kind", format!("must be one of {}, or absent", Form::WORDS))
            })?),
        };
        let source = FileSource { id, paths, form };
        Ok(Ways {
            connector: Some(Arc::new(source)),
            system: "files".to_owned(),
            ..Ways::default()
        })
    }
}

/// The files of one table of the configuration.
#[derive(Clone, Debug)]
pub(super) struct FileSource {
    pub(super) id: SourceId,
    pub(super) paths: Vec<String>,
    pub(super) form: Option<Form>,
}

/// Which files told of credentials when they were last read as they should be.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Checkpoint {
    told: BTreeSet<String>,
}

#[async_trait]
impl Connector for FileSource {
    fn source(&self) -> &SourceId {
        &self.id
    }

    fn system(&self) -> &str {
        "files"
    }

    async fn read(
        &self,
        checkpoint: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        let source = self.clone();
        let before = checkpoint.and_then(|c| serde_json::from_value(c).ok());
        let pass = move || Pass::new(before.unwrap_or_default()).run(&source, &batches);
        let outcome = tokio::task::spawn_blocking(pass).await;
        outcome.unwrap_or_else(|error| {
            Err(ConnectorError::Unreadable(format!(
                "the reader stopped: {error}"
            )))
        })
    }
}

/// One pass over all files.
struct Pass {
    before: Checkpoint,
    now: Checkpoint,
    found: Vec<Found>,
    rows: BTreeMap<(Option<String>, String, String), Listed>,
    summary: ReadSummary,
}

impl Pass {
    fn new(before: Checkpoint) -> Self {
        let summary = ReadSummary {
            complete: true,
            is_listing: true,
            ..ReadSummary::default()
        };
        Self {
            before,
            now: Checkpoint::default(),
            found: Vec::new(),
            rows: BTreeMap::new(),
            summary,
        }
    }

    fn run(
        mut self,
        source: &FileSource,
        batches: &mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        let (places, failures) = places(&source.paths);
        for failure in failures {
            self.failed(failure);
        }
        for place in &places {
            self.file(place, source.form);
        }
        if self.found.is_empty() && self.rows.is_empty() && !self.summary.complete {
            let first = self.summary.remarks.into_iter().next().unwrap_or_default();
            return Err(ConnectorError::Unavailable(first));
        }
        self.send(batches)
    }

    fn file(&mut self, place: &Place, form: Option<Form>) {
        let path = visible(&place.path.display().to_string());
        let told_before = self.before.told.contains(&path);
        if told_before {
            self.now.told.insert(path.clone());
        }
        let bytes = match content(&place.path) {
            Ok(bytes) => bytes,
            Err(sentence) => return self.failed(sentence),
        };
        let told = read(&place.path, &path, bytes.expose(), form);
        self.summary.read += told.read;
        self.summary.unreadable += told.unreadable;
        self.summary.complete &= told.is_whole;
        let is_silent = told.is_empty() && told.remarks.is_empty();
        for remark in &told.remarks {
            self.remark(remark.clone());
        }
        match told.is_empty() {
            true if told_before => self.failed(format!(
                "{path}: it told of credentials before and tells of none now; nothing is taken for gone"
            )),
            true if is_silent && place.is_named => self.failed(format!("{path}: it holds nothing that is known here")),
            true => {}
            false => {
                self.now.told.insert(path);
            }
        }
        self.found.extend(told.found);
        for row in told.rows {
            let key = (
                row.parent.clone(),
                row.kind.clone(),
                row.external_id.clone(),
            );
            self.rows.insert(key, row);
        }
    }

    /// Something that may hold credentials was not read.
    fn failed(&mut self, sentence: String) {
        self.summary.complete = false;
        self.remark(sentence);
    }

    fn remark(&mut self, sentence: String) {
        if self.summary.remarks.len() < REMARKS_MAX {
            self.summary.remarks.push(sentence);
        }
    }

    fn send(self, batches: &mpsc::Sender<Batch>) -> Result<ReadSummary, ConnectorError> {
        let mut listed = identity::listed(self.found);
        listed.extend(self.rows.into_values());
        let before = serde_json::to_value(&self.before).unwrap_or_default();
        let mut waiting: Vec<Observation> = Vec::new();
        let send = |observations, checkpoint| {
            let batch = Batch {
                observations,
                checkpoint,
                counts: LineCounts::default(),
            };
            batches
                .blocking_send(batch)
                .map_err(|_| ConnectorError::Stopped)
        };
        for one in listed {
            if waiting.len() >= BATCH {
                send(std::mem::take(&mut waiting), before.clone())?;
            }
            waiting.push(Observation::Listed(Box::new(one)));
        }
        send(waiting, serde_json::to_value(&self.now).unwrap_or_default())?;
        Ok(self.summary)
    }
}
