//! The field types that Rust does not have: strings over a frame, ids, record data.
//!
//! All are cheap to clone and keep the frame they were read from alive; copy what must outlive it for long.

mod records;
mod str_bytes;
mod uuid;

pub use records::Records;
pub use str_bytes::StrBytes;
pub use uuid::{ParseUuidError, Uuid};
