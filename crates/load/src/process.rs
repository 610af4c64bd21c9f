//! What the broker's process uses, out of `/proc`.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Linux counts CPU time for other processes to read in hundredths of a second, on every architecture.
const TICK_NS: u64 = 10_000_000;

/// The broker's process, from a moment on.
#[derive(Debug)]
pub(crate) struct Process {
    pid: Option<u32>,
    cpu_ns: u64,
    began: Instant,
}

impl Process {
    pub(crate) fn new(pid: Option<u32>) -> Result<Self> {
        if let Some(pid) = pid {
            fs::metadata(format!("/proc/{pid}")).with_context(|| format!("no process {pid}"))?;
        }
        let mut process = Self {
            pid,
            cpu_ns: 0,
            began: Instant::now(),
        };
        process.restart();
        Ok(process)
    }

    /// Counts from now on.
    pub(crate) fn restart(&mut self) {
        self.cpu_ns = self.total_cpu_ns();
        self.began = Instant::now();
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// User and system time of all its threads.
    pub(crate) fn cpu_ns(&self) -> u64 {
        self.total_cpu_ns().saturating_sub(self.cpu_ns)
    }

    pub(crate) fn resident_kib(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// Adds time, CPU and memory to what was found out.
    pub(crate) fn report(&self, mut found: Value) -> Value {
        found["seconds"] = json!(self.seconds());
        if self.pid.is_some() {
            found["cpu_seconds"] = json!(self.cpu_ns() as f64 / 1e9);
            found["resident_kib"] = json!(self.resident_kib());
            found["peak_kib"] = json!(self.status("VmHWM:"));
        }
        found
    }

    fn status(&self, field: &str) -> u64 {
        self.read("status")
            .lines()
            .find_map(|line| line.strip_prefix(field))
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .unwrap_or(0)
    }

    fn total_cpu_ns(&self) -> u64 {
        let stat = self.read("stat");
        // The name may hold anything but ends at the last parenthesis; times are the 14th and 15th field.
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = after_name.split_whitespace().skip(11).take(2);
        ticks.filter_map(|it| it.parse::<u64>().ok()).sum::<u64>() * TICK_NS
    }

    fn read(&self, file: &str) -> String {
        self.pid
            .and_then(|pid| fs::read_to_string(format!("/proc/{pid}/{file}")).ok())
            .unwrap_or_default()
    }
}
