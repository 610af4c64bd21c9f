//! The records of share groups: who gets them, what is said of them, how often they come.

use crate::harness::{Cluster, produce_request, sealed};
use rdkafka_records::{EndTxnMarker, RecordBatches, Seal, TransactionResult};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_fetch::ShareFetchRequest;

use super::{
    ACCEPT, GAP, LOCK_MS, REJECT, RELEASE, RENEW, ack, another, configure, got, partition, produce,
    progress, start,
};

#[test]
fn records_go_to_one_member_until_it_says_what_became_of_them() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = another(&mut cluster, &one, "m2", 2);
    produce(&mut cluster, 3);
    produce(&mut cluster, 2);
    one.max_records = 3;
    let answer = one.fetch_with(&mut cluster, &[]);
    assert_eq!(got(&answer), [(0, 2, 1)]);
    assert_eq!(answer.acquisition_lock_timeout_ms, 30_000);
    let records = partition(&answer).unwrap().records.clone().into_bytes();
    let batches: Vec<_> = RecordBatches::new(records)
        .map(|it| it.unwrap().last_offset())
        .collect();
    assert_eq!(batches, [2], "only the batches of what was acquired");
    assert_eq!(two.fetch(&mut cluster), [(3, 4, 1)]);
    assert_eq!(one.fetch(&mut cluster), []);

    assert_eq!(one.say(&mut cluster, 0, 0, ACCEPT), ErrorCode::NONE);
    assert_eq!(progress(&mut cluster), Some((1, 4)));
    assert_eq!(one.say(&mut cluster, 1, 1, RELEASE), ErrorCode::NONE);
    assert_eq!(one.say(&mut cluster, 2, 2, REJECT), ErrorCode::NONE);
    assert_eq!(two.fetch(&mut cluster), [(1, 1, 2)]);
    assert_eq!(progress(&mut cluster), Some((1, 3)));
    assert_eq!(two.say(&mut cluster, 1, 1, ACCEPT), ErrorCode::NONE);
    assert_eq!(progress(&mut cluster), Some((3, 2)));
    assert_eq!(two.say(&mut cluster, 3, 4, GAP), ErrorCode::NONE);
    assert_eq!(progress(&mut cluster), Some((5, 0)));
}

#[test]
fn each_record_of_a_batch_can_have_its_own_fate() {
    let (mut cluster, mut one) = start(&[]);
    produce(&mut cluster, 5);
    assert_eq!(one.fetch(&mut cluster), [(0, 4, 1)]);
    let fates = [ACCEPT, RELEASE, ACCEPT, RELEASE, RELEASE];
    let answer = one.acknowledge(&mut cluster, &[ack(0, 4, &fates)]);
    assert_eq!(answer.responses[0].partitions[0].error_code, 0);
    assert_eq!(answer.acquisition_lock_timeout_ms, 30_000);
    assert_eq!(one.fetch(&mut cluster), [(1, 1, 2), (3, 4, 2)]);
}

#[test]
fn acknowledgements_come_along_with_a_fetch() {
    let (mut cluster, mut one) = start(&[]);
    produce(&mut cluster, 2);
    assert_eq!(one.fetch(&mut cluster), [(0, 1, 1)]);
    produce(&mut cluster, 1);
    let answer = one.fetch_with(&mut cluster, &[ack(0, 1, &[ACCEPT])]);
    assert_eq!(got(&answer), [(2, 2, 1)]);
    assert_eq!(partition(&answer).unwrap().acknowledge_error_code, 0);
    let answer = one.fetch_with(&mut cluster, &[ack(0, 1, &[ACCEPT]), ack(2, 7, &[ACCEPT])]);
    let data = partition(&answer).unwrap();
    assert_eq!(
        ErrorCode(data.acknowledge_error_code),
        ErrorCode::INVALID_REQUEST
    );
    assert_eq!(data.error_code, 0);
}

