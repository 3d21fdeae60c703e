//! What verifying follows.

use async_trait::async_trait;
use domain::inventory::Credential;
use domain::kernel::CredentialId;
use domain::token::Token;

use super::StoreError;

/// How far the feed stands, and what may still appear behind that: where several change
/// it at once, a revision is given before it can be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedMark {
    /// The newest revision that can be seen; 0 if there is none.
    pub revision: i64,
    /// Every change with a number below this one is over and can be seen, or was undone.
    /// 0 where changes are made one after another.
    pub over: i64,
    /// No change has begun at this number or above. 0 as before.
    pub begun: i64,
}

/// What verifying needs to stay current.
#[async_trait]
pub trait FeedReads {
    /// All tokens with their credentials, for the index at start; in pages by id.
    async fn tokens_after(
        &self,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<(Credential, Token)>, StoreError>;
    /// Whether other processes write to it too, so that what is known here may be old.
    fn is_shared(&self) -> bool;
    /// Rises with every commit that changes a token, a role, an owner or a team: what
    /// verifying depends on, and who hears of what.
    async fn feed_mark(&self) -> Result<FeedMark, StoreError>;
    /// Tokens changed after this revision (exclusive). The flag tells whether roles or
    /// owners changed too.
    async fn tokens_changed_after(
        &self,
        revision: i64,
    ) -> Result<(Vec<(Credential, Token)>, bool), StoreError>;
}
