//! The demonstration's way out: letters are kept to be looked at, nothing is sent.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use app::ports::{Cause, Channel, DeliveryError, MessageContent, Receipt, RenderError, Verdict};
use async_trait::async_trait;
use domain::kernel::{ChannelId, Instant, MessageId};
use serde::{Deserialize, Serialize};

use crate::failure::failure;
use crate::render::render;

/// The most letters kept in memory; older ones make room.
pub const KEPT_MAX: usize = 1_000;

/// A letter that was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// For whom.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
}

/// A letter with its id and the time it would have gone out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The message's id.
    pub id: MessageId,
    /// When it was handed over.
    pub at: Instant,
    /// The letter.
    pub letter: Letter,
}

/// The letters of a demonstration, oldest first; shared with whoever shows them.
#[derive(Clone, Debug, Default)]
pub struct Letters(Arc<Mutex<VecDeque<Kept>>>);

impl Letters {
    /// All letters, oldest first.
    pub fn all(&self) -> Vec<Kept> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }

    /// A message that comes again, after a lost answer, is kept once.
    fn keep(&self, kept: Kept) {
        let mut letters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if letters.iter().any(|l| l.id == kept.id) {
            return;
        }
        if letters.len() >= KEPT_MAX {
            letters.pop_front();
        }
        letters.push_back(kept);
    }
}

/// Keeps letters in memory and, if given a folder, as files.
#[derive(Debug)]
pub struct OutboxChannel {
    id: ChannelId,
    letters: Letters,
    folder: Option<PathBuf>,
}

impl OutboxChannel {
    /// Makes the channel. With a folder, which must exist, each letter becomes
    /// `ID.txt` and `ID.html` there.
    pub fn new(id: ChannelId, folder: Option<PathBuf>) -> Self {
        Self {
            id,
            letters: Letters::default(),
            folder,
        }
    }

    /// Where the letters can be looked at.
    pub fn letters(&self) -> Letters {
        self.letters.clone()
    }
}

#[async_trait]
impl Channel for OutboxChannel {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn kind(&self) -> &'static str {
        "outbox"
    }

    /// In a demonstration its visitor is the person who reads.
    fn reaches_persons(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn is_idempotent(&self) -> bool {
        true
    }

    fn render(&self, content: &MessageContent) -> Result<String, RenderError> {
        let unsayable = |what: &str| RenderError::Unsayable(what.to_owned());
        let said = render(content).map_err(|_| unsayable("its template cannot be filled"))?;
        let to = content
            .to
            .email
            .as_ref()
            .map_or_else(|| content.to.name.clone(), ToString::to_string);
        let letter = Letter {
            to,
            subject: said.subject,
            text: said.text,
            html: said.html,
        };
        serde_json::to_string(&letter).map_err(|_| unsayable("it cannot be kept"))
    }

    async fn send(
        &self,
        id: &MessageId,
        payload: &str,
        now: Instant,
    ) -> Result<Receipt, DeliveryError> {
        let damaged = || {
            failure(
                Verdict::GiveUp,
                Cause::Rejected,
                "the frozen letter cannot be read back",
            )
        };
        let letter: Letter = serde_json::from_str(payload).map_err(|_| damaged())?;
        if let Some(folder) = &self.folder {
            let unwritten =
                |e: std::io::Error| failure(crate::failure::RETRY, Cause::Server, &e.to_string());
            write(folder, id, &letter).await.map_err(unwritten)?;
        }
        self.letters.keep(Kept {
            id: id.clone(),
            at: now,
            letter,
        });
        Ok(Receipt {
            said: "kept, not sent".to_owned(),
        })
    }
}

async fn write(folder: &Path, id: &MessageId, letter: &Letter) -> std::io::Result<()> {
    // An id may hold any visible character; a file name may not.
    let name: String = id
        .as_str()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    let text = format!(
        "To: {}\nSubject: {}\n\n{}",
        letter.to, letter.subject, letter.text
    );
    tokio::fs::write(folder.join(format!("{name}.txt")), text).await?;
    tokio::fs::write(folder.join(format!("{name}.html")), &letter.html).await
}