#[test]
fn what_cannot_be_acknowledged_changes_nothing() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = another(&mut cluster, &one, "m2", 2);
    produce(&mut cluster, 4);
    one.max_records = 2;
    one.mode = 1;
    assert_eq!(one.fetch(&mut cluster), [(0, 1, 1)]);
    assert_eq!(two.fetch(&mut cluster), [(2, 3, 1)]);
    for (batches, expected) in [
        (vec![ack(0, 2, &[ACCEPT])], ErrorCode::INVALID_RECORD_STATE),
        (
            vec![ack(0, 0, &[ACCEPT]), ack(3, 3, &[ACCEPT])],
            ErrorCode::INVALID_RECORD_STATE,
        ),
        (vec![ack(1, 0, &[ACCEPT])], ErrorCode::INVALID_REQUEST),
        (vec![ack(0, 1, &[])], ErrorCode::INVALID_REQUEST),
        (vec![ack(0, 1, &[ACCEPT; 3])], ErrorCode::INVALID_REQUEST),
        (vec![ack(0, 1, &[5])], ErrorCode::INVALID_REQUEST),
        (vec![ack(0, 1, &[-1])], ErrorCode::INVALID_REQUEST),
        (
            vec![ack(1, 1, &[ACCEPT]), ack(0, 0, &[ACCEPT])],
            ErrorCode::INVALID_REQUEST,
        ),
        (
            vec![ack(i64::MIN, i64::MAX, &[ACCEPT, ACCEPT])],
            ErrorCode::INVALID_REQUEST,
        ),
        (vec![ack(9, 9, &[ACCEPT])], ErrorCode::INVALID_REQUEST),
    ] {
        let answer = one.acknowledge(&mut cluster, &batches);
        let code = ErrorCode(answer.responses[0].partitions[0].error_code);
        assert_eq!(code, expected, "{batches:?}");
    }
    assert_eq!(one.say(&mut cluster, 0, 1, ACCEPT), ErrorCode::NONE);
    // What is done with lies before the start: nothing is to be said of it any more.
    assert_eq!(one.say(&mut cluster, 0, 1, ACCEPT), ErrorCode::NONE);
}

#[test]
fn a_lock_that_ends_gives_the_records_to_others() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = another(&mut cluster, &one, "m2", 2);
    produce(&mut cluster, 2);
    assert_eq!(one.fetch(&mut cluster), [(0, 1, 1)]);
    cluster.advance_ms(LOCK_MS - 100);
    let sent = two.fetch_later(&mut cluster);
    assert!(!cluster.is_answered(sent));
    cluster.advance_ms(100);
    let answer = cluster.answer::<ShareFetchRequest>(sent).unwrap();
    assert_eq!(got(&answer), [(0, 1, 2)]);
    assert_eq!(
        one.say(&mut cluster, 0, 1, ACCEPT),
        ErrorCode::INVALID_RECORD_STATE
    );
    assert_eq!(two.say(&mut cluster, 0, 1, ACCEPT), ErrorCode::NONE);
}

#[test]
fn a_lock_can_be_renewed_unless_the_group_forbids_it() {
    let (mut cluster, mut one) = start(&[]);
    produce(&mut cluster, 2);
    assert_eq!(one.fetch(&mut cluster), [(0, 1, 1)]);
    cluster.advance_ms(LOCK_MS - 1);
    one.beat(&mut cluster);
    assert_eq!(one.say(&mut cluster, 0, 0, RENEW), ErrorCode::NONE);
    cluster.advance_ms(1);
    assert_eq!(
        one.fetch(&mut cluster),
        [(1, 1, 2)],
        "only the other one is free"
    );
    assert_eq!(one.say(&mut cluster, 0, 1, ACCEPT), ErrorCode::NONE);

    configure(&mut cluster, "share.renew.acknowledge.enable", "false");
    produce(&mut cluster, 1);
    assert_eq!(one.fetch(&mut cluster), [(2, 2, 1)]);
    assert_eq!(
        one.say(&mut cluster, 2, 2, RENEW),
        ErrorCode::INVALID_RECORD_STATE
    );
    // A renewal in a fetch that would fetch, or in a request that does not say so, is none.
    let mut request = one.fetch_request(&[ack(2, 2, &[RENEW])]);
    request.is_renew_ack = true;
    let answer = cluster.call(2, &request);
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::INVALID_REQUEST);
    let mut request = one.acknowledge_request(&[ack(2, 2, &[RENEW])]);
    request.is_renew_ack = false;
    let answer = cluster.call(2, &request);
    let code = ErrorCode(answer.responses[0].partitions[0].error_code);
    assert_eq!(code, ErrorCode::INVALID_REQUEST);
}

