//! Our bytes against those of the crate `kafka-protocol`, both ways, for every message and every version both know.
//!
//! A message with random values is written by us, read and written again there, and read by us: the bytes and the values
//! must be the same. A failure names the seed.
#![allow(clippy::unwrap_used, reason = "tests")]

mod messages;

use std::fmt::Debug;

use bytes::BytesMut;
use kafka_protocol::protocol::{Decodable, Encodable, Message as TheirMessage};
use rdkafka_wire::arbitrary::{Arbitrary, Random};
use rdkafka_wire::{FrameReader, FrameWriter, Message};

const SEEDS_PER_VERSION: u64 = 60;

fn agree<Ours, Theirs>()
where
    Ours: Message + Arbitrary + PartialEq + Debug,
    Theirs: TheirMessage + Decodable + Encodable + Debug,
{
    let first = *Ours::VERSIONS.start().max(&Theirs::VERSIONS.min);
    let last = *Ours::VERSIONS.end().min(&Theirs::VERSIONS.max);
    assert!(first <= last, "no version in common");
    for version in first..=last {
        for seed in 0..SEEDS_PER_VERSION {
            let at = format!("{} v{version}, seed {seed}", Ours::NAME);
            let message = Ours::arbitrary(&mut Random::new(seed), Ours::encoding(version));
            let mut w = FrameWriter::new();
            message.encode(&mut w, version);
            let ours = w.into_bytes();

            let mut rest = ours.clone();
            let read = Theirs::decode(&mut rest, version)
                .unwrap_or_else(|error| panic!("{at}: {error}\n{message:?}\n{ours:?}"));
            assert!(
                rest.is_empty(),
                "{at}: {} bytes unread of {message:?}",
                rest.len()
            );
            let mut theirs = BytesMut::new();
            read.encode(&mut theirs, version)
                .unwrap_or_else(|error| panic!("{at}: {error}\n{message:?}"));
            assert_eq!(theirs, ours, "{at}: {message:?}");

            let mut r = FrameReader::new(theirs.freeze());
            let back =
                Ours::decode(&mut r, version).unwrap_or_else(|error| panic!("{at}: {error}"));
            r.finish().unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_eq!(back, message, "{at}");
        }
    }
}

macro_rules! agreements {
    ($($test:ident: $module:ident::$name:ident,)*) => {$(
        #[test]
        fn $test() {
            agree::<rdkafka_wire::messages::$module::$name, kafka_protocol::messages::$name>();
        }
    )*};
}

for_each_message!(agreements);
