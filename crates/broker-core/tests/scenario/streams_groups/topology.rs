//! The topics of an application: what it reads must be there, what it needs for itself is created.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use rdkafka_wire::messages::streams_group_heartbeat::{CopartitionGroup, Subtopology};

use super::{
    INCORRECTLY_PARTITIONED_TOPICS, MISSING_INTERNAL_TOPICS, MISSING_SOURCE_TOPICS, Member,
    STALE_TOPOLOGY, cluster, counting, describe, detail, fine, internal, set, start, statuses,
    topics,
};
use crate::harness::Cluster;
use crate::topics::{create_topic, delete_topic};

fn policy_of(cluster: &mut Cluster, topic: &str) -> String {
    let request = DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: 2,
            resource_name: topic.into(),
            configuration_keys: Some(vec!["cleanup.policy".into()]),
        }],
        ..DescribeConfigsRequest::default()
    };
    let mut results = cluster.call(4, &request).results;
    let value = results.remove(0).configs.remove(0).value;
    value.unwrap().to_string()
}

#[test]
fn an_application_gets_its_topics_and_then_its_tasks() {
    let mut cluster = cluster(&[]);
    let mut member = Member::new("m1", "p1");
    let answer = member.beat(&mut cluster);
    assert_eq!(statuses(&answer), [MISSING_INTERNAL_TOPICS]);
    assert_eq!(
        detail(&answer),
        "Internal topics are missing: again, counts"
    );
    assert_eq!(answer.active_tasks, Some(Vec::new()));
    assert_eq!(describe(&mut cluster).group_state, "NotReady");
    let expected = [("again", 2), ("counts", 2), ("in", 2)];
    assert_eq!(
        topics(&mut cluster),
        expected.map(|(name, it)| (name.into(), it))
    );
    assert_eq!(policy_of(&mut cluster, "counts"), "compact");
    assert_eq!(policy_of(&mut cluster, "again"), "delete");

    let answer = member.beat(&mut cluster);
    fine(&answer);
    assert_eq!(
        (answer.heartbeat_interval_ms, answer.member_epoch),
        (5000, 3)
    );
    let all: super::Set = set("0", 0..2).union(&set("1", 0..2)).cloned().collect();
    assert_eq!(member.active, all);
    assert_eq!(answer.standby_tasks, Some(Vec::new()));
    let group = describe(&mut cluster);
    assert_eq!(group.group_state, "Stable");
    let subtopologies = group.topology.unwrap().subtopologies.unwrap();
    assert_eq!(subtopologies[1].state_changelog_topics[0].partitions, 2);
    // Nothing new is told.
    let answer = member.beat(&mut cluster);
    assert_eq!((answer.active_tasks, answer.member_epoch), (None, 3));
}

#[test]
fn without_what_it_reads_an_application_waits() {
    let mut cluster = cluster(&[]);
    let mut member = Member::new("m1", "p1");
    member.topology.subtopologies[0]
        .source_topics
        .push("more".into());
    let answer = member.beat(&mut cluster);
    assert_eq!(statuses(&answer), [MISSING_SOURCE_TOPICS]);
    assert_eq!(detail(&answer), "Source topics more are missing.");
    assert_eq!(topics(&mut cluster).len(), 1);
    create_topic(&mut cluster, "more", 3, &[]);
    assert_eq!(
        statuses(&member.beat(&mut cluster)),
        [MISSING_INTERNAL_TOPICS]
    );
    fine(&member.beat(&mut cluster));
    // As many tasks as the widest topic has partitions.
    assert_eq!(member.active.len(), 6);
    // A topic that goes takes the tasks along.
    delete_topic(&mut cluster, "more");
    assert_eq!(
        statuses(&member.beat(&mut cluster)),
        [MISSING_SOURCE_TOPICS]
    );
    assert_eq!(describe(&mut cluster).group_state, "NotReady");
    member.beat(&mut cluster);
    assert!(member.active.is_empty());
}

#[test]
fn topics_that_are_there_must_be_as_wide_as_they_have_to_be() {
    let mut cluster = cluster(&[]);
    create_topic(&mut cluster, "counts", 5, &[]);
    let answer = Member::new("m1", "p1").beat(&mut cluster);
    assert_eq!(statuses(&answer), [INCORRECTLY_PARTITIONED_TOPICS]);
    assert_eq!(
        detail(&answer),
        "Existing topic counts has different number of partitions: expected 2, found 5"
    );
}

