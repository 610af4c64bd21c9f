//! Transactions: who may write, who sees what, how they end, and what a restart makes of them.

use bytes::Bytes;
use rdkafka_records::Seal;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::add_offsets_to_txn::AddOffsetsToTxnRequest;
use rdkafka_wire::messages::add_partitions_to_txn::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic,
};
use rdkafka_wire::messages::describe_producers::{DescribeProducersRequest, TopicRequest};
use rdkafka_wire::messages::describe_transactions::DescribeTransactionsRequest;
use rdkafka_wire::messages::end_txn::{EndTxnRequest, EndTxnResponse};
use rdkafka_wire::messages::fetch::{FetchRequest, PartitionData};
use rdkafka_wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use rdkafka_wire::messages::list_transactions::ListTransactionsRequest;
use rdkafka_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use rdkafka_wire::messages::produce::ProduceRequest;
use rdkafka_wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use rdkafka_wire::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};

use crate::harness::{Cluster, batch, fetch_request, produce_request, sealed, values_of};

/// A transactional producer as a client of the first or second protocol version would be.
#[derive(Debug, Clone)]
struct Producer {
    id: i64,
    epoch: i16,
    sequence: i32,
}

fn init(cluster: &mut Cluster, timeout_ms: i32) -> InitProducerIdResponse {
    let request = InitProducerIdRequest {
        transactional_id: Some("x".into()),
        transaction_timeout_ms: timeout_ms,
        ..InitProducerIdRequest::default()
    };
    cluster.call(4, &request)
}

impl Producer {
    fn new(cluster: &mut Cluster) -> Self {
        let answer = init(cluster, 10_000);
        assert_eq!(answer.error_code, 0);
        Self {
            id: answer.producer_id,
            epoch: answer.producer_epoch,
            sequence: 0,
        }
    }

    fn add(&self, cluster: &mut Cluster) -> i16 {
        let topic = AddPartitionsToTxnTopic {
            name: "t".into(),
            partitions: vec![0],
        };
        let request = AddPartitionsToTxnRequest {
            v3_and_below_transactional_id: "x".into(),
            v3_and_below_producer_id: self.id,
            v3_and_below_producer_epoch: self.epoch,
            v3_and_below_topics: vec![topic],
            ..AddPartitionsToTxnRequest::default()
        };
        let answer = cluster.call(3, &request);
        answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
    }

    fn batch(&self, values: &[&str]) -> Bytes {
        let seal = Seal {
            producer_id: self.id,
            producer_epoch: self.epoch,
            base_sequence: self.sequence,
            transactional: true,
            ..Seal::default()
        };
        sealed(values, 1_700_000_000_000, &seal)
    }

    fn produce(&mut self, cluster: &mut Cluster, version: i16, values: &[&str]) -> i16 {
        let mut request = ProduceRequest {
            transactional_id: Some("x".into()),
            ..produce_request("t", 0, -1, self.batch(values))
        };
        if version >= 13 {
            request.topic_data[0].topic_id = cluster.topic("t").topic_id;
        }
        let response = cluster.call(version, &request);
        let code = response.responses[0].partition_responses[0].error_code;
        if code == 0 {
            self.sequence += i32::try_from(values.len()).unwrap();
        }
        code
    }

    fn end(&self, cluster: &mut Cluster, version: i16, committed: bool) -> EndTxnResponse {
        let request = EndTxnRequest {
            transactional_id: "x".into(),
            producer_id: self.id,
            producer_epoch: self.epoch,
            committed,
        };
        cluster.call(version, &request)
    }

    /// A whole transaction of the first protocol version, but for its end.
    fn begin(&mut self, cluster: &mut Cluster, values: &[&str]) {
        assert_eq!(self.add(cluster), 0);
        assert_eq!(self.produce(cluster, 9, values), 0);
    }
}

fn committed_only(offset: i64, min_bytes: i32, max_wait_ms: i32) -> FetchRequest {
    FetchRequest {
        isolation_level: 1,
        ..fetch_request("t", offset, min_bytes, max_wait_ms)
    }
}

fn fetch_committed(cluster: &mut Cluster) -> PartitionData {
    let request = committed_only(0, 0, 0);
    cluster.call(11, &request).responses[0].partitions[0].clone()
}

