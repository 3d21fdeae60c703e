//! What a test may lean on outside the tree, and how it says that it is missing.
//!
//! `cargo xtask test` brings these along. Without them a test prints one line that
//! starts with `SKIPPED:` and returns; the summary then counts it as skipped.

#![expect(
    clippy::print_stdout,
    reason = "the line is how the summary learns of it"
)]

use std::env;
use std::path::PathBuf;

/// The address of a PostgreSQL that tests may fill; `None` says so.
///
/// Every test makes a database of its own in it.
pub fn postgres() -> Option<String> {
    let url = variable("FOREWARN_TEST_POSTGRES")?;
    url.into_string().ok()
}

/// The authority, as a PEM file, that vouches for the server of [`postgres`] under the
/// name `localhost`; `None` says so.
pub fn postgres_ca() -> Option<PathBuf> {
    variable("FOREWARN_TEST_POSTGRES_CA").map(PathBuf::from)
}

/// A Python interpreter that can import the peers of `xtask/peers.txt`; `None` says so.
pub fn peers_python() -> Option<PathBuf> {
    variable("FOREWARN_PEERS_PYTHON").map(PathBuf::from)
}

/// The folder whose `node_modules` holds the peers of `xtask/peers.npm.txt`; `None` says so.
pub fn peers_npm() -> Option<PathBuf> {
    variable("FOREWARN_PEERS_NPM").map(PathBuf::from)
}

/// A folder with vendors' OpenAPI documents that are not part of the project; `None` says
/// so. Nothing sets it: it is for trying by hand.
pub fn vendor_specs() -> Option<PathBuf> {
    let value = env::var_os("FOREWARN_SPECS").filter(|value| !value.is_empty());
    if value.is_none() {
        println!("SKIPPED: FOREWARN_SPECS names no folder with vendors' OpenAPI documents");
    }
    value.map(PathBuf::from)
}

/// Whether the tests run as root, whom PostgreSQL and PgBouncer refuse.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether tests that take long are wanted too; `false` is the usual and needs no word.
pub fn long() -> bool {
    env::var_os("FOREWARN_TEST_LONG").is_some_and(|value| !value.is_empty())
}

/// Keeps what was measured for `cargo xtask simulate`, which says where; else does nothing.
///
/// # Panics
/// When the file cannot be written.
#[expect(
    clippy::unwrap_used,
    reason = "a figure that is not kept must not be missed in silence"
)]
pub fn keep(name: &str, text: &str) {
    if let Some(folder) = env::var_os("FOREWARN_PROOF_FOLDER") {
        let file = PathBuf::from(folder).join(format!("{name}.md"));
        std::fs::write(file, text).unwrap();
    }
}

/// A program on the search path that `cargo xtask test` installs; `None` says so.
pub fn program(name: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&paths)
        .map(|dir| dir.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        println!("SKIPPED: there is no program {name}; `cargo xtask test` installs it");
    }
    found
}

fn variable(name: &str) -> Option<std::ffi::OsString> {
    let value = env::var_os(name).filter(|value| !value.is_empty());
    if value.is_none() {
        println!("SKIPPED: {name} is not set; `cargo xtask test` sets it");
    }
    value
}
