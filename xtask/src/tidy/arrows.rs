//! Do the modules inside `domain` import along their arrows only?
//!
//! Cargo keeps the walls between crates; inside this one crate the table in its
//! README is kept by reading `crate::…` paths.

use std::collections::BTreeMap;

use anyhow::Result;

use super::Finding;
use super::exceptions::Exceptions;
use super::table;
use super::tree::Tree;

const PAGE: &str = "crates/domain/README.md";
const SOURCE: &str = "crates/domain/src/";

/// Every path that leads from one module of `domain` into another.
pub fn inside_domain(tree: &Tree, _: &Exceptions) -> Result<Vec<Finding>> {
    let allowed = allowed(&table::rows(tree, PAGE, "room")?);
    let mut findings = Vec::new();
    for file in tree.rust() {
        let Some(module) = file
            .path
            .strip_prefix(SOURCE)
            .and_then(|path| path.split(['/', '.']).next())
        else {
            continue;
        };
        let Some(may) = allowed.get(module) else {
            continue;
        };
        let code = without_comments(&file.text);
        for (offset, target) in paths(&code) {
            let known = allowed.contains_key(target) && target != module;
            if known && !may.iter().any(|one| one == target) {
                let line = code.get(..offset).unwrap_or_default().matches('\n').count() + 1;
                let what = format!("`{module}` may not import `{target}` ({PAGE})");
                findings.push(Finding::new(format!("{}:{line}", file.path), what));
            }
        }
    }
    Ok(findings)
}

/// `all but …` means every module that is not named, its own aside.
fn allowed(rows: &[Vec<String>]) -> BTreeMap<String, Vec<String>> {
    let name = |row: &Vec<String>| row.first().map(|cell| table::quoted(cell).concat());
    let names: Vec<String> = rows.iter().filter_map(name).collect();
    let imports = rows.iter().filter_map(|row| {
        let (cell, named) = (row.get(2)?, table::quoted(row.get(2)?));
        let may = match cell.starts_with("all but") {
            true => names
                .iter()
                .filter(|one| !named.contains(one))
                .cloned()
                .collect(),
            false => named,
        };
        Some((name(row)?, may))
    });
    imports.collect()
}

/// A link in a comment is for the reader, not for the compiler. Lines keep their numbers.
fn without_comments(text: &str) -> String {
    let keep = |line: &str| {
        if line.trim_start().starts_with("//") {
            String::new()
        } else {
            line.to_owned()
        }
    };
    text.lines().map(keep).collect::<Vec<_>>().join("\n")
}

/// The first segment of each `crate::…` path, a group in braces included, with its offset.
fn paths(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = text.get(at + "crate::".len()..).unwrap_or_default();
        match rest.strip_prefix('{') {
            Some(group) => found.extend(heads(group).into_iter().map(|head| (at, head))),
            None => found.push((at, word(rest))),
        }
    }
    found
}

/// The first segment of each member of a group, however deep the members nest.
fn heads(group: &str) -> Vec<&str> {
    let (mut heads, mut depth, mut at_start) = (Vec::new(), 0usize, true);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            _ if depth == 0 && at_start && !letter.is_whitespace() => {
                heads.push(word(group.get(at..).unwrap_or_default()));
                at_start = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(text: &str) -> Vec<&str> {
        paths(text).into_iter().map(|(_, target)| target).collect()
    }

    #[test]
    fn plain_and_grouped_paths_are_seen() {
        assert_eq!(targets("use crate::kernel::Span;"), ["kernel"]);
        assert_eq!(
            targets("use crate::{\n    kernel::{Name, Span},\n    people,\n};"),
            ["kernel", "people"]
        );
        assert_eq!(targets("let a = crate::token::State::Live;"), ["token"]);
    }

    #[test]
    fn a_link_in_a_comment_is_no_import() {
        let code = without_comments("//! see [`crate::token`]\nuse crate::kernel;");
        assert_eq!(targets(&code), ["kernel"]);
    }

    #[test]
    fn all_but_leaves_out_what_it_names() {
        let row = |name: &str, may: &str| vec![format!("`{name}`"), String::new(), may.to_owned()];
        let rows = [row("a", "—"), row("b", "`a`"), row("c", "all but `b`")];
        let allowed = allowed(&rows);
        assert_eq!(allowed.get("c").unwrap(), &["a", "c"]);
        assert!(allowed.get("a").unwrap().is_empty());
    }
}
