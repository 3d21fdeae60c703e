//! What every tracker can do, whoever made it.

use app::ports::{Cause, DeliveryError};
use async_trait::async_trait;
use domain::kernel::Instant;
use egress::TargetError;

use super::draft::{Draft, Markup};
use crate::failure::{RETRY, failure};

/// A place for tickets. Every call is one that may be made twice without harm, except
/// that a comment then stands there twice.
#[async_trait]
pub(crate) trait Tracker: Send + Sync {
    /// The channel's kind.
    fn kind(&self) -> &'static str;
    /// How names are made inert and links are set.
    fn markup(&self) -> Markup;
    /// An open ticket that carries the marker.
    async fn find(&self, marker: &str, now: Instant) -> Result<Option<String>, DeliveryError>;
    /// Makes a ticket and gives its number or key.
    async fn create(&self, draft: &Draft, now: Instant) -> Result<String, DeliveryError>;
    /// How the ticket stands.
    async fn standing(&self, ticket: &str, now: Instant) -> Result<Standing, DeliveryError>;
    /// Replaces title and text.
    async fn edit(&self, ticket: &str, draft: &Draft, now: Instant) -> Result<(), DeliveryError>;
    /// Adds a comment.
    async fn comment(&self, ticket: &str, text: &str, now: Instant) -> Result<(), DeliveryError>;
    /// Closes the ticket.
    async fn close(&self, ticket: &str, now: Instant) -> Result<(), DeliveryError>;
    /// Opens a closed ticket again.
    async fn reopen(&self, ticket: &str, now: Instant) -> Result<(), DeliveryError>;
}

/// How a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Open,
    Closed,
    /// Deleted, or moved to where we cannot see it.
    Gone,
}

/// Why the table of a ticket channel cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// The URL is refused.
    #[error("`url` of the channel is refused: {0}")]
    Url(#[source] TargetError),
    /// The place for tickets is not named as its tracker names it.
    #[error("`{0}` of the channel is {1}")]
    Place(&'static str, &'static str),
    /// The token cannot stand in a header.
    #[error("`token` of the channel holds characters that a header cannot")]
    Token,
}

/// Labels that every ticket of ours carries.
pub(crate) const LABEL: &str = "forewarn";

/// The tracker said that it made a ticket and not which. It is looked for next time.
pub(crate) fn nameless() -> DeliveryError {
    let said = "the tracker made a ticket and did not say which";
    failure(RETRY, Cause::Server, said)
}
