//! The disk fails, or is full for a while, at every operation of a life of the broker, and the broker goes on without a
//! start: log files, indexes, snapshots, checkpoints, what compaction writes, the coordinators' logs.
//!
//! Clients get errors and nothing that was answered is lost; when the disk works again so does everything. Only a failed
//! fsync is different: what it was for may be lost though it can be read, so its log takes no more until the next start.
//! `DISK_FAULTS=30` sets how many operations lie between two faults that are tried (1 is every one).

use rdkafka_log::fs::{Fault, Memory, Operation};

use crate::harness::Cluster;
use crate::power_cut::{DURABLE, SMALL, Told, check, live, live_on, replay_is_what_was_live};

const SEED: u64 = 2000;

/// A life in which one operation fails; whether a client heard of it. `None` when there were not so many.
fn fail_at(operation: Operation, at: u64, fault: Fault, is_durable: bool) -> Option<bool> {
    let what = format!("{fault:?} at {operation:?} {at} (flush policy: {is_durable})");
    let properties = match is_durable {
        true => [SMALL, DURABLE].concat(),
        false => SMALL.to_vec(),
    };
    let fs = Memory::with_crashes(SEED ^ at << 32);
    let mut told = Told::default();
    // A start on a disk that fails may fail, and is tried again.
    fs.inject(operation, at, fault);
    let mut cluster = loop {
        if let Some(cluster) = Cluster::on(fs.clone(), &properties) {
            break cluster;
        }
        fs.set_capacity(None);
    };
    let failed = live(&mut cluster, SEED, 1, &mut told).is_none();
    fs.set_capacity(None);
    let is_over = fs.clear_faults() > 0;
    if operation == Operation::Sync && failed {
        // Nobody is told that it is there; the rest is after a start.
        cluster.kill_and_restart();
    }
    cluster.trust_disk();
    check(&mut cluster, &told, &what);
    replay_is_what_was_live(&mut cluster, &what);
    live_on(&mut cluster, SEED + 1, &mut told, &what);
    (!is_over).then_some(failed)
}

fn every(operation: Operation, fault: Fault, is_durable: bool, stride: usize) {
    let stride = std::env::var("DISK_FAULTS").map_or(stride, |it| it.parse().unwrap());
    let mut heard = 0;
    for at in (0..).step_by(stride) {
        match fail_at(operation, at, fault, is_durable) {
            Some(failed) => heard += usize::from(failed),
            None => break,
        }
    }
    let is_silent = matches!(operation, Operation::Rename | Operation::Remove);
    assert!(
        heard > 0 || is_silent,
        "{fault:?} at {operation:?}: nobody was told of any"
    );
}

#[test]
fn a_disk_that_is_full_at_any_write_loses_nothing_and_heals_when_there_is_room() {
    every(Operation::Any, Fault::Full, true, 17);
    every(Operation::Any, Fault::Full, false, 17);
}

#[test]
fn an_error_of_the_disk_loses_nothing_and_heals_when_it_works_again() {
    for operation in [Operation::Create, Operation::Append] {
        every(operation, Fault::Error, true, 5);
        every(operation, Fault::Partial, false, 5);
    }
    for operation in [Operation::Rename, Operation::Remove] {
        every(operation, Fault::Error, true, 3);
    }
}

#[test]
fn a_failed_fsync_is_an_error_and_nothing_that_was_answered_is_lost() {
    every(Operation::Sync, Fault::Error, true, 7);
}
