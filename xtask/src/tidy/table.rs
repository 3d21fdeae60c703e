//! Reads the Markdown tables that hold rules.

use anyhow::{Context, Result};

use super::tree::Tree;

/// Returns the rows of the table in `path` whose first heading is `heading`, cell by cell.
///
/// # Errors
/// When the file or such a table is missing.
pub fn rows(tree: &Tree, path: &str, heading: &str) -> Result<Vec<Vec<String>>> {
    let file = tree.files.iter().find(|file| file.path == path);
    let text = &file.with_context(|| format!("{path} is missing"))?.text;
    let start = format!("| {heading} |");
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&start));
    lines
        .next()
        .with_context(|| format!("{path} has no table that starts with `{start}`"))?;
    Ok(lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(cells)
        .collect())
}

fn cells(line: &str) -> Vec<String> {
    line.trim()
        .trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

/// The words in back quotes.
pub fn quoted(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_quoted_words_are_names() {
        assert_eq!(quoted("`a` and `b`, not c"), ["a", "b"]);
        assert!(quoted("—").is_empty());
    }

    #[test]
    fn a_row_is_its_cells() {
        assert_eq!(cells("| a | b c |"), ["a", "b c"]);
    }
}
