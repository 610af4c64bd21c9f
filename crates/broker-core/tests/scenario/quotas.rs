//! Quotas of clients: who used more than allowed is told so, and nothing more is read from the connection for that time.

use std::time::Duration;

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, EntityData, EntryData, OpData,
};
use rdkafka_wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use rdkafka_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use rdkafka_wire::messages::delete_topics::DeleteTopicsRequest;
use rdkafka_wire::messages::describe_client_quotas::{ComponentData, DescribeClientQuotasRequest};
use rdkafka_wire::messages::fetch::{FetchRequest, FetchResponse};
use rdkafka_wire::messages::metadata::MetadataRequest;
use rdkafka_wire::messages::produce::ProduceRequest;

use crate::harness::{Cluster, batch, fetch_request, produce_request, values_of};

const SECOND: Duration = Duration::from_secs(1);

impl Cluster {
    /// Sets a quota; 0 takes it back.
    fn set_quota(&mut self, entity: &[(&str, Option<&str>)], key: &str, value: f64) -> ErrorCode {
        let parts = entity.iter().map(|(kind, name)| EntityData {
            entity_type: (*kind).into(),
            entity_name: name.map(Into::into),
        });
        let request = AlterClientQuotasRequest {
            entries: vec![EntryData {
                entity: parts.collect(),
                ops: vec![OpData {
                    key: key.into(),
                    value,
                    remove: value == 0.0,
                }],
            }],
            validate_only: false,
        };
        ErrorCode(self.call(1, &request).entries[0].error_code)
    }

    /// Produces so that the request has this many bytes; how long the client is throttled.
    fn produce_bytes(&mut self, bytes: usize) -> Duration {
        let response = self.call(9, &produce_of(bytes));
        let partition = &response.responses[0].partition_responses[0];
        assert_eq!(partition.error_code, 0);
        millis(response.throttle_time_ms)
    }

    /// For how long nothing is read from connection 0 since the last call.
    fn take_muted(&mut self) -> Duration {
        let muted = std::mem::take(&mut self.muted).into_iter();
        muted.filter(|(of, _)| *of == 0).map(|(_, time)| time).sum()
    }
}

fn millis(time_ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(time_ms).unwrap())
}

/// A produce request whose frame has this many bytes, of which 1000 are always there.
fn produce_of(bytes: usize) -> ProduceRequest {
    let sized = |len: usize| produce_request("t", 0, 1, batch(&["x".repeat(len).as_str()]));
    let frame_len = |request: &ProduceRequest| {
        let frame = rdkafka_wire::frame::encode_request(request, 9, 1, Some("tester"));
        frame.into_bytes().len() - 4
    };
    let request = sized(bytes);
    let request = sized(bytes - (frame_len(&request) - bytes));
    assert_eq!(frame_len(&request), bytes);
    request
}

#[test]
fn quotas_are_kept_and_shown() {
    let mut cluster = Cluster::new();
    let mut alter =
        |kind: &str, key: &str, value: f64| cluster.set_quota(&[(kind, Some("alice"))], key, value);
    assert_eq!(alter("user", "producer_byte_rate", 1024.0), ErrorCode::NONE);
    for (kind, key, value) in [
        ("user", "no_such", 1.0),
        ("user", "producer_byte_rate", -1.0),
        ("planet", "producer_byte_rate", 1.0),
    ] {
        assert_eq!(alter(kind, key, value), ErrorCode::INVALID_REQUEST);
    }
    cluster.kill_and_restart();
    let any_user = DescribeClientQuotasRequest {
        components: vec![ComponentData {
            entity_type: "user".into(),
            match_type: 2,
            r#match: None,
        }],
        strict: true,
    };
    let entries = cluster.call(1, &any_user).entries.unwrap();
    assert_eq!((entries.len(), entries[0].values[0].value), (1, 1024.0));
    assert_eq!(entries[0].entity[0].entity_name.as_deref(), Some("alice"));
}

#[test]
fn a_producer_that_sends_too_much_is_told_so_and_not_read_from() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.set_quota(
        &[("client-id", Some("tester"))],
        "producer_byte_rate",
        1000.0,
    );
    assert_eq!(cluster.produce_bytes(10_000), Duration::ZERO, "ten windows");
    assert_eq!(cluster.take_muted(), Duration::ZERO);
    assert_eq!(cluster.produce_bytes(2_000), 2 * SECOND);
    assert_eq!(cluster.take_muted(), 2 * SECOND);
    cluster.advance(2 * SECOND);
    assert_eq!(
        cluster.produce_bytes(1_000),
        3 * SECOND,
        "13000 in ten seconds, of which two are over"
    );
    assert_eq!(cluster.values("t", 0).len(), 3, "nothing is refused");
    cluster.advance(12 * SECOND);
    assert_eq!(cluster.produce_bytes(10_000), Duration::ZERO);
}

