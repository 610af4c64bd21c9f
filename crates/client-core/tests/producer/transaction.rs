//! Scenarios of transactions, in virtual time.

use std::time::Duration;

use rdkafka_client_core::admin::{Call, CallReply};
use rdkafka_client_core::io::{Command, TopicPartitionOffset};
use rdkafka_client_core::producer::{
    Command as ProducerCommand, GroupMetadata, TransactionCall, TransactionError,
    TransactionOffsets,
};
use rdkafka_wire::{ApiKey, ErrorCode};

use super::cluster::Cluster;
use super::script;

fn send_offsets(cluster: &mut Cluster, offset: i64, ms: u64) -> Answer {
    let group = GroupMetadata {
        generation: 7,
        ..GroupMetadata::of_group("g")
    };
    let offsets = vec![TopicPartitionOffset::new("in".into(), 0, offset)];
    let call = Call::SendOffsets(TransactionOffsets { offsets, group });
    let id = cluster.ask(call, Duration::from_secs(5));
    cluster.pass_ms(ms);
    match cluster.replies.remove(&id)? {
        Ok(CallReply::Transaction(answer)) => Some(answer),
        other => panic!("not of a transaction: {other:?}"),
    }
}

fn versions(cluster: &Cluster, key: ApiKey) -> &[i16] {
    cluster
        .nodes
        .asked_versions
        .get(&key)
        .map_or(&[], |versions| versions)
}

type Answer = Option<Result<(), TransactionError>>;

fn answer(cluster: &mut Cluster, call: TransactionCall, ms: u64) -> Answer {
    let id = cluster.ask(Call::Transaction(call), Duration::from_secs(5));
    cluster.pass_ms(ms);
    match cluster.replies.remove(&id)? {
        Ok(CallReply::Transaction(answer)) => {
            // As the handles do: what ends a call is acknowledged, not its first half.
            let is_first_half = matches!(
                call,
                TransactionCall::BeginCommit | TransactionCall::BeginAbort
            );
            if answer.is_ok() && !is_first_half {
                let acknowledged = ProducerCommand::TransactionAcknowledged;
                cluster.command(Command::Producer(acknowledged));
            }
            Some(answer)
        }
        Err(code) => Some(Err(TransactionError::retriable(code, "late"))),
        Ok(other) => panic!("not of a transaction: {other:?}"),
    }
}

fn begun() -> Cluster {
    begun_with(None)
}

/// In a cluster with this `transaction.version`.
fn begun_with(transaction_version: Option<i16>) -> Cluster {
    let mut cluster = Cluster::unstarted(&[("transactional.id", "x"), ("linger.ms", "0")]);
    cluster.nodes.transaction_version = transaction_version;
    cluster.start();
    cluster.topic("t", &[]);
    done(&mut cluster, TransactionCall::Init, 10);
    begin(&mut cluster);
    cluster
}

fn commit(cluster: &mut Cluster) -> Answer {
    done(cluster, TransactionCall::BeginCommit, 10);
    answer(cluster, TransactionCall::Commit, 1000)
}

/// A call that succeeds.
fn done(cluster: &mut Cluster, call: TransactionCall, ms: u64) {
    assert_eq!(answer(cluster, call, ms), Some(Ok(())), "{call:?}");
}

/// A call that fails.
fn refused(cluster: &mut Cluster, call: TransactionCall, ms: u64) -> TransactionError {
    answer(cluster, call, ms).unwrap().unwrap_err()
}

fn begin(cluster: &mut Cluster) {
    done(cluster, TransactionCall::Begin, 0);
}

fn committed(cluster: &mut Cluster) {
    assert_eq!(commit(cluster), Some(Ok(())));
}

fn abort(cluster: &mut Cluster) {
    done(cluster, TransactionCall::BeginAbort, 0);
    done(cluster, TransactionCall::Abort, 1000);
}

#[test]
fn records_are_taken_within_transactions_only() {
    let mut cluster = Cluster::new(&[("transactional.id", "x")]);
    assert_eq!(cluster.produce_to("t", 0, "a"), Err(ErrorCode::_STATE));
    assert_eq!(cluster.count(ApiKey::InitProducerId), 0);
}

