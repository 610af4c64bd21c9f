//! The consumer against a scripted cluster, with virtual time: no sockets, no sleeping.
#![allow(clippy::unwrap_used, reason = "tests")]

mod cluster;

use std::sync::Arc;
use std::time::Duration;

use rdkafka_client_core::admin;
use rdkafka_client_core::conf::{Callback, TopicConf};
use rdkafka_client_core::consumer::{
    Call, CallReply, Command, Event, FetchQueue, OFFSET_BEGINNING, OFFSET_END, OFFSET_INVALID,
    OFFSET_STORED, OFFSET_TAIL_BASE, PollWatch, QueueId, RebalanceKind, Subscription,
};
use rdkafka_client_core::io::TopicPartitionOffset;
use rdkafka_wire::types::StrBytes;
use rdkafka_wire::{ApiKey, ErrorCode};

use cluster::{Cluster, at, partition};

const SECOND: Duration = Duration::from_secs(1);

fn grouped(settings: &[(&str, &str)]) -> Cluster {
    let mut all = vec![("group.id", "g"), ("auto.offset.reset", "earliest")];
    all.extend(settings);
    Cluster::new(&all, &[])
}

fn subscription(topics: &[&str]) -> Call {
    let topics = topics.iter().map(|topic| StrBytes::from(*topic)).collect();
    Call::Subscribe(Subscription::new(topics).unwrap())
}

fn assign(cluster: &mut Cluster, list: Vec<TopicPartitionOffset>) {
    assert!(matches!(
        cluster.call(Call::Assign(Some(list))),
        Ok(CallReply::Done)
    ));
}

fn list(reply: Result<CallReply, ErrorCode>) -> Vec<(i32, i64, ErrorCode)> {
    let Ok(CallReply::Partitions(list)) = reply else {
        panic!("{reply:?}")
    };
    list.into_iter()
        .map(|element| (element.partition, element.offset, element.error))
        .collect()
}

fn rebalance(cluster: &mut Cluster) -> Option<(RebalanceKind, Vec<TopicPartitionOffset>)> {
    let events = std::mem::take(&mut cluster.events);
    events.into_iter().find_map(|event| match event {
        Event::Rebalance(rebalance) => Some((rebalance.kind, rebalance.partitions)),
        _ => None,
    })
}

fn is_closed(cluster: &Cluster) -> bool {
    cluster
        .events
        .iter()
        .any(|event| matches!(event, Event::Closed))
}

// ---- where to start ----

#[test]
fn an_assigned_partition_is_read_from_the_offset_given() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b", "c"]);
    assign(&mut cluster, vec![at("t", 0, 1)]);
    assert_eq!(cluster.records(), ["t/0@1=b", "t/0@2=c"]);
}

#[test]
fn logical_offsets_are_looked_up() {
    let mut cluster = grouped(&[]);
    for partition in 0..3 {
        cluster.append("t", partition, &["a", "b", "c"]);
    }
    let places = vec![
        at("t", 0, OFFSET_BEGINNING),
        at("t", 1, OFFSET_END),
        at("t", 2, OFFSET_TAIL_BASE - 2),
    ];
    assign(&mut cluster, places);
    cluster.append("t", 1, &["d"]);
    let mut records = cluster.records();
    records.sort();
    let wanted = [
        "t/0@0=a", "t/0@1=b", "t/0@2=c", "t/1@3=d", "t/2@1=b", "t/2@2=c",
    ];
    assert_eq!(records, wanted);
}

#[test]
fn more_than_there_is_before_the_end_is_everything() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, OFFSET_TAIL_BASE - 100)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
}

#[test]
fn the_committed_offset_is_where_a_group_goes_on() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b", "c"]);
    cluster.broker.committed.insert(("t".into(), 0), 2);
    assign(&mut cluster, vec![at("t", 0, OFFSET_STORED)]);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
}

