//! Independent implementations that come as packages for Node: a mock server for OpenAPI
//! documents, and a vendor's own document. They live in a folder of their own under
//! `target`, pinned by `xtask/peers.npm.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::install;
use crate::shell;

/// Returns the folder that holds `node_modules`, made or refreshed when needed.
///
/// # Errors
/// When Node or a package is missing and cannot be installed; the message holds the remedy.
pub fn ensure(may_install: bool) -> Result<PathBuf> {
    let wanted = fs::read_to_string(shell::root().join("xtask/peers.npm.txt"))?;
    let home = shell::target().join("peers-npm");
    let stamp = home.join("installed.txt");
    let node = || shell::find("node").is_some() && shell::find("npm").is_some();
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && node() {
        return Ok(home);
    }
    if !may_install {
        bail!("the peers of npm are not installed; run `cargo xtask test` without --no-install");
    }
    install::ensure(node, &["nodejs", "npm"], true)?;
    make(&home, &wanted)?;
    fs::write(&stamp, wanted)?;
    Ok(home)
}

fn make(home: &Path, wanted: &str) -> Result<()> {
    println!("making {}", home.display());
    fs::create_dir_all(home)?;
    fs::write(home.join("package.json"), r#"{"private": true}"#)?;
    let mut npm = Command::new("npm");
    npm.arg("install").args(wanted.lines()).args([
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--no-package-lock",
        "--loglevel=error",
    ]);
    shell::run(npm.current_dir(home))
}