#[test]
fn a_quota_outlives_the_process_and_ends_when_it_is_taken_back() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let entity = [("user", None), ("client-id", None)];
    cluster.set_quota(&entity, "producer_byte_rate", 100.0);
    cluster.kill_and_restart();
    assert_eq!(cluster.produce_bytes(2_000), 10 * SECOND);
    cluster.set_quota(&entity, "producer_byte_rate", 0.0);
    assert_eq!(cluster.produce_bytes(2_000), Duration::ZERO);
}

#[test]
fn a_silent_producer_waits_too_and_others_do_not() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.principal = "User:alice";
    cluster.set_quota(&[("user", Some("alice"))], "producer_byte_rate", 100.0);
    let mut silent = produce_of(2_000);
    silent.acks = 0;
    let sent = cluster.send(0, 9, &silent);
    assert!(cluster.is_silent(sent));
    assert_eq!(cluster.take_muted(), 10 * SECOND);
    cluster.client_id = "tamper";
    assert_eq!(
        cluster.produce_bytes(1_000),
        20 * SECOND,
        "all clients of a user share its quota"
    );
    cluster.principal = "User:bob";
    assert_eq!(cluster.produce_bytes(2_000), Duration::ZERO);
}

#[test]
fn a_produce_that_waits_for_the_disk_is_charged_when_it_is_answered() {
    let mut cluster = Cluster::with(&[("log.flush.interval.messages", "1")]);
    cluster.topic("t");
    cluster.set_quota(&[("client-id", None)], "producer_byte_rate", 100.0);
    cluster.held_flushes = Some(Vec::new());
    let sent = cluster.send(0, 9, &produce_of(2_000));
    assert!(!cluster.is_answered(sent));
    assert_eq!(cluster.take_muted(), Duration::ZERO);
    cluster.run_held_flushes();
    let response = cluster.answer::<ProduceRequest>(sent).unwrap();
    assert_eq!(millis(response.throttle_time_ms), 10 * SECOND);
    assert_eq!(cluster.take_muted(), 10 * SECOND);
}

/// A topic with a hundred batches of 1000 bytes, and a consumer that may read this many a second.
fn with_reader(rate: f64) -> Cluster {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let empty = batch(&[""]).len();
    // Lengths of the value, the record and their varints: five bytes more than an empty value needs.
    let record = sized_batch(1_000, empty);
    for _ in 0..100 {
        cluster.produce("t", record.clone());
    }
    cluster.set_quota(&[("client-id", Some("tester"))], "consumer_byte_rate", rate);
    cluster
}

fn sized_batch(bytes: usize, empty: usize) -> Bytes {
    let value = |len: usize| batch(&["x".repeat(len).as_str()]);
    let over = value(bytes - empty).len() - bytes;
    let sized = value(bytes - empty - over);
    assert_eq!(sized.len(), bytes);
    sized
}

fn read(cluster: &mut Cluster, session_id: i32, session_epoch: i32, offset: i64) -> FetchResponse {
    let request = FetchRequest {
        session_id,
        session_epoch,
        max_bytes: 2_000,
        ..fetch_request("t", offset, 1, 0)
    };
    cluster.call(11, &request)
}

#[test]
fn a_consumer_that_read_too_much_gets_nothing_for_a_while() {
    let mut cluster = with_reader(500.0);
    for offset in [0, 2] {
        let response = read(&mut cluster, 0, -1, offset);
        assert_eq!(values_of(&response.responses[0].partitions[0]).len(), 2);
        assert_eq!(response.throttle_time_ms, 0);
    }
    let response = read(&mut cluster, 0, -1, 4);
    assert_eq!(
        response.throttle_time_ms, 2_000,
        "6000 of 5000 in ten windows"
    );
    assert_eq!((response.error_code, response.responses.len()), (0, 0));
    assert_eq!(cluster.take_muted(), 2 * SECOND);
    cluster.advance(11 * SECOND);
    let response = read(&mut cluster, 0, -1, 4);
    assert_eq!(
        values_of(&response.responses[0].partitions[0]).len(),
        2,
        "what was not sent was not counted"
    );
}

#[test]
fn one_answer_never_brings_more_than_the_quota_allows_at_all() {
    let mut cluster = with_reader(300.0);
    let request = fetch_request("t", 0, 1 << 20, 5_000);
    let sent = cluster.send(0, 11, &request);
    let response = cluster.answer::<FetchRequest>(sent).unwrap();
    let values = values_of(&response.responses[0].partitions[0]);
    assert_eq!(
        values.len(),
        3,
        "without waiting for bytes that it could not send"
    );
    assert_eq!(response.throttle_time_ms, 0);
}

