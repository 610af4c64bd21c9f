//! The laws of the simulation can fail: every bug of [`Sabotage`] is found, by the law that is about it.
//!
//! `SABOTAGE=AckElsewhere SIM_SEED=3 cargo test -p rdkafka-sim --test sabotage replay -- --nocapture` shows one.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

use rdkafka_sim::{Sabotage, run_sabotaged};

/// Seeds that a bug may need; most need one to ten.
const SEEDS: u64 = 1000;

/// Each bug, and words of the law that finds it.
const BUGS: &[(Sabotage, &str)] = &[
    (Sabotage::AckWithoutAppend, "acknowledged is durable"),
    (Sabotage::AckElsewhere, "acknowledged is durable"),
    (Sabotage::AckBeforeFlush, "acknowledged is durable"),
    (Sabotage::RecoveryCutsTooMuch, "acknowledged is durable"),
    (Sabotage::DuplicatesAppended, "idempotent means once"),
    (
        Sabotage::ProducersForgottenAtRestart,
        "idempotent means once",
    ),
    (Sabotage::BatchesReordered, "order is kept"),
    (Sabotage::CommitAborts, "a transaction is whole"),
    (Sabotage::AbortCommits, "a transaction is whole"),
    (Sabotage::EndForgotten, "a transaction is whole"),
    (
        Sabotage::StableOffsetPassed,
        "was handed what it must not see",
    ),
    (Sabotage::AbortedShown, "was handed what it must not see"),
    (Sabotage::BatchWithheld, "did not get"),
    (Sabotage::FetchedDropped, "did not get"),
    (Sabotage::FetchedTwice, "within a tenure records come once"),
    (Sabotage::CommitForgotten, "lags in"),
    (Sabotage::CommitAhead, "a commit passes what was delivered"),
    (Sabotage::CommitBack, "a commit goes backwards"),
    (Sabotage::CommitMisattributed, "lags in"),
    (Sabotage::StartTooHigh, "did not get"),
    (
        Sabotage::StartTooLow,
        "a tenure begins at what was committed",
    ),
    (Sabotage::TwoOwners, "one owner in generation"),
    (Sabotage::ReportLost, "unreported"),
    (Sabotage::ReplyLost, "is not answered by its deadline"),
    (Sabotage::ClientTimerLost, "is not answered by its deadline"),
    (Sabotage::JoinForgotten, "no end of noise"),
];

/// What a seed's panic says.
fn broken(seed: u64, bug: Sabotage) -> Option<String> {
    let panic = catch_unwind(|| run_sabotaged(seed, bug, false)).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()))
}

/// The seed that finds a bug by its law, or how many others found it by which laws.
fn hunt(bug: Sabotage, law: &str) -> Result<u64, Vec<String>> {
    let mut others = Vec::new();
    for seed in 1..=SEEDS {
        match broken(seed, bug) {
            Some(text) if text.contains(law) => return Ok(seed),
            Some(text) => others.push(format!("{seed}: {text:.120}")),
            None => {}
        }
    }
    Err(others)
}

#[test]
fn every_bug_is_found_by_its_law() {
    // Hundreds of panics are the point; only the verdict is told.
    std::panic::set_hook(Box::new(|_| {}));
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let hunters = || {
        let mut found = Vec::new();
        while let Some((bug, law)) = BUGS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = hunt(*bug, law);
            match &outcome {
                Ok(seed) => println!("{bug:?}: seed {seed}, {law:?}"),
                Err(others) => println!("{bug:?}: NOT FOUND by {law:?}; others {others:#?}"),
            }
            found.push(outcome.is_ok());
        }
        found
    };
    let found: Vec<bool> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(hunters)).collect();
        all.into_iter()
            .flat_map(|one| one.join().unwrap())
            .collect()
    });
    _ = std::panic::take_hook();
    let missed = found.iter().filter(|is_found| !**is_found).count();
    assert_eq!(missed, 0, "bugs that no law found, see above");
    assert_eq!(found.len(), BUGS.len());
}

#[test]
fn replay() {
    let Ok(name) = std::env::var("SABOTAGE") else {
        return;
    };
    let named = BUGS.iter().find(|(bug, _)| format!("{bug:?}") == name);
    let (bug, _) = named.unwrap_or_else(|| panic!("SABOTAGE={name} is none of {BUGS:?}"));
    let seed = std::env::var("SIM_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("{:?}", run_sabotaged(seed, *bug, true));
}
