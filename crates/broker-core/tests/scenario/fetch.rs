//! Fetch: waiting, bounds, old clients.

use rdkafka_records::RecordBatches;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::fetch::{
    FetchPartition, FetchRequest, FetchTopic, ForgottenTopic, PartitionData,
};
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use rdkafka_wire::messages::offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use rdkafka_wire::types::Uuid;

use crate::harness::{Cluster, batch, fetch_request, produce_request, sealed, values_of};
use crate::topics::create_topic;

#[test]
fn a_fetch_at_the_end_waits_for_the_next_record() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.produce("t", batch(&["a"]));
    let sent = cluster.send(1, 11, &fetch_request("t", 1, 1, 500));
    cluster.advance_ms(499);
    assert!(!cluster.is_answered(sent));
    cluster.produce("t", batch(&["b"]));
    let answer = cluster.answer::<FetchRequest>(sent).unwrap();
    assert_eq!(
        values_of(&answer.responses[0].partitions[0]),
        [(1, "b".to_owned())]
    );
}

#[test]
fn a_fetch_gives_up_empty_after_max_wait() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let sent = cluster.send(1, 11, &fetch_request("t", 0, 1, 500));
    cluster.advance_ms(500);
    let answer = cluster.answer::<FetchRequest>(sent).unwrap();
    let partition = &answer.responses[0].partitions[0];
    assert_eq!((partition.error_code, partition.high_watermark), (0, 0));
    assert!(partition.records.as_ref().unwrap().is_empty());
}

#[test]
fn a_fetch_waits_for_min_bytes_over_all_its_partitions() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let one = batch(&["a"]).len();
    let mut request = fetch_request("t", 0, i32::try_from(2 * one).unwrap(), 10_000);
    let other = FetchPartition {
        partition: 1,
        ..request.topics[0].partitions[0].clone()
    };
    request.topics[0].partitions.push(other);
    let sent = cluster.send(1, 11, &request);
    cluster.produce("t", batch(&["a"]));
    assert!(!cluster.is_answered(sent));
    cluster.call(9, &produce_request("t", 1, 1, batch(&["b"])));
    let answer = cluster.answer::<FetchRequest>(sent).unwrap();
    let found: Vec<usize> = answer.responses[0]
        .partitions
        .iter()
        .map(|it| values_of(it).len())
        .collect();
    assert_eq!(found, [1, 1]);
}

#[test]
fn a_fetch_that_cannot_succeed_does_not_wait() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.produce("t", batch(&["a"]));
    for (offset, expected) in [
        (2, ErrorCode::OFFSET_OUT_OF_RANGE),
        (-1, ErrorCode::OFFSET_OUT_OF_RANGE),
    ] {
        let answer = cluster.call(11, &fetch_request("t", offset, 1, 10_000));
        assert_eq!(
            ErrorCode(answer.responses[0].partitions[0].error_code),
            expected
        );
    }
    let answer = cluster.call(11, &fetch_request("nowhere", 0, 1, 10_000));
    assert_eq!(
        ErrorCode(answer.responses[0].partitions[0].error_code),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    );
    let answer = cluster.call(
        11,
        &FetchRequest {
            max_wait_ms: 10_000,
            min_bytes: 1,
            ..FetchRequest::default()
        },
    );
    assert!(answer.responses.is_empty());
}

#[test]
fn the_first_batch_comes_whole_however_small_the_limits() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.produce("t", batch(&["a long enough value"]));
    cluster.produce("t", batch(&["b"]));
    let mut request = fetch_request("t", 0, 1, 0);
    request.max_bytes = 1;
    request.topics[0].partitions[0].partition_max_bytes = 1;
    let answer = cluster.call(11, &request);
    assert_eq!(values_of(&answer.responses[0].partitions[0]).len(), 1);
}

#[test]
fn long_ranges_of_files_are_left_to_whoever_sends_them_and_short_ones_are_read() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let long = "x".repeat(50_000);
    let mut bytes = 0;
    for _ in 0..4 {
        let batch = batch(&[&long]);
        bytes += batch.len();
        cluster.call(9, &produce_request("t", 0, 1, batch));
    }
    cluster.call(9, &produce_request("t", 1, 1, batch(&["short"])));
    let mut request = fetch_request("t", 0, 1, 0);
    let other = FetchPartition {
        partition: 1,
        ..request.topics[0].partitions[0].clone()
    };
    request.topics[0].partitions.push(other);
    let sent = cluster.send(1, 11, &request);
    assert_eq!(cluster.sent_from_files(sent), bytes);
    for version in [3, 11] {
        let sent = cluster.send(1, version, &request);
        let answer = cluster.answer::<FetchRequest>(sent).unwrap();
        let partitions = &answer.responses[0].partitions;
        let records = partitions[0].records.clone().unwrap().into_bytes();
        assert!(records.len() > 4 * 50_000);
        if version == 11 {
            let values: Vec<_> = values_of(&partitions[0])
                .into_iter()
                .map(|it| it.1)
                .collect();
            assert_eq!(values, vec![long.clone(); 4]);
            assert_eq!(values_of(&partitions[1]), [(0, "short".to_owned())]);
        }
    }
}

