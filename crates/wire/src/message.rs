//! The traits `#[derive(Message)]` implements.
//!
//! A message is a struct that stands alone on the wire, with versions of its own; a request also knows its API key and
//! the type of its answer.

use std::ops::RangeInclusive;

use crate::api_key::ApiKey;
use crate::codec::{Codec, Encoding};
use crate::reader::{DecodeError, FrameReader};
use crate::writer::FrameWriter;

/// A message with versions. Implemented by `#[derive(Message)]`.
pub trait Message: Codec + Default {
    /// Kafka's name of the message.
    const NAME: &'static str;
    /// The versions this build can write and read.
    const VERSIONS: RangeInclusive<i16>;
    /// The first version with compact lengths and tagged fields.
    const FLEXIBLE_FROM: Option<i16>;

    /// How the message travels in a version.
    fn encoding(version: i16) -> Encoding {
        Encoding {
            version,
            flexible: Self::FLEXIBLE_FROM.is_some_and(|first| version >= first),
        }
    }

    /// Writes the message. Fields the version does not have are left out; `version` must lie in [`Self::VERSIONS`].
    fn encode(&self, w: &mut FrameWriter, version: i16) {
        debug_assert!(
            Self::VERSIONS.contains(&version),
            "{} v{version}",
            Self::NAME
        );
        self.write(w, Self::encoding(version));
    }

    /// Reads the message and leaves the reader behind it. Fields the version does not have get their defaults.
    fn decode(r: &mut FrameReader, version: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&version) {
            return Err(r.error("the version is not supported"));
        }
        Self::read(r, Self::encoding(version))
    }
}

/// A request. Implemented by `#[derive(Message)]` where the attributes name a key and a response.
pub trait Request: Message {
    /// The API the request belongs to.
    const KEY: ApiKey;
    /// What the broker answers; it has the same versions.
    type Response: Message;
}
