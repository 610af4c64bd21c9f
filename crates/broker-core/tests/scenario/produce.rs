//! Produce: what is taken, what is refused, and what an idempotent producer can rely on.

use bytes::{Bytes, BytesMut};
use rdkafka_log::fs::{Fault, Operation};
use rdkafka_records::legacy::{DownConvert, MessageFormat, down_convert};
use rdkafka_records::{BatchBuilder, Compression, Seal};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use rdkafka_wire::messages::produce::ProduceRequest;
use rdkafka_wire::types::Uuid;

use crate::harness::{Cluster, batch, fetch_request, produce_request, sealed, sequenced};
use crate::topics::create_topic;

fn code(cluster: &mut Cluster, topic: &str, batch: Bytes) -> ErrorCode {
    ErrorCode(cluster.produce(topic, batch).error_code)
}

#[test]
fn records_get_dense_offsets() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    assert_eq!(cluster.produce("t", batch(&["a", "b"])).base_offset, 0);
    assert_eq!(cluster.produce("t", batch(&["c"])).base_offset, 2);
    let expected = [(0, "a"), (1, "b"), (2, "c")].map(|(at, it)| (at, it.to_owned()));
    assert_eq!(cluster.values("t", 0), expected);
}

#[test]
fn every_version_of_produce_and_fetch_carries_records() {
    let mut cluster = Cluster::new();
    let id = cluster.topic("t").topic_id;
    for version in 3..=13 {
        let mut request = produce_request("t", 0, 1, batch(&["x"]));
        request.topic_data[0].topic_id = if version >= 13 { id } else { Uuid::ZERO };
        let answer = cluster.call(version, &request);
        let partition = &answer.responses[0].partition_responses[0];
        assert_eq!(
            (partition.error_code, partition.base_offset),
            (0, i64::from(version - 3)),
            "{version}"
        );
    }
}

#[test]
fn old_clients_produce_message_sets() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    for (version, format) in [
        (0, MessageFormat::V0),
        (1, MessageFormat::V0),
        (2, MessageFormat::V1),
    ] {
        for compression in [Compression::None, Compression::Gzip, Compression::Snappy] {
            let seal = Seal {
                compression,
                ..Seal::default()
            };
            let repetitive = "again and again ".repeat(50);
            let how = DownConvert {
                format,
                first_offset: 0,
                bytes_max: 1 << 20,
            };
            let set = down_convert(&sealed(&[&repetitive, "y"], 5, &seal), &how).unwrap();
            let answer = cluster.call(version, &produce_request("t", 0, 1, set));
            assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
        }
    }
    assert_eq!(cluster.values("t", 0).len(), 18);
}

#[test]
fn an_old_message_set_is_no_longer_taken_from_version_3_on() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let how = DownConvert {
        format: MessageFormat::V1,
        first_offset: 0,
        bytes_max: 1 << 20,
    };
    let set = down_convert(&batch(&["x"]), &how).unwrap();
    assert_eq!(code(&mut cluster, "t", set), ErrorCode::INVALID_RECORD);
}

#[test]
fn damaged_or_odd_records_are_refused() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut damaged = BytesMut::from(&batch(&["x"])[..]);
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(
        code(&mut cluster, "t", damaged.freeze()),
        ErrorCode::CORRUPT_MESSAGE
    );
    assert_eq!(
        code(&mut cluster, "t", batch(&["x"]).slice(..70)),
        ErrorCode::INVALID_RECORD
    );
    let two = [batch(&["x"]), batch(&["y"])].concat();
    assert_eq!(
        code(&mut cluster, "t", two.into()),
        ErrorCode::INVALID_RECORD
    );
    let transactional = sealed(
        &["x"],
        5,
        &Seal {
            transactional: true,
            producer_id: 1,
            producer_epoch: 0,
            base_sequence: 0,
            ..Seal::default()
        },
    );
    assert_eq!(
        code(&mut cluster, "t", transactional),
        ErrorCode::INVALID_TXN_STATE
    );
    assert_eq!(cluster.values("t", 0), []);
}

