//! The legacy consumer.

use std::sync::Arc;

use rdkafka_client_core::conf::TopicConf;
use rdkafka_client_core::consumer::{
    Call, CallReply, FetchQueue, OFFSET_BEGINNING, OFFSET_STORED, QueueId,
};
use rdkafka_wire::ErrorCode;

use crate::cluster::{Cluster, partition};
use crate::support::grouped;

fn queue(id: u32) -> Arc<FetchQueue> {
    Arc::new(FetchQueue::new(QueueId(id), 100_000, 65_536_000))
}

fn start(cluster: &mut Cluster, number: i32, offset: i64, to: u32) -> Result<CallReply, ErrorCode> {
    let mut topic = TopicConf::new();
    topic.set("auto.offset.reset", "earliest").unwrap();
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