#[test]
fn the_limit_of_the_response_holds_over_all_partitions() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 3, &[]);
    for partition in 0..3 {
        cluster.call(
            9,
            &produce_request("t", partition, 1, batch(&["some value"])),
        );
    }
    let mut request = fetch_request("t", 0, 1, 0);
    let first = request.topics[0].partitions[0].clone();
    request.topics[0].partitions = (0..3)
        .map(|partition| FetchPartition {
            partition,
            ..first.clone()
        })
        .collect();
    request.max_bytes = i32::try_from(2 * batch(&["some value"]).len()).unwrap();
    let answer = cluster.call(11, &request);
    let found: Vec<usize> = answer.responses[0]
        .partitions
        .iter()
        .map(|it| values_of(it).len())
        .collect();
    assert_eq!(found, [1, 1, 0]);
}

#[test]
fn topics_are_found_by_id_from_version_13_on() {
    let mut cluster = Cluster::new();
    let id = cluster.topic("t").topic_id;
    cluster.produce("t", batch(&["a"]));
    let mut request = fetch_request("", 0, 1, 0);
    request.topics[0].topic_id = id;
    for version in 13..=18 {
        let answer = cluster.call(version, &request);
        assert_eq!(values_of(&answer.responses[0].partitions[0]).len(), 1);
        assert_eq!(answer.responses[0].topic_id, id);
    }
    request.topics[0].topic_id = Uuid([1; 16]);
    let answer = cluster.call(16, &request);
    assert_eq!(
        ErrorCode(answer.responses[0].partitions[0].error_code),
        ErrorCode::UNKNOWN_TOPIC_ID
    );
}

#[test]
fn old_clients_get_the_format_they_know() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.produce("t", batch(&["a", "b", "c"]));
    for (version, magic, records) in [
        (0, 0, 2),
        (1, 0, 2),
        (2, 1, 2),
        (3, 1, 2),
        (4, 2, 3),
        (12, 2, 3),
    ] {
        let answer = cluster.call(version, &fetch_request("t", 1, 1, 0));
        let bytes = answer.responses[0].partitions[0]
            .records
            .clone()
            .unwrap()
            .into_bytes();
        let batches: Vec<_> = RecordBatches::new(bytes).map(Result::unwrap).collect();
        assert!(
            batches.iter().all(|batch| batch.magic() == magic),
            "version {version}"
        );
        let count: u32 = batches
            .iter()
            .map(|batch| batch.decompress(1 << 20).unwrap().record_count())
            .sum();
        assert_eq!(count, records, "version {version}");
    }
}

#[test]
fn a_session_remembers_what_a_client_reads_and_says_only_what_is_new() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "a", 1, &[]);
    create_topic(&mut cluster, "b", 1, &[]);
    let mut request = fetch_request("a", 0, 0, 0);
    request.topics.extend(fetch_request("b", 0, 0, 0).topics);
    request.session_epoch = 0;
    let first = cluster.call(11, &request);
    assert_ne!(first.session_id, 0);
    assert_eq!(first.responses.len(), 2);
    let follow = |epoch: i32| FetchRequest {
        session_id: first.session_id,
        session_epoch: epoch,
        ..fetch_request("a", 0, 0, 0)
    };
    let nothing = FetchRequest {
        topics: vec![],
        ..follow(1)
    };
    assert_eq!(cluster.call(11, &nothing).responses.len(), 0);
    cluster.produce("b", batch(&["x"]));
    let nothing = FetchRequest {
        session_epoch: 2,
        ..nothing
    };
    let answer = cluster.call(11, &nothing);
    assert_eq!(
        (answer.responses.len(), &*answer.responses[0].topic),
        (1, "b")
    );
    assert_eq!(values_of(&answer.responses[0].partitions[0]).len(), 1);
    // b is forgotten, a goes on.
    cluster.produce("a", batch(&["y"]));
    let forgets = FetchRequest {
        forgotten_topics_data: vec![ForgottenTopic {
            topic: "b".into(),
            partitions: vec![0],
            ..ForgottenTopic::default()
        }],
        session_epoch: 3,
        ..nothing
    };
    let answer = cluster.call(11, &forgets);
    assert_eq!(
        (answer.responses.len(), &*answer.responses[0].topic),
        (1, "a")
    );
    let outdated = cluster.call(11, &follow(3));
    assert_eq!(
        ErrorCode(outdated.error_code),
        ErrorCode::INVALID_FETCH_SESSION_EPOCH
    );
    // The last request of a session is a full one.
    let closed = cluster.call(11, &follow(-1));
    assert_eq!((closed.session_id, closed.responses.len()), (0, 1));
    let gone = cluster.call(11, &follow(4));
    assert_eq!(
        ErrorCode(gone.error_code),
        ErrorCode::FETCH_SESSION_ID_NOT_FOUND
    );
}

