//! Which tests claim which rows?
//!
//! A test claims a row by a doc comment that starts with its id, as in `/// B12: …`.
//! Whether the claim is right is for whoever reads the test.

use std::collections::BTreeMap;

use crate::tidy::tree::{File, Tree};

/// Where a test stands.
pub(super) struct Claim {
    pub path: String,
    pub name: String,
}

/// The tests of each row.
pub(super) type Claims = BTreeMap<String, Vec<Claim>>;

/// Every test whose doc comment starts with ids that begin with one of these letters.
pub(super) fn claims(tree: &Tree, letters: &str) -> Claims {
    let mut claims = Claims::new();
    for file in tree.rust() {
        for (id, name) in claims_of(file, letters) {
            claims.entry(id).or_default().push(Claim {
                path: file.path.clone(),
                name,
            });
        }
    }
    claims
}

/// A claim reaches to the next function, and only if that is a test.
fn claims_of(file: &File, letters: &str) -> Vec<(String, String)> {
    let (mut found, mut pending, mut is_test) = (Vec::new(), Vec::new(), false);
    for line in file.text.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            let fits = |id: &String| id.starts_with(|first| letters.contains(first));
            pending.extend(ids(doc.trim()).into_iter().filter(fits));
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

/// One capital letter of a catalogue and a number. A promise (`P1`) is no row, and ends the
/// list of rows.
fn id(text: &str) -> Option<(char, u32)> {
    let letter = text
        .chars()
        .next()
        .filter(|letter| super::LETTERS.contains(*letter))?;
    Some((letter, text.get(1..)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_alone_in_lists_and_in_ranges() {
        assert_eq!(ids("B12: a missing scope"), ["B12"]);
        assert_eq!(ids("B1, F3: both"), ["B1", "F3"]);
        assert_eq!(ids("B9–B11: a range"), ["B9", "B10", "B11"]);
        assert_eq!(ids("F1, F2, F3 on PostgreSQL."), ["F1", "F2", "F3"]);
        assert_eq!(ids("S1, F1, P2: a scenario too"), ["S1", "F1"]);
        assert_eq!(ids("B28, P6: a promise beside a row"), ["B28"]);
        assert!(ids("Before: B1").is_empty());
    }

    #[test]
    fn a_claim_needs_a_test() {
        let text = "/// B1, S2: claimed\n#[test]\nfn holds() {}\n/// B2: none\nfn other() {}\n";
        let file = File {
            path: "a.rs".into(),
            text: text.into(),
        };
        let claimed = |id: &str| vec![(id.to_owned(), "holds".to_owned())];
        assert_eq!(claims_of(&file, "BF"), claimed("B1"));
        assert_eq!(claims_of(&file, "S"), claimed("S2"));
    }
}
