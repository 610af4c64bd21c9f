//! Who has which tasks, and when.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use rdkafka_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use rdkafka_wire::messages::streams_group_heartbeat::Endpoint;

use super::{
    ASSIGNMENT_DELAYED, Member, Set, configure, describe, fine, set, settle, start, statuses,
};
use crate::harness::Cluster;
use crate::topics::create_topic;

fn commit(cluster: &mut Cluster, member: &Member, topic: &str, partition: i32) -> ErrorCode {
    let request = OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: member.epoch,
        member_id: member.id.clone(),
        topics: vec![OffsetCommitRequestTopic {
            name: topic.into(),
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: partition,
                committed_offset: 7,
                ..OffsetCommitRequestPartition::default()
            }],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    };
    let answer = cluster.call(9, &request);
    ErrorCode(answer.topics[0].partitions[0].error_code)
}

fn fetch(cluster: &mut Cluster, id: &str, epoch: i32) -> (ErrorCode, Option<i64>) {
    let request = OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: "g".into(),
            member_id: Some(id.into()),
            member_epoch: epoch,
            topics: Some(vec![OffsetFetchRequestTopics {
                name: "in".into(),
                partition_indexes: vec![0],
                ..OffsetFetchRequestTopics::default()
            }]),
        }],
        ..OffsetFetchRequest::default()
    };
    let mut groups = cluster.call(9, &request).groups;
    let group = groups.remove(0);
    let offset = group.topics.first();
    let offset = offset.map(|it| it.partitions[0].committed_offset);
    (ErrorCode(group.error_code), offset)
}

#[test]
fn a_task_moves_only_after_its_owner_gave_it_up() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = Member::new("m2", "p2");
    fine(&two.beat(&mut cluster));
    assert!(two.active.is_empty());
    assert_eq!(describe(&mut cluster).group_state, "Reconciling");
    // The owner is told, says that it still has them, and only then that it has not.
    let had = one.active.clone();
    let epoch = one.epoch;
    let answer = one.beat(&mut cluster);
    assert_eq!((one.epoch, one.active.len()), (epoch, 2));
    let kept = std::mem::replace(&mut one.active, had);
    assert_eq!(one.beat(&mut cluster).active_tasks, None);
    assert!(answer.active_tasks.is_some());
    assert!(two.beat(&mut cluster).active_tasks.is_none());
    one.active = kept;
    one.beat(&mut cluster);
    assert!(one.epoch > epoch);
    two.beat(&mut cluster);
    assert_eq!(two.active.len(), 2);
    assert!(one.active.is_disjoint(&two.active));
    assert_eq!(describe(&mut cluster).group_state, "Stable");
}

#[test]
fn offsets_are_committed_by_who_has_the_task_or_still_has_it() {
    let (mut cluster, mut one) = start(&[]);
    assert_eq!(commit(&mut cluster, &one, "in", 0), ErrorCode::NONE);
    assert_eq!(
        fetch(&mut cluster, "m1", one.epoch),
        (ErrorCode::NONE, Some(7))
    );
    let stale = ErrorCode::STALE_MEMBER_EPOCH;
    assert_eq!(fetch(&mut cluster, "m1", one.epoch - 1).0, stale);
    let unknown = ErrorCode::UNKNOWN_MEMBER_ID;
    assert_eq!(fetch(&mut cluster, "m9", one.epoch).0, unknown);
    let stranger = Member::new("m9", "p9");
    assert_eq!(commit(&mut cluster, &stranger, "in", 0), unknown);

    let before = one.clone();
    let mut two = Member::new("m2", "p2");
    settle(&mut cluster, &mut [&mut one, &mut two]);
    // In the epoch before: what it kept it may commit, what another has it may not.
    let partitions = |tasks: &Set| {
        let of_in = tasks.iter().filter(|(id, _)| id == "0");
        of_in.map(|(_, partition)| *partition).collect::<Vec<_>>()
    };
    let (kept, given) = (partitions(&one.active)[0], partitions(&two.active)[0]);
    assert_eq!(commit(&mut cluster, &before, "in", kept), ErrorCode::NONE);
    assert_eq!(commit(&mut cluster, &before, "in", given), stale);
    create_topic(&mut cluster, "other", 1, &[]);
    assert_eq!(commit(&mut cluster, &before, "other", 0), stale);
    let mut ahead = one.clone();
    ahead.epoch += 1;
    assert_eq!(commit(&mut cluster, &ahead, "in", kept), stale);
}

