//! The Kafka-compatible broker: listeners, library and binary.
//!
//! [`Broker::start`] runs a broker in this process: on a data folder, or in memory for tests and the embedded broker.
//! Owns the threads: one shard thread ([`rdkafka_broker_core::Shard`]), one flusher, and connection tasks on a tokio
//! runtime (its own, or the one it is given). Guarantees: when `start` returns the listeners accept; when `stop` returns
//! everything acknowledged is on the disk, the threads are gone and the folder is free.
//! Leaves to others: what requests mean (`broker-core`). The way of a request: `docs/design/broker.md`.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod address;
mod answers;
mod authentication;
mod broker;
mod cleaner;
mod connection;
mod distinguished_name;
mod flusher;
mod frame_reader;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod http;
mod limits;
mod listener;
mod memory;
mod metrics;
mod principal;
mod router;
mod sasl;
mod scram_user;
mod shard_thread;
mod socket_writer;
mod tls;
mod toll;

pub use broker::{Broker, BrokerConf, StartError, Storage};
pub use rdkafka_broker_core::conf::{Accepted, BrokerConfig, ConfError};
pub use scram_user::{ScramUser, UserFolder};
