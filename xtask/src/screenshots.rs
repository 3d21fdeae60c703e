//! Writes every page, in light and dark, wide and narrow, with the data of the
//! demonstration, to be looked at one by one.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::shell;
use crate::test::{install, peers_npm};

/// Writes a picture of every page.
#[derive(clap::Args)]
pub struct Args {
    /// Where to
    #[arg(long, default_value = "target/screenshots")]
    out: PathBuf,
}

/// Builds the binary, lets a browser walk its demonstration, and keeps the pictures.
///
/// # Errors
/// A browser that cannot be had, and whatever is wrong with a page.
pub fn run(args: &Args) -> Result<()> {
    let browser = || shell::find("chromium").is_some();
    install::ensure(browser, &["chromium"], true)?;
    let npm = peers_npm::ensure(true)?;
    let mut build = Command::new("cargo");
    shell::run(build.args(["build", "-p", "forewarn"]))?;
    let chromium = shell::find("chromium").context("no chromium")?;
    let mut node = Command::new(npm.join("node_modules/.bin/node"));
    node.arg(shell::root().join("crates/forewarn/tests/browser/pages.mjs"))
        .arg(shell::target().join("debug/forewarn"))
        .args([&npm, &chromium, &args.out]);
    shell::run(&mut node)
}
