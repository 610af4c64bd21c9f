//! Deterministic simulation: both cores, under virtual time, on one seed. Tests only; in no product.
//!
//! A [`Plan`](plan::Plan) is drawn from the seed: topics, producers (plain, idempotent, transactional), groups of both
//! protocols with their members, settings, a broker's configuration, and faults. The world then lets it happen: frames
//! are really encoded and decoded, the network delays and cuts, the broker dies and comes back on what its disk kept,
//! clients stop, vanish and are cut off. When the faults are over the system has a bounded time to become quiet; then
//! what the log holds is compared with what everybody was told ([`verdict`]).
//!
//! | module | owns |
//! |---|---|
//! | `plan` | what is drawn from the seed |
//! | `world` | virtual time, the order of events |
//! | `faults` | what goes wrong |
//! | `network` | connections, latency, cuts |
//! | `client_side`, `broker_side` | what the shells around the cores do |
//! | `node` | the broker's core and its disk |
//! | `peer` | a client's core and its calls |
//! | `producing`, `consuming` | the applications |
//! | `ledger` | what applications were told, and the laws that hold at every step |
//! | `verdict` | the laws that hold at the end |
//! | `sabotage` | bugs on purpose, to see the laws fail |
//!
//! Guarantees: the same seed gives the same run, event by event. One thread.
#![allow(
    clippy::unwrap_used,
    reason = "a simulation that cannot go on has found something"
)]

mod broker_side;
mod client_side;
mod commits;
mod consuming;
mod faults;
mod ledger;
mod network;
mod node;
mod peer;
mod plan;
mod producing;
mod sabotage;
mod verdict;
mod world;

pub use sabotage::Sabotage;
use world::World;

/// What a run that broke no law did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Inputs handled by the cores and steps taken by applications.
    pub events: u64,
    /// Virtual milliseconds until everything was quiet.
    pub virtual_ms: u64,
    /// Records produced.
    pub produced: u64,
    /// Of those, acknowledged.
    pub acknowledged: u64,
    /// Records handed to consumers, counting those handed out again.
    pub delivered: u64,
    /// Partitions handed to members of groups.
    pub assigned: u64,
    /// Transactions that ended well.
    pub transactions: u64,
    /// Starts of the broker after the first.
    pub restarts: u64,
    /// A number that is the same when the run is.
    pub digest: u64,
}

/// Runs one seed.
///
/// # Panics
/// When a law is broken; the message says which, and how.
#[must_use]
pub fn run(seed: u64, is_verbose: bool) -> Summary {
    World::new(seed, None, is_verbose).run()
}

/// Runs one seed with a bug in it.
///
/// # Panics
/// When a law is broken, as it should be with one seed or another.
#[must_use]
pub fn run_sabotaged(seed: u64, bug: Sabotage, is_verbose: bool) -> Summary {
    World::new(seed, Some(bug), is_verbose).run()
}
