//! The queue of instants that matter.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::expiry::Subject;
use domain::kernel::Instant;

use super::StoreError;

/// A subject whose instant has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Since when.
    pub at: Instant,
    /// Which.
    pub subject: Subject,
}

/// Reads of the queue of instants that matter.
#[async_trait]
pub trait DueReads {
    /// Subjects due at or before `now`, by instant, then subject, after the row given.
    async fn due(
        &self,
        now: Instant,
        after: Option<&Due>,
        limit: u32,
    ) -> Result<Vec<Due>, StoreError>;
    /// When these subjects are to be looked at; those that are not in the queue are left out.
    async fn due_of(&self, subjects: &[Subject]) -> Result<Vec<Due>, StoreError>;
    /// How often somebody asked for a look at these subjects; those that are not in the
    /// queue are left out.
    async fn asked(&self, subjects: &[Subject]) -> Result<BTreeMap<Subject, i64>, StoreError>;
    /// The earliest instant in the queue.
    async fn next_due(&self) -> Result<Option<Instant>, StoreError>;
}
