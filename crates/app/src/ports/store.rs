//! What is kept, as reads per aggregate and one commit.
//!
//! A unit of work is a value: use cases gather [`Write`]s and audit entries into
//! [`Changes`], and [`Store::commit`] makes all of them true or none. Nothing is held
//! open while a decision is made, so no transaction ever spans network I/O; a decision
//! that was overtaken fails its compare-and-set and is made again.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use domain::access::Role;
use domain::expiry::{Alert, AlertKind, AlertState, Silence, Subject};
use domain::inventory::{Credential, DaysOfUse, Monitor, PingKey, State, Watch};
use domain::kernel::{
    AlertId, ChannelId, CredentialId, Instant, MessageId, MonitorId, NoticeKey, PersonId, RoleName,
    ServiceAccountId, SessionId, SilenceId, SourceId, Span, SubscriptionId, SweepId, TeamId,
    WatchId,
};
use domain::notice::{Attempt, Message, MessageState, Notice};
use domain::people::{Directory, Owner, Person, Recipient, ServiceAccount, Team};
use domain::token::Token;

use super::{Password, Session, Subscription};

use super::SourceState;

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

/// A unit of work: all of it becomes true, or none.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// In this order.
    pub writes: Vec<Write>,
    /// Written in the same transaction.
    pub audit: Vec<AuditEntry>,
}

/// One write. `Put…` with version 0 inserts and fails with [`StoreError::Duplicate`] if
/// the id exists; with version n it replaces version n by n + 1 and fails with
/// [`StoreError::Conflict`] if another version stands.
#[derive(Clone, Debug)]
pub enum Write {
    /// A credential; with it the scopes and roles that filters look at.
    PutCredential(Box<Credential>),
    /// What is kept of a token beside its credential.
    PutToken(Box<Token>),
    /// A monitor; what was heard of it stays as it is.
    PutMonitor(Box<Monitor>),
    /// Removes a monitor of this version.
    RemoveMonitor(MonitorId, u64),
    /// A role.
    PutRole(Role),
    /// Removes a role of this version.
    RemoveRole(RoleName, u64),
    /// A person.
    PutPerson(Person),
    /// A team, with its members.
    PutTeam(Team),
    /// A service account.
    PutServiceAccount(ServiceAccount),
    /// An alert.
    PutAlert(Box<Alert>),
    /// A silence.
    PutSilence(Box<Silence>),
    /// Removes a silence of this version.
    RemoveSilence(SilenceId, u64),
    /// A rule about watchers.
    PutWatch(Box<Watch>),
    /// Removes a rule about watchers of this version.
    RemoveWatch(WatchId, u64),
    /// When to look at a subject next; `None` removes it from the queue.
    SetDue(Subject, Option<Instant>),
    /// Sets the due instant only if it is earlier than what stands, or nothing stands.
    DueAtLatest(Subject, Instant),
    /// The same for every credential that somebody answers for and that is not over.
    AskAbout(Answering, Instant),
    /// What a sweep found of a subject: when to look next; `None` takes it off the queue.
    /// Does nothing if somebody asked for a look since `asked` was read, so that nothing
    /// asked meanwhile is lost.
    SettleDue {
        /// Which.
        subject: Subject,
        /// From [`DueReads::asked`], read before anything that the finding rests on; `None`
        /// if it was not in the queue.
        asked: Option<i64>,
        /// When to look next.
        next: Option<Instant>,
    },
    /// Adds a notice; an existing one of the same key stays as it is.
    AddNotice(Box<Notice>),
    /// Sets the state of a notice.
    SetNotice(NoticeKey, domain::notice::NoticeState),
    /// Adds a message; if one of the same id exists and is still `Collecting`, the notices
    /// are added to it, otherwise it stays as it is. For one that is `Collecting` itself
    /// that is [`StoreError::Unavailable`]: its notices would be carried by nothing.
    AddMessage(Box<Message>),
    /// Ends the collecting of a sweep's messages: `Collecting` becomes `Queued`.
    ReleaseSweep(SweepId),
    /// Replaces a message if its fence is still that of the value; else
    /// [`StoreError::Conflict`].
    FinishMessage(Box<Message>),
    /// Adds or completes an attempt (by message and number).
    PutAttempt(Attempt),
    /// A source's state; version as with `Put…`.
    PutSource(Box<SourceState>),
    /// The first import of a source is over: puts everything of it that works on the queue
    /// at this instant, in one statement however much it is.
    ReleaseImport(SourceId, Instant),
    /// Forgets a source, its state and its credentials. It and each of them is put on the
    /// queue at this instant, so that what stands open about them is closed.
    ForgetSource(SourceId, Instant),
    /// Sets a small named value.
    SetMeta(String, String),
    /// Sets a small named value if it still is as told (`None`: absent); else
    /// [`StoreError::Conflict`].
    SwapMeta {
        /// The name.
        name: String,
        /// What must stand now.
        from: Option<String>,
        /// What shall stand; `None` removes it.
        to: Option<String>,
    },
    /// Sets what a channel keeps of an alert.
    SetMemory {
        /// Which channel.
        channel: ChannelId,
        /// Which alert.
        alert: AlertId,
        /// In the channel's own form; `None` removes it.
        value: Option<String>,
    },
    /// A calendar and feed address.
    PutSubscription(Box<Subscription>),
    /// Removes a calendar and feed address.
    RemoveSubscription(SubscriptionId),
    /// A session.
    PutSession(Box<Session>),
    /// Ends a session.
    RemoveSession(SessionId),
    /// Ends all sessions of a person but the one named.
    RemoveSessionsOf(PersonId, Option<SessionId>),
    /// A person's password, in place of any earlier one.
    PutPassword(Password),
    /// Remembers what a create answered under an idempotency key; fails with
    /// [`StoreError::Duplicate`] if the key is known.
    AddIdempotent(Idempotent),
}

