//! What the internal topic `__transaction_state` holds: Kafka's own keys and values.
//!
//! Owns: the record layout (key version 0, value 0-1) and [`TransactionState`], the value decoded. Guarantees: what Kafka
//! 0.11 to 4.x wrote can be read; what is written here (value 1) Kafka reads. Bad bytes are an error, never a panic.

use std::collections::{BTreeMap, BTreeSet};

use bytes::{Buf, Bytes};
use rdkafka_wire::types::StrBytes;
use rdkafka_wire::{FrameReader, FrameWriter, Message};

#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "none")]
struct Key {
    #[field(versions = "0+")]
    transactional_id: StrBytes,
}

#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "1+")]
struct Value {
    #[field(versions = "0+")]
    producer_id: i64,
    #[field(versions = "1+", tag = 0, tagged = "1+", default = "-1", ignorable)]
    previous_producer_id: i64,
    #[field(versions = "1+", tag = 1, tagged = "1+", default = "-1", ignorable)]
    next_producer_id: i64,
    #[field(versions = "0+")]
    producer_epoch: i16,
    #[field(versions = "0+")]
    transaction_timeout_ms: i32,
    #[field(versions = "0+")]
    transaction_status: i8,
    #[field(versions = "0+", nullable = "0+")]
    transaction_partitions: Option<Vec<Partitions>>,
    #[field(versions = "0+")]
    transaction_last_update_timestamp_ms: i64,
    #[field(versions = "0+")]
    transaction_start_timestamp_ms: i64,
    #[field(versions = "1+", tag = 2, tagged = "1+", ignorable)]
    client_transaction_version: i16,
}

#[derive(Debug, Clone, PartialEq, Message)]
struct Partitions {
    #[field(versions = "0+")]
    topic: StrBytes,
    #[field(versions = "0+")]
    partition_ids: Vec<i32>,
}

/// Where a transactional id stands; transitions: `docs/design/transaction-coordinator.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// A producer id was given; nothing was written yet.
    Empty,
    /// Partitions take part, records are written.
    Ongoing,
    /// It was decided that the records stand; markers are under way.
    PrepareCommit,
    /// It was decided that the records are void; markers are under way.
    PrepareAbort,
    /// Every partition has its marker.
    CompleteCommit,
    /// Every partition has its marker.
    CompleteAbort,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
    ];

    /// Kafka's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
        }
    }

    /// The states that a client may filter by, which are more than this broker has.
    pub(crate) fn is_name(name: &str) -> bool {
        Self::ALL.iter().any(|it| it.name() == name)
            || matches!(name, "Dead" | "PrepareEpochFence" | "Unknown")
    }

    fn from_code(code: i8) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }

    fn code(self) -> i8 {
        match self {
            Self::Empty => 0,
            Self::Ongoing => 1,
            Self::PrepareCommit => 2,
            Self::PrepareAbort => 3,
            Self::CompleteCommit => 4,
            Self::CompleteAbort => 5,
        }
    }

    /// The decision is written, the markers may not be.
    pub(crate) fn is_prepared(self) -> bool {
        matches!(self, Self::PrepareCommit | Self::PrepareAbort)
    }
}

/// What is durable about a transactional id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TransactionState {
    pub(crate) producer_id: i64,
    /// The id before this one, when its epochs were used up; or -1.
    pub(crate) previous_producer_id: i64,
    /// The id that the producer has once the prepared transaction is complete; or -1.
    pub(crate) next_producer_id: i64,
    pub(crate) producer_epoch: i16,
    pub(crate) timeout_ms: i32,
    pub(crate) status: Status,
    pub(crate) partitions: BTreeMap<StrBytes, BTreeSet<i32>>,
    pub(crate) last_update_ms: i64,
    /// When the transaction began, or -1.
    pub(crate) start_ms: i64,
    /// 2 if the client speaks the second version of the protocol (KIP-890).
    pub(crate) client_version: i16,
}

impl TransactionState {
    /// Whether a partition takes part.
    pub(crate) fn has(&self, topic: &str, partition: i32) -> bool {
        self.partitions
            .get(topic)
            .is_some_and(|it| it.contains(&partition))
    }
}

/// A record that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadRecord;

