//! Another program pushes what it knows: credentials, or events where the source's
//! system has a form of its own. The shape is documented in `docs/push.md`.

use std::collections::BTreeMap;

use domain::inventory::{End, IssuerOwner, Listed, Observation, PlaceOfUse};
use domain::kernel::{Instant, Name, SourceId};
use serde::Deserialize;

use crate::ports::{Decoded, Decoder, SourceState};
use crate::{AppError, Context, Principal};

use super::{close, reconcile, state};

/// Lines merged in one commit.
const BATCH: usize = 1_000;
/// Lines that are named in a report.
const NAMED: usize = 20;
/// The longest line that is read.
const LINE_MAX: usize = 1024 * 1024;

/// What a push is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// Some of what exists.
    Part,
    /// Everything that exists (`?snapshot=complete`): after two of these, what is missing
    /// is gone.
    Complete,
}

/// What became of the lines. `lines = accepted + skipped + unreadable`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct PushReport {
    /// Lines that are not blank.
    pub lines: u64,
    /// Lines that told of a credential.
    pub accepted: u64,
    /// Lines that can be read and tell of none.
    pub skipped: u64,
    /// Lines that cannot be read.
    pub unreadable: u64,
    /// The first of these, each with its number (from 1) and what is wrong; no contents.
    pub errors: Vec<(u64, String)>,
}

/// Merges pushed lines into the inventory. Lines that cannot be read are counted and
/// reported; they stop nothing. `body` is the whole body: NDJSON, one object a line.
///
/// # Errors
/// [`AppError::Forbidden`] without `observations:write` or a connector token of this very
/// source; [`AppError::NotFound`] for a source that is not configured; the store's, and
/// then what was merged before stands.
pub async fn push_observations(
    ctx: &Context,
    principal: &Principal,
    source: &SourceId,
    body: &[u8],
    pushed: Pushed,
) -> Result<PushReport, AppError> {
    authorise(principal, source)?;
    let Some(mut known) = ctx.store.source(source).await? else {
        return Err(AppError::not_found(format!("source `{source}`")));
    };
    let began = ctx.now();
    let decoders = ctx.decoders.load_full();
    let decoder = decoders.get(source);
    let mut report = PushReport::default();
    let mut batch = Vec::new();
    for line in body.split(|b| *b == b'\n') {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        report.lines += 1;
        match decode(line, decoder.map(AsRef::as_ref)) {
            Ok(told) if told.is_empty() => report.skipped += 1,
            Ok(told) => {
                report.accepted += 1;
                batch.extend(told);
            }
            Err(why) => report.unreadable(why),
        }
        if batch.len() >= BATCH {
            reconcile(ctx, &mut known, &batch, None, began).await?;
            batch.clear();
        }
    }
    reconcile(ctx, &mut known, &batch, None, began).await?;
    finish(ctx, &mut known, &report, pushed, began).await?;
    Ok(report)
}

fn authorise(principal: &Principal, source: &SourceId) -> Result<(), AppError> {
    match &principal.ingest_source {
        Some(bound) if bound != source => Err(AppError::Forbidden {
            missing: Vec::new(),
            sentence: format!("this connector token may push to source `{bound}` only"),
        }),
        // The grant is looked at also for a connector token: its owner may have lost it.
        _ => principal.need("observations:write", "to push observations"),
    }
}

async fn finish(
    ctx: &Context,
    source: &mut SourceState,
    report: &PushReport,
    pushed: Pushed,
    began: Instant,
) -> Result<(), AppError> {
    let mut writes = Vec::new();
    // A snapshot with a line that cannot be read is not a whole one: the credential on
    // that line would seem to be gone.
    let whole = pushed == Pushed::Complete && report.unreadable == 0 && report.accepted > 0;
    if whole {
        writes.extend(close::gone(ctx, source, began).await?);
        source.complete_at = Some(began);
    }
    source.attempted_at = Some(began);
    source.succeeded_at = Some(began);
    source.read = source.read.saturating_add(report.lines);
    source.unreadable = source.unreadable.saturating_add(report.unreadable);
    if source.failing.take().is_some() {
        writes.push(state::look_at(&source.id, began));
    }
    if !source.imported && report.accepted > 0 {
        writes.extend(crate::sweep::release_import(ctx, &source.id).await?);
        source.imported = true;
    }
    state::save_with(ctx, source, writes).await?;
    ctx.sweep_wanted.notify_one();
    Ok(())
}

