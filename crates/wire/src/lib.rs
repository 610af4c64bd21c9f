//! Kafka's wire protocol: frames, headers, versions, errors and messages.
//!
//! Owns every fact about bytes between client and broker: [`messages`] are plain structs whose codec
//! `#[derive(Message)]` writes from field attributes; [`ApiKey`] and [`ErrorCode`] are tables; [`frame`] puts header and
//! body together. Guarantees that no bytes from a peer panic or reserve more memory than they bring along.
//! Leaves to others: sockets and frame length limits (the shells), what is inside record data (`records`).

// The derive names this crate by its full path, here as elsewhere.
extern crate self as rdkafka_wire;

pub mod api_key;
#[cfg(feature = "arbitrary")]
pub mod arbitrary;
pub mod codec;
pub mod embedded;
pub mod error_code;
pub mod frame;
pub mod message;
pub mod messages;
pub mod reader;
pub mod types;
pub mod writer;

pub use api_key::ApiKey;
pub use error_code::ErrorCode;
pub use frame::Frame;
pub use message::{Message, Request};
pub use rdkafka_wire_derive::Message;
pub use reader::{DecodeError, FrameReader};
pub use types::{Records, StrBytes, Uuid};
pub use writer::FrameWriter;

/// Keeps what the derive writes for tests only where the feature is on.
#[cfg(feature = "arbitrary")]
#[doc(hidden)]
#[macro_export]
macro_rules! with_arbitrary {
    ($($item:item)*) => { $($item)* };
}

/// Keeps what the derive writes for tests only where the feature is on.
#[cfg(not(feature = "arbitrary"))]
#[doc(hidden)]
#[macro_export]
macro_rules! with_arbitrary {
    ($($item:item)*) => {};
}
