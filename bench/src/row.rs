//! One line of the table: what was compared, what was wanted, what was measured.

use std::fmt::Write as _;

/// On which side of a number a ratio must lie.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }

    fn eased(self) -> Self {
        match self {
            Self::AtLeast(bound) => Self::AtLeast(bound * 0.8),
            Self::AtMost(bound) => Self::AtMost(bound * 1.2),
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtMost(f64::INFINITY) => f.write_str("none"),
            Self::AtLeast(bound) => write!(f, "≥ {bound}"),
            Self::AtMost(bound) => write!(f, "≤ {bound}"),
        }
    }
}

/// One measurement.
pub struct Row {
    pub name: &'static str,
    /// What the number is a ratio of.
    pub compared: &'static str,
    pub bound: Bound,
    pub stretch: Bound,
    /// Both numbers with their unit.
    pub numbers: String,
    pub value: f64,
    /// Processors that others used meanwhile, at the median.
    pub others: f64,
}

impl Row {
    /// With a fifth of slack, for machines that are not quiet.
    pub fn is_nearly_met(&self) -> bool {
        self.bound.eased().holds(self.value)
    }

    fn verdict(&self) -> &'static str {
        if self.bound.holds(self.value) {
            "met"
        } else {
            "missed"
        }
    }
}

/// All rows in Markdown; the verdict is the last column.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| bench | compared | bound | stretch | measured | ratio | others' CPU | verdict |\n|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.2} | {:.2} | {} |",
            row.name,
            row.compared,
            row.bound,
            row.stretch,
            row.numbers,
            row.value,
            row.others,
            row.verdict()
        );
    }
    text
}

/// The middle of some numbers; 0 of none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}
