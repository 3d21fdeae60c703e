//! Somebody who answers on one processor, and how fast he is asked from another.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};

use crate::Args;
use crate::load::Outcome;
use crate::machine::{self, Watch};
use crate::row::median;

/// A generator busier than this measures itself.
const BUSY_MAX: f64 = 0.95;

/// Somebody who answers, and what he is asked.
pub struct Contender {
    pub name: &'static str,
    pub pid: u32,
    pub to: SocketAddr,
    pub requests: PathBuf,
    pub status: u16,
    pub bursts: Vec<Burst>,
    /// Another process of ours that works meanwhile.
    pub beside: Option<u32>,
}

pub struct Burst {
    /// Answers in a second of the server's processor.
    pub rate: f64,
    /// Answers in a second.
    pub wall: f64,
    pub p99: f64,
    pub others: f64,
    pub void: bool,
}

impl Contender {
    /// Somebody whose answers all say 200.
    pub const fn new(name: &'static str, pid: u32, to: SocketAddr, requests: PathBuf) -> Self {
        Self {
            name,
            pid,
            to,
            requests,
            status: 200,
            bursts: Vec::new(),
            beside: None,
        }
    }

    /// Asks for some seconds, and keeps how that went.
    ///
    /// # Errors
    /// When the generator fails, or an answer has the wrong status.
    pub fn burst(&mut self, args: &Args) -> Result<()> {
        let mut command = machine::pinned(1, &std::env::current_exe()?);
        command
            .args(["load", "--to", &self.to.to_string(), "--requests"])
            .arg(&self.requests);
        command.args([
            "--seconds",
            &args.seconds.to_string(),
            "--status",
            &self.status.to_string(),
        ]);
        let ours: Vec<u32> = self.beside.into_iter().chain([self.pid]).collect();
        let watch = Watch::start(&ours);
        let spent = machine::cpu_of_all(self.pid);
        let out = command.stderr(Stdio::inherit()).output()?;
        let spent = (machine::cpu_of_all(self.pid) - spent) as f64 / 1e9;
        let (whole, others) = (watch.seconds(), watch.others());
        let outcome: Outcome =
            serde_json::from_slice(&out.stdout).context("the generator failed")?;
        ensure!(
            outcome.wrong == 0,
            "{}: {} wrong answers",
            self.name,
            outcome.wrong
        );
        // What was spent while warming up is left out, by the share of the time.
        let counted = spent * outcome.seconds / (outcome.seconds + 0.3).min(whole);
        println!(
            "{}: {:.0} a second, {:.2} us of the server each, p99 {:.0} us, generator {:.0} %",
            self.name,
            outcome.answers as f64 / outcome.seconds,
            counted * 1e6 / outcome.answers as f64,
            outcome.p99_us,
            outcome.busy * 100.0
        );
        self.bursts.push(Burst {
            rate: outcome.answers as f64 / counted,
            wall: outcome.answers as f64 / outcome.seconds,
            p99: outcome.p99_us,
            others,
            void: outcome.busy > BUSY_MAX,
        });
        Ok(())
    }

    /// The median of what was kept, without what is void.
    pub fn middle(&self, of: impl Fn(&Burst) -> f64) -> f64 {
        let good: Vec<f64> = self
            .bursts
            .iter()
            .filter(|burst| !burst.void)
            .map(&of)
            .collect();
        median(if good.is_empty() {
            self.bursts.iter().map(of).collect()
        } else {
            good
        })
    }
}

/// Bare hyper, which runs until it is dropped.
pub struct Bare {
    pub child: Child,
    pub address: SocketAddr,
}

/// Starts it on the first processor; its answers have so many bytes.
///
/// # Errors
/// When it does not listen.
pub fn bare(bytes: usize) -> Result<Bare> {
    let mut command = machine::pinned(0, &std::env::current_exe()?);
    command.args([
        "hyper",
        "--listen",
        "127.0.0.1:0",
        "--bytes",
        &bytes.to_string(),
    ]);
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    let out = child.stdout.take().context("no output")?;
    BufReader::new(out).read_line(&mut line)?;
    let (_, address) = line.trim().split_once("http://").context("no address")?;
    let address = address.parse()?;
    Ok(Bare { child, address })
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