#[test]
fn a_commit_registers_partitions_and_ends_the_transaction() {
    let mut cluster = begun();
    cluster.produce("a");
    committed(&mut cluster);
    assert_eq!(cluster.delivered(), ["a"]);
    assert_eq!(cluster.count(ApiKey::AddPartitionsToTxn), 1);
    assert_eq!(cluster.nodes.ends, [true]);
}

#[test]
fn a_transaction_without_records_ends_without_a_word() {
    let mut cluster = begun();
    committed(&mut cluster);
    assert_eq!(cluster.count(ApiKey::EndTxn), 0);
}

#[test]
fn a_transaction_without_records_ends_without_a_word_although_the_producer_was_flushed() {
    for version in [None, Some(2)] {
        let mut cluster = begun_with(version);
        cluster.produce("a");
        committed(&mut cluster);
        begin(&mut cluster);
        cluster.flush();
        cluster.pass_ms(100);
        committed(&mut cluster);
        assert_eq!(cluster.count(ApiKey::EndTxn), 1, "version {version:?}");
    }
}

#[test]
fn an_abort_reports_records_that_a_worker_has() {
    let settings = [("transactional.id", "x"), ("compression.codec", "gzip")];
    let mut cluster = Cluster::new(&settings);
    cluster.topic("t", &[]);
    for call in [TransactionCall::Init, TransactionCall::Begin] {
        assert_eq!(answer(&mut cluster, call, 10), Some(Ok(())));
    }
    cluster.held_jobs = Some(Vec::new());
    cluster.produce("a");
    cluster.pass_ms(100);
    done(&mut cluster, TransactionCall::BeginAbort, 0);
    assert_eq!(cluster.gauge.messages(), 1, "its fate is not told yet");
    cluster.run_held_jobs();
    assert_eq!(cluster.failed(ErrorCode::_PURGE_QUEUE), ["a"]);
    assert_eq!(cluster.gauge.messages(), 0);
}

#[test]
fn an_abort_fails_what_was_not_sent() {
    let mut cluster = begun();
    cluster.nodes.holding.insert(ApiKey::AddPartitionsToTxn);
    cluster.produce("a");
    done(&mut cluster, TransactionCall::BeginAbort, 0);
    assert_eq!(cluster.failed(ErrorCode::_PURGE_QUEUE), ["a"]);
    cluster.release();
    done(&mut cluster, TransactionCall::Abort, 1000);
    assert_eq!(cluster.nodes.ends, [false]);
}

#[test]
fn a_fenced_producer_is_finished() {
    let mut cluster = begun();
    script(
        &mut cluster,
        ApiKey::AddPartitionsToTxn,
        &[ErrorCode::PRODUCER_FENCED],
    );
    cluster.produce("a");
    let error = refused(&mut cluster, TransactionCall::BeginCommit, 10);
    assert_eq!((error.code, error.is_fatal), (ErrorCode::_FENCED, true));
    assert_eq!(cluster.failed(ErrorCode::_FATAL), ["a"]);
}

#[test]
fn a_leader_that_knows_a_newer_epoch_ends_the_producer() {
    for version in [None, Some(2)] {
        let mut cluster = begun_with(version);
        let errors = [ErrorCode::INVALID_PRODUCER_EPOCH];
        script(&mut cluster, ApiKey::Produce, &errors);
        cluster.produce("a");
        let error = refused(&mut cluster, TransactionCall::BeginCommit, 10);
        assert_eq!(
            (error.code, error.is_fatal, error.requires_abort),
            (ErrorCode::_FENCED, true, false)
        );
        assert!(
            error
                .text
                .starts_with("ProduceRequest for t [0] with 1 message(s) failed: "),
            "{}",
            error.text
        );
        assert_eq!(cluster.failed(ErrorCode::INVALID_PRODUCER_EPOCH), ["a"]);
    }
}

