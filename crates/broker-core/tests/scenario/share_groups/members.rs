//! The members of share groups: heartbeats, sessions, types.

use crate::harness::Cluster;
use crate::topics::create_topic;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use rdkafka_wire::messages::delete_topics::DeleteTopicsRequest;
use rdkafka_wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use rdkafka_wire::messages::list_groups::ListGroupsRequest;
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use rdkafka_wire::messages::share_group_heartbeat::{
    ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse,
};
use std::collections::BTreeMap;

use super::{Member, describe, heartbeat, start};

#[test]
fn members_join_share_the_partitions_and_leave() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let topic = cluster.topic("t").topic_id;
    let mut one = Member::new("m1", 1, topic);
    let answer = one.beat(&mut cluster);
    assert_eq!((answer.error_code, answer.heartbeat_interval_ms), (0, 5000));
    let assigned = answer.assignment.unwrap().topic_partitions.remove(0);
    assert_eq!(
        (assigned.topic_id, assigned.partitions),
        (topic, vec![0, 1])
    );

    let mut two = Member::new("m2", 2, topic);
    let mut three = Member::new("m3", 3, topic);
    let share = |answer: ShareGroupHeartbeatResponse| {
        let topics = answer.assignment.unwrap().topic_partitions;
        topics
            .into_iter()
            .flat_map(|it| it.partitions)
            .collect::<Vec<_>>()
    };
    assert_eq!(share(two.beat(&mut cluster)), [1]);
    assert_eq!(share(one.beat(&mut cluster)), [0]);
    three.beat(&mut cluster);
    let mut owners: BTreeMap<i32, usize> = BTreeMap::new();
    for member in [&mut one, &mut two, &mut three] {
        for partition in share(member.beat(&mut cluster)) {
            *owners.entry(partition).or_default() += 1;
        }
    }
    assert_eq!(owners.values().sum::<usize>(), 4, "{owners:?}");
    assert_eq!(owners.len(), 2);

    let group = describe(&mut cluster);
    assert_eq!(
        (&*group.group_state, &*group.assignor_name),
        ("Stable", "simple")
    );
    assert_eq!(group.members.len(), 3);
    assert_eq!(group.group_epoch, group.assignment_epoch);
    assert_eq!(group.members[0].subscribed_topic_names, ["t"]);
    assert_eq!(
        group.members[0].assignment.topic_partitions[0].topic_name,
        "t"
    );

    for member in [one, two, three] {
        let request = ShareGroupHeartbeatRequest {
            member_epoch: -1,
            subscribed_topic_names: None,
            ..heartbeat("g", &member.id, "t")
        };
        let answer = cluster.call(1, &request);
        assert_eq!((answer.error_code, answer.member_epoch), (0, -1));
    }
    assert_eq!(describe(&mut cluster).group_state, "Empty");
}

#[test]
fn a_heartbeat_that_says_nothing_new_is_told_nothing_new() {
    let (mut cluster, mut member) = start(&[]);
    let request = |epoch| ShareGroupHeartbeatRequest {
        member_epoch: epoch,
        subscribed_topic_names: None,
        ..heartbeat("g", "m1", "t")
    };
    let answer = cluster.call(1, &request(member.epoch));
    assert_eq!((answer.error_code, answer.assignment), (0, None));
    assert_eq!(answer.member_epoch, member.epoch);
    // A topic that comes to be is noticed, one that goes too.
    member.epoch = 0;
    let mut with_two = heartbeat("g", "m1", "t");
    with_two.subscribed_topic_names = Some(vec!["t".into(), "u".into()]);
    let epoch = cluster.call(1, &with_two).member_epoch;
    create_topic(&mut cluster, "u", 1, &[]);
    let answer = cluster.call(1, &request(epoch));
    assert_eq!(answer.assignment.unwrap().topic_partitions.len(), 2);
    let gone = DeleteTopicsRequest {
        topic_names: vec!["u".into()],
        ..DeleteTopicsRequest::default()
    };
    assert_eq!(cluster.call(5, &gone).responses[0].error_code, 0);
    let answer = cluster.call(1, &request(answer.member_epoch));
    assert_eq!(answer.assignment.unwrap().topic_partitions.len(), 1);
}

