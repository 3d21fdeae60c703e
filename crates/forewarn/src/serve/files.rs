//! Work on an installation's files while no server runs: doctor, backup, migrate.

use std::path::Path;
use std::sync::Arc;

use app::memory::PassingMemory;

use super::{build, ways_out};
use crate::cli::CliError;
use crate::config::Config;

/// Looks at what the configuration names, without changing anything: sentences, each
/// with whether it is fine.
pub(crate) fn doctor(config: &Config, environment: &[(String, String)]) -> Vec<(bool, String)> {
    let mut findings = vec![(true, "the configuration can be read".to_owned())];
    let mut note = |fine: Result<String, CliError>| match fine {
        Ok(sentence) => findings.push((true, sentence)),
        Err(error) => findings.push((false, error.to_string())),
    };
    note(data_directory(&config.server.data));
    // Nothing is sent, so nothing needs to be remembered.
    let memory = Arc::new(PassingMemory::default());
    let channels = build::egress(config)
        .and_then(|egress| ways_out::channels(config, &egress, environment, memory));
    note(ways_out::wording(config).map(|_| "the templates can be used".to_owned()));
    note(channels.and_then(|channels| {
        if channels.iter().any(|c| c.reaches_persons()) {
            Ok(format!(
                "{} channels, at least one reaches persons",
                channels.len()
            ))
        } else {
            Err(CliError::failed(
                "no channel reaches a person; add [channels.mail] with kind = \"email\"".to_owned(),
            ))
        }
    }));
    note(if config.audience.catch_all.is_empty() {
        Err(CliError::failed(
            "audience.catch_all is empty: nobody hears when an owner and a team are gone"
                .to_owned(),
        ))
    } else {
        Ok("somebody hears when nobody else can".to_owned())
    });
    findings
}

fn data_directory(path: &Path) -> Result<String, CliError> {
    use std::os::unix::fs::PermissionsExt as _;
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => Err(CliError::failed(format!(
            "the data directory {shown} is open to others; `chmod 700` it"
        ))),
        Ok(_) => Ok(format!(
            "the data directory {shown} is there and closed to others"
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(format!(
            "the data directory {shown} will be made at the first start"
        )),
        Err(error) => Err(CliError::failed(format!(
            "the data directory {shown} cannot be read: {error}"
        ))),
    }
}

/// Opens the store, which brings it to this version's schema.
pub(crate) fn migrate(config: &Config) -> Result<(), CliError> {
    runtime()?.block_on(build::store(config)).map(drop)
}

/// Writes a consistent copy of the embedded database, also while a server works on it.
pub(crate) fn backup(config: &Config, to: &Path) -> Result<(), CliError> {
    let url = build::database(config);
    let Some(from) = url.strip_prefix("sqlite:").map(Path::new) else {
        let sentence = "this installation uses PostgreSQL; copy it with pg_dump";
        return Err(CliError::failed(sentence.to_owned()));
    };
    if !from.is_file() {
        return Err(CliError::failed(format!(
            "there is no database at {}; name the data directory with --data",
            from.display()
        )));
    }
    let patience = store::SqliteOptions::default().patience;
    store::Sqlite::copy(from, to, patience).map_err(|e| CliError::failed(e.to_string()))
}

fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| CliError::failed(format!("the runtime cannot start: {e}")))
}
