//! Who must hear, when each may hear, and over which ways.

mod audience;
mod listener;
mod message;
mod reach;
mod record;
mod retry;
mod schedule;
mod surface;
mod truth;
mod ways;

pub use audience::{audience, operators, reviewers};
pub use listener::{Audience, AudienceSettings, Concerned, Listener, SharedChannel};
pub use message::{Attempt, Message, MessageKind, MessageState};
pub use record::{AudienceRole, Notice, NoticeState};
pub use retry::{Pace, Pushback, deadline, retry_at};
pub use schedule::{schedule, schedule_over};
pub use surface::{stackrox_line, surface_due};
pub use truth::still_true;
pub use ways::{ChannelFacts, ways};
