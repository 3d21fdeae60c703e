//! Keeps a second server away from the same file.
//!
//! The lock belongs to the open file, so it ends with the process, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::OpenError;

/// Takes the lock beside the database; it is held until the file is dropped.
pub(crate) fn take(database: &Path) -> Result<File, OpenError> {
    let path = beside(database);
    let cannot = |reason: std::io::Error| OpenError::File {
        path: path.clone(),
        reason: reason.to_string(),
    };
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    private(&mut options);
    let file = options.open(&path).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(database.to_owned())),
        Err(TryLockError::Error(reason)) => Err(cannot(reason)),
    }
}

/// Files of the database are for its owner only.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
