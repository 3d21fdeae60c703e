//! The command line: one file per noun.
//!
//! Commands that talk to a server print a table, or the server's JSON with `--json`.
//! An error is one sentence on stderr; the exit code is 1, or 2 for wrong usage.

mod client;
mod credential;
mod examples;
mod finding;
mod follow;
mod forecast;
mod import;
mod matching;
mod message;
mod monitor;
mod output;
mod people;
mod policy;
mod preview;
mod review;
mod role;
mod rows;
mod scan;
mod signs;
mod silence;
mod source;
mod systems;
mod token;
mod upkeep;
mod watcher;

use std::process::ExitCode;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use client::Client;

/// No API token lapses by surprise: issues tokens, watches those of other systems,
/// and forewarns the people who must act.
#[derive(Debug, Parser)]
#[command(name = "forewarn", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  forewarn serve --demo                         look around, with a sample organisation
  forewarn check /var/log/foundry               which Foundry tokens end within 168 h
  forewarn token create ci --lifetime 90d --scope billing:read
  forewarn credential list --expires-within 30d
  forewarn forecast --days 90                   who will hear what, and when";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server: API, pages, all workers
    Serve(crate::serve::ServeArgs),
    /// Read Foundry audit logs and print which tokens end when; needs no server
    Check(crate::check::CheckArgs),
    /// Issue, list, rotate and revoke tokens
    Token(token::TokenArgs),
    /// Look through the inventory, whoever issued what
    Credential(credential::CredentialArgs),
    /// The systems that are watched
    Source(source::SourceArgs),
    /// What needs attention
    Alert(signs::AlertArgs),
    /// What nobody can act on, or nobody would hear of
    Finding(finding::FindingArgs),
    /// What each team answers for, looked at every so often
    Review(review::ReviewArgs),
    /// Nothing about some credentials until then
    Silence(silence::SilenceArgs),
    /// Who hears besides, of all credentials of a kind
    Watcher(watcher::WatcherArgs),
    /// Which steps for which credential
    Policy(policy::PolicyArgs),
    /// Integrations that report in, and are missed when they do not
    Monitor(monitor::MonitorArgs),
    /// The ways out
    Channel(signs::ChannelArgs),
    /// What was sent to whom, and what the other side said
    Message(message::MessageArgs),
    /// People who own credentials
    Person(people::PersonArgs),
    /// Teams that answer for credentials
    Team(people::TeamArgs),
    /// Accounts for programs
    ServiceAccount(people::ServiceAccountArgs),
    /// Roles and what they allow
    Role(role::RoleArgs),
    /// Every notice that will go out if nobody acts
    Forecast(forecast::ForecastArgs),
    /// Find Forewarn tokens in files; exit code 1 when one is found
    Scan(scan::ScanArgs),
    /// Verify or export the audit log
    Audit(upkeep::AuditArgs),
    /// Look for what is wrong with an installation
    Doctor(upkeep::DoctorArgs),
    /// Write a consistent copy of the embedded database
    Backup(upkeep::BackupArgs),
    /// Bring the database to this version's schema
    Migrate(upkeep::MigrateArgs),
    /// Print the OpenAPI document
    #[command(after_help = "Example:\n  forewarn openapi > openapi.json")]
    Openapi,
    /// Print completions for a shell
    Completions(upkeep::CompletionsArgs),
    /// Print the manual page
    #[command(after_help = "Example:\n  forewarn man > /usr/local/share/man/man1/forewarn.1")]
    Man,
}

/// How to reach a server, for every command that talks to one.
#[derive(Clone, Debug, Args)]
pub(crate) struct ServerArgs {
    /// Where the server listens
    #[arg(
        long,
        env = "FOREWARN_SERVER",
        default_value = "http://127.0.0.1:8080",
        global = true
    )]
    server: String,
    /// A file that holds the token; otherwise FOREWARN_TOKEN is used
    #[arg(long, value_name = "PATH", global = true)]
    token_file: Option<std::path::PathBuf>,
    /// Print the server's JSON
    #[arg(long, global = true)]
    json: bool,
}

/// Why a command failed: one sentence, and the exit code.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub(crate) struct CliError {
    sentence: String,
    code: u8,
}

impl CliError {
    /// It was asked for well, and did not come true: 1.
    pub(crate) const fn failed(sentence: String) -> Self {
        Self { sentence, code: 1 }
    }

    /// It was asked for wrongly, whoever noticed it: 2.
    pub(crate) const fn usage(sentence: String) -> Self {
        Self { sentence, code: 2 }
    }
}

impl<E: std::error::Error> From<Box<E>> for CliError {
    fn from(error: Box<E>) -> Self {
        Self::failed(error.to_string())
    }
}

/// What a command ends with; `Ok` carries the exit code.
pub(crate) type CliResult = Result<ExitCode, CliError>;

/// Parses the command line and runs it.
pub(crate) fn main() -> ExitCode {
    let read = examples::told(Cli::command()).try_get_matches();
    let cli = match read.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            complain(&error.sentence);
            ExitCode::from(error.code)
        }
    }
}

/// Help and version go to stdout with 0; wrong usage ends with 2, for `check` with 3,
/// where monitoring plugins take 2 for "critical".
fn usage(error: &clap::Error) -> ExitCode {
    let wrong = error.use_stderr();
    // Nowhere to complain to if the terminal is gone.
    drop(error.print());
    let checking = std::env::args_os().nth(1).is_some_and(|a| a == "check");
    match (wrong, checking) {
        (false, _) => ExitCode::SUCCESS,
        (true, true) => ExitCode::from(3),
        (true, false) => ExitCode::from(2),
    }
}

fn complain(sentence: &str) {
    use std::io::Write as _;
    drop(writeln!(std::io::stderr(), "forewarn: {sentence}"));
}

fn run(command: Command) -> CliResult {
    match command {
        Command::Serve(args) => crate::serve::run(args),
        Command::Check(args) => Ok(crate::check::main(&args)),
        Command::Scan(args) => scan::run(&args),
        Command::Token(args) => token::run(args),
        Command::Credential(args) => credential::run(args),
        Command::Source(args) => source::run(args),
        Command::Alert(args) => signs::alert(args),
        Command::Finding(args) => finding::run(args),
        Command::Review(args) => review::run(args),
        Command::Silence(args) => silence::run(args),
        Command::Watcher(args) => watcher::run(args),
        Command::Policy(args) => policy::run(args),
        Command::Monitor(args) => monitor::run(args),
        Command::Channel(args) => signs::channel(args),
        Command::Message(args) => message::run(args),
        Command::Person(args) => people::person(args),
        Command::Team(args) => people::team(args),
        Command::ServiceAccount(args) => people::service_account(args),
        Command::Role(args) => role::run(args),
        Command::Forecast(args) => forecast::run(&args),
        Command::Audit(args) => upkeep::audit(args),
        Command::Doctor(args) => upkeep::doctor(&args),
        Command::Backup(args) => upkeep::backup(&args),
        Command::Migrate(args) => upkeep::migrate(&args),
        Command::Openapi => upkeep::openapi(),
        Command::Completions(args) => upkeep::completions(&args, &mut Cli::command()),
        Command::Man => upkeep::man(&examples::told(Cli::command())),
    }
}

impl ServerArgs {
    /// Connects lazily: the first call does.
    fn client(&self) -> Result<Client, CliError> {
        Client::new(&self.server, self.token_file.as_deref())
    }
}