#[test]
fn topics_that_are_joined_must_be_equally_wide() {
    let joined = |own: Option<i32>| {
        let mut member = Member::new("m1", "p1");
        let mut group = CopartitionGroup {
            source_topics: vec![0, 1],
            ..CopartitionGroup::default()
        };
        let mut reads = Subtopology {
            subtopology_id: "0".into(),
            source_topics: vec!["in".into(), "wide".into()],
            ..Subtopology::default()
        };
        if let Some(partitions) = own {
            // `in` passes through a topic of the application's own, to be as wide as the other.
            let mut again = internal("again", "delete");
            again.partitions = partitions;
            reads.source_topics.remove(0);
            reads.repartition_source_topics = vec![again];
            (group.source_topics, group.repartition_source_topics) = (vec![0], vec![0]);
        }
        reads.copartition_groups = vec![group];
        member.topology.subtopologies = vec![
            reads,
            Subtopology {
                subtopology_id: "1".into(),
                source_topics: vec!["in".into()],
                repartition_sink_topics: vec!["again".into()],
                ..Subtopology::default()
            },
        ];
        let mut cluster = cluster(&[]);
        create_topic(&mut cluster, "wide", 4, &[]);
        let answer = member.beat(&mut cluster);
        (statuses(&answer), detail(&answer), topics(&mut cluster))
    };
    let (statuses, told, _) = joined(None);
    assert_eq!(statuses, [INCORRECTLY_PARTITIONED_TOPICS]);
    assert_eq!(
        told,
        "Following topics do not have the same number of partitions: [{in=2, wide=4}]"
    );
    let (statuses, _, topics) = joined(Some(0));
    assert_eq!(statuses, [MISSING_INTERNAL_TOPICS]);
    assert!(topics.contains(&("again".into(), 4)), "{topics:?}");
    let (statuses, told, _) = joined(Some(3));
    assert_eq!(statuses, [INCORRECTLY_PARTITIONED_TOPICS]);
    assert_eq!(
        told,
        "Number of partitions [3] of repartition topic [again] doesn't match number of partitions [4] of the source topic."
    );
}

#[test]
fn a_topology_that_makes_no_sense_is_refused() {
    let mut cluster = cluster(&[]);
    type Change = fn(&mut Vec<Subtopology>);
    let refused = |cluster: &mut Cluster, change: Change| {
        let mut member = Member::new("m1", "p1");
        change(&mut member.topology.subtopologies);
        member.refusal(cluster)
    };
    let changes: [Change; 7] = [
        |it| it[0].source_topics = vec!["__consumer_offsets".into()],
        |it| it[0].source_topics = vec!["no/name".into()],
        |it| it[1].state_changelog_topics[0].partitions = 2,
        // Nothing is read, so nobody knows how wide `again` is.
        |it| it[0].source_topics.clear(),
        // Nothing is written to it.
        |it| it[0].repartition_sink_topics.clear(),
        |it| it[1].subtopology_id = "0".into(),
        |it| {
            it[0].copartition_groups = vec![CopartitionGroup {
                source_topics: vec![1],
                ..CopartitionGroup::default()
            }];
        },
    ];
    for change in changes {
        let code = refused(&mut cluster, change);
        assert_eq!(code, ErrorCode::STREAMS_INVALID_TOPOLOGY);
    }
    assert_eq!(topics(&mut cluster).len(), 1);
    let code = ErrorCode(describe(&mut cluster).error_code);
    assert_eq!(code, ErrorCode::GROUP_ID_NOT_FOUND);
}

#[test]
fn a_group_keeps_the_topology_it_began_with() {
    let (mut cluster, _) = start(&[]);
    let mut other = Member::new("m2", "p2");
    other.topology.subtopologies.remove(1);
    assert_eq!(other.refusal(&mut cluster), ErrorCode::INVALID_REQUEST);
    other.topology = counting();
    other.topology.subtopologies.reverse();
    fine(&other.beat(&mut cluster));
    // A new topology needs a new epoch, which is not supported as in Kafka; an old one is told.
    other.epoch = 0;
    other.topology.epoch = 1;
    assert_eq!(other.refusal(&mut cluster), ErrorCode::INVALID_REQUEST);
    let mut cluster = super::cluster(&[]);
    let mut member = Member::new("m1", "p1");
    member.topology.epoch = 2;
    member.beat(&mut cluster);
    let mut old = Member::new("m2", "p2");
    old.topology.subtopologies.remove(1);
    let answer = old.beat(&mut cluster);
    assert_eq!(statuses(&answer), [STALE_TOPOLOGY]);
    assert_eq!(
        detail(&answer),
        "The member's topology epoch 0 is behind the group's topology epoch 2."
    );
}

#[test]
fn topics_that_cannot_be_created_are_told() {
    let mut cluster = cluster(&[]);
    let mut member = Member::new("m1", "p1");
    member.topology.subtopologies[1].state_changelog_topics[0].replication_factor = 3;
    let answer = member.beat(&mut cluster);
    assert_eq!(statuses(&answer), [MISSING_INTERNAL_TOPICS]);
    let told = detail(&answer);
    assert!(
        told.contains("; Creation failed: counts (Unable to replicate"),
        "{told}"
    );
    assert!(topics(&mut cluster).contains(&("again".into(), 2)));
}
