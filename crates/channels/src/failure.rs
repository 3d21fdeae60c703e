//! How a failed attempt is put into words and a verdict.
//!
//! Details never hold an address, a URL, a secret, or a whole body.

use app::ports::{Cause, DeliveryError, Verdict};
use egress::EgressError;

/// Try again by the schedule.
pub(crate) const RETRY: Verdict = Verdict::Retry { after: None };

/// A failure with a detail made fit for logs and pages.
pub(crate) fn failure(verdict: Verdict, cause: Cause, detail: &str) -> DeliveryError {
    DeliveryError {
        verdict,
        cause,
        detail: one_line(detail),
    }
}

/// What a failure of the way out means for a channel. Whether a message was taken
/// over before the answer was lost is for the caller to know.
pub(crate) fn unreached(error: &EgressError) -> DeliveryError {
    let (verdict, cause) = match error {
        EgressError::Refused { .. } | EgressError::Url(_) => {
            (Verdict::ChannelBroken, Cause::Forbidden)
        }
        EgressError::Tls { .. } => (Verdict::RetryTwice, Cause::Tls),
        EgressError::Timeout { .. } => (RETRY, Cause::Timeout),
        EgressError::BadResponse { .. } => (RETRY, Cause::Server),
        EgressError::Resolve { .. } | EgressError::Connect { .. } => (RETRY, Cause::Unreachable),
    };
    failure(verdict, cause, &error.to_string())
}

/// One line of at most 300 characters: control characters become blanks, and what
/// looks like an address becomes `…`, for receipts and errors are shown and logged.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_control() || c.is_whitespace());
    let mut line = String::new();
    for word in words.filter(|w| !w.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(if word.contains('@') { "…" } else { word });
    }
    line.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T16: receipts stay on one short line without addresses.
    #[test]
    fn receipts_stay_on_one_short_line_without_addresses() {
        let said = "250 2.0.0 Ok:\r\n queued as 4F2 for <ada@example.org>";
        assert_eq!(one_line(said), "250 2.0.0 Ok: queued as 4F2 for …");
        assert_eq!(one_line(&"é".repeat(301)).chars().count(), 300);
    }
}
