//! Another program pushes what it knows: credentials, or events where the source's
//! system has a form of its own. Reads line by line and never holds a whole body.

use domain::inventory::Observation;
use domain::kernel::{Instant, SourceId};
use futures_util::{Stream, StreamExt as _};

use crate::ports::{Decoder, SourceState, StoreError};
use crate::{AppError, Context, Principal};

use super::conclude::{Ended, Seen, conclude};
use super::lines::Lines;
use super::pushed::decode;
use super::{Tally, reconcile};

/// Lines merged in one commit.
const BATCH: usize = 1_000;
/// Lines that are named in a report.
const NAMED: usize = 20;
/// Lines that are named when a body is only checked.
const NAMED_IN_CHECK: usize = 10_000;
/// Bytes of sentences after which no further line is named.
const NAMED_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of lines after which a batch is full, however few they are.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// So much of a piece is read before it is looked whether the batch is full.
const PIECE_MAX: usize = 64 * 1024;

/// What a push is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// Some of what exists.
    Part,
    /// Everything that exists (`?snapshot=complete`): after two of these, what is missing
    /// is gone.
    Complete,
    /// Nothing that shall be kept: only said is how many lines can be read, and which
    /// cannot: the first 10,000 are named.
    Check,
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
    /// The first of these, each with its number (from 1) and what is wrong: 20, and 10,000
    /// where a body is only checked, but no more than 4 MiB of sentences. Repeats no value;
    /// of the name of an unknown field the first 64 printable characters.
    pub errors: Vec<(u64, String)>,
}

/// Why a push ended before its body did.
#[derive(Debug, PartialEq, Eq)]
pub enum PushError<E> {
    /// It may not or cannot be done.
    App(AppError),
    /// The body could not be read to its end.
    Body(E),
}

impl<E> From<AppError> for PushError<E> {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl<E> From<StoreError> for PushError<E> {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Merges pushed lines into the inventory as they come. Lines that cannot be read are
/// counted and reported; they stop nothing. `body` is NDJSON, one object a line, in
/// pieces of any size; memory follows the longest line, one batch, and the lines that are
/// named in the report, of which there is a most ([`PushReport::errors`]), not the body.
///
/// # Errors
/// [`AppError::Forbidden`] without `observations:write` or a connector token of this very
/// source; [`AppError::NotFound`] for a source that is not configured; the store's and
/// the body's. What was merged before stands, and a body that broke off ends nothing.
pub async fn push_observations<B: AsRef<[u8]>, E>(
    ctx: &Context,
    principal: &Principal,
    source: &SourceId,
    body: impl Stream<Item = Result<B, E>>,
    pushed: Pushed,
) -> Result<PushReport, PushError<E>> {
    authorise(principal, source)?;
    let Some(mut known) = ctx.store.source(source).await? else {
        return Err(AppError::not_found(format!("source `{source}`")).into());
    };
    let began = ctx.now();
    let decoders = ctx.decoders.load_full();
    let mut reading = Reading::of(decoders.get(source).map(AsRef::as_ref), pushed);
    let mut lines = Lines::default();
    let mut tally = Tally::default();
    let mut body = std::pin::pin!(body);
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(PushError::Body)?;
        for part in piece.as_ref().chunks(PIECE_MAX) {
            lines.take(part, |line| reading.line(line));
            if reading.is_full() {
                tally += reconcile(ctx, &mut known, &reading.batch(), None, began).await?;
            }
        }
    }
    lines.end(|line| reading.line(line));
    if pushed == Pushed::Check {
        return Ok(reading.report);
    }
    tally += reconcile(ctx, &mut known, &reading.batch(), None, began).await?;
    finish(ctx, &mut known, &reading.report, tally, pushed, began).await?;
    Ok(reading.report)
}

/// What was read of a body, and what of it is not merged yet.
struct Reading<'a> {
    decoder: Option<&'a dyn Decoder>,
    report: PushReport,
    batch: Vec<Observation>,
    /// Bytes of the lines in the batch.
    weight: usize,
    /// Lines that are named at most.
    named: usize,
    /// Bytes of sentences that may still be said.
    room: usize,
    /// Whether what can be read is kept for a batch.
    keeps: bool,
}

