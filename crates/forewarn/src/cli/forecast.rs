//! `forewarn forecast`

use clap::Args;
use serde_json::Value;

use super::{CliResult, ServerArgs, output};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn forecast
  forewarn forecast --days 400 --format json")]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// How far to look ahead
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// table or json
    #[arg(long, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Table,
    Json,
}

pub(crate) fn run(args: &ForecastArgs) -> CliResult {
    let answer = args
        .server
        .client()?
        .get("/v1/forecast", &[("days", args.days.to_string())])?;
    if args.format == Format::Json || args.server.json {
        return output::json(&answer);
    }
    let notices = answer
        .get("notices")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let columns = [
        ("at", "/at"),
        ("credential", "/name"),
        ("step", "/step"),
        ("recipient", "/recipient"),
        ("channel", "/channel"),
        ("why", "/reason"),
    ];
    output::list(&notices, false, &columns)?;
    match answer
        .get("unheard")
        .and_then(Value::as_array)
        .map_or(0, Vec::len)
    {
        0 => Ok(std::process::ExitCode::SUCCESS),
        n => output::line(&format!(
            "{n} credentials would end without anybody hearing; see --format json"
        )),
    }
}
