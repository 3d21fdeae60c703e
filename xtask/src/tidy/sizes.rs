//! Is a function or a file longer than a reader can hold?
//!
//! Reads the indentation that rustfmt leaves: a function ends at the first closing
//! brace as deep as its `fn`.

use anyhow::Result;

use super::Finding;
use super::exceptions::Exceptions;
use super::tree::{File, Tree};

/// Worth a look: two nouns may live in one file.
const FILE_LINES: usize = 600;
/// Worth a look: it no longer fits the screen.
const FUNCTION_LINES: usize = 70;
/// Longer than this only with a reason.
const FUNCTION_LINES_MAX: usize = 120;

struct Function<'a> {
    name: &'a str,
    line: usize,
    lines: usize,
}

/// Functions past the limit that have no exception.
#[expect(clippy::unnecessary_wraps, reason = "every rule has this shape")]
pub fn functions(tree: &Tree, exceptions: &Exceptions) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for function in functions_of(file).filter(|function| function.lines > FUNCTION_LINES_MAX) {
            if !exceptions.long_function(&format!("{}::{}", file.path, function.name)) {
                let what = format!(
                    "`{}` has {} lines, more than {FUNCTION_LINES_MAX}",
                    function.name, function.lines
                );
                findings.push(Finding::new(
                    format!("{}:{}", file.path, function.line),
                    what,
                ));
            }
        }
    }
    Ok(findings)
}

/// What is long but allowed, for a person to look at.
pub fn notes(tree: &Tree) -> Vec<Finding> {
    let mut notes = Vec::new();
    for file in tree.rust() {
        let lines = file.text.lines().count();
        if lines > FILE_LINES {
            notes.push(Finding::new(&file.path, format!("{lines} lines")));
        }
        for function in functions_of(file).filter(|function| function.lines > FUNCTION_LINES) {
            let what = format!("`{}` has {} lines", function.name, function.lines);
            notes.push(Finding::new(
                format!("{}:{}", file.path, function.line),
                what,
            ));
        }
    }
    notes
}

fn functions_of(file: &File) -> impl Iterator<Item = Function<'_>> {
    let lines: Vec<&str> = file.text.lines().collect();
    let starts: Vec<usize> = (0..lines.len()).collect();
    starts.into_iter().filter_map(move |start| {
        let first = lines.get(start)?;
        let (name, depth) = (name(first)?, indent(first));
        let rest = lines.get(start..)?;
        let open = rest
            .iter()
            .position(|line| line.ends_with(['{', '}', ';']))?;
        if !rest.get(open)?.ends_with('{') {
            return None;
        }
        let close = rest
            .iter()
            .position(|line| indent(line) == depth && line.trim() == "}")?;
        Some(Function {
            name,
            line: start + 1,
            lines: close + 1,
        })
    })
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The name, when a function starts on this line.
fn name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let words = [
        "pub", "async", "const", "unsafe", "extern", "\"C\"", "default",
    ];
    let is_word =
        |word: &str| words.contains(&word) || word.starts_with("pub(") || word.ends_with(')');
    if !before.split_whitespace().all(is_word) {
        return None;
    }
    let end = after.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    after.get(..end).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &str) -> Vec<(String, usize)> {
        let file = File {
            path: "a.rs".into(),
            text: text.into(),
        };
        functions_of(&file)
            .map(|one| (one.name.to_owned(), one.lines))
            .collect()
    }

    #[test]
    fn a_function_ends_at_its_own_brace() {
        let text = "pub(crate) async fn a() {\n    if b {\n    }\n}\n\nfn c() -> u8 { 1 }\n";
        assert_eq!(lengths(text), [("a".to_owned(), 4)]);
    }

    #[test]
    fn a_declaration_without_a_body_is_no_function() {
        assert!(
            lengths("trait T {\n    fn a(&self);\n    fn b(\n        x: u8,\n    );\n}\n")
                .is_empty()
        );
    }
}
