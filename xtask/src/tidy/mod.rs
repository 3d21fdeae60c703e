//! Does the tree keep the rules that no compiler knows?
//!
//! The rules themselves stand where people read them: the rooms and the walls in
//! ARCHITECTURE.md, the arrows inside `domain` in its README. This module only
//! compares. Exceptions stand in `xtask/tidy.toml`, with reasons; that list may
//! only shrink, so an exception that nothing needs any more is a finding too.

mod arrows;
mod exceptions;
mod layout;
mod rooms;
mod sizes;
mod table;
pub mod tree;
mod words;

use std::fmt;

use anyhow::{Result, bail};
use exceptions::Exceptions;
use tree::Tree;

/// One place that breaks a rule.
pub struct Finding {
    place: String,
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

type Rule = fn(&Tree, &Exceptions) -> Result<Vec<Finding>>;

const ALL: [Rule; 10] = [
    rooms::arrows,
    rooms::walls,
    arrows::inside_domain,
    sizes::functions,
    layout::migrations,
    layout::openings,
    layout::names,
    layout::links,
    words::paths_and_marks,
    words::sleeps,
];

/// How many rules there are; the last is that the exceptions only shrink.
pub const RULES: usize = ALL.len() + 1;

/// How many rules are broken, and every place that breaks one.
///
/// # Errors
/// When the tree or a table cannot be read.
pub fn judge() -> Result<(usize, Vec<Finding>)> {
    let (tree, exceptions) = (Tree::read()?, Exceptions::read()?);
    let mut findings = Vec::new();
    for rule in ALL {
        findings.push(rule(&tree, &exceptions)?);
    }
    findings.push(exceptions.unneeded());
    let broken = findings.iter().filter(|places| !places.is_empty()).count();
    Ok((broken, findings.into_iter().flatten().collect()))
}

/// Prints what is worth a look, then the findings.
///
/// # Errors
/// When there is a finding.
pub fn run() -> Result<()> {
    for note in sizes::notes(&Tree::read()?) {
        println!("note: {note}");
    }
    let (_, findings) = judge()?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        many => bail!("{many} places break a rule of ARCHITECTURE.md"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_tidy() {
        let (_, findings) = super::judge().unwrap();
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
    }
}
