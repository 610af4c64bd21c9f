//! The power fails at every write of a life of the broker: idempotent and transactional producers, commits of groups,
//! topics that come and go, compaction, rolled segments, checkpoints.
//!
//! Under `log.flush.interval.messages=1` nothing that was answered or shown to a reader may be lost, and no transaction may be visible in one
//! partition and not in another, whatever the disk kept of what was not flushed (`Memory::crash`: nothing, a part, torn
//! sectors, names without content). After the death of the process alone the same holds without that setting.
//! A failure names the seed and the operation; `POWER_CUT=seed:operation cargo test -p rdkafka-broker-core power_cut`
//! runs that one again, `POWER_CUT_SEEDS=20` more lives.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use rdkafka_log::fs::{Fault, Memory, Operation};
use rdkafka_records::{BatchBuilder, RecordBatches, Seal};
use rdkafka_wire::messages::add_offsets_to_txn::AddOffsetsToTxnRequest;
use rdkafka_wire::messages::add_partitions_to_txn::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic,
};
use rdkafka_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use rdkafka_wire::messages::delete_topics::DeleteTopicsRequest;
use rdkafka_wire::messages::describe_transactions::DescribeTransactionsRequest;
use rdkafka_wire::messages::end_txn::EndTxnRequest;
use rdkafka_wire::messages::fetch::{FetchRequest, PartitionData};
use rdkafka_wire::messages::init_producer_id::InitProducerIdRequest;
use rdkafka_wire::messages::metadata::MetadataRequest;
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use rdkafka_wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestTopic};
use rdkafka_wire::messages::produce::ProduceRequest;
use rdkafka_wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};

use crate::harness::{Cluster, fetch_request, produce_request, values_of};

pub(crate) const DURABLE: &[(&str, &str)] = &[("log.flush.interval.messages", "1")];
pub(crate) const SMALL: &[(&str, &str)] = &[
    ("log.segment.bytes", "700"),
    ("offsets.topic.segment.bytes", "900"),
    ("transaction.state.log.segment.bytes", "900"),
    ("offsets.topic.num.partitions", "2"),
    ("transaction.state.log.num.partitions", "2"),
    ("log.cleaner.min.cleanable.ratio", "0.01"),
    ("log.cleaner.delete.retention.ms", "1000"),
    ("log.segment.delete.delay.ms", "1000"),
];
const STEPS: i64 = 26;

/// What clients were told, and what they asked for without an answer.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Of topic `t`: offsets and values.
    records: BTreeMap<i64, String>,
    /// What a reader of topic `t` was shown.
    seen: BTreeMap<i64, String>,
    committed: BTreeSet<i64>,
    aborted: BTreeSet<i64>,
    /// Offset of group `g`.
    offset: i64,
    offset_asked: i64,
    /// Of topic `c`: the last number of each key.
    keys: BTreeMap<String, i64>,
    /// Whether a topic exists.
    topics: BTreeMap<String, bool>,
}

#[derive(Debug, Clone, Copy)]
struct Producer {
    id: i64,
    epoch: i16,
    sequence: i32,
}

impl Producer {
    fn batch(&self, key: &str, value: &str, transactional: bool) -> Bytes {
        let seal = Seal {
            producer_id: self.id,
            producer_epoch: self.epoch,
            base_sequence: self.sequence,
            transactional,
            ..Seal::default()
        };
        let mut builder = BatchBuilder::new();
        let (key, value) = (Some(key.as_bytes()), Some(value.as_bytes()));
        builder.append(1_700_000_000_000, key, value, []).unwrap();
        builder.seal(&seal).unwrap()
    }
}

/// `None` is an answer that did not come, or an error: what was asked for may have happened or not.
fn init(cluster: &mut Cluster, transactional: bool) -> Option<Producer> {
    let request = InitProducerIdRequest {
        transactional_id: transactional.then(|| "x".into()),
        transaction_timeout_ms: 10_000,
        ..InitProducerIdRequest::default()
    };
    let answer = cluster
        .try_call(4, &request)
        .filter(|it| it.error_code == 0)?;
    Some(Producer {
        id: answer.producer_id,
        epoch: answer.producer_epoch,
        sequence: 0,
    })
}

