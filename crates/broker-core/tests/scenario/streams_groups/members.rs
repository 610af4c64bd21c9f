//! The members of streams groups: who may come and stay, and what time does to them.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::api_versions::ApiVersionsRequest;
use rdkafka_wire::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use rdkafka_wire::messages::describe_groups::DescribeGroupsRequest;
use rdkafka_wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use rdkafka_wire::messages::list_groups::ListGroupsRequest;
use rdkafka_wire::messages::share_group_heartbeat::ShareGroupHeartbeatRequest;
use rdkafka_wire::messages::streams_group_heartbeat::{
    StreamsGroupHeartbeatRequest, Subtopology, TaskOffset,
};

use super::{Member, SHUTDOWN_APPLICATION, describe, fine, settle, start, statuses, tasks_of};
use crate::harness::Cluster;

fn send(cluster: &mut Cluster, request: &StreamsGroupHeartbeatRequest) -> (ErrorCode, String) {
    let answer = cluster.call(0, request);
    let message = answer.error_message.unwrap_or_default();
    (ErrorCode(answer.error_code), message.to_string())
}

#[test]
fn who_may_not_join_or_stay_is_told_why() {
    let (mut cluster, member) = start(&[("group.streams.max.size", "1")]);
    let second = Member::new("m2", "p2");
    let (code, _) = send(&mut cluster, &second.request());
    assert_eq!(code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    let mut known = member.request();
    known.member_epoch += 1;
    let (code, message) = send(&mut cluster, &known);
    assert_eq!(code, ErrorCode::FENCED_MEMBER_EPOCH);
    assert!(message.contains("greater member epoch (4)"), "{message}");
    known.member_epoch = 1;
    let (code, message) = send(&mut cluster, &known);
    assert_eq!(code, ErrorCode::FENCED_MEMBER_EPOCH);
    assert!(message.contains("smaller member epoch (1)"), "{message}");
    // The epoch before is taken from who has no more than it was given: the answer may have got lost.
    known.member_epoch = member.epoch - 1;
    assert_eq!(send(&mut cluster, &known).0, ErrorCode::NONE);
    known.active_tasks = None;
    known.standby_tasks = None;
    known.warmup_tasks = None;
    assert_eq!(send(&mut cluster, &known).0, ErrorCode::FENCED_MEMBER_EPOCH);
    let mut stranger = second.request();
    stranger.topology = None;
    stranger.member_epoch = 3;
    let (code, message) = send(&mut cluster, &stranger);
    assert_eq!(code, ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(message, "Member m2 is not a member of group g.");
    stranger.group_id = "other".into();
    let (code, message) = send(&mut cluster, &stranger);
    assert_eq!(code, ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(message, "Streams group other not found.");
}

#[test]
fn requests_that_make_no_sense_are_refused_in_kafkas_words() {
    let (mut cluster, member) = start(&[]);
    type Change = fn(&mut StreamsGroupHeartbeatRequest);
    let joins: [(Change, &str); 10] = [
        (
            |it| it.instance_id = Some("i".into()),
            "Static membership is not yet supported.",
        ),
        (
            |it| it.task_offsets = Some(vec![TaskOffset::default()]),
            "TaskOffsets are not supported yet.",
        ),
        (|it| it.member_id = " ".into(), "MemberId can't be empty."),
        (|it| it.group_id = "".into(), "GroupId can't be empty."),
        (|it| it.rack_id = Some("".into()), "RackId can't be empty."),
        (
            |it| it.rebalance_timeout_ms = -1,
            "RebalanceTimeoutMs must be provided in first request.",
        ),
        (
            |it| it.topology = None,
            "Topology must be non-null when (re-)joining.",
        ),
        (
            |it| it.active_tasks = Some(vec![Default::default()]),
            "ActiveTasks must be empty when (re-)joining.",
        ),
        (
            |it| it.standby_tasks = None,
            "StandbyTasks must be empty when (re-)joining.",
        ),
        (
            |it| {
                let topology = it.topology.as_mut().unwrap();
                topology.subtopologies.push(Subtopology {
                    source_topic_regex: vec!["i.*".into()],
                    ..Subtopology::default()
                });
            },
            "Regular expressions for source topics are not supported yet.",
        ),
    ];
    for (change, expected) in joins {
        let mut request = Member::new("m2", "p2").request();
        change(&mut request);
        let answer = send(&mut cluster, &request);
        assert_eq!(answer, (ErrorCode::INVALID_REQUEST, expected.to_owned()));
    }
    let stays: [(Change, &str); 6] = [
        (
            |it| it.standby_tasks = None,
            "If one task-type is non-null, all must be non-null.",
        ),
        (|it| it.member_epoch = -2, "InstanceId can't be null."),
        (
            |it| it.member_epoch = -3,
            "MemberEpoch is -3, but must be greater than or equal to -2.",
        ),
        (
            |it| it.topology = Some(super::counting()),
            "Topology can only be provided when (re-)joining.",
        ),
        (
            |it| it.active_tasks.as_mut().unwrap()[0].subtopology_id = "9".into(),
            "Subtopology 9 does not exist in the topology.",
        ),
        (
            |it| it.active_tasks.as_mut().unwrap()[0].partitions = vec![2],
            "Task 2 for subtopology 0 is invalid. Number of tasks for this subtopology: 2",
        ),
    ];
    for (change, expected) in stays {
        let mut request = member.request();
        change(&mut request);
        let answer = send(&mut cluster, &request);
        assert_eq!(answer, (ErrorCode::INVALID_REQUEST, expected.to_owned()));
    }
}

#[test]
fn a_silent_member_is_out_and_the_others_take_over() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = Member::new("m2", "p2");
    settle(&mut cluster, &mut [&mut one, &mut two]);
    cluster.advance_ms(44_000);
    fine(&one.beat(&mut cluster));
    cluster.advance_ms(1_000);
    assert_eq!(two.refusal(&mut cluster), ErrorCode::UNKNOWN_MEMBER_ID);
    one.beat(&mut cluster);
    assert_eq!(one.active.len(), 4);
    cluster.advance_ms(45_000);
    assert_eq!(describe(&mut cluster).group_state, "Empty");
}

#[test]
fn a_member_that_does_not_give_up_its_tasks_is_out_in_time() {
    let (mut cluster, mut one) = start(&[]);
    let had = one.active.clone();
    let mut two = Member::new("m2", "p2");
    two.beat(&mut cluster);
    one.beat(&mut cluster);
    one.active = had;
    for _ in 0..6 {
        cluster.advance_ms(9_000);
        fine(&one.beat(&mut cluster));
        fine(&two.beat(&mut cluster));
    }
    cluster.advance_ms(6_000);
    assert_eq!(one.refusal(&mut cluster), ErrorCode::UNKNOWN_MEMBER_ID);
    two.beat(&mut cluster);
    assert_eq!(two.active.len(), 4);
}

#[test]
fn a_member_that_joins_again_is_told_what_it_has() {
    let (mut cluster, mut member) = start(&[]);
    member.epoch = 0;
    let had = std::mem::take(&mut member.active);
    let answer = member.beat(&mut cluster);
    assert_eq!(tasks_of(&answer.active_tasks.unwrap()), had);
    assert_eq!(answer.member_epoch, 3);
}

#[test]
fn one_member_can_end_the_application() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = Member::new("m2", "p2");
    two.beat(&mut cluster);
    let mut request = two.request();
    request.shutdown_application = true;
    request.member_epoch = -1;
    assert_eq!(send(&mut cluster, &request).0, ErrorCode::NONE);
    assert_eq!(statuses(&one.beat(&mut cluster)), [SHUTDOWN_APPLICATION]);
    one.leave(&mut cluster);
    // It is started anew.
    let mut again = Member::new("m3", "p1");
    fine(&again.beat(&mut cluster));
}

fn join_classic(cluster: &mut Cluster) -> ErrorCode {
    let request = JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            ..JoinGroupRequestProtocol::default()
        }],
        ..JoinGroupRequest::default()
    };
    ErrorCode(cluster.call(3, &request).error_code)
}

