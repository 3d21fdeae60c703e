//! Are files where, and named as, everybody expects them?

use std::collections::BTreeMap;

use anyhow::Result;

use super::Finding;
use super::exceptions::Exceptions;
use super::tree::{File, Tree};
use crate::shell;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = [
    "utils", "util", "common", "helpers", "misc", "manager", "data",
];

/// `0001_first.sql`, `0002_…`: no gap, no number twice, in each folder of migrations.
#[expect(clippy::unnecessary_wraps, reason = "every rule has this shape")]
pub fn migrations(tree: &Tree, _: &Exceptions) -> Result<Vec<Finding>> {
    let mut folders: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in &tree.files {
        if let Some((folder, name)) = file.path.rsplit_once('/')
            && folder.split('/').any(|part| part == "migrations")
            && name.ends_with(".sql")
        {
            folders.entry(folder).or_default().push(file);
        }
    }
    let numbered = folders
        .into_values()
        .flat_map(|files| files.into_iter().zip(1..));
    let wrong =
        numbered.filter(|(file, number)| !file.name().starts_with(&format!("{number:04}_")));
    Ok(wrong
        .map(|(file, number)| Finding::new(&file.path, format!("should be number {number:04}")))
        .collect())
}

/// Every module opens by saying what question it answers.
#[expect(clippy::unnecessary_wraps, reason = "every rule has this shape")]
pub fn openings(tree: &Tree, _: &Exceptions) -> Result<Vec<Finding>> {
    let silent = tree
        .rust()
        .filter(|file| !file.text.starts_with("//!") && !file.text.starts_with("#!["));
    Ok(silent
        .map(|file| {
            Finding::new(
                &file.path,
                "does not open with `//!`: which question does it answer?",
            )
        })
        .collect())
}

/// No room for everything.
#[expect(clippy::unnecessary_wraps, reason = "every rule has this shape")]
pub fn names(tree: &Tree, _: &Exceptions) -> Result<Vec<Finding>> {
    let empty = tree.rust().filter(|file| {
        let mut parts = file.path.split('/');
        parts.any(|part| EMPTY_NAMES.contains(&part.trim_end_matches(".rs")))
    });
    Ok(empty
        .map(|file| {
            Finding::new(
                &file.path,
                "has a name that says nothing; name it after its noun",
            )
        })
        .collect())
}

/// A link from one page to another leads somewhere.
#[expect(clippy::unnecessary_wraps, reason = "every rule has this shape")]
pub fn links(tree: &Tree, _: &Exceptions) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for page in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in page.lines() {
            for target in targets(line).filter(|target| !exists(folder, target)) {
                let what = format!("the link to `{target}` leads nowhere");
                findings.push(Finding::new(format!("{}:{number}", page.path), what));
            }
        }
    }
    Ok(findings)
}

/// Targets of links within the project, without their fragments.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let links = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let own = links.filter(|link| {
        !link.contains("://") && !link.starts_with(['#', '<']) && !link.starts_with("mailto:")
    });
    own.filter_map(|link| link.split('#').next())
}

fn exists(folder: &str, target: &str) -> bool {
    shell::root().join(folder).join(target).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_within_the_project_are_followed() {
        let line = "see [a](docs/a.md#part), [b](https://example.org/b) and [c](#c)";
        assert_eq!(targets(line).collect::<Vec<_>>(), ["docs/a.md"]);
    }
}
