//! The few lines that are spoken before TLS begins.
//!
//! Read byte by byte, so that nothing of the handshake is taken for an answer. Whatever a
//! server says here is neither kept nor shown: it is not protected yet.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::endpoint::Before;

/// The longest line that is read.
const LINE_MAX: usize = 2048;
/// The most lines of one answer.
const LINES_MAX: usize = 100;

/// Brings a connection to where the handshake begins. The caller bounds the time.
///
/// # Errors
/// The server does not speak the protocol, or does not offer TLS.
pub(super) async fn prepare<S>(stream: &mut S, before: Before) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match before {
        Before::Nothing => Ok(()),
        Before::Smtp => smtp(stream).await,
        Before::Imap => imap(stream).await,
        Before::Pop3 => pop3(stream).await,
        Before::Ldap => ldap(stream).await,
        Before::Postgres => postgres(stream).await,
    }
}

fn refused(what: &'static str) -> io::Error {
    io::Error::other(what)
}

/// RFC 3207.
async fn smtp<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    smtp_reply(stream, "220").await?;
    stream.write_all(b"EHLO forewarn.invalid\r\n").await?;
    smtp_reply(stream, "250").await?;
    stream.write_all(b"STARTTLS\r\n").await?;
    smtp_reply(stream, "220").await
}

/// Reads lines until the one without `-` behind its code.
async fn smtp_reply<S: AsyncRead + Unpin>(stream: &mut S, code: &str) -> io::Result<()> {
    for _ in 0..LINES_MAX {
        let line = line(stream).await?;
        if !line.starts_with(code) {
            return Err(refused("it speaks no SMTP, or offers no STARTTLS"));
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(());
        }
    }
    Err(refused("its answer has no end"))
}

/// RFC 9051, 6.2.1.
async fn imap<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    if !line(stream).await?.starts_with("* ") {
        return Err(refused("it speaks no IMAP"));
    }
    stream.write_all(b"a1 STARTTLS\r\n").await?;
    for _ in 0..LINES_MAX {
        let line = line(stream).await?.to_ascii_uppercase();
        if line.starts_with("A1 OK") {
            return Ok(());
        }
        if line.starts_with("A1 ") {
            return Err(refused("it offers no STARTTLS"));
        }
    }
    Err(refused("its answer has no end"))
}

/// RFC 2595, 4.
async fn pop3<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    if !line(stream).await?.starts_with("+OK") {
        return Err(refused("it speaks no POP3"));
    }
    stream.write_all(b"STLS\r\n").await?;
    match line(stream).await?.starts_with("+OK") {
        true => Ok(()),
        false => Err(refused("it offers no STLS")),
    }
}

/// RFC 4511, 4.14: an extended request 1.3.6.1.4.1.1466.20037 with message id 1.
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

async fn ldap<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    stream.write_all(START_TLS).await?;
    let mut head = [0_u8; 2];
    stream.read_exact(&mut head).await?;
    let length = match head {
        [0x30, short @ 0..=0x7f] => usize::from(short),
        [0x30, 0x81] => usize::from(stream.read_u8().await?),
        [0x30, 0x82] => usize::from(stream.read_u16().await?),
        [0x30, 0x84] => usize::try_from(stream.read_u32().await?).unwrap_or(usize::MAX),
        _ => return Err(refused("it speaks no LDAP")),
    };
    if length > LINE_MAX {
        return Err(refused("it speaks no LDAP"));
    }
    let mut body = vec![0_u8; length];
    stream.read_exact(&mut body).await?;
    // Message id 1, an extended response (0x78), its length in one of three forms, and
    // the result: an enumeration of one byte, 0 is success.
    let result = match body.as_slice() {
        [0x02, 0x01, 0x01, 0x78, 0x84, _, _, _, _, result @ ..] => result,
        [0x02, 0x01, 0x01, 0x78, 0x81, _, result @ ..] => result,
        [0x02, 0x01, 0x01, 0x78, _, result @ ..] => result,
        _ => return Err(refused("it speaks no LDAP")),
    };
    match result.starts_with(&[0x0a, 0x01, 0x00]) {
        true => Ok(()),
        false => Err(refused("it offers no StartTLS")),
    }
}

/// PostgreSQL's protocol 3, `SSLRequest`: length 8, code 80877103; answered by one byte.
async fn postgres<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    stream
        .write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])
        .await?;
    match stream.read_u8().await? {
        b'S' => Ok(()),
        b'N' => Err(refused("it is a PostgreSQL without TLS")),
        _ => Err(refused("it speaks no PostgreSQL")),
    }
}

async fn line<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        match stream.read_u8().await? {
            b'\n' => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            byte if bytes.len() < LINE_MAX => bytes.push(byte),
            _ => return Err(refused("its line has no end")),
        }
    }
}
