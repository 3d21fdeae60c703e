//! Where things are, and how a chore calls other programs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The root of the workspace.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Cargo's own build folder, where throw-away things may live.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// Cargo for a step that must not hang unseen: where nobody watches (`CI`), it and all it
/// started end after so many minutes.
pub fn cargo_within(minutes: u32) -> Command {
    let watched = env::var_os("CI").is_none();
    if watched || find("timeout").is_none() {
        return cargo();
    }
    let mut command = Command::new("timeout");
    command
        .arg(format!("{minutes}m"))
        .arg(cargo().get_program());
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Cargo, the very one that runs this chore, started at the root.
pub fn cargo() -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Returns where `program` lies on the search path.
pub fn find(program: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths)
        .map(|dir| dir.join(program))
        .find(|path| path.is_file())
}

/// Whether `command` can be started and ends well; its output is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// What a person would call it: the program without its folders, and its first word.
fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = [Some(program), command.get_args().next()];
    let words = words
        .into_iter()
        .flatten()
        .map(|word| word.to_string_lossy());
    words.collect::<Vec<_>>().join(" ")
}

/// Runs `command` with its output shown.
///
/// # Errors
/// When it cannot be started or does not end well.
pub fn run(command: &mut Command) -> Result<()> {
    let name = name(command);
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("`{name}` cannot be started"))?;
    if !status.success() {
        bail!("`{name}` ended with {status}");
    }
    Ok(())
}

/// Runs `command` and returns what it wrote to standard output.
///
/// # Errors
/// When it cannot be started or does not end well; the message holds its last words.
pub fn output(command: &mut Command) -> Result<String> {
    let name = name(command);
    let out = command.stdin(Stdio::null()).output();
    let out = out.with_context(|| format!("`{name}` cannot be started"))?;
    if !out.status.success() {
        let words = String::from_utf8_lossy(&out.stderr);
        let last = words.trim().lines().last().unwrap_or_default().to_owned();
        bail!("`{name}` ended with {}: {last}", out.status);
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Whether this process may do everything on the machine.
pub fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0")
}
