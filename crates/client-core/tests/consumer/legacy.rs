//! The legacy consumer.

use std::sync::Arc;

use rdkafka_client_core::conf::TopicConf;
use rdkafka_client_core::consumer::{
    Call, CallReply, Command, FetchQueue, OFFSET_BEGINNING, OFFSET_STORED, QueueId,
};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::cluster::{Cluster, partition};
use crate::support::{SECOND, grouped, is_closed};

fn queue(id: u32) -> Arc<FetchQueue> {
    Arc::new(FetchQueue::new(QueueId(id), 100_000, 65_536_000))
}

fn start(cluster: &mut Cluster, number: i32, offset: i64, to: u32) -> Result<CallReply, ErrorCode> {
    start_with(cluster, number, offset, to, &[])
}

fn start_with(
    cluster: &mut Cluster,
    number: i32,
    offset: i64,
    to: u32,
    settings: &[(&str, &str)],
) -> Result<CallReply, ErrorCode> {
    let mut topic = TopicConf::new();
    topic.set("auto.offset.reset", "earliest").unwrap();
    for (name, value) in settings {
        topic.set(name, value).unwrap();
    }
    let mut conf = rdkafka_client_core::conf::Conf::new();
    conf.set_default_topic_conf(topic);
    let kind = rdkafka_client_core::conf::ClientKind::Consumer;
    let conf = Arc::new(conf.resolve(kind).unwrap().default_topic);
    cluster.call(Call::Start {
        id: partition("t", number),
        offset,
        conf,
        queue: queue(to),
    })
}

#[test]
fn a_started_partition_goes_to_its_queue() {
    let mut cluster = Cluster::new(&[], &[]);
    cluster.append("t", 0, &["a"]);
    start(&mut cluster, 0, OFFSET_BEGINNING, 3).unwrap();
    assert_eq!(cluster.events.front().unwrap().queue(), QueueId(3));
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    cluster.call(Call::Stop(partition("t", 0))).unwrap();
    let again = cluster.call(Call::Stop(partition("t", 0)));
    assert_eq!(again.unwrap_err(), ErrorCode::_UNKNOWN_PARTITION);
}

#[test]
fn stored_offsets_need_a_group() {
    let mut cluster = Cluster::new(&[], &[]);
    cluster.topic("t", 1);
    assert_eq!(
        start(&mut cluster, 0, OFFSET_STORED, 1).unwrap_err(),
        ErrorCode::_INVALID_ARG
    );
    assert_eq!(
        start(&mut cluster, -1, 0, 1).unwrap_err(),
        ErrorCode::_UNKNOWN_PARTITION
    );
}

#[test]
fn a_legacy_consumer_with_a_group_commits_outside_any_generation() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b"]);
    start(&mut cluster, 0, OFFSET_STORED, 1).unwrap();
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b"]);
    cluster.call(Call::Stop(partition("t", 0))).unwrap();
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 2);
    assert_eq!(cluster.broker.commit_generations, [-1]);
}

// ---- offsets in files ----

const FILE: [(&str, &str); 3] = [
    ("offset.store.method", "file"),
    ("auto.commit.interval.ms", "1000"),
    ("offset.store.sync.interval.ms", "5000"),
];

#[test]
fn offsets_go_to_their_file_by_time_and_when_a_partition_is_stopped() {
    let mut cluster = Cluster::new(&[], &[]);
    cluster.append("t", 0, &["a", "b"]);
    start_with(&mut cluster, 0, 0, 1, &FILE).unwrap();
    assert_eq!(cluster.records().len(), 2);
    cluster.pass(2 * SECOND);
    assert_eq!(cluster.kept, [(2, false)]);
    cluster.append("t", 0, &["c"]);
    cluster.records();
    cluster.call(Call::Stop(partition("t", 0))).unwrap();
    assert_eq!(cluster.kept, [(2, false), (3, true)]);
    assert_eq!(cluster.broker.counts.get(&ApiKey::OffsetCommit), None);
}

#[test]
fn what_was_written_is_synced_in_time() {
    let mut cluster = Cluster::new(&[], &[]);
    cluster.append("t", 0, &["a"]);
    start_with(&mut cluster, 0, 0, 1, &FILE).unwrap();
    cluster.records();
    cluster.pass(30 * SECOND);
    assert_eq!(cluster.kept, [(1, false), (1, true)], "once each");
}

#[test]
fn without_a_file_to_read_the_reset_policy_decides() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    start_with(&mut cluster, 0, OFFSET_STORED, 1, &FILE).unwrap();
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    assert_eq!(
        cluster.broker.counts.get(&ApiKey::OffsetFetch),
        None,
        "not the group's"
    );
}

#[test]
fn closing_writes_what_is_stored() {
    let mut cluster = Cluster::new(&[], &[]);
    cluster.append("t", 0, &["a"]);
    start_with(&mut cluster, 0, 0, 1, &FILE).unwrap();
    cluster.records();
    cluster.command(Command::Close);
    assert_eq!(cluster.kept.last().unwrap().0, 1);
    assert!(is_closed(&cluster));
}
