//! Drives the client core: threads, sockets, event queues, blocking handles.
//!
//! [`Client`] is one librdkafka-like handle (`rd_kafka_t`), [`Topic`] one topic of it. All blocking happens in an
//! [`EventQueue`](event_queue::EventQueue), which returns early when the caller's `interrupted()` says so. No callback
//! of the application is ever called from here but the `sink` it passes to [`Client::poll`] and [`Client::flush`], on
//! its own thread, with no lock held.
//!
//! Per client one driver task owns the core; each connection has a reading and a writing task; all run on one runtime
//! per process (and per fork generation), with every signal blocked.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod burst_clock;
mod connect;
pub mod consumer;
mod driver;
pub mod event_queue;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod handle;
mod http;
mod log;
mod opened;
mod producer;
mod progress;
mod runtime;
mod socket;
mod tls;
mod transaction;

pub use handle::{Client, Flow, HandOvers, Logs, NewError, Options};
pub use producer::{MSG_F_BLOCK, Opaque, ProduceRecord, Topic};
pub use rdkafka_client_core::admin::{MetadataScope, Target};
pub use rdkafka_client_core::conf;
pub use rdkafka_client_core::coordinator::CoordinatorKind;
pub use rdkafka_client_core::io::{
    Endpoint, ErrorEvent, Event, LogLine, NodeId, Throttle, TopicPartition, TopicPartitionOffset,
};
pub use rdkafka_client_core::metadata::{
    BrokerMetadata, ClusterMetadata, PartitionMetadata, TopicMetadata,
};
pub use rdkafka_client_core::producer::partitioner::Partitioner;
pub use rdkafka_client_core::producer::{
    DeliveredBatch, DeliveredMessage, GroupMetadata, TransactionError, TransactionOffsets,
};
pub use rdkafka_sasl::oauthbearer::Token;
pub use rdkafka_wire::ErrorCode;
pub use runtime::{shutdown, thread_count};