#[test]
fn without_room_for_a_session_the_answer_is_a_full_one() {
    let mut cluster = Cluster::with(&[("max.incremental.fetch.session.cache.slots", "1")]);
    create_topic(&mut cluster, "t", 1, &[]);
    let mut request = fetch_request("t", 0, 0, 0);
    request.session_epoch = 0;
    let first = cluster.call(11, &request).session_id;
    assert_ne!(first, 0);
    assert_eq!(cluster.call(11, &request).session_id, 0);
    // One that was not used for long makes room.
    cluster.advance_ms(121_000);
    let second = cluster.call(11, &request).session_id;
    assert!(second != 0 && second != first);
    request.session_epoch = -1;
    assert_eq!(cluster.call(11, &request).session_id, 0);
}

#[test]
fn a_parked_fetch_of_a_session_answers_with_what_came() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let mut request = fetch_request("t", 0, 0, 0);
    let second = FetchPartition {
        partition: 1,
        ..request.topics[0].partitions[0].clone()
    };
    request.topics[0].partitions.insert(0, second);
    request.session_epoch = 0;
    let session_id = cluster.call(11, &request).session_id;
    let next = FetchRequest {
        session_id,
        session_epoch: 1,
        min_bytes: 1,
        max_wait_ms: 10_000,
        topics: vec![],
        ..request
    };
    let sent = cluster.send(5, 11, &next);
    assert!(!cluster.is_answered(sent));
    cluster.produce("t", batch(&["x"]));
    let answer = cluster.answer::<FetchRequest>(sent).unwrap();
    let partitions = &answer.responses[0].partitions;
    assert_eq!((partitions.len(), partitions[0].partition_index), (1, 0));
    assert_eq!(values_of(&partitions[0]).len(), 1);
}

#[test]
fn what_a_session_just_read_makes_way_for_what_it_did_not() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 3, &[]);
    let mut request = fetch_request("t", 0, 1, 0);
    let first = request.topics[0].partitions[0].clone();
    request.topics[0].partitions = (0..3)
        .map(|partition| FetchPartition {
            partition,
            ..first.clone()
        })
        .collect();
    request.session_epoch = 0;
    request.max_bytes = 1;
    let mut session_id = cluster.call(11, &request).session_id;
    for partition in 0..3 {
        for _ in 0..2 {
            let produced = produce_request("t", partition, 1, batch(&["some value"]));
            cluster.call(9, &produced);
        }
    }
    let mut read = vec![];
    let mut changed = vec![];
    for session_epoch in 1..=6 {
        let next = FetchRequest {
            session_id,
            session_epoch,
            topics: std::mem::take(&mut changed),
            ..request.clone()
        };
        let answer = cluster.call(11, &next);
        session_id = answer.session_id;
        let with_records = |it: &&PartitionData| !values_of(it).is_empty();
        let topics = answer.responses.iter();
        let found: Vec<i32> = topics
            .flat_map(|it| it.partitions.iter().filter(with_records))
            .map(|it| it.partition_index)
            .collect();
        let [partition] = found[..] else {
            panic!("a batch at a time, not of {found:?}")
        };
        read.push(partition);
        changed = vec![FetchTopic {
            topic: "t".into(),
            partitions: vec![FetchPartition {
                partition,
                fetch_offset: 1,
                ..first.clone()
            }],
            ..FetchTopic::default()
        }];
    }
    assert_eq!(read, [0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_session_of_more_partitions_than_can_be_remembered_is_none() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    let mut request = fetch_request("t", 0, 0, 0);
    request.session_epoch = 0;
    let session_id = cluster.call(11, &request).session_id;
    assert_ne!(session_id, 0);
    let first = request.topics[0].partitions[0].clone();
    let many = (0..500_001).map(|partition| FetchPartition {
        partition,
        ..first.clone()
    });
    request.topics[0].partitions = many.collect();
    let answer = cluster.call(11, &request);
    assert_eq!(answer.session_id, 0);
    assert_eq!(answer.responses[0].partitions.len(), 500_001);
    // One that grows too large is complete once more, and over.
    let grown = FetchRequest {
        session_id,
        session_epoch: 1,
        ..request.clone()
    };
    let answer = cluster.call(11, &grown);
    assert_eq!(answer.session_id, 0);
    assert_eq!(answer.responses[0].partitions.len(), 500_001);
    let gone = FetchRequest {
        session_epoch: 2,
        ..grown
    };
    assert_eq!(
        ErrorCode(cluster.call(11, &gone).error_code),
        ErrorCode::FETCH_SESSION_ID_NOT_FOUND
    );
    // Nor is a name remembered that no topic can have.
    let mut long = fetch_request(&"x".repeat(250), 0, 0, 0);
    long.session_epoch = 0;
    assert_eq!(cluster.call(11, &long).session_id, 0);
}

#[test]
fn leader_epochs_are_checked() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut request = fetch_request("t", 0, 1, 0);
    request.topics[0].partitions[0].current_leader_epoch = 0;
    assert_eq!(
        cluster.call(11, &request).responses[0].partitions[0].error_code,
        0
    );
    request.topics[0].partitions[0].current_leader_epoch = 1;
    let answer = cluster.call(11, &request);
    assert_eq!(
        ErrorCode(answer.responses[0].partitions[0].error_code),
        ErrorCode::UNKNOWN_LEADER_EPOCH
    );
}

