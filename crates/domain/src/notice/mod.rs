//! Who must hear, when each may hear, and over which ways.

mod message;
mod record;

pub use message::{Attempt, Message, MessageKind, MessageState};
pub use record::{AudienceRole, Notice, NoticeState};
