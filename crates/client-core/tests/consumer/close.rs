//! Closing.

use rdkafka_client_core::conf::Callback;
use rdkafka_client_core::consumer::{Call, Command, RebalanceKind};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::cluster::Cluster;
use crate::support::{SECOND, assign, grouped, is_closed, rebalance, subscription};

#[test]
fn closing_commits_leaves_and_tells() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    cluster.call(subscription(&["t"])).unwrap();
    cluster.records();
    cluster.command(Command::Close);
    assert!(is_closed(&cluster));
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 1);
    assert_eq!(cluster.broker.counts[&ApiKey::LeaveGroup], 1);
    assert_eq!(
        cluster.call(Call::Assignment).unwrap_err(),
        ErrorCode::_STATE
    );
}

#[test]
fn closing_runs_the_last_revocation_through_the_callback() {
    let mut cluster = Cluster::new(&[("group.id", "g")], &[Callback::Rebalance]);
    cluster.topic("t", 1);
    cluster.call(subscription(&["t"])).unwrap();
    let (_, partitions) = rebalance(&mut cluster).unwrap();
    assign(&mut cluster, partitions);
    cluster.command(Command::Close);
    assert_eq!(rebalance(&mut cluster).unwrap().0, RebalanceKind::Revoke);
    assert!(!is_closed(&cluster));
    cluster.call(Call::Assign(None)).unwrap();
    assert!(is_closed(&cluster));
}

#[test]
fn closing_is_bounded_when_the_coordinator_does_not_answer() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    cluster.call(subscription(&["t"])).unwrap();
    cluster.records();
    cluster
        .broker
        .held
        .extend([ApiKey::OffsetCommit, ApiKey::LeaveGroup]);
    cluster.command(Command::Close);
    assert!(!is_closed(&cluster));
    cluster.pass(6 * SECOND);
    assert!(is_closed(&cluster));
}

#[test]
fn who_closes_while_a_join_is_parked_leaves_at_once() {
    let mut cluster = grouped(&[("partition.assignment.strategy", "cooperative-sticky")]);
    cluster.append("t", 0, &["a"]);
    cluster.call(subscription(&["t"])).unwrap();
    cluster.records();
    cluster.fail_next(ApiKey::Heartbeat, ErrorCode::REBALANCE_IN_PROGRESS);
    cluster.broker.held.push(ApiKey::JoinGroup);
    cluster.pass(5 * SECOND);
    cluster.command(Command::Close);
    assert!(is_closed(&cluster));
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 1);
    assert_eq!(cluster.broker.counts[&ApiKey::LeaveGroup], 1);
}

#[test]
fn closing_what_never_joined_is_done_at_once() {
    let mut cluster = grouped(&[]);
    cluster.command(Command::Close);
    assert!(is_closed(&cluster));
}