#[test]
fn who_may_not_join_or_stay_is_told_why() {
    let (mut cluster, member) = start(&[("group.share.max.size", "1")]);
    let code = |cluster: &mut Cluster, request: &ShareGroupHeartbeatRequest| {
        ErrorCode(cluster.call(1, request).error_code)
    };
    let joins = heartbeat("g", "m2", "t");
    assert_eq!(
        code(&mut cluster, &joins),
        ErrorCode::GROUP_MAX_SIZE_REACHED
    );
    let mut asks = heartbeat("g", "m1", "t");
    asks.member_epoch = member.epoch + 1;
    assert_eq!(code(&mut cluster, &asks), ErrorCode::FENCED_MEMBER_EPOCH);
    asks.member_epoch = -2;
    assert_eq!(code(&mut cluster, &asks), ErrorCode::INVALID_REQUEST);
    asks.member_epoch = 0;
    asks.subscribed_topic_names = None;
    assert_eq!(code(&mut cluster, &asks), ErrorCode::INVALID_REQUEST);
    for (group, member) in [("", "m1"), ("g", "")] {
        assert_eq!(
            code(&mut cluster, &heartbeat(group, member, "t")),
            ErrorCode::INVALID_REQUEST
        );
    }
    let mut leaves = heartbeat("g", "m2", "t");
    leaves.member_epoch = -1;
    assert_eq!(code(&mut cluster, &leaves), ErrorCode::UNKNOWN_MEMBER_ID);
    leaves.group_id = "h".into();
    assert_eq!(code(&mut cluster, &leaves), ErrorCode::GROUP_ID_NOT_FOUND);
    leaves.member_epoch = 1;
    assert_eq!(code(&mut cluster, &leaves), ErrorCode::GROUP_ID_NOT_FOUND);
}

#[test]
fn a_member_that_is_silent_for_its_session_is_out() {
    let (mut cluster, mut member) = start(&[]);
    cluster.advance_ms(44_999);
    assert_eq!(member.beat(&mut cluster).error_code, 0);
    cluster.advance_ms(44_999);
    assert_eq!(describe(&mut cluster).members.len(), 1);
    cluster.advance_ms(1);
    assert_eq!(describe(&mut cluster).group_state, "Empty");
    let answer = member.beat(&mut cluster);
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn a_group_is_of_one_type_only() {
    let (mut cluster, _) = start(&[]);
    let joins = JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol::default()],
        ..JoinGroupRequest::default()
    };
    let answer = cluster.call(3, &joins);
    assert_eq!(
        ErrorCode(answer.error_code),
        ErrorCode::INCONSISTENT_GROUP_PROTOCOL
    );
    let beats = |group: &str| ConsumerGroupHeartbeatRequest {
        group_id: group.into(),
        member_id: "c".into(),
        rebalance_timeout_ms: 1000,
        subscribed_topic_names: Some(vec!["t".into()]),
        topic_partitions: Some(Vec::new()),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    let answer = cluster.call(1, &beats("g"));
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::GROUP_ID_NOT_FOUND);
    let commits = OffsetCommitRequest {
        group_id: "g".into(),
        topics: vec![OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![OffsetCommitRequestPartition::default()],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    };
    let answer = cluster.call(8, &commits).topics[0].partitions[0].error_code;
    assert_eq!(ErrorCode(answer), ErrorCode::GROUP_ID_NOT_FOUND);

    assert_eq!(cluster.call(1, &beats("c")).error_code, 0);
    let answer = cluster.call(1, &heartbeat("c", "m1", "t"));
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(
        answer.error_message.unwrap(),
        "Group c is not a share group."
    );

    let list = |types: &[&str]| ListGroupsRequest {
        types_filter: types.iter().map(|it| (*it).into()).collect(),
        ..ListGroupsRequest::default()
    };
    let all = cluster.call(5, &list(&[])).groups;
    let all: Vec<_> = all
        .iter()
        .map(|it| (&*it.group_id, &*it.group_type))
        .collect();
    assert_eq!(all, [("c", "consumer"), ("g", "share")]);
    let shares = cluster.call(5, &list(&["Share"])).groups;
    assert_eq!(
        (
            shares.len(),
            &*shares[0].protocol_type,
            &*shares[0].group_state
        ),
        (1, "share", "Stable")
    );
}
