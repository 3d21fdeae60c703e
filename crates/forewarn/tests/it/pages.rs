//! The pages in a browser: `tests/browser/pages.mjs` walks them.

use std::process::Command;

use testkit::outside;

use crate::house::BINARY;

/// Signs in, issues, rotates and acknowledges, with scripts, without, and with the keyboard
/// alone; axe finds nothing in light and dark, and nothing is wider than a small screen.
#[test]
fn every_page_works_in_a_browser_for_everybody() {
    let (Some(npm), Some(chromium)) = (outside::peers_npm(), outside::program("chromium")) else {
        return;
    };
    let modules = npm.join("node_modules");
    if !modules.join("playwright-core").is_dir() || !modules.join("axe-core").is_dir() {
        println!("SKIPPED: FOREWARN_PEERS_NPM lacks playwright-core and axe-core");
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/pages.mjs");
    let done = Command::new(modules.join(".bin/node"))
        .arg(script)
        .args([BINARY.as_ref(), npm.as_path(), chromium.as_path()])
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}
