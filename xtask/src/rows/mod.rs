//! Which test covers which row of the catalogues: bad inputs and faults, and scenarios?
//!
//! `docs/NAME.toml` holds the rows in our own words; a test claims a row by a doc comment
//! that starts with its id, as in `/// B12: …`. This chore joins the two into
//! `docs/NAME.md`.

mod claims;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use self::claims::{Claim, Claims, claims};
use crate::shell;
use crate::tidy::tree::Tree;

/// All letters that begin an id.
const LETTERS: &str = "BFSTL";

/// Rows of one kind, with the page they are written to.
struct Catalogue {
    rows: &'static str,
    page: &'static str,
    opening: &'static str,
    /// The parts of the page: the letter of their ids, and their heading.
    parts: &'static [(char, &'static str)],
}

const CATALOGUES: [Catalogue; 2] = [
    Catalogue {
        rows: "docs/bad-inputs.toml",
        page: "docs/bad-inputs.md",
        opening: BAD_INPUTS,
        parts: &[('B', ""), ('F', "")],
    },
    Catalogue {
        rows: "docs/scenarios.toml",
        page: "docs/scenarios.md",
        opening: SCENARIOS,
        parts: &[
            ('S', "Scenarios that have to be survived"),
            ('T', "Traps that other notifiers fell into"),
            ('L', "Lessons from other people's bugs"),
        ],
    },
];

/// Whether to write or to compare.
#[derive(clap::Args)]
pub struct Args {
    /// Writes nothing; fails when a page is old or a row has neither test nor reason
    #[arg(long)]
    check: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// What is tried, in a few words.
    tried: String,
    /// What must come of it.
    holds: String,
    /// Why no test covers it, or not all of it.
    reason: Option<String>,
}

/// Writes the pages, and says what is not covered.
pub fn run(args: &Args) -> Result<()> {
    if args.check {
        return check();
    }
    let tree = Tree::read()?;
    for catalogue in &CATALOGUES {
        let (rows, claims) = catalogue.read(&tree)?;
        let open = uncovered(&rows, &claims);
        fs::write(
            shell::root().join(catalogue.page),
            catalogue.written(&rows, &claims),
        )?;
        println!(
            "{}: {} of {} rows have a test; without test or reason: {}",
            catalogue.page,
            rows.len() - open.len(),
            rows.len(),
            open.join(" ")
        );
    }
    Ok(())
}

/// Fails when a page is old or a row has neither test nor reason.
pub fn check() -> Result<()> {
    let tree = Tree::read()?;
    for catalogue in &CATALOGUES {
        let (rows, claims) = catalogue.read(&tree)?;
        let open = uncovered(&rows, &claims);
        if !open.is_empty() {
            bail!("without test or reason: {}", open.join(" "));
        }
        let page = shell::root().join(catalogue.page);
        if fs::read_to_string(page).unwrap_or_default() != catalogue.written(&rows, &claims) {
            bail!("{} is old; run `cargo xtask rows`", catalogue.page);
        }
    }
    Ok(())
}

type Rows = Vec<(String, Row)>;

impl Catalogue {
    fn read(&self, tree: &Tree) -> Result<(Rows, Claims)> {
        let letters: String = self.parts.iter().map(|(letter, _)| *letter).collect();
        let text = fs::read_to_string(shell::root().join(self.rows)).context(self.rows)?;
        let rows: BTreeMap<String, Row> = toml::from_str(&text).context(self.rows)?;
        let mut rows: Rows = rows.into_iter().collect();
        rows.sort_by_key(|(id, _)| self.order(id));
        let claims = claims(tree, &letters);
        Ok((rows, claims))
    }

    /// The parts one after the other; `B2` stands before `B10`.
    fn order(&self, id: &str) -> (usize, u32) {
        let (letter, number) = id.split_at(1);
        let part = self.parts.iter().position(|(l, _)| letter.starts_with(*l));
        (
            part.unwrap_or(usize::MAX),
            number.parse().unwrap_or(u32::MAX),
        )
    }

    fn written(&self, rows: &Rows, claims: &Claims) -> String {
        let mut page = String::from(self.opening);
        if self.parts.iter().all(|(_, heading)| heading.is_empty()) {
            table(&mut page, rows.iter(), claims);
            return page;
        }
        for (letter, heading) in self.parts {
            write!(page, "\n## {heading}\n\n").ok();
            table(
                &mut page,
                rows.iter().filter(|(id, _)| id.starts_with(*letter)),
                claims,
            );
        }
        page
    }
}

fn uncovered(rows: &Rows, claims: &Claims) -> Vec<String> {
    let open = rows
        .iter()
        .filter(|(id, row)| row.reason.is_none() && !claims.contains_key(id));
    open.map(|(id, _)| id.clone()).collect()
}

fn table<'a>(page: &mut String, rows: impl Iterator<Item = &'a (String, Row)>, claims: &Claims) {
    page.push_str(HEAD);
    for (id, row) in rows {
        let tests = claims.get(id).map_or(&[] as &[Claim], Vec::as_slice);
        let tests: Vec<String> = tests
            .iter()
            .map(|Claim { path, name }| format!("[`{name}`](../{path})"))
            .collect();
        let mut cell = tests.join("<br>");
        if let Some(reason) = &row.reason {
            let gap = if cell.is_empty() { "" } else { "<br>" };
            write!(cell, "{gap}*{reason}*").ok();
        }
        writeln!(page, "| {id} | {} | {} | {cell} |", row.tried, row.holds).ok();
    }
}

const HEAD: &str = "\
| row | tried | what holds | tests |
|---|---|---|---|
";

const BAD_INPUTS: &str = "\
# Bad inputs tried and faults survived

Written by `cargo xtask rows` from `docs/bad-inputs.toml` and from the tests that claim a row in their doc comment (`/// B12: …`).
Words in italics say why a row, or a part of it, has no test.

";

const SCENARIOS: &str = "\
# Scenarios

What a notifier must get right, and which test shows that this one does.
Written by `cargo xtask rows` from `docs/scenarios.toml` and from the tests that claim a row in their doc comment (`/// S3: …`).
Words in italics say why a row, or a part of it, has no test.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_ordered_by_part_and_as_numbers() {
        let [bad, scenarios] = &CATALOGUES;
        assert!(bad.order("B2") < bad.order("B10") && bad.order("B10") < bad.order("F1"));
        assert!(scenarios.order("S10") < scenarios.order("L2"));
    }
}
