//! Membership by the new protocol (KIP-848).

use rdkafka_client_core::conf::Callback;
use rdkafka_client_core::consumer::{
    Call, CallReply, Command, Event, OFFSET_STORED, RebalanceKind,
};
use rdkafka_client_core::io::TopicPartitionOffset;
use rdkafka_wire::{ApiKey, ErrorCode, Uuid};

use crate::cluster::{Cluster, at, partition};
use crate::support::{SECOND, assign, grouped, is_closed, list, rebalance, subscription};

const BEAT: ApiKey = ApiKey::ConsumerGroupHeartbeat;

fn new_protocol(settings: &[(&str, &str)], callbacks: &[Callback]) -> Cluster {
    let mut all = vec![
        ("group.id", "g"),
        ("group.protocol", "consumer"),
        ("auto.offset.reset", "earliest"),
    ];
    all.extend(settings);
    Cluster::new(&all, callbacks)
}

fn target(cluster: &mut Cluster, partitions: &[i32]) {
    let target = [("t".to_owned(), partitions.to_vec())];
    cluster.broker.target = target.into();
}

fn fail_next(cluster: &mut Cluster, key: ApiKey, code: ErrorCode) {
    let errors = cluster.broker.errors.entry(key).or_default();
    errors.push_back(code);
}

fn ids(list: Vec<TopicPartitionOffset>) -> Vec<rdkafka_client_core::io::TopicPartition> {
    let id = |one: TopicPartitionOffset| partition(one.topic.as_str(), one.partition);
    list.into_iter().map(id).collect()
}

#[test]
fn what_the_coordinator_gives_is_read_and_acknowledged() {
    let mut cluster = new_protocol(&[], &[]);
    cluster.append("t", 0, &["a"]);
    cluster.append("t", 1, &["b"]);
    target(&mut cluster, &[0, 1]);
    cluster.call(subscription(&["t"])).unwrap();
    let mut records = cluster.records();
    records.sort();
    assert_eq!(records, ["t/0@0=a", "t/1@0=b"]);
    let told = cluster.broker.beats.last().unwrap();
    let owned = told.topic_partitions.as_ref().unwrap();
    assert_eq!(owned[0].partitions, [0, 1]);
    assert_eq!(cluster.broker.counts.get(&ApiKey::JoinGroup), None);
}

#[test]
fn patterns_are_the_coordinators_business() {
    let mut cluster = new_protocol(&[], &[]);
    cluster.topic("t", 1);
    cluster.call(subscription(&["^t.*", "plain"])).unwrap();
    let first = &cluster.broker.beats[0];
    assert_eq!(first.subscribed_topic_regex, Some("(^t.*)".into()));
    assert_eq!(first.subscribed_topic_names, Some(vec!["plain".into()]));
}

#[test]
fn partitions_are_given_back_with_their_offsets_before_others_are_taken() {
    let mut cluster = new_protocol(&[], &[Callback::Rebalance]);
    cluster.append("t", 0, &["a"]);
    cluster.append("t", 1, &["b"]);
    target(&mut cluster, &[0]);
    cluster.call(subscription(&["t"])).unwrap();
    let (kind, given) = rebalance(&mut cluster).unwrap();
    assert_eq!(kind, RebalanceKind::Assign);
    cluster.call(Call::IncrementalAssign(given)).unwrap();
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    target(&mut cluster, &[1]);
    cluster.pass(2 * SECOND);
    let (kind, taken) = rebalance(&mut cluster).unwrap();
    assert_eq!((kind, taken[0].partition), (RebalanceKind::Revoke, 0));
    cluster.call(Call::IncrementalUnassign(ids(taken))).unwrap();
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 1);
    let (kind, given) = rebalance(&mut cluster).unwrap();
    assert_eq!((kind, given[0].partition), (RebalanceKind::Assign, 1));
    cluster.call(Call::IncrementalAssign(given)).unwrap();
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/1@0=b"]);
}

#[test]
fn assignments_are_changed_by_differences_only() {
    let mut cluster = new_protocol(&[], &[]);
    cluster.topic("t", 1);
    // By itself it may do as it likes, until it subscribes.
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.call(Call::Assign(None)).unwrap();
    cluster.call(subscription(&["t"])).unwrap();
    let refused = cluster.call(Call::Assign(Some(vec![at("t", 0, 0)])));
    let Ok(CallReply::Refused(code, text)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(code, ErrorCode::_STATE);
    assert!(
        text.ends_with("when rebalance protocol type is COOPERATIVE"),
        "{text}"
    );
}

#[test]
fn the_classic_protocol_refuses_differences_unless_it_is_cooperative() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 1);
    cluster.call(subscription(&["t"])).unwrap();
    let refused = cluster.call(Call::IncrementalAssign(vec![at("t", 0, 0)]));
    assert!(matches!(
        refused,
        Ok(CallReply::Refused(ErrorCode::_STATE, _))
    ));
    let mut cluster = grouped(&[("partition.assignment.strategy", "cooperative-sticky")]);
    cluster.topic("t", 1);
    cluster.call(subscription(&["t"])).unwrap();
    let refused = cluster.call(Call::Assign(None));
    assert!(matches!(
        refused,
        Ok(CallReply::Refused(ErrorCode::_STATE, _))
    ));
}

#[test]
fn a_fenced_member_commits_nothing_and_joins_again() {
    let mut cluster = new_protocol(&[], &[]);
    cluster.append("t", 0, &["a"]);
    target(&mut cluster, &[0]);
    cluster.call(subscription(&["t"])).unwrap();
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    fail_next(&mut cluster, BEAT, ErrorCode::FENCED_MEMBER_EPOCH);
    cluster.pass(2 * SECOND);
    assert_eq!(cluster.broker.committed.get(&("t".into(), 0)), None);
    assert_eq!(
        cluster.records(),
        ["t/0@0=a"],
        "read again by the new member"
    );
}