#[test]
fn without_a_committed_offset_the_reset_policy_decides() {
    for (policy, wanted) in [
        ("earliest", vec!["t/0@0=a", "t/0@1=b"]),
        ("latest", vec!["t/0@1=b"]),
    ] {
        let mut cluster = Cluster::new(&[("group.id", "g"), ("auto.offset.reset", policy)], &[]);
        cluster.append("t", 0, &["a"]);
        assign(&mut cluster, vec![at("t", 0, OFFSET_INVALID)]);
        cluster.append("t", 0, &["b"]);
        assert_eq!(cluster.records(), wanted, "{policy}");
    }
}

#[test]
fn the_policy_error_tells_the_application_and_halts() {
    let mut cluster = Cluster::new(&[("group.id", "g"), ("auto.offset.reset", "error")], &[]);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, OFFSET_STORED)]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_AUTO_OFFSET_RESET]);
    assert_eq!(cluster.broker.counts.get(&ApiKey::Fetch), None);
}

#[test]
fn an_offset_out_of_range_is_reset() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 17)]);
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b"]);
}

#[test]
fn questions_that_fail_for_a_passing_reason_are_asked_again() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    let passing = ErrorCode::COORDINATOR_LOAD_IN_PROGRESS;
    cluster
        .broker
        .errors
        .entry(ApiKey::OffsetFetch)
        .or_default()
        .push_back(passing);
    let moved = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    cluster
        .broker
        .errors
        .entry(ApiKey::ListOffsets)
        .or_default()
        .push_back(moved);
    cluster
        .broker
        .errors
        .entry(ApiKey::Fetch)
        .or_default()
        .push_back(moved);
    assign(&mut cluster, vec![at("t", 0, OFFSET_STORED)]);
    assert_eq!(cluster.records(), Vec::<String>::new());
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    assert_eq!(cluster.error_items(), []);
}

#[test]
fn brokers_that_give_topics_no_ids_are_asked_by_name() {
    let mut cluster = grouped(&[]);
    cluster.broker.has_no_topic_ids = true;
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
}

// ---- going on ----

#[test]
fn nothing_fetched_before_a_seek_is_delivered_after_it() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b", "c"]);
    cluster.broker.held.push(ApiKey::Fetch);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(
        list(cluster.call(Call::Seek(vec![at("t", 0, 2)]))),
        [(0, 2, ErrorCode::NONE)]
    );
    cluster.release();
    assert_eq!(cluster.records(), ["t/0@2=c"]);
}

#[test]
fn what_lies_in_the_queue_is_outdated_by_a_seek() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b", "c"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.call(Call::Seek(vec![at("t", 0, 2)])).unwrap();
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
}

#[test]
fn a_paused_partition_gives_nothing_and_goes_on_without_a_gap() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    let pause = |paused| admin::Call::Pause {
        partitions: vec![partition("t", 0)],
        paused,
    };
    cluster.append("t", 0, &["b"]);
    cluster.ask(pause(true));
    cluster.append("t", 0, &["c"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.records(), Vec::<String>::new());
    cluster.ask(pause(false));
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/0@1=b", "t/0@2=c"]);
}

#[test]
fn the_end_is_told_once_for_each_time_it_is_reached() {
    let mut cluster = grouped(&[("enable.partition.eof", "true")]);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_PARTITION_EOF]);
    cluster.append("t", 0, &["b"]);
    assert_eq!(cluster.records(), ["t/0@1=b"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_PARTITION_EOF]);
}

#[test]
fn the_end_of_an_empty_partition_is_told_too() {
    let mut cluster = grouped(&[("enable.partition.eof", "true")]);
    cluster.topic("t", 1);
    assign(&mut cluster, vec![at("t", 0, OFFSET_BEGINNING)]);
    cluster.pass(2 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_PARTITION_EOF]);
}

#[test]
fn a_full_queue_stops_fetching_until_there_is_room() {
    let mut cluster = grouped(&[("queued.min.messages", "2")]);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    let fetches = cluster.broker.counts[&ApiKey::Fetch];
    cluster.append("t", 0, &["c"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.broker.counts[&ApiKey::Fetch], fetches);
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b"]);
    cluster.command(Command::Resume);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
}

#[test]
fn a_partition_that_does_not_exist_is_told_once() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 1);
    assign(&mut cluster, vec![at("t", 7, 0), at("nothing", 0, 0)]);
    cluster.pass(60 * SECOND);
    let mut items = cluster.error_items();
    items.sort();
    assert_eq!(
        items,
        [ErrorCode::_UNKNOWN_PARTITION, ErrorCode::_UNKNOWN_TOPIC]
    );
}

