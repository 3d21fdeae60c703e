//! Which systems can be watched, and what each of them tells?
//!
//! The presets and their fixtures know. The test that compares `docs/systems.md` with
//! them is the one that can write it, so that the page and its check cannot differ.

use anyhow::Result;

use crate::shell;

/// Writes the page.
pub fn run() -> Result<()> {
    let mut command = shell::cargo();
    command.args([
        "test",
        "--quiet",
        "--package",
        "sources",
        "--test",
        "presets",
    ]);
    command.arg("the_page_of_systems_is_that_of_the_presets");
    command.env("FOREWARN_WRITE_PAGES", "1");
    shell::run(&mut command)
}
