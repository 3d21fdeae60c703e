//! Cuts what comes in pieces into lines. Keeps one line at most, and of one that is too
//! long nothing.

/// The longest line that is read, in bytes without the blanks around it.
pub(super) const LINE_MAX: usize = 1024 * 1024;
/// Blanks around a line that are kept until its end is seen.
const BLANKS_MAX: usize = 64;

/// The line that has not ended yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    open: Vec<u8>,
    is_too_long: bool,
}

/// A line of [`LINE_MAX`] bytes at most, without the blanks around it; `None` for one
/// that is longer.
type Line<'a> = Option<&'a [u8]>;

impl Lines {
    /// Takes the next piece and calls `each` with every line that ends in it.
    pub(super) fn take(&mut self, piece: &[u8], mut each: impl FnMut(Line<'_>)) {
        let mut parts = piece.split(|byte| *byte == b'\n');
        let Some(mut part) = parts.next() else { return };
        for next in parts {
            self.append(part);
            self.end(&mut each);
            part = next;
        }
        self.append(part);
    }

    /// What stands after the last line end is a line too.
    pub(super) fn end(&mut self, mut each: impl FnMut(Line<'_>)) {
        let line = self.open.trim_ascii();
        if self.is_too_long || line.len() > LINE_MAX {
            each(None);
        } else if !line.is_empty() {
            each(Some(line));
        }
        self.open.clear();
        self.is_too_long = false;
    }

    fn append(&mut self, part: &[u8]) {
        self.is_too_long |= self.open.len() + part.len() > LINE_MAX + BLANKS_MAX;
        if self.is_too_long {
            self.open = Vec::new();
        } else {
            self.open.extend_from_slice(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(pieces: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.take(piece, |line| found.push(line.map(<[u8]>::to_vec)));
        }
        lines.end(|line| found.push(line.map(<[u8]>::to_vec)));
        assert!(lines.open.is_empty());
        found
    }

    /// B67: the longest line is read, one byte more is not, and nothing of it is kept.
    #[test]
    fn a_line_has_a_mebibyte_at_most() {
        for (length, read) in [
            (LINE_MAX - 1, true),
            (LINE_MAX, true),
            (LINE_MAX + 1, false),
        ] {
            let text = [" ".to_owned(), "x".repeat(length), "\r\nnext".to_owned()].concat();
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(100_000).collect();
            let found = cut(&pieces);
            assert_eq!(found.len(), 2);
            assert_eq!(found[0].is_some(), read, "{length}");
            assert_eq!(found[1].as_deref(), Some(&b"next"[..]));
        }
        let mut lines = Lines::default();
        for _ in 0..100 {
            lines.take(&[b'x'; 100_000], |_| panic!("it has not ended"));
            assert!(lines.open.capacity() <= 2 * (LINE_MAX + BLANKS_MAX));
        }
    }

    proptest! {
        /// However a body is cut into pieces, its lines are the same.
        #[test]
        fn pieces_make_no_difference(
            body in "[a\r\n ]{0,40}",
            cuts in prop::collection::vec(0_usize..40, 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(body.len())).collect();
            cuts.extend([0, body.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &body.as_bytes()[w[0]..w[1]]).collect();
            let lines = body.split('\n').map(|line| line.trim_ascii().as_bytes());
            let expected: Vec<_> = lines.filter(|l| !l.is_empty()).map(|l| Some(l.to_vec())).collect();
            prop_assert_eq!(cut(&pieces), expected);
        }
    }
}
