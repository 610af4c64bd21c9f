//! The consumer against a scripted cluster, with virtual time: no sockets, no sleeping.
#![allow(clippy::unwrap_used, reason = "tests")]

mod answers;
mod broker;
mod close;
mod cluster;
mod commit;
mod fetch_answers;
mod group;
mod leader;
mod legacy;
mod next_gen;
mod position;
mod start;
mod statistics;
mod support;
