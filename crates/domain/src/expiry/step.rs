//! A moment in a credential's life at which somebody must hear.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::Span;

/// A moment at which somebody must hear. Ordered by depth: a later step is greater.
/// Written `30d`, `end`, `end+7d`, `baseline`, `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Step {
    /// The first import of a source told of it.
    Baseline,
    /// So long before the end; always longer than zero.
    Lead(Span),
    /// The end itself.
    End,
    /// So long after the end; always longer than zero.
    AfterEnd(Span),
    /// At once; for subjects that have no end.
    Now,
}

/// A text that names no step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no step; a lead time such as 30d, end, end+7d, baseline or now does")]
pub struct StepError(pub String);

impl Step {
    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// Any other form, and spans that are not longer than zero.
    pub fn parse(text: &str) -> Result<Self, StepError> {
        let error = || StepError(text.chars().take(40).collect());
        let positive = |s: &str| {
            Span::parse(s)
                .ok()
                .filter(|s| s.is_positive())
                .ok_or_else(error)
        };
        match text {
            "baseline" => Ok(Self::Baseline),
            "end" => Ok(Self::End),
            "now" => Ok(Self::Now),
            _ => match text.strip_prefix("end+") {
                Some(rest) => positive(rest).map(Self::AfterEnd),
                None => positive(text).map(Self::Lead),
            },
        }
    }

    /// Depth in microseconds relative to the end: negative before it.
    fn depth(self) -> i64 {
        match self {
            Self::Baseline => i64::MIN,
            Self::Lead(span) => -span.as_micros(),
            Self::End => 0,
            Self::AfterEnd(span) => span.as_micros(),
            Self::Now => i64::MAX,
        }
    }
}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Step {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.depth().cmp(&other.depth())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Baseline => f.write_str("baseline"),
            Self::Lead(span) => span.fmt(f),
            Self::End => f.write_str("end"),
            Self::AfterEnd(span) => write!(f, "end+{span}"),
            Self::Now => f.write_str("now"),
        }
    }
}

impl TryFrom<String> for Step {
    type Error = StepError;
    fn try_from(text: String) -> Result<Self, StepError> {
        Self::parse(&text)
    }
}

impl From<Step> for String {
    fn from(step: Step) -> Self {
        step.to_string()
    }
}