/// What a reader of committed records sees, which passes over aborted ones as a client does.
fn visible(cluster: &mut Cluster) -> Vec<String> {
    let data = fetch_committed(cluster);
    let aborted = data.aborted_transactions.clone().unwrap();
    let bytes = data.records.unwrap_or_default().into_bytes();
    let mut values = Vec::new();
    let mut skipped: Vec<i64> = Vec::new();
    for found in rdkafka_records::RecordBatches::new(bytes) {
        let found = found.unwrap();
        let header = found.header().unwrap();
        let starts = aborted
            .iter()
            .filter(|it| it.first_offset <= header.last_offset());
        for start in starts {
            if start.producer_id == header.producer_id && start.first_offset == header.base_offset {
                skipped.push(start.producer_id);
            }
        }
        if found.is_control() {
            skipped.retain(|it| *it != header.producer_id);
        } else if !(header.attributes.is_transactional() && skipped.contains(&header.producer_id)) {
            for record in found.decompress(1 << 20).unwrap().records() {
                let value = record.unwrap().value.unwrap_or_default().to_vec();
                values.push(String::from_utf8(value).unwrap());
            }
        }
    }
    values
}

fn state(cluster: &mut Cluster) -> String {
    let request = DescribeTransactionsRequest {
        transactional_ids: vec!["x".into()],
    };
    let answer = cluster.call(0, &request).transaction_states.remove(0);
    answer.transaction_state.to_string()
}

fn restarts() -> [fn(&mut Cluster); 2] {
    [Cluster::kill_and_restart, Cluster::stop_and_restart]
}

#[test]
fn records_are_visible_once_their_transaction_is_committed() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut producer = Producer::new(&mut cluster);
    producer.begin(&mut cluster, &["a"]);
    let data = fetch_committed(&mut cluster);
    assert_eq!((data.last_stable_offset, data.high_watermark), (0, 1));
    assert!(visible(&mut cluster).is_empty());
    assert_eq!(cluster.values("t", 0).len(), 1, "others read everything");
    assert_eq!(producer.end(&mut cluster, 3, true).error_code, 0);
    assert_eq!(visible(&mut cluster), ["a"]);
    let data = fetch_committed(&mut cluster);
    assert_eq!((data.last_stable_offset, data.high_watermark), (2, 2));
    assert_eq!(state(&mut cluster), "CompleteCommit");
}

#[test]
fn aborted_records_are_named_to_readers_of_committed_ones() {
    for restart in restarts() {
        let mut cluster = Cluster::new();
        cluster.topic("t");
        let mut producer = Producer::new(&mut cluster);
        producer.begin(&mut cluster, &["void"]);
        assert_eq!(producer.end(&mut cluster, 3, false).error_code, 0);
        producer.begin(&mut cluster, &["good"]);
        assert_eq!(producer.end(&mut cluster, 3, true).error_code, 0);
        assert_eq!(visible(&mut cluster), ["good"]);
        restart(&mut cluster);
        assert_eq!(visible(&mut cluster), ["good"]);
        let aborted = fetch_committed(&mut cluster).aborted_transactions.unwrap();
        assert_eq!(aborted.len(), 1);
        assert_eq!(
            (aborted[0].producer_id, aborted[0].first_offset),
            (producer.id, 0)
        );
    }
}

#[test]
fn a_plain_record_behind_an_open_transaction_waits_with_it() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut producer = Producer::new(&mut cluster);
    producer.begin(&mut cluster, &["a"]);
    cluster.produce("t", batch(&["plain"]));
    assert!(visible(&mut cluster).is_empty());
    producer.end(&mut cluster, 3, true);
    assert_eq!(visible(&mut cluster), ["a", "plain"]);
}

#[test]
fn a_reader_of_committed_records_waits_for_the_end_and_not_for_records() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut producer = Producer::new(&mut cluster);
    let waiting = cluster.send(1, 11, &committed_only(0, 1, 5_000));
    producer.begin(&mut cluster, &["a"]);
    assert!(!cluster.is_answered(waiting), "nothing is visible yet");
    producer.end(&mut cluster, 3, true);
    let answer = cluster.answer::<FetchRequest>(waiting).expect("woken");
    assert_eq!(answer.responses[0].partitions[0].last_stable_offset, 2);
}

