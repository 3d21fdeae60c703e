//! The byte stream under the protocol, watched for two things: what does the server offer,
//! and is the final dot out?

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What ends a message (RFC 5321 §4.1.1.4). Inside a message the dot is doubled.
const END: &[u8; 5] = b"\r\n.\r\n";

/// A plain or secure stream.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// Tells, after the stream is gone, whether the final dot was handed to it.
#[derive(Clone, Debug, Default)]
pub(super) struct DotWatch(Arc<AtomicBool>);

impl DotWatch {
    /// True once the last bytes written were a whole end of message.
    pub(super) fn is_out(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Another message begins.
    pub(super) fn reset(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// What the server said before the first letter; `lettre` keeps only what it needs itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Offered(Arc<Mutex<Vec<u8>>>);

/// The answer to `EHLO` is shorter than this, whatever the server can.
const OFFERED_MAX: usize = 4096;

impl Offered {
    fn hear(&self, bytes: &[u8]) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = OFFERED_MAX.saturating_sub(heard.len());
        heard.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// Whether the answer to `EHLO` has a line with this keyword (RFC 5321 §4.1.1.1).
    pub(super) fn has(&self, keyword: &str) -> bool {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&heard);
        let mut lines = text
            .lines()
            .filter_map(|line| line.get(..3).zip(line.get(4..)));
        lines.any(|(code, said)| code == "250" && said.trim().eq_ignore_ascii_case(keyword))
    }
}

/// The stream that `lettre` is given.
pub(super) struct Wire {
    inner: Box<dyn Stream>,
    peer: SocketAddr,
    /// Bytes to be read before those of the peer.
    first: io::Cursor<Vec<u8>>,
    tail: [u8; 5],
    dot: DotWatch,
    offered: Offered,
}

impl Wire {
    /// Wraps a stream. `first` is read before anything the peer sends: after
    /// `STARTTLS` there is no second greeting, yet `lettre` waits for one.
    pub(super) fn new(
        inner: Box<dyn Stream>,
        peer: SocketAddr,
        first: &[u8],
        dot: DotWatch,
    ) -> Self {
        Self {
            inner,
            peer,
            first: io::Cursor::new(first.to_vec()),
            tail: [0; 5],
            dot,
            offered: Offered::default(),
        }
    }

    /// What the server offers, once it has said so.
    pub(super) fn offered(&self) -> Offered {
        self.offered.clone()
    }

    fn remember(&mut self, written: &[u8]) {
        let kept = written
            .get(written.len().saturating_sub(END.len())..)
            .unwrap_or_default();
        self.tail.rotate_left(kept.len());
        let from = self.tail.len() - kept.len();
        if let Some(end) = self.tail.get_mut(from..) {
            end.copy_from_slice(kept);
        }
        self.dot.0.store(self.tail == *END, Ordering::Release);
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({})", self.peer)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let _ = Pin::new(&mut self.first).poll_read(cx, buf);
        if buf.filled().len() > before {
            return Poll::Ready(Ok(()));
        }
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        let fresh = buf.filled().get(before..).unwrap_or_default();
        self.offered.hear(fresh);
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        if let Poll::Ready(Ok(count)) = &written {
            self.remember(buf.get(..*count).unwrap_or_default());
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_a_line_of_its_own_however_it_is_cut() {
        let offered = Offered::default();
        for part in [
            "220 no PIPELINING here\r\n250-mail\r\n250-SI",
            "ZE 9\r\n250 pipe",
        ] {
            offered.hear(part.as_bytes());
            assert!(!offered.has("PIPELINING"), "{part}");
        }
        offered.hear(b"lining\r\n");
        assert!(offered.has("PIPELINING"));
        assert!(!offered.has("SIZE"));
    }

    #[test]
    fn the_dot_is_seen_however_it_is_cut() {
        for parts in [
            &["Subject: x\r\n\r\nhi", "\r\n.\r\n"][..],
            &["hi\r", "\n", ".", "\r\n"],
            &["hi\r\n.\r\n"],
        ] {
            let (ours, _theirs) = tokio::io::duplex(64);
            let dot = DotWatch::default();
            let peer = SocketAddr::from(([127, 0, 0, 1], 25));
            let mut wire = Wire::new(Box::new(ours), peer, b"", dot.clone());
            for part in parts {
                assert!(!dot.is_out(), "{parts:?}");
                wire.remember(part.as_bytes());
            }
            assert!(dot.is_out(), "{parts:?}");
            wire.remember(b"QUIT\r\n");
            assert!(!dot.is_out());
        }
    }
}
