//! Leaders that move, logs that were cut off (KIP-320), closer replicas (KIP-392), fetch sessions (KIP-227).

use rdkafka_client_core::consumer::{Call, Command, OFFSET_STORED};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::cluster::{Cluster, at};
use crate::support::{SECOND, assign, grouped};

/// Read up to the end of two batches of epoch 0, then another node leads.
fn moved(settings: &[(&str, &str)]) -> Cluster {
    let mut cluster = grouped(settings);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b"]);
    cluster.broker.lead("t", 0, 2);
    cluster
}

#[test]
fn a_leader_named_in_the_answer_is_asked_at_once() {
    let mut cluster = moved(&[]);
    let metadata = cluster.broker.counts[&ApiKey::Metadata];
    cluster.broker.held.push(ApiKey::Metadata);
    cluster.append("t", 0, &["c"]);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
    assert_eq!(cluster.broker.fetches.last().unwrap().1, 2);
    assert_eq!(
        cluster.broker.counts[&ApiKey::Metadata],
        metadata,
        "not even asked"
    );
}

#[test]
fn a_log_that_goes_on_under_a_new_leader_is_read_on() {
    let mut cluster = moved(&[]);
    cluster.append("t", 0, &["c"]);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
    assert_eq!(cluster.broker.counts[&ApiKey::OffsetForLeaderEpoch], 1);
    cluster.append("t", 0, &["d"]);
    assert_eq!(cluster.records(), ["t/0@3=d"]);
    assert_eq!(
        cluster.broker.counts[&ApiKey::OffsetForLeaderEpoch],
        1,
        "once per leader"
    );
}

#[test]
fn a_log_that_was_cut_off_is_read_from_where_it_was_cut() {
    let mut cluster = moved(&[]);
    // The new leader never had "b"; what it wrote since begins at its offset.
    cluster.broker.logs.insert(("t".into(), 0), vec![]);
    cluster.broker.epoch_ends.insert(("t".into(), 0, 0), (0, 0));
    cluster.append("t", 0, &["x"]);
    cluster.append("t", 0, &["y"]);
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.records(), ["t/0@0=x", "t/0@1=y"]);
    assert_eq!(cluster.error_items(), []);
}

#[test]
fn what_was_fetched_but_not_handed_out_before_the_cut_is_not_lost() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    cluster.append("t", 0, &["b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    // "a" and "b" lie in the queue. The new leader has only "a".
    cluster.broker.lead("t", 0, 2);
    cluster.broker.logs.get_mut(&("t".into(), 0)).unwrap().pop();
    cluster.broker.epoch_ends.insert(("t".into(), 0, 0), (0, 1));
    cluster.append("t", 0, &["x"]);
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=x"]);
}

#[test]
fn a_cut_log_is_an_error_where_the_policy_says_so() {
    let mut cluster = moved(&[("auto.offset.reset", "error")]);
    cluster.broker.epoch_ends.insert(("t".into(), 0, 0), (0, 1));
    cluster.append("t", 0, &["x"]);
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_AUTO_OFFSET_RESET]);
}

#[test]
fn a_question_about_epochs_that_fails_is_asked_again() {
    let mut cluster = moved(&[]);
    let errors = cluster
        .broker
        .errors
        .entry(ApiKey::OffsetForLeaderEpoch)
        .or_default();
    errors.extend([
        ErrorCode::UNKNOWN_LEADER_EPOCH,
        ErrorCode::NOT_LEADER_OR_FOLLOWER,
    ]);
    cluster.append("t", 0, &["c"]);
    assert_eq!(cluster.records(), Vec::<String>::new());
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
}