#[test]
fn a_batch_outside_of_a_transaction_is_refused() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut producer = Producer::new(&mut cluster);
    let refused = ErrorCode::INVALID_TXN_STATE.code();
    assert_eq!(producer.produce(&mut cluster, 9, &["a"]), refused);
    let abortable = ErrorCode::TRANSACTION_ABORTABLE.code();
    assert_eq!(producer.produce(&mut cluster, 11, &["a"]), abortable);
    assert_eq!(producer.end(&mut cluster, 3, true).error_code, refused);
}

#[test]
fn a_new_producer_fences_the_old_one_and_aborts_what_it_left() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut old = Producer::new(&mut cluster);
    old.begin(&mut cluster, &["void"]);
    let mut new = Producer::new(&mut cluster);
    assert_eq!(new.id, old.id);
    assert!(new.epoch > old.epoch);
    let fenced = ErrorCode::PRODUCER_FENCED.code();
    assert_eq!(old.add(&mut cluster), fenced);
    assert_eq!(old.end(&mut cluster, 3, true).error_code, fenced);
    let before = ErrorCode::INVALID_PRODUCER_EPOCH.code();
    assert_eq!(old.end(&mut cluster, 1, true).error_code, before);
    assert_eq!(old.produce(&mut cluster, 9, &["late"]), before);
    new.begin(&mut cluster, &["good"]);
    new.end(&mut cluster, 3, true);
    assert_eq!(visible(&mut cluster), ["good"]);
}

#[test]
fn a_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced() {
    for restart in [None, Some(Cluster::kill_and_restart as fn(&mut Cluster))] {
        let mut cluster = Cluster::new();
        cluster.topic("t");
        let mut producer = Producer::new(&mut cluster);
        producer.begin(&mut cluster, &["void"]);
        cluster.advance_ms(6_000);
        if let Some(restart) = restart {
            restart(&mut cluster);
        }
        cluster.advance_ms(3_999);
        assert_eq!(state(&mut cluster), "Ongoing");
        cluster.advance_ms(2);
        assert_eq!(state(&mut cluster), "CompleteAbort");
        assert!(visible(&mut cluster).is_empty());
        assert_eq!(fetch_committed(&mut cluster).last_stable_offset, 2);
        let fenced = ErrorCode::PRODUCER_FENCED.code();
        assert_eq!(producer.end(&mut cluster, 3, true).error_code, fenced);
    }
}

#[test]
fn timeouts_beyond_the_brokers_limit_are_refused() {
    let mut cluster = Cluster::new();
    for timeout_ms in [0, -1, 900_001] {
        let code = ErrorCode::INVALID_TRANSACTION_TIMEOUT.code();
        assert_eq!(init(&mut cluster, timeout_ms).error_code, code);
    }
}

#[test]
fn the_same_end_twice_is_the_same_answer_and_the_other_end_is_refused() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut producer = Producer::new(&mut cluster);
    producer.begin(&mut cluster, &["a"]);
    for _ in 0..2 {
        assert_eq!(producer.end(&mut cluster, 3, true).error_code, 0);
    }
    let refused = ErrorCode::INVALID_TXN_STATE.code();
    assert_eq!(producer.end(&mut cluster, 3, false).error_code, refused);
}

#[test]
fn the_second_protocol_version_adds_partitions_by_itself_and_ends_with_a_new_epoch() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut producer = Producer::new(&mut cluster);
    assert_eq!(producer.produce(&mut cluster, 13, &["a"]), 0);
    let ended = producer.end(&mut cluster, 5, true);
    assert_eq!(
        (ended.error_code, ended.producer_id, ended.producer_epoch),
        (0, producer.id, producer.epoch + 1)
    );
    let again = producer.end(&mut cluster, 5, true);
    assert_eq!(again, ended, "a lost answer is given again");
    let late = ErrorCode::INVALID_PRODUCER_EPOCH.code();
    assert_eq!(producer.produce(&mut cluster, 13, &["late"]), late);
    (producer.epoch, producer.sequence) = (ended.producer_epoch, 0);
    assert_eq!(producer.produce(&mut cluster, 13, &["void"]), 0);
    let aborted = producer.end(&mut cluster, 5, false);
    assert_eq!(aborted.producer_epoch, producer.epoch + 1);
    producer.epoch = aborted.producer_epoch;
    let nothing = producer.end(&mut cluster, 5, false);
    assert_eq!(nothing.error_code, 0, "an abort of nothing");
    assert_eq!(visible(&mut cluster), ["a"]);
}

