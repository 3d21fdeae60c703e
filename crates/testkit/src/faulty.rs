//! A store that does what another does, until it is told to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::ports::{
    AlertFilter, AlertReads, AuditFilter, AuditReads, AuditRow, Changes, Claim, CredentialFilter,
    CredentialReads, Due, DueReads, FeedMark, FeedReads, Idempotent, MemoryReads, MessageFilter,
    MetaReads, MonitorReads, OutboxReads, Page, PageRequest, Password, PeopleReads, Pinged,
    Session, SessionReads, SourceState, Store, StoreError, Subscription, SubscriptionReads, Usage,
    Write,
};
use async_trait::async_trait;
use domain::access::Role;
use domain::expiry::{Alert, Silence, Subject};
use domain::inventory::{Credential, DaysOfUse, Monitor, PingKey, Watch};
use domain::kernel::{
    AlertId, ChannelId, CredentialId, Instant, MessageId, MonitorId, NoticeKey, PersonId, RoleName,
    ServiceAccountId, SessionId, SourceId, Span, SubscriptionId, SweepId, TeamId,
};
use domain::notice::{Attempt, Message, Notice};
use domain::people::{Directory, Owner, Person, Recipient, ServiceAccount, Team};
use domain::token::Token;

/// Whether a commit with these writes is meant.
type Meant = Box<dyn FnMut(&[Write]) -> bool + Send>;

/// A store that does what another does, until it is told to fail. What fails changes nothing.
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    faults: Mutex<Faults>,
    shared: bool,
}

#[derive(Default)]
struct Faults {
    commit: Option<(Meant, StoreError)>,
    failed: u64,
    hangs: bool,
    unreadable: BTreeSet<CredentialId>,
}

impl FaultyStore {
    /// Does what `inner` does.
    pub fn over(inner: Arc<dyn Store>) -> Arc<Self> {
        let shared = inner.is_shared();
        Self::new(inner, shared)
    }

    /// Does what `inner` does, and says that other nodes write to it too.
    pub fn shared(inner: Arc<dyn Store>) -> Arc<Self> {
        Self::new(inner, true)
    }

    fn new(inner: Arc<dyn Store>, shared: bool) -> Arc<Self> {
        Arc::new(Self {
            inner,
            faults: Mutex::default(),
            shared,
        })
    }

    /// The next commit whose writes are meant fails like this; those after it come through.
    pub fn fail_once(
        &self,
        error: StoreError,
        meant: impl FnMut(&[Write]) -> bool + Send + 'static,
    ) {
        self.faults().commit = Some((Box::new(meant), error));
    }

    /// How many commits have failed because of [`Self::fail_once`].
    pub fn failed(&self) -> u64 {
        self.faults().failed
    }

    /// The next flush of uses never comes to an end; those after it come through.
    pub fn hang_once(&self) {
        self.faults().hangs = true;
    }

