//! Groups of the next-generation protocol (KIP-848): heartbeats are all there is.

use std::collections::BTreeSet;

use bytes::{BufMut, Bytes, BytesMut};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::consumer_group_describe::{
    ConsumerGroupDescribeRequest, DescribedGroup,
};
use rdkafka_wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use rdkafka_wire::messages::delete_groups::DeleteGroupsRequest;
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use rdkafka_wire::messages::list_groups::ListGroupsRequest;
use rdkafka_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use rdkafka_wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestGroup};
use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::harness::Cluster;
use crate::topics::create_topic;

type Set = BTreeSet<(Uuid, i32)>;

/// A consumer that does at once what it is told.
#[derive(Debug, Clone)]
struct Consumer {
    id: StrBytes,
    instance_id: Option<StrBytes>,
    epoch: i32,
    topics: Option<Vec<StrBytes>>,
    regex: Option<StrBytes>,
    assignor: Option<StrBytes>,
    owned: Set,
    says_all: bool,
}

impl Consumer {
    fn new(id: &str, topics: &[&str]) -> Self {
        Self {
            id: id.into(),
            instance_id: None,
            epoch: 0,
            topics: Some(topics.iter().map(|it| (*it).into()).collect()),
            regex: None,
            assignor: None,
            owned: Set::new(),
            says_all: true,
        }
    }

    fn request(&self) -> ConsumerGroupHeartbeatRequest {
        let full = self.says_all || self.epoch == 0;
        let owned = self
            .owned
            .iter()
            .map(|(topic_id, partition)| TopicPartitions {
                topic_id: *topic_id,
                partitions: vec![*partition],
            });
        ConsumerGroupHeartbeatRequest {
            group_id: "g".into(),
            member_id: self.id.clone(),
            member_epoch: self.epoch,
            instance_id: self.instance_id.clone().filter(|_| full),
            rebalance_timeout_ms: if full { 60_000 } else { -1 },
            subscribed_topic_names: self.topics.clone().filter(|_| full),
            subscribed_topic_regex: self.regex.clone().filter(|_| full),
            server_assignor: self.assignor.clone().filter(|_| full),
            topic_partitions: full.then(|| owned.collect()),
            ..ConsumerGroupHeartbeatRequest::default()
        }
    }

    fn send(&self, cluster: &mut Cluster) -> ConsumerGroupHeartbeatResponse {
        cluster.call(1, &self.request())
    }

    fn beat(&mut self, cluster: &mut Cluster) -> ConsumerGroupHeartbeatResponse {
        let answer = self.send(cluster);
        assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
        self.epoch = answer.member_epoch;
        self.says_all = false;
        if let Some(assignment) = &answer.assignment {
            let before = std::mem::take(&mut self.owned);
            for topic in &assignment.topic_partitions {
                self.owned
                    .extend(topic.partitions.iter().map(|it| (topic.topic_id, *it)));
            }
            // What changed is said with the next heartbeat.
            self.says_all = before != self.owned;
        }
        answer
    }

    fn leave(&mut self, cluster: &mut Cluster, epoch: i32) -> ErrorCode {
        let request = ConsumerGroupHeartbeatRequest {
            member_epoch: epoch,
            instance_id: self.instance_id.clone(),
            ..self.request()
        };
        ErrorCode(cluster.call(1, &request).error_code)
    }
}

/// Heartbeats of everybody until nothing changes any more; nobody ever shares a partition.
fn settle(cluster: &mut Cluster, consumers: &mut [&mut Consumer]) {
    for _ in 0..10 {
        for at in 0..consumers.len() {
            consumers[at].beat(cluster);
            let mut seen = Set::new();
            for consumer in consumers.iter() {
                assert!(
                    consumer.owned.iter().all(|it| seen.insert(*it)),
                    "two owners"
                );
            }
        }
    }
}

fn describe(cluster: &mut Cluster) -> DescribedGroup {
    let request = ConsumerGroupDescribeRequest {
        group_ids: vec!["g".into()],
        ..ConsumerGroupDescribeRequest::default()
    };
    cluster.call(1, &request).groups.remove(0)
}

fn state(cluster: &mut Cluster) -> String {
    describe(cluster).group_state.to_string()
}

