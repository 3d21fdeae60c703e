//! A ticket for each alert: opened once, edited and commented on at later steps, closed
//! when the alert is over.
//!
//! Which ticket belongs to which alert is remembered as soon as it is made. Before one is
//! made the other side is asked for it, so that a crash in between makes no second one.
//! A ticket is work in somebody's list, not word to a person: it never counts as heard.

mod draft;
mod github;
mod gitlab;
mod jira;
mod tracker;

use std::fmt;
use std::sync::Arc;

use app::ports::{
    Cause, Channel, ChannelMemory, DeliveryError, MessageContent, Receipt, RenderError, StoreError,
};
use async_trait::async_trait;
use domain::kernel::{AlertId, ChannelId, Instant, MessageId, Span};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::failure::{RETRY, failure};
use crate::post;

use draft::Draft;
pub use draft::TICKETS_MAX;
pub use github::GithubSettings;
pub use gitlab::GitlabSettings;
pub use jira::{JiraLogin, JiraSettings};
pub use tracker::TicketError;
use tracker::{Standing, Tracker};

/// How often tickets are compared with their alerts.
const UPKEEP: Span = Span::minutes(15);

/// Tickets in one tracker.
pub struct TicketChannel {
    id: ChannelId,
    tracker: Box<dyn Tracker>,
    memory: Arc<dyn ChannelMemory>,
    /// Two messages about one alert must not both find that there is no ticket.
    turn: Mutex<()>,
}

impl fmt::Debug for TicketChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketChannel")
            .field("id", &self.id)
            .field("kind", &self.tracker.kind())
            .finish_non_exhaustive()
    }
}

/// What is remembered of an alert's ticket.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    /// The tracker's number or key.
    ticket: String,
    /// What was last said in it, so that a repeated attempt says nothing twice.
    said: String,
    /// False once the alert was over and the ticket closed.
    open: bool,
}

impl TicketChannel {
    pub(crate) fn new(
        id: ChannelId,
        tracker: Box<dyn Tracker>,
        memory: Arc<dyn ChannelMemory>,
    ) -> Self {
        Self {
            id,
            tracker,
            memory,
            turn: Mutex::new(()),
        }
    }

    async fn bring(&self, draft: &Draft, now: Instant) -> Result<Done, DeliveryError> {
        let known = self.recall(&draft.alert).await?;
        let known = known.filter(|known| known.open);
        if known.as_ref().is_some_and(|k| k.said == draft.said) {
            return Ok(Done::Already);
        }
        match (known, draft.over) {
            (known, true) => self.close(known, draft, now).await,
            (Some(known), false) => self.go_on(known, draft, now).await,
            (None, false) => self.open(draft, now).await,
        }
    }

    /// Opens a ticket, unless one stands that a crash kept us from remembering.
    async fn open(&self, draft: &Draft, now: Instant) -> Result<Done, DeliveryError> {
        if let Some(ticket) = self.tracker.find(draft.marker(), now).await? {
            let known = Known {
                ticket,
                said: String::new(),
                open: true,
            };
            return self.go_on(known, draft, now).await;
        }
        let ticket = self.tracker.create(draft, now).await?;
        self.remember(draft, ticket, true).await?;
        Ok(Done::Opened)
    }

    /// A later step: the ticket is brought up to date and told what happened. Closed by
    /// somebody while the alert stands, it is opened again; deleted, it is made anew.
    async fn go_on(
        &self,
        known: Known,
        draft: &Draft,
        now: Instant,
    ) -> Result<Done, DeliveryError> {
        let ticket = known.ticket;
        match self.tracker.standing(&ticket, now).await? {
            Standing::Gone => {
                let ticket = self.tracker.create(draft, now).await?;
                self.remember(draft, ticket, true).await?;
                return Ok(Done::Opened);
            }
            Standing::Closed => self.tracker.reopen(&ticket, now).await?,
            Standing::Open => {}
        }
        self.tracker.edit(&ticket, draft, now).await?;
        self.tracker.comment(&ticket, &draft.comment, now).await?;
        self.remember(draft, ticket, true).await?;
        Ok(Done::Edited)
    }

