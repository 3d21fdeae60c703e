//! What holds the lines: endings, encodings, wrappings, and things that are no files.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Folder, made, revoke};

/// The longest line there may be, in bytes without its end.
const LONGEST: usize = 1 << 20;

fn gz(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(bytes.as_ref()).unwrap();
    gz.finish().unwrap()
}

fn three(ending: &str) -> String {
    [made("a"), made("b"), made("c")].join(ending)
}

/// B66: LF, CRLF, CR alone, blank lines, with and without an end of the last line.
#[test]
fn any_ending_ends_a_line() {
    for ending in ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n\n"] {
        for last in ["", ending] {
            let answer = Folder::of(three(ending) + last).check(&[]);
            assert_eq!(answer.ids(), ["a", "b", "c"], "{ending:?}");
            assert_eq!(answer.lines(), [3, 3, 0, 0], "{ending:?}");
        }
    }
}

/// B66: a byte order mark is no part of the first line, nor of the first column's name.
#[test]
fn a_byte_order_mark_is_passed_over() {
    let answer = Folder::of(format!("\u{feff}{}", three("\n"))).check(&[]);
    assert_eq!(answer.lines(), [3, 3, 0, 0]);
    let answer = Folder::of(format!("\u{feff}{}", csv())).check(&[]);
    assert_eq!(answer.ids(), ["t"]);
}

/// One token as the dataset exports it, a record short of cells and one that is no text.
fn csv() -> String {
    let params = r#"{""_category"":{""tokenGeneration"":{""tokenId"":""t"",""tokenTtl"":60}}}"#;
    format!(
        "time,type,name,result,uid,request_params\n\
         2026-11-01T12:00:00Z,audit.2,CREATE_TOKEN,SUCCESS,ann,\"{params}\"\n"
    )
}

/// B66: a record of the wrong length or that is no text is counted, and the next one holds.
#[test]
fn broken_records_are_counted() {
    let mut bytes = csv().into_bytes();
    bytes.extend(b"2026-11-01T12:00:00Z,audit.2,CREATE_TOKEN\n");
    bytes.extend(b"2026-11-01T12:00:00Z,audit.2,READ\xff,SUCCESS,ann,{}\n");
    bytes.extend(b"\n2026-11-01T12:00:00Z,audit.2,READ,SUCCESS,ann,{}\n");
    let answer = Folder::of(bytes).check(&[]);
    assert_eq!(answer.ids(), ["t"]);
    assert_eq!(answer.lines(), [4, 1, 1, 2]);
}

/// B66: a quote that nobody closes costs its own line, not the rest of the file.
#[test]
fn a_stray_quote_swallows_nothing() {
    let (header, record) = csv()
        .split_once('\n')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let stray = "2026-11-01T12:00:00Z,audit.2,READ,SUCCESS,ann,\"{\n";
    let answer = Folder::of(format!("{header}\n{stray}{record}")).check(&[]);
    assert_eq!(answer.ids(), ["t"]);
    assert_eq!(answer.lines(), [2, 1, 0, 1]);
}

/// B66: what a file is called says nothing.
#[test]
fn the_content_decides_what_a_file_is() {
    let folder = Folder::new();
    folder.put("a.txt", gz(made("a")));
    folder.put("b.gz", made("b"));
    folder.put("c.csv", made("c"));
    folder.put("d.json", gz(csv()));
    folder.put("e.gz", zstd::encode_all(made("e").as_bytes(), 1).unwrap());
    let answer = folder.check(&["a.txt", "b.gz", "c.csv", "d.json", "e.gz"]);
    assert_eq!(answer.ids(), ["a", "b", "c", "e", "t"]);
    assert_eq!(answer.counted("unreadable"), 0);
}

/// B66: a file that was appended to holds several gzip members or zstd frames.
#[test]
fn all_members_are_read() {
    let zstd = |text: String| zstd::encode_all(text.as_bytes(), 1).unwrap();
    let lines = || [made("a") + "\n", made("b"), "\n".to_owned() + &revoke("a")];
    for packed in [lines().map(gz).concat(), lines().map(zstd).concat()] {
        let answer = Folder::of(packed).check(&[]);
        assert_eq!(answer.ids(), ["a", "b"]);
        assert_eq!(answer.counted("revoked"), 1);
        assert_eq!(answer.code, Some(0));
    }
}

/// B66: all whole lines of a truncated file count, and its truncation is said.
#[test]
fn a_truncated_file_gives_its_whole_lines_and_code_3() {
    let noise: String = (0..20_000).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    let text = format!("{}\n{noise}", made("t"));
    let packed = [gz(&text), zstd::encode_all(text.as_bytes(), 1).unwrap()];
    for (number, mut bytes) in packed.into_iter().enumerate() {
        bytes.truncate(bytes.len() - 9);
        let folder = Folder::new();
        folder.put("cut.gz", bytes);
        folder.put("whole.log", made("u"));
        let answer = folder.check(&["cut.gz", "whole.log"]);
        assert_eq!(answer.ids(), ["t", "u"], "{number}");
        assert_eq!(answer.code, Some(3), "{number}");
        assert!(answer.words.contains("cut.gz"), "{}", answer.words);
    }
}