fn refused(consumer: &Consumer, cluster: &mut Cluster) -> ErrorCode {
    let answer = consumer.send(cluster);
    assert_eq!(answer.error_code != 0, answer.error_message.is_some());
    ErrorCode(answer.error_code)
}

#[test]
fn members_share_the_partitions_and_take_over_from_those_who_go() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 6, &[]);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    a.beat(&mut cluster);
    assert_eq!(
        (a.epoch, a.owned.len(), state(&mut cluster)),
        (1, 6, "Stable".into())
    );
    b.beat(&mut cluster);
    assert_eq!(
        (b.owned.len(), state(&mut cluster)),
        (0, "Reconciling".into())
    );
    settle(&mut cluster, &mut [&mut a, &mut b]);
    assert_eq!((a.owned.len(), b.owned.len()), (3, 3));
    assert_eq!(
        (a.epoch, b.epoch, state(&mut cluster)),
        (2, 2, "Stable".into())
    );
    assert_eq!(a.leave(&mut cluster, -1), ErrorCode::NONE);
    settle(&mut cluster, &mut [&mut b]);
    assert_eq!((b.owned.len(), b.epoch), (6, 3));
    assert_eq!(b.leave(&mut cluster, -1), ErrorCode::NONE);
    assert_eq!(state(&mut cluster), "Empty");
}

#[test]
fn a_member_gives_up_partitions_before_another_gets_them() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    settle(&mut cluster, &mut [&mut a]);
    b.beat(&mut cluster);
    let told = a.beat(&mut cluster);
    // It keeps its epoch until it has said that the partition is given up.
    assert_eq!((told.member_epoch, a.owned.len()), (1, 1));
    b.beat(&mut cluster);
    assert!(b.owned.is_empty());
    assert_eq!(a.beat(&mut cluster).member_epoch, 2);
    b.beat(&mut cluster);
    assert_eq!(b.owned.len(), 1);
}

#[test]
fn a_member_that_does_not_give_up_in_time_is_out() {
    let mut cluster = Cluster::with(&[
        ("group.consumer.max.session.timeout.ms", "900000"),
        ("group.consumer.session.timeout.ms", "900000"),
    ]);
    create_topic(&mut cluster, "t", 2, &[]);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    settle(&mut cluster, &mut [&mut a]);
    b.beat(&mut cluster);
    let both = a.owned.clone();
    a.beat(&mut cluster);
    a.owned = both;
    cluster.advance_ms(59_000);
    let still = a.send(&mut cluster);
    assert_eq!((still.error_code, still.member_epoch), (0, 1));
    cluster.advance_ms(2_000);
    assert_eq!(refused(&a, &mut cluster), ErrorCode::UNKNOWN_MEMBER_ID);
    settle(&mut cluster, &mut [&mut b]);
    assert_eq!(b.owned.len(), 2);
}

#[test]
fn silence_ends_a_membership_and_a_groups_own_session_timeout_counts() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    let mut a = Consumer::new("a", &["t"]);
    assert_eq!(a.beat(&mut cluster).heartbeat_interval_ms, 5_000);
    cluster.advance_ms(44_000);
    a.beat(&mut cluster);
    cluster.advance_ms(44_000);
    assert_eq!(describe(&mut cluster).members.len(), 1);
    cluster.advance_ms(2_000);
    assert_eq!(
        (state(&mut cluster), refused(&a, &mut cluster)),
        ("Empty".into(), ErrorCode::UNKNOWN_MEMBER_ID)
    );
}

#[test]
fn epochs_fence_and_a_lost_answer_is_given_again() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    settle(&mut cluster, &mut [&mut a, &mut b]);
    assert_eq!(a.epoch, 2);
    let ahead = Consumer {
        epoch: 9,
        ..a.clone()
    };
    assert_eq!(
        refused(&ahead, &mut cluster),
        ErrorCode::FENCED_MEMBER_EPOCH
    );
    let behind = Consumer {
        epoch: 1,
        ..a.clone()
    };
    assert_eq!(
        refused(&behind, &mut cluster),
        ErrorCode::FENCED_MEMBER_EPOCH
    );
    // With its partitions it shows that only the answer got lost.
    let lost = Consumer {
        says_all: true,
        ..behind
    };
    assert_eq!(lost.send(&mut cluster).member_epoch, 2);
    let again = Consumer {
        epoch: 0,
        owned: Set::new(),
        ..a.clone()
    };
    let answer = again.send(&mut cluster);
    assert_eq!((answer.error_code, answer.member_epoch), (0, 2));
    assert!(answer.assignment.is_some());
    let stranger = Consumer {
        id: "x".into(),
        ..a
    };
    assert_eq!(
        refused(&stranger, &mut cluster),
        ErrorCode::UNKNOWN_MEMBER_ID
    );
}

