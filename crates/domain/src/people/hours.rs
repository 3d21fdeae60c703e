//! When one recipient wants to hear.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// When one recipient wants to hear. The default: at any time.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecipientHours {
    /// IANA name; `None` and unknown names count as UTC.
    pub time_zone: Option<String>,
    /// Not in these hours of the day.
    pub quiet: Option<QuietHours>,
    /// Only on these days, ISO 8601: 1 for Monday to 7 for Sunday. Empty: on every day.
    pub working_days: BTreeSet<i8>,
    /// When wide steps (more than a week ahead) are gathered.
    pub digest: Option<DigestWindow>,
}

/// Hours of the day, `[from, to)`; over midnight when `to` is before `from`, none when
/// they are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// First quiet minute of the day, 0 to 1439.
    pub from: u16,
    /// First minute that is not quiet.
    pub to: u16,
}

/// When wide steps are gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestWindow {
    /// 1 for Monday to 7 for Sunday; `None` for every day.
    pub weekday: Option<i8>,
    /// Minute of the day, 0 to 1439.
    pub minute: u16,
}
