//! Does a file hold words that must not be committed?

use anyhow::Result;

use super::Finding;
use super::exceptions::Exceptions;
use super::tree::Tree;

/// Folders that exist on somebody's machine only. Spelt in parts, so that this file passes itself.
const MACHINE_FOLDERS: [&str; 5] = ["home", "root", "Users", "work", "tmp"];

/// Work that was left for later belongs in an issue.
const MARKS: [[&str; 2]; 3] = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]];

/// Ways to wait for time to pass.
const SLEEPS: [&str; 2] = ["thread::sleep", "time::sleep"];

/// Absolute paths of one machine, and marks of unfinished work.
#[expect(clippy::unnecessary_wraps, reason = "every rule has this shape")]
pub fn paths_and_marks(tree: &Tree, exceptions: &Exceptions) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.name() != "Cargo.lock") {
        for (number, line) in file.lines() {
            let machine =
                machine_path(line).map(|path| format!("`{path}` exists on one machine only"));
            let what = machine
                .or_else(|| mark(line).map(|mark| format!("`{mark}`: write an issue instead")));
            if let Some(what) = what.filter(|_| !exceptions.word(&file.path)) {
                findings.push(Finding::new(format!("{}:{number}", file.path), what));
            }
        }
    }
    Ok(findings)
}

/// A path counts only where one can begin, so that `https://example.org/home/…` does not.
fn machine_path(line: &str) -> Option<String> {
    MACHINE_FOLDERS
        .iter()
        .map(|folder| format!("/{folder}/"))
        .find(|path| {
            line.match_indices(path.as_str()).any(|(at, _)| {
                let before = line.get(..at).and_then(|before| before.chars().next_back());
                before.is_none_or(|letter| !letter.is_alphanumeric() && !"._-/}*".contains(letter))
            })
        })
}

fn mark(line: &str) -> Option<String> {
    let words = || line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    MARKS
        .iter()
        .map(|parts| parts.concat())
        .find(|mark| words().any(|word| word == mark))
}

/// Tests move a fake clock; only one that watches a real process may wait.
#[expect(clippy::unnecessary_wraps, reason = "every rule has this shape")]
pub fn sleeps(tree: &Tree, exceptions: &Exceptions) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let from = file.tests_from();
        let waits = file.lines().filter(|(number, line)| {
            *number > from
                && SLEEPS
                    .iter()
                    .any(|sleep| line.contains(&format!("{sleep}(")))
        });
        for (number, _) in waits {
            if !exceptions.sleep(&file.path) {
                findings.push(Finding::new(
                    format!("{}:{number}", file.path),
                    "a test sleeps; move a fake clock",
                ));
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_inside_an_address_is_no_path_of_a_machine() {
        let path = format!("/{}/x", "home");
        assert!(machine_path(&format!("see \"{path}\"")).is_some());
        assert!(machine_path(&format!("https://example.org{path}")).is_none());
        assert!(machine_path(&format!("docs{path}")).is_none());
    }

    #[test]
    fn a_mark_counts_as_a_whole_word_only() {
        let word = MARKS[0].concat();
        assert!(mark(&format!("// {word}: later")).is_some());
        assert!(mark(&format!("{word}S")).is_none());
    }
}
