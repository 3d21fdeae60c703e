//! The log files of an organization, over Foundry's own API.
//!
//! # Theory of operation
//! The list of files has pages; the token of the next one is a durable cursor. A file's
//! observations go out in batches that repeat the cursor as it stood, and the last one
//! carries the cursor that holds the file. Observations and cursor are stored in one
//! commit, so a death in between fetches those files again that were under way and
//! nothing else; what they tell is merged, and their lines are counted by the last batch
//! alone. Pages: palantir/foundry-platform-python `docs/v2/Audit/LogFile.md`, read
//! 2026-11-26.

mod client;
mod content;
mod cursor;
mod names;

use std::collections::BTreeSet;

use app::ports::{Batch, Connector, ConnectorError, LineCounts, ReadSummary};
use async_trait::async_trait;
use domain::inventory::Observation;
use domain::kernel::SourceId;
use egress::Streamed;
use serde::Deserialize;
use tokio::sync::mpsc;

pub(crate) use client::Client;
use client::Refused;
use content::Part;
use cursor::Cursor;
use names::Directory;

use super::FoundryEvents;
use crate::auth::Bearer;

/// Files asked for in one page; the server may give more or less.
const PAGE_SIZE: &str = "100";
/// Pages in one read; the next read goes on.
const PAGES_MAX: usize = 10_000;
/// Empty pages in a row after which nothing more is expected.
const EMPTY_MAX: usize = 3;
/// Files in a row that cannot be read, after which the read ends.
const FAILURES_MAX: usize = 3;

/// Reads the log files of one organization.
pub struct FoundryApi {
    pub(crate) source: SourceId,
    pub(crate) organization: String,
    /// The first day, `YYYY-MM-DD`; `None`: a year before the first read.
    pub(crate) since: Option<String>,
    pub(crate) client: Client,
    /// For the log files.
    pub(crate) audit: Bearer,
    /// For names; `None`: nobody is looked up.
    pub(crate) admin: Option<Bearer>,
    pub(crate) events: FoundryEvents,
}

/// A page of the list. Without `data` it is no list at all.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    data: Vec<LogFile>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct LogFile {
    id: String,
}

#[async_trait]
impl Connector for FoundryApi {
    fn source(&self) -> &SourceId {
        &self.source
    }

    fn system(&self) -> &str {
        "foundry"
    }

    async fn read(
        &self,
        checkpoint: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        let list = format!("{} {}", self.client.base, self.organization);
        let now = self.client.clock.now();
        let pass = Pass {
            api: self,
            cursor: Cursor::open(checkpoint, &list, self.since.as_deref(), now),
            directory: Directory::new(&self.client, self.admin.as_ref()),
            batches,
            summary: ReadSummary::default(),
            first_failure: None,
            restarted: false,
        };
        pass.run().await
    }
}

/// One read.
struct Pass<'a> {
    api: &'a FoundryApi,
    cursor: Cursor,
    directory: Directory<'a>,
    batches: mpsc::Sender<Batch>,
    summary: ReadSummary,
    /// Why a file of this page could not be read.
    first_failure: Option<ConnectorError>,
    /// Whether the list began anew.
    restarted: bool,
}

/// What follows a page.
enum Next {
    Page,
    Nothing,
}