    /// From now on no read that includes one of these succeeds, as if their rows were broken.
    pub fn break_rows(&self, ids: impl IntoIterator<Item = CredentialId>) {
        self.faults().unreadable.extend(ids);
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_readable(&self, ids: &[CredentialId]) -> Result<(), StoreError> {
        let faults = self.faults();
        let broken = ids.iter().find(|id| faults.unreadable.contains(id));
        broken.map_or(Ok(()), |id| {
            Err(StoreError::Corrupt {
                table: "credentials",
                row: id.to_string(),
            })
        })
    }

    fn fault(&self, writes: &[Write]) -> Result<(), StoreError> {
        let mut faults = self.faults();
        let met = faults
            .commit
            .as_mut()
            .is_some_and(|(meant, _)| meant(writes));
        match faults.commit.take_if(|_| met) {
            Some((_, error)) => {
                faults.failed += 1;
                Err(error)
            }
            None => Ok(()),
        }
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn commit(&self, changes: Changes) -> Result<(), StoreError> {
        self.fault(&changes.writes)?;
        self.inner.commit(changes).await
    }
    async fn claim_messages(&self, claim: Claim) -> Result<Vec<Message>, StoreError> {
        self.inner.claim_messages(claim).await
    }
    async fn flush_usage(&self, usage: Vec<Usage>) -> Result<u64, StoreError> {
        let hangs = std::mem::take(&mut self.faults().hangs);
        if hangs {
            std::future::pending::<()>().await;
        }
        self.inner.flush_usage(usage).await
    }
    async fn flush_pings(&self, heard: Vec<Pinged>) -> Result<u64, StoreError> {
        self.inner.flush_pings(heard).await
    }
    async fn chain_audit(&self, limit: u32) -> Result<u32, StoreError> {
        self.inner.chain_audit(limit).await
    }
    async fn prune(&self, before: Instant, now: Instant) -> Result<u64, StoreError> {
        self.inner.prune(before, now).await
    }
    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.inner.backup(to).await
    }
}

/// Reads that are passed on as they are, and those that the store answers `itself`.
macro_rules! passed_on {
    ($($reads:ident {
        $(fn $name:ident($($arg:ident: $of:ty),*) -> $gives:ty;)*
        $(itself { $($own:tt)* })?
    })*) => { $(
        #[async_trait]
        impl $reads for FaultyStore {
            $(async fn $name(&self, $($arg: $of),*) -> Result<$gives, StoreError> {
                self.inner.$name($($arg),*).await
            })*
            $($($own)*)?
        }
    )* };
}

passed_on! {
    CredentialReads {
        fn credential(id: &CredentialId) -> Option<Credential>;
        fn watches() -> Vec<Watch>;
        fn list_credentials(filter: &CredentialFilter, page: &PageRequest) -> Page<(Credential, Option<Token>)>;
        fn count_credentials(filter: &CredentialFilter) -> u64;
        fn ends_by_day(filter: &CredentialFilter, days: Range<i64>, ahead: Span) -> Vec<(i64, u64)>;
        fn token(id: &CredentialId) -> Option<Token>;
        fn uses(id: &CredentialId) -> u64;
        fn used_from(id: &CredentialId) -> Option<IpAddr>;
        fn first_use(id: &CredentialId) -> Option<Instant>;
        fn days_of_use(ids: &[CredentialId]) -> BTreeMap<CredentialId, DaysOfUse>;
        fn possible_successors(of: &Credential) -> Vec<Credential>;
        fn sources() -> Vec<SourceState>;
        fn source(id: &SourceId) -> Option<SourceState>;
        itself {
            async fn credentials_of(&self, ids: &[CredentialId]) -> Result<Vec<Credential>, StoreError> {
                self.is_readable(ids)?;
                self.inner.credentials_of(ids).await
            }
        }
    }
    MonitorReads {
        fn monitors() -> Vec<Monitor>;
        fn count_monitors(owner: Option<&Owner>) -> u64;
        fn monitors_of(ids: &[MonitorId]) -> Vec<Monitor>;
        fn monitor(id: &MonitorId) -> Option<Monitor>;
        fn monitor_of_key(key: &PingKey) -> Option<MonitorId>;
    }
    PeopleReads {
        fn directory() -> Arc<Directory>;
        fn roles() -> Arc<BTreeMap<RoleName, Role>>;
        fn person(id: &PersonId) -> Option<Person>;
        fn team(id: &TeamId) -> Option<Team>;
        fn service_account(id: &ServiceAccountId) -> Option<ServiceAccount>;
    }
    AlertReads {
        fn alert(id: &AlertId) -> Option<Alert>;
        fn alerts_of(subjects: &[Subject]) -> Vec<Alert>;
        fn list_alerts(filter: &AlertFilter, page: &PageRequest) -> Page<Alert>;
        fn count_alerts(filter: &AlertFilter) -> u64;
        fn notices_of(alert: &AlertId) -> Vec<Notice>;
        fn silences() -> Vec<Silence>;
        fn notices(keys: &[NoticeKey]) -> Vec<Notice>;
    }
    OutboxReads {
        fn message(id: &MessageId) -> Option<Message>;
        fn list_messages(filter: &MessageFilter, page: &PageRequest) -> Page<Message>;
        fn attempts(id: &MessageId) -> Vec<Attempt>;
        fn oldest_waiting(now: Instant) -> Option<Instant>;
        fn waiting_with(to: &Recipient, over: &ChannelId, now: Instant, limit: u32) -> Vec<Message>;
        fn accepted_since(to: &Recipient, over: Option<&ChannelId>, since: Instant, limit: u32) -> Vec<Instant>;
        fn unreleased_sweeps(but: Option<&SweepId>) -> Vec<SweepId>;
    }
    DueReads {
        fn due(now: Instant, after: Option<&Due>, limit: u32) -> Vec<Due>;
        fn due_of(subjects: &[Subject]) -> Vec<Due>;
        fn asked(subjects: &[Subject]) -> BTreeMap<Subject, i64>;
        fn next_due() -> Option<Instant>;
    }
    AuditReads {
        fn audit(filter: &AuditFilter, page: &PageRequest) -> Page<AuditRow>;
        fn audit_after(number: i64, limit: u32) -> Vec<AuditRow>;
    }
    MetaReads {
        fn meta(name: &str) -> Option<String>;
        fn idempotent(key: &str, now: Instant) -> Option<Idempotent>;
        fn ping() -> ();
    }
    MemoryReads {
        fn channel_memory(channel: &ChannelId, alert: &AlertId) -> Option<String>;
        fn channel_memories(channel: &ChannelId, after: Option<&AlertId>, limit: u32) -> Vec<(AlertId, String)>;
    }
    SubscriptionReads {
        fn subscription(id: &SubscriptionId) -> Option<Subscription>;
        fn subscriptions() -> Vec<Subscription>;
    }
    SessionReads {
        fn session(id: &SessionId) -> Option<Session>;
        fn sessions_of(person: &PersonId) -> Vec<Session>;
        fn password(person: &PersonId) -> Option<Password>;
    }
    FeedReads {
        fn tokens_after(after: Option<&CredentialId>, limit: u32) -> Vec<(Credential, Token)>;
        fn feed_mark() -> FeedMark;
        fn tokens_changed_after(revision: i64) -> (Vec<(Credential, Token)>, bool);
        itself {
            fn is_shared(&self) -> bool {
                self.shared
            }
        }
    }
}
