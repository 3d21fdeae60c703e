//! One connection, one message, one recipient.

use std::future::Future;
use std::time::Duration;

use app::ports::{Cause, DeliveryError, Receipt, Verdict};
use egress::{Egress, Trust};
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::reply::{Stage, refused, silent};
use super::starttls;
use super::wire::{DotWatch, Stream, Wire};
use super::{Server, TlsMode};
use crate::failure::{failure, one_line, unreached};

/// From whom and to whom, as the mail server hears it.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Where bounces go.
    pub from: Address,
    /// The one recipient.
    pub to: Address,
}

/// Hands one message over. Bounded in time as a whole and in each step.
///
/// # Errors
/// With the verdict that follows from the server's reply, or from its silence.
pub async fn send(
    egress: &Egress,
    server: &Server,
    envelope: &Envelope,
    message: &[u8],
) -> Result<Receipt, DeliveryError> {
    let dot = DotWatch::default();
    let talk = converse(egress, server, envelope, message, &dot);
    let too_long = || {
        silent(
            stage_of(&dot),
            Cause::Timeout,
            "the whole message took too long",
        )
    };
    timeout(server.limits.message, talk)
        .await
        .unwrap_or_else(|_| Err(too_long()))
}

async fn converse(
    egress: &Egress,
    server: &Server,
    envelope: &Envelope,
    message: &[u8],
    dot: &DotWatch,
) -> Result<Receipt, DeliveryError> {
    let limit = server.limits.command;
    let mut connection = open(egress, server, dot).await?;
    authenticate(&mut connection, server).await?;
    let sender = Mail::new(
        Some(envelope.from.clone()),
        sender_parameters(&connection, envelope)?,
    );
    step(limit, Stage::Sender, connection.command(sender)).await?;
    let recipient = Rcpt::new(envelope.to.clone(), Vec::new());
    step(limit, Stage::Recipient, connection.command(recipient)).await?;
    step(limit, Stage::Data, connection.command(Data)).await?;
    let crlf = with_crlf(message);
    // The message's own limit is that of the whole: servers may scan for a while.
    let said = connection
        .message(&crlf)
        .await
        .map_err(|e| failed(stage_of(dot), &e))?;
    // The message is theirs now; how they say goodbye does not matter.
    let _ = timeout(Duration::from_secs(2), connection.quit()).await;
    Ok(receipt(&said))
}

async fn open(
    egress: &Egress,
    server: &Server,
    dot: &DotWatch,
) -> Result<AsyncSmtpConnection, DeliveryError> {
    let mut tcp = egress
        .dial(&server.host, server.port, Trust::Trusted)
        .await
        .map_err(|e| unreached(&e))?;
    let peer = tcp
        .peer_addr()
        .map_err(|e| silent(Stage::Hello, Cause::Unreachable, &e.to_string()))?;
    let limit = server.limits.command;
    let (stream, first): (Box<dyn Stream>, &[u8]) = match server.tls {
        TlsMode::None => (Box::new(tcp), b""),
        TlsMode::Implicit => (secure(egress, server, tcp).await?, b""),
        TlsMode::StartTls => {
            step_plain(limit, starttls::prepare(&mut tcp, &server.hello)).await?;
            (secure(egress, server, tcp).await?, b"220 secured\r\n")
        }
    };
    let wire = Wire::new(stream, peer, first, dot.clone());
    let hello = ClientId::Domain(server.hello.clone());
    step(
        limit,
        Stage::Hello,
        AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello),
    )
    .await
}

async fn secure(
    egress: &Egress,
    server: &Server,
    tcp: TcpStream,
) -> Result<Box<dyn Stream>, DeliveryError> {
    let handshake = async {
        egress
            .secure(tcp, &server.host)
            .await
            .map_err(|e| unreached(&e))
    };
    Ok(Box::new(
        step_plain(server.limits.command, handshake).await?,
    ))
}

async fn authenticate(
    connection: &mut AsyncSmtpConnection,
    server: &Server,
) -> Result<(), DeliveryError> {
    let Some(login) = &server.login else {
        return Ok(());
    };
    if connection
        .server_info()
        .get_auth_mechanism(DEFAULT_MECHANISMS)
        .is_none()
    {
        let detail =
            "the mail server offers neither AUTH PLAIN nor AUTH LOGIN, yet a name is configured";
        return Err(failure(Verdict::ChannelBroken, Cause::Auth, detail));
    }
    let credentials = Credentials::new(login.username.clone(), login.password.expose().clone());
    let attempt = connection.auth(DEFAULT_MECHANISMS, &credentials);
    step(server.limits.command, Stage::Auth, attempt)
        .await
        .map(drop)
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

async fn step<T>(
    limit: Duration,
    stage: Stage,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, DeliveryError> {
    match timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(failed(stage, &error)),
        Err(_) => Err(silent(stage, Cause::Timeout, "time was up")),
    }
}

async fn step_plain<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, DeliveryError>>,
) -> Result<T, DeliveryError> {
    timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(silent(Stage::Hello, Cause::Timeout, "time was up")))
}

fn stage_of(dot: &DotWatch) -> Stage {
    if dot.is_out() {
        Stage::Dot
    } else {
        Stage::Body
    }
}

fn failed(stage: Stage, error: &Error) -> DeliveryError {
    let words =
        std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    match error.status() {
        Some(code) => refused(stage, code.into(), &words),
        None if error.is_response() => silent(stage, Cause::Server, &words),
        None => silent(stage, Cause::Unreachable, &words),
    }
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
