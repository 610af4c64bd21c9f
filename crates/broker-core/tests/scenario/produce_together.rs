//! Produce requests that arrive together: the same as one after the other, in fewer writes.

use rdkafka_log::fs::{Fault, Operation};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::produce::{PartitionProduceResponse, ProduceRequest};

use crate::harness::{Cluster, Sent, batch, produce_request, sealed, sequenced};

/// The first one makes files.
fn with_a_record() -> Cluster {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.produce("t", batch(&["first"]));
    cluster
}

fn plain(values: &[&str]) -> ProduceRequest {
    produce_request("t", 0, 1, batch(values))
}

fn answers(cluster: &mut Cluster, sent: Vec<Sent>) -> Vec<PartitionProduceResponse> {
    let mut answer = |it| cluster.answer::<ProduceRequest>(it).unwrap();
    let answers = sent.into_iter().map(&mut answer);
    answers
        .map(|mut it| it.responses.remove(0).partition_responses.remove(0))
        .collect()
}

fn together(cluster: &mut Cluster, requests: &[ProduceRequest]) -> Vec<PartitionProduceResponse> {
    let sent = cluster.send_together(0, 9, requests);
    answers(cluster, sent)
}

fn offsets(answers: &[PartitionProduceResponse]) -> Vec<(ErrorCode, i64)> {
    let of = |it: &PartitionProduceResponse| (ErrorCode(it.error_code), it.base_offset);
    answers.iter().map(of).collect()
}

#[test]
fn what_arrives_together_for_a_partition_is_one_write() {
    let mut cluster = with_a_record();
    cluster.fs.inject(Operation::Append, 1, Fault::Error);
    let requests = [plain(&["a", "b"]), plain(&["c"]), plain(&["d", "e"])];
    let answers = together(&mut cluster, &requests);
    let expected = [1, 3, 4].map(|offset| (ErrorCode::NONE, offset));
    assert_eq!(offsets(&answers), expected);
    // The second write is the next one's.
    let error = cluster.produce("t", batch(&["f"])).error_code;
    assert_eq!(ErrorCode(error), ErrorCode::KAFKA_STORAGE_ERROR);
    let values = ["first", "a", "b", "c", "d", "e"].map(str::to_owned);
    assert_eq!(
        cluster.values("t", 0),
        (0..).zip(values).collect::<Vec<_>>()
    );
    cluster.kill_and_restart();
    assert_eq!(cluster.values("t", 0).len(), 6);
}

#[test]
fn a_write_that_fails_is_tried_for_each_request_by_itself() {
    let mut cluster = with_a_record();
    cluster.fs.inject(Operation::Append, 0, Fault::Partial);
    cluster.fs.inject(Operation::Append, 1, Fault::Error);
    let requests = [plain(&["a"]), plain(&["b"]), plain(&["c"])];
    let answers = together(&mut cluster, &requests);
    let expected = [
        (ErrorCode::NONE, 1),
        (ErrorCode::KAFKA_STORAGE_ERROR, -1),
        (ErrorCode::NONE, 2),
    ];
    assert_eq!(offsets(&answers), expected);
}

#[test]
fn answers_offsets_and_records_are_those_of_one_after_the_other() {
    let lists: Vec<fn(i64) -> Vec<ProduceRequest>> = vec![
        |_| vec![plain(&["a"]), plain(&["b"])],
        |id| {
            let sequence = |at, value| produce_request("t", 0, -1, sequenced(&[value], id, 0, at));
            vec![
                sequence(0, "a"),
                sequence(1, "b"),
                plain(&["c"]),
                sequence(2, "d"),
            ]
        },
        // Sent again.
        |id| {
            let sequence = |at, value| produce_request("t", 0, 1, sequenced(&[value], id, 0, at));
            vec![
                sequence(0, "a"),
                sequence(1, "b"),
                sequence(1, "b"),
                sequence(2, "c"),
            ]
        },
        // A gap.
        |id| {
            let sequence = |at, value| produce_request("t", 0, 1, sequenced(&[value], id, 0, at));
            vec![sequence(0, "a"), sequence(5, "b"), sequence(1, "c")]
        },
        |_| {
            let damaged = plain(&["damaged"]).topic_data[0].partition_data[0]
                .records
                .clone();
            let mut damaged = damaged.unwrap().into_bytes().to_vec();
            *damaged.last_mut().unwrap() ^= 1;
            let elsewhere = |topic, partition| produce_request(topic, partition, 1, batch(&["x"]));
            vec![
                plain(&["a"]),
                elsewhere("t", 7),
                produce_request("t", 0, 1, damaged.into()),
                elsewhere("nowhere", 0),
                produce_request("t", 0, 3, batch(&["other acks"])),
                produce_request(
                    "t",
                    0,
                    1,
                    sealed(&["of the future"], i64::MAX / 2, &<_>::default()),
                ),
                elsewhere("stamped", 0),
                elsewhere("stamped", 0),
                plain(&["b"]),
            ]
        },
    ];
    for (number, requests) in lists.into_iter().enumerate() {
        let [mut one, mut other] = [(); 2].map(|()| {
            let mut cluster = Cluster::new();
            cluster.topic("t");
            cluster.topic("stamped");
            let id = cluster.producer_id();
            (cluster, requests(id))
        });
        let sent = one.1.iter().map(|it| one.0.send(0, 9, it)).collect();
        let expected = answers(&mut one.0, sent);
        assert_eq!(together(&mut other.0, &other.1), expected, "list {number}");
        for topic in ["t", "stamped"] {
            assert_eq!(other.0.values(topic, 0), one.0.values(topic, 0));
        }
    }
}

#[test]
fn an_acknowledgement_of_many_waits_for_the_disk_too() {
    let mut cluster = Cluster::with(&[("log.flush.interval.messages", "1")]);
    cluster.topic("t");
    cluster.held_flushes = Some(Vec::new());
    let sent = cluster.send_together(0, 9, &[plain(&["a"]), plain(&["b"])]);
    assert!(sent.iter().all(|it| !cluster.is_answered(*it)));
    assert_eq!(cluster.values("t", 0), []);
    cluster.run_held_flushes();
    let answers = answers(&mut cluster, sent);
    assert_eq!(
        offsets(&answers),
        [(ErrorCode::NONE, 0), (ErrorCode::NONE, 1)]
    );
    assert_eq!(cluster.values("t", 0).len(), 2);
}
