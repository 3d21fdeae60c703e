//! Credentials, tokens and the sources they come from.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Range;

use async_trait::async_trait;
use domain::inventory::{Credential, DaysOfUse, State, Watch};
use domain::kernel::{CredentialId, Instant, SourceId, Span, TeamId};
use domain::token::Token;

use crate::ports::SourceState;

use super::{Page, PageRequest, StoreError};

/// Which credentials. Every field narrows; empty means all.
#[derive(Clone, Debug, Default)]
pub struct CredentialFilter {
    /// What "now" means for states.
    pub now: Instant,
    /// Only tokens issued here (`true`), only others (`false`).
    pub issued_here: Option<bool>,
    /// Only of this source.
    pub source: Option<SourceId>,
    /// Holds every one of these scopes (`*` holds all).
    pub scopes: Vec<String>,
    /// Carries this role.
    pub role: Option<String>,
    /// Owned by this owner, by our id or the issuer's.
    pub owner: Option<String>,
    /// Of this team.
    pub team: Option<TeamId>,
    /// In one of these states; empty means any.
    pub states: Vec<State>,
    /// The name contains this text, without regard to ASCII case; taken literally.
    pub name: Option<String>,
    /// Ends before (exclusive).
    pub expires_before: Option<Instant>,
    /// Ends after (exclusive).
    pub expires_after: Option<Instant>,
    /// Last used before (exclusive), or never.
    pub last_used_before: Option<Instant>,
    /// Created after (exclusive).
    pub created_after: Option<Instant>,
    /// Only orphaned (`true`) or only not orphaned (`false`).
    pub orphaned: Option<bool>,
    /// Visible only if owned by this owner or of one of these teams; `None`: all visible.
    pub visible_to: Option<(String, Vec<TeamId>)>,
    /// In which order.
    pub sort: CredentialSort,
}

/// In which order credentials are listed. The id breaks ties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialSort {
    /// Newest first seen first.
    #[default]
    Newest,
    /// Soonest end first; those without a known end last.
    ExpiresAt,
    /// By name.
    Name,
}

/// Reads of credentials and tokens.
#[async_trait]
pub trait CredentialReads {
    /// The credential of this id.
    async fn credential(&self, id: &CredentialId) -> Result<Option<Credential>, StoreError>;
    /// All rules about watchers that were made here, by id.
    async fn watches(&self) -> Result<Vec<Watch>, StoreError>;
    /// The credentials of these ids that exist, in any order.
    async fn credentials_of(&self, ids: &[CredentialId]) -> Result<Vec<Credential>, StoreError>;
    /// A page of credentials with their token where issued here.
    async fn list_credentials(
        &self,
        filter: &CredentialFilter,
        page: &PageRequest,
    ) -> Result<Page<(Credential, Option<Token>)>, StoreError>;
    /// How many credentials a filter means; its order means nothing.
    async fn count_credentials(&self, filter: &CredentialFilter) -> Result<u64, StoreError>;
    /// On which of these days those that a filter means end, and how many each, in order;
    /// days on which nothing ends are left out. Days are counted from 1970-01-01 by a
    /// clock that is `ahead` of UTC.
    async fn ends_by_day(
        &self,
        filter: &CredentialFilter,
        days: Range<i64>,
        ahead: Span,
    ) -> Result<Vec<(i64, u64)>, StoreError>;
    /// What is kept of a token.
    async fn token(&self, id: &CredentialId) -> Result<Option<Token>, StoreError>;
    /// How often it was used, as far as counted.
    async fn uses(&self, id: &CredentialId) -> Result<u64, StoreError>;
    /// Where its last use came from, where that is known: Forewarn sees it of its own tokens
    /// alone, and behind a proxy only of a trusted one.
    async fn used_from(&self, id: &CredentialId) -> Result<Option<IpAddr>, StoreError>;
    /// When it was first used, as far as counted; `None` for what was not used, and for what
    /// was used before this was kept.
    async fn first_use(&self, id: &CredentialId) -> Result<Option<Instant>, StoreError>;
    /// On which days these were used, for those whose use is counted.
    async fn days_of_use(
        &self,
        ids: &[CredentialId],
    ) -> Result<BTreeMap<CredentialId, DaysOfUse>, StoreError>;
    /// Later credentials of the same source, owner and given name, for succession.
    async fn possible_successors(&self, of: &Credential) -> Result<Vec<Credential>, StoreError>;
    /// All sources' states.
    async fn sources(&self) -> Result<Vec<SourceState>, StoreError>;
    /// One source's state.
    async fn source(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError>;
}
