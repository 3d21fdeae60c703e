//! `forewarn check`: reads Foundry audit logs and prints which tokens end when.
//!
//! No server, no database, no network. Exit codes as monitoring plugins have them: 0
//! nothing inside the window, 1 something, 2 something within a day, 3 the input is of
//! no use.

mod output;
mod read;
mod report;

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use domain::kernel::{Instant, Span};

use crate::system::SystemClock;
use app::ports::Clock as _;
use report::Report;

#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  forewarn check /var/log/foundry
  forewarn check 'audit-*.gz' --within 30d
  zcat audit.gz | forewarn check - --format json --all
  forewarn check audit.csv --expired --at 2027-01-31T00:00:00Z

Exit codes: 0 nothing ends inside the window, 1 something does, 2 something ends within
24 h, 3 the usage is wrong or an input is of no use.")]
pub(crate) struct CheckArgs {
    /// Files, directories, globs, or - for standard input
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
    /// How far ahead counts as soon, such as 168h or 30d
    #[arg(long, value_name = "SPAN", default_value = "168h", value_parser = window)]
    within: Window,
    /// Show every token, revoked and expired ones too
    #[arg(long)]
    all: bool,
    /// Show expired tokens too
    #[arg(long)]
    expired: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// What counts as now, as RFC 3339
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// Which token types to look at; repeatable, `any` for all
    #[arg(long = "token-type", value_name = "TYPE", default_value = foundry::DEFAULT_TOKEN_TYPE)]
    token_types: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Ndjson,
    Csv,
}

/// How far ahead counts as soon, and how the caller wrote it.
#[derive(Clone, Debug)]
struct Window {
    span: Span,
    written: String,
}

fn window(text: &str) -> Result<Window, String> {
    match Span::parse(text) {
        Ok(span) if span.is_positive() => Ok(Window {
            span,
            written: text.to_owned(),
        }),
        Ok(span) => Err(format!("{span} is not longer than zero")),
        Err(error) => Err(error.to_string()),
    }
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).map_err(|error| error.to_string())
}

impl CheckArgs {
    /// `None` means every type.
    fn types(&self) -> Option<BTreeSet<String>> {
        let any = self.token_types.iter().any(|t| t == "any");
        (!any).then(|| self.token_types.iter().cloned().collect())
    }
}

/// Runs with the system's clock and streams.
pub(crate) fn main(args: &CheckArgs) -> ExitCode {
    let now = args.at.unwrap_or_else(|| SystemClock.now());
    let code = run(
        args,
        now,
        &mut std::io::stdout().lock(),
        &mut std::io::stderr(),
    );
    ExitCode::from(code)
}

/// Reads, reports, and says what the monitoring should think of it.
fn run(args: &CheckArgs, now: Instant, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let progress = std::io::stderr().is_terminal();
    let reading = read::read_all(&args.inputs, args.types(), progress);
    for complaint in &reading.complaints {
        // Nowhere to complain to if the terminal is gone.
        drop(writeln!(err, "forewarn check: {complaint}"));
    }
    let report = Report::new(reading.fold, reading.counts, &args.within, now);
    let shown = report.rows(args.all, args.expired);
    let written = output::write(out, args.format, &report, shown);
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            drop(writeln!(err, "forewarn check: cannot write: {error}"));
            3
        }
        _ if !reading.complaints.is_empty() => 3,
        _ => report.severity(),
    }
}

#[cfg(test)]
mod tests;
