//! Seeds, many of them, each a life of producers, groups and a broker under faults.
//!
//! `SIM_SEEDS=20000` runs that many (default: as many of 2,000 as fit into `SIM_SECONDS`, 20), `SIM_FIRST` begins
//! elsewhere. A failure names its seed: `SIM_SEED=123 cargo test -p rdkafka-sim replay -- --nocapture` shows its trace.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka_sim::{Summary, run};

const SEEDS: u64 = 2_000;
const SECONDS: u64 = 20;

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name}={value} is no number")),
    )
}

#[test]
fn no_seed_breaks_a_law() {
    let first = number("SIM_FIRST").unwrap_or(1);
    let wanted = number("SIM_SEEDS");
    let seconds = number("SIM_SECONDS").or_else(|| wanted.is_none().then_some(SECONDS));
    let (begin, next) = (Instant::now(), AtomicU64::new(first));
    let end = first + wanted.unwrap_or(SEEDS);
    let is_over = || seconds.is_some_and(|seconds| begin.elapsed() >= Duration::from_secs(seconds));
    let failed = Mutex::new(Vec::new());
    let total = Mutex::new((0_u64, Summary::default()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !is_over() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    match catch_unwind(|| run(seed, false)) {
                        Ok(summary) => add(&mut total.lock().unwrap(), &summary),
                        Err(_) => {
                            println!(
                                "SIM_SEED={seed} cargo test -p rdkafka-sim replay -- --nocapture"
                            );
                            failed.lock().unwrap().push(seed);
                        }
                    }
                }
            });
        }
    });
    let (count, total) = total.into_inner().unwrap();
    println!("{count} seeds in {:?}: {total:?}", begin.elapsed());
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "seeds {failed:?} break a law; SIM_SEED={} cargo test -p rdkafka-sim replay -- --nocapture",
        failed[0]
    );
    assert!(
        total.acknowledged > 0 && total.delivered > 0,
        "a simulation of nothing"
    );
}

fn add((count, total): &mut (u64, Summary), one: &Summary) {
    *count += 1;
    total.events += one.events;
    total.virtual_ms += one.virtual_ms;
    total.produced += one.produced;
    total.acknowledged += one.acknowledged;
    total.delivered += one.delivered;
    total.assigned += one.assigned;
    total.transactions += one.transactions;
    total.restarts += one.restarts;
}

#[test]
fn replay() {
    let seed = number("SIM_SEED");
    let summary = run(seed.unwrap_or(1), seed.is_some());
    println!("{summary:?}");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 1..=10 {
        assert_eq!(run(seed, false), run(seed, false), "seed {seed}");
    }
}