#[test]
fn zstd_is_refused_from_clients_too_old_to_know_it() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let text = "again and again ".repeat(50);
    let zstd = sealed(
        &[&text],
        5,
        &Seal {
            compression: Compression::Zstd,
            ..Seal::default()
        },
    );
    let answer = cluster.call(6, &produce_request("t", 0, 1, zstd.clone()));
    let refused = &answer.responses[0].partition_responses[0];
    assert_eq!(
        ErrorCode(refused.error_code),
        ErrorCode::UNSUPPORTED_COMPRESSION_TYPE
    );
    assert_eq!(code(&mut cluster, "t", zstd), ErrorCode::NONE);
}

#[test]
fn unknown_places_are_told_apart() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    assert_eq!(
        code(&mut cluster, "nowhere", batch(&["x"])),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    );
    let answer = cluster.call(9, &produce_request("t", 1, 1, batch(&["x"])));
    let partition = &answer.responses[0].partition_responses[0];
    assert_eq!(
        ErrorCode(partition.error_code),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    );
    let mut by_id = produce_request("", 0, 1, batch(&["x"]));
    by_id.topic_data[0].topic_id = Uuid([9; 16]);
    let answer = cluster.call(13, &by_id);
    let partition = &answer.responses[0].partition_responses[0];
    assert_eq!(ErrorCode(partition.error_code), ErrorCode::UNKNOWN_TOPIC_ID);
}

#[test]
fn internal_topics_take_no_records_from_clients() {
    let mut cluster = Cluster::new();
    cluster.topic("__consumer_offsets");
    assert_eq!(
        code(&mut cluster, "__consumer_offsets", batch(&["x"])),
        ErrorCode::INVALID_TOPIC_EXCEPTION
    );
}

#[test]
fn a_batch_over_the_topics_limit_is_too_large() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[("max.message.bytes", "100")]);
    assert_eq!(code(&mut cluster, "t", batch(&["short"])), ErrorCode::NONE);
    let long = "x".repeat(100);
    assert_eq!(
        code(&mut cluster, "t", batch(&[&long])),
        ErrorCode::MESSAGE_TOO_LARGE
    );
}

#[test]
fn other_acks_than_minus_one_to_one_are_refused() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    for acks in [-2, 2] {
        let answer = cluster.call(9, &produce_request("t", 0, acks, batch(&["x"])));
        let partition = &answer.responses[0].partition_responses[0];
        assert_eq!(
            ErrorCode(partition.error_code),
            ErrorCode::INVALID_REQUIRED_ACKS
        );
    }
}

#[test]
fn acks_0_is_silent_and_closes_on_failure() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let sent = cluster.send(4, 9, &produce_request("t", 0, 0, batch(&["x"])));
    assert!(cluster.is_silent(sent));
    assert_eq!(cluster.values("t", 0).len(), 1);
    cluster.send(4, 9, &produce_request("nowhere", 0, 0, batch(&["x"])));
    assert!(cluster.closed[&4].contains("acks=0"));
}

#[test]
fn timestamps_too_far_in_the_future_are_refused() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let now = cluster.unix_ms();
    let hour = 3_600_000;
    assert_eq!(
        code(
            &mut cluster,
            "t",
            sealed(&["x"], now + hour, &Seal::default())
        ),
        ErrorCode::NONE
    );
    let later = sealed(&["x"], now + hour + 1, &Seal::default());
    assert_eq!(code(&mut cluster, "t", later), ErrorCode::INVALID_TIMESTAMP);
}

#[test]
fn log_append_time_stamps_the_records_and_the_answer() {
    let mut cluster = Cluster::new();
    create_topic(
        &mut cluster,
        "t",
        1,
        &[("message.timestamp.type", "LogAppendTime")],
    );
    let now = cluster.unix_ms();
    let answer = cluster.produce("t", sealed(&["x"], 5, &Seal::default()));
    assert_eq!(answer.log_append_time_ms, now);
    let data = cluster.fetch("t", 0);
    let stored = rdkafka_records::RecordBatch::parse(data.records.unwrap().into_bytes()).unwrap();
    stored.verify_crc().unwrap();
    let plain = stored.decompress(1 << 20).unwrap();
    assert_eq!(plain.records().next().unwrap().unwrap().timestamp_ms, now);
}

