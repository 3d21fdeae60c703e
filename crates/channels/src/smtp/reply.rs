//! What does this reply, or its absence, mean for the message?
//!
//! Pure: stage and reply in, verdict out. Reply codes are those of RFC 5321 §4.2,
//! enhanced codes (`5.1.1`) those of RFC 3463.

use app::ports::{Cause, DeliveryError, Verdict};

use crate::failure::{RETRY, failure};

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
pub(super) fn refused(stage: Stage, code: u16, text: &str) -> DeliveryError {
    let (verdict, cause) = judge(stage, code, text);
    failure(
        verdict,
        cause,
        &format!("{code} {text} (after {})", stage.name()),
    )
}

fn judge(stage: Stage, code: u16, text: &str) -> (Verdict, Cause) {
    match (stage, code) {
        (_, 400..=499) => (RETRY, Cause::Server),
        // RFC 5321 §4.5.3.1.10: at this stage 552 is to be read as 452.
        (Stage::Recipient, 552) => (RETRY, Cause::Server),
        (_, 530) | (Stage::Auth, _) => (Verdict::ChannelBroken, Cause::Auth),
        // Relaying denied, policy: not the recipient's fault.
        (Stage::Recipient, _) if text.trim_start().starts_with("5.7.") => {
            (Verdict::ChannelBroken, Cause::Rejected)
        }
        (Stage::Recipient, _) => (Verdict::RecipientGone, Cause::Gone),
        (Stage::Hello | Stage::Sender, _) => (Verdict::ChannelBroken, Cause::Rejected),
        (Stage::Data | Stage::Body | Stage::Dot, _) => (Verdict::GiveUp, Cause::Rejected),
    }
}

/// No reply: the connection broke, time was up, or noise came. Only after the final
/// dot may the server have taken the message over without our knowing.
pub(super) fn silent(stage: Stage, cause: Cause, words: &str) -> DeliveryError {
    let verdict = if stage == Stage::Dot {
        Verdict::Ambiguous
    } else {
        RETRY
    };
    failure(
        verdict,
        cause,
        &format!("no reply after {}: {words}", stage.name()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T7, F23: each class of reply leads to its own decision; 4xx is never final.
    #[test]
    fn replies_are_sorted_by_stage_and_code() {
        use Verdict::{ChannelBroken, GiveUp, RecipientGone};
        for (stage, code, text, want) in [
            (Stage::Hello, 421, "4.3.2 busy", RETRY),
            (Stage::Hello, 554, "no service", ChannelBroken),
            (Stage::Auth, 454, "4.7.0 later", RETRY),
            (Stage::Auth, 535, "5.7.8 wrong password", ChannelBroken),
            (Stage::Sender, 550, "5.7.1 sender refused", ChannelBroken),
            (Stage::Recipient, 421, "", RETRY),
            (Stage::Recipient, 422, "mailbox full", RETRY),
            (Stage::Recipient, 441, "", RETRY),
            (Stage::Recipient, 450, "4.2.0 greylisted", RETRY),
            (Stage::Recipient, 451, "", RETRY),
            (Stage::Recipient, 452, "", RETRY),
            (Stage::Recipient, 550, "5.1.1 no such user", RecipientGone),
            (Stage::Recipient, 551, "not local", RecipientGone),
            (Stage::Recipient, 552, "5.2.2 full", RETRY),
            (Stage::Recipient, 553, "5.1.3 syntax", RecipientGone),
            (
                Stage::Recipient,
                554,
                "5.7.1 relay access denied",
                ChannelBroken,
            ),
            (
                Stage::Recipient,
                530,
                "authentication required",
                ChannelBroken,
            ),
            (Stage::Data, 451, "", RETRY),
            (Stage::Dot, 451, "", RETRY),
            (Stage::Dot, 552, "5.3.4 too big", GiveUp),
            (Stage::Dot, 554, "5.6.0 content", GiveUp),
        ] {
            assert_eq!(refused(stage, code, text).verdict, want, "{stage:?} {code}");
        }
    }

    /// F23: only silence after the final dot leaves the outcome open.
    #[test]
    fn silence_is_ambiguous_only_after_the_dot() {
        for stage in [
            Stage::Hello,
            Stage::Auth,
            Stage::Sender,
            Stage::Recipient,
            Stage::Data,
            Stage::Body,
        ] {
            assert_eq!(
                silent(stage, Cause::Unreachable, "reset").verdict,
                RETRY,
                "{stage:?}"
            );
        }
        assert_eq!(
            silent(Stage::Dot, Cause::Timeout, "").verdict,
            Verdict::Ambiguous
        );
    }
}
