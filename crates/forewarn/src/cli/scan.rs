//! `forewarn scan`: finds Forewarn tokens in files, by form and checksum.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{CliError, CliResult, complain};

#[derive(Debug, Args)]
#[command(after_help = "Example:
  forewarn scan . && echo clean

The values themselves are never printed, only file, line and public id.")]
pub(crate) struct ScanArgs {
    /// Files or directories
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

pub(crate) fn run(args: &ScanArgs) -> CliResult {
    let mut found = 0_usize;
    let mut unreadable = 0_usize;
    for path in &args.paths {
        if !path.exists() {
            return Err(CliError::usage(format!(
                "{} does not exist",
                path.display()
            )));
        }
        walk(path, &mut |file| match std::fs::read(file) {
            Ok(bytes) => found += report(file, &bytes),
            Err(error) => {
                unreadable += 1;
                complain(&format!("{} cannot be read: {error}", file.display()));
            }
        });
    }
    match (found, unreadable) {
        (0, 0) => Ok(ExitCode::SUCCESS),
        (0, n) => Err(CliError::usage(format!(
            "nothing found, but {n} files could not be read"
        ))),
        _ => Ok(ExitCode::from(1)),
    }
}

/// Regular files below a path; links are not followed, so loops end.
fn walk(path: &Path, visit: &mut dyn FnMut(&Path)) {
    let Ok(kind) = std::fs::symlink_metadata(path).map(|m| m.file_type()) else {
        return;
    };
    if kind.is_file() {
        visit(path);
    } else if kind.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
            .map(|d| d.filter_map(|e| Some(e.ok()?.path())).collect())
            .unwrap_or_default();
        entries.sort();
        for entry in entries {
            walk(&entry, visit);
        }
    }
}

fn report(file: &Path, bytes: &[u8]) -> usize {
    let mut found = 0;
    for token in domain::token::scan(bytes) {
        found += 1;
        let before = bytes.get(..token.offset).unwrap_or_default();
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        drop(writeln!(
            std::io::stdout(),
            "{}:{line}: token {}",
            file.display(),
            token.id
        ));
    }
    found
}