#[test]
fn what_a_request_alone_gets_wrong_is_refused() {
    let mut cluster = Cluster::new();
    let good = Consumer::new("a", &["t"]).request();
    let refuse = |cluster: &mut Cluster, change: &dyn Fn(&mut ConsumerGroupHeartbeatRequest)| {
        let mut request = good.clone();
        change(&mut request);
        ErrorCode(cluster.call(1, &request).error_code)
    };
    let invalid: [&dyn Fn(&mut ConsumerGroupHeartbeatRequest); 7] = [
        &|it| it.group_id = "".into(),
        &|it| it.member_id = "".into(),
        &|it| it.member_epoch = -3,
        &|it| it.member_epoch = -2,
        &|it| it.rebalance_timeout_ms = -1,
        &|it| it.topic_partitions = None,
        &|it| it.subscribed_topic_names = None,
    ];
    for change in invalid {
        assert_eq!(refuse(&mut cluster, change), ErrorCode::INVALID_REQUEST);
    }
    let code = refuse(&mut cluster, &|it| it.server_assignor = Some("best".into()));
    assert_eq!(code, ErrorCode::UNSUPPORTED_ASSIGNOR);
    // The second would take long for each topic, with all others of this shard waiting.
    for regex in ["(", "((.{0,9}){0,99}){0,40}x"] {
        let code = refuse(&mut cluster, &|it| {
            it.subscribed_topic_regex = Some(regex.into())
        });
        assert_eq!(code, ErrorCode::INVALID_REGULAR_EXPRESSION, "{regex}");
    }
    let code = refuse(&mut cluster, &|it| it.member_epoch = 4);
    assert_eq!(code, ErrorCode::GROUP_ID_NOT_FOUND);
    // In version 0 the broker makes the id.
    let mut request = good.clone();
    request.member_id = "".into();
    assert!(
        cluster
            .call(0, &request)
            .member_id
            .is_some_and(|it| !it.is_empty())
    );
}

#[test]
fn expressions_may_be_as_long_and_repeat_as_often_as_kafka_lets_them() {
    let mut cluster = Cluster::new();
    let names: Vec<_> = (0..1000)
        .map(|number| format!("tenant-{number}.orders"))
        .collect();
    for (member, regex) in [("a", names.join("|")), ("b", ".{1,1000}".to_owned())] {
        let mut request = Consumer::new(member, &["t"]).request();
        request.subscribed_topic_regex = Some(regex.as_str().into());
        assert_eq!(cluster.call(1, &request).error_code, ErrorCode::NONE.0);
    }
}

#[test]
fn a_topic_can_be_asked_for_by_id_with_an_empty_name_beside_it() {
    let mut cluster = Cluster::new();
    let topic_id = cluster.topic("t").topic_id;
    let request = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            topic_id,
            name: Some("".into()),
        }]),
        ..MetadataRequest::default()
    };
    let topic = cluster.call(13, &request).topics.remove(0);
    assert_eq!((topic.error_code, topic.name.as_deref()), (0, Some("t")));
}

#[test]
fn a_regular_expression_follows_the_topics() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "logs-a", 1, &[]);
    create_topic(&mut cluster, "other", 1, &[]);
    let mut a = Consumer::new("a", &[]);
    a.regex = Some("logs-.*".into());
    a.beat(&mut cluster);
    assert_eq!(a.owned.len(), 1);
    create_topic(&mut cluster, "logs-b", 2, &[]);
    a.beat(&mut cluster);
    assert_eq!((a.owned.len(), a.epoch), (3, 2));
    let shown = describe(&mut cluster);
    assert_eq!(
        shown.members[0].subscribed_topic_regex.as_deref(),
        Some("logs-.*")
    );
    assert_eq!(shown.members[0].assignment.topic_partitions.len(), 2);
}