impl<'a> Reading<'a> {
    fn of(decoder: Option<&'a dyn Decoder>, pushed: Pushed) -> Self {
        let keeps = pushed != Pushed::Check;
        Self {
            decoder,
            report: PushReport::default(),
            batch: Vec::new(),
            weight: 0,
            named: if keeps { NAMED } else { NAMED_IN_CHECK },
            room: NAMED_BYTES,
            keeps,
        }
    }

    /// Counts a line and keeps what it tells; `None` is one that is too long.
    fn line(&mut self, line: Option<&[u8]>) {
        self.report.lines += 1;
        let told = match line {
            Some(line) => decode(line, self.decoder),
            None => Err("the line is longer than 1 MiB".to_owned()),
        };
        match told {
            Ok(told) if told.is_empty() => self.report.skipped += 1,
            Ok(_) if !self.keeps => self.report.accepted += 1,
            Ok(told) => {
                self.report.accepted += 1;
                self.batch.extend(told);
                self.weight += line.map_or(0, <[u8]>::len);
            }
            Err(why) => self.unreadable(why),
        }
    }

    fn unreadable(&mut self, why: String) {
        self.report.unreadable += 1;
        if self.report.errors.len() >= self.named {
            return;
        }
        match self.room.checked_sub(why.len()) {
            Some(left) => {
                self.room = left;
                self.report.errors.push((self.report.lines, why));
            }
            // The first ones are named, without a gap.
            None => self.named = 0,
        }
    }

    const fn is_full(&self) -> bool {
        self.batch.len() >= BATCH || self.weight >= BATCH_BYTES
    }

    fn batch(&mut self) -> Vec<Observation> {
        self.weight = 0;
        std::mem::take(&mut self.batch)
    }
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
    tally: Tally,
    pushed: Pushed,
    began: Instant,
) -> Result<(), StoreError> {
    // A snapshot with a line that cannot be read is not a whole one: the credential on
    // that line would seem to be gone.
    let seen = match (pushed, report.unreadable) {
        (Pushed::Part | Pushed::Check, _) => Seen::Some,
        (Pushed::Complete, 0) => Seen::All,
        (Pushed::Complete, n) => Seen::Part(format!(
            "{n} lines of the snapshot that was pushed cannot be read"
        )),
    };
    let ended = Ended {
        began,
        seen,
        tally,
        read: report.lines,
        unreadable: report.unreadable,
        remarks: Vec::new(),
        interval: None,
    };
    conclude(ctx, source, ended).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(lines: usize, line: &str) -> PushReport {
        let mut reading = Reading::of(None, Pushed::Check);
        (0..lines).for_each(|_| reading.line(Some(line.as_bytes())));
        reading.report
    }

    #[test]
    fn a_check_names_ten_thousand_lines_and_counts_the_others() {
        for (lines, named) in [(9_999, 9_999), (10_000, 10_000), (10_001, 10_000)] {
            let report = checked(lines, "{}");
            let unreadable = usize::try_from(report.unreadable).unwrap();
            assert_eq!((unreadable, report.errors.len()), (lines, named));
        }
    }

    #[test]
    fn a_check_of_long_names_says_no_more_than_its_bytes() {
        let name = "\u{10000}".repeat(1_000);
        let report = checked(10_000, &format!("{{\"{name}\":1}}"));
        let said: usize = report.errors.iter().map(|(_, why)| why.len()).sum();
        assert!(said <= NAMED_BYTES && said > NAMED_BYTES / 2, "{said}");
        assert_eq!(report.unreadable, 10_000);
        let last = u64::try_from(report.errors.len()).unwrap();
        assert_eq!(report.errors.last().unwrap().0, last);
    }
}
