//! Is it compressed, and how? Told by content, never by name.

use std::io::{self, BufReader, Cursor, Read};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    Plain,
    /// gzip, one member or several (RFC 1952 §2.2).
    Gzip,
    /// Zstandard, one frame or several (RFC 8878 §3.1).
    Zstd,
}

impl Compression {
    /// Told by the first bytes; fewer than four may be plain only.
    pub fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A frame, or a skippable frame (RFC 8878 §3.1.2) in front of one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

/// Why what is inside a compression cannot be had. As the inner error of an
/// [`io::Error`]; errors of the system come through as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undone {
    /// It was cut off.
    #[error("ends inside its compression; fetch it again, for it is incomplete")]
    EndsInside,
    /// It is damaged.
    #[error("holds a damaged compression; fetch it again")]
    Damaged,
    /// It would need more memory than is promised.
    #[error("needs a zstd window above 32 MiB; unpack it first with `zstd -dc --long=31`")]
    WindowTooLarge,
    /// It is no log but a table in columns.
    #[error("is a Parquet file, which is not read; export the dataset as CSV or as JSON lines")]
    Parquet,
}

impl From<Undone> for io::Error {
    fn from(why: Undone) -> Self {
        let kind = match why {
            Undone::EndsInside => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, why)
    }
}

/// Whether bytes begin a Parquet file, in the clear or with an encrypted footer
/// (parquet.apache.org/docs/file-format, read 2026-11-26). Its pages are compressed one
/// by one, and its footer stands at its end: it cannot be read as it comes.
pub fn is_parquet(start: &[u8]) -> bool {
    start.starts_with(b"PAR1") || start.starts_with(b"PARE")
}

/// Windows of up to 2²⁵ bytes are unpacked: what `zstd -20` needs.
const LARGEST_WINDOW_LOG: u32 = 25;

/// A reader of what is inside, and how it was compressed.
///
/// # Errors
/// The first read fails, or it is a Parquet file.
pub fn decompress<'a>(mut input: impl Read + 'a) -> io::Result<(Box<dyn Read + 'a>, Compression)> {
    let mut start = Vec::with_capacity(4);
    input.by_ref().take(4).read_to_end(&mut start)?;
    if is_parquet(&start) {
        return Err(Undone::Parquet.into());
    }
    let compression = Compression::of(&start);
    let whole = Cursor::new(start).chain(input);
    let inside: Box<dyn Read + 'a> = match compression {
        Compression::Plain => Box::new(whole),
        Compression::Gzip => {
            let whole = BufReader::with_capacity(64 * 1024, whole);
            Box::new(Explained(flate2::bufread::MultiGzDecoder::new(whole)))
        }
        Compression::Zstd => {
            let whole = BufReader::with_capacity(64 * 1024, whole);
            let mut decoder = zstd::stream::read::Decoder::with_buffer(whole)?;
            decoder.window_log_max(LARGEST_WINDOW_LOG)?;
            Box::new(Explained(decoder))
        }
    };
    Ok((inside, compression))
}

/// Says what an error of a decoder means.
struct Explained<R>(R);

impl<R: Read> Read for Explained<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf).map_err(|error| {
            if error.raw_os_error().is_some() || error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            let why = match error.kind() {
                io::ErrorKind::UnexpectedEof => Undone::EndsInside,
                _ if error.to_string().contains("too much memory") => Undone::WindowTooLarge,
                _ => Undone::Damaged,
            };
            io::Error::new(error.kind(), why)
        })
    }
}