fn create(cluster: &mut Cluster, name: &str, partitions: i32, policy: &str) -> Option<()> {
    let config = CreatableTopicConfig {
        name: "cleanup.policy".into(),
        value: Some(policy.into()),
    };
    let topic = CreatableTopic {
        name: name.into(),
        num_partitions: partitions,
        replication_factor: 1,
        configs: vec![config],
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest {
        topics: vec![topic],
        ..CreateTopicsRequest::default()
    };
    let answer = cluster.try_call(7, &request)?;
    (answer.topics[0].error_code == 0).then_some(())
}

fn delete(cluster: &mut Cluster, name: &str) -> Option<()> {
    let topic_names = vec![name.into()];
    let request = DeleteTopicsRequest {
        topic_names,
        ..DeleteTopicsRequest::default()
    };
    let answer = cluster.try_call(5, &request)?;
    (answer.responses[0].error_code == 0).then_some(())
}

fn produce(
    cluster: &mut Cluster,
    topic: &str,
    partition: i32,
    batch: Bytes,
    id: bool,
) -> Option<i64> {
    let request = ProduceRequest {
        transactional_id: id.then(|| "x".into()),
        ..produce_request(topic, partition, -1, batch)
    };
    let answer = cluster.try_call(9, &request)?.responses[0].partition_responses[0].clone();
    (answer.error_code == 0).then_some(answer.base_offset)
}

/// Produces to `t`; a reader looks before the fsync is done, if there is one.
fn produce_watched(
    cluster: &mut Cluster,
    batch: Bytes,
    is_watched: bool,
    told: &mut Told,
) -> Option<i64> {
    if !is_watched {
        return produce(cluster, "t", 0, batch, false);
    }
    cluster.held_flushes = Some(Vec::new());
    let sent = cluster.send(0, 9, &produce_request("t", 0, -1, batch));
    let from = told.seen.keys().next_back().map_or(0, |last| last + 1);
    let seen = cluster.try_call(11, &fetch_request("t", from, 0, 0));
    cluster.run_held_flushes();
    let data = seen?.responses[0].partitions[0].clone();
    (data.error_code == 0).then_some(())?;
    told.seen.extend(values_of(&data));
    let answer =
        cluster.answer::<ProduceRequest>(sent)?.responses[0].partition_responses[0].clone();
    (answer.error_code == 0).then_some(answer.base_offset)
}

fn commit(cluster: &mut Cluster, offset: i64) -> Option<()> {
    let partition = OffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: offset,
        ..OffsetCommitRequestPartition::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: "t".into(),
        partitions: vec![partition],
        ..OffsetCommitRequestTopic::default()
    };
    let request = OffsetCommitRequest {
        group_id: "g".into(),
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    };
    let answer = cluster.try_call(8, &request)?;
    (answer.topics[0].partitions[0].error_code == 0).then_some(())
}

/// A transaction that writes its number to both partitions of `u`, and as the offset of group `h`.
fn transact(
    cluster: &mut Cluster,
    producer: &mut Producer,
    number: i64,
    committed: bool,
) -> Option<()> {
    let (id, epoch) = (producer.id, producer.epoch);
    let topic = AddPartitionsToTxnTopic {
        name: "u".into(),
        partitions: vec![0, 1],
    };
    let add = AddPartitionsToTxnRequest {
        v3_and_below_transactional_id: "x".into(),
        v3_and_below_producer_id: id,
        v3_and_below_producer_epoch: epoch,
        v3_and_below_topics: vec![topic],
        ..AddPartitionsToTxnRequest::default()
    };
    let answer = cluster.try_call(3, &add)?;
    let codes = &answer.results_by_topic_v3_and_below[0].results_by_partition;
    codes
        .iter()
        .all(|it| it.partition_error_code == 0)
        .then_some(())?;
    for partition in [0, 1] {
        let batch = producer.batch("k", &number.to_string(), true);
        produce(cluster, "u", partition, batch, true)?;
    }
    producer.sequence += 1;
    let add = AddOffsetsToTxnRequest {
        transactional_id: "x".into(),
        producer_id: id,
        producer_epoch: epoch,
        group_id: "h".into(),
    };
    (cluster.try_call(3, &add)?.error_code == 0).then_some(())?;
    let partition = TxnOffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: number,
        ..TxnOffsetCommitRequestPartition::default()
    };
    let topic = TxnOffsetCommitRequestTopic {
        name: "u".into(),
        partitions: vec![partition],
    };
    let offsets = TxnOffsetCommitRequest {
        transactional_id: "x".into(),
        group_id: "h".into(),
        producer_id: id,
        producer_epoch: epoch,
        topics: vec![topic],
        ..TxnOffsetCommitRequest::default()
    };
    let answer = cluster.try_call(3, &offsets)?;
    (answer.topics[0].partitions[0].error_code == 0).then_some(())?;
    let end = EndTxnRequest {
        transactional_id: "x".into(),
        producer_id: id,
        producer_epoch: epoch,
        committed,
    };
    (cluster.try_call(3, &end)?.error_code == 0).then_some(())
}