#[test]
fn a_compacted_topic_names_the_records_without_a_key() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[("cleanup.policy", "compact")]);
    assert_eq!(code(&mut cluster, "t", batch(&["keyed"])), ErrorCode::NONE);
    let mut builder = BatchBuilder::new();
    builder.append(5, Some(b"k"), Some(b"v"), []).unwrap();
    builder.append(5, None, Some(b"v"), []).unwrap();
    let answer = cluster.produce("t", builder.seal(&Seal::default()).unwrap());
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::INVALID_RECORD);
    let indexes: Vec<i32> = answer
        .record_errors
        .iter()
        .map(|it| it.batch_index)
        .collect();
    assert_eq!(indexes, [1]);
}

#[test]
fn an_idempotent_producer_is_written_once_however_often_it_sends() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let id = cluster.producer_id();
    for sequence in 0..6 {
        let answer = cluster.produce("t", sequenced(&["x"], id, 0, sequence));
        assert_eq!(
            (answer.error_code, answer.base_offset),
            (0, i64::from(sequence))
        );
    }
    for sequence in 1..6 {
        let again = cluster.produce("t", sequenced(&["x"], id, 0, sequence));
        assert_eq!(
            (again.error_code, again.base_offset),
            (0, i64::from(sequence)),
            "one of the last five"
        );
    }
    assert_eq!(cluster.values("t", 0).len(), 6);
}

#[test]
fn a_gap_in_the_sequence_and_an_old_epoch_are_refused() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let id = cluster.producer_id();
    assert_eq!(
        code(&mut cluster, "t", sequenced(&["x"], id, 1, 0)),
        ErrorCode::NONE
    );
    assert_eq!(
        code(&mut cluster, "t", sequenced(&["x"], id, 1, 2)),
        ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER
    );
    assert_eq!(
        code(&mut cluster, "t", sequenced(&["x"], id, 0, 1)),
        ErrorCode::INVALID_PRODUCER_EPOCH
    );
    assert_eq!(
        code(&mut cluster, "t", sequenced(&["x"], id, 2, 0)),
        ErrorCode::NONE
    );
}

#[test]
fn with_flush_messages_1_an_acknowledgement_means_on_the_disk() {
    let mut cluster = Cluster::with(&[("log.flush.interval.messages", "1")]);
    cluster.topic("t");
    cluster.held_flushes = Some(Vec::new());
    let first = cluster.send(1, 9, &produce_request("t", 0, -1, batch(&["a"])));
    let second = cluster.send(2, 9, &produce_request("t", 0, -1, batch(&["b"])));
    assert!(!cluster.is_answered(first));
    assert_eq!(
        cluster.held_flushes.as_ref().unwrap().len(),
        1,
        "the second shares the next fsync"
    );
    cluster.run_held_flushes();
    for sent in [first, second] {
        let answer = cluster.answer::<ProduceRequest>(sent).unwrap();
        assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
    }
}

#[test]
fn a_failed_fsync_is_a_storage_error_and_never_an_acknowledgement() {
    let mut cluster = Cluster::with(&[("log.flush.interval.messages", "1")]);
    cluster.topic("t");
    assert_eq!(code(&mut cluster, "t", batch(&["a"])), ErrorCode::NONE);
    cluster.fs.inject(Operation::Sync, 0, Fault::Error);
    assert_eq!(
        code(&mut cluster, "t", batch(&["b"])),
        ErrorCode::KAFKA_STORAGE_ERROR
    );
    assert_eq!(
        code(&mut cluster, "t", batch(&["c"])),
        ErrorCode::KAFKA_STORAGE_ERROR
    );
}

