//! The real broker over real sockets: what only sockets, threads and processes can show.
#![allow(clippy::unwrap_used, reason = "tests")]

mod client;
mod connections;
mod hostile;
mod http;
mod process;
mod records;
mod security;
