//! The crate as its users see it: bytes in, records out, and back.

#![allow(clippy::unwrap_used, reason = "tests")]

mod builder;
mod corruption;
mod golden;
mod legacy;
mod oracle;
mod round_trip;
mod sample;
