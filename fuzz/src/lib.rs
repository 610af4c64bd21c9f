//! Fuzz targets for every decoder that sees bytes of a peer, a disk or a user.
//!
//! A [`Target`] is a function over bytes with the laws it must obey; [`families`] are the tables of them, one fuzzer binary
//! each (`src/bin`, behind the feature `libfuzzer`). The corpus is in `corpus/`, one file per target ([`corpus`]); the tests
//! of this crate run it without a fuzzer. `./dev fuzz` builds and runs the fuzzers; `docs/design/fuzzing.md` tells how.
//!
//! Leaves to others: mutation and coverage (libFuzzer).
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod broker;
pub mod client;
pub mod conversation;
pub mod corpus;
pub mod input;
pub mod log;
pub mod node;
pub mod records;
pub mod target;
pub mod text;
pub mod wire;

pub use target::Target;

/// The targets of each fuzzer binary, by its name without `fuzz-`.
pub fn families() -> [(&'static str, &'static [Target]); 6] {
    [
        ("wire", wire::TARGETS),
        ("records", records::TARGETS),
        ("log", log::TARGETS),
        ("broker", broker::TARGETS),
        ("client", client::TARGETS),
        ("text", text::TARGETS),
    ]
}

#[cfg(test)]
mod tests;