#[test]
fn standby_tasks_are_with_other_processes_and_follow_the_settings() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = Member::new("m2", "p1");
    let mut three = Member::new("m3", "p2");
    let mut everybody = [&mut one, &mut two, &mut three];
    settle(&mut cluster, &mut everybody);
    assert!(everybody.iter().all(|it| it.standby.is_empty()));
    let invalid = ErrorCode::INVALID_CONFIG.code();
    assert_eq!(
        configure(&mut cluster, "streams.num.standby.replicas", "3"),
        invalid
    );
    assert_eq!(
        configure(&mut cluster, "streams.num.standby.replicas", "1"),
        0
    );
    settle(&mut cluster, &mut everybody);
    // Only what keeps state, and never beside itself.
    let standby: Set = everybody.iter().flat_map(|it| it.standby.clone()).collect();
    assert_eq!(standby, set("1", 0..2));
    for process in ["p1", "p2"] {
        let of = everybody.iter().filter(|it| it.process == process);
        let tasks: Vec<_> = of
            .flat_map(|it| it.active.iter().chain(&it.standby))
            .collect();
        let unique: Set = tasks.iter().map(|it| (*it).clone()).collect();
        assert_eq!(tasks.len(), unique.len());
    }
    // Who goes is replaced by who has the state.
    let state = everybody[2].standby.clone();
    let [one, two, three] = everybody;
    one.leave(&mut cluster);
    two.leave(&mut cluster);
    settle(&mut cluster, &mut [&mut *three]);
    assert!(three.active.is_superset(&state));
    assert_eq!((three.active.len(), three.standby.len()), (4, 0));
}

#[test]
fn a_new_group_waits_for_more_members_before_it_assigns_tasks() {
    let mut cluster = super::cluster(&[
        ("group.streams.initial.rebalance.delay.ms", "3000"),
        ("group.streams.assignment.interval.ms", "1000"),
    ]);
    for (name, partitions) in [("again", 2), ("counts", 2)] {
        create_topic(&mut cluster, name, partitions, &[]);
    }
    let mut one = Member::new("m1", "p1");
    let mut two = Member::new("m2", "p2");
    for member in [&mut one, &mut two] {
        let answer = member.beat(&mut cluster);
        assert_eq!(statuses(&answer), [ASSIGNMENT_DELAYED]);
        assert_eq!((answer.member_epoch, member.active.len()), (1, 0));
    }
    cluster.advance_ms(3000);
    for member in [&mut one, &mut two] {
        fine(&member.beat(&mut cluster));
        assert_eq!(member.active.len(), 2);
    }
    // And an assignment is kept for a while.
    let mut three = Member::new("m3", "p3");
    assert_eq!(statuses(&three.beat(&mut cluster)), [ASSIGNMENT_DELAYED]);
    let group = describe(&mut cluster);
    assert_eq!(group.group_state, "Assigning");
    assert_eq!(group.group_epoch, group.assignment_epoch + 1);
    cluster.advance_ms(1000);
    fine(&three.beat(&mut cluster));
    settle(&mut cluster, &mut [&mut one, &mut two, &mut three]);
    assert_eq!(three.active.len(), 1);
}

#[test]
fn who_can_be_asked_about_what_is_told_when_it_changes() {
    let mut cluster = super::cluster(&[]);
    let mut one = Member::new("m1", "p1");
    let mut two = Member::new("m2", "p2");
    for (member, port) in [(&mut one, 1001), (&mut two, 1002)] {
        member.endpoint = Some(Endpoint {
            host: "host".into(),
            port,
        });
    }
    one.beat(&mut cluster);
    let answer = one.beat(&mut cluster);
    let told = answer.partitions_by_user_endpoint.unwrap();
    assert_eq!(told[0].user_endpoint.port, 1001);
    let topics = told[0].active_partitions.iter();
    let topics: Vec<_> = topics
        .map(|it| (&*it.topic, it.partitions.clone()))
        .collect();
    assert_eq!(topics, [("in", vec![0, 1]), ("again", vec![0, 1])]);
    assert_eq!(one.beat(&mut cluster).partitions_by_user_endpoint, None);
    two.beat(&mut cluster);
    let told = one.beat(&mut cluster).partitions_by_user_endpoint.unwrap();
    assert_eq!(told.len(), 2);
    settle(&mut cluster, &mut [&mut one, &mut two]);
    assert_eq!(one.endpoint_epoch, two.endpoint_epoch);
    let member = &describe(&mut cluster).members[1];
    assert_eq!(member.user_endpoint.as_ref().unwrap().port, 1002);
}