#[test]
fn a_group_is_of_one_type() {
    let (mut cluster, mut member) = start(&[]);
    let consumer = ConsumerGroupHeartbeatRequest {
        group_id: "g".into(),
        member_id: "c".into(),
        rebalance_timeout_ms: 1000,
        subscribed_topic_names: Some(vec!["in".into()]),
        topic_partitions: Some(Vec::new()),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    let share = ShareGroupHeartbeatRequest {
        group_id: "g".into(),
        member_id: "s".into(),
        subscribed_topic_names: Some(vec!["in".into()]),
        ..ShareGroupHeartbeatRequest::default()
    };
    let not_found = ErrorCode::GROUP_ID_NOT_FOUND.code();
    assert_eq!(cluster.call(1, &consumer).error_code, not_found);
    assert_eq!(cluster.call(1, &share).error_code, not_found);
    let inconsistent = ErrorCode::INCONSISTENT_GROUP_PROTOCOL;
    assert_eq!(join_classic(&mut cluster), inconsistent);
    let described = DescribeGroupsRequest {
        groups: vec!["g".into()],
        ..DescribeGroupsRequest::default()
    };
    let group = cluster.call(6, &described).groups.remove(0);
    let message = group.error_message.unwrap();
    assert_eq!(message, "Group g is not a classic group.");
    let listed = cluster
        .call(5, &ListGroupsRequest::default())
        .groups
        .remove(0);
    assert_eq!(
        (
            &*listed.group_type,
            &*listed.protocol_type,
            &*listed.group_state
        ),
        ("streams", "streams", "Stable")
    );

    // Without members it makes room for a classic one, as does that for it.
    member.leave(&mut cluster);
    assert_eq!(cluster.call(1, &consumer).error_code, not_found);
    assert_eq!(join_classic(&mut cluster), ErrorCode::NONE);
    let late = Member::new("m2", "p2");
    assert_eq!(late.refusal(&mut cluster), ErrorCode::GROUP_ID_NOT_FOUND);
    let code = ErrorCode(describe(&mut cluster).error_code);
    assert_eq!(code, ErrorCode::GROUP_ID_NOT_FOUND);
    cluster.advance_ms(10_000);
    let mut late = late;
    fine(&late.beat(&mut cluster));
    assert_eq!(describe(&mut cluster).group_state, "Stable");
}

#[test]
fn without_the_protocol_it_is_neither_offered_nor_served() {
    let listed = |protocols: &str| {
        let property = ("group.coordinator.rebalance.protocols", protocols);
        let mut cluster = Cluster::with(&[property]);
        let answer = cluster.call(0, &ApiVersionsRequest::default());
        let keys = answer
            .api_keys
            .iter()
            .filter(|it| matches!(it.api_key, 88 | 89));
        let code = Member::new("m1", "p1").refusal(&mut cluster);
        (
            keys.count(),
            code,
            ErrorCode(describe(&mut cluster).error_code),
        )
    };
    let unsupported = ErrorCode::UNSUPPORTED_VERSION;
    assert_eq!(listed("classic,consumer"), (0, unsupported, unsupported));
    assert_eq!(
        listed("classic,streams"),
        (2, ErrorCode::NONE, ErrorCode::NONE)
    );
}
