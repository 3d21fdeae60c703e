//! Alerts, and what people may do about them.

mod act;
mod read;

pub use act::{acknowledge, let_lapse, snooze, unsnooze};
pub use read::{AlertDetail, AlertItem, get_alert, list_alerts};