/// A row of the audit log, before the store numbers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Instant,
    /// Who: `token:ID person:ID`, `system`, `setup`.
    pub actor: String,
    /// What: `token.issue`, `role.change`, …
    pub action: String,
    /// To what: `token:ID`, `role:NAME`, …
    pub target: String,
    /// Details without secrets.
    pub details: serde_json::Value,
}

/// A row of the audit log as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Rises with each row.
    pub number: i64,
    /// The entry.
    pub entry: AuditEntry,
    /// SHA-256 over the hash before and this row, in hex; `None` until chained.
    pub hash: Option<String>,
}

/// What a create answered, for a repeat of the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotent {
    /// Caller and key, hashed by the caller of this port.
    pub key: String,
    /// SHA-256 of the request body, in hex: another body under the same key is an error.
    pub request: String,
    /// What was made, as an id.
    pub made: String,
    /// Until when it is remembered.
    pub until: Instant,
}

/// Use of one credential since the last flush.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Which.
    pub id: CredentialId,
    /// The latest use.
    pub last_used_at: Instant,
    /// How many uses are added.
    pub uses: u64,
    /// Where the latest came from; `None` leaves what is known.
    pub from: Option<IpAddr>,
    /// When a sweep looks at the credential at the latest because of this use, whatever else
    /// makes it due.
    pub look_at: Option<Instant>,
}

/// What was heard of one monitor since the last flush.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinged {
    /// Which.
    pub id: MonitorId,
    /// When it was last heard; `None` when it only said that it failed.
    pub last_ping_at: Option<Instant>,
    /// When it last said that it failed.
    pub failed_at: Option<Instant>,
    /// How often it was heard.
    pub pings: u64,
}

/// A subject whose instant has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Since when.
    pub at: Instant,
    /// Which.
    pub subject: Subject,
}

/// Who answers for credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answering {
    /// Their owner.
    Owner(Owner),
    /// Their team.
    Team(TeamId),
}

/// How many messages to take, and for how long.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Messages with `not_before` at or before this instant.
    pub now: Instant,
    /// Until when they are held.
    pub lease_until: Instant,
    /// At most so many.
    pub limit: u32,
    /// None over these channels, but for what a holder let go by letting its lease end.
    pub but: Vec<ChannelId>,
}

