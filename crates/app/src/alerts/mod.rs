//! Alerts, and what people may do about them.

mod act;
mod answer_call;
mod outlook;
mod read;

pub(crate) use act::let_lapse_reviewed;
pub use act::{acknowledge, escalate, let_lapse, snooze, unsnooze};
pub use answer_call::answer_call;
pub use outlook::{foresee_alerts, which_handled};
pub use read::{AlertDetail, AlertItem, count_alerts, get_alert, list_alerts};
