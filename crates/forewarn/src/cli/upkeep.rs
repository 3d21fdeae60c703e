//! `forewarn audit`, `doctor`, `backup`, `migrate`, `openapi`, `completions`, `man`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{CliError, CliResult, ServerArgs, output};
use crate::config::{Config, Flags};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn audit verify
  forewarn audit export > audit.ndjson")]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: AuditVerb,
}

#[derive(Debug, Subcommand)]
enum AuditVerb {
    /// Walk the chain of hashes; exit code 1 names the first row that does not fit
    Verify,
    /// Print every row as NDJSON, newest first
    Export,
}

pub(crate) fn audit(args: AuditArgs) -> CliResult {
    let client = args.server.client()?;
    match args.verb {
        AuditVerb::Verify => {
            let verdict = client.get("/v1/audit/verify", &[])?;
            output::object(&verdict, args.server.json)?;
            let sound = verdict
                .get("sound")
                .and_then(Value::as_bool)
                .unwrap_or(false);
            Ok(if sound {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(1)
            })
        }
        AuditVerb::Export => {
            for row in client.list("/v1/audit", &[])? {
                output::line(&row.to_string())?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Which installation, for commands that work on its files.
#[derive(Clone, Debug, Args)]
pub(crate) struct InstallationArgs {
    /// The configuration; forewarn.toml in the working directory if it exists
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Where database and key file live
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl InstallationArgs {
    fn config(&self) -> Result<Config, CliError> {
        let flags = Flags {
            config: self.config.clone(),
            listen: None,
            data: self.data.clone(),
            database: self.database.clone(),
        };
        crate::config::load(&flags, &crate::config::process_environment())
            .map_err(|e| CliError::failed(e.to_string()))
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  forewarn doctor --config /etc/forewarn.toml")]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    installation: InstallationArgs,
}

/// Reads the configuration and looks at what it names, without changing anything.
pub(crate) fn doctor(args: &DoctorArgs) -> CliResult {
    let config = args.installation.config()?;
    let findings = crate::serve::doctor(&config, &crate::config::process_environment());
    for (fine, sentence) in &findings {
        output::line(&format!(
            "{}  {sentence}",
            if *fine { "ok   " } else { "WRONG" }
        ))?;
    }
    let wrong = findings.iter().any(|(fine, _)| !fine);
    Ok(if wrong {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  forewarn backup --data /var/lib/forewarn --to /backup/forewarn.db

The key file is not in the copy; keep it apart, for without it no token can be verified.")]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    installation: InstallationArgs,
    /// The file to write; it must not exist
    #[arg(long, value_name = "PATH")]
    to: PathBuf,
}

pub(crate) fn backup(args: &BackupArgs) -> CliResult {
    if args.to.exists() {
        return Err(CliError::failed(format!(
            "{} exists already; choose another name",
            args.to.display()
        )));
    }
    let config = args.installation.config()?;
    crate::serve::backup(&config, &args.to)?;
    output::line(&format!(
        "written to {}; keep the key file as well",
        args.to.display()
    ))
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  forewarn migrate --database postgres://forewarn@db/forewarn")]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    installation: InstallationArgs,
}

pub(crate) fn migrate(args: &MigrateArgs) -> CliResult {
    let config = args.installation.config()?;
    crate::serve::migrate(&config)?;
    output::line("the database has this version's schema")
}

pub(crate) fn openapi() -> CliResult {
    output::line(&serde_json::to_string_pretty(&api::openapi()).unwrap_or_default())
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  forewarn completions bash > /etc/bash_completion.d/forewarn")]
pub(crate) struct CompletionsArgs {
    shell: clap_complete::Shell,
}

pub(crate) fn completions(args: &CompletionsArgs, command: &mut clap::Command) -> CliResult {
    clap_complete::generate(args.shell, command, "forewarn", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man(command: &clap::Command) -> CliResult {
    clap_mangen::Man::new(command.clone())
        .render(&mut std::io::stdout())
        .map_err(|e| CliError::failed(format!("cannot write: {e}")))?;
    Ok(ExitCode::SUCCESS)
}