/// Lives until something gets no good answer.
pub(crate) fn live(cluster: &mut Cluster, seed: u64, first: i64, told: &mut Told) -> Option<()> {
    let mut random = fastrand::Rng::with_seed(seed);
    for (name, partitions, policy) in [("t", 1, "delete"), ("u", 2, "delete"), ("c", 1, "compact")]
    {
        if told.topics.get(name) != Some(&true) {
            create(cluster, name, partitions, policy)?;
            told.topics.insert(name.to_owned(), true);
        }
    }
    let mut plain = init(cluster, false)?;
    let mut keyed = init(cluster, false)?;
    let mut transactional = init(cluster, true)?;
    for number in first..first + STEPS {
        match random.u8(0..12) {
            0..=2 => {
                let value = format!("{number}:{}", "x".repeat(random.usize(0..90)));
                let batch = plain.batch("k", &value, false);
                let offset = produce_watched(cluster, batch, random.bool(), told)?;
                plain.sequence += 1;
                told.records.insert(offset, value);
            }
            3..=5 => {
                let key = format!("k{}", random.u8(0..3));
                produce(
                    cluster,
                    "c",
                    0,
                    keyed.batch(&key, &number.to_string(), false),
                    false,
                )?;
                keyed.sequence += 1;
                told.keys.insert(key, number);
            }
            6 | 7 => {
                let committed = random.bool();
                transact(cluster, &mut transactional, number, committed)?;
                let outcome = if committed {
                    &mut told.committed
                } else {
                    &mut told.aborted
                };
                outcome.insert(number);
            }
            8 => {
                told.offset_asked = number;
                commit(cluster, number)?;
                told.offset = number;
            }
            9 => {
                let name = format!("extra{}", random.u8(0..2));
                let exists = told.topics.remove(&name).unwrap_or(false);
                match exists {
                    true => delete(cluster, &name)?,
                    false => create(cluster, &name, 2, "delete")?,
                }
                told.topics.insert(name, !exists);
            }
            10 => transactional = init(cluster, true)?,
            // Compaction, checkpoints, retention.
            _ => cluster.advance_ms(16_000),
        }
    }
    Some(())
}

fn fetch(cluster: &mut Cluster, topic: &str, partition: i32, offset: i64) -> PartitionData {
    let mut request = FetchRequest {
        isolation_level: 1,
        ..fetch_request(topic, offset, 0, 0)
    };
    request.topics[0].partitions[0].partition = partition;
    let data = cluster.call(11, &request).responses[0].partitions[0].clone();
    assert_eq!(data.error_code, 0);
    data
}

/// What a reader of committed records sees: offsets, keys and values.
fn visible(cluster: &mut Cluster, topic: &str, partition: i32) -> Vec<(i64, String, String)> {
    let mut all = Vec::new();
    let mut offset = 0;
    let mut skipped = BTreeSet::new();
    loop {
        let data = fetch(cluster, topic, partition, offset);
        let aborted = data.aborted_transactions.unwrap_or_default();
        let bytes = data.records.unwrap_or_default().into_bytes();
        if bytes.is_empty() {
            return all;
        }
        for batch in RecordBatches::new(bytes) {
            let batch = batch.unwrap();
            batch.verify_crc().unwrap();
            let header = *batch.header().unwrap();
            offset = header.next_offset();
            let starts = aborted
                .iter()
                .filter(|it| it.first_offset == header.base_offset);
            skipped.extend(starts.map(|it| it.producer_id));
            if header.attributes.is_control() {
                skipped.remove(&header.producer_id);
                continue;
            }
            if header.attributes.is_transactional() && skipped.contains(&header.producer_id) {
                continue;
            }
            for record in batch.decompress(1 << 20).unwrap().records() {
                let record = record.unwrap();
                let text = |bytes: Option<&[u8]>| {
                    String::from_utf8(bytes.unwrap_or_default().to_vec()).unwrap()
                };
                all.push((record.offset, text(record.key), text(record.value)));
            }
        }
    }
}