#[test]
fn a_commit_that_timed_out_is_resumed() {
    let mut cluster = begun();
    cluster.produce("a");
    cluster.nodes.holding.insert(ApiKey::EndTxn);
    done(&mut cluster, TransactionCall::BeginCommit, 10);
    let late = refused(&mut cluster, TransactionCall::Commit, 6000);
    assert_eq!(late.code, ErrorCode::_TIMED_OUT);
    let other = refused(&mut cluster, TransactionCall::Begin, 0);
    assert_eq!(other.code, ErrorCode::_CONFLICT);
    cluster.release();
    committed(&mut cluster);
    assert_eq!(cluster.nodes.ends, [true]);
}

#[test]
fn a_failed_record_forbids_the_commit_and_a_new_epoch_aborts() {
    let mut cluster = begun();
    script(
        &mut cluster,
        ApiKey::Produce,
        &[ErrorCode::MESSAGE_TOO_LARGE],
    );
    cluster.produce("a");
    let error = commit(&mut cluster).unwrap().unwrap_err();
    assert_eq!(
        (error.code, error.requires_abort),
        (ErrorCode::_INCONSISTENT, true)
    );
    abort(&mut cluster);
    assert_eq!(cluster.count(ApiKey::InitProducerId), 2);
    begin(&mut cluster);
    cluster.produce("b");
    committed(&mut cluster);
}

// ---- Offsets --------------------------------------------------------------------------------------------------------

#[test]
fn offsets_become_part_of_the_transaction_under_their_generation() {
    let mut cluster = begun();
    assert_eq!(send_offsets(&mut cluster, 5, 10), Some(Ok(())));
    assert_eq!(send_offsets(&mut cluster, 9, 10), Some(Ok(())));
    committed(&mut cluster);
    let offsets = [("g".to_owned(), 0, 5, 7), ("g".to_owned(), 0, 9, 7)];
    assert_eq!(cluster.nodes.offsets, offsets);
    assert_eq!(cluster.count(ApiKey::AddOffsetsToTxn), 1, "once per group");
    assert_eq!(
        cluster.nodes.ends,
        [true],
        "ended although no record was sent"
    );
}

#[test]
fn offsets_of_a_group_whose_coordinator_moves_are_sent_to_the_next() {
    let mut cluster = begun();
    let errors = [
        ErrorCode::NOT_COORDINATOR,
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode::CONCURRENT_TRANSACTIONS,
    ];
    script(&mut cluster, ApiKey::TxnOffsetCommit, &errors);
    let before = cluster.count(ApiKey::FindCoordinator);
    assert_eq!(send_offsets(&mut cluster, 5, 4000), Some(Ok(())));
    assert_eq!(cluster.nodes.offsets.len(), 1);
    assert_eq!(
        cluster.count(ApiKey::FindCoordinator) - before,
        2,
        "found, and found again"
    );
}

#[test]
fn offsets_of_a_consumer_that_lost_its_place_abort_the_transaction() {
    let mut cluster = begun();
    script(
        &mut cluster,
        ApiKey::TxnOffsetCommit,
        &[ErrorCode::ILLEGAL_GENERATION],
    );
    let error = send_offsets(&mut cluster, 5, 10).unwrap().unwrap_err();
    assert_eq!(
        (error.code, error.requires_abort),
        (ErrorCode::ILLEGAL_GENERATION, true)
    );
    let error = refused(&mut cluster, TransactionCall::BeginCommit, 0);
    assert!(error.requires_abort);
    abort(&mut cluster);
    assert_eq!(cluster.nodes.ends, [false]);
}

#[test]
fn offsets_are_taken_within_transactions_only() {
    let mut cluster = begun();
    committed(&mut cluster);
    let error = send_offsets(&mut cluster, 5, 10).unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::_STATE);
}

// ---- The second version of the protocol (KIP-890) -------------------------------------------------------------------

#[test]
fn older_clusters_are_spoken_to_in_the_first_version() {
    let mut cluster = begun_with(Some(1));
    cluster.produce("a");
    assert_eq!(send_offsets(&mut cluster, 5, 10), Some(Ok(())));
    committed(&mut cluster);
    assert_eq!(versions(&cluster, ApiKey::Produce), [11]);
    assert_eq!(versions(&cluster, ApiKey::EndTxn), [4]);
    assert_eq!(versions(&cluster, ApiKey::TxnOffsetCommit), [4]);
    assert_eq!(cluster.count(ApiKey::AddPartitionsToTxn), 1);
}