/// Key and value of a transactional id's record; without a state, of its tombstone.
pub(crate) fn encode(id: &StrBytes, state: Option<&TransactionState>) -> (Bytes, Option<Bytes>) {
    let key = Key {
        transactional_id: id.clone(),
    };
    let value = state.map(|state| Value {
        producer_id: state.producer_id,
        previous_producer_id: state.previous_producer_id,
        next_producer_id: state.next_producer_id,
        producer_epoch: state.producer_epoch,
        transaction_timeout_ms: state.timeout_ms,
        transaction_status: state.status.code(),
        transaction_partitions: (state.status != Status::Empty).then(|| {
            let topics = state.partitions.iter().map(|(topic, ids)| Partitions {
                topic: topic.clone(),
                partition_ids: ids.iter().copied().collect(),
            });
            topics.collect()
        }),
        transaction_last_update_timestamp_ms: state.last_update_ms,
        transaction_start_timestamp_ms: state.start_ms,
        client_transaction_version: state.client_version,
    });
    (
        versioned(&key, 0),
        value.map(|value| versioned(&value, VALUE_VERSION)),
    )
}

/// Reads a stored record.
pub(crate) fn decode(
    key: Bytes,
    value: Option<Bytes>,
) -> Result<(StrBytes, Option<TransactionState>), BadRecord> {
    let key: Key = read(key, 0)?;
    let state = value.map(|value| {
        let value: Value = read(value, VALUE_VERSION)?;
        let topics = value.transaction_partitions.unwrap_or_default().into_iter();
        Ok(TransactionState {
            producer_id: value.producer_id,
            previous_producer_id: value.previous_producer_id,
            next_producer_id: value.next_producer_id,
            producer_epoch: value.producer_epoch,
            timeout_ms: value.transaction_timeout_ms,
            status: Status::from_code(value.transaction_status).ok_or(BadRecord)?,
            partitions: topics
                .map(|it| (it.topic, it.partition_ids.into_iter().collect()))
                .collect(),
            last_update_ms: value.transaction_last_update_timestamp_ms,
            start_ms: value.transaction_start_timestamp_ms,
            client_version: value.client_transaction_version,
        })
    });
    Ok((key.transactional_id, state.transpose()?))
}

fn versioned<M: Message>(message: &M, version: i16) -> Bytes {
    let mut writer = FrameWriter::new();
    writer.put_i16(version);
    message.encode(&mut writer, version);
    writer.into_bytes()
}

fn read<M: Message>(mut bytes: Bytes, newest: i16) -> Result<M, BadRecord> {
    let version = bytes.try_get_i16().map_err(|_| BadRecord)?;
    if !(0..=newest).contains(&version) {
        return Err(BadRecord);
    }
    M::decode(&mut FrameReader::new(bytes), version).map_err(|_| BadRecord)
}

const VALUE_VERSION: i16 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> TransactionState {
        TransactionState {
            producer_id: 7,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: 2,
            timeout_ms: 60_000,
            status: Status::Ongoing,
            partitions: BTreeMap::from([("t".into(), BTreeSet::from([0, 3]))]),
            last_update_ms: 11,
            start_ms: 10,
            client_version: 2,
        }
    }

    #[test]
    fn records_read_back_as_written() {
        for status in Status::ALL {
            let state = TransactionState { status, ..state() };
            let state = match status {
                Status::Empty => TransactionState {
                    partitions: BTreeMap::new(),
                    ..state
                },
                _ => state,
            };
            let (key, value) = encode(&"id".into(), Some(&state));
            assert_eq!(decode(key, value), Ok(("id".into(), Some(state))));
        }
        let (key, value) = encode(&"id".into(), None);
        assert_eq!(decode(key, value), Ok(("id".into(), None)));
    }

    #[test]
    fn a_value_that_kafka_wrote_before_tags_is_read() {
        let key = Bytes::from_static(b"\x00\x00\x00\x02id");
        let value = Bytes::from_static(
            b"\x00\x00\0\0\0\0\0\0\0\x07\0\x02\0\0\xea\x60\x01\0\0\0\x01\0\x01t\0\0\0\x02\0\0\0\0\0\0\0\x03\
              \0\0\0\0\0\0\0\x0b\0\0\0\0\0\0\0\x0a",
        );
        let expected = TransactionState {
            client_version: 0,
            ..state()
        };
        assert_eq!(decode(key, Some(value)), Ok(("id".into(), Some(expected))));
    }

    #[test]
    fn bad_bytes_are_errors() {
        let (key, value) = encode(&"id".into(), Some(&state()));
        let value = value.unwrap();
        assert!(decode(Bytes::new(), None).is_err());
        assert!(decode(key.clone(), Some(value.slice(..20))).is_err());
        assert!(decode(key, Some(Bytes::from_static(b"\0\x09"))).is_err());
    }
}