#[test]
fn a_static_member_keeps_its_place_while_it_is_away() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    a.instance_id = Some("one".into());
    settle(&mut cluster, &mut [&mut a, &mut b]);
    let had = a.owned.clone();
    let mut rival = Consumer {
        id: "r".into(),
        epoch: 0,
        owned: Set::new(),
        ..a.clone()
    };
    assert_eq!(
        refused(&rival, &mut cluster),
        ErrorCode::UNRELEASED_INSTANCE_ID
    );
    assert_eq!(a.leave(&mut cluster, -2), ErrorCode::NONE);
    let epoch = describe(&mut cluster).group_epoch;
    rival.beat(&mut cluster);
    assert_eq!(
        (&rival.owned, describe(&mut cluster).group_epoch),
        (&had, epoch)
    );
    a.says_all = true;
    assert_eq!(refused(&a, &mut cluster), ErrorCode::FENCED_INSTANCE_ID);
}

#[test]
fn the_range_assignor_is_there_for_those_who_ask() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 3, &[]);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    for it in [&mut a, &mut b] {
        it.assignor = Some("range".into());
    }
    settle(&mut cluster, &mut [&mut a, &mut b]);
    let numbers = |it: &Consumer| {
        it.owned
            .iter()
            .map(|(_, partition)| *partition)
            .collect::<Vec<_>>()
    };
    assert_eq!((numbers(&a), numbers(&b)), (vec![0, 1], vec![2]));
    assert_eq!(&*describe(&mut cluster).assignor_name, "range");
}

fn commit(
    cluster: &mut Cluster,
    version: i16,
    member: &str,
    epoch: i32,
    partition: i32,
) -> ErrorCode {
    let partition = OffsetCommitRequestPartition {
        partition_index: partition,
        committed_offset: 7,
        ..OffsetCommitRequestPartition::default()
    };
    let request = OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: epoch,
        member_id: member.into(),
        topics: vec![OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![partition],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    };
    ErrorCode(cluster.call(version, &request).topics[0].partitions[0].error_code)
}

fn fetch_offsets(cluster: &mut Cluster, member: &str, epoch: i32) -> ErrorCode {
    let group = OffsetFetchRequestGroup {
        group_id: "g".into(),
        member_id: Some(member.into()),
        member_epoch: epoch,
        topics: None,
    };
    let request = OffsetFetchRequest {
        groups: vec![group],
        ..OffsetFetchRequest::default()
    };
    ErrorCode(cluster.call(9, &request).groups[0].error_code)
}

#[test]
fn commits_and_reads_of_offsets_are_checked_by_epoch() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    settle(&mut cluster, &mut [&mut a, &mut b]);
    assert_eq!(a.epoch, 2);
    assert_eq!(commit(&mut cluster, 9, "a", 2, 0), ErrorCode::NONE);
    assert_eq!(
        commit(&mut cluster, 9, "a", 3, 0),
        ErrorCode::STALE_MEMBER_EPOCH
    );
    assert_eq!(
        commit(&mut cluster, 9, "x", 2, 0),
        ErrorCode::UNKNOWN_MEMBER_ID
    );
    assert_eq!(
        commit(&mut cluster, 9, "", -1, 0),
        ErrorCode::UNKNOWN_MEMBER_ID
    );
    assert_eq!(
        commit(&mut cluster, 8, "a", 2, 0),
        ErrorCode::UNSUPPORTED_VERSION
    );
    // What it has had since an earlier epoch it may still commit in that one; what it never had, not.
    let kept = a.owned.first().unwrap().1;
    assert_eq!(commit(&mut cluster, 9, "a", 1, kept), ErrorCode::NONE);
    assert_eq!(
        commit(&mut cluster, 9, "a", 1, 1 - kept),
        ErrorCode::STALE_MEMBER_EPOCH
    );
    assert_eq!(fetch_offsets(&mut cluster, "a", 2), ErrorCode::NONE);
    assert_eq!(
        fetch_offsets(&mut cluster, "a", 1),
        ErrorCode::STALE_MEMBER_EPOCH
    );
    assert_eq!(
        fetch_offsets(&mut cluster, "x", 2),
        ErrorCode::UNKNOWN_MEMBER_ID
    );
}