#[test]
fn an_assignment_that_makes_no_sense_is_refused_as_a_whole() {
    let mut cluster = grouped(&[]);
    let twice = Call::Assign(Some(vec![at("t", 0, 0), at("t", 0, 1)]));
    let Ok(CallReply::Refused(code, text)) = cluster.call(twice) else {
        panic!()
    };
    assert_eq!(
        (code, text.as_str()),
        (ErrorCode::_INVALID_ARG, "Duplicate t [0] in input list")
    );
    let place = Call::Assign(Some(vec![at("t", 0, -7)]));
    let Ok(CallReply::Refused(_, text)) = cluster.call(place) else {
        panic!()
    };
    assert_eq!(text, "t [0] has invalid start offset -7");
    assert_eq!(list(cluster.call(Call::Assignment)), []);
}

#[test]
fn partitions_are_added_to_and_taken_from_an_assignment() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    cluster.append("t", 1, &["b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster
        .call(Call::IncrementalAssign(vec![at("t", 1, 0)]))
        .unwrap();
    assert_eq!(list(cluster.call(Call::Assignment)).len(), 2);
    let again = cluster.call(Call::IncrementalAssign(vec![at("t", 1, 0)]));
    assert!(matches!(
        again,
        Ok(CallReply::Refused(ErrorCode::_CONFLICT, _))
    ));
    cluster
        .call(Call::IncrementalUnassign(vec![partition("t", 0)]))
        .unwrap();
    let unknown = cluster.call(Call::IncrementalUnassign(vec![partition("t", 0)]));
    assert!(matches!(
        unknown,
        Ok(CallReply::Refused(ErrorCode::_INVALID_ARG, _))
    ));
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/1@0=b"]);
}

// ---- committing ----

#[test]
fn commits_never_pass_deliveries() {
    let mut cluster = grouped(&[("auto.commit.interval.ms", "1000")]);
    cluster.append("t", 0, &["a"]);
    cluster.append("t", 0, &["b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.pass(5 * SECOND);
    assert_eq!(
        cluster.broker.committed.get(&("t".into(), 0)),
        None,
        "nothing was handed out"
    );
    cluster.records();
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 2);
}

#[test]
fn a_commit_with_nothing_stored_says_so() {
    let mut cluster = grouped(&[("enable.auto.commit", "false")]);
    assert_eq!(
        cluster.call(Call::Commit(None)).unwrap_err(),
        ErrorCode::_NO_OFFSET
    );
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(
        cluster.call(Call::Commit(None)).unwrap_err(),
        ErrorCode::_NO_OFFSET
    );
    cluster.records();
    assert_eq!(
        list(cluster.call(Call::Commit(None))),
        [(0, 1, ErrorCode::NONE)]
    );
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 1);
}

#[test]
fn a_list_is_committed_as_it_is_given() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 1);
    cluster
        .call(Call::Commit(Some(vec![at("t", 0, 42)])))
        .unwrap();
    assert_eq!(
        list(cluster.call(Call::Committed(vec![partition("t", 0)]))),
        [(0, 42, ErrorCode::NONE)]
    );
    let none = cluster.call(Call::Committed(vec![partition("t", 1)]));
    assert_eq!(list(none), [(1, OFFSET_INVALID, ErrorCode::NONE)]);
}

#[test]
fn a_commit_waits_for_a_coordinator_that_is_away() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 1);
    let errors = cluster
        .broker
        .errors
        .entry(ApiKey::OffsetCommit)
        .or_default();
    errors.extend([
        ErrorCode::NOT_COORDINATOR,
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
    ]);
    let id = cluster.ask(admin::Call::Consumer(Call::Commit(Some(vec![at(
        "t", 0, 5,
    )]))));
    assert!(cluster.answer(id).is_none());
    cluster.pass(5 * SECOND);
    assert_eq!(list(cluster.answer(id).unwrap()), [(0, 5, ErrorCode::NONE)]);
}

