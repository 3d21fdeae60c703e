//! Alerts, and what people may do about them.

mod act;
mod answer_call;
mod by_link;
mod link;
mod outlook;
mod read;

pub(crate) use act::let_lapse_reviewed;
pub use act::{acknowledge, escalate, let_lapse, snooze, unsnooze};
pub use answer_call::answer_call;
pub use by_link::{HeldLink, act_by_link, held_link};
pub use link::LINK_HOLDS;
pub(crate) use link::act_link;
pub use outlook::{foresee_alerts, which_handled};
pub use read::{AlertDetail, AlertItem, count_alerts, get_alert, list_alerts};
