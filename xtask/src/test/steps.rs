//! The steps of `cargo xtask test`, cheapest first.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::count::Counter;
use super::postgres::{self, Cluster};
use super::report::{Counts, Report};
use super::{Args, install, peers, peers_npm};
use crate::{rows, shell, tidy};

/// Where tests look for the interpreter that has the peers.
const PEERS_PYTHON: &str = "FOREWARN_PEERS_PYTHON";
/// Where tests look for the folder with the peers of npm.
const PEERS_NPM: &str = "FOREWARN_PEERS_NPM";

/// What tests may lean on beside the tree itself; each part that is missing was reported.
pub struct Surroundings {
    postgres: Option<String>,
    authority: Option<PathBuf>,
    python: Option<PathBuf>,
    npm: Option<PathBuf>,
    // Held for its drop: the server lives as long as the tests need it.
    _cluster: Option<Cluster>,
}

impl Surroundings {
    /// Installs and starts what is missing.
    pub fn prepare(args: &Args, report: &mut Report) -> Self {
        let may_install = !args.no_install;
        let cc = || shell::find("cc").is_some();
        if let Err(remedy) = install::ensure(cc, &["gcc", "libc6-dev"], may_install) {
            report.skip("c compiler", &format!("{remedy:#}"));
        }
        let monitored = || {
            ["promtool", "prometheus-alertmanager"]
                .iter()
                .all(|program| shell::find(program).is_some())
        };
        let packages = ["prometheus", "prometheus-alertmanager"];
        if let Err(remedy) = install::ensure(monitored, &packages, may_install) {
            report.skip("prometheus", &format!("no Prometheus: {remedy:#}"));
        }
        let nodes = || {
            ["nginx", "pgbouncer"]
                .iter()
                .all(|program| shell::find(program).is_some())
        };
        if let Err(remedy) = install::ensure(nodes, &["nginx-light", "pgbouncer"], may_install) {
            report.skip(
                "several nodes",
                &format!("no nginx or no PgBouncer: {remedy:#}"),
            );
        }
        let browser = || shell::find("chromium").is_some();
        if let Err(remedy) = install::ensure(browser, &["chromium"], may_install) {
            report.skip("browser", &format!("no Chromium: {remedy:#}"));
        }
        let (given, mut cluster) = (given(postgres::VARIABLE), None);
        if given.is_none() {
            match Cluster::start(may_install) {
                Ok(started) => cluster = Some(started),
                Err(remedy) => report.skip("postgresql", &format!("no PostgreSQL: {remedy:#}")),
            }
        }
        let python = peers::ensure(may_install);
        if let Err(remedy) = &python {
            report.skip("peers", &format!("no peers: {remedy:#}"));
        }
        let npm = peers_npm::ensure(may_install);
        if let Err(remedy) = &npm {
            report.skip("npm peers", &format!("no peers of npm: {remedy:#}"));
        }
        let postgres = given.or_else(|| cluster.as_ref().map(Cluster::url));
        let own = cluster.as_ref().and_then(Cluster::authority);
        let authority = own.or_else(|| self::given(postgres::AUTHORITY).map(PathBuf::from));
        Self {
            postgres,
            authority,
            python: python.ok(),
            npm: npm.ok(),
            _cluster: cluster,
        }
    }

    /// Lets a command see what there is.
    fn show(&self, command: &mut Command) {
        if let Some(url) = &self.postgres {
            command.env(postgres::VARIABLE, url);
        }
        if let Some(authority) = &self.authority {
            command.env(postgres::AUTHORITY, authority);
        }
        if let Some(python) = &self.python {
            command.env(PEERS_PYTHON, python);
        }
        if let Some(npm) = &self.npm {
            command.env(PEERS_NPM, npm);
        }
    }
}

/// A variable of the environment, unless it is empty.
fn given(name: &str) -> Option<String> {
    std::env::var_os(name)?
        .into_string()
        .ok()
        .filter(|value| !value.is_empty())
}

/// Runs every step; with a filter, only the tests it names.
pub fn run(args: &Args, around: &Surroundings, report: &mut Report) {
    if args.filter.is_none() {
        check_the_text(args, report);
    }
    report.step("tests", || cargo_test(args, around));
    if args.filter.is_none() {
        report.step("agree", || own_chore("agree", args, around));
    }
}

/// What can be judged without running anything.
fn check_the_text(args: &Args, report: &mut Report) {
    // In this very process: the tree must not have to be built before.
    report.step("rows", || rows::check().map(|()| Counts::PASSED));
    report.step("tidy", || {
        let (broken, findings) = tidy::judge()?;
        findings.iter().for_each(|finding| println!("{finding}"));
        let passed = tidy::RULES - broken;
        Ok(Counts {
            passed,
            failed: broken,
            skipped: 0,
        })
    });
    let install = !args.no_install;
    let clippy = [
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ];
    tool(report, install, ("format", "fmt"), &["--all", "--check"]);
    tool(report, install, ("clippy", "clippy"), &clippy);
    tool(
        report,
        install,
        ("docs", "doc"),
        &["--workspace", "--no-deps", "--quiet"],
    );
    if shell::find("cargo-deny").is_some() {
        tool(
            report,
            install,
            ("deny", "deny"),
            &["check", "bans", "licenses", "sources"],
        );
    }
}

/// A part of the toolchain that may be absent from a minimal one.
fn tool(report: &mut Report, may_install: bool, name: (&'static str, &str), args: &[&str]) {
    let (name, tool) = name;
    let there = || shell::succeeds(shell::cargo().args([tool, "--help"]));
    let component = if tool == "fmt" { "rustfmt" } else { tool };
    if !there() && may_install {
        shell::succeeds(Command::new("rustup").args(["component", "add", component]));
    }
    if !there() {
        return report.skip(
            name,
            &format!("install it: rustup component add {component}"),
        );
    }
    report.step(name, || {
        let mut command = shell::cargo();
        command
            .arg(tool)
            .args(args)
            .env("RUSTDOCFLAGS", "-D warnings");
        shell::run(&mut command).map(|()| Counts::PASSED)
    });
}

/// All tests of the workspace, those that lean on PostgreSQL and the peers among them.
fn cargo_test(args: &Args, around: &Surroundings) -> Result<Counts> {
    let mut command = shell::cargo_within(if args.long { 180 } else { 45 });
    command
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(&args.filter);
    // The tidy step has said it already; one claim is counted once.
    command.args(["--", "--show-output", "--skip", "the_tree_is_tidy"]);
    if args.long {
        command.env("FOREWARN_TEST_LONG", "1");
    }
    around.show(&mut command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let out = child.stdout.take().context("cargo has no output")?;
    let mut counter = Counter::default();
    for line in BufReader::new(out).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        if counter.line(&line) {
            println!("{line}");
        }
    }
    let counts = counter.end(child.wait()?.success());
    if let (Some(filter), true) = (&args.filter, counts == Counts::default()) {
        bail!("no test has `{filter}` in its name");
    }
    Ok(counts)
}

/// Another chore of this crate. Through cargo, since the tests may have rebuilt this very program.
fn own_chore(name: &str, args: &Args, around: &Surroundings) -> Result<Counts> {
    let mut command = shell::cargo();
    command.args(["run", "--quiet", "--package", "xtask", "--", name]);
    if args.long {
        command.arg("--long");
    }
    around.show(&mut command);
    shell::run(&mut command).map(|()| Counts::PASSED)
}
