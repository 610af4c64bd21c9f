//! The walk over fetched batches: which record comes next.
//!
//! Owns the batch being gone through. Guarantees: records come out as slices of what was fetched (or of the
//! decompressed batch), without an allocation, a lock or a channel per record; a batch that became outdated (seek,
//! pause, revocation) ends at once, also half way; whatever ends a batch gives its credit back. The application's
//! thread.

use rdkafka_client_core::consumer::{FetchedBatch, TopicName};
use rdkafka_records::{Headers, PlainBatch, RecordCursor, TimestampType};
use rdkafka_wire::ErrorCode;

/// What one batch may grow to when it is decompressed.
const DECOMPRESSED_BYTES_MAX: usize = 1 << 30;

/// A record, borrowed from the batch it was fetched in.
#[derive(Debug, Clone)]
pub struct ConsumedRecord<'a> {
    /// The topic, with a number to keep the application's own form of its name under.
    pub topic: &'a TopicName,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Milliseconds since 1970, -1 for none.
    pub timestamp_ms: i64,
    /// Which clock the timestamp comes from.
    pub timestamp_type: TimestampType,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// The headers, decoded as they are asked for.
    pub headers: Headers<'a>,
    /// The epoch of the leader that appended it, -1 when unknown.
    pub leader_epoch: i32,
}

/// Bytes that cannot be read as records; what follows them comes next.
#[derive(Debug, Clone)]
pub(crate) struct Unreadable<'a> {
    pub(crate) topic: &'a TopicName,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) code: ErrorCode,
    pub(crate) text: String,
}

/// The batch being gone through, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    fetched: Option<FetchedBatch>,
    /// The next of its batches.
    next: usize,
    open: Option<Open>,
    wants_resume: bool,
}

#[derive(Debug)]
struct Open {
    plain: PlainBatch,
    at: RecordCursor,
    count: u32,
    leader_epoch: i32,
}

impl Cursor {
    /// Goes through this next; what was left of the one before is dropped.
    pub(crate) fn load(&mut self, fetched: FetchedBatch) {
        self.finish();
        self.fetched = Some(fetched);
    }

    /// Whether the driver waits for the room that was made; asking resets it.
    pub(crate) fn take_resume(&mut self) -> bool {
        std::mem::take(&mut self.wants_resume)
    }

    /// The next record; `None` at the end of what was loaded. With `verify`, CRCs are checked; with `store`, the
    /// offset behind the record is what will be committed.
    #[inline]
    pub(crate) fn next(
        &mut self,
        verify: bool,
        store: bool,
    ) -> Option<Result<ConsumedRecord<'_>, Unreadable<'_>>> {
        if let Err((offset, code, text)) = self.prepare(verify, store) {
            let fetched = self.fetched.as_ref()?;
            let (topic, partition) = (&**fetched.partition.topic(), fetched.partition.partition());
            return Some(Err(Unreadable {
                topic,
                partition,
                offset,
                code,
                text,
            }));
        }
        let fetched = self.fetched.as_ref()?;
        let open = self.open.as_mut()?;
        let (topic, partition) = (&**fetched.partition.topic(), fetched.partition.partition());
        match open.at.next(&open.plain)? {
            Ok(record) => {
                fetched.partition.deliver(record.offset, store);
                Some(Ok(ConsumedRecord {
                    topic,
                    partition,
                    offset: record.offset,
                    timestamp_ms: record.timestamp_ms,
                    timestamp_type: open.plain.timestamp_type(),
                    key: record.key,
                    value: record.value,
                    headers: record.headers,
                    leader_epoch: open.leader_epoch,
                }))
            }
            Err(error) => {
                open.count = 0;
                let (offset, code) = (error.offset, ErrorCode::_BAD_MSG);
                Some(Err(Unreadable {
                    topic,
                    partition,
                    offset,
                    code,
                    text: error.to_string(),
                }))
            }
        }
    }

