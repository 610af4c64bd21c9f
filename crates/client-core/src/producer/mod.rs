//! The producing half of the client.
//!
//! On the application's thread: [`accumulator`] picks the partition and appends to its open batch. On the driver's:
//! [`Producer`] takes batches out of the slots, keeps their order, sends them to the leaders, and tells their fate.
//!
//! | file | verb |
//! |---|---|
//! | `accumulator.rs` | place a record (application's thread) |
//! | `partitioner.rs` | choose |
//! | `batch.rs`, `partition.rs` | queue, per partition |
//! | `sender.rs` | send, retry, complete |
//! | `topics.rs` | follow metadata |
//! | `idempotence.rs` | producer id and sequences |
//! | `delivery.rs` | report |

pub mod accumulator;
mod delivery;
pub mod partitioner;

pub use delivery::{DeliveredBatch, DeliveredMessage};
