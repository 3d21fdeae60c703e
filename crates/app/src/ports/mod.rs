//! What the use cases need from outside, as traits and plain values.

mod call;
mod channel;
mod clock;
mod connector;
mod memory;
mod provider;
mod session;
mod source;
mod store;
mod subscription;

pub use call::{Act, Call, CallError, Wish};
pub use channel::{
    Addressee, Cause, Channel, CredentialFacts, DeliveryError, DependencyFacts, Item,
    MessageContent, MonitorFacts, OwnWords, Question, Receipt, RenderError, ReviewFacts, Verdict,
    Wording,
};
pub use clock::{Clock, Random};
pub use connector::{
    Batch, Connector, ConnectorError, Decoded, Decoder, LineCounts, Preview, PreviewRow,
    ReadSummary,
};
pub use memory::ChannelMemory;
pub use provider::{Asked, IdentityProvider, ProviderError, Vouched};
pub use session::{Password, Phc, Session, Way};
pub use source::{Condition, Held, ReadCounts, SourceState};
pub use store::{
    AlertFilter, AlertReads, AlertsSeen, Answering, AuditEntry, AuditFilter, AuditReads, AuditRow,
    Changes, Claim, CredentialFilter, CredentialReads, CredentialSort, Cursor, Due, DueReads,
    FeedMark, FeedReads, Idempotent, MemoryReads, MessageFilter, MetaReads, MonitorReads,
    OutboxReads, Page, PageRequest, PeopleReads, Pinged, SessionReads, Store, StoreError,
    SubscriptionReads, Usage, Write,
};
pub use subscription::{Followed, Subscription};
