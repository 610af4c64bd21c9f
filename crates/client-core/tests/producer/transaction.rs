//! Scenarios of transactions, in virtual time.

use std::time::Duration;

use rdkafka_client_core::admin::{Call, CallReply};
use rdkafka_client_core::io::Command;
use rdkafka_client_core::producer::{
    Command as ProducerCommand, TransactionCall, TransactionError,
};
use rdkafka_wire::{ApiKey, ErrorCode};

use super::cluster::Cluster;
use super::script;

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
    let mut cluster = Cluster::new(&[("transactional.id", "x"), ("linger.ms", "0")]);
    cluster.topic("t", &[]);
    assert_eq!(
        answer(&mut cluster, TransactionCall::Init, 10),
        Some(Ok(()))
    );
    assert_eq!(
        answer(&mut cluster, TransactionCall::Begin, 0),
        Some(Ok(()))
    );
    cluster
}

fn commit(cluster: &mut Cluster) -> Answer {
    assert_eq!(
        answer(cluster, TransactionCall::BeginCommit, 10),
        Some(Ok(()))
    );
    answer(cluster, TransactionCall::Commit, 1000)
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
    assert_eq!(commit(&mut cluster), Some(Ok(())));
    assert_eq!(cluster.delivered(), ["a"]);
    assert_eq!(cluster.count(ApiKey::AddPartitionsToTxn), 1);
    assert_eq!(cluster.nodes.ends, [true]);
}

#[test]
fn a_transaction_without_records_ends_without_a_word() {
    let mut cluster = begun();
    assert_eq!(commit(&mut cluster), Some(Ok(())));
    assert_eq!(cluster.count(ApiKey::EndTxn), 0);
}

#[test]
fn an_abort_fails_what_was_not_sent() {
    let mut cluster = begun();
    cluster.nodes.holding.insert(ApiKey::AddPartitionsToTxn);
    cluster.produce("a");
    assert_eq!(
        answer(&mut cluster, TransactionCall::BeginAbort, 0),
        Some(Ok(()))
    );
    assert_eq!(cluster.failed(ErrorCode::_PURGE_QUEUE), ["a"]);
    cluster.release();
    assert_eq!(
        answer(&mut cluster, TransactionCall::Abort, 1000),
        Some(Ok(()))
    );
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
    let error = answer(&mut cluster, TransactionCall::BeginCommit, 10)
        .unwrap()
        .unwrap_err();
    assert_eq!((error.code, error.is_fatal), (ErrorCode::_FENCED, true));
    assert_eq!(cluster.failed(ErrorCode::_FATAL), ["a"]);
}

#[test]
fn a_commit_that_timed_out_is_resumed() {
    let mut cluster = begun();
    cluster.produce("a");
    cluster.nodes.holding.insert(ApiKey::EndTxn);
    assert_eq!(
        answer(&mut cluster, TransactionCall::BeginCommit, 10),
        Some(Ok(()))
    );
    let late = answer(&mut cluster, TransactionCall::Commit, 6000)
        .unwrap()
        .unwrap_err();
    assert_eq!(late.code, ErrorCode::_TIMED_OUT);
    let other = answer(&mut cluster, TransactionCall::Begin, 0)
        .unwrap()
        .unwrap_err();
    assert_eq!(other.code, ErrorCode::_CONFLICT);
    cluster.release();
    assert_eq!(commit(&mut cluster), Some(Ok(())));
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
    assert_eq!(
        answer(&mut cluster, TransactionCall::BeginAbort, 0),
        Some(Ok(()))
    );
    assert_eq!(
        answer(&mut cluster, TransactionCall::Abort, 1000),
        Some(Ok(()))
    );
    assert_eq!(cluster.count(ApiKey::InitProducerId), 2);
    assert_eq!(
        answer(&mut cluster, TransactionCall::Begin, 0),
        Some(Ok(()))
    );
    cluster.produce("b");
    assert_eq!(commit(&mut cluster), Some(Ok(())));
}