#[test]
fn commits_are_answered_in_their_order_also_when_one_is_repeated() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 1);
    cluster
        .broker
        .errors
        .entry(ApiKey::OffsetCommit)
        .or_default()
        .push_back(ErrorCode::NOT_COORDINATOR);
    cluster.command(Command::Commit(Some(vec![at("t", 0, 5)])));
    cluster.command(Command::Commit(Some(vec![at("t", 0, 6)])));
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 6);
}

#[test]
fn the_commit_callback_hears_of_every_explicit_commit() {
    let settings = [("group.id", "g")];
    let mut cluster = Cluster::new(&settings, &[Callback::OffsetCommit]);
    cluster.topic("t", 1);
    cluster.command(Command::Commit(Some(vec![at("t", 0, 5)])));
    cluster.command(Command::Commit(None));
    let results: Vec<ErrorCode> = cluster
        .events
        .drain(..)
        .filter_map(|event| match event {
            Event::Committed { result, .. } => Some(result),
            _ => None,
        })
        .collect();
    assert_eq!(results, [ErrorCode::NONE, ErrorCode::_NO_OFFSET]);
}

#[test]
fn offsets_can_be_stored_for_assigned_partitions_only() {
    let mut cluster = grouped(&[("enable.auto.commit", "false")]);
    cluster.topic("t", 2);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    let stored = list(cluster.call(Call::StoreOffsets(vec![at("t", 0, 9), at("t", 1, 9)])));
    assert_eq!(stored, [(0, 9, ErrorCode::NONE), (1, 9, ErrorCode::_STATE)]);
    cluster.call(Call::Commit(None)).unwrap();
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 9);
}

#[test]
fn the_position_is_behind_the_last_record_handed_out() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    let position = Call::Positions(vec![partition("t", 0)]);
    assert_eq!(
        list(cluster.call(position)),
        [(0, OFFSET_INVALID, ErrorCode::NONE)]
    );
    cluster.records();
    let position = Call::Positions(vec![partition("t", 0), partition("t", 5)]);
    let wanted = [
        (0, 2, ErrorCode::NONE),
        (5, OFFSET_INVALID, ErrorCode::NONE),
    ];
    assert_eq!(list(cluster.call(position)), wanted);
}

// ---- the group ----

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
    let mut cluster = Cluster::new(
        &[("group.id", "g"), ("auto.offset.reset", "earliest")],
        &[Callback::Rebalance],
    );
    cluster.append("t", 0, &["a"]);
    cluster.call(subscription(&["t"])).unwrap();
    let (kind, partitions) = rebalance(&mut cluster).unwrap();
    assert_eq!((kind, partitions.len()), (RebalanceKind::Assign, 1));
    // The application takes its time: the membership is kept, nothing is fetched.
    cluster.pass(120 * SECOND);
    assert!(cluster.broker.counts[&ApiKey::Heartbeat] >= 30);
    assert_eq!(cluster.broker.counts.get(&ApiKey::Fetch), None);
    assign(&mut cluster, partitions);
    assert_eq!(cluster.records(), ["t/0@0=a"]);

    cluster
        .broker
        .errors
        .entry(ApiKey::Heartbeat)
        .or_default()
        .push_back(ErrorCode::REBALANCE_IN_PROGRESS);
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
    let mut cluster = Cluster::new(&[("group.id", "g")], &[Callback::Rebalance]);
    cluster.append("t", 0, &["a", "b", "c"]);
    cluster.call(subscription(&["t"])).unwrap();
    rebalance(&mut cluster).unwrap();
    assign(&mut cluster, vec![at("t", 0, 1)]);
    assert_eq!(cluster.records(), ["t/0@1=b", "t/0@2=c"]);
}

