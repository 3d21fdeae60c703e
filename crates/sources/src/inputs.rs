//! Which files an argument names.

use std::fs::FileType;
use std::path::{Path, PathBuf};

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A regular file.
    File(PathBuf),
}

/// The inputs that one argument names, in order of their names. A name that exists is
/// taken as it is, even if it looks like a glob; a directory is walked, and in it only
/// regular files are read: no pipes, and no links that could lead in circles.
///
/// # Errors
/// A sentence: nothing of that name, a glob that matches nothing, something that is not
/// a file.
pub fn expand(argument: &str) -> Result<Vec<Input>, String> {
    if argument == "-" {
        return Ok(vec![Input::Stdin]);
    }
    let path = Path::new(argument);
    match std::fs::metadata(path) {
        Ok(meta) => of_kind(path, meta.file_type()),
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound
                && argument.contains(['*', '?', '[']) =>
        {
            matches(argument)
        }
        Err(error) => Err(format!("{argument} cannot be opened: {error}")),
    }
}

fn of_kind(path: &Path, kind: FileType) -> Result<Vec<Input>, String> {
    if kind.is_dir() {
        let mut files = Vec::new();
        walk(path, &mut files)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        if files.is_empty() {
            return Err(format!("{} holds no files", path.display()));
        }
        return Ok(files);
    }
    if kind.is_file() {
        return Ok(vec![Input::File(path.to_owned())]);
    }
    Err(format!(
        "{} is not a regular file; pipe it into `forewarn check -`",
        path.display()
    ))
}

fn matches(pattern: &str) -> Result<Vec<Input>, String> {
    let paths =
        glob::glob(pattern).map_err(|error| format!("{pattern} is not a pattern: {error}"))?;
    let mut found = Vec::new();
    for path in paths.filter_map(Result::ok) {
        let kind = std::fs::metadata(&path)
            .map_err(|e| format!("{} cannot be opened: {e}", path.display()))?;
        found.extend(of_kind(&path, kind.file_type())?);
    }
    if found.is_empty() {
        Err(format!("{pattern} matches no file"))
    } else {
        Ok(found)
    }
}

fn walk(directory: &Path, files: &mut Vec<Input>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(directory)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(Input::File(entry.path()));
        }
    }
    Ok(())
}
