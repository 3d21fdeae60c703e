//! Unpacks on one thread while another reads what is inside.
//!
//! Worth it for a single compressed input; where several are read side by side, each
//! keeps its own thread busy.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// So many blocks are unpacked ahead at most.
const BLOCKS: usize = 4;
const BLOCK: usize = 256 * 1024;

/// Runs `read` on what `open` opens, which is unpacked on a thread of its own.
///
/// # Errors
/// It cannot be opened.
pub fn ahead<R: Read, T>(
    open: impl FnOnce() -> io::Result<R> + Send,
    read: impl FnOnce(&mut dyn Read) -> io::Result<T>,
) -> io::Result<T> {
    let (full, blocks) = sync_channel(BLOCKS);
    let (empty, spent) = channel();
    thread::scope(|scope| {
        scope.spawn(move || unpack(open, &full, &spent));
        read(&mut Ahead {
            blocks,
            empty,
            block: Vec::new(),
            used: 0,
        })
    })
}

type Block = io::Result<Vec<u8>>;

/// Goes on until the end, an error, or nobody wants more.
fn unpack<R: Read>(
    open: impl FnOnce() -> io::Result<R>,
    full: &SyncSender<Block>,
    spent: &Receiver<Vec<u8>>,
) {
    let mut inside = match open() {
        Ok(inside) => inside,
        Err(error) => return drop(full.send(Err(error))),
    };
    loop {
        let mut block = spent.try_recv().unwrap_or_default();
        block.resize(BLOCK, 0);
        let read = match inside.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
            Ok(0) => return,
            Ok(count) => {
                block.truncate(count);
                Ok(block)
            }
        };
        let ended = read.is_err();
        if full.send(read).is_err() || ended {
            return;
        }
    }
}

/// What was unpacked, in order.
struct Ahead {
    blocks: Receiver<Block>,
    empty: Sender<Vec<u8>>,
    block: Vec<u8>,
    used: usize,
}

impl Read for Ahead {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.used == self.block.len() {
            let Ok(next) = self.blocks.recv() else {
                return Ok(0);
            };
            let old = std::mem::replace(&mut self.block, next?);
            self.used = 0;
            // Nobody takes it back once everything was unpacked.
            let _ = self.empty.send(old);
        }
        let mut rest = self.block.get(self.used..).unwrap_or_default();
        let count = rest.read(buf)?;
        self.used += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_through_in_order() {
        let text: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut read = Vec::new();
        ahead(|| Ok(&text[..]), |inside| inside.read_to_end(&mut read)).unwrap();
        assert!(read == text);
    }

    #[test]
    fn an_error_comes_after_what_could_be_read() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                buf[..3].copy_from_slice(b"abc");
                Ok(3)
            }
        }
        let mut read = Vec::new();
        let failed = ahead(|| Ok(Broken(false)), |inside| inside.read_to_end(&mut read));
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(read, b"abc");
        let closed = || io::Result::<&[u8]>::Err(io::ErrorKind::NotFound.into());
        assert!(ahead(closed, |inside| inside.read(&mut [0])).is_err());
    }

    /// Whoever reads may stop at any time.
    #[test]
    fn nobody_waits_for_a_reader_that_stopped() {
        let endless = || Ok(io::repeat(b'x'));
        ahead(endless, |inside| inside.read_exact(&mut [0; 10])).unwrap();
    }
}
