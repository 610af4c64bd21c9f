//! What of a streams group outlives the broker, and what ends it.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::delete_groups::DeleteGroupsRequest;
use rdkafka_wire::messages::list_groups::ListGroupsRequest;
use rdkafka_wire::messages::streams_group_describe::DescribedGroup;

use super::{Member, describe, fine, settle, start};
use crate::harness::Cluster;

fn delete(cluster: &mut Cluster) -> ErrorCode {
    let request = DeleteGroupsRequest {
        groups_names: vec!["g".into()],
    };
    ErrorCode(cluster.call(2, &request).results[0].error_code)
}

/// As before a start, after which the numbers that were decided on are worked out with the next heartbeat only.
fn stored(cluster: &mut Cluster) -> DescribedGroup {
    let mut group = describe(cluster);
    let topology = group.topology.as_mut().unwrap();
    for subtopology in topology.subtopologies.as_mut().unwrap() {
        let own = subtopology.state_changelog_topics.iter_mut();
        for topic in own.chain(&mut subtopology.repartition_source_topics) {
            topic.partitions = 0;
        }
    }
    group
}

#[test]
fn a_group_goes_on_after_a_kill() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = Member::new("m2", "p2");
    // In the middle of a move.
    two.beat(&mut cluster);
    one.beat(&mut cluster);
    let before = stored(&mut cluster);
    assert_eq!(before.group_state, "Reconciling");
    cluster.kill_and_restart();
    assert_eq!(stored(&mut cluster), before);
    settle(&mut cluster, &mut [&mut one, &mut two]);
    assert_eq!((one.active.len(), two.active.len()), (2, 2));
    let epochs = (one.epoch, two.epoch);
    cluster.stop_and_restart();
    settle(&mut cluster, &mut [&mut one, &mut two]);
    assert_eq!((one.epoch, two.epoch), epochs);
    // Who does not show up again is out after its session.
    cluster.kill_and_restart();
    cluster.advance_ms(44_000);
    fine(&two.beat(&mut cluster));
    cluster.advance_ms(1_000);
    two.beat(&mut cluster);
    assert_eq!(two.active.len(), 4);
}

#[test]
fn who_must_give_up_tasks_has_its_time_for_it_after_a_start_too() {
    let (mut cluster, mut one) = start(&[("group.streams.max.session.timeout.ms", "600000")]);
    super::configure(&mut cluster, "streams.session.timeout.ms", "600000");
    let had = one.active.clone();
    let mut two = Member::new("m2", "p2");
    two.beat(&mut cluster);
    one.beat(&mut cluster);
    one.active = had;
    cluster.kill_and_restart();
    cluster.advance_ms(60_000);
    assert_eq!(one.refusal(&mut cluster), ErrorCode::UNKNOWN_MEMBER_ID);
    two.beat(&mut cluster);
    assert_eq!(two.active.len(), 4);
}

#[test]
fn a_group_is_deleted_when_nobody_is_in_it() {
    let (mut cluster, mut member) = start(&[]);
    assert_eq!(delete(&mut cluster), ErrorCode::NON_EMPTY_GROUP);
    member.leave(&mut cluster);
    assert_eq!(describe(&mut cluster).group_state, "Empty");
    assert_eq!(delete(&mut cluster), ErrorCode::NONE);
    let listed = |cluster: &mut Cluster| cluster.call(5, &ListGroupsRequest::default()).groups;
    assert_eq!(listed(&mut cluster), []);
    cluster.kill_and_restart();
    assert_eq!(listed(&mut cluster), []);
    let code = ErrorCode(describe(&mut cluster).error_code);
    assert_eq!(code, ErrorCode::GROUP_ID_NOT_FOUND);
    // A new one begins anew.
    let mut again = Member::new("m1", "p1");
    again.beat(&mut cluster);
    assert_eq!(again.epoch, 2);
}