#[test]
fn a_producer_that_used_up_its_epochs_gets_a_new_id() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let first = Producer::new(&mut cluster);
    let mut last = first.clone();
    while last.id == first.id {
        last = Producer::new(&mut cluster);
    }
    assert_eq!(last.epoch, 0);
    last.begin(&mut cluster, &["a"]);
    last.end(&mut cluster, 3, true);
    assert_eq!(visible(&mut cluster), ["a"]);
}

#[test]
fn an_open_transaction_goes_on_after_a_restart() {
    for restart in restarts() {
        let mut cluster = Cluster::new();
        cluster.topic("t");
        let mut producer = Producer::new(&mut cluster);
        producer.begin(&mut cluster, &["a"]);
        restart(&mut cluster);
        assert!(visible(&mut cluster).is_empty());
        assert_eq!(producer.produce(&mut cluster, 9, &["b"]), 0);
        assert_eq!(producer.end(&mut cluster, 3, true).error_code, 0);
        assert_eq!(visible(&mut cluster), ["a", "b"]);
    }
}

#[test]
fn a_producer_that_knows_its_epoch_may_ask_for_the_next_one_again() {
    let mut cluster = Cluster::new();
    let producer = Producer::new(&mut cluster);
    let request = InitProducerIdRequest {
        transactional_id: Some("x".into()),
        transaction_timeout_ms: 10_000,
        producer_id: producer.id,
        producer_epoch: producer.epoch,
    };
    let next = cluster.call(4, &request);
    assert_eq!(
        (next.error_code, next.producer_epoch),
        (0, producer.epoch + 1)
    );
    assert_eq!(cluster.call(4, &request), next, "the answer was lost");
    Producer::new(&mut cluster);
    let code = ErrorCode::PRODUCER_FENCED.code();
    assert_eq!(cluster.call(4, &request).error_code, code);
}

fn commit_offset(cluster: &mut Cluster, producer: &Producer, version: i16, offset: i64) -> i16 {
    let partition = TxnOffsetCommitRequestPartition {
        committed_offset: offset,
        committed_metadata: Some("note".into()),
        ..TxnOffsetCommitRequestPartition::default()
    };
    let request = TxnOffsetCommitRequest {
        transactional_id: "x".into(),
        group_id: "g".into(),
        producer_id: producer.id,
        producer_epoch: producer.epoch,
        topics: vec![TxnOffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![partition],
        }],
        ..TxnOffsetCommitRequest::default()
    };
    cluster.call(version, &request).topics[0].partitions[0].error_code
}

fn offset_of_group(cluster: &mut Cluster, require_stable: bool) -> (i16, i64) {
    let topic = OffsetFetchRequestTopics {
        name: "t".into(),
        partition_indexes: vec![0],
        ..OffsetFetchRequestTopics::default()
    };
    let request = OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: "g".into(),
            topics: Some(vec![topic]),
            ..OffsetFetchRequestGroup::default()
        }],
        require_stable,
        ..OffsetFetchRequest::default()
    };
    let answer = cluster.call(8, &request);
    let partition = &answer.groups[0].topics[0].partitions[0];
    (partition.error_code, partition.committed_offset)
}

fn add_group(cluster: &mut Cluster, producer: &Producer) -> i16 {
    let request = AddOffsetsToTxnRequest {
        transactional_id: "x".into(),
        producer_id: producer.id,
        producer_epoch: producer.epoch,
        group_id: "g".into(),
    };
    cluster.call(3, &request).error_code
}