fn committed(cluster: &mut Cluster, group: &str, topic: &str) -> i64 {
    let topic = OffsetFetchRequestTopic {
        name: topic.into(),
        partition_indexes: vec![0],
    };
    let request = OffsetFetchRequest {
        group_id: group.into(),
        topics: Some(vec![topic]),
        ..OffsetFetchRequest::default()
    };
    let answer = cluster.call(5, &request).topics[0].partitions[0].clone();
    assert_eq!(answer.error_code, 0);
    answer.committed_offset
}

fn topics(cluster: &mut Cluster) -> BTreeSet<String> {
    let request = MetadataRequest {
        topics: None,
        ..MetadataRequest::default()
    };
    let topics = cluster.call(9, &request).topics;
    topics
        .into_iter()
        .map(|it| it.name.unwrap().to_string())
        .collect()
}

/// Everything a client can ask for, as text.
fn everything(cluster: &mut Cluster) -> String {
    let names = topics(cluster);
    let mut text = format!("{names:?}");
    for (topic, partition) in [("t", 0), ("u", 0), ("u", 1), ("c", 0)] {
        if names.contains(topic) {
            text += &format!(
                "\n{topic} {partition}: {:?}",
                visible(cluster, topic, partition)
            );
        }
    }
    let request = DescribeTransactionsRequest {
        transactional_ids: vec!["x".into()],
    };
    let transaction = cluster.call(0, &request);
    text += &format!("\n{transaction:?}");
    for (group, topic) in [("g", "t"), ("h", "u")] {
        text += &format!("\n{group}: {}", committed(cluster, group, topic));
    }
    text
}

/// Compares what survived with what clients were told.
pub(crate) fn check(cluster: &mut Cluster, told: &Told, what: &str) {
    // Transactions that nobody ends time out.
    cluster.advance_ms(30_000);
    let names = topics(cluster);
    for (name, exists) in &told.topics {
        assert_eq!(names.contains(name), *exists, "{what}: topic {name}");
    }
    if names.contains("t") {
        let records: BTreeMap<i64, String> = visible(cluster, "t", 0)
            .into_iter()
            .map(|(offset, _, value)| (offset, value))
            .collect();
        for (offset, value) in told.records.iter().chain(&told.seen) {
            assert_eq!(
                records.get(offset),
                Some(value),
                "{what}: offset {offset} of t"
            );
        }
    }
    if names.contains("u") {
        let numbers = |seen: Vec<(i64, String, String)>| -> BTreeSet<i64> {
            seen.into_iter()
                .map(|(_, _, value)| value.parse().unwrap())
                .collect()
        };
        let (first, second) = (visible(cluster, "u", 0), visible(cluster, "u", 1));
        let (first, second) = (numbers(first), numbers(second));
        assert_eq!(first, second, "{what}: a transaction is half visible");
        assert!(
            told.committed.is_subset(&first),
            "{what}: {:?} of {first:?}",
            told.committed
        );
        assert!(
            told.aborted.is_disjoint(&first),
            "{what}: {:?} of {first:?}",
            told.aborted
        );
        let last = first.last().copied().unwrap_or(-1);
        assert_eq!(
            committed(cluster, "h", "u"),
            last,
            "{what}: offsets of a transaction"
        );
    }
    if names.contains("c") {
        let latest: BTreeMap<String, i64> = visible(cluster, "c", 0)
            .into_iter()
            .map(|(_, key, value)| (key, value.parse().unwrap()))
            .collect();
        for (key, number) in &told.keys {
            assert!(
                latest.get(key) >= Some(number),
                "{what}: {key} of c: {latest:?}"
            );
        }
    }
    if told.offset > 0 {
        let offset = committed(cluster, "g", "t");
        assert!(
            offset == told.offset || offset == told.offset_asked,
            "{what}: group g at {offset}"
        );
    }
}

