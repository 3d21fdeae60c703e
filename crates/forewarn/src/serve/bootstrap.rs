//! What happens once: the demo's directory, the token for automation, the set-up link.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use app::Context;
use domain::kernel::base62;

use crate::cli::CliError;
use crate::system::SystemRandom;

/// A fresh directory that only this user can read.
pub(super) fn demo_directory() -> Result<PathBuf, CliError> {
    let mut random: &dyn app::ports::Random = &SystemRandom;
    let path = std::env::temp_dir().join(format!("forewarn-demo-{}", base62(&mut random, 8)));
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(&path)
        .map_err(|e| CliError::failed(format!("{} cannot be made: {e}", path.display())))?;
    Ok(path)
}

/// Writes the token for automation where one is wanted: on the first start, and again on
/// the next ones as long as that failed. A server that came up has written it or never
/// will.
pub(super) async fn write_token_once(ctx: &Context, path: Option<&Path>) -> Result<(), CliError> {
    let sentence = |e: app::AppError| CliError::failed(e.to_string());
    if !app::setup::bootstrap_is_open(ctx).await.map_err(sentence)? {
        if let Some(path) = path {
            tracing::info!(
                "--bootstrap-token-file {}: not written, for this is not the first start; whoever is admin issues tokens with `forewarn token create`",
                path.display()
            );
        }
        return Ok(());
    }
    if let Some(path) = path {
        write_token(ctx, path).await?;
    }
    // A death in between writes another one at the next start, over the same file.
    app::setup::close_bootstrap(ctx).await.map_err(sentence)
}

/// Writes the token for automation to its file, mode 0600, and nowhere else.
async fn write_token(ctx: &Context, path: &Path) -> Result<(), CliError> {
    let failed = |e: std::io::Error| {
        CliError::failed(format!("--bootstrap-token-file {}: {e}", path.display()))
    };
    plain_or_missing(path).map_err(failed)?;
    // A file of its own is made first: a wrong path leaves no token behind, and a file or
    // link that somebody else put at the path can neither read nor redirect the value.
    let beside = beside(path);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(failed)?;
    let written = fill(ctx, &mut file, path).await;
    let placed = written.and_then(|()| std::fs::rename(&beside, path).map_err(failed));
    if placed.is_err() {
        drop(std::fs::remove_file(&beside));
    }
    placed
}

async fn fill(ctx: &Context, file: &mut std::fs::File, path: &Path) -> Result<(), CliError> {
    let issued = app::setup::issue_bootstrap_token(ctx)
        .await
        .map_err(|e| CliError::failed(e.to_string()))?;
    let value = issued.value.as_ref();
    let line = value.map_or_else(String::new, |value| format!("{}\n", value.expose()));
    let written = file.write_all(line.as_bytes());
    written
        .and_then(|()| file.sync_all())
        .map_err(|e| CliError::failed(format!("--bootstrap-token-file {}: {e}", path.display())))
}

/// Devices, folders and links are no place for a secret.
fn plain_or_missing(path: &Path) -> std::io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(known) if known.is_file() => Ok(()),
        Ok(_) => Err(std::io::Error::other(
            "something that is no plain file stands there; name a path that is free",
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut random: &dyn app::ports::Random = &SystemRandom;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", base62(&mut random, 12)));
    PathBuf::from(name)
}

/// Prints where the server listens and, while nobody is admin, how to become it.
pub(super) async fn announce(ctx: &Context, bound: &str) -> Result<(), CliError> {
    let code = app::setup::make_setup_code(ctx)
        .await
        .map_err(|e| CliError::failed(e.to_string()))?;
    let mut out = std::io::stdout();
    // A closed stdout must not keep a server from running.
    drop(writeln!(out, "listening on {bound}"));
    if let Some(code) = code {
        let url = &ctx.settings.load().public_url;
        drop(writeln!(
            out,
            "nobody is admin yet: open {url}/setup/{} within an hour",
            code.expose()
        ));
    }
    drop(out.flush());
    if !out.is_terminal() {
        tracing::info!("listening on {bound}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A link that somebody put at the path would hand them the token, or have another
    /// file overwritten.
    #[test]
    fn a_link_at_the_path_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(plain_or_missing(&link).is_err());
        assert!(plain_or_missing(folder.path()).is_err());
        assert!(plain_or_missing(&file).is_ok());
        std::fs::write(&file, "").unwrap();
        assert!(plain_or_missing(&file).is_ok());
    }
}
