//! Membership by the classic protocol: joining, rebalances, lost partitions, the slow application.

use std::sync::Arc;

use rdkafka_client_core::consumer::{Call, Command, Event, PollWatch, RebalanceKind};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::cluster::at;
use crate::support::{SECOND, assign, deciding, grouped, rebalance, subscription};

#[test]
fn a_subscriber_joins_and_reads_all_partitions() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    cluster.append("t", 1, &["b"]);
    cluster.call(subscription(&["t"])).unwrap();
    let mut records = cluster.records();
    records.sort();
    assert_eq!(records, ["t/0@0=a", "t/1@0=b"]);
}

#[test]
fn a_pattern_follows_topics_as_they_appear() {
    let mut cluster = grouped(&[("topic.metadata.refresh.interval.ms", "1000")]);
    cluster.append("log-a", 0, &["a"]);
    cluster.append("other", 0, &["x"]);
    cluster.call(subscription(&["^log-"])).unwrap();
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["log-a/0@0=a"]);
    cluster.append("log-b", 0, &["b"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.records(), ["log-b/0@0=b"]);
}

#[test]
fn a_subscribed_topic_that_is_missing_is_told_once_and_picked_up_later() {
    let mut cluster = grouped(&[("topic.metadata.refresh.interval.ms", "1000")]);
    cluster.append("here", 0, &["a"]);
    cluster.call(subscription(&["here", "missing"])).unwrap();
    cluster.pass(5 * SECOND);
    let told = cluster.events.iter().filter(|event| {
        matches!(event, Event::Error(error) if error.code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    });
    assert_eq!(told.count(), 1);
    cluster
        .events
        .retain(|event| !matches!(event, Event::Error(_)));
    assert_eq!(cluster.records(), ["here/0@0=a"]);
    cluster.append("missing", 0, &["b"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.records(), ["missing/0@0=b"]);
}

#[test]
fn with_a_callback_partitions_are_offered_and_revoked() {
    let mut cluster = deciding(&["a"]);
    let (kind, partitions) = rebalance(&mut cluster).unwrap();
    assert_eq!((kind, partitions.len()), (RebalanceKind::Assign, 1));
    // The application takes its time: the membership is kept, nothing is fetched.
    cluster.pass(120 * SECOND);
    assert!(cluster.broker.counts[&ApiKey::Heartbeat] >= 30);
    assert_eq!(cluster.broker.counts.get(&ApiKey::Fetch), None);
    assign(&mut cluster, partitions);
    assert_eq!(cluster.records(), ["t/0@0=a"]);

    cluster.fail_next(ApiKey::Heartbeat, ErrorCode::REBALANCE_IN_PROGRESS);
    cluster.pass(5 * SECOND);
    let (kind, partitions) = rebalance(&mut cluster).unwrap();
    assert_eq!((kind, partitions.len()), (RebalanceKind::Revoke, 1));
    let joins = cluster.broker.counts[&ApiKey::JoinGroup];
    cluster.pass(5 * SECOND);
    assert_eq!(
        cluster.broker.counts[&ApiKey::JoinGroup],
        joins,
        "it waits for the application"
    );
    cluster.call(Call::Assign(None)).unwrap();
    assert_eq!(
        cluster.broker.committed[&("t".into(), 0)],
        1,
        "committed before joining again"
    );
    assert_eq!(rebalance(&mut cluster).unwrap().0, RebalanceKind::Assign);
}

#[test]
fn offsets_chosen_in_the_rebalance_callback_are_honoured() {
    let mut cluster = deciding(&["a", "b", "c"]);
    rebalance(&mut cluster).unwrap();
    assign(&mut cluster, vec![at("t", 0, 1)]);
    assert_eq!(cluster.records(), ["t/0@1=b", "t/0@2=c"]);
}

#[test]
fn nothing_is_committed_of_partitions_that_were_lost() {
    let mut cluster = deciding(&["a"]);
    let (_, partitions) = rebalance(&mut cluster).unwrap();
    assign(&mut cluster, partitions);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    cluster.fail_next(ApiKey::Heartbeat, ErrorCode::UNKNOWN_MEMBER_ID);
    cluster.pass(4 * SECOND);
    assert_eq!(rebalance(&mut cluster).unwrap().0, RebalanceKind::Revoke);
    assert_eq!(
        cluster.call(Call::Commit(None)).unwrap_err(),
        ErrorCode::_ASSIGNMENT_LOST
    );
    cluster.call(Call::Assign(None)).unwrap();
    assert_eq!(cluster.broker.committed.get(&("t".into(), 0)), None);
}

#[test]
fn a_commit_of_an_old_generation_fails_and_the_consumer_goes_on() {
    let mut cluster = grouped(&[("enable.auto.commit", "false")]);
    cluster.append("t", 0, &["a"]);
    cluster.call(subscription(&["t"])).unwrap();
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    cluster.fail_next(ApiKey::OffsetCommit, ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(
        cluster.call(Call::Commit(None)).unwrap_err(),
        ErrorCode::ILLEGAL_GENERATION
    );
    cluster.pass(5 * SECOND);
    assert_eq!(
        cluster.records(),
        ["t/0@0=a"],
        "joined again, nothing was committed"
    );
    cluster.call(Call::Commit(None)).unwrap();
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 1);
}

#[test]
fn an_application_that_does_not_poll_is_told_once_and_joins_again_when_it_does() {
    let mut cluster = grouped(&[
        ("max.poll.interval.ms", "60000"),
        ("session.timeout.ms", "45000"),
    ]);
    cluster.append("t", 0, &["a"]);
    let watch = Arc::new(PollWatch::default());
    cluster.command(Command::Watch(Arc::clone(&watch)));
    cluster.call(subscription(&["t"])).unwrap();
    cluster.records();
    cluster.pass(50 * SECOND);
    assert_eq!(
        cluster.error_items(),
        [],
        "slower than the session, but within the interval"
    );
    cluster.pass(100 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_MAX_POLL_EXCEEDED]);
    assert_eq!(cluster.broker.counts[&ApiKey::LeaveGroup], 1);
    let joins = cluster.broker.counts[&ApiKey::JoinGroup];
    assert!(watch.begin());
    cluster.command(Command::Polled);
    assert!(cluster.broker.counts[&ApiKey::JoinGroup] > joins);
    assert!(!watch.begin());
}

#[test]
fn a_cooperative_member_keeps_its_partitions_while_it_joins_again() {
    let mut cluster = grouped(&[("partition.assignment.strategy", "cooperative-sticky")]);
    cluster.append("t", 0, &["a"]);
    cluster.call(subscription(&["t"])).unwrap();
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    let errors = cluster.broker.errors.entry(ApiKey::Heartbeat).or_default();
    errors.push_back(ErrorCode::REBALANCE_IN_PROGRESS);
    let joins = cluster.broker.counts[&ApiKey::JoinGroup];
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.broker.counts[&ApiKey::JoinGroup], joins + 1);
    cluster.append("t", 0, &["b"]);
    assert_eq!(cluster.records(), ["t/0@1=b"]);
    let asked = cluster.broker.counts[&ApiKey::OffsetFetch];
    assert_eq!(asked, 1, "it was never started anew");
}
