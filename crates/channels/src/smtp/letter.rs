//! One letter over a connection: envelope, message, receipt.

use app::ports::{Cause, DeliveryError, Receipt, Verdict};
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use super::Server;
use super::reply::Stage;
use super::session::Session;
use super::step::{failed, step, time_is_up};
use crate::failure::{failure, one_line};

/// From whom and to whom, as the mail server hears it.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Where bounces go.
    pub from: Address,
    /// The one recipient.
    pub to: Address,
}

/// Why a letter was not taken.
pub(super) struct Refusal {
    pub(super) error: DeliveryError,
    /// The connection was dead before the first word of the letter.
    pub(super) was_dead: bool,
}

impl From<DeliveryError> for Refusal {
    fn from(error: DeliveryError) -> Self {
        Self {
            error,
            was_dead: false,
        }
    }
}

/// Hands one letter over.
pub(super) async fn hand_over(
    session: &mut Session,
    server: &Server,
    envelope: &Envelope,
    message: &[u8],
) -> Result<Receipt, Refusal> {
    session.dot.reset();
    let parameters = sender_parameters(&session.connection, envelope)?;
    let sender = Mail::new(Some(envelope.from.clone()), parameters);
    let recipient = Rcpt::new(envelope.to.clone(), Vec::new());
    address(session, server, sender, recipient).await?;
    // The message's own limit is that of the whole: servers may scan for a while.
    let said = session
        .connection
        .message(&with_crlf(message))
        .await
        .map_err(|e| failed(stage_of(session), &e))?;
    session.letters = session.letters.saturating_add(1);
    Ok(receipt(&said))
}

/// How far the message itself came.
pub(super) fn stage_of(session: &Session) -> Stage {
    if session.dot.is_out() {
        Stage::Dot
    } else {
        Stage::Body
    }
}

/// Sender, recipient and the wish to begin; in one breath where the server takes that. What
/// is refused on the way ends the letter: no byte of it is sent then.
async fn address(
    session: &mut Session,
    server: &Server,
    sender: Mail,
    recipient: Rcpt,
) -> Result<(), Refusal> {
    let limit = server.limits.command;
    let connection = &mut session.connection;
    let (first, rest) = match session.pipelines {
        true => (format!("{sender}{recipient}{Data}"), None),
        false => (
            sender.to_string(),
            Some((recipient.to_string(), Data.to_string())),
        ),
    };
    let was_used = session.letters > 0;
    match timeout(limit, connection.command(first)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            return Err(Refusal {
                was_dead: was_used && says_nothing_of_the_letter(&error),
                error: failed(Stage::Sender, &error),
            });
        }
        Err(_) => return Err(time_is_up(Stage::Sender).into()),
    }
    match rest {
        None => {
            step(limit, Stage::Recipient, connection.read_response()).await?;
            step(limit, Stage::Data, connection.read_response()).await?;
        }
        Some((recipient, data)) => {
            step(limit, Stage::Recipient, connection.command(recipient)).await?;
            step(limit, Stage::Data, connection.command(data)).await?;
        }
    }
    Ok(())
}

/// A server closes what was idle for long: without a word, or with 421 (RFC 5321 §3.8).
fn says_nothing_of_the_letter(error: &Error) -> bool {
    error.status().is_none_or(|code| u16::from(code) == 421)
}

/// RFC 6531: an address beyond ASCII needs a server that says it takes them.
fn sender_parameters(
    connection: &AsyncSmtpConnection,
    envelope: &Envelope,
) -> Result<Vec<MailParameter>, DeliveryError> {
    let ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if ascii(&envelope.from) && ascii(&envelope.to) {
        return Ok(Vec::new());
    }
    if connection
        .server_info()
        .supports_feature(Extension::SmtpUtfEight)
    {
        return Ok(vec![MailParameter::SmtpUtfEight]);
    }
    let detail = "the address has letters beyond ASCII and the mail server does not offer SMTPUTF8";
    Err(failure(Verdict::RecipientGone, Cause::Rejected, detail))
}

fn receipt(said: &Response) -> Receipt {
    let text: Vec<&str> = said.message().collect();
    Receipt {
        said: one_line(&format!("{} {}", said.code(), text.join(" "))),
    }
}

/// Line ends as the protocol wants them. A lone CR or LF would be read differently
/// by different servers, which is how a second message is smuggled in.
fn with_crlf(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len());
    let mut bytes = message.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                out.extend_from_slice(b"\r\n");
            }
            b'\n' => out.extend_from_slice(b"\r\n"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::with_crlf;

    #[test]
    fn lone_line_ends_cannot_smuggle_a_message() {
        assert_eq!(
            with_crlf(b"a\n.\nb\r.\rc\r\nd"),
            b"a\r\n.\r\nb\r\n.\r\nc\r\nd"
        );
    }
}