impl PushReport {
    fn unreadable(&mut self, why: String) {
        self.unreadable += 1;
        if self.errors.len() < NAMED {
            self.errors.push((self.lines, why));
        }
    }
}

/// What a line tells: first in the system's own form, else as a credential.
fn decode(line: &[u8], decoder: Option<&dyn Decoder>) -> Result<Vec<Observation>, String> {
    if line.len() > LINE_MAX {
        return Err("the line is longer than 1 MiB".to_owned());
    }
    match decoder.map(|d| d.decode(line)) {
        Some(Decoded::Told(told)) => return Ok(told),
        Some(Decoded::Nothing) => return Ok(Vec::new()),
        Some(Decoded::NotMine) | None => {}
    }
    let told: PushedCredential =
        serde_json::from_slice(line).map_err(|e| format!("not a credential: {}", place(&e)))?;
    told.listed()
        .map(|l| vec![Observation::Listed(Box::new(l))])
}

/// serde's sentence without the values it quotes.
fn place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match error.classify() {
        serde_json::error::Category::Data if text.starts_with("unknown field") => text,
        serde_json::error::Category::Data if text.starts_with("missing field") => text,
        serde_json::error::Category::Data => {
            format!(
                "a field has a value of the wrong kind at column {}",
                error.column()
            )
        }
        _ => format!("no JSON object at column {}", error.column()),
    }
}

/// One line of a push.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PushedCredential {
    external_id: String,
    #[serde(default = "token")]
    kind: String,
    parent: Option<String>,
    name: Option<String>,
    owner: Option<PushedOwner>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
    created_at: Option<Instant>,
    expires_at: Option<PushedEnd>,
    last_used_at: Option<Instant>,
    #[serde(default)]
    use_is_known: bool,
    revoked_at: Option<Instant>,
    #[serde(default)]
    suspended: bool,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    used_by: Vec<PlaceOfUse>,
    origin_url: Option<String>,
    #[serde(default)]
    advice: Vec<String>,
}

/// An instant, or the word `never`; absent means that nobody knows.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum PushedEnd {
    At(Instant),
    Word(NeverWord),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NeverWord {
    Never,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum PushedOwner {
    Word(String),
    Full {
        #[serde(default)]
        id: String,
        name: Option<String>,
        email: Option<String>,
    },
}

fn token() -> String {
    "token".to_owned()
}

impl PushedCredential {
    fn listed(self) -> Result<Listed, String> {
        if self.external_id.is_empty() {
            return Err("`external_id` is empty".to_owned());
        }
        let end = match self.expires_at {
            Some(PushedEnd::At(at)) => End::Known(at),
            Some(PushedEnd::Word(NeverWord::Never)) => End::Never,
            None => End::Unknown,
        };
        Ok(Listed {
            external_id: self.external_id,
            parent: self.parent,
            kind: self.kind,
            name: self.name.as_deref().and_then(Name::lossy),
            owner: self.owner.map(PushedOwner::into),
            scopes: self.scopes,
            roles: self.roles,
            created_at: self.created_at,
            end,
            use_is_known: self.use_is_known || self.last_used_at.is_some(),
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
            suspended: self.suspended,
            labels: self.labels,
            used_by: self.used_by,
            origin_url: self.origin_url,
            advice: self.advice,
        })
    }
}

impl From<PushedOwner> for IssuerOwner {
    fn from(told: PushedOwner) -> Self {
        match told {
            PushedOwner::Word(id) => Self {
                id,
                name: None,
                email: None,
            },
            PushedOwner::Full { id, name, email } => Self { id, name, email },
        }
    }
}
