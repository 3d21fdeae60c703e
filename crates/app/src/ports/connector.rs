//! A way in: reads what another system knows of its credentials.

use async_trait::async_trait;
use domain::inventory::{Listed, Observation};
use domain::kernel::SourceId;
use tokio::sync::mpsc;

/// Reads one source. One value per table of the configuration.
#[async_trait]
pub trait Connector: Send + Sync {
    /// The key of its table in the configuration.
    fn source(&self) -> &SourceId;
    /// `foundry`, `gitlab`, …
    fn system(&self) -> &str;
    /// Reads on from a checkpoint (`None` at first) and sends batches, each with the
    /// checkpoint that stands once the batch is stored. Observations and checkpoint are
    /// saved in one commit, so nothing is counted twice and nothing is lost.
    ///
    /// # Errors
    /// What was sent before still counts; a failed read closes nothing.
    async fn read(
        &self,
        checkpoint: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError>;
    /// Reads a page or so and shows how it is understood, beside what it was made from.
    /// Remembers nothing.
    ///
    /// # Errors
    /// [`ConnectorError::NoPreview`] where the way in has no fields to show; then the
    /// beginning of a read is shown instead.
    async fn preview(&self) -> Result<Preview, ConnectorError> {
        Err(ConnectorError::NoPreview)
    }
}

/// How the beginning of a source is understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// What was read, a few rows.
    pub rows: Vec<PreviewRow>,
    /// Sentences for the operator; no contents.
    pub remarks: Vec<String>,
    /// Whether that is everything that exists.
    pub complete: bool,
}

/// One row beside what it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewRow {
    /// As it would be kept.
    pub told: Listed,
    /// The fields that are mapped, with their values: pointer and text. Nothing that is
    /// not kept may stand here.
    pub raw: Vec<(String, String)>,
    /// Names of the fields that are not mapped; their values are never shown.
    pub withheld: Vec<String>,
}

/// Observations that are stored together with the checkpoint behind them.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What was read.
    pub observations: Vec<Observation>,
    /// Where to read on from once this batch is stored.
    pub checkpoint: serde_json::Value,
    /// What this batch adds to the source's counts, in the same commit. A reader that
    /// leaves it at nothing has its summary counted when the read went through.
    pub counts: LineCounts,
}

/// Lines or items that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// Lines or items read.
    pub read: u64,
    /// Of these, unreadable.
    pub unreadable: u64,
}

impl std::ops::AddAssign for LineCounts {
    fn add_assign(&mut self, more: Self) {
        self.read = self.read.saturating_add(more.read);
        self.unreadable = self.unreadable.saturating_add(more.unreadable);
    }
}

/// Reads single lines in a system's own form, for what is pushed.
pub trait Decoder: Send + Sync {
    /// What one line tells.
    fn decode(&self, line: &[u8]) -> Decoded;
}

/// What a line told.
#[derive(Clone, Debug, PartialEq)]
pub enum Decoded {
    /// Something of credentials.
    Told(Vec<Observation>),
    /// It is of the system's form and tells of no credential.
    Nothing,
    /// It is of another form.
    NotMine,
}

/// How a read went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Whether everything that exists was seen. Only two complete reads that lack a
    /// listed credential make it *gone*; event logs are never complete in this sense.
    pub complete: bool,
    /// Why a listing is not complete, in a sentence for the operator: which cap was met,
    /// which page was refused. Said only where `complete` is false and `is_listing` true.
    pub partial: Option<String>,
    /// Whether each observation lists what exists now (`true`) or tells of events.
    pub is_listing: bool,
    /// Lines or items read, also those that batches counted.
    pub read: u64,
    /// Lines or items that could not be read; counted and shown, never fatal.
    pub unreadable: u64,
    /// Sentences for the operator: what was skipped and why. No contents.
    pub remarks: Vec<String>,
}

/// Why a read failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    /// Cannot be reached or opened; worth another try later.
    #[error("{0}")]
    Unavailable(String),
    /// The source's own credential is refused.
    #[error("the source refuses its credential: {0}")]
    Auth(String),
    /// Answers, but not as its documentation says.
    #[error("the source answers in a form that cannot be read: {0}")]
    Unreadable(String),
    /// There is nothing to show beside what was read.
    #[error("this way in has no preview")]
    NoPreview,
    /// Nobody takes the batches any more; the read stopped.
    #[error("the read was stopped")]
    Stopped,
}
