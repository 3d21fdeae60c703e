//! What is kept, as reads per aggregate and one commit.
//!
//! A unit of work is a value: use cases gather [`Write`]s and audit entries into
//! [`Changes`], and [`Store::commit`] makes all of them true or none. Nothing is held
//! open while a decision is made, so no transaction ever spans network I/O; a decision
//! that was overtaken fails its compare-and-set and is made again.

mod alerts;
mod audit;
mod changes;
mod credentials;
mod due;
mod error;
mod feed;
mod meta;
mod monitors;
mod outbox;
mod page;
mod people;

use async_trait::async_trait;
use domain::kernel::Instant;
use domain::notice::Message;

pub use self::alerts::{AlertFilter, AlertReads, AlertsSeen, MemoryReads};
pub use self::audit::{AuditEntry, AuditFilter, AuditReads, AuditRow};
pub use self::changes::{Answering, Changes, Pinged, Usage, Write};
pub use self::credentials::{CredentialFilter, CredentialReads, CredentialSort};
pub use self::due::{Due, DueReads};
pub use self::error::StoreError;
pub use self::feed::{FeedMark, FeedReads};
pub use self::meta::{Idempotent, MetaReads};
pub use self::monitors::MonitorReads;
pub use self::outbox::{Claim, MessageFilter, OutboxReads};
pub use self::page::{Cursor, Page, PageRequest};
pub use self::people::{PeopleReads, SessionReads, SubscriptionReads};

/// Everything the use cases need of a store.
#[async_trait]
pub trait Store:
    CredentialReads
    + PeopleReads
    + AlertReads
    + OutboxReads
    + DueReads
    + AuditReads
    + MetaReads
    + MemoryReads
    + SubscriptionReads
    + SessionReads
    + FeedReads
    + MonitorReads
    + Send
    + Sync
{
    /// Makes all changes true at once, or none. Returns once they are durable.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a compare-and-set failed: load and decide again.
    async fn commit(&self, changes: Changes) -> Result<(), StoreError>;

    /// Takes up to `claim.limit` messages whose turn has come and leases them until
    /// `claim.lease_until`; each is taken by one caller only. Messages whose lease ran
    /// out are taken again. Oldest `not_before` first.
    ///
    /// # Errors
    /// The store is unavailable.
    async fn claim_messages(&self, claim: Claim) -> Result<Vec<Message>, StoreError>;

    /// Adds to last use, days of use and use counts, without versions: the latest use
    /// wins. A use that is news (the first, the first after a day without any, the first
    /// after the end) makes its credential due; answers how many are.
    ///
    /// # Errors
    /// The store is unavailable; the caller keeps the counts and tries again.
    async fn flush_usage(&self, usage: Vec<Usage>) -> Result<u64, StoreError>;

    /// Adds to what was heard of monitors, without versions: the latest wins. A failure
    /// makes its monitor due, and so does whatever is heard of one with an open alert;
    /// answers how many are. What is heard of a monitor that is gone changes nothing.
    ///
    /// # Errors
    /// The store is unavailable; the caller keeps what was heard and tries again.
    async fn flush_pings(&self, heard: Vec<Pinged>) -> Result<u64, StoreError>;

    /// Chains audit rows that are not chained yet, oldest first, each hash over the one
    /// before; returns how many.
    ///
    /// # Errors
    /// The store is unavailable.
    async fn chain_audit(&self, limit: u32) -> Result<u32, StoreError>;

    /// Removes what is past its time: closed messages, notices, resolved alerts and silences
    /// that were over before `before`, idempotency keys and sessions past their end; returns
    /// how many rows.
    ///
    /// # Errors
    /// The store is unavailable.
    async fn prune(&self, before: Instant, now: Instant) -> Result<u64, StoreError>;

    /// Writes a consistent copy of an embedded store to a new file.
    ///
    /// # Errors
    /// The store is not embedded (use its own tools), or the file cannot be written.
    async fn backup(&self, to: &std::path::Path) -> Result<(), StoreError>;
}
