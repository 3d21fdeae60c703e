//! Where the database is and how safe the way must be.

use std::path::PathBuf;
use std::str::FromStr as _;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::error::OpenError;

/// An address that was understood.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// For the driver.
    pub(crate) config: Config,
    /// A private authority, from `sslrootcert`.
    pub(crate) root: Option<PathBuf>,
}

impl Address {
    /// Reads `postgres://…`. Without `sslmode`, the way must be secure unless it stays
    /// on this machine; certificates are always checked, so `require`, `verify-ca` and
    /// `verify-full` mean the same.
    ///
    /// # Errors
    /// Anything else; the text never repeats the address, for it may hold a password.
    pub(crate) fn read(url: &str) -> Result<Self, OpenError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut root, mut rest) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", word)) => mode = Some(mode_of(word)?),
                Some(("sslrootcert", path)) => root = Some(PathBuf::from(path)),
                _ => rest.push(pair),
            }
        }
        let plain = format!("{base}?{}", rest.join("&"));
        let mut config = Config::from_str(&plain).map_err(|e| unusable(&e))?;
        let local = config.get_hosts().iter().all(is_local);
        let default = if local {
            SslMode::Disable
        } else {
            SslMode::Require
        };
        config.ssl_mode(mode.unwrap_or(default));
        Ok(Self { config, root })
    }

    /// Host and port, or the folder of the socket; for messages.
    pub(crate) fn place(&self) -> String {
        let ports = self.config.get_ports();
        let port = ports.first().copied().unwrap_or(5432);
        match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => format!("{host}:{port}"),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => "?".to_owned(),
        }
    }
}

fn mode_of(word: &str) -> Result<SslMode, OpenError> {
    match word {
        "disable" => Ok(SslMode::Disable),
        "prefer" | "allow" => Ok(SslMode::Prefer),
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        _ => Err(OpenError::Address(
            "sslmode is one of disable, prefer, require, verify-full".to_owned(),
        )),
    }
}

fn unusable(error: &tokio_postgres::Error) -> OpenError {
    let reason =
        std::error::Error::source(error).map_or_else(|| error.to_string(), |e| e.to_string());
    OpenError::Address(format!(
        "{reason}; postgres://user:password@host:5432/database is wanted"
    ))
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1" | "[::1]"),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Address::read(url).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn the_way_to_another_machine_is_secure_unless_told_otherwise() {
        assert_eq!(mode("postgres://u@db.example.org/f"), SslMode::Require);
        assert_eq!(mode("postgres://u@127.0.0.1:5433/f"), SslMode::Disable);
        assert_eq!(mode("postgres://u@%2Frun%2Fpostgresql/f"), SslMode::Disable);
        assert_eq!(mode("postgres://u@db/f?sslmode=disable"), SslMode::Disable);
        assert_eq!(
            mode("postgres://u@db/f?sslmode=verify-full"),
            SslMode::Require
        );
        assert_eq!(
            mode("postgres://u@127.0.0.1/f?sslmode=require"),
            SslMode::Require
        );
    }

    #[test]
    fn an_authority_is_taken_out_and_the_rest_is_kept() {
        let url = "postgres://u@db/f?application_name=x&sslrootcert=/etc/ca.pem&connect_timeout=3";
        let address = Address::read(url).unwrap();
        assert_eq!(address.root, Some(PathBuf::from("/etc/ca.pem")));
        assert_eq!(address.config.get_application_name(), Some("x"));
        assert_eq!(address.place(), "db:5432");
    }

    #[test]
    fn a_refused_address_is_not_repeated() {
        for bad in [
            "mysql://root:hunter2@db/x",
            "postgres://u:hunter2@db:port/x",
            "postgres://u:hunter2@db/x?sslmode=maybe",
            "postgres://u:hunter2@db/x?nope=1",
        ] {
            let error = Address::read(bad).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
