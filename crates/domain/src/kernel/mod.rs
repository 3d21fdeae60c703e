//! What everything else is made of: instants, spans, ids, secrets, names.
//!
//! Nothing here knows what a token is.

mod id;
mod name;
mod secret;
mod span;
mod time;

pub use id::{
    AlertId, AuditId, ChannelId, CredentialId, Entropy, IdError, MessageId, NoticeKey, PersonId,
    RoleId, ServiceAccountId, SourceId, SweepId, TeamId, base62,
};
pub use name::{Name, NameError, escape_line};
pub use secret::Secret;
pub use span::{Span, SpanError};
pub use time::{Instant, InstantError};