impl Pass<'_> {
    async fn run(mut self) -> Result<ReadSummary, ConnectorError> {
        let named = self.directory.try_again(&mut self.cursor.names).await;
        if !named.is_empty() {
            self.give(named, LineCounts::default()).await?;
        }
        let began = self.summary.clone();
        match self.pages().await {
            Ok(()) => {}
            // What was read before a limit counts; the next read goes on from there.
            Err(Refused::Limit(wait)) if self.summary != began => {
                let seconds = wait.as_secs();
                self.remark(format!(
                    "it asks to wait {seconds} s; the rest follows with the next reads"
                ));
            }
            Err(refused) => return Err(refused.into_error("the list of log files")),
        }
        self.summary.remarks.extend(self.directory.remark());
        Ok(self.summary)
    }

    async fn pages(&mut self) -> Result<(), Refused> {
        let (mut seen, mut empty) = (BTreeSet::new(), 0);
        for _ in 0..PAGES_MAX {
            let Some(page) = self.page().await? else {
                continue;
            };
            empty = if page.data.is_empty() { empty + 1 } else { 0 };
            self.files(&page.data).await?;
            if let Next::Nothing = self.turn(page.next_page_token, &mut seen, empty).await? {
                return Ok(());
            }
        }
        self.remark(format!(
            "{PAGES_MAX} pages were read; the next read goes on"
        ));
        Ok(())
    }

    /// `None` when the cursor was of no use and the list begins anew.
    async fn page(&mut self) -> Result<Option<Page>, Refused> {
        let organization = self.api.organization.as_str();
        let parts = ["audit", "organizations", organization, "logFiles"];
        let query = [self.cursor.query(), ("pageSize", PAGE_SIZE)];
        let url = self.api.client.url(&parts, &query)?;
        match self.api.client.json(&self.api.audit, &url).await {
            Ok(page) => Ok(Some(page)),
            // Once in a read: a server that hands out what it does not know is broken.
            Err(Refused::Cursor) if !std::mem::replace(&mut self.restarted, true) => {
                match self.cursor.restart() {
                    Some(day) => {
                        let sentence = format!(
                            "the place in the list was not known any more; it is read again from {day}"
                        );
                        self.remark(sentence);
                        Ok(None)
                    }
                    None => Err(Refused::Cursor),
                }
            }
            Err(refused) => Err(refused),
        }
    }

    /// Reads the files of a page that are not stored yet.
    async fn files(&mut self, files: &[LogFile]) -> Result<(), Refused> {
        let mut failures = 0;
        for file in files {
            if self.cursor.has_stored(&file.id) {
                continue;
            }
            match self.file(&file.id, files.len()).await {
                Ok(()) => failures = 0,
                Err(Refused::Failed(ConnectorError::Unavailable(why))) => {
                    failures += 1;
                    let error = ConnectorError::Unavailable(format!(
                        "a log file cannot be read, and is tried again: {why}"
                    ));
                    self.first_failure.get_or_insert(error);
                    if failures == FAILURES_MAX {
                        break;
                    }
                }
                Err(refused) => return Err(refused),
            }
        }
        // The page stays where it is until all of it is stored.
        match self.first_failure.take() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    async fn file(&mut self, id: &str, page_size: usize) -> Result<(), Refused> {
        let mut counts = LineCounts::default();
        match self.content(id).await {
            Ok(end) => {
                counts.read = end.counts.lines;
                counts.unreadable = end.counts.unreadable;
                if end.broken {
                    self.remark(
                        "a log file ends inside its compression; its complete lines were used",
                    );
                }
            }
            Err(Refused::Missing) => {
                self.remark("a log file that the list names does not exist any more");
            }
            Err(refused) => return Err(refused),
        }
        self.cursor.store(id, page_size);
        self.summary.read += counts.read;
        self.summary.unreadable += counts.unreadable;
        self.give(Vec::new(), counts).await?;
        Ok(())
    }

    /// Reads a file and hands on what it tells; from its beginning again where it broke
    /// off on the way.
    async fn content(&mut self, id: &str) -> Result<content::End, Refused> {
        let mut failures = 0;
        loop {
            let answer = self.open(id).await?;
            match self.drain(answer).await {
                Ok(end) => return Ok(end),
                Err(refused) => {
                    failures += 1;
                    self.api.client.wait_or_fail(failures, refused).await?;
                }
            }
        }
    }

    async fn open(&self, id: &str) -> Result<Streamed, Refused> {
        let api = self.api;
        let parts = [
            "audit",
            "organizations",
            &api.organization,
            "logFiles",
            id,
            "content",
        ];
        let url = api.client.url(&parts, &[])?;
        let answer = api
            .client
            .get(&api.audit, &url, "application/octet-stream")
            .await;
        let answer = answer.map_err(|refused| match refused {
            Refused::Cursor => unreadable("it refuses the request for a log file"),
            other => other,
        })?;
        let kind = answer.header("content-type").unwrap_or_default();
        if kind.trim_start().starts_with("text/html") {
            return Err(unreadable(
                "a web page came instead of a log file; is a sign-in page in between?",
            ));
        }
        Ok(answer)
    }

    async fn drain(&mut self, answer: Streamed) -> Result<content::End, Refused> {
        let mut reading = content::open(answer, self.api.events.clone());
        loop {
            match reading.next().await? {
                Part::End(end) => return Ok(end),
                Part::Told(told) => {
                    let named = self.directory.name(&mut self.cursor.names, told).await;
                    self.give(named, LineCounts::default()).await?;
                }
            }
        }
    }

    /// Turns to the next page, or ends the read.
    async fn turn(
        &mut self,
        next: Option<String>,
        seen: &mut BTreeSet<String>,
        empty: usize,
    ) -> Result<Next, Refused> {
        let next = next.filter(|next| !next.is_empty() && !self.cursor.is_at(next));
        let Some(next) = next else {
            self.cursor.caught_up(self.api.client.clock.now());
            self.give(Vec::new(), LineCounts::default()).await?;
            return Ok(Next::Nothing);
        };
        if !seen.insert(next.clone()) {
            self.remark("a page of the list came twice; the read ended there");
            return Ok(Next::Nothing);
        }
        self.cursor.turn_to(next);
        if empty >= EMPTY_MAX {
            self.cursor.caught_up(self.api.client.clock.now());
        }
        self.give(Vec::new(), LineCounts::default()).await?;
        Ok(if empty >= EMPTY_MAX {
            Next::Nothing
        } else {
            Next::Page
        })
    }

    async fn give(
        &mut self,
        observations: Vec<Observation>,
        counts: LineCounts,
    ) -> Result<(), ConnectorError> {
        let checkpoint = serde_json::to_value(&self.cursor).unwrap_or_default();
        let batch = Batch {
            observations,
            checkpoint,
            counts,
        };
        let given = self.batches.send(batch).await;
        given.map_err(|_| ConnectorError::Stopped)
    }

    fn remark(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        // One sentence says it, however many files it is true of.
        if !self.summary.remarks.contains(&sentence) {
            self.summary.remarks.push(sentence);
        }
    }
}

fn unreadable(sentence: &str) -> Refused {
    ConnectorError::Unreadable(sentence.to_owned()).into()
}

#[cfg(test)]
mod tests;
