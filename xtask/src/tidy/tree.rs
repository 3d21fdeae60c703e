//! The files of the project: what is tracked, and what is about to be.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::shell;

/// A text file, by its path from the root.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// Its name without the folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Lines with their numbers, from one.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// The line from which on everything is test code; past the end when nothing is.
    pub fn tests_from(&self) -> usize {
        if self.path.contains("/tests/") || self.name() == "tests.rs" {
            return 0;
        }
        let marked = self.lines().find(|(_, line)| line.trim() == "#[cfg(test)]");
        marked.map_or(usize::MAX, |(number, _)| number)
    }
}

/// Every text file of the project.
pub struct Tree {
    pub files: Vec<File>,
}

impl Tree {
    /// Asks git; without git or outside a clone, walks the folders.
    pub fn read() -> Result<Self> {
        let mut paths = tracked().or_else(|_| walked())?;
        paths.sort();
        let files = paths.into_iter().filter_map(|path| {
            let text = fs::read_to_string(shell::root().join(&path)).ok()?;
            Some(File { path, text })
        });
        Ok(Self {
            files: files.collect(),
        })
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }
}

fn tracked() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(shell::root());
    Ok(shell::output(&mut git)?
        .lines()
        .map(str::to_owned)
        .collect())
}

fn walked() -> Result<Vec<String>> {
    let mut paths = Vec::new();
    walk(shell::root(), &mut paths)?;
    Ok(paths)
}

fn walk(dir: &Path, paths: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if ["target", ".git", "forewarn-data"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            walk(&path, paths)?;
        } else if let Ok(own) = path.strip_prefix(shell::root()) {
            paths.push(own.to_string_lossy().into_owned());
        }
    }
    Ok(())
}
