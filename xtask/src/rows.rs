//! Which test covers which row of the catalogue of bad inputs and faults?
//!
//! `docs/bad-inputs.toml` holds the rows in our own words; a test claims a row by a
//! doc comment that starts with its id, as in `/// B12: …`. This chore joins the
//! two into `docs/bad-inputs.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::shell;
use crate::tidy::tree::{File, Tree};

const ROWS: &str = "docs/bad-inputs.toml";
const PAGE: &str = "docs/bad-inputs.md";

/// Whether to write or to compare.
#[derive(clap::Args)]
pub struct Args {
    /// Writes nothing; fails when the page is old or a row has neither test nor reason
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

/// Where a test stands.
struct Claim {
    path: String,
    name: String,
}

/// Writes the page, and says what is not covered.
pub fn run(args: &Args) -> Result<()> {
    let (rows, claims) = (read_rows()?, claims(&Tree::read()?));
    let open = uncovered(&rows, &claims);
    let page = page(&rows, &claims);
    if !args.check {
        fs::write(shell::root().join(PAGE), page)?;
        println!(
            "{} of {} rows have a test; without test or reason: {}",
            rows.len() - open.len(),
            rows.len(),
            open.join(" ")
        );
        return Ok(());
    }
    judge(&open, &page)
}

/// Fails when the page is old or a row has neither test nor reason.
pub fn check() -> Result<()> {
    let (rows, claims) = (read_rows()?, claims(&Tree::read()?));
    judge(&uncovered(&rows, &claims), &page(&rows, &claims))
}

fn judge(open: &[String], page: &str) -> Result<()> {
    if !open.is_empty() {
        bail!("without test or reason: {}", open.join(" "));
    }
    if fs::read_to_string(shell::root().join(PAGE)).unwrap_or_default() != page {
        bail!("{PAGE} is old; run `cargo xtask rows`");
    }
    Ok(())
}

fn read_rows() -> Result<Vec<(String, Row)>> {
    let text = fs::read_to_string(shell::root().join(ROWS)).context(ROWS)?;
    let rows: BTreeMap<String, Row> = toml::from_str(&text).context(ROWS)?;
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by_key(|(id, _)| order(id));
    Ok(rows)
}

/// `B2` stands before `B10`.
fn order(id: &str) -> (String, u32) {
    let (letter, number) = id.split_at(1);
    (letter.to_owned(), number.parse().unwrap_or(u32::MAX))
}

fn uncovered(rows: &[(String, Row)], claims: &BTreeMap<String, Vec<Claim>>) -> Vec<String> {
    let open = rows
        .iter()
        .filter(|(id, row)| row.reason.is_none() && !claims.contains_key(id));
    open.map(|(id, _)| id.clone()).collect()
}

/// Every test whose doc comment starts with ids of rows.
fn claims(tree: &Tree) -> BTreeMap<String, Vec<Claim>> {
    let mut claims: BTreeMap<String, Vec<Claim>> = BTreeMap::new();
    for file in tree.rust() {
        for (id, name) in claims_of(file) {
            claims.entry(id).or_default().push(Claim {
                path: file.path.clone(),
                name,
            });
        }
    }
    claims
}

/// A claim reaches to the next function, and only if that is a test.
fn claims_of(file: &File) -> Vec<(String, String)> {
    let (mut found, mut pending, mut is_test) = (Vec::new(), Vec::new(), false);
    for line in file.text.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            pending.extend(ids(doc.trim()));
        } else if line.starts_with("#[") {
            is_test |= line.contains("test");
        } else if !line.starts_with("//") {
            if let Some(name) = function(line).filter(|_| is_test) {
                found.extend(
                    pending
                        .iter()
                        .map(|id: &String| (id.clone(), name.to_owned())),
                );
            }
            pending.clear();
            is_test = false;
        }
    }
    found
}

fn function(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("fn ")?;
    after.split(['(', '<']).next()
}

/// The ids at the very beginning: `B1: …`, `B1, F2: …`, `B1–B3: …`, `F1, F2 on PostgreSQL.`
fn ids(doc: &str) -> Vec<String> {
    let parts = doc
        .split([',', '/', '+', ':', ' '])
        .filter(|part| !part.is_empty());
    parts.map_while(range).flatten().collect()
}

fn range(part: &str) -> Option<Vec<String>> {
    let (first, last) = part.split_once(['–', '-']).unwrap_or((part, part));
    let (letter, from) = id(first)?;
    let until = last.trim_start_matches(letter).parse().ok()?;
    Some(
        (from..=until)
            .map(|number| format!("{letter}{number}"))
            .collect(),
    )
}

fn id(text: &str) -> Option<(char, u32)> {
    let letter = text
        .chars()
        .next()
        .filter(|letter| "BF".contains(*letter))?;
    Some((letter, text.get(1..)?.parse().ok()?))
}

fn page(rows: &[(String, Row)], claims: &BTreeMap<String, Vec<Claim>>) -> String {
    let mut page = String::from(OPENING);
    for (id, row) in rows {
        let none = Vec::new();
        let tests = claims.get(id).unwrap_or(&none).iter();
        let tests: Vec<String> = tests
            .map(|Claim { path, name }| format!("[`{name}`](../{path})"))
            .collect();
        let mut cell = tests.join("<br>");
        if let Some(reason) = &row.reason {
            let gap = if cell.is_empty() { "" } else { "<br>" };
            write!(cell, "{gap}*{reason}*").ok();
        }
        writeln!(page, "| {id} | {} | {} | {cell} |", row.tried, row.holds).ok();
    }
    page
}

const OPENING: &str = "\
# Bad inputs tried and faults survived

Written by `cargo xtask rows` from `docs/bad-inputs.toml` and from the tests that claim a row in their doc comment (`/// B12: …`).
Words in italics say why a row, or a part of it, has no test.

| row | tried | what holds | tests |
|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_alone_in_lists_and_in_ranges() {
        assert_eq!(ids("B12: a missing scope"), ["B12"]);
        assert_eq!(ids("B1, F3: both"), ["B1", "F3"]);
        assert_eq!(ids("B9–B11: a range"), ["B9", "B10", "B11"]);
        assert_eq!(ids("F1, F2, F3 on PostgreSQL."), ["F1", "F2", "F3"]);
        assert_eq!(ids("B28, P6: a promise beside a row"), ["B28"]);
        assert!(ids("Before: B1").is_empty());
    }

    #[test]
    fn a_claim_needs_a_test() {
        let text = "/// B1: claimed\n#[test]\nfn holds() {}\n/// B2: not a test\nfn other() {}\n";
        let file = File {
            path: "a.rs".into(),
            text: text.into(),
        };
        assert_eq!(claims_of(&file), [("B1".to_owned(), "holds".to_owned())]);
    }

    #[test]
    fn rows_are_ordered_as_numbers() {
        assert!(order("B2") < order("B10") && order("B10") < order("F1"));
    }
}