/// Where a page ended; opaque outside the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// Which page.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// At most so many rows; 1 to 200 from outside, more for exports.
    pub limit: u32,
    /// After which row; `None` from the start.
    pub after: Option<Cursor>,
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where to go on; `None` when this was the last.
    pub next: Option<Cursor>,
}

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

/// Which alerts.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// What "now" means for states.
    pub now: Instant,
    /// In one of these states; empty means all but resolved.
    pub states: Vec<AlertState>,
    /// Of this kind.
    pub kind: Option<AlertKind>,
    /// About this subject.
    pub subject: Option<Subject>,
    /// Include resolved ones even if `states` is empty.
    pub with_resolved: bool,
    /// Only what these may see; `None` means everything.
    pub visible_to: Option<AlertsSeen>,
}

/// Which alerts somebody sees who may not see all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertsSeen {
    /// Those about credentials of this owner.
    pub owner: String,
    /// Those about credentials of these teams.
    pub teams: Vec<TeamId>,
    /// Those about these subjects.
    pub subjects: Vec<Subject>,
}

/// Which rows of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Whose actor holds one of these texts; empty means anybody's.
    pub actors: Vec<String>,
    /// Whose action begins so.
    pub action: Option<String>,
    /// Whose target holds this text.
    pub target: Option<String>,
    /// At this instant or later.
    pub from: Option<Instant>,
    /// Before this instant.
    pub until: Option<Instant>,
}

/// Which messages.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// In this state.
    pub state: Option<MessageState>,
    /// Over this channel.
    pub channel: Option<ChannelId>,
    /// Carrying a notice of this alert.
    pub alert: Option<AlertId>,
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

/// Reads of monitors.
#[async_trait]
pub trait MonitorReads {
    /// All monitors, by id.
    async fn monitors(&self) -> Result<Vec<Monitor>, StoreError>;
    /// How many monitors there are; with an owner, how many of theirs.
    async fn count_monitors(&self, owner: Option<&Owner>) -> Result<u64, StoreError>;
    /// The monitors of these ids that exist, in any order.
    async fn monitors_of(&self, ids: &[MonitorId]) -> Result<Vec<Monitor>, StoreError>;
    /// One monitor.
    async fn monitor(&self, id: &MonitorId) -> Result<Option<Monitor>, StoreError>;
    /// Whose key this is.
    async fn monitor_of_key(&self, key: &PingKey) -> Result<Option<MonitorId>, StoreError>;
}

/// Reads of people and roles.
#[async_trait]
pub trait PeopleReads {
    /// Everybody, as they stand at this moment; kept in memory until somebody changes.
    async fn directory(&self) -> Result<Arc<Directory>, StoreError>;
    /// All roles, by name, as they stand at this moment; kept in memory likewise.
    async fn roles(&self) -> Result<Arc<BTreeMap<RoleName, Role>>, StoreError>;
    /// One person.
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, StoreError>;
    /// One team.
    async fn team(&self, id: &TeamId) -> Result<Option<Team>, StoreError>;
    /// One service account.
    async fn service_account(
        &self,
        id: &ServiceAccountId,
    ) -> Result<Option<ServiceAccount>, StoreError>;
}

/// Reads of alerts and notices.
#[async_trait]
pub trait AlertReads {
    /// The alert of this id.
    async fn alert(&self, id: &AlertId) -> Result<Option<Alert>, StoreError>;
    /// All alerts about these subjects.
    async fn alerts_of(&self, subjects: &[Subject]) -> Result<Vec<Alert>, StoreError>;
    /// A page of alerts, newest cycle first.
    async fn list_alerts(
        &self,
        filter: &AlertFilter,
        page: &PageRequest,
    ) -> Result<Page<Alert>, StoreError>;
    /// How many alerts of this filter there are.
    async fn count_alerts(&self, filter: &AlertFilter) -> Result<u64, StoreError>;
    /// All notices of an alert, oldest first.
    async fn notices_of(&self, alert: &AlertId) -> Result<Vec<Notice>, StoreError>;
    /// All silences that are kept, running, to come and over, by id.
    async fn silences(&self) -> Result<Vec<Silence>, StoreError>;
    /// The notices of these keys that exist.
    async fn notices(&self, keys: &[NoticeKey]) -> Result<Vec<Notice>, StoreError>;
}

