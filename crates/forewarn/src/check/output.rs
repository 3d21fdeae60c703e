//! The report as a table, JSON, NDJSON or CSV.

use std::io::{self, Write};

use domain::kernel::{Instant, escape_line};
use serde::Serialize;

use super::Format;
use super::report::{Report, Row, Rows, Tally};

/// Writes the chosen rows.
///
/// # Errors
/// The output is closed or full.
pub(super) fn write(
    out: &mut dyn Write,
    format: Format,
    report: &Report,
    rows: Rows<'_>,
) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    match format {
        Format::Table => table(&mut out, report, rows)?,
        Format::Json => json(&mut out, report, rows)?,
        Format::Ndjson => {
            for row in rows.iter() {
                serde_json::to_writer(&mut out, &row)?;
                writeln!(out)?;
            }
        }
        Format::Csv => csv(&mut out, rows)?,
    }
    out.flush()
}

fn json(out: &mut impl Write, report: &Report, rows: Rows<'_>) -> io::Result<()> {
    #[derive(Serialize)]
    struct Whole<'a> {
        generated_at: Instant,
        window: &'a str,
        credentials: Rows<'a>,
        counts: Tally,
    }
    let whole = Whole {
        generated_at: report.generated_at,
        window: &report.window,
        credentials: rows,
        counts: report.counts,
    };
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    writeln!(out)
}

const COLUMNS: [&str; 10] = [
    "id",
    "name",
    "kind",
    "owner",
    "owner_name",
    "created_at",
    "expires_at",
    "remaining_seconds",
    "state",
    "source",
];

fn csv(out: &mut impl Write, rows: Rows<'_>) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    for row in rows.iter() {
        let optional = |text: &Option<String>| text.as_deref().map(harmless).unwrap_or_default();
        let at = |at: Option<Instant>| at.map(|at| at.to_string()).unwrap_or_default();
        csv.write_record([
            harmless(&row.id),
            harmless(&row.name),
            optional(&row.kind),
            optional(&row.owner),
            optional(&row.owner_name),
            at(row.created_at),
            at(row.expires_at),
            row.remaining_seconds
                .map(|s| s.to_string())
                .unwrap_or_default(),
            row.state.as_str().to_owned(),
            row.source.to_owned(),
        ])?;
    }
    csv.flush()
}

/// A cell that no spreadsheet takes for a formula (ASVS 5.0, 1.2.10).
fn harmless(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Two passes, one to measure and one to print: a table in memory would cost more than
/// everything that was read.
fn table(out: &mut impl Write, report: &Report, rows: Rows<'_>) -> io::Result<()> {
    let mut widths = HEADINGS.map(|heading| heading.chars().count());
    for row in rows.iter() {
        for (width, cell) in widths.iter_mut().zip(&cells(&row)) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut shown = rows.iter().peekable();
    if shown.peek().is_some() {
        line(out, &HEADINGS.map(str::to_owned), &widths)?;
        line(out, &widths.map(|width| "─".repeat(width)), &widths)?;
        for row in shown {
            line(out, &cells(&row), &widths)?;
        }
        writeln!(out)?;
    }
    let c = &report.counts;
    writeln!(
        out,
        "{} tokens: {} end within {}, {} later, {} at an unknown time; {} expired, {} revoked",
        c.created, c.expiring, report.window, c.live, c.unknown_end, c.expired, c.revoked
    )?;
    writeln!(
        out,
        "{} lines read: {} about tokens ({} repeated), {} about other things, {} unreadable",
        c.lines, c.token_events, c.duplicates, c.skipped, c.unreadable
    )
}

const HEADINGS: [&str; 6] = ["ENDS", "IN", "STATE", "TOKEN", "OWNER", "ID"];

fn cells(row: &Row) -> [String; 6] {
    let owner = row.owner_name.as_deref().or(row.owner.as_deref());
    [
        row.expires_at
            .map_or_else(|| "not known".to_owned(), minute),
        row.remaining_seconds.map_or_else(|| "–".to_owned(), left),
        row.state.as_str().replace('_', " "),
        escape_line(&row.name),
        escape_line(owner.unwrap_or("–")),
        escape_line(&row.id),
    ]
}

fn line(out: &mut impl Write, cells: &[String; 6], widths: &[usize; 6]) -> io::Result<()> {
    let padded = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:<width$}"));
    let text = padded.collect::<Vec<_>>().join("  ");
    writeln!(out, "{}", text.trim_end())
}

/// To the minute; the exact instant is in the other formats.
fn minute(at: Instant) -> String {
    let text = at.to_string();
    format!(
        "{} {}Z",
        text.get(..10).unwrap_or_default(),
        text.get(11..16).unwrap_or_default()
    )
}

/// Never more than there is: whole days above two days, else hours, in the last minutes.
fn left(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match seconds {
        ..=0 => "over".to_owned(),
        1..60 => "under a minute".to_owned(),
        60..120 => "1 minute".to_owned(),
        120..3600 => format!("{minutes} minutes"),
        3600..7200 => "1 hour".to_owned(),
        7200..=172_800 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}
