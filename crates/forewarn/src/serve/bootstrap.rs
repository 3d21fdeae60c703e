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
        .map_err(|e| CliError(format!("{} cannot be made: {e}", path.display())))?;
    Ok(path)
}

/// Writes the token for automation to its file, mode 0600, and nowhere else.
pub(super) async fn write_token(ctx: &Context, path: &Path) -> Result<(), CliError> {
    let failed =
        |e: std::io::Error| CliError(format!("--bootstrap-token-file {}: {e}", path.display()));
    // The file is made before the token, so that a wrong path leaves no token behind.
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(failed)?;
    let issued = app::setup::issue_bootstrap_token(ctx)
        .await
        .map_err(|e| CliError(e.to_string()))?;
    if let Some(value) = &issued.value {
        writeln!(file, "{}", value.expose()).map_err(failed)?;
    }
    file.sync_all().map_err(failed)
}

/// Prints where the server listens and, while nobody is admin, how to become it.
pub(super) async fn announce(ctx: &Context, bound: &str) -> Result<(), CliError> {
    let code = app::setup::make_setup_code(ctx)
        .await
        .map_err(|e| CliError(e.to_string()))?;
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