#[test]
fn a_record_is_delivered_so_often_and_then_passed_over() {
    let (mut cluster, mut one) = start(&[]);
    configure(&mut cluster, "share.delivery.count.limit", "2");
    produce(&mut cluster, 1);
    assert_eq!(one.fetch(&mut cluster), [(0, 0, 1)]);
    assert_eq!(one.say(&mut cluster, 0, 0, RELEASE), ErrorCode::NONE);
    assert_eq!(one.fetch(&mut cluster), [(0, 0, 2)]);
    assert_eq!(one.say(&mut cluster, 0, 0, RELEASE), ErrorCode::NONE);
    assert_eq!(one.fetch(&mut cluster), []);
    assert_eq!(progress(&mut cluster), Some((1, 0)));
}

#[test]
fn what_fails_often_is_delivered_in_ever_smaller_pieces() {
    let (mut cluster, mut one) = start(&[]);
    produce(&mut cluster, 8);
    let mut sizes = Vec::new();
    for _ in 0..5 {
        let got = one.fetch(&mut cluster);
        let (first, last, _) = got[0];
        assert_eq!((first, got.len()), (0, 1));
        sizes.push(last - first + 1);
        assert_eq!(one.say(&mut cluster, first, last, RELEASE), ErrorCode::NONE);
    }
    // The limit is five: from the third delivery on halves, alone the last time.
    assert_eq!(sizes, [8, 8, 8, 4, 1]);
    // Its neighbours are still there.
    assert_eq!(one.fetch(&mut cluster), [(1, 1, 5)]);
}

#[test]
fn a_limit_of_records_is_exact_or_rounded_to_batches() {
    let (mut cluster, mut one) = start(&[]);
    produce(&mut cluster, 4);
    produce(&mut cluster, 4);
    produce(&mut cluster, 4);
    one.max_records = 5;
    let mut request = one.fetch_request(&[]);
    request.batch_size = 4;
    let sent = one.send(&mut cluster, &request);
    let answer = cluster.answer::<ShareFetchRequest>(sent).unwrap();
    assert_eq!(got(&answer), [(0, 3, 1), (4, 7, 1)]);
    one.mode = 1;
    one.max_records = 3;
    assert_eq!(one.fetch(&mut cluster), [(8, 10, 1)]);
    assert_eq!(one.fetch(&mut cluster), [(11, 11, 1)]);
}

#[test]
fn so_many_records_are_under_way_at_once() {
    let limit = [("group.share.partition.max.record.locks", "100")];
    let (mut cluster, mut one) = start(&limit);
    for _ in 0..30 {
        produce(&mut cluster, 5);
    }
    assert_eq!(one.fetch(&mut cluster), [(0, 99, 1)]);
    assert_eq!(one.fetch(&mut cluster), []);
    // What is given back is had again though the partition is full.
    assert_eq!(one.say(&mut cluster, 50, 59, RELEASE), ErrorCode::NONE);
    assert_eq!(one.fetch(&mut cluster), [(50, 59, 2)]);
    let sent = one.fetch_later(&mut cluster);
    assert!(!cluster.is_answered(sent));
    let request = one.acknowledge_request(&[ack(0, 9, &[ACCEPT])]);
    one.session_epoch += 1;
    assert_eq!(cluster.call(2, &request).error_code, 0);
    let answer = cluster.answer::<ShareFetchRequest>(sent).unwrap();
    assert_eq!(got(&answer), [(100, 109, 1)]);
}

