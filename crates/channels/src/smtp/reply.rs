//! What does this reply, or its absence, mean for the message?
//!
//! Pure: stage and reply in, outcome out. Reply codes are those of RFC 5321 §4.2,
//! enhanced codes (`5.1.1`) those of RFC 3463.

use crate::outcome::{Outcome, one_line};

/// How far the conversation had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Greeting and `EHLO`.
    Hello,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`, before any byte of the message.
    Data,
    /// The message's bytes are on their way.
    Body,
    /// The final dot is out, the reply is awaited.
    Dot,
}

impl Stage {
    const fn name(self) -> &'static str {
        match self {
            Self::Hello => "greeting",
            Self::Auth => "AUTH",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Body => "the message",
            Self::Dot => "the end of the message",
        }
    }
}

/// A negative reply.
pub(super) fn refused(stage: Stage, code: u16, text: &str) -> Outcome {
    let detail = one_line(&format!("{code} {text} (after {})", stage.name()));
    match (stage, code) {
        (_, 400..=499) => Outcome::Retry { detail, after: None },
        // RFC 5321 §4.5.3.1.10: at this stage 552 is to be read as 452.
        (Stage::Recipient, 552) => Outcome::Retry { detail, after: None },
        // Relaying denied, policy, authentication required: not the recipient's fault.
        (Stage::Recipient, _) if code == 530 || text.trim_start().starts_with("5.7.") => {
            Outcome::ChannelBroken { detail }
        }
        (Stage::Recipient, _) => Outcome::RecipientRejected { detail },
        (Stage::Hello | Stage::Auth | Stage::Sender, _) => Outcome::ChannelBroken { detail },
        (Stage::Data | Stage::Body | Stage::Dot, _) => Outcome::MessageRejected { detail },
    }
}

/// No reply: the connection broke, time was up, or noise came. Only after the final
/// dot may the server have taken the message over without our knowing.
pub(super) fn silent(stage: Stage, cause: &str) -> Outcome {
    let detail = one_line(&format!("no reply after {}: {cause}", stage.name()));
    match stage {
        Stage::Dot => Outcome::Ambiguous { detail },
        _ => Outcome::Retry { detail, after: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Retry { .. } => "retry",
            Outcome::Ambiguous { .. } => "ambiguous",
            Outcome::RecipientRejected { .. } => "recipient",
            Outcome::Doubtful { .. } => "doubtful",
            Outcome::MessageRejected { .. } => "message",
            Outcome::ChannelBroken { .. } => "broken",
            Outcome::ChannelGone { .. } => "gone",
        }
    }

    /// F23: each class of reply leads to its own decision; 4xx is never final.
    #[test]
    fn replies_are_sorted_by_stage_and_code() {
        for (stage, code, text, want) in [
            (Stage::Hello, 421, "4.3.2 busy", "retry"),
            (Stage::Hello, 554, "no service", "broken"),
            (Stage::Auth, 454, "4.7.0 later", "retry"),
            (Stage::Auth, 535, "5.7.8 wrong password", "broken"),
            (Stage::Sender, 550, "5.7.1 sender refused", "broken"),
            (Stage::Recipient, 421, "", "retry"),
            (Stage::Recipient, 422, "mailbox full", "retry"),
            (Stage::Recipient, 441, "", "retry"),
            (Stage::Recipient, 450, "4.2.0 greylisted", "retry"),
            (Stage::Recipient, 451, "", "retry"),
            (Stage::Recipient, 452, "", "retry"),
            (Stage::Recipient, 550, "5.1.1 no such user", "recipient"),
            (Stage::Recipient, 551, "not local", "recipient"),
            (Stage::Recipient, 552, "5.2.2 full", "retry"),
            (Stage::Recipient, 553, "5.1.3 syntax", "recipient"),
            (Stage::Recipient, 554, "5.7.1 relay access denied", "broken"),
            (Stage::Recipient, 530, "authentication required", "broken"),
            (Stage::Data, 451, "", "retry"),
            (Stage::Dot, 451, "", "retry"),
            (Stage::Dot, 552, "5.3.4 too big", "message"),
            (Stage::Dot, 554, "5.6.0 content", "message"),
        ] {
            assert_eq!(word(&refused(stage, code, text)), want, "{stage:?} {code}");
        }
    }

    /// F23: only silence after the final dot leaves the outcome open.
    #[test]
    fn silence_is_ambiguous_only_after_the_dot() {
        for stage in [Stage::Hello, Stage::Auth, Stage::Sender, Stage::Recipient, Stage::Data, Stage::Body] {
            assert_eq!(word(&silent(stage, "reset")), "retry", "{stage:?}");
        }
        assert_eq!(word(&silent(Stage::Dot, "reset")), "ambiguous");
    }
}
