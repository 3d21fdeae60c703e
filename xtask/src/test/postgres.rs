//! A throw-away PostgreSQL: a cluster of its own on loopback, gone at the end.
//!
//! It never touches a server that runs on the machine already. PostgreSQL refuses
//! to run as root, so root lends the cluster to the account `postgres`.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::{certificate, install};
use crate::shell;

/// Where tests look for the database they may fill.
pub const VARIABLE: &str = "FOREWARN_TEST_POSTGRES";

/// Where tests look for the authority that vouches for it, if it speaks TLS.
pub const AUTHORITY: &str = "FOREWARN_TEST_POSTGRES_CA";

/// What to run beside the cluster.
#[derive(clap::Args)]
pub struct Args {
    /// The command, which finds the address in FOREWARN_TEST_POSTGRES
    #[arg(required = true, trailing_var_arg = true)]
    command: Vec<String>,
}

/// Runs one command beside a cluster of its own.
pub fn run(args: &Args) -> Result<()> {
    let cluster = Cluster::start(true)?;
    let (program, rest) = args
        .command
        .split_first()
        .context("name a command to run")?;
    let mut command = Command::new(program);
    command.args(rest).env(VARIABLE, cluster.url());
    if let Some(authority) = cluster.authority() {
        command.env(AUTHORITY, authority);
    }
    shell::run(&mut command)
}

/// A running cluster; dropping it stops the server and removes its files.
pub struct Cluster {
    server: Child,
    home: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes and starts a cluster.
    ///
    /// # Errors
    /// When PostgreSQL is missing and may not be installed, or does not start.
    pub fn start(may_install: bool) -> Result<Self> {
        install::ensure(|| programs().is_some(), &["postgresql"], may_install)?;
        let programs = programs().context("PostgreSQL is missing")?;
        let home = new_home()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        init(&programs, &home)?;
        if let Err(reason) = certificate::make(&home, may_install) {
            println!("PostgreSQL runs without TLS: {reason:#}");
        }
        let server = serve(&programs, &home, port)?;
        let cluster = Self { server, home, port };
        cluster.wait_until_ready(&programs)?;
        Ok(cluster)
    }

    /// The address of its superuser, without a password.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The authority of its certificate, which names `localhost`; `None` without TLS.
    pub fn authority(&self) -> Option<PathBuf> {
        Some(self.home.join(certificate::AUTHORITY)).filter(|file| file.is_file())
    }

    /// A server that was just started refuses connections for a moment.
    fn wait_until_ready(&self, programs: &Path) -> Result<()> {
        let port = self.port.to_string();
        for _ in 0..300 {
            let mut ask = Command::new(programs.join("pg_isready"));
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
                && shell::succeeds(ask.args(["-q", "-h", "127.0.0.1", "-p", &port]))
            {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(self.home.join("log")).unwrap_or_default();
        bail!(
            "PostgreSQL did not start: {}",
            log.trim().lines().last().unwrap_or("no word")
        )
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // "Immediate shutdown": its data is thrown away, so it need not end gently.
        if kill_process(Pid::from_child(&self.server), Signal::QUIT).is_ok() {
            self.server.wait().ok();
        }
        fs::remove_dir_all(&self.home).ok();
    }
}

/// The folder with `initdb`: on the search path, or the newest that Debian keeps aside.
fn programs() -> Option<PathBuf> {
    let aside = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = aside
        .map(|version| version.path().join("bin"))
        .filter(|dir| complete(dir))
        .max();
    newest.or_else(|| {
        let dir = shell::find("initdb")?.parent()?.to_owned();
        complete(&dir).then_some(dir)
    })
}

fn complete(dir: &Path) -> bool {
    ["initdb", "postgres", "pg_isready"]
        .iter()
        .all(|program| dir.join(program).is_file())
}

/// A folder which the account `postgres` can reach even when the tree lies in a private one.
fn new_home() -> Result<PathBuf> {
    let home = std::env::temp_dir().join(format!("forewarn-postgres-{}", std::process::id()));
    fs::create_dir(&home).with_context(|| format!("cannot make {}", home.display()))?;
    if shell::is_root() {
        shell::run(Command::new("chown").arg("postgres:").arg(&home))?;
    }
    Ok(home)
}

/// `program`, under an account that PostgreSQL accepts.
pub(super) fn unprivileged(program: &Path) -> Command {
    if !shell::is_root() {
        return Command::new(program);
    }
    // It replaces itself, so the child's id is the server's own; should this process be
    // killed, the server goes with it.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program);
    command
}

fn init(programs: &Path, home: &Path) -> Result<()> {
    let mut init = unprivileged(&programs.join("initdb"));
    init.args([
        "--no-sync",
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
    ]);
    init.args(["--locale=C", "--pgdata"])
        .arg(home.join("cluster"))
        .current_dir(home);
    shell::output(&mut init).map(drop)
}

/// Without `fsync`: what survives a power loss is PostgreSQL's own promise, not ours to test here.
fn serve(programs: &Path, home: &Path, port: u16) -> Result<Child> {
    let log = fs::File::create(home.join("log"))?;
    let mut server = unprivileged(&programs.join("postgres"));
    server
        .arg("-D")
        .arg(home.join("cluster"))
        .arg("-k")
        .arg(home)
        .current_dir(home);
    server.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    server.args(["-c", "fsync=off", "-c", "max_connections=200"]);
    if home.join(certificate::SERVER).is_file() {
        for (setting, file) in [
            ("ssl_cert_file", certificate::SERVER),
            ("ssl_key_file", certificate::KEY),
        ] {
            let value = format!("{setting}={}", home.join(file).display());
            server.args(["-c", &value]);
        }
        server.args(["-c", "ssl=on"]);
    }
    server
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    server.spawn().context("postgres cannot be started")
}