#[test]
fn nothing_is_committed_of_partitions_that_were_lost() {
    let mut cluster = Cluster::new(
        &[("group.id", "g"), ("auto.offset.reset", "earliest")],
        &[Callback::Rebalance],
    );
    cluster.append("t", 0, &["a"]);
    cluster.call(subscription(&["t"])).unwrap();
    let (_, partitions) = rebalance(&mut cluster).unwrap();
    assign(&mut cluster, partitions);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    cluster
        .broker
        .errors
        .entry(ApiKey::Heartbeat)
        .or_default()
        .push_back(ErrorCode::UNKNOWN_MEMBER_ID);
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
    cluster
        .broker
        .errors
        .entry(ApiKey::OffsetCommit)
        .or_default()
        .push_back(ErrorCode::ILLEGAL_GENERATION);
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

// ---- closing ----

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
fn closing_what_never_joined_is_done_at_once() {
    let mut cluster = grouped(&[]);
    cluster.command(Command::Close);
    assert!(is_closed(&cluster));
}

// ---- the legacy consumer ----

fn queue(id: u32) -> Arc<FetchQueue> {
    Arc::new(FetchQueue::new(QueueId(id), 100_000, 65_536_000))
}

fn start(cluster: &mut Cluster, number: i32, offset: i64, to: u32) -> Result<CallReply, ErrorCode> {
    let mut topic = TopicConf::new();
    topic.set("auto.offset.reset", "earliest").unwrap();
    let mut conf = rdkafka_client_core::conf::Conf::new();
    conf.set_default_topic_conf(topic);
    let kind = rdkafka_client_core::conf::ClientKind::Consumer;
    let conf = Arc::new(conf.resolve(kind).unwrap().default_topic);
    cluster.call(Call::Start {
        id: partition("t", number),
        offset,
        conf,
        queue: queue(to),
    })
}

#[test]
fn a_started_partition_goes_to_its_queue() {
    let mut cluster = Cluster::new(&[], &[]);
    cluster.append("t", 0, &["a"]);
    start(&mut cluster, 0, OFFSET_BEGINNING, 3).unwrap();
    assert_eq!(cluster.events.front().unwrap().queue(), QueueId(3));
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    cluster.call(Call::Stop(partition("t", 0))).unwrap();
    let again = cluster.call(Call::Stop(partition("t", 0)));
    assert_eq!(again.unwrap_err(), ErrorCode::_UNKNOWN_PARTITION);
}

#[test]
fn stored_offsets_need_a_group() {
    let mut cluster = Cluster::new(&[], &[]);
    cluster.topic("t", 1);
    assert_eq!(
        start(&mut cluster, 0, OFFSET_STORED, 1).unwrap_err(),
        ErrorCode::_INVALID_ARG
    );
    assert_eq!(
        start(&mut cluster, -1, 0, 1).unwrap_err(),
        ErrorCode::_UNKNOWN_PARTITION
    );
}

#[test]
fn a_legacy_consumer_with_a_group_commits_outside_any_generation() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b"]);
    start(&mut cluster, 0, OFFSET_STORED, 1).unwrap();
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b"]);
    cluster.call(Call::Stop(partition("t", 0))).unwrap();
    assert_eq!(cluster.broker.committed[&("t".into(), 0)], 2);
    assert_eq!(cluster.broker.commit_generations, [-1]);
}

// ---- cooperative, and what assignments show ----

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

#[test]
fn an_assignment_shows_the_offsets_it_was_made_with() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 2);
    assign(
        &mut cluster,
        vec![at("t", 0, 5), at("t", 1, OFFSET_INVALID)],
    );
    let shown = list(cluster.call(Call::Assignment));
    let none = ErrorCode::NONE;
    assert_eq!(shown, [(0, 5, none), (1, OFFSET_STORED, none)]);
}

#[test]
fn what_is_stored_never_moves_a_commit_back() {
    let mut cluster = grouped(&[("enable.auto.commit", "false")]);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster
        .call(Call::StoreOffsets(vec![at("t", 0, 2)]))
        .unwrap();
    cluster.call(Call::Commit(None)).unwrap();
    cluster
        .call(Call::StoreOffsets(vec![at("t", 0, 1)]))
        .unwrap();
    let refused = cluster.call(Call::Commit(None)).unwrap_err();
    assert_eq!(refused, ErrorCode::_NO_OFFSET);
}

#[test]
fn a_fetch_for_an_earlier_assignment_is_not_taken_by_the_next() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 2)]);
    // The fetch at the end stands at the broker while the same partition is assigned anew, elsewhere.
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.append("t", 0, &["c"]);
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b", "t/0@2=c"]);
}
