//! What everything else is made of: instants, spans, ids, secrets, names; and how
//! spans and numbers are said.
//!
//! Nothing here knows what a token is.

mod email;
mod id;
mod name;
mod pattern;
mod role_name;
mod secret;
mod span;
mod time;
mod words;

pub use email::{Email, EmailError};
pub use id::{
    AlertId, AuditId, ChannelId, CredentialId, Entropy, IdError, MessageId, MonitorId, NoticeKey,
    PersonId, ServiceAccountId, SessionId, SilenceId, SourceId, SubscriptionId, SweepId, TeamId,
    WatchId, base62, digit62, digits62,
};
pub use name::{Name, NameError, escape_line};
pub use pattern::{Pattern, PatternError};
pub use role_name::{RoleName, RoleNameError};
pub use secret::Secret;
pub use span::{Span, SpanError};
pub use time::{Instant, InstantError};
pub use words::{count, length, passed, still_left, thousands};