/// B66: nothing that holds an audit line is code 3, whatever form nothing takes.
#[test]
fn nothing_to_read_is_code_3() {
    for bytes in [
        b"".to_vec(),
        b"\n\r\n".to_vec(),
        b"\xef\xbb\xbf".to_vec(),
        gz(""),
        b"hello".to_vec(),
    ] {
        let answer = Folder::of(&bytes).check(&[]);
        assert_eq!(answer.code, Some(3), "{bytes:?}");
        assert!(!answer.words.is_empty(), "{bytes:?}");
    }
    assert_eq!(Folder::new().check(&["missing.log"]).code, Some(3));
    let empty_beside = Folder::of(made("t"));
    empty_beside.put("empty.log", "");
    assert_eq!(empty_beside.check(&[]).ids(), ["t"]);
}

/// B66: a file that unpacks to gigabytes of nothing is one line too long.
#[test]
fn a_bomb_is_one_unreadable_line() {
    let bomb = gz(vec![b'0'; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    let folder = Folder::of(made("t"));
    folder.put("bomb.gz", bomb);
    let answer = folder.check(&[]);
    assert_eq!(answer.lines(), [2, 1, 0, 1]);
    assert_eq!(answer.code, Some(0));
}

/// B67: a line that is no text, or full of NULs, is counted and the next one holds.
#[test]
fn lines_that_are_no_text_are_counted() {
    let (before, after) = (made("a"), made("b"));
    for broken in [
        &b"\xff\xfe"[..],
        b"{\"name\":\"\xc3\x28\"}",
        b"{\"n\":\"\xed\xa0\x80\"}",
        &[0; 100],
        b"{\"a\":\"\0\"}",
    ] {
        let bytes = [before.as_bytes(), broken, after.as_bytes()].join(&b'\n');
        let answer = Folder::of(bytes).check(&[]);
        assert_eq!(answer.ids(), ["a", "b"], "{broken:?}");
        assert_eq!(answer.lines(), [3, 2, 0, 1], "{broken:?}");
        assert_eq!(answer.code, Some(0));
    }
}

/// B67: a line of 1 MiB is read, one that is a byte longer is not.
#[test]
fn a_line_may_be_a_mebibyte_long() {
    for (length, whole) in [(LONGEST - 1, true), (LONGEST, true), (LONGEST + 1, false)] {
        let line = made("t");
        let pad = "x".repeat(length - line.len() - r#""pad":"","#.len());
        let line = line.replacen('{', &format!(r#"{{"pad":"{pad}","#), 1);
        assert_eq!(line.len(), length);
        for text in [
            format!("{line}\r\n{}", made("u")),
            format!("{}\n{line}", made("u")),
        ] {
            let answer = Folder::of(text).check(&[]);
            assert_eq!(
                answer.ids(),
                if whole { vec!["t", "u"] } else { vec!["u"] },
                "{length}"
            );
            assert_eq!(answer.counted("unreadable"), u64::from(!whole), "{length}");
        }
    }
}

/// B68: a file that is named twice is no second token.
#[test]
fn the_same_file_twice_changes_nothing() {
    let answer = Folder::of([made("t"), revoke("u"), made("u")].join("\n")).check(&[
        "audit.log",
        "./audit.log",
        "*.log",
    ]);
    assert_eq!(answer.ids(), ["t", "u"]);
    assert_eq!(answer.counted("created"), 2);
}

/// B68: a pipe in the file system is refused at once rather than waited for.
#[cfg(unix)]
#[test]
fn a_fifo_is_refused() {
    let folder = Folder::of(made("t"));
    let fifo = folder.path().join("fifo");
    let there = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(there.unwrap().success());
    let answer = folder.check(&["fifo", "audit.log"]);
    assert_eq!(answer.ids(), ["t"]);
    assert_eq!(answer.code, Some(3));
    assert!(answer.words.contains("fifo"), "{}", answer.words);
    // In a folder it is no input at all.
    assert_eq!(folder.check(&[]).ids(), ["t"]);
}

/// B68: links that lead back to themselves, or to the folder they stand in, end nothing.
#[cfg(unix)]
#[test]
fn a_loop_of_links_is_refused() {
    use std::os::unix::fs::symlink;

    let folder = Folder::of(made("t"));
    symlink("loop", folder.path().join("loop")).unwrap();
    symlink(".", folder.path().join("here")).unwrap();
    assert_eq!(folder.check(&[]).ids(), ["t"]);
    let answer = folder.check(&["loop", "audit.log"]);
    assert_eq!(answer.ids(), ["t"]);
    assert_eq!(answer.code, Some(3));
}

#[test]
fn standard_input_is_an_input() {
    for bytes in [made("t").into_bytes(), gz(made("t")), csv().into_bytes()] {
        let answer = Folder::new().check_piped(&bytes, &["-"]);
        assert_eq!(answer.ids(), ["t"]);
    }
}
