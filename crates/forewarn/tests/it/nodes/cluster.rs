//! A PostgreSQL with a standby that is always level with it, made for one test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use testkit::server::signal;

use crate::wire::comes_true;

use super::free_port;

/// Primary and standby; both end with the value.
pub(super) struct Cluster {
    programs: PathBuf,
    home: tempfile::TempDir,
    primary: Served,
    standby: Option<Served>,
}

struct Served {
    child: Child,
    folder: &'static str,
    port: u16,
}

impl Cluster {
    /// Makes both; a commit is answered once both have it. `None` says what is missing.
    pub(super) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("SKIPPED: there is no initdb; `cargo xtask test` installs PostgreSQL");
            return None;
        };
        let home = tempfile::tempdir().unwrap();
        lend(home.path());
        let mut initdb = unprivileged(&programs.join("initdb"));
        let made = initdb
            .args(["--no-sync", "--username=postgres", "--auth=trust"])
            .args(["--encoding=UTF8", "--locale=C", "--pgdata=first"])
            .current_dir(home.path())
            .stdout(Stdio::null());
        assert!(made.status().unwrap().success(), "a cluster can be made");
        let primary = serve(&programs, home.path(), "first", free_port());
        let mut cluster = Self {
            programs,
            home,
            primary,
            standby: None,
        };
        cluster.wait_for(cluster.primary.port);
        cluster.sql("postgres", "CREATE DATABASE forewarn");
        cluster.follow();
        Some(cluster)
    }

    /// Where the one that may be written to listens.
    pub(super) fn port(&self) -> u16 {
        self.primary.port
    }

    /// Stops the primary, which ends every session, and starts it again.
    pub(super) fn restart(&mut self) {
        signal(&self.primary.child, "INT");
        self.primary.child.wait().unwrap();
        self.primary = serve(
            &self.programs,
            self.home.path(),
            self.primary.folder,
            self.primary.port,
        );
        self.wait_for(self.primary.port);
    }

    /// The primary dies without a word; the standby takes its place.
    pub(super) fn fail_over(&mut self) {
        let standby = self.standby.take().unwrap();
        signal(&self.primary.child, "KILL");
        let mut dead = std::mem::replace(&mut self.primary, standby);
        dead.child.wait().unwrap();
        self.sql("postgres", "SELECT pg_promote(true, 60)");
    }

    /// A copy of the primary that follows it, and without which nothing is answered.
    fn follow(&mut self) {
        let from = format!("--dbname=postgres://postgres@127.0.0.1:{}", self.port());
        let mut copy = unprivileged(&self.programs.join("pg_basebackup"));
        copy.arg(from)
            .args(["--pgdata=second", "--write-recovery-conf", "--no-sync"])
            .args(["--checkpoint=fast", "--wal-method=stream"])
            .current_dir(self.home.path());
        assert!(
            copy.status().unwrap().success(),
            "the primary can be copied"
        );
        let standby = serve(&self.programs, self.home.path(), "second", free_port());
        self.wait_for(standby.port);
        self.standby = Some(standby);
        self.sql(
            "postgres",
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
        );
        self.sql("postgres", "SELECT pg_reload_conf()");
        let level = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        assert!(
            comes_true(60, || self.sql("postgres", level) == "1"),
            "the standby follows"
        );
    }

    fn sql(&self, database: &str, sql: &str) -> String {
        let out = Command::new(self.programs.join("psql"))
            .args(["-h", "127.0.0.1", "-U", "postgres", "-Atqd", database])
            .args(["-p", &self.port().to_string(), "-c", sql])
            .output()
            .unwrap();
        assert!(
            out.status.success(),
            "{sql}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    fn wait_for(&self, port: u16) {
        let mut ready = Command::new(self.programs.join("pg_isready"));
        ready.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
        assert!(
            comes_true(60, || ready.status().is_ok_and(|s| s.success())),
            "PostgreSQL starts: {}",
            std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
        );
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for served in [Some(&mut self.primary), self.standby.as_mut()] {
            let Some(served) = served else { continue };
            signal(&served.child, "QUIT");
            served.child.wait().ok();
        }
    }
}

fn serve(programs: &Path, home: &Path, folder: &'static str, port: u16) -> Served {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(home.join("log"))
        .unwrap();
    let mut server = unprivileged(&programs.join("postgres"));
    server.arg("-D").arg(home.join(folder)).arg("-k").arg(home);
    server.args(["-p", &port.to_string()]);
    for setting in [
        "listen_addresses=127.0.0.1",
        "fsync=off",
        "max_connections=100",
    ] {
        server.args(["-c", setting]);
    }
    let child = server
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    Served {
        child,
        folder,
        port,
    }
}

/// The folder with `initdb`: the newest that Debian keeps aside, or on the search path.
fn programs() -> Option<PathBuf> {
    let aside = std::fs::read_dir("/usr/lib/postgresql");
    let aside = aside.into_iter().flatten().flatten();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let newest = aside.map(|version| version.path().join("bin")).max();
    let all = newest.into_iter().chain(std::env::split_paths(&paths));
    let has = |dir: &PathBuf, program: &str| dir.join(program).is_file();
    all.into_iter()
        .find(|dir| has(dir, "initdb") && has(dir, "pg_basebackup"))
}

/// Neither PostgreSQL nor PgBouncer runs as root.
pub(super) fn unprivileged(program: &Path) -> Command {
    if !testkit::outside::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "QUIT"])
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program);
    command
}

/// Gives a folder to the account of [`unprivileged`].
pub(super) fn lend(folder: &Path) {
    if testkit::outside::is_root() {
        let given = Command::new("chown").arg("postgres:").arg(folder).status();
        assert!(given.unwrap().success(), "there is an account postgres");
    }
}
