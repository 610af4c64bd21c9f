//! What survives kill -9, and what survives a clean stop: the same.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_groups::DescribeGroupsRequest;

use crate::groups::one_member;
use crate::harness::{Cluster, batch, sequenced};
use crate::offsets::{commit_simple, committed};

fn restarts() -> [fn(&mut Cluster); 2] {
    [Cluster::kill_and_restart, Cluster::stop_and_restart]
}

#[test]
fn topics_ids_and_records_survive() {
    for restart in restarts() {
        let mut cluster = Cluster::new();
        let id = cluster.topic("t").topic_id;
        let cluster_id = cluster.cluster_id();
        cluster.produce("t", batch(&["a", "b"]));
        restart(&mut cluster);
        assert_eq!(cluster.topic("t").topic_id, id);
        assert_eq!(cluster.cluster_id(), cluster_id);
        assert_eq!(cluster.values("t", 0).len(), 2);
        assert_eq!(cluster.produce("t", batch(&["c"])).base_offset, 2);
    }
}

#[test]
fn committed_offsets_survive() {
    for restart in restarts() {
        let mut cluster = Cluster::new();
        cluster.topic("t");
        commit_simple(&mut cluster, 5);
        commit_simple(&mut cluster, 6);
        restart(&mut cluster);
        assert_eq!(committed(&mut cluster), (6, "note".to_owned()));
    }
}

#[test]
fn a_stable_group_goes_on_in_its_generation() {
    for restart in restarts() {
        let mut cluster = Cluster::new();
        let client = one_member(&mut cluster);
        let describe = |cluster: &mut Cluster| {
            let request = DescribeGroupsRequest {
                groups: vec!["g".into()],
                ..DescribeGroupsRequest::default()
            };
            cluster.call(5, &request).groups.remove(0)
        };
        let before = describe(&mut cluster);
        restart(&mut cluster);
        assert_eq!(describe(&mut cluster), before);
        assert_eq!(client.heartbeat(&mut cluster), ErrorCode::NONE);
        cluster.advance_ms(10_001);
        assert_eq!(
            &*describe(&mut cluster).group_state,
            "Empty",
            "a member that does not show up is out"
        );
    }
}

#[test]
fn producer_ids_are_never_given_twice() {
    let mut cluster = Cluster::new();
    let mut seen = Vec::new();
    for restart in restarts() {
        for _ in 0..3 {
            seen.push(cluster.producer_id());
        }
        restart(&mut cluster);
    }
    seen.push(cluster.producer_id());
    let mut unique = seen.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), seen.len());
}

#[test]
fn a_batch_sent_again_after_a_restart_is_still_known() {
    for restart in restarts() {
        let mut cluster = Cluster::new();
        cluster.topic("t");
        let id = cluster.producer_id();
        cluster.produce("t", sequenced(&["a"], id, 0, 0));
        cluster.produce("t", sequenced(&["b"], id, 0, 1));
        restart(&mut cluster);
        let again = cluster.produce("t", sequenced(&["b"], id, 0, 1));
        assert_eq!((again.error_code, again.base_offset), (0, 1));
        let next = cluster.produce("t", sequenced(&["c"], id, 0, 2));
        assert_eq!((next.error_code, next.base_offset), (0, 2));
    }
}

#[test]
fn many_restarts_in_a_row_lose_nothing() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    for round in 0..20 {
        let value = round.to_string();
        assert_eq!(cluster.produce("t", batch(&[&value])).base_offset, round);
        commit_simple(&mut cluster, round);
        restarts()[usize::try_from(round % 2).unwrap()](&mut cluster);
        assert_eq!(committed(&mut cluster).0, round);
    }
    let values: Vec<String> = cluster
        .values("t", 0)
        .into_iter()
        .map(|(_, value)| value)
        .collect();
    assert_eq!(
        values,
        (0..20).map(|round| round.to_string()).collect::<Vec<_>>()
    );
}

#[test]
fn once_a_minute_everything_goes_to_the_disk() {
    let mut cluster = Cluster::with_crashes();
    cluster.topic("t");
    cluster.produce("t", batch(&["a"]));
    cluster.advance_ms(60_000);
    cluster.produce("t", batch(&["b"]));
    cluster.power_failure();
    let values = cluster.values("t", 0);
    assert_eq!(values.first(), Some(&(0, "a".to_owned())));
}