#[test]
fn a_group_that_reads_committed_sees_no_aborted_records() {
    let (mut cluster, mut one) = start(&[]);
    configure(&mut cluster, "share.isolation.level", "read_committed");
    let waiting = one.fetch_later(&mut cluster);
    let mut base = 0;
    let producer = transactional(&mut cluster);
    for result in [TransactionResult::Abort, TransactionResult::Commit] {
        let seal = Seal {
            producer_id: producer,
            producer_epoch: 0,
            base_sequence: base,
            transactional: true,
            ..Seal::default()
        };
        base += 2;
        let records = sealed(&["a", "b"], cluster.unix_ms(), &seal);
        let mut request = produce_request("t", 0, -1, records);
        request.transactional_id = Some("tx".into());
        assert_eq!(
            cluster.call(9, &request).responses[0].partition_responses[0].error_code,
            0
        );
        // The marker of the first is all there is of it.
        let is_answered = cluster.is_answered(waiting);
        assert_eq!(is_answered, result == TransactionResult::Commit);
        end(&mut cluster, producer, result);
    }
    let answer = cluster.answer::<ShareFetchRequest>(waiting).unwrap();
    let offsets: Vec<i64> = got(&answer)
        .iter()
        .flat_map(|(first, last, _)| *first..=*last)
        .collect();
    assert!(
        !offsets.contains(&0) && !offsets.contains(&1),
        "{offsets:?}"
    );
    let mut seen = offsets;
    seen.extend(
        one.fetch(&mut cluster)
            .iter()
            .flat_map(|(first, last, _)| *first..=*last),
    );
    assert!(seen.contains(&3) && seen.contains(&4), "{seen:?}");
}

/// Begins a transaction `tx` with partition 0 of topic `t` in it.
fn transactional(cluster: &mut Cluster) -> i64 {
    use rdkafka_wire::messages::init_producer_id::InitProducerIdRequest;
    let request = InitProducerIdRequest {
        transactional_id: Some("tx".into()),
        transaction_timeout_ms: 60_000,
        ..InitProducerIdRequest::default()
    };
    let id = cluster.call(4, &request).producer_id;
    add(cluster, id);
    id
}

fn add(cluster: &mut Cluster, producer_id: i64) {
    use rdkafka_wire::messages::add_partitions_to_txn::{
        AddPartitionsToTxnRequest, AddPartitionsToTxnTopic,
    };
    let request = AddPartitionsToTxnRequest {
        v3_and_below_transactional_id: "tx".into(),
        v3_and_below_producer_id: producer_id,
        v3_and_below_producer_epoch: 0,
        v3_and_below_topics: vec![AddPartitionsToTxnTopic {
            name: "t".into(),
            partitions: vec![0],
        }],
        ..AddPartitionsToTxnRequest::default()
    };
    let answer = cluster.call(3, &request);
    let codes =
        answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code;
    assert_eq!(codes, 0);
}

fn end(cluster: &mut Cluster, producer_id: i64, result: TransactionResult) {
    use rdkafka_wire::messages::end_txn::EndTxnRequest;
    let marker = EndTxnMarker {
        producer_id,
        producer_epoch: 0,
        coordinator_epoch: 0,
        result,
    };
    let request = EndTxnRequest {
        transactional_id: "tx".into(),
        producer_id: marker.producer_id,
        producer_epoch: marker.producer_epoch,
        committed: marker.result == TransactionResult::Commit,
    };
    assert_eq!(cluster.call(3, &request).error_code, 0);
    if result == TransactionResult::Abort {
        add(cluster, producer_id);
    }
}
