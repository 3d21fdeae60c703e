//! What became of one attempt to hand over one message?
//!
//! One variant per decision that the delivering side takes. Texts never hold
//! addresses, URLs, secrets or whole bodies.

use std::time::Duration;

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side took it over; the receipt is what it said.
    Accepted {
        /// SMTP reply or HTTP status, at most 300 characters.
        receipt: String,
    },
    /// The cause may pass: try again by the schedule.
    Retry {
        /// What happened.
        detail: String,
        /// What the other side asked for; the schedule is the lower bound.
        after: Option<Duration>,
    },
    /// Perhaps accepted, the answer was lost. Try once more with the same bytes.
    Ambiguous {
        /// What happened.
        detail: String,
    },
    /// This recipient cannot be reached this way, now or later.
    RecipientRejected {
        /// What the other side said.
        detail: String,
    },
    /// Likely to stay: try twice more, then give up and fall over.
    Doubtful {
        /// What happened.
        detail: String,
    },
    /// The other side will not take this message; others may pass.
    MessageRejected {
        /// What the other side said.
        detail: String,
    },
    /// The channel itself does not work until somebody changes something.
    ChannelBroken {
        /// What happened.
        detail: String,
    },
    /// The other side asked never to be called again (HTTP 410).
    ChannelGone {
        /// What happened.
        detail: String,
    },
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

    #[test]
    fn receipts_stay_on_one_short_line_without_addresses() {
        assert_eq!(one_line("250 2.0.0 Ok:\r\n queued as 4F2 for <ada@example.org>"), "250 2.0.0 Ok: queued as 4F2 for …");
        assert_eq!(one_line(&"é".repeat(301)).chars().count(), 300);
    }
}
