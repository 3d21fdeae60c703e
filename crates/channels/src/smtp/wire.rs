//! The byte stream under the protocol, watched for one thing: is the final dot out?

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
}

/// The stream that `lettre` is given.
pub(super) struct Wire {
    inner: Box<dyn Stream>,
    peer: SocketAddr,
    /// Bytes to be read before those of the peer.
    first: io::Cursor<Vec<u8>>,
    tail: [u8; 5],
    dot: DotWatch,
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
        }
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
        Pin::new(&mut self.inner).poll_read(cx, buf)
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