#[test]
fn an_assignor_the_coordinator_does_not_have_is_fatal() {
    let mut cluster = new_protocol(&[("group.remote.assignor", "nope")], &[]);
    cluster.topic("t", 1);
    fail_next(&mut cluster, BEAT, ErrorCode::UNSUPPORTED_ASSIGNOR);
    cluster.call(subscription(&["t"])).unwrap();
    assert_eq!(cluster.broker.beats[0].server_assignor, Some("nope".into()));
    assert_eq!(cluster.error_items(), [ErrorCode::_FATAL]);
    assert!(cluster.errors[0].fatal);
    cluster.pass(60 * SECOND);
    assert_eq!(cluster.broker.beats.len(), 1);
    // Whatever it is told to consume, it consumes nothing.
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.pass(SECOND);
    assert_eq!(cluster.broker.counts.get(&ApiKey::Fetch), None);
}

#[test]
fn a_commit_by_time_is_repeated_when_only_the_epoch_had_moved_on() {
    let mut cluster = new_protocol(&[("auto.commit.interval.ms", "500")], &[]);
    cluster.append("t", 0, &["a"]);
    target(&mut cluster, &[0]);
    cluster.call(subscription(&["t"])).unwrap();
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    fail_next(
        &mut cluster,
        ApiKey::OffsetCommit,
        ErrorCode::STALE_MEMBER_EPOCH,
    );
    cluster.pass(2 * SECOND);
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 1);
    assert_eq!(cluster.error_items(), []);
}

#[test]
fn the_applications_commit_with_a_stale_epoch_is_answered_so() {
    let mut cluster = new_protocol(&[("enable.auto.commit", "false")], &[]);
    cluster.append("t", 0, &["a"]);
    target(&mut cluster, &[0]);
    cluster.call(subscription(&["t"])).unwrap();
    cluster.records();
    let beats = cluster.broker.beats.len();
    fail_next(
        &mut cluster,
        ApiKey::OffsetCommit,
        ErrorCode::STALE_MEMBER_EPOCH,
    );
    let code = cluster.call(Call::Commit(None)).unwrap_err();
    assert_eq!(code, ErrorCode::STALE_MEMBER_EPOCH);
    assert_eq!(
        cluster.broker.beats.len(),
        beats + 1,
        "it asks for the epoch at once"
    );
    cluster.call(Call::Commit(None)).unwrap();
}

#[test]
fn closing_commits_and_leaves() {
    for (instance, epoch) in [("", -1), ("i", -2)] {
        let mut cluster = new_protocol(&[("group.instance.id", instance)], &[]);
        cluster.append("t", 0, &["a"]);
        target(&mut cluster, &[0]);
        cluster.call(subscription(&["t"])).unwrap();
        cluster.records();
        cluster.command(Command::Close);
        assert!(is_closed(&cluster));
        assert_eq!(cluster.broker.committed[&("t".into(), 0)], 1);
        assert_eq!(cluster.broker.beats.last().unwrap().member_epoch, epoch);
    }
}

#[test]
fn a_coordinator_without_the_protocol_is_a_fatal_error() {
    let mut cluster = new_protocol(&[], &[]);
    cluster.topic("t", 1);
    fail_next(&mut cluster, BEAT, ErrorCode::UNSUPPORTED_VERSION);
    cluster.call(subscription(&["t"])).unwrap();
    let told = cluster.events.iter().find_map(|event| match event {
        Event::Error(error) => Some(error.text.clone()),
        _ => None,
    });
    assert!(told.unwrap().contains("ConsumerGroupHeartbeat fatal error"));
}

#[test]
fn metadata_is_asked_again_when_the_coordinator_does_not_know_a_topics_id() {
    let mut cluster = new_protocol(&[("enable.auto.commit", "false")], &[]);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    let before = cluster.broker.counts[&ApiKey::Metadata];
    fail_next(
        &mut cluster,
        ApiKey::OffsetCommit,
        ErrorCode::UNKNOWN_TOPIC_ID,
    );
    let commit = Call::Commit(Some(vec![at("t", 0, 1)]));
    let error = cluster.call(commit).unwrap_err();
    assert_eq!(error, ErrorCode::UNKNOWN_TOPIC_ID);
    cluster.pass(SECOND);
    assert!(cluster.broker.counts[&ApiKey::Metadata] > before);
}

#[test]
fn committed_offsets_are_kept_under_the_ids_of_topics_where_there_are_any() {
    for has_ids in [true, false] {
        let mut cluster = new_protocol(&[("enable.auto.commit", "false")], &[]);
        cluster.broker.has_no_topic_ids = !has_ids;
        cluster.append("t", 0, &["a", "b"]);
        cluster.broker.committed.insert(("t".into(), 0), 1);
        assign(&mut cluster, vec![at("t", 0, OFFSET_STORED)]);
        assert_eq!(cluster.records(), ["t/0@1=b"]);
        let commit = Call::Commit(Some(vec![at("t", 0, 2)]));
        let answer = list(cluster.call(commit));
        assert_eq!(answer, [(0, 2, ErrorCode::NONE)]);
        let ask = Call::Committed(vec![partition("t", 0)]);
        assert_eq!(list(cluster.call(ask)), [(0, 2, ErrorCode::NONE)]);
        let asked = &cluster.broker.commits[0].topics[0];
        assert_eq!(asked.topic_id != Uuid::ZERO, has_ids);
        assert_eq!(asked.name.is_empty(), has_ids);
    }
}