    /// Makes sure that the open batch, if any is left, stands before a record that is wanted.
    #[inline]
    fn prepare(&mut self, verify: bool, store: bool) -> Result<(), (i64, ErrorCode, String)> {
        loop {
            let Some(fetched) = &self.fetched else {
                return Ok(());
            };
            if fetched.partition.version() != fetched.version {
                self.finish();
                return Ok(());
            }
            match &self.open {
                Some(open) if open.at.index() < open.count => return Ok(()),
                _ if self.next < fetched.batches.len() => self.open_next(verify, store)?,
                _ => {
                    if let Some((offset, leader_epoch)) = fetched.passed {
                        fetched.partition.enter_batch(leader_epoch, store);
                        fetched.partition.deliver(offset - 1, store);
                    }
                    self.finish();
                    return Ok(());
                }
            }
        }
    }

    fn open_next(&mut self, verify: bool, store: bool) -> Result<(), (i64, ErrorCode, String)> {
        self.open = None;
        let Some(fetched) = &self.fetched else {
            return Ok(());
        };
        let Some(batch) = fetched.batches.get(self.next) else {
            return Ok(());
        };
        self.next += 1;
        let offset = batch.base_offset();
        if verify {
            batch
                .verify_crc()
                .map_err(|error| (offset, ErrorCode::_BAD_MSG, error.to_string()))?;
        }
        let plain = batch
            .decompress(DECOMPRESSED_BYTES_MAX)
            .map_err(|error| (offset, ErrorCode::_BAD_COMPRESSION, error.to_string()))?;
        let mut at = RecordCursor::default();
        // A batch comes whole, also when it was asked for from its middle.
        let mut probe = at.clone();
        while let Some(Ok(record)) = probe.next(&plain) {
            if record.offset >= fetched.from_offset {
                break;
            }
            at = probe.clone();
        }
        let leader_epoch = batch
            .header()
            .map_or(-1, |header| header.partition_leader_epoch);
        fetched.partition.enter_batch(leader_epoch, store);
        self.open = Some(Open {
            at,
            count: plain.record_count(),
            plain,
            leader_epoch,
        });
        Ok(())
    }