#[test]
fn a_failed_write_is_a_storage_error_and_leaves_no_trace() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    assert_eq!(code(&mut cluster, "t", batch(&["a"])), ErrorCode::NONE);
    cluster.fs.inject(Operation::Append, 0, Fault::Partial);
    assert_eq!(
        code(&mut cluster, "t", batch(&["b"])),
        ErrorCode::KAFKA_STORAGE_ERROR
    );
    assert_eq!(cluster.produce("t", batch(&["c"])).base_offset, 1);
    assert_eq!(
        cluster.values("t", 0),
        [(0, "a".to_owned()), (1, "c".to_owned())]
    );
}

#[test]
fn readers_see_no_record_before_it_is_on_the_disk() {
    let mut cluster = Cluster::with(&[("log.flush.interval.messages", "1")]);
    cluster.topic("t");
    let latest = |cluster: &mut Cluster| latest_offset(cluster, "t");
    cluster.held_flushes = Some(Vec::new());
    let parked = cluster.send(1, 11, &fetch_request("t", 0, 1, 500));
    let first = cluster.send(0, 9, &produce_request("t", 0, -1, batch(&["a"])));
    // Written and asked for by nobody: it is flushed all the same.
    cluster.send(2, 9, &produce_request("t", 0, 0, batch(&["b"])));
    assert!(!cluster.is_answered(first) && !cluster.is_answered(parked));
    assert_eq!(cluster.values("t", 0), []);
    assert_eq!(cluster.fetch("t", 0).high_watermark, 0);
    assert_eq!(latest(&mut cluster), 0);
    // The flush that was under way covers the first record only.
    cluster.held_flushes.as_mut().unwrap().truncate(1);
    let (target, task) = cluster.held_flushes.as_mut().unwrap().remove(0);
    cluster.flushed(target, task.run());
    assert!(cluster.is_answered(first) && cluster.is_answered(parked));
    assert_eq!(latest(&mut cluster), 1);
    cluster.run_held_flushes();
    assert_eq!(latest(&mut cluster), 2);
    let seen = cluster.values("t", 0);
    assert_eq!(seen, [(0, "a".to_owned()), (1, "b".to_owned())]);
}

#[test]
fn what_a_reader_saw_is_there_after_the_power_failed() {
    let mut cluster = Cluster::with_crashes();
    cluster
        .config
        .set("log.flush.interval.messages", "1")
        .unwrap();
    cluster.stop_and_restart();
    cluster.topic("t");
    for round in 0..20 {
        cluster.held_flushes = Some(Vec::new());
        cluster.send(0, 9, &produce_request("t", 0, -1, batch(&["kept"])));
        cluster.send(0, 9, &produce_request("t", 0, -1, batch(&["later"])));
        let seen = cluster.values("t", 0);
        if round % 2 == 0 {
            cluster.run_held_flushes();
        }
        let seen = [seen, cluster.values("t", 0)].concat();
        cluster.held_flushes = None;
        cluster.power_failure();
        let kept = cluster.values("t", 0);
        for record in seen {
            assert!(kept.contains(&record), "{record:?} is lost: {kept:?}");
        }
    }
    // What a start finds is flushed, so that it is shown.
    cluster.held_flushes = Some(Vec::new());
    cluster.send(0, 9, &produce_request("t", 0, -1, batch(&["found"])));
    let hidden = cluster.values("t", 0).len();
    cluster.held_flushes = None;
    cluster.kill_and_restart();
    assert_eq!(cluster.values("t", 0).len(), hidden + 1);
}

fn latest_offset(cluster: &mut Cluster, topic: &str) -> i64 {
    let partition = ListOffsetsPartition {
        timestamp: -1,
        ..ListOffsetsPartition::default()
    };
    let topic = ListOffsetsTopic {
        name: topic.into(),
        partitions: vec![partition],
    };
    let request = ListOffsetsRequest {
        topics: vec![topic],
        ..ListOffsetsRequest::default()
    };
    cluster.call(5, &request).topics[0].partitions[0].offset
}