#[test]
fn offsets_of_a_transaction_count_when_it_is_committed() {
    for (committed, expected) in [(true, 7), (false, -1)] {
        let mut cluster = Cluster::new();
        cluster.topic("t");
        let producer = Producer::new(&mut cluster);
        let refused = ErrorCode::INVALID_TXN_STATE.code();
        assert_eq!(commit_offset(&mut cluster, &producer, 3, 7), refused);
        assert_eq!(add_group(&mut cluster, &producer), 0);
        assert_eq!(commit_offset(&mut cluster, &producer, 3, 7), 0);
        assert_eq!(offset_of_group(&mut cluster, false), (0, -1));
        let unstable = ErrorCode::UNSTABLE_OFFSET_COMMIT.code();
        assert_eq!(offset_of_group(&mut cluster, true), (unstable, -1));
        cluster.kill_and_restart();
        assert_eq!(offset_of_group(&mut cluster, true), (unstable, -1));
        assert_eq!(producer.end(&mut cluster, 3, committed).error_code, 0);
        assert_eq!(offset_of_group(&mut cluster, true), (0, expected));
        cluster.kill_and_restart();
        assert_eq!(offset_of_group(&mut cluster, true), (0, expected));
    }
}

#[test]
fn the_second_protocol_version_adds_the_group_by_itself() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let producer = Producer::new(&mut cluster);
    assert_eq!(commit_offset(&mut cluster, &producer, 5, 3), 0);
    assert_eq!(producer.end(&mut cluster, 5, true).error_code, 0);
    assert_eq!(offset_of_group(&mut cluster, true), (0, 3));
    let late = ErrorCode::INVALID_PRODUCER_EPOCH.code();
    assert_eq!(commit_offset(&mut cluster, &producer, 5, 9), late);
}

#[test]
fn partitions_that_do_not_exist_cannot_be_added() {
    let mut cluster = Cluster::new();
    let producer = Producer::new(&mut cluster);
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.code();
    assert_eq!(producer.add(&mut cluster), unknown);
}

#[test]
fn transactions_and_producers_can_be_listed() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut producer = Producer::new(&mut cluster);
    producer.begin(&mut cluster, &["a", "b"]);
    let list = |cluster: &mut Cluster, state: &str| {
        let request = ListTransactionsRequest {
            state_filters: vec![state.into()],
            ..ListTransactionsRequest::default()
        };
        let answer = cluster.call(1, &request);
        (
            answer.transaction_states.len(),
            answer.unknown_state_filters.len(),
        )
    };
    assert_eq!(list(&mut cluster, "Ongoing"), (1, 0));
    assert_eq!(list(&mut cluster, "Empty"), (0, 0));
    assert_eq!(list(&mut cluster, "Nonsense"), (0, 1));
    let request = DescribeProducersRequest {
        topics: vec![TopicRequest {
            name: "t".into(),
            partition_indexes: vec![0, 9],
        }],
    };
    let answer = cluster.call(0, &request).topics.remove(0).partitions;
    let shown = &answer[0].active_producers[0];
    assert_eq!(
        (
            shown.producer_id,
            shown.last_sequence,
            shown.current_txn_start_offset
        ),
        (producer.id, 1, 0)
    );
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.code();
    assert_eq!(answer[1].error_code, unknown);
}

#[test]
fn an_administrator_can_end_a_transaction_that_hangs() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut producer = Producer::new(&mut cluster);
    producer.begin(&mut cluster, &["void"]);
    let request = WriteTxnMarkersRequest {
        markers: vec![WritableTxnMarker {
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            transaction_result: false,
            topics: vec![WritableTxnMarkerTopic {
                name: "t".into(),
                partition_indexes: vec![0, 9],
            }],
            ..WritableTxnMarker::default()
        }],
    };
    let answer = cluster.call(1, &request).markers.remove(0).topics.remove(0);
    let codes: Vec<i16> = answer.partitions.iter().map(|it| it.error_code).collect();
    assert_eq!(codes, [0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.code()]);
    assert_eq!(fetch_committed(&mut cluster).last_stable_offset, 2);
    assert!(visible(&mut cluster).is_empty());
}

#[test]
fn control_records_are_passed_over_by_readers_of_everything() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut producer = Producer::new(&mut cluster);
    producer.begin(&mut cluster, &["a"]);
    producer.end(&mut cluster, 3, true);
    let data = cluster.fetch("t", 0);
    assert_eq!(
        values_of(&data).len(),
        2,
        "the record, and the marker as a control batch"
    );
    assert_eq!(data.aborted_transactions, None);
}
