//! Independent implementations that tests check Forewarn against: an SMTP server,
//! a webhook signature check, compressors, readers of calendars and feeds, a SCIM client. They live in a Python environment of
//! their own under `target`, pinned by `xtask/peers.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::install;
use crate::shell;

/// Returns the interpreter of the peers' environment, made or refreshed when needed.
///
/// # Errors
/// When Python or a peer is missing and cannot be installed; the message holds the remedy.
pub fn ensure(may_install: bool) -> Result<PathBuf> {
    let wanted = fs::read_to_string(shell::root().join("xtask/peers.txt"))?;
    let home = shell::target().join("peers");
    let (python, stamp) = (home.join("bin/python"), home.join("installed.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && works(&python) {
        return Ok(python);
    }
    if !may_install {
        bail!("the peers are not installed; run `cargo xtask test` without --no-install");
    }
    install::ensure(
        python_makes_environments,
        &["python3", "python3-venv"],
        true,
    )?;
    make(&home, &python)?;
    fs::write(&stamp, wanted)?;
    Ok(python)
}

fn works(python: &Path) -> bool {
    shell::succeeds(Command::new(python).args([
        "-c",
        "import aiosmtpd, standardwebhooks, apprise, icalendar, feedparser, scim2_tester",
    ]))
}

/// On Debian `python3` alone has no `ensurepip`; that part is `python3-venv`.
fn python_makes_environments() -> bool {
    shell::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]))
}

fn make(home: &Path, python: &Path) -> Result<()> {
    println!("making {}", home.display());
    shell::run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(home),
    )?;
    let mut pip = Command::new(python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]);
    shell::run(pip.arg("-r").arg(shell::root().join("xtask/peers.txt")))
}
