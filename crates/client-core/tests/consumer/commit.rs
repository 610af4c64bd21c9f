//! Storing and committing offsets.

use std::time::Duration;

use rdkafka_client_core::admin;
use rdkafka_client_core::conf::Callback;
use rdkafka_client_core::consumer::{Call, Command, Event, OFFSET_INVALID};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::cluster::{Cluster, at, partition};
use crate::support::{SECOND, assign, grouped, list, subscription};

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
fn a_commit_does_not_wait_for_a_join_that_is_parked() {
    let mut cluster = grouped(&[
        ("partition.assignment.strategy", "cooperative-sticky"),
        ("enable.auto.commit", "false"),
    ]);
    cluster.append("t", 0, &["a"]);
    cluster.call(subscription(&["t"])).unwrap();
    cluster.records();
    cluster.fail_next(ApiKey::Heartbeat, ErrorCode::REBALANCE_IN_PROGRESS);
    cluster.broker.held.push(ApiKey::JoinGroup);
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.broker.waiting.len(), 1, "it joins again");
    let committed = cluster.call(Call::Commit(None));
    assert_eq!(list(committed), [(0, 1, ErrorCode::NONE)]);
    let asked = cluster.call(Call::Committed(vec![partition("t", 0)]));
    assert_eq!(list(asked), [(0, 1, ErrorCode::NONE)]);
}

#[test]
fn a_commit_that_nobody_answers_is_given_up_with_the_session() {
    let mut cluster = grouped(&[("session.timeout.ms", "6000")]);
    cluster.topic("t", 1);
    cluster.broker.held.push(ApiKey::OffsetCommit);
    let ask = |offset| admin::Call::Consumer(Call::Commit(Some(vec![at("t", 0, offset)])));
    let first = cluster.ask(ask(5));
    cluster.pass(2 * SECOND);
    let second = cluster.ask(ask(6));
    cluster.pass(5 * SECOND);
    assert_eq!(
        cluster.answer(first).unwrap().unwrap_err(),
        ErrorCode::_TIMED_OUT
    );
    cluster.pass(SECOND);
    assert_eq!(
        cluster.answer(second).unwrap().unwrap_err(),
        ErrorCode::_TIMED_OUT
    );
}

#[test]
fn a_commit_without_a_coordinator_is_given_up_with_the_session() {
    let mut cluster = grouped(&[("session.timeout.ms", "6000")]);
    cluster.topic("t", 1);
    cluster.broker.held.push(ApiKey::FindCoordinator);
    let offsets = Some(vec![at("t", 0, 5)]);
    let id = cluster.ask(admin::Call::Consumer(Call::Commit(offsets)));
    cluster.pass(7 * SECOND);
    assert_eq!(
        cluster.answer(id).unwrap().unwrap_err(),
        ErrorCode::_TIMED_OUT
    );
}

#[test]
fn a_refused_commit_of_who_is_no_member_yet_does_not_disturb_the_join() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 1);
    cluster.broker.held.push(ApiKey::JoinGroup);
    cluster.call(subscription(&["t"])).unwrap();
    cluster.pass(SECOND);
    // It has been given its id, and waits to join under it.
    let join = cluster.broker.waiting.remove(0);
    cluster.serve(join);
    cluster.settle();
    assert_eq!(cluster.broker.counts[&ApiKey::JoinGroup], 2);
    cluster.fail_next(ApiKey::OffsetCommit, ErrorCode::UNKNOWN_MEMBER_ID);
    let refused = cluster.call(Call::Commit(Some(vec![at("t", 0, 5)])));
    assert_eq!(refused.unwrap_err(), ErrorCode::UNKNOWN_MEMBER_ID);
    cluster.pass(SECOND);
    assert_eq!(cluster.broker.counts[&ApiKey::JoinGroup], 2);
}

#[test]
fn commits_are_answered_in_their_order_also_when_one_is_repeated() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 1);
    cluster.fail_next(ApiKey::OffsetCommit, ErrorCode::NOT_COORDINATOR);
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
fn commits_that_race_with_rebalances_never_go_back() {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut cluster = grouped(&[("auto.commit.interval.ms", "50")]);
    cluster.append("t", 0, &["a"]);
    cluster.call(subscription(&["t"])).unwrap();
    for round in 0..1000 {
        cluster.append("t", 0, &["x", "y", "z"]);
        cluster.records();
        // What goes wrong, if anything: the group moves on, before or while a commit is under way.
        match rng.u32(..5) {
            0 => cluster.fail_next(ApiKey::Heartbeat, ErrorCode::REBALANCE_IN_PROGRESS),
            1 => cluster.fail_next(ApiKey::Heartbeat, ErrorCode::UNKNOWN_MEMBER_ID),
            2 => cluster.fail_next(ApiKey::OffsetCommit, ErrorCode::ILLEGAL_GENERATION),
            3 => cluster.fail_next(ApiKey::OffsetCommit, ErrorCode::NOT_COORDINATOR),
            _ => cluster.broker.held.push(ApiKey::OffsetCommit),
        }
        if rng.bool() {
            cluster.command(Command::Commit(None));
        }
        cluster.pass(Duration::from_millis(rng.u64(..4000)));
        cluster.release();
        cluster.pass(Duration::from_millis(rng.u64(..500)));
        cluster.drop_error_items();
        assert!(
            cluster.broker.went_back.is_empty(),
            "round {round}: {:?}",
            cluster.broker.went_back
        );
    }
    let committed = cluster.broker.committed[&("t".into(), 0)];
    assert!(committed > 2000, "it went on: {committed}");
}
