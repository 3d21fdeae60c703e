//! How a stream is cut into lines.

use foundry::{Tail, scan};
use proptest::prelude::*;

use crate::{Told, create, reading};

const LONGEST_LINE: usize = 1 << 20;

/// B67: what is not a JSON object in valid UTF-8 is counted and passed over.
#[test]
fn broken_lines_are_counted_and_the_rest_is_used() {
    let mut log = Vec::new();
    for bad in [
        &b"{\"a\":"[..],
        b"not json",
        b"{bad}",
        b"{\"a\":\"\xff\"}",
        b"\0\0\0",
        b"{\"a\":\"\0\"}",
        b"{}{}",
    ] {
        log.extend_from_slice(bad);
        log.push(b'\n');
    }
    log.extend_from_slice(create("t", "60").as_bytes());
    let (events, reading) = reading(&log[..]);
    assert_eq!(
        (
            events.len(),
            reading.counts.unreadable,
            reading.counts.lines
        ),
        (1, 7, 8)
    );
}

#[test]
fn json_that_is_no_object_is_skipped() {
    let (_, reading) = reading(&b"[1]\nnull\n\"CREATE_TOKEN\"\n"[..]);
    assert_eq!((reading.counts.lines, reading.counts.skipped), (3, 3));
}

#[test]
fn blank_lines_are_no_lines() {
    let (_, reading) = reading(&b"\n \r\n\t\n{}\n\n"[..]);
    assert_eq!((reading.counts.lines, reading.counts.skipped), (1, 1));
    assert!(!reading.counts.any_audit_line);
}

/// B66: byte order mark, CRLF, CR alone, no final newline.
#[test]
fn every_line_end_and_a_byte_order_mark_are_read() {
    let (a, b) = (create("a", "60"), create("b", "60"));
    for log in [
        format!("\u{feff}{a}\n{b}\n"),
        format!("{a}\r\n{b}\r\n"),
        format!("{a}\r{b}\r"),
        format!("{a}\n{b}"),
        format!("\u{feff}{a}\r{b}"),
    ] {
        let (events, reading) = reading(log.as_bytes());
        assert_eq!((events.len(), reading.counts.lines), (2, 2), "{log:?}");
    }
}

fn padded(length: usize) -> String {
    let bare = r#"{"pad":""}"#;
    bare.replace(
        r#""}"#,
        &format!(r#"{}"}}"#, "x".repeat(length - bare.len())),
    )
}

/// B67: one mebibyte is read, one byte more is not, whatever comes after.
#[test]
fn a_line_of_one_mebibyte_is_read_and_a_longer_one_is_passed_over() {
    for (length, unreadable) in [
        (LONGEST_LINE - 1, 0),
        (LONGEST_LINE, 0),
        (LONGEST_LINE + 1, 1),
        (5 * LONGEST_LINE, 1),
    ] {
        for end in ["\n", ""] {
            let log = format!("{}\n{}{end}", create("a", "60"), padded(length));
            let (_, reading) = reading(log.as_bytes());
            assert_eq!(
                (reading.counts.lines, reading.counts.unreadable),
                (2, unreadable),
                "{length}"
            );
        }
        let log = format!("{}\n{}", padded(length), create("a", "60"));
        assert_eq!(reading(log.as_bytes()).0.len(), 1);
    }
}

/// B66: what has no line end yet is left for the next time.
#[test]
fn a_growing_file_is_read_once_and_its_open_line_is_left() {
    let (a, b) = (create("a", "60"), create("b", "60"));
    let log = format!("\u{feff}{a}\r\n{b}\n");
    for cut in 0..log.len() {
        let mut ids = Vec::new();
        let mut each =
            |told: &[foundry::Telling]| ids.extend(Told::of(told).made.into_iter().map(|m| m.id));
        let first = scan(&log.as_bytes()[..cut], Tail::Leave, &mut each).unwrap();
        let from = usize::try_from(first.consumed).unwrap();
        let second = scan(&log.as_bytes()[from..], Tail::Leave, &mut each).unwrap();
        assert_eq!(ids, ["a", "b"], "cut at {cut}");
        assert_eq!(first.consumed + second.consumed, log.len() as u64);
    }
}

/// B67: an endless line is not taken for read before it ends.
#[test]
fn an_open_line_that_is_too_long_is_left_too() {
    let log = format!("{}\n{}", create("a", "60"), "x".repeat(3 * LONGEST_LINE));
    let outcome = scan(log.as_bytes(), Tail::Leave, |_: &[foundry::Telling]| {}).unwrap();
    assert_eq!(outcome.consumed, create("a", "60").len() as u64 + 1);
    assert_eq!(outcome.counts.lines, 1);
}

/// A reader that hands out a few bytes at a time.
struct Dripping<'a>(&'a [u8], usize);
impl std::io::Read for Dripping<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(self.0.len()).min(buf.len());
        buf[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

fn any_line() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("CREATE_TOKEN"),
        Just("REVOKE_TOKEN"),
        Just("VALIDATE_TOKEN"),
        Just("X"),
        Just(r"\u0043REATE_TOKEN"),
        Just(r"CREATE\u005fTOKEN"),
        Just("CREATE_TOKEN\\u0020"),
    ];
    let category = prop_oneof![
        Just("tokenGeneration"),
        Just("tokenRevok\\u0065"),
        Just("other")
    ];
    (name, category, any::<bool>(), 0_usize..400).prop_map(|(name, category, newer, cut)| {
        let tokens = r#"[{"id":"t"}]"#;
        let mut line = if newer {
            format!(r#"{{"type":"audit.3","name":"{name}","result":"SUCCESS","categories":["{category}"],"resultFields":{{"generatedTokens":{tokens},"revokedTokens":{tokens}}}}}"#)
        } else {
            create("t", "60").replace("CREATE_TOKEN", name)
        };
        line.truncate(if cut < 300 { line.len() } else { cut });
        line
    })
}

proptest! {
    /// The first line of an input is always taken apart, later ones only where the
    /// search says so: both must judge alike.
    #[test]
    fn the_quick_search_never_changes_what_is_found(line in any_line()) {
        let alone = reading(line.as_bytes());
        let log = format!("{}\n{line}", r#"{"type":"audit.2","name":"X"}"#);
        let after = reading(log.as_bytes());
        prop_assert_eq!(&alone.0, &after.0);
        prop_assert_eq!(alone.1.counts.unreadable, after.1.counts.unreadable);
    }

    #[test]
    fn it_does_not_matter_where_reads_end(
        lines in proptest::collection::vec(any_line(), 0..6), drip in 1_usize..50,
    ) {
        let log = lines.join("\n");
        let whole = reading(log.as_bytes());
        let dripped = reading(Dripping(log.as_bytes(), drip));
        prop_assert_eq!(whole.0, dripped.0);
        prop_assert_eq!(whole.1.counts, dripped.1.counts);
    }

    #[test]
    fn lines_add_up_and_nothing_panics_whatever_the_bytes(
        log in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'"'), Just(b','), Just(b'{'), any::<u8>()], 0..300),
        header in any::<bool>(),
    ) {
        let mut text = if header { b"name,time,result\n".to_vec() } else { Vec::new() };
        text.extend(log);
        let (_, r) = reading(&text[..]);
        let c = r.counts;
        prop_assert_eq!(c.lines, c.token_events + c.skipped + c.unreadable);
    }
}
