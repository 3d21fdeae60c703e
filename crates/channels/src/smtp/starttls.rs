//! The few plain lines before TLS: greeting, `EHLO`, `STARTTLS`.
//!
//! Done by hand so that whatever was sent in plain text is thrown away at the switch:
//! a reply that arrives early is an injection (RFC 3207 §4.2, CVE-2011-0411) and ends
//! the attempt. A server that does not offer `STARTTLS` ends it as well.

use app::ports::{Cause, DeliveryError, Verdict};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::reply::{Stage, refused, silent};
use crate::failure::failure;

/// More than any sane greeting or `EHLO` reply.
const REPLY_BYTES_MAX: usize = 16 * 1024;

/// Brings the stream to the point where the TLS handshake begins.
pub(super) async fn prepare(stream: &mut TcpStream, hello: &str) -> Result<(), DeliveryError> {
    expect(stream, 220).await?;
    command(stream, &format!("EHLO {hello}\r\n")).await?;
    let offers = expect(stream, 250).await?;
    if !offers.lines().any(|line| {
        line.get(4..)
            .is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"))
    }) {
        let detail = "the mail server does not offer STARTTLS, and mail is not sent in plain text; \
                      if it speaks TLS from the start, set `tls = \"implicit\"`";
        return Err(failure(Verdict::ChannelBroken, Cause::Tls, detail));
    }
    command(stream, "STARTTLS\r\n").await?;
    expect(stream, 220).await.map(drop)
}

async fn command(stream: &mut TcpStream, line: &str) -> Result<(), DeliveryError> {
    stream
        .write_all(line.as_bytes())
        .await
        .map_err(|e| silent(Stage::Hello, Cause::Unreachable, &e.to_string()))
}

/// Reads one reply and nothing after it.
async fn expect(stream: &mut TcpStream, code: u16) -> Result<String, DeliveryError> {
    let reply = read_reply(stream)
        .await
        .map_err(|e| silent(Stage::Hello, Cause::Unreachable, &e.to_string()))?;
    let got = reply
        .get(..3)
        .and_then(|c| c.parse::<u16>().ok())
        .unwrap_or_default();
    match got {
        _ if got == code => Ok(reply),
        400..=599 => Err(refused(
            Stage::Hello,
            got,
            reply.get(4..).unwrap_or_default(),
        )),
        _ => Err(silent(
            Stage::Hello,
            Cause::Server,
            "it does not speak SMTP",
        )),
    }
}

async fn read_reply(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0_u8; 1024];
        let count = stream.read(&mut chunk).await?;
        if count == 0 {
            return Err(std::io::Error::other("the connection was closed"));
        }
        bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let text = String::from_utf8_lossy(&bytes);
        match last_line_end(&text) {
            Some(end) if end == text.len() => return Ok(text.into_owned()),
            Some(_) => {
                return Err(std::io::Error::other(
                    "bytes arrived before they were asked for",
                ));
            }
            None if bytes.len() > REPLY_BYTES_MAX => {
                return Err(std::io::Error::other("the reply has no end"));
            }
            None => {}
        }
    }
}

/// Where the first line ends that carries no `-` after its code.
fn last_line_end(text: &str) -> Option<usize> {
    let mut end = 0;
    for line in text.split_inclusive('\n').filter(|l| l.ends_with('\n')) {
        end += line.len();
        if line.as_bytes().get(3) != Some(&b'-') {
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_ends_at_its_first_line_without_hyphen() {
        assert_eq!(last_line_end("250-a\r\n250-b\r\n"), None);
        assert_eq!(last_line_end("250-a\r\n250 b\r\n"), Some(14));
        assert_eq!(last_line_end("220 go\r\n250 injected\r\n"), Some(8));
        assert_eq!(last_line_end("250"), None);
    }
}
