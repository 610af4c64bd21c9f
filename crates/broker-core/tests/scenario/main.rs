//! The whole broker core in virtual time: no sockets, no sleeps, no disk. Requests and answers pass through the wire
//! codec, so what is asserted is what a client sees.
#![allow(clippy::unwrap_used, reason = "tests")]

mod acls;
mod admin;
mod configs;
mod consumer_groups;
mod data_dirs;
mod delegation_tokens;
mod disk_faults;
mod fetch;
mod groups;
mod harness;
mod housekeeping;
mod offsets;
mod one_node;
mod power_cut;
mod produce;
mod produce_together;
mod quotas;
mod restart;
mod share_groups;
mod streams_groups;
mod topics;
mod transactions;
mod users;