#[test]
fn a_fetch_of_a_client_that_is_gone_is_forgotten() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let sent = cluster.send(1, 11, &fetch_request("t", 0, 1, 500));
    cluster.disconnect(1);
    cluster.produce("t", batch(&["a"]));
    cluster.advance_ms(1_000);
    assert!(!cluster.is_answered(sent));
}

fn list(cluster: &mut Cluster, version: i16, timestamp: i64) -> (i64, i64) {
    let partition = ListOffsetsPartition {
        timestamp,
        ..ListOffsetsPartition::default()
    };
    let topic = ListOffsetsTopic {
        name: "t".into(),
        partitions: vec![partition],
    };
    let request = ListOffsetsRequest {
        topics: vec![topic],
        replica_id: -1,
        ..ListOffsetsRequest::default()
    };
    let answer = cluster.call(version, &request).topics[0].partitions[0].clone();
    assert_eq!(answer.error_code, 0);
    (answer.offset, answer.timestamp)
}

#[test]
fn offsets_are_listed_by_place_and_by_time() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    assert_eq!(list(&mut cluster, 7, -1), (0, -1));
    assert_eq!(list(&mut cluster, 7, -3), (-1, -1));
    for (value, timestamp) in [("a", 1000), ("b", 3000), ("c", 2000)] {
        cluster.produce(
            "t",
            sealed(&[value], timestamp, &rdkafka_records::Seal::default()),
        );
    }
    for version in 1..=11 {
        assert_eq!(list(&mut cluster, version, -1), (3, -1));
        assert_eq!(list(&mut cluster, version, -2), (0, -1));
        assert_eq!(list(&mut cluster, version, 1000), (0, 1000));
        assert_eq!(list(&mut cluster, version, 1001), (1, 3000));
        assert_eq!(list(&mut cluster, version, 3001), (-1, -1));
    }
    assert_eq!(list(&mut cluster, 11, -3), (1, 3000));
    assert_eq!(list(&mut cluster, 11, -4), (0, -1));
    assert_eq!(list(&mut cluster, 11, -5), (-1, -1));
}

#[test]
fn version_0_lists_offsets_as_an_array() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.produce("t", batch(&["a", "b"]));
    let mut list = |timestamp, max_num_offsets| {
        let partition = ListOffsetsPartition {
            timestamp,
            max_num_offsets,
            ..ListOffsetsPartition::default()
        };
        let topic = ListOffsetsTopic {
            name: "t".into(),
            partitions: vec![partition],
        };
        let request = ListOffsetsRequest {
            topics: vec![topic],
            ..ListOffsetsRequest::default()
        };
        cluster.call(0, &request).topics[0].partitions[0]
            .old_style_offsets
            .clone()
    };
    assert_eq!(list(-1, 1), [2]);
    assert_eq!(list(-1, 10), [2, 0]);
    assert_eq!(list(-2, 10), [0]);
}

#[test]
fn the_end_of_a_leader_epoch_is_known() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.produce("t", batch(&["a", "b"]));
    let mut ask = |leader_epoch| {
        let partition = OffsetForLeaderPartition {
            leader_epoch,
            ..OffsetForLeaderPartition::default()
        };
        let topic = OffsetForLeaderTopic {
            topic: "t".into(),
            partitions: vec![partition],
        };
        let request = OffsetForLeaderEpochRequest {
            topics: vec![topic],
            ..OffsetForLeaderEpochRequest::default()
        };
        let answer = cluster.call(3, &request).topics[0].partitions[0].clone();
        (answer.error_code, answer.leader_epoch, answer.end_offset)
    };
    assert_eq!(ask(0), (0, 0, 2));
}
