//! The ways out to people and programs: one file per way, rendering beside them.
//!
//! A channel hands over one message and says what became of it. It never decides
//! whether to try again, never resolves a recipient, never reads a clock.

pub mod alertmanager;
mod answer;
pub mod command;
mod email;
mod failure;
mod letterhead;
pub mod outbox;
pub mod pagerduty;
mod post;
pub mod render;
pub mod slack;
pub mod smtp;
pub mod ticket;
pub mod webhook;

pub use alertmanager::{AlertmanagerChannel, AlertmanagerError, AlertmanagerSettings};
pub use command::{CommandChannel, CommandError, CommandSettings};
pub use email::{EmailChannel, EmailError, EmailSettings};
pub use outbox::OutboxChannel;
pub use pagerduty::{PagerDutyChannel, PagerDutyError, PagerDutySettings};
pub use slack::{SlackChannel, SlackError, SlackSettings};
pub use ticket::TicketChannel;
pub use webhook::{WebhookChannel, WebhookError, WebhookSettings};
