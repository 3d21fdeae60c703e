//! The configuration: defaults < file < `ROX_*` < `FOREWARN_*` < flags.
//!
//! This is the only place that reads the process environment. Everything is checked
//! at start and on reload; what is wrong is refused with the key and the reason.

mod channels;
mod environment;
mod model;
mod secret;
mod validate;

pub use channels::{
    AlertmanagerConfig, ChannelConfig, CommandConfig, EmailConfig, GithubConfig, GitlabConfig,
    JiraConfig, OutboxConfig, PagerdutyConfig, SlackConfig, SmtpTls, WebhookConfig, WebhookFormat,
};
pub use model::{Config, LogFormat, ProviderConfig, SourceConfig};
pub use secret::SecretRef;

use std::path::{Path, PathBuf};

/// What the command line says; it wins over everything else.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--data`
    pub data: Option<PathBuf>,
    /// `--database`
    pub database: Option<String>,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read: {reason}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is not TOML, or holds a key or value that does not exist.
    #[error("{origin}: {reason}")]
    Wrong {
        /// File, line or variable.
        origin: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A value that makes no sense.
    #[error("`{key}` in the configuration: {reason}")]
    Value {
        /// The key, dotted.
        key: String,
        /// Why, and what would be right.
        reason: String,
    },
}

/// Reads, layers and checks the configuration.
///
/// # Errors
/// See [`ConfigError`]; nothing is guessed.
pub fn load(flags: &Flags, environment: &[(String, String)]) -> Result<Config, ConfigError> {
    let mut table = match &flags.config {
        Some(path) => read_file(path)?,
        None => default_file().map_or_else(|| Ok(toml::Table::new()), |path| read_file(&path))?,
    };
    let variables = environment::overlay(&mut table, environment)?;
    let mut config = typed(table).map_err(|error| variables.named(error))?;
    apply_flags(&mut config, flags);
    beside(&mut config, flags.config.as_deref());
    validate::check(&config).map_err(|error| variables.named(error))?;
    Ok(config)
}

fn typed(table: toml::Table) -> Result<Config, ConfigError> {
    serde_path_to_error::deserialize(toml::Value::Table(table)).map_err(|error| {
        ConfigError::Value {
            key: error.path().to_string(),
            reason: first_line(&error.into_inner().to_string()),
        }
    })
}

/// The process environment, read once.
pub fn process_environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn default_file() -> Option<PathBuf> {
    let path = PathBuf::from("forewarn.toml");
    path.is_file().then_some(path)
}

fn read_file(path: &Path) -> Result<toml::Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    text.parse::<toml::Table>()
        .map_err(|error| ConfigError::Wrong {
            origin: place(path, &text, error.span()),
            reason: first_line(error.message()),
        })
}

/// File and line; the parser's own words take several lines.
fn place(path: &Path, text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start));
    match before.map(|before| before.matches('\n').count() + 1) {
        Some(line) => format!("{}, line {line}", path.display()),
        None => path.display().to_string(),
    }
}

fn apply_flags(config: &mut Config, flags: &Flags) {
    if let Some(listen) = &flags.listen {
        config.server.listen.clone_from(listen);
    }
    if let Some(data) = &flags.data {
        config.server.data.clone_from(data);
    }
    if let Some(database) = &flags.database {
        config.database.url = Some(database.clone());
    }
}

/// Presets and owner files stand beside the configuration, wherever the server is started.
fn beside(config: &mut Config, file: Option<&Path>) {
    let Some(folder) = file.and_then(Path::parent) else {
        return;
    };
    for source in config.sources.values_mut() {
        for path in source.preset.iter_mut().chain(&mut source.owners) {
            *path = folder.join(&*path);
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
