//! What the machine is, and who used its processors meanwhile.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Instant;

/// The kind of machine, without its name.
pub fn describe() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find(|line| line.starts_with("model name"));
    let model = model
        .and_then(|line| line.split_once(": "))
        .map_or("unknown", |(_, name)| name);
    let processors = thread::available_parallelism().map_or(1, Into::into);
    format!("{processors} processors, {model}")
}

/// Nanoseconds on a processor, of all threads of a process.
pub fn cpu_of(pid: u32) -> u64 {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return 0;
    };
    let spent = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    spent.sum()
}

/// The same with all that it started and that still run.
pub fn cpu_of_all(pid: u32) -> u64 {
    children(pid).into_iter().map(cpu_of_all).sum::<u64>() + cpu_of(pid)
}

fn children(pid: u32) -> Vec<u32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let texts =
        tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok());
    let all: Vec<String> = texts.collect();
    all.iter()
        .flat_map(|text| text.split_whitespace())
        .filter_map(|pid| pid.parse().ok())
        .collect()
}

/// Resident memory of a process, in bytes.
pub fn memory_of(pid: u32) -> Option<u64> {
    line_of(pid, "VmRSS:")
}

/// The most it ever held.
pub fn peak_of(pid: u32) -> Option<u64> {
    line_of(pid, "VmHWM:")
}

fn line_of(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}

/// Seconds that all processors were busy since the start.
fn busy() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks = line
        .split_whitespace()
        .skip(1)
        .map(|n| n.parse().unwrap_or(0.0));
    let ticks: Vec<f64> = ticks.collect();
    // user, nice, system, (idle, iowait), irq, softirq
    let used = [0, 1, 2, 5, 6].iter().filter_map(|at| ticks.get(*at));
    used.sum::<f64>() / 100.0
}

/// Seconds that this process and its children that are over used.
fn own() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = [11, 12, 13, 14]
        .iter()
        .filter_map(|at| fields.get(*at)?.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Watches who else works.
pub struct Watch {
    began: Instant,
    busy: f64,
    own: f64,
    running: Vec<(u32, u64)>,
}

impl Watch {
    /// From now on; `running` are processes of ours that are not over yet.
    pub fn start(running: &[u32]) -> Self {
        Self {
            began: Instant::now(),
            busy: busy(),
            own: own(),
            running: running.iter().map(|pid| (*pid, cpu_of_all(*pid))).collect(),
        }
    }

    pub fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// How many processors others used, on average.
    pub fn others(&self) -> f64 {
        let ours: u64 = self
            .running
            .iter()
            .map(|(pid, before)| cpu_of_all(*pid).saturating_sub(*before))
            .sum();
        let others = busy() - self.busy - (own() - self.own) - ours as f64 / 1e9;
        (others / self.seconds()).max(0.0)
    }
}

/// A command that runs on one processor, where the system lets it.
pub fn pinned(cpu: usize, program: &std::path::Path) -> Command {
    let there = Command::new("taskset").arg("--version").output().is_ok();
    let enough = thread::available_parallelism().map_or(1, Into::into) > cpu;
    if !there || !enough {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.arg("-c").arg(cpu.to_string()).arg(program);
    command
}
