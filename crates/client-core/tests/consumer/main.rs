//! The consumer against a scripted cluster, with virtual time: no sockets, no sleeping.
#![allow(clippy::unwrap_used, reason = "tests")]

mod close;
mod cluster;
mod commit;
mod group;
mod legacy;
mod next_gen;
mod position;
mod start;
mod support;
