//! A seeded generator of audit logs that keeps its own model of the truth.

/// What to write, and where.
#[derive(clap::Args)]
pub struct Args {}

/// Writes the log and its model.
pub fn run(_args: &Args) -> anyhow::Result<()> {
    anyhow::bail!("the log generator is not here yet")
}
