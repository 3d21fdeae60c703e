//! A consistent copy of the whole database in one file.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use app::ports::StoreError;
use rusqlite::{Connection, OpenFlags};

use super::failure::meaning;
use super::lock::private;

/// Copies `from` into the new file `to`, mode 0600, as it stands at one moment.
/// Writers are not held up.
pub(crate) fn copy(from: &Path, to: &Path, patience: Duration) -> Result<(), StoreError> {
    let cannot = |reason: std::io::Error| {
        StoreError::Unavailable(format!("{} cannot be made: {reason}", to.display()))
    };
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    private(&mut options);
    let file = options.open(to).map_err(cannot)?;
    let copied = vacuum(from, to, patience).map_err(|e| meaning(&e));
    if copied.is_err() {
        // Half a copy must not be taken for a whole one.
        std::fs::remove_file(to).ok();
        return copied;
    }
    file.sync_all().map_err(cannot)
}

fn vacuum(from: &Path, to: &Path, patience: Duration) -> rusqlite::Result<()> {
    let db = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.busy_timeout(patience)?;
    let target = to.to_string_lossy();
    db.execute("VACUUM INTO ?1", [target.as_ref()]).map(drop)
}