/// Reads of the outbox.
#[async_trait]
pub trait OutboxReads {
    /// The message of this id.
    async fn message(&self, id: &MessageId) -> Result<Option<Message>, StoreError>;
    /// A page of messages, newest first.
    async fn list_messages(
        &self,
        filter: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Message>, StoreError>;
    /// The attempts of a message, first to last.
    async fn attempts(&self, id: &MessageId) -> Result<Vec<Attempt>, StoreError>;
    /// `not_before` of the oldest message that waits for its turn at `now`.
    async fn oldest_waiting(&self, now: Instant) -> Result<Option<Instant>, StoreError>;
    /// Messages to this recipient over this channel whose turn has come and that nobody
    /// holds, oldest turn first.
    async fn waiting_with(
        &self,
        recipient: &Recipient,
        channel: &ChannelId,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;
    /// When messages to this recipient were accepted after `since`, newest first; over this
    /// channel, or over any.
    async fn accepted_since(
        &self,
        recipient: &Recipient,
        channel: Option<&ChannelId>,
        since: Instant,
        limit: u32,
    ) -> Result<Vec<Instant>, StoreError>;
    /// Sweeps that still collect, other than `but`: left behind by a crash.
    async fn unreleased_sweeps(&self, but: Option<&SweepId>) -> Result<Vec<SweepId>, StoreError>;
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

/// Reads of the audit log.
#[async_trait]
pub trait AuditReads {
    /// A page of rows, newest first.
    async fn audit(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditRow>, StoreError>;
    /// Rows by number, after the one given, oldest first, for export and verification.
    async fn audit_after(&self, number: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError>;
}

/// Reads of small named values.
#[async_trait]
pub trait MetaReads {
    /// The value of this name.
    async fn meta(&self, name: &str) -> Result<Option<String>, StoreError>;
    /// What a create answered under this key, while it is remembered.
    async fn idempotent(&self, key: &str, now: Instant) -> Result<Option<Idempotent>, StoreError>;
    /// Whether reads and writes work right now.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Reads of what channels keep of alerts on the other side.
#[async_trait]
pub trait MemoryReads {
    /// What this channel keeps of this alert.
    async fn channel_memory(
        &self,
        channel: &ChannelId,
        alert: &AlertId,
    ) -> Result<Option<String>, StoreError>;
    /// All that this channel keeps, by alert, after the one given.
    async fn channel_memories(
        &self,
        channel: &ChannelId,
        after: Option<&AlertId>,
        limit: u32,
    ) -> Result<Vec<(AlertId, String)>, StoreError>;
}

/// Reads of calendar and feed addresses.
#[async_trait]
pub trait SubscriptionReads {
    /// The one whose address begins with this id.
    async fn subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError>;
    /// All of them, by id.
    async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError>;
}

/// Reads of who is signed in, and of what proves a password.
#[async_trait]
pub trait SessionReads {
    /// The session of this id, also when its time is over.
    async fn session(&self, id: &SessionId) -> Result<Option<Session>, StoreError>;
    /// All kept sessions of a person, by id.
    async fn sessions_of(&self, person: &PersonId) -> Result<Vec<Session>, StoreError>;
    /// What proves a person's password.
    async fn password(&self, person: &PersonId) -> Result<Option<Password>, StoreError>;
}

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

/// Why the store did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed it meanwhile: load and decide again.
    #[error("{0} was changed meanwhile")]
    Conflict(String),
    /// It exists already.
    #[error("{0} exists already")]
    Duplicate(String),
    /// Cannot be reached, is busy beyond patience, or is shutting down; nothing changed.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The disk or quota is full; nothing changed.
    #[error("the database cannot grow: {0}")]
    Full(String),
    /// A row cannot be read back.
    #[error("row {row} of table {table} cannot be read")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which row.
        row: String,
    },
    /// A cursor that this store did not make.
    #[error("this cursor is not one of ours; start again without it")]
    BadCursor,
}
