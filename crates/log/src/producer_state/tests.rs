//! Tests of the producers' state.

use rdkafka_records::{Attributes, BatchHeader, EndTxnMarker, TransactionResult};

use super::*;

fn header(epoch: i16, base_sequence: i32, records: i32, base_offset: i64) -> BatchHeader {
    BatchHeader {
        base_offset,
        batch_length: 100,
        partition_leader_epoch: 0,
        crc: 0,
        attributes: Attributes::default(),
        last_offset_delta: records - 1,
        base_timestamp_ms: 5,
        max_timestamp_ms: 5,
        producer_id: 9,
        producer_epoch: epoch,
        base_sequence,
        record_count: records as u32,
    }
}

fn judge(states: &ProducerStates, header: &BatchHeader) -> Result<Verdict, LogError> {
    states.judge(&StagedProducers::default(), header)
}

/// A producer that appended `batches` batches of ten records.
fn after(batches: i32) -> ProducerStates {
    let mut states = ProducerStates::default();
    for batch in 0..batches {
        states.replay(&header(0, batch * 10, 10, i64::from(batch) * 10), None);
    }
    states
}

#[test]
fn a_batch_that_continues_the_sequence_is_accepted() {
    assert_eq!(
        judge(&after(3), &header(0, 30, 1, 0)).unwrap(),
        Verdict::Accept
    );
}

#[test]
fn each_of_the_last_five_batches_is_known_as_a_duplicate() {
    let states = after(7);
    for batch in 2..7 {
        let verdict = judge(&states, &header(0, batch * 10, 10, 0)).unwrap();
        let Verdict::Duplicate(range) = verdict else {
            panic!("{batch}: {verdict:?}")
        };
        assert_eq!(range.first_offset, i64::from(batch) * 10);
    }
    assert!(matches!(
        judge(&states, &header(0, 10, 10, 0)),
        Err(LogError::OutOfOrderSequence { expected: 70, .. })
    ));
}

#[test]
fn a_gap_in_the_sequence_is_refused() {
    assert!(matches!(
        judge(&after(1), &header(0, 11, 1, 0)),
        Err(LogError::OutOfOrderSequence {
            expected: 10,
            base_sequence: 11,
            ..
        })
    ));
}

#[test]
fn an_unknown_producer_may_start_anywhere() {
    assert_eq!(
        judge(&after(0), &header(3, 500, 1, 0)).unwrap(),
        Verdict::Accept
    );
}

#[test]
fn a_new_epoch_starts_at_sequence_zero_and_fences_the_old_one() {
    let mut states = after(2);
    assert!(judge(&states, &header(1, 5, 1, 20)).is_err());
    assert_eq!(
        judge(&states, &header(1, 0, 1, 20)).unwrap(),
        Verdict::Accept
    );
    states.replay(&header(1, 0, 1, 20), None);
    assert!(matches!(
        judge(&states, &header(0, 20, 1, 0)),
        Err(LogError::InvalidProducerEpoch {
            epoch: 0,
            current: 1,
            ..
        })
    ));
}

#[test]
fn sequences_wrap_after_the_largest_number() {
    let mut states = ProducerStates::default();
    states.replay(&header(0, i32::MAX - 1, 2, 0), None);
    assert_eq!(
        judge(&states, &header(0, 0, 1, 2)).unwrap(),
        Verdict::Accept
    );
    // A batch that spans the wrap continues behind it.
    let mut states = ProducerStates::default();
    states.replay(&header(0, i32::MAX, 3, 0), None);
    assert_eq!(
        judge(&states, &header(0, 2, 1, 3)).unwrap(),
        Verdict::Accept
    );
}

#[test]
fn a_second_batch_of_the_same_append_is_judged_after_the_first() {
    let states = after(1);
    let mut staged = StagedProducers::default();
    states.stage(&mut staged, &header(0, 10, 10, 10), None, 0);
    assert_eq!(
        states.judge(&staged, &header(0, 20, 10, 20)).unwrap(),
        Verdict::Accept
    );
    assert!(states.judge(&staged, &header(0, 30, 10, 20)).is_err());
    // Nothing took effect yet.
    assert_eq!(
        judge(&states, &header(0, 10, 10, 10)).unwrap(),
        Verdict::Accept
    );
}

#[test]
fn an_open_transaction_holds_the_stable_offset_until_its_marker() {
    let mut states = ProducerStates::default();
    let mut data = header(0, 0, 5, 100);
    data.attributes = data.attributes.with_transactional(true);
    states.replay(&data, None);
    assert_eq!(states.first_unstable_offset(), Some(100));
    states.expire(i64::MAX, 1);
    assert_eq!(
        states.entries().count(),
        1,
        "an open transaction does not expire"
    );
    let marker = EndTxnMarker {
        producer_id: 9,
        producer_epoch: 0,
        coordinator_epoch: 3,
        result: TransactionResult::Commit,
    };
    let mut control = header(0, -1, 1, 105);
    control.attributes = control
        .attributes
        .with_transactional(true)
        .with_control(true);
    states.replay(&control, Some(&marker));
    assert_eq!(states.first_unstable_offset(), None);
    let stale = EndTxnMarker {
        coordinator_epoch: 2,
        ..marker
    };
    assert!(matches!(
        states.judge_marker(&StagedProducers::default(), &control, &stale),
        Err(LogError::CoordinatorFenced {
            epoch: 2,
            current: 3,
            ..
        })
    ));
}

#[test]
fn silent_producers_expire() {
    let mut states = after(1);
    states.expire(1_000, 996);
    assert_eq!(states.entries().count(), 1);
    states.expire(1_001, 996);
    assert_eq!(states.entries().count(), 0);
}

#[test]
fn a_snapshot_reads_back() {
    let mut states = after(7);
    let mut data = header(2, 0, 5, 100);
    data.producer_id = 77;
    data.attributes = data.attributes.with_transactional(true);
    states.replay(&data, None);
    assert_eq!(ProducerStates::decode(&states.encode()), Ok(states));
}

#[test]
fn a_damaged_snapshot_is_refused_at_any_byte() {
    let content = after(3).encode();
    for at in 0..content.len() {
        let mut damaged = content.clone();
        damaged[at] ^= 1;
        assert!(ProducerStates::decode(&damaged).is_err(), "byte {at}");
        assert!(
            ProducerStates::decode(&content[..at]).is_err(),
            "length {at}"
        );
    }
}

#[test]
fn an_aborted_transaction_is_remembered_also_by_a_snapshot() {
    let mut states = ProducerStates::default();
    let mut records = header(0, 0, 10, 0);
    records.attributes = records.attributes.with_transactional(true);
    states.replay(&records, None);
    let marker = EndTxnMarker {
        producer_id: 9,
        producer_epoch: 0,
        coordinator_epoch: 0,
        result: TransactionResult::Abort,
    };
    states.replay(&header(0, -1, 1, 10), Some(&marker));
    let expected = AbortedTxn {
        producer_id: 9,
        first_offset: 0,
        last_offset: 10,
        stable_offset: 11,
    };
    assert_eq!(states.aborted_between(5, 11), [expected]);
    let read = ProducerStates::decode(&states.encode()).unwrap();
    assert_eq!(read, states);
    let content = states.encode();
    assert!(ProducerStates::decode(&content[..content.len() - 1]).is_err());
}