#[test]
fn commits_carry_the_leader_epoch_and_the_next_owner_checks_it() {
    let mut cluster = grouped(&[("enable.auto.commit", "false")]);
    cluster.broker.lead("t", 0, 1);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.records();
    cluster.call(Call::Commit(None)).unwrap();
    assert_eq!(cluster.broker.committed_epochs[&("t".into(), 0)], 1);
    cluster.broker.lead("t", 0, 1);
    cluster.broker.epoch_ends.insert(("t".into(), 0, 1), (1, 1));
    cluster.pass(5 * SECOND);
    assign(&mut cluster, vec![at("t", 0, OFFSET_STORED)]);
    cluster.pass(5 * SECOND);
    // Committed was 2; the log of that epoch ends at 1.
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b"][1..]);
}

// ---- closer replicas ----

#[test]
fn a_closer_replica_is_read_from_until_it_fails() {
    let mut cluster = grouped(&[("client.rack", "here")]);
    cluster.broker.preferred = Some(2);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    assert_eq!(cluster.broker.fetches.last().unwrap().1, 2);
    // It does not know the offset: the leader is asked, nothing is reset.
    let errors = cluster.broker.errors.entry(ApiKey::Fetch).or_default();
    errors.push_back(ErrorCode::OFFSET_OUT_OF_RANGE);
    cluster.broker.preferred = None;
    cluster.append("t", 0, &["b"]);
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.records(), ["t/0@1=b"]);
    assert_eq!(cluster.broker.fetches.last().unwrap().1, 1);
    assert_eq!(cluster.broker.counts.get(&ApiKey::ListOffsets), None);
}

#[test]
fn the_leader_is_asked_again_after_five_minutes() {
    let mut cluster = grouped(&[("client.rack", "here")]);
    cluster.broker.preferred = Some(2);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.records();
    cluster.pass(301 * SECOND);
    let leader = cluster.broker.fetches.iter().filter(|(_, node)| *node == 1);
    assert_eq!(leader.count(), 2);
}

// ---- sessions ----

#[test]
fn a_session_says_only_what_changed() {
    let mut cluster = grouped(&[]);
    cluster.broker.keeps_sessions = true;
    for partition in 0..10 {
        cluster.append("t", partition, &["a"]);
    }
    assign(&mut cluster, (0..10).map(|n| at("t", n, 0)).collect());
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.records().len(), 10);
    cluster.append("t", 3, &["b"]);
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/3@1=b"]);
    let told: Vec<usize> = cluster
        .broker
        .fetches
        .iter()
        .map(|(told, _)| *told)
        .collect();
    assert_eq!(
        told.iter().filter(|told| **told == 10).count(),
        2,
        "{told:?}"
    );
    assert_eq!(told.last(), Some(&0), "{told:?}");
    assert!(told.contains(&1), "{told:?}");
}

#[test]
fn a_throttled_consumer_is_told_when_it_begins_and_when_it_ends_and_misses_nothing() {
    for keeps_sessions in [false, true] {
        let mut cluster = grouped(&[]);
        cluster.broker.keeps_sessions = keeps_sessions;
        cluster.append("t", 0, &["a"]);
        assign(&mut cluster, vec![at("t", 0, 0)]);
        assert_eq!(cluster.records(), ["t/0@0=a"]);
        cluster.broker.throttle_ms = 700;
        cluster.append("t", 0, &["b"]);
        cluster.pass(SECOND);
        cluster.append("t", 0, &["c"]);
        cluster.pass(SECOND);
        assert_eq!(cluster.records(), ["t/0@1=b", "t/0@2=c"]);
        assert_eq!(cluster.throttles, [700, 0]);
        assert_eq!(cluster.error_items(), []);
    }
}

#[test]
fn a_session_that_was_evicted_or_out_of_step_is_begun_anew() {
    let mut cluster = grouped(&[]);
    cluster.broker.keeps_sessions = true;
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    cluster.broker.evict_session();
    cluster.append("t", 0, &["b"]);
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/0@1=b"]);
    cluster.append("t", 0, &["c"]);
    cluster.pass(SECOND);
    cluster.command(Command::Resume);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
    assert_eq!(cluster.error_items(), []);
}
