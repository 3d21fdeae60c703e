//! Compressed, cut short, of another custom: what an input may be.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use foundry::{Compression as Packing, Undone};

use crate::{create, reading};

fn undone(reading: &crate::Reading) -> Option<Undone> {
    reading.broken.as_ref()?.get_ref()?.downcast_ref().copied()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(text.as_bytes()).unwrap();
    gz.finish().unwrap()
}

fn zstd(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 3).unwrap()
}

/// B66: several gzip members or zstd frames in one file.
#[test]
fn members_put_one_after_another_are_one_log() {
    let (a, b) = (format!("{}\n", create("a", "60")), create("b", "60"));
    for (log, encoding) in [
        ([gzip(&a), gzip(&b)].concat(), Packing::Gzip),
        ([zstd(&a), zstd(&b)].concat(), Packing::Zstd),
    ] {
        let (events, reading) = reading(&log[..]);
        assert_eq!((events.len(), reading.compression), (2, encoding));
        assert!(reading.broken.is_none());
    }
}

/// B66: a truncated file: every complete line is used, then the fault is told.
#[test]
fn of_a_truncated_file_every_complete_line_is_used() {
    let mut seed = 7_u64;
    let text: String = (0..2000)
        .map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("{}\n", create(&format!("{seed:016x}"), "60"))
        })
        .collect();
    for log in [gzip(&text), zstd(&text)] {
        let (events, reading) = reading(&log[..log.len() - 5]);
        assert!(undone(&reading) == Some(Undone::EndsInside));
        assert!(
            events.len() > 100 && reading.counts.unreadable == 0,
            "{}",
            events.len()
        );
    }
    for log in [gzip(&text), zstd(&text)] {
        for cut in [5, 9, 17] {
            assert!(
                undone(&reading(&log[..cut]).1) == Some(Undone::EndsInside),
                "{cut}"
            );
        }
    }
}

#[test]
fn a_damaged_file_is_told_apart_from_a_truncated_one() {
    let mut log = gzip(&create("a", "60"));
    let middle = log.len() / 2;
    log[middle] ^= 0xff;
    assert_eq!(undone(&reading(&log[..]).1), Some(Undone::Damaged));
}

/// B66: a bomb: gigabytes of zeros in a small file cost time, not memory.
#[test]
fn a_bomb_is_one_unreadable_line() {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(&mut std::io::repeat(b' ').take(64 << 20), &mut gz).unwrap();
    let (_, reading) = reading(&gz.finish().unwrap()[..]);
    assert_eq!((reading.counts.lines, reading.counts.unreadable), (1, 1));
}

#[test]
fn a_window_beyond_the_promised_memory_is_refused_with_the_remedy() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&vec![b'x'; 1 << 20]).unwrap();
    let (_, reading) = reading(&encoder.finish().unwrap()[..]);
    assert_eq!(undone(&reading), Some(Undone::WindowTooLarge));
}

/// B66: an empty input is no audit log.
#[test]
fn an_empty_input_holds_no_audit_line() {
    for log in [Vec::new(), gzip(""), zstd(""), b"\xef\xbb\xbf".to_vec()] {
        let (_, reading) = reading(&log[..]);
        assert!(
            !reading.counts.any_audit_line && reading.broken.is_none() && reading.counts.lines == 0
        );
    }
}

const HEADER: &str = "type,time,name,result,uid,request_params";

fn row(id: &str) -> String {
    let params = format!(
        r#"{{""_category"":{{""type"":""tokenGeneration"",""tokenGeneration"":{{""tokenId"":""{id}"",""tokenTtl"":60}}}}}}"#
    );
    format!(r#"audit.2,2026-11-01T00:00:00Z,CREATE_TOKEN,SUCCESS,u1,"{params}""#)
}

#[test]
fn a_csv_export_is_read_in_either_spelling_of_its_columns() {
    for header in [
        HEADER.to_owned(),
        HEADER.replace("request_params", "requestParams"),
    ] {
        for end in ["\n", "\r\n"] {
            let log = format!("\u{feff}{header}{end}{}{end}{}{end}", row("a"), row("b"));
            let (events, reading) = reading(log.as_bytes());
            assert_eq!((events.len(), reading.counts.lines), (2, 2));
            assert_eq!(
                events[0].made[0].creation.expires_at.unwrap().to_string(),
                "2026-11-01T00:01:00Z"
            );
        }
    }
}

#[test]
fn a_quoted_field_may_span_lines() {
    let log = format!(
        "{HEADER}\n{}\n{}\n",
        row("a").replace("{\"\"_c", "{\n\"\"_c"),
        row("b")
    );
    let (events, reading) = reading(log.as_bytes());
    assert_eq!((events.len(), reading.counts.lines), (2, 2));
}

#[test]
fn a_row_that_leaves_a_quote_open_costs_no_other_row() {
    let mut broken = row("x");
    broken.truncate(broken.len() - 20);
    let log = format!(
        "{HEADER}\n{}\n{broken}\n{}\na,b\n{}\n",
        row("a"),
        row("b"),
        row("c")
    );
    let (events, reading) = reading(log.as_bytes());
    assert_eq!(
        (
            events.len(),
            reading.counts.lines,
            reading.counts.unreadable
        ),
        (3, 5, 2)
    );
}

/// A record that spans lines is one record, also when it cannot be read.
#[test]
fn an_unreadable_record_that_spans_lines_is_counted_once() {
    let spanning = row("a").replace("{\"\"_c", "{\n\"\"_c");
    let narrow = spanning.replacen("audit.2,", "", 1).into_bytes();
    let spoilt = spanning.replacen("u1", "u?", 1).into_bytes();
    let spoilt: Vec<u8> = spoilt
        .into_iter()
        .map(|b| if b == b'?' { 0xff } else { b })
        .collect();
    for bad in [narrow, spoilt] {
        let log = [HEADER.as_bytes(), &bad, row("b").as_bytes()].join(&b'\n');
        let (events, reading) = reading(&log[..]);
        let counts = reading.counts;
        assert_eq!((events.len(), counts.lines, counts.unreadable), (1, 2, 1));
    }
}
