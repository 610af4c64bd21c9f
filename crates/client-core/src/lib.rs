//! The Kafka client as a state machine, without I/O.
//!
//! [`Client`](client::Client) takes [`Input`](io::Input)s and gives [`Output`](io::Output)s; whoever drives it (the
//! crate `rdkafka-client`, or a test with virtual time) owns sockets, threads and clocks. The laws:
//!
//! 1. After every `handle`, drain `poll_output` until it answers `Output::Timeout`, before the next `handle`.
//! 2. Time enters only as [`Now`](io::Now) and never goes back; randomness enters as one seed.
//! 3. `handle` never blocks and never fails: bad bytes close that connection with a named reason, a bad command
//!    answers its own call.
//! 4. CPU work longer than a batch header leaves as a [`Job`](io::Job) and comes back; jobs may finish in any order.
//! 5. Every queue is bounded by the property that names the bound, every loop by the size of its input.
//!
//! The only state another thread may touch is in [`shared`].
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod admin;
mod backoff;
mod broker;
pub mod client;
pub mod conf;
mod connection;
pub mod consumer;
pub mod context;
pub mod coordinator;
mod effects;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gauge;
pub mod io;
mod list_offsets;
pub mod metadata;
mod network;
mod probe;
pub mod producer;
mod refresh;
pub mod request;
pub mod sasl;
pub mod shared;
mod spares;
mod stats;
mod timers;