#[test]
fn a_group_goes_on_after_a_kill_of_the_broker() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 4, &[]);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    settle(&mut cluster, &mut [&mut a, &mut b]);
    let before = describe(&mut cluster);
    cluster.kill_and_restart();
    assert_eq!(describe(&mut cluster), before);
    for it in [&mut a, &mut b] {
        let answer = it.beat(&mut cluster);
        assert_eq!((answer.member_epoch, answer.assignment), (2, None));
    }
    cluster.advance_ms(46_000);
    cluster.kill_and_restart();
    assert_eq!(state(&mut cluster), "Empty");
    let delete = DeleteGroupsRequest {
        groups_names: vec!["g".into()],
    };
    assert_eq!(cluster.call(2, &delete).results[0].error_code, 0);
    cluster.kill_and_restart();
    let code = describe(&mut cluster).error_code;
    assert_eq!(ErrorCode(code), ErrorCode::GROUP_ID_NOT_FOUND);
}

#[test]
fn groups_are_listed_by_type_and_state() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    Consumer::new("a", &["t"]).beat(&mut cluster);
    let list = |cluster: &mut Cluster, states: &[&str], types: &[&str]| {
        let request = ListGroupsRequest {
            states_filter: states.iter().map(|it| (*it).into()).collect(),
            types_filter: types.iter().map(|it| (*it).into()).collect(),
        };
        cluster.call(5, &request).groups
    };
    let all = list(&mut cluster, &[], &[]);
    assert_eq!(
        (
            &*all[0].group_type,
            &*all[0].group_state,
            &*all[0].protocol_type
        ),
        ("consumer", "Stable", "consumer")
    );
    assert_eq!(list(&mut cluster, &["stable"], &["Consumer"]).len(), 1);
    assert_eq!(list(&mut cluster, &["Empty"], &[]).len(), 0);
    assert_eq!(list(&mut cluster, &[], &["classic"]).len(), 0);
}

#[test]
fn a_group_takes_no_more_members_than_it_may() {
    let mut cluster = Cluster::with(&[("group.consumer.max.size", "1")]);
    create_topic(&mut cluster, "t", 1, &[]);
    Consumer::new("a", &["t"]).beat(&mut cluster);
    let code = refused(&Consumer::new("b", &["t"]), &mut cluster);
    assert_eq!(code, ErrorCode::GROUP_MAX_SIZE_REACHED);
}

/// The subscription of a classic consumer, in its version 1.
fn subscription(topic: &str) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(1);
    bytes.put_i32(1);
    bytes.put_i16(i16::try_from(topic.len()).unwrap());
    bytes.put_slice(topic.as_bytes());
    bytes.put_i32(-1);
    bytes.put_i32(0);
    bytes.freeze()
}

/// The partitions of an assignment of one topic.
fn assigned(bytes: &Bytes) -> Vec<i32> {
    let topics = i32::from_be_bytes(bytes[2..6].try_into().unwrap());
    if topics == 0 {
        return Vec::new();
    }
    let name = usize::try_from(i16::from_be_bytes(bytes[6..8].try_into().unwrap())).unwrap();
    let at = 8 + name;
    let count = i32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let partitions = bytes[at + 4..]
        .chunks(4)
        .take(usize::try_from(count).unwrap());
    partitions
        .map(|it| i32::from_be_bytes(it.try_into().unwrap()))
        .collect()
}

fn classic_join(cluster: &mut Cluster, id: &str) -> (ErrorCode, i32, StrBytes) {
    let request = JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        member_id: id.into(),
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: subscription("t"),
        }],
        ..JoinGroupRequest::default()
    };
    let answer = cluster.call(3, &request);
    (
        ErrorCode(answer.error_code),
        answer.generation_id,
        answer.member_id,
    )
}

fn classic_sync(
    cluster: &mut Cluster,
    id: &StrBytes,
    generation: i32,
    assignment: Option<&Bytes>,
) -> (ErrorCode, Vec<i32>) {
    let assignments = assignment.iter().map(|it| SyncGroupRequestAssignment {
        member_id: id.clone(),
        assignment: (*it).clone(),
    });
    let request = SyncGroupRequest {
        group_id: "g".into(),
        generation_id: generation,
        member_id: id.clone(),
        assignments: assignments.collect(),
        ..SyncGroupRequest::default()
    };
    let answer = cluster.call(3, &request);
    let partitions = if answer.assignment.is_empty() {
        vec![]
    } else {
        assigned(&answer.assignment)
    };
    (ErrorCode(answer.error_code), partitions)
}

