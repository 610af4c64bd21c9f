//! The broker as a state machine over the log.
//!
//! [`Shard`] takes [`Input`]s with the time they happened at and says what to do as [`Output`]s; it has no socket, no
//! clock and no thread. [`Request`] and [`Response`] are the served APIs, decoded and encoded by connection tasks.
//!
//! Laws: after every `handle`, drain `poll_output` until `Timeout`, before the next `handle`; time enters only as
//! [`Now`] and never goes back; randomness is the seed given at the start; `handle` never fails.
//! The way of a request is described in `docs/design/broker.md`.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod acl;
mod api;
mod cluster_log;
pub mod conf;
mod data_dirs;
mod delegation_token;
mod durability;
mod fetch_sessions;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod group;
mod housekeeping;
mod log_replay;
mod offsets_topic;
mod open_files;
mod partition;
mod purgatory;
mod quota;
mod relocation;
mod report;
mod request;
mod schedule;
mod scram;
mod settings;
mod shard;
mod share_groups;
mod share_state_topic;
mod topics;
mod transaction;
mod transaction_topic;

pub use api::fetch::FetchAnswer;
pub use api::produce::CheckedProduce;
pub use api::{Part, Request, RequestError, Response, SERVED};
pub use delegation_token::TokenLogin;
pub use group::GroupReport;
pub use quota::addresses::AddressRates;
pub use report::{PartitionReport, Report, TopicReport};
pub use request::{ConnectionId, Endpoint, Endpoints, KnownBy, Now, Peer, RequestContext, Ticket};
pub use shard::{FlushTarget, Input, Output, Shard};
