//! Keeps the latest table in `docs/performance.md`, and draws it beside.
//!
//! Rows that were not measured this time stay as they were.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use domain::kernel::Instant;

use crate::machine;
use crate::plot::{self, Bar};

const BEGIN: &str = "<!-- cargo xtask bench --write -->\n";
const END: &str = "<!-- until here -->\n";
const PICTURE: &str = "pictures/performance.svg";

/// Puts the rows of `table` into the page in `docs`.
///
/// # Errors
/// The page cannot be read or written, or has no place for a table.
pub fn write(docs: &Path, table: &str) -> Result<()> {
    let page = docs.join("performance.md");
    let text = fs::read_to_string(&page)?;
    let (before, rest) = text.split_once(BEGIN).context("no place for the table")?;
    let (old, after) = rest.split_once(END).context("no end of the table")?;
    let lines = merged(old, table);
    let now = Instant::from_micros(i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_micros())?);
    let day = now.to_string().chars().take(10).collect::<String>();
    let about = format!("Measured {day} on {}.\n", machine::describe());
    let head: Vec<&str> = table.lines().take(2).collect();
    let drawn = "![How far each measurement lies inside its bound](pictures/performance.svg)\n";
    let body = format!(
        "{about}\n{}\n{}\n\n{drawn}",
        head.join("\n"),
        lines.join("\n")
    );
    fs::write(&page, format!("{before}{BEGIN}{body}{END}{after}"))?;
    let bars: Vec<Bar> = lines.iter().filter_map(|line| bar(line)).collect();
    fs::write(docs.join(PICTURE), plot::draw(&bars))?;
    Ok(())
}

/// Lines of both tables; those of the new one win.
fn merged(old: &str, new: &str) -> Vec<String> {
    let mut all: Vec<String> = rows(old).map(str::to_owned).collect();
    for line in rows(new) {
        match all.iter_mut().find(|have| key(have) == key(line)) {
            Some(have) => line.clone_into(have),
            None => all.push(line.to_owned()),
        }
    }
    all
}

fn rows(table: &str) -> impl Iterator<Item = &str> {
    let lines = table.lines().filter(|line| line.starts_with("| "));
    lines.filter(|line| !line.starts_with("| bench "))
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// What was compared with what.
fn key(line: &str) -> Option<(&str, &str)> {
    let cells = cells(line);
    Some((cells.first()?, cells.get(1)?))
}

fn bar(line: &str) -> Option<Bar> {
    let cells = cells(line);
    let (side, bound) = cells.get(2)?.split_once(' ')?;
    let (bound, value): (f64, f64) = (bound.parse().ok()?, cells.get(5)?.parse().ok()?);
    let inside = match side {
        "≥" => value / bound,
        _ => bound / value,
    };
    Some(Bar {
        name: (*cells.first()?).to_owned(),
        compared: (*cells.get(1)?).to_owned(),
        inside,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "| bench | compared | bound | stretch | measured | ratio | others' CPU | verdict |\n|---|---|\n| a | x | ≥ 0.8 | ≥ 0.9 | 1 | 0.40 | 0.00 | missed |\n| b | y | ≤ 2 | ≤ 1 | 1 | 1.00 | 0.00 | met |\n";

    #[test]
    fn what_was_not_measured_again_stays() {
        let new = "| b | y | ≤ 2 | ≤ 1 | 1 | 4.00 | 0.00 | missed |\n| c | z | ≤ 0 | ≤ 0 | 0 | 0.00 | 0.00 | met |";
        let all = merged(OLD, new);
        let ratios = all.iter().map(|line| cells(line)[5].to_owned());
        assert_eq!(ratios.collect::<Vec<_>>(), ["0.40", "4.00", "0.00"]);
    }

    #[test]
    fn a_bar_tells_how_far_inside_its_bound_a_row_lies() {
        let inside: Vec<f64> = rows(OLD).filter_map(bar).map(|bar| bar.inside).collect();
        assert_eq!(inside, [0.5, 2.0]);
    }
}
