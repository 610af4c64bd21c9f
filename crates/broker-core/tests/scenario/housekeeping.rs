//! What the broker does for its logs by itself.

use rdkafka_log::fs::Fs;
use std::path::Path;

use crate::harness::{Cluster, batch, fetch_request, produce_request, sealed, values_of};
use crate::offsets::{commit_simple, committed};
use crate::topics::create_topic;
use rdkafka_records::{RecordBatches, Seal};
use rdkafka_wire::messages::init_producer_id::InitProducerIdRequest;

fn files(cluster: &Cluster, folder: &str, end: &str) -> usize {
    let entries = cluster.fs.list(&Path::new("/data").join(folder)).unwrap();
    let files = entries.iter().filter(|entry| entry.name.ends_with(end));
    files.count()
}

fn bytes(cluster: &Cluster, folder: &str) -> u64 {
    let folder = Path::new("/data").join(folder);
    let entries = cluster.fs.list(&folder).unwrap();
    let logs = entries.iter().filter(|entry| entry.name.ends_with(".log"));
    logs.map(|entry| cluster.fs.len_of(&folder.join(&entry.name)).unwrap())
        .sum()
}

#[test]
fn a_compacted_topic_keeps_the_last_record_of_each_key() {
    let mut cluster = Cluster::new();
    let configs = [("cleanup.policy", "compact"), ("segment.bytes", "1000")];
    create_topic(&mut cluster, "t", 1, &configs);
    for value in 0..100 {
        cluster.produce("t", batch(&[&value.to_string()]));
    }
    let before = bytes(&cluster, "t-0");
    // A sealed segment is flushed within a second and compacted within `log.cleaner.backoff.ms`.
    cluster.advance_ms(31_000);
    assert!(bytes(&cluster, "t-0") < before / 3);
    let mut values = Vec::new();
    let mut offset = 0;
    while offset < 100 {
        let data = cluster.fetch("t", offset);
        values.extend(values_of(&data));
        // A batch without records still says where the next one starts.
        let bytes = data.records.unwrap_or_default().into_bytes();
        let batches = RecordBatches::new(bytes).map(|batch| batch.unwrap().next_offset());
        offset = batches.last().unwrap();
    }
    assert!(values.len() < 20, "{values:?}");
    assert_eq!(values.last(), Some(&(99, "99".to_owned())));
    assert_eq!(cluster.produce("t", batch(&["next"])).base_offset, 100);
}

#[test]
fn the_offsets_of_groups_do_not_grow_for_ever() {
    let properties = [
        ("offsets.topic.segment.bytes", "2000"),
        ("offsets.topic.num.partitions", "1"),
    ];
    let mut cluster = Cluster::with(&properties);
    cluster.topic("t");
    for offset in 0..500 {
        commit_simple(&mut cluster, offset);
    }
    let before = bytes(&cluster, "__consumer_offsets-0");
    cluster.advance_ms(31_000);
    assert!(bytes(&cluster, "__consumer_offsets-0") < before / 5);
    cluster.kill_and_restart();
    assert_eq!(committed(&mut cluster).0, 499);
}

#[test]
fn a_deleted_segment_stays_for_file_delete_delay_ms() {
    let properties = [
        ("log.segment.bytes", "1000"),
        ("log.retention.bytes", "2000"),
        ("log.retention.check.interval.ms", "1000"),
        ("log.segment.delete.delay.ms", "5000"),
    ];
    let mut cluster = Cluster::with(&properties);
    cluster.topic("t");
    let now = cluster.unix_ms();
    for _ in 0..100 {
        cluster.produce("t", sealed(&["value"], now, &Seal::default()));
    }
    cluster.advance_ms(1_500);
    assert!(files(&cluster, "t-0", ".log.deleted") > 0);
    cluster.advance_ms(5_000);
    assert_eq!(files(&cluster, "t-0", ".deleted"), 0);
}

#[test]
fn an_answer_of_a_coordinator_waits_for_the_disk_if_the_flush_policy_says_so() {
    for (flush_messages, waits) in [("1", true), ("9223372036854775807", false)] {
        let mut cluster = Cluster::with(&[("log.flush.interval.messages", flush_messages)]);
        cluster.held_flushes = Some(Vec::new());
        let request = InitProducerIdRequest {
            transactional_id: Some("x".into()),
            transaction_timeout_ms: 10_000,
            ..InitProducerIdRequest::default()
        };
        let sent = cluster.send(0, 4, &request);
        assert_eq!(cluster.is_answered(sent), !waits);
        cluster.run_held_flushes();
        let answer = cluster.answer::<InitProducerIdRequest>(sent).unwrap();
        assert_eq!(answer.error_code, 0);
    }
}

#[test]
fn a_broker_with_more_partitions_than_it_may_have_open_files_serves_all_of_them() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 40, &[]);
    cluster.fs.set_open_max(Some(20));
    for round in 0..2 {
        for partition in 0..40 {
            let records = batch(&[&format!("{round} of {partition}")]);
            let answer = cluster.call(9, &produce_request("t", partition, 1, records));
            let produced = &answer.responses[0].partition_responses[0];
            assert_eq!((produced.error_code, produced.base_offset), (0, round));
        }
    }
    cluster.kill_and_restart();
    for partition in 0..40 {
        let mut request = fetch_request("t", 0, 1, 0);
        request.topics[0].partitions[0].partition = partition;
        let answer = cluster.call(11, &request);
        let values = values_of(&answer.responses[0].partitions[0]);
        let expected = [0, 1].map(|round| (round, format!("{round} of {partition}")));
        assert_eq!(values, expected);
    }
}
