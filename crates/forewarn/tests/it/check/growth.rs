//! What one more token costs, until the last row is printed. The base of 64 MB would
//! hide a fold that copies every row.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// As many tokens, each told once by `audit.2`, of a hundred owners.
fn log(path: &Path, tokens: u64) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    for n in 0..tokens {
        let id = format!(
            "{:08x}-0000-4000-8000-{n:012x}",
            n.wrapping_mul(2_654_435_761) & 0xffff_ffff
        );
        writeln!(out, r#"{{"type":"audit.2","time":"2026-11-01T00:00:00Z","uid":"user-{}","name":"CREATE_TOKEN","result":"SUCCESS","request_params":{{"_category":{{"type":"tokenGeneration","tokenGeneration":{{"tokenId":"{id}","tokenTtl":{},"tokenType":"API_TOKEN"}}}}}}}}"#, n % 100, n + 1).unwrap();
    }
}

/// The most memory the command ever held, in bytes, as seen while it still printed.
fn peak(input: &Path, format: &str) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_forewarn"))
        .arg("check")
        .arg(input)
        .args(["--all", "--at", "2026-11-02T00:00:00Z", "--format", format])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (mut out, mut block, mut most) = (child.stdout.take().unwrap(), vec![0; 1 << 16], 0);
    while out.read(&mut block).unwrap() > 0 {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line
            .and_then(|l| l.trim().strip_suffix(" kB"))
            .and_then(|n| n.parse::<u64>().ok());
        most = most.max(kib.unwrap_or(0) * 1024);
    }
    child.wait().unwrap();
    most
}

/// B67: memory follows the tokens, not the lines, and not what is printed.
#[test]
fn a_token_costs_less_than_two_hundred_bytes_from_reading_to_printing() {
    let dir = tempfile::tempdir().unwrap();
    let (few, many) = (dir.path().join("few"), dir.path().join("many"));
    // Enough of either that every thread has its buffers: those are paid once, and are
    // bounded as the base.
    log(&few, 32_000);
    log(&many, 128_000);
    for format in ["json", "table"] {
        let (base, peak) = (peak(&few, format), peak(&many, format));
        assert!(
            base > 0 && base < 64_000_000,
            "{format}: {base} bytes for few tokens"
        );
        let each = peak.saturating_sub(base) / 96_000;
        assert!(each < 200, "{format}: {each} bytes a token");
    }
}