    async fn close(
        &self,
        known: Option<Known>,
        draft: &Draft,
        now: Instant,
    ) -> Result<Done, DeliveryError> {
        let ticket = match known {
            Some(known) => Some(known.ticket),
            None => self.tracker.find(draft.marker(), now).await?,
        };
        let Some(ticket) = ticket else {
            return Ok(Done::Already);
        };
        if self.tracker.standing(&ticket, now).await? == Standing::Open {
            self.tracker.comment(&ticket, &draft.comment, now).await?;
            self.tracker.close(&ticket, now).await?;
        }
        self.remember(draft, ticket, false).await?;
        Ok(Done::Closed)
    }

    async fn recall(&self, alert: &AlertId) -> Result<Option<Known>, DeliveryError> {
        let kept = self.memory.recall(&self.id, alert).await;
        let kept = kept.map_err(|e| forgotten(&e))?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn remember(
        &self,
        draft: &Draft,
        ticket: String,
        open: bool,
    ) -> Result<(), DeliveryError> {
        let known = Known {
            ticket,
            said: draft.said.clone(),
            open,
        };
        let value = serde_json::to_string(&known).map_err(|_| post::damaged())?;
        let kept = self.memory.remember(&self.id, &draft.alert, Some(value));
        kept.await.map_err(|e| forgotten(&e))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Opened,
    Edited,
    Closed,
    Already,
}

fn forgotten(error: &StoreError) -> DeliveryError {
    let said = format!("which ticket it was cannot be looked up: {error}");
    failure(RETRY, Cause::Server, &said)
}

#[async_trait]
impl Channel for TicketChannel {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn kind(&self) -> &'static str {
        self.tracker.kind()
    }

    fn reaches_persons(&self) -> bool {
        false
    }

    fn is_shared(&self) -> bool {
        true
    }

    /// A ticket that was made is found again, and what was said in it is remembered.
    fn is_idempotent(&self) -> bool {
        true
    }

    fn render(&self, content: &MessageContent) -> Result<String, RenderError> {
        let drafts = draft::drafts(content, self.tracker.markup());
        serde_json::to_string(&drafts)
            .map_err(|_| RenderError::Unsayable("it cannot be kept".to_owned()))
    }

    async fn send(
        &self,
        _: &MessageId,
        payload: &str,
        now: Instant,
    ) -> Result<Receipt, DeliveryError> {
        let drafts: Vec<Draft> = serde_json::from_str(payload).map_err(|_| post::damaged())?;
        let _turn = self.turn.lock().await;
        let mut done = Vec::new();
        for draft in &drafts {
            done.push(self.bring(draft, now).await?);
        }
        let count = |what| done.iter().filter(|d| **d == what).count();
        let (opened, edited) = (count(Done::Opened), count(Done::Edited));
        Ok(Receipt {
            said: format!(
                "{opened} opened, {edited} edited, {} closed",
                count(Done::Closed)
            ),
        })
    }

    fn upkeep(&self) -> Option<Span> {
        Some(UPKEEP)
    }

    /// Closes what is over and whose resolution did not come this way. Everything else is
    /// said in the ticket by the message of its step.
    async fn keep_up(&self, content: &MessageContent) -> Result<bool, DeliveryError> {
        let _turn = self.turn.lock().await;
        let mut spoke = false;
        for item in content.items.iter().filter(|i| i.resolution.is_some()) {
            let known = self.recall(&item.alert).await?;
            if known.as_ref().is_some_and(|k| k.open) {
                let draft = draft::draft(item, content, self.tracker.markup());
                self.close(known, &draft, content.now).await?;
                spoke = true;
            }
        }
        Ok(spoke)
    }
}
