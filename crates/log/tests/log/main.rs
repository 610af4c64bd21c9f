//! What a log promises, seen from outside, on both file systems.
#![allow(clippy::unwrap_used, reason = "tests")]

mod append;
mod compaction;
mod crash;
mod faults;
mod golden;
mod log_dir;
mod producers;
mod read;
mod recovery;
mod relocation;
mod retention;
mod support;
mod timestamps;
