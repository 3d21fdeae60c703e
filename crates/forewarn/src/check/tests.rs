//! Claims about exits, order and cells of `forewarn check`.

use std::fs;
use std::path::Path;

use clap::Parser;

use super::*;
use sources::inputs::{Input, expand};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    check: CheckArgs,
}

const NOW: &str = "2026-11-22T00:00:00Z";

fn line(id: &str, owner: &str, hours: i64) -> String {
    format!(
        r#"{{"type":"audit.2","time":"{NOW}","uid":{},"name":"CREATE_TOKEN","result":"SUCCESS","request_params":{{"_category":{{"type":"tokenGeneration","tokenGeneration":{{"tokenId":"{id}","tokenTtl":{},"tokenType":"API_TOKEN"}}}}}}}}
"#,
        serde_json::to_string(owner).unwrap(),
        hours * 3600
    )
}

/// Exit code, standard output, standard error.
fn check(log: &str, args: &[&str]) -> (u8, String, String) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("audit.log");
    fs::write(&file, log).unwrap();
    let words = ["check", file.to_str().unwrap(), "--at", NOW];
    let cli = Cli::try_parse_from(words.iter().chain(args)).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(&cli.check, Instant::parse(NOW).unwrap(), &mut out, &mut err);
    (
        code,
        String::from_utf8(out).unwrap(),
        String::from_utf8(err).unwrap(),
    )
}

/// B17: no cell of an export is a formula.
#[test]
fn no_cell_of_the_csv_is_taken_for_a_formula() {
    for hostile in [
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\0x",
        "\rx",
    ] {
        let (_, out, _) = check(&line("t", hostile, 1), &["--format", "csv"]);
        let mut reader = csv::Reader::from_reader(out.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!(&row[3], format!("'{hostile}"));
    }
}

#[test]
fn hostile_names_keep_the_table_in_its_rows() {
    let (_, out, _) = check(&line("t", "a\nb\u{1b}[2J\u{202e}", 1), &[]);
    assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'));
    assert_eq!(out.lines().count(), 6, "{out}");
}

#[test]
fn the_exit_code_tells_how_soon_something_ends() {
    for (hours, code) in [(24, 2), (25, 1), (168, 1), (169, 0), (0, 0)] {
        assert_eq!(check(&line("t", "u", hours), &[]).0, code, "{hours} h");
    }
    assert_eq!(check(&line("t", "u", 100), &["--within", "99h"]).0, 0);
}

#[test]
fn what_holds_no_audit_line_is_no_use_and_says_so() {
    for log in ["", "hello\n", "{}\n", "[1]\n"] {
        let (code, _, err) = check(log, &[]);
        assert_eq!((code, err.lines().count()), (3, 1), "{log:?} {err}");
    }
}

#[test]
fn the_json_object_has_the_promised_members_in_order_of_the_ends() {
    let log = [
        line("later", "u", 200),
        line("soon", "u", 1),
        line("never", "u", 0),
    ]
    .concat();
    let (code, out, _) = check(&log, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let ids: Vec<&str> = json["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    assert_eq!((code, ids), (2, vec!["soon", "later", "never"]));
    assert_eq!(json["window"], "168h");
    assert_eq!(json["credentials"][0]["name"], "Foundry token …soon");
    assert_eq!(json["credentials"][0]["remaining_seconds"], 3600);
    assert_eq!(json["credentials"][2]["state"], "unknown_end");
    assert_eq!(json["counts"]["token_events"], 3);
}

#[test]
fn only_what_is_asked_for_is_shown() {
    let revoked = line("gone", "u", 9).replace("CREATE_TOKEN", "REVOKE_TOKEN");
    let revoked = revoked.replace("tokenGeneration", "managementTokens");
    let old = line("old", "u", 1).replace("2026-11", "2026-10");
    let log = [line("live", "u", 900), line("gone", "u", 9), revoked, old].concat();
    for (args, shown) in [(&[][..], 1), (&["--expired"][..], 2), (&["--all"][..], 3)] {
        let (_, out, _) = check(&log, &[&["--format", "ndjson"], args].concat());
        assert_eq!(out.lines().count(), shown, "{args:?}");
    }
}

/// B66: what could be read of a truncated file is printed, and the exit code is 3.
#[test]
fn of_a_truncated_file_the_rest_is_printed_and_the_fault_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, cut) = (dir.path().join("a"), dir.path().join("b"));
    fs::write(&whole, line("t", "u", 1)).unwrap();
    fs::write(&cut, [0x1f, 0x8b, 8, 0]).unwrap();
    let cli = Cli::try_parse_from(["check", dir.path().to_str().unwrap(), "--format", "ndjson"]);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(
        &cli.unwrap().check,
        Instant::parse(NOW).unwrap(),
        &mut out,
        &mut err,
    );
    assert_eq!(
        (code, String::from_utf8(out).unwrap().lines().count()),
        (3, 1)
    );
    assert!(
        String::from_utf8(err)
            .unwrap()
            .contains("ends inside its compression")
    );
}

fn names(argument: &Path) -> Result<Vec<String>, String> {
    let inputs = expand(argument.to_str().unwrap())?;
    let name = |input: &Input| match input {
        Input::Stdin => "-".to_owned(),
        Input::File(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
    };
    Ok(inputs.iter().map(name).collect())
}

/// B68: a link in a circle, and a pipe that would wait for ever.
#[cfg(unix)]
#[test]
fn a_directory_is_walked_without_pipes_and_circles() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("sub")).unwrap();
    for name in ["b.log", "a.gz", "sub/c.log"] {
        fs::write(dir.path().join(name), "").unwrap();
    }
    std::os::unix::fs::symlink(dir.path(), dir.path().join("sub/again")).unwrap();
    let fifo = dir.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(names(dir.path()).unwrap(), ["a.gz", "b.log", "c.log"]);
    assert!(names(&fifo).unwrap_err().contains("not a regular file"));
    assert_eq!(names(&dir.path().join("*.log")).unwrap(), ["b.log"]);
    assert!(
        names(&dir.path().join("*.csv"))
            .unwrap_err()
            .contains("matches no file")
    );
    assert!(
        names(&dir.path().join("none"))
            .unwrap_err()
            .contains("cannot be opened")
    );
}

#[test]
fn a_name_with_brackets_is_a_file_before_it_is_a_glob() {
    let dir = tempfile::tempdir().unwrap();
    let odd = dir.path().join("audit[1].log");
    fs::write(&odd, "").unwrap();
    assert_eq!(names(&odd).unwrap(), ["audit[1].log"]);
}

#[test]
fn a_window_that_is_not_longer_than_zero_is_refused() {
    for bad in ["0s", "-1h", "24", "soon"] {
        let within = format!("--within={bad}");
        assert!(
            Cli::try_parse_from(["check", "x", &within]).is_err(),
            "{bad}"
        );
    }
}
