//! A unit of work, and what is added without one.

use std::net::IpAddr;

use domain::access::Role;
use domain::expiry::{Alert, Silence, Subject};
use domain::inventory::{Credential, Monitor, Watch};
use domain::kernel::{
    AlertId, ChannelId, CredentialId, Instant, MonitorId, NoticeKey, PersonId, RoleName, SessionId,
    SilenceId, SourceId, SubscriptionId, SweepId, TeamId, WatchId,
};
use domain::notice::{Attempt, Message, Notice};
use domain::people::{Owner, Person, ServiceAccount, Team};
use domain::token::Token;

use crate::ports::{Password, Session, SourceState, Subscription};

use super::{AuditEntry, Idempotent};

/// A unit of work: all of it becomes true, or none.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// In this order.
    pub writes: Vec<Write>,
    /// Written in the same transaction.
    pub audit: Vec<AuditEntry>,
}

/// One write. `Put…` with version 0 inserts and fails with [`super::StoreError::Duplicate`] if
/// the id exists; with version n it replaces version n by n + 1 and fails with
/// [`super::StoreError::Conflict`] if another version stands.
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
        /// From [`super::DueReads::asked`], read before anything that the finding rests on; `None`
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
    /// that is [`super::StoreError::Unavailable`]: its notices would be carried by nothing.
    AddMessage(Box<Message>),
    /// Ends the collecting of a sweep's messages: `Collecting` becomes `Queued`.
    ReleaseSweep(SweepId),
    /// Replaces a message if its fence is still that of the value; else
    /// [`super::StoreError::Conflict`].
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
    /// [`super::StoreError::Conflict`].
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
    /// [`super::StoreError::Duplicate`] if the key is known.
    AddIdempotent(Idempotent),
}

/// Who answers for credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answering {
    /// Their owner.
    Owner(Owner),
    /// Their team.
    Team(TeamId),
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
