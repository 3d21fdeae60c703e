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
    let home = shell::target().join("peers-npm");
    if !may_install && !is_whole("xtask/peers.npm.txt", &home)? {
        bail!("the peers of npm are not installed; run `cargo xtask test` without --no-install");
    }
    folder("xtask/peers.npm.txt", &home, &[])?;
    Ok(home)
}

fn node() -> bool {
    shell::find("node").is_some() && shell::find("npm").is_some()
}

fn is_whole(list: &str, home: &Path) -> Result<bool> {
    let wanted = fs::read_to_string(shell::root().join(list))?;
    let installed = fs::read_to_string(home.join("installed.txt"));
    Ok(installed.is_ok_and(|installed| installed == wanted) && node())
}

/// Makes a folder with what is listed, where it is not there already.
///
/// # Errors
/// When Node or a package is missing and cannot be installed.
pub fn folder(list: &str, home: &Path, options: &[&str]) -> Result<()> {
    if is_whole(list, home)? {
        return Ok(());
    }
    install::ensure(node, &["nodejs", "npm"], true)?;
    let wanted = fs::read_to_string(shell::root().join(list))?;
    make(home, &wanted, options)?;
    fs::write(home.join("installed.txt"), wanted)?;
    Ok(())
}

fn make(home: &Path, wanted: &str, options: &[&str]) -> Result<()> {
    println!("making {}", home.display());
    fs::create_dir_all(home)?;
    fs::write(home.join("package.json"), r#"{"private": true}"#)?;
    let mut npm = Command::new("npm");
    npm.arg("install").args(wanted.lines()).args(options).args([
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--no-package-lock",
        "--loglevel=error",
    ]);
    shell::run(npm.current_dir(home))
}
