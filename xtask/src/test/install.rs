//! Installs system packages where it may; elsewhere says exactly what to install.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::shell;

/// Makes sure that a program is there.
///
/// # Errors
/// When it is missing and cannot be installed; the message is the command to type.
pub fn ensure(is_there: impl Fn() -> bool, packages: &[&str], may_install: bool) -> Result<()> {
    if is_there() {
        return Ok(());
    }
    let remedy = format!("install it: apt-get install {}", packages.join(" "));
    if !may_install || shell::find("apt-get").is_none() {
        bail!("{remedy}");
    }
    let installed = install(packages).or_else(|_| update().and_then(|()| install(packages)));
    if installed.is_err() || !is_there() {
        bail!("{remedy}");
    }
    Ok(())
}

fn install(packages: &[&str]) -> Result<()> {
    println!("installing {}", packages.join(" "));
    let mut install = apt_get()?;
    install.args(["install", "-y", "-qq", "--no-install-recommends"]);
    // What it says of each package drowns the rest; its errors stay.
    shell::run(install.args(packages).stdout(Stdio::null()))
}

/// The lists of a fresh machine are empty or old, which shows only when an install fails.
fn update() -> Result<()> {
    shell::run(apt_get()?.args(["update", "-qq"]))
}

fn apt_get() -> Result<Command> {
    let mut command = if shell::is_root() {
        Command::new("env")
    } else if shell::find("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "env"]);
        sudo
    } else {
        bail!("neither root nor sudo");
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    Ok(command)
}
