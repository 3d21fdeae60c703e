//! The key file: made beside the database at first start, mode 0600, never made again.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use app::ports::Random;
use domain::kernel::Secret;
use verifier::Keys;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyFileError {
    /// Tokens exist but their keys do not.
    #[error(
        "the key file {0} is missing although tokens exist; restore it from the backup: without it no token can be verified, and a new one would end them all"
    )]
    Missing(PathBuf),
    /// Cannot be read or written.
    #[error("the key file {path} cannot be used: {reason}")]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Others on the machine can read it.
    #[error("the key file {0} can be read by others on this machine; `chmod 600` it")]
    Exposed(PathBuf),
}

/// Reads the keys; makes them if there are no tokens yet.
pub(super) fn open(
    path: &Path,
    tokens_exist: bool,
    random: &dyn Random,
) -> Result<Keys, KeyFileError> {
    match std::fs::read_to_string(path).map(Secret::new) {
        Ok(text) => {
            private(path)?;
            Keys::parse(text.expose()).map_err(|error| unusable(path, &error))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && tokens_exist => {
            Err(KeyFileError::Missing(path.to_owned()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(path, random),
        Err(error) => Err(unusable(path, &error)),
    }
}

fn create(path: &Path, random: &dyn Random) -> Result<Keys, KeyFileError> {
    let mut random: &dyn Random = random;
    let keys = Keys::generate(&mut random);
    let write = || -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(keys.serialise().expose().as_bytes())?;
        file.sync_all()?;
        // The name must survive a power cut as well as the content.
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => {
                std::fs::File::open(parent)?.sync_all()
            }
            _ => Ok(()),
        }
    };
    write().map_err(|error| unusable(path, &error))?;
    Ok(keys)
}

fn private(path: &Path) -> Result<(), KeyFileError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path)
            .map_err(|error| unusable(path, &error))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Exposed(path.to_owned()));
        }
    }
    Ok(())
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> KeyFileError {
    KeyFileError::Unusable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