fn crash_at(seed: u64, operation: u64, durable: bool) {
    let what = format!("POWER_CUT={seed}:{operation} (flush policy: {durable})");
    let properties: Vec<_> = match durable {
        true => [SMALL, DURABLE].concat(),
        false => SMALL.to_vec(),
    };
    let fs = Memory::with_crashes(seed ^ operation << 32);
    fs.inject(Operation::Any, operation, Fault::Down);
    let mut told = Told::default();
    if let Some(mut cluster) = Cluster::on(fs.clone(), &properties) {
        let _ = live(&mut cluster, seed, 1, &mut told);
    }
    let survived = if durable { fs.crash() } else { fs.kill() };
    let cluster = Cluster::on(survived, &properties);
    let mut cluster = cluster.unwrap_or_else(|| panic!("{what}: it does not start"));
    cluster.trust_disk();
    check(&mut cluster, &told, &what);
    replay_is_what_was_live(&mut cluster, &what);
    live_on(&mut cluster, seed + 1, &mut told, &what);
}

/// A start brings back what clients saw before.
pub(crate) fn replay_is_what_was_live(cluster: &mut Cluster, what: &str) {
    let before = everything(cluster);
    cluster.kill_and_restart();
    let after = everything(cluster);
    assert_eq!(after, before, "{what}: replay is not what was live");
}

/// Life goes on, with the topics that are there.
pub(crate) fn live_on(cluster: &mut Cluster, seed: u64, told: &mut Told, what: &str) {
    let names = topics(cluster);
    for name in ["extra0", "extra1"] {
        told.topics.insert(name.to_owned(), names.contains(name));
    }
    if ["t", "u", "c"]
        .iter()
        .all(|name| told.topics.contains_key(*name))
    {
        assert!(live(cluster, seed, 1000, told).is_some(), "{what}: then");
        check(cluster, told, &format!("{what}: then"));
    }
}

/// One life, the power cut at every `stride`-th operation; more lives with `POWER_CUT_SEEDS=number`.
fn every_crash(first: u64, stride: usize, durable: bool) {
    if let Ok(one) = std::env::var("POWER_CUT") {
        let (seed, operation) = one.split_once(':').unwrap();
        crash_at(seed.parse().unwrap(), operation.parse().unwrap(), durable);
        return;
    }
    let seeds = std::env::var("POWER_CUT_SEEDS").map_or(1, |it| it.parse().unwrap());
    for seed in first..first + seeds {
        let whole = Memory::with_crashes(seed);
        let properties: Vec<_> = match durable {
            true => [SMALL, DURABLE].concat(),
            false => SMALL.to_vec(),
        };
        let mut cluster = Cluster::on(whole.clone(), &properties).unwrap();
        let mut told = Told::default();
        assert!(
            live(&mut cluster, seed, 1, &mut told).is_some(),
            "seed {seed}: {:?}",
            cluster.closed
        );
        check(&mut cluster, &told, &format!("seed {seed}"));
        for operation in (0..whole.operations()).step_by(stride) {
            crash_at(seed, operation, durable);
        }
    }
}

#[test]
fn a_power_cut_at_any_write_loses_nothing_that_was_answered() {
    every_crash(0, 1, true);
}

#[test]
fn the_death_of_the_process_at_any_write_loses_nothing_that_was_answered() {
    every_crash(1000, 3, false);
}

#[test]
fn a_transaction_is_on_the_disk_before_its_records() {
    for seed in 0..8 {
        let mut cluster = Cluster::on(Memory::with_crashes(seed), DURABLE).unwrap();
        cluster.trust_disk();
        create(&mut cluster, "t", 1, "delete").unwrap();
        let producer = init(&mut cluster, true).unwrap();
        let request = ProduceRequest {
            transactional_id: Some("x".into()),
            ..produce_request("t", 0, -1, producer.batch("k", "v", true))
        };
        cluster.held_flushes = Some(Vec::new());
        cluster.send(0, 12, &request);
        let (_, records) = cluster.held_flushes.take().unwrap().remove(0);
        drop(records.run());
        cluster.power_failure();
        let again = cluster.call(12, &request).responses[0].partition_responses[0].error_code;
        assert_eq!(again, 0, "seed {seed}: the batch is known");
        let end = EndTxnRequest {
            transactional_id: "x".into(),
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            committed: true,
        };
        assert_eq!(cluster.call(5, &end).error_code, 0, "seed {seed}");
        let seen = visible(&mut cluster, "t", 0).len();
        assert_eq!(seen, 1, "seed {seed}: what was committed is there");
    }
}