    fn finish(&mut self) {
        self.open = None;
        self.next = 0;
        if let Some(fetched) = self.fetched.take() {
            self.wants_resume |= fetched.queue.take(fetched.messages, fetched.bytes);
        }
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rdkafka_client_core::consumer::{ConsumedPartition, FetchQueue, QueueId};
    use rdkafka_records::{BatchBuilder, Compression, RecordBatch, Seal, patch_base_offset};

    use super::*;

    fn partition() -> Arc<ConsumedPartition> {
        let topic = Arc::new(TopicName {
            id: 0,
            name: "t".into(),
        });
        Arc::new(ConsumedPartition::new(topic, 0))
    }

    fn queue() -> Arc<FetchQueue> {
        Arc::new(FetchQueue::new(QueueId::MAIN, 10, 1000))
    }

    fn batch(base_offset: i64, values: &[&str], compression: Compression) -> RecordBatch {
        let mut builder = BatchBuilder::new();
        for value in values {
            builder.append(0, None, Some(value.as_bytes()), []).unwrap();
        }
        let seal = Seal {
            compression,
            ..Seal::default()
        };
        let mut bytes = builder.seal(&seal).unwrap().to_vec();
        patch_base_offset(&mut bytes, base_offset).unwrap();
        RecordBatch::parse(bytes.into()).unwrap()
    }

    fn fetched(
        partition: &Arc<ConsumedPartition>,
        from_offset: i64,
        batches: Vec<RecordBatch>,
    ) -> FetchedBatch {
        FetchedBatch {
            partition: Arc::clone(partition),
            version: partition.version(),
            from_offset,
            batches,
            passed: None,
            queue: queue(),
            messages: 0,
            bytes: 0,
        }
    }

    fn walk(cursor: &mut Cursor) -> Vec<(i64, String)> {
        let mut records = Vec::new();
        while let Some(record) = cursor.next(true, true) {
            let record = record.unwrap();
            let value = String::from_utf8_lossy(record.value.unwrap()).into_owned();
            records.push((record.offset, value));
        }
        records
    }

    #[test]
    fn records_come_from_the_offset_that_was_asked_for() {
        let partition = partition();
        let mut cursor = Cursor::default();
        let batches = vec![
            batch(0, &["a", "b"], Compression::None),
            batch(2, &["c"], Compression::None),
        ];
        cursor.load(fetched(&partition, 1, batches));
        assert_eq!(walk(&mut cursor), [(1, "b".into()), (2, "c".into())]);
        assert_eq!((partition.position(), partition.stored()), (3, 3));
    }

    #[test]
    fn every_codec_is_read() {
        let long = "x".repeat(500);
        for compression in [
            Compression::Gzip,
            Compression::Snappy,
            Compression::Lz4,
            Compression::Zstd,
        ] {
            let mut cursor = Cursor::default();
            let batch = batch(5, &[&long, &long], compression);
            assert_eq!(batch.compression(), Ok(compression));
            cursor.load(fetched(&partition(), 0, vec![batch]));
            assert_eq!(walk(&mut cursor), [(5, long.clone()), (6, long.clone())]);
        }
    }

    #[test]
    fn an_outdated_batch_ends_at_once() {
        let partition = partition();
        let mut cursor = Cursor::default();
        let old = FetchedBatch {
            version: partition.version().wrapping_sub(1),
            ..fetched(&partition, 0, vec![batch(0, &["a"], Compression::None)])
        };
        cursor.load(old);
        assert!(cursor.next(false, false).is_none());
    }

    #[test]
    fn an_unreadable_batch_is_told_and_passed_over() {
        let partition = partition();
        let mut broken = batch(0, &["a"], Compression::None).into_raw().to_vec();
        let last = broken.len() - 1;
        broken[last] ^= 1;
        let broken = RecordBatch::parse(broken.into()).unwrap();
        let mut cursor = Cursor::default();
        cursor.load(fetched(
            &partition,
            0,
            vec![broken, batch(1, &["b"], Compression::None)],
        ));
        let error = cursor.next(true, false).unwrap().unwrap_err();
        assert_eq!((error.code, error.offset), (ErrorCode::_BAD_MSG, 0));
        assert_eq!(walk(&mut cursor), [(1, "b".into())]);
    }

    #[test]
    fn the_position_steps_over_a_marker_when_all_before_it_was_handed_out() {
        let partition = partition();
        let mut cursor = Cursor::default();
        cursor.load(FetchedBatch {
            passed: Some((2, 0)),
            ..fetched(&partition, 0, vec![batch(0, &["a"], Compression::None)])
        });
        assert!(cursor.next(false, true).is_some());
        assert_eq!((partition.position(), partition.stored()), (1, 1));
        assert!(cursor.next(false, true).is_none());
        assert_eq!((partition.position(), partition.stored()), (2, 2));
        cursor.load(FetchedBatch {
            passed: Some((3, 0)),
            ..fetched(&partition, 2, Vec::new())
        });
        assert!(cursor.next(false, false).is_none());
        assert_eq!((partition.position(), partition.stored()), (3, 2));
    }

    #[test]
    fn the_end_of_a_batch_gives_its_credit_back() {
        let partition = partition();
        let queue = queue();
        queue.add(1, 70);
        let mut cursor = Cursor::default();
        cursor.load(FetchedBatch {
            messages: 1,
            bytes: 70,
            queue: Arc::clone(&queue),
            ..fetched(&partition, 0, vec![batch(0, &["a"], Compression::None)])
        });
        walk(&mut cursor);
        assert_eq!(queue.fill(), (0, 0));
        assert!(!cursor.take_resume(), "nobody waited");
    }
}