#[test]
fn partitions_and_offsets_register_themselves_in_the_second_version() {
    let mut cluster = begun_with(Some(2));
    cluster.produce("a");
    assert_eq!(send_offsets(&mut cluster, 5, 10), Some(Ok(())));
    committed(&mut cluster);
    assert_eq!(versions(&cluster, ApiKey::Produce), [12]);
    assert_eq!(versions(&cluster, ApiKey::EndTxn), [5]);
    assert_eq!(versions(&cluster, ApiKey::TxnOffsetCommit), [5]);
    assert_eq!(cluster.count(ApiKey::AddPartitionsToTxn), 0);
    assert_eq!(cluster.count(ApiKey::AddOffsetsToTxn), 0);
}

#[test]
fn each_end_brings_the_epoch_of_the_next_transaction() {
    let mut cluster = begun_with(Some(2));
    for (payload, epoch) in [("a", 0), ("b", 1), ("c", 2)] {
        cluster.produce(payload);
        committed(&mut cluster);
        assert_eq!(cluster.epochs(), (0..=epoch).collect::<Vec<i16>>());
        begin(&mut cluster);
    }
    assert_eq!(cluster.log(), ["a", "b", "c"]);
    assert_eq!(cluster.count(ApiKey::InitProducerId), 1);
}

#[test]
fn an_abort_in_the_second_version_closes_gaps_by_itself() {
    let mut cluster = begun_with(Some(2));
    script(
        &mut cluster,
        ApiKey::Produce,
        &[ErrorCode::MESSAGE_TOO_LARGE],
    );
    cluster.produce("a");
    let error = commit(&mut cluster).unwrap().unwrap_err();
    assert!(error.requires_abort);
    abort(&mut cluster);
    assert_eq!(cluster.count(ApiKey::InitProducerId), 1);
    begin(&mut cluster);
    cluster.produce("b");
    committed(&mut cluster);
    assert_eq!(cluster.nodes.ends, [false, true]);
    assert_eq!(cluster.log(), ["b"]);
}

#[test]
fn a_leader_that_still_hears_of_the_transaction_before_is_asked_again() {
    let mut cluster = begun_with(Some(2));
    let errors = [
        ErrorCode::CONCURRENT_TRANSACTIONS,
        ErrorCode::CONCURRENT_TRANSACTIONS,
    ];
    script(&mut cluster, ApiKey::Produce, &errors);
    cluster.produce("a");
    cluster.pass_ms(1000);
    committed(&mut cluster);
    assert_eq!(cluster.delivered(), ["a"]);
}

#[test]
fn an_end_the_coordinator_is_not_ready_for_is_asked_again() {
    let mut cluster = begun_with(Some(2));
    let errors = [
        ErrorCode::CONCURRENT_TRANSACTIONS,
        ErrorCode::NOT_COORDINATOR,
    ];
    script(&mut cluster, ApiKey::EndTxn, &errors);
    cluster.produce("a");
    committed(&mut cluster);
    assert_eq!(cluster.nodes.ends, [true]);
}

#[test]
fn an_error_that_only_this_transaction_has_is_aborted_and_the_next_one_succeeds() {
    let mut cluster = begun_with(Some(2));
    script(
        &mut cluster,
        ApiKey::Produce,
        &[ErrorCode::TRANSACTION_ABORTABLE],
    );
    cluster.produce("a");
    let error = refused(&mut cluster, TransactionCall::BeginCommit, 10);
    assert!(error.requires_abort && !error.is_fatal);
    abort(&mut cluster);
    begin(&mut cluster);
    cluster.produce("b");
    committed(&mut cluster);
}

#[test]
fn an_end_that_another_producer_made_first_is_fatal() {
    let mut cluster = begun_with(Some(2));
    script(&mut cluster, ApiKey::EndTxn, &[ErrorCode::PRODUCER_FENCED]);
    cluster.produce("a");
    let error = commit(&mut cluster).unwrap().unwrap_err();
    assert_eq!((error.code, error.is_fatal), (ErrorCode::_FENCED, true));
}
