//! Which files do the configured paths name, and how is one opened without harm?

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use domain::kernel::Secret;

/// The longest file that is read, in bytes.
pub(super) const FILE_MAX: u64 = 16 * 1024 * 1024;
/// The most files that one source reads.
const FILES_MAX: usize = 20_000;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// Whether the configuration names this very file, and not a folder or pattern.
    pub(super) is_named: bool,
}

/// The files of all paths by name, each once, and a sentence for each path that could
/// not be followed.
pub(super) fn places(paths: &[String]) -> (Vec<Place>, Vec<String>) {
    let mut walk = Walk::default();
    for path in paths {
        walk.argument(path);
    }
    let mut places = walk.places;
    places.sort();
    // Of one path that is named and also lies in a folder, the folder's is dropped.
    places.dedup_by(|later, kept| {
        let same = later.path == kept.path;
        kept.is_named |= same && later.is_named;
        same
    });
    if places.len() > FILES_MAX {
        places.truncate(FILES_MAX);
        walk.failures.push(format!(
            "`paths` names more than {FILES_MAX} files; name fewer"
        ));
    }
    (places, walk.failures)
}

#[derive(Default)]
struct Walk {
    places: Vec<Place>,
    failures: Vec<String>,
}

impl Walk {
    fn argument(&mut self, path: &str) {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.folder(Path::new(path)),
            Ok(_) => self.place(Path::new(path), true),
            Err(error)
                if error.kind() == std::io::ErrorKind::NotFound
                    && path.contains(['*', '?', '[']) =>
            {
                self.pattern(path);
            }
            Err(error) => self
                .failures
                .push(format!("{path} cannot be opened: {error}")),
        }
    }

    fn pattern(&mut self, pattern: &str) {
        let paths = match glob::glob(pattern) {
            Ok(paths) => paths,
            Err(error) => {
                return self
                    .failures
                    .push(format!("{pattern} is no pattern: {error}"));
            }
        };
        let mut any = false;
        for path in paths {
            match path {
                Ok(path) if path.is_dir() => self.folder(&path),
                Ok(path) => self.place(&path, false),
                Err(error) => self.unreadable(error.path(), error.error()),
            }
            any = true;
        }
        if !any {
            self.failures.push(format!("{pattern} matches no file"));
        }
    }

    /// What a folder holds and its folders. Hidden entries are passed over: Kubernetes
    /// keeps the files that it mounts a second time behind `..data`. A link to a file is
    /// followed, one to a folder is not, so that no walk goes in circles.
    fn folder(&mut self, folder: &Path) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, &error),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.unreadable(folder, &error),
            };
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&path),
                Ok(kind) if kind.is_symlink() && path.is_dir() => {}
                Ok(_) => self.place(&path, false),
                Err(error) => self.unreadable(&path, &error),
            }
            if self.places.len() > FILES_MAX {
                return;
            }
        }
    }

    fn place(&mut self, path: &Path, is_named: bool) {
        self.places.push(Place {
            path: path.to_owned(),
            is_named,
        });
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
        self.failures
            .push(format!("{} cannot be read: {error}", path.display()));
    }
}

/// What a file holds, at most [`FILE_MAX`] bytes; wiped when it is dropped.
///
/// # Errors
/// A sentence: it cannot be opened, is no regular file, or is longer.
pub(super) fn content(path: &Path) -> Result<Secret<Vec<u8>>, String> {
    let shown = path.display();
    let cannot = |error: std::io::Error| format!("{shown} cannot be read: {error}");
    // Before it is opened: opening a pipe waits for a writer.
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(format!("{shown} is no regular file"));
    }
    let file = File::open(path).map_err(cannot)?;
    let size = file.metadata().map_err(cannot)?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(FILE_MAX)).unwrap_or_default());
    let read = file.take(FILE_MAX + 1).read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    read.map_err(cannot)?;
    if u64::try_from(bytes.expose().len()).is_ok_and(|length| length <= FILE_MAX) {
        Ok(bytes)
    } else {
        Err(format!("{shown} is longer than 16 MiB"))
    }
}
