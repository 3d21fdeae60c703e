//! Which parts of a large file can be read side by side?
//!
//! A line belongs to the part that its first byte lies in, so parts share no line and
//! leave none out.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;

use crate::event::Telling;
use crate::scan::{Outcome, Tail, looks_like_csv, scan, scan_inside};
use crate::segment::line_end;
use crate::source::{Compression, is_parquet};

/// So many bytes of a file, from the first up to the last and without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    from: u64,
    to: u64,
}

/// Files of less than two such parts are not divided.
const PART: u64 = 16 * 1024 * 1024;
/// So much of the beginning tells what a file holds.
const LOOKED_AT: usize = 64 * 1024;

/// The parts of a plain file of JSON lines; none where it must be read in one go: it is
/// compressed, a table, small, or no regular file.
///
/// # Errors
/// It cannot be read.
pub fn parts(file: &File) -> io::Result<Vec<Part>> {
    parts_of(file, PART)
}

fn parts_of(file: &File, size: u64) -> io::Result<Vec<Part>> {
    let about = file.metadata()?;
    let (length, size) = (about.len(), size.max(1));
    if !about.is_file() || length < 2 * size {
        return Ok(Vec::new());
    }
    let mut start = vec![0; LOOKED_AT];
    let count = file.read_at(&mut start, 0)?;
    start.truncate(count);
    let plain = Compression::of(&start) == Compression::Plain && !is_parquet(&start);
    if !plain || looks_like_csv(&start) {
        return Ok(Vec::new());
    }
    let begins = (0..length / size).map(|number| number * size);
    Ok(begins
        .map(|from| Part {
            from,
            // The last takes what is left, and what was appended meanwhile.
            to: if from + 2 * size > length {
                u64::MAX
            } else {
                from + size
            },
        })
        .collect())
}

/// Reads the lines of one part. `told` hears how many bytes were read, as they are.
///
/// # Errors
/// Not even the first bytes can be read.
pub fn scan_part(
    file: &File,
    part: Part,
    told: impl FnMut(u64),
    each: impl FnMut(&[Telling]),
) -> io::Result<Outcome> {
    let mut lines = Lines {
        file,
        at: part.from,
        to: part.to,
        ended: false,
        told,
    };
    if part.from == 0 {
        return scan(lines, Tail::Read, each);
    }
    lines.find_first()?;
    scan_inside(lines, each)
}

/// The lines that begin in a part.
struct Lines<'a, F> {
    file: &'a File,
    at: u64,
    to: u64,
    ended: bool,
    told: F,
}

impl<F: FnMut(u64)> Lines<'_, F> {
    /// Goes to the first line that begins in the part: behind the first line end at or
    /// after the byte in front of it.
    fn find_first(&mut self) -> io::Result<()> {
        let mut block = vec![0; LOOKED_AT];
        self.at -= 1;
        while self.at + 1 < self.to {
            let count = self.file.read_at(&mut block, self.at)?;
            let read = block.get(..count).unwrap_or_default();
            if let Some(end) = line_end(read) {
                self.at += end as u64 + 1;
                self.ended = self.at >= self.to;
                return Ok(());
            }
            if count == 0 {
                break;
            }
            self.at += count as u64;
        }
        self.ended = true;
        Ok(())
    }
}

impl<F: FnMut(u64)> Read for Lines<'_, F> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        // Up to the byte in front of the next part every byte belongs to this one.
        let sure = self.to - 1 - self.at.min(self.to - 1);
        let most = match usize::try_from(sure) {
            Ok(sure) if sure > 0 => sure.min(buf.len()),
            _ => buf.len(),
        };
        let mut count = self
            .file
            .read_at(buf.get_mut(..most).unwrap_or_default(), self.at)?;
        if sure == 0
            && let Some(end) = line_end(buf.get(..count).unwrap_or_default())
        {
            (count, self.ended) = (end + 1, true);
        }
        self.at += count as u64;
        (self.told)(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::Counts;

    fn line(number: usize, length: usize) -> String {
        let pad = "x".repeat(length);
        format!(
            r#"{{"type":"audit.2","time":"2026-11-01T00:00:00Z","name":"REVOKE_TOKEN","result":"SUCCESS","pad":"{pad}","request_params":{{"tokenId":"t{number}"}}}}"#
        )
    }

    fn ids(told: &[Telling]) -> Vec<String> {
        let id = |telling: &Telling| match telling {
            Telling::Ended { id, .. } | Telling::Made { id, .. } => id.clone(),
        };
        told.iter().map(id).collect()
    }

    fn in_parts(file: &File, size: u64) -> (Vec<String>, u64, u64) {
        let (mut all, mut counts, mut bytes) = (Vec::new(), Counts::default(), 0);
        for part in parts_of(file, size).unwrap() {
            let outcome = scan_part(
                file,
                part,
                |read| bytes += read,
                |told| all.extend(ids(told)),
            );
            counts.lines += outcome.unwrap().counts.lines;
        }
        (all, counts.lines, bytes)
    }

    proptest! {
        /// However a file is divided, each line is read once.
        #[test]
        fn parts_together_are_the_whole(
            lengths in proptest::collection::vec(0_usize..200, 1..20),
            size in 1_u64..400,
            end in proptest::sample::select(&["\n", "\r\n", "\r"][..]),
            ended in any::<bool>(),
        ) {
            let lines: Vec<String> = (0..).zip(lengths).map(|(n, l)| line(n, l)).collect();
            let text = lines.join(end) + if ended { end } else { "" };
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let mut whole = Vec::new();
            scan(text.as_bytes(), Tail::Read, |told| whole.extend(ids(told))).unwrap();
            let (found, count, bytes) = in_parts(&file, size);
            if text.len() as u64 >= 2 * size {
                prop_assert_eq!((found, count), (whole, lines.len() as u64));
                prop_assert!(bytes <= text.len() as u64);
            } else {
                prop_assert!(found.is_empty());
            }
        }
    }

    #[test]
    fn a_line_longer_than_a_part_is_read_by_the_part_it_begins_in() {
        let text = [line(0, 5000), line(1, 10)].join("\n");
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        assert_eq!(in_parts(&file, 100).0, ["t0", "t1"]);
    }

    #[test]
    fn what_must_be_read_in_one_go_has_no_parts() {
        let header = "name,time,result\n".repeat(100);
        for start in [
            &b"\x1f\x8b"[..],
            b"\x28\xb5\x2f\xfd",
            b"PAR1",
            header.as_bytes(),
        ] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(start).unwrap();
            file.write_all(&[b'x'; 1000]).unwrap();
            assert!(parts_of(&file, 100).unwrap().is_empty());
        }
    }
}
