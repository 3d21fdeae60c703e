//! Independent implementations that tests check Forewarn against: an SMTP server,
//! a webhook signature check, compressors, readers of calendars and feeds, a SCIM client. They live in a Python environment of
//! their own under `target`, pinned by `xtask/peers.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::install;
use crate::shell;

/// What tests need of them.
const IMPORTS: &str =
    "import aiosmtpd, standardwebhooks, apprise, icalendar, feedparser, scim2_tester";

/// Returns the interpreter of the peers' environment, made or refreshed when needed.
///
/// # Errors
/// When Python or a peer is missing and cannot be installed; the message holds the remedy.
pub fn ensure(may_install: bool) -> Result<PathBuf> {
    let home = shell::target().join("peers");
    match current("xtask/peers.txt", &home, IMPORTS)? {
        Some(python) => Ok(python),
        None if may_install => install("xtask/peers.txt", &home),
        None => bail!("the peers are not installed; run `cargo xtask test` without --no-install"),
    }
}

/// The interpreter of an environment that holds what is listed, if there is one.
///
/// # Errors
/// The list cannot be read.
fn current(list: &str, home: &Path, imports: &str) -> Result<Option<PathBuf>> {
    let wanted = fs::read_to_string(shell::root().join(list))?;
    let python = home.join("bin/python");
    let is_whole = fs::read_to_string(home.join(STAMP)).is_ok_and(|installed| installed == wanted);
    Ok((is_whole && works(&python, imports)).then_some(python))
}

const STAMP: &str = "installed.txt";

/// Makes an environment with what is listed, where it is not there already; its interpreter.
///
/// # Errors
/// When Python or a package is missing and cannot be installed.
pub fn environment(list: &str, home: &Path) -> Result<PathBuf> {
    match current(list, home, "")? {
        Some(python) => Ok(python),
        None => install(list, home),
    }
}

fn install(list: &str, home: &Path) -> Result<PathBuf> {
    install::ensure(
        python_makes_environments,
        &["python3", "python3-venv"],
        true,
    )?;
    let (list, python) = (shell::root().join(list), home.join("bin/python"));
    make(home, &python, &list)?;
    fs::copy(list, home.join(STAMP))?;
    Ok(python)
}

fn works(python: &Path, imports: &str) -> bool {
    shell::succeeds(Command::new(python).args(["-c", imports]))
}

/// On Debian `python3` alone has no `ensurepip`; that part is `python3-venv`.
fn python_makes_environments() -> bool {
    shell::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]))
}

fn make(home: &Path, python: &Path, list: &Path) -> Result<()> {
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
    shell::run(pip.arg("-r").arg(list))
}