fn classic_heartbeat(cluster: &mut Cluster, id: &StrBytes, generation: i32) -> ErrorCode {
    let request = HeartbeatRequest {
        group_id: "g".into(),
        generation_id: generation,
        member_id: id.clone(),
        ..HeartbeatRequest::default()
    };
    ErrorCode(cluster.call(3, &request).error_code)
}

/// An assignment of partitions 0 and 1 of topic t.
fn both_partitions() -> Bytes {
    Bytes::from_static(b"\0\x01\0\0\0\x01\0\x01t\0\0\0\x02\0\0\0\0\0\0\0\x01\xff\xff\xff\xff")
}

#[test]
fn a_classic_group_with_members_changes_its_protocol_and_back() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let (code, generation, old) = classic_join(&mut cluster, "");
    assert_eq!((code, generation), (ErrorCode::NONE, 1));
    let synced = classic_sync(&mut cluster, &old, generation, Some(&both_partitions()));
    assert_eq!(synced, (ErrorCode::NONE, vec![0, 1]));

    // A member of the new protocol comes; the old one keeps what it has until it has joined again.
    let mut new = Consumer::new("new", &["t"]);
    new.beat(&mut cluster);
    let shown = describe(&mut cluster);
    let types: BTreeSet<i8> = shown.members.iter().map(|it| it.member_type).collect();
    assert_eq!((types, new.owned.len()), ([0, 1].into(), 0));
    assert_eq!(
        classic_heartbeat(&mut cluster, &old, generation),
        ErrorCode::REBALANCE_IN_PROGRESS
    );
    let (code, epoch, _) = classic_join(&mut cluster, &old);
    assert_eq!((code, epoch), (ErrorCode::NONE, 2));
    let (code, kept) = classic_sync(&mut cluster, &old, epoch, None);
    assert_eq!((code, kept.len()), (ErrorCode::NONE, 1));
    assert_eq!(
        classic_heartbeat(&mut cluster, &old, epoch),
        ErrorCode::NONE
    );
    new.beat(&mut cluster);
    assert_eq!(new.owned.len(), 1);
    cluster.kill_and_restart();
    assert_eq!(
        classic_heartbeat(&mut cluster, &old, epoch),
        ErrorCode::NONE
    );

    // The last member of the new protocol goes: a classic group again, which rebalances.
    assert_eq!(new.leave(&mut cluster, -1), ErrorCode::NONE);
    assert_eq!(
        ErrorCode(describe(&mut cluster).error_code),
        ErrorCode::GROUP_ID_NOT_FOUND
    );
    assert_eq!(
        classic_heartbeat(&mut cluster, &old, 3),
        ErrorCode::REBALANCE_IN_PROGRESS
    );
    let (code, generation, _) = classic_join(&mut cluster, &old);
    assert_eq!((code, generation), (ErrorCode::NONE, 4));
    let synced = classic_sync(&mut cluster, &old, generation, Some(&both_partitions()));
    assert_eq!(synced, (ErrorCode::NONE, vec![0, 1]));
}

#[test]
fn an_empty_group_serves_whoever_comes() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let mut new = Consumer::new("new", &["t"]);
    new.beat(&mut cluster);
    assert_eq!(
        commit(&mut cluster, 9, "new", new.epoch, 0),
        ErrorCode::NONE
    );
    assert_eq!(new.leave(&mut cluster, -1), ErrorCode::NONE);
    let (code, ..) = classic_join(&mut cluster, "");
    assert_eq!(code, ErrorCode::NONE);
    assert_eq!(
        ErrorCode(describe(&mut cluster).error_code),
        ErrorCode::GROUP_ID_NOT_FOUND
    );
    assert_eq!(fetch_offsets(&mut cluster, "", -1), ErrorCode::NONE);
}

#[test]
fn the_policy_may_forbid_the_change() {
    let mut cluster = Cluster::with(&[("group.consumer.migration.policy", "disabled")]);
    create_topic(&mut cluster, "t", 2, &[]);
    let (_, generation, old) = classic_join(&mut cluster, "");
    classic_sync(&mut cluster, &old, generation, Some(&both_partitions()));
    let code = refused(&Consumer::new("new", &["t"]), &mut cluster);
    assert_eq!(code, ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(
        classic_heartbeat(&mut cluster, &old, generation),
        ErrorCode::NONE
    );
}