#[test]
fn a_throttled_session_goes_on_where_it_was() {
    let mut cluster = with_reader(100.0);
    // One batch is always sent, and is all that is allowed.
    let first = read(&mut cluster, 0, 0, 0);
    assert_ne!(first.session_id, 0);
    let throttled = read(&mut cluster, first.session_id, 1, 1);
    assert_eq!(throttled.throttle_time_ms, 10_000);
    assert_eq!(throttled.session_id, first.session_id);
    cluster.advance(10 * SECOND);
    cluster.advance(SECOND);
    let next = FetchRequest {
        session_id: first.session_id,
        session_epoch: 2,
        max_bytes: 2_000,
        topics: Vec::new(),
        ..fetch_request("t", 0, 1, 0)
    };
    let next = cluster.call(11, &next);
    assert_eq!(values_of(&next.responses[0].partitions[0])[0].0, 1);
    // One that wants a session anew is told none while it waits.
    let again = read(&mut cluster, 0, 0, 2);
    assert_eq!((again.session_id, again.throttle_time_ms), (0, 10_000));
}

#[test]
fn a_parked_fetch_is_charged_with_what_it_gets() {
    let mut cluster = with_reader(100.0);
    let waiting = cluster.send(0, 11, &fetch_request("t", 100, 1, 60_000));
    assert!(!cluster.is_answered(waiting));
    let record = sized_batch(1_000, batch(&[""]).len());
    cluster.produce("t", record.clone());
    let first = cluster.answer::<FetchRequest>(waiting).unwrap();
    assert_eq!(first.throttle_time_ms, 0);
    let waiting = cluster.send(0, 11, &fetch_request("t", 101, 1, 60_000));
    cluster.produce("t", record);
    let second = cluster.answer::<FetchRequest>(waiting).unwrap();
    assert_eq!(second.throttle_time_ms, 10_000);
    assert_eq!(cluster.take_muted(), 10 * SECOND);
}

#[test]
fn who_keeps_the_broker_busy_waits_at_most_a_window() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    cluster.set_quota(&[("user", None)], "request_percentage", 10.0);
    // A tenth of a thread's time over ten windows is a second.
    cluster.spent = Duration::from_millis(800);
    let ask = MetadataRequest::default();
    assert_eq!(cluster.call(9, &ask).throttle_time_ms, 0);
    cluster.spent = Duration::from_millis(250);
    assert_eq!(cluster.call(9, &ask).throttle_time_ms, 500);
    cluster.spent = Duration::from_millis(500);
    assert_eq!(cluster.call(9, &ask).throttle_time_ms, 1_000);
    assert_eq!(cluster.take_muted(), Duration::from_millis(1_500));
}

fn create(name: &str, partitions: i32) -> CreateTopicsRequest {
    CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: name.into(),
            num_partitions: partitions,
            replication_factor: 1,
            ..CreatableTopic::default()
        }],
        ..CreateTopicsRequest::default()
    }
}

#[test]
fn changes_of_the_cluster_are_refused_while_too_many_were_made() {
    let mut cluster = Cluster::new();
    cluster.set_quota(&[("client-id", None)], "controller_mutation_rate", 1.0);
    // Eleven windows may be used up at once, and one change more than that.
    let created = cluster.call(7, &create("a", 13));
    assert_eq!(
        (created.topics[0].error_code, created.throttle_time_ms),
        (0, 0)
    );
    let refused = cluster.call(7, &create("b", 1));
    assert_eq!(
        ErrorCode(refused.topics[0].error_code),
        ErrorCode::THROTTLING_QUOTA_EXCEEDED
    );
    assert_eq!(refused.throttle_time_ms, 2_000);
    assert_eq!(cluster.take_muted(), 2 * SECOND);
    let grow = CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic {
            name: "a".into(),
            count: 14,
            assignments: None,
        }],
        ..CreatePartitionsRequest::default()
    };
    let delete = DeleteTopicsRequest {
        topic_names: vec!["a".into()],
        ..DeleteTopicsRequest::default()
    };
    let grown = cluster.call(3, &grow).results[0].error_code;
    let deleted = cluster.call(5, &delete).responses[0].error_code;
    assert_eq!(
        [grown, deleted].map(ErrorCode),
        [ErrorCode::THROTTLING_QUOTA_EXCEEDED; 2]
    );
    cluster.advance(2 * SECOND);
    assert_eq!(cluster.call(7, &create("b", 1)).topics[0].error_code, 0);
    assert_eq!(cluster.muted.len(), 2);
}

#[test]
fn older_clients_change_the_cluster_and_wait_afterwards() {
    let mut cluster = Cluster::new();
    cluster.set_quota(&[("client-id", None)], "controller_mutation_rate", 1.0);
    let created = cluster.call(5, &create("a", 13));
    assert_eq!(
        (created.topics[0].error_code, created.throttle_time_ms),
        (0, 2_000)
    );
    let created = cluster.call(5, &create("b", 1));
    assert_eq!(
        (created.topics[0].error_code, created.throttle_time_ms),
        (0, 3_000)
    );
}
