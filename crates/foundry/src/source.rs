//! Is it compressed, and how? Told by content, never by name.

use std::io::{self, BufRead, BufReader, Read};

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
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

/// A reader of what is inside, and how it was compressed.
///
/// # Errors
/// The first read fails.
pub fn decompress<'a>(input: impl Read + 'a) -> io::Result<(Box<dyn Read + 'a>, Compression)> {
    let mut input = BufReader::with_capacity(256 * 1024, input);
    let compression = Compression::of(input.fill_buf()?);
    let inside: Box<dyn Read + 'a> = match compression {
        Compression::Plain => Box::new(input),
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input)?),
    };
    Ok((inside, compression))
}
