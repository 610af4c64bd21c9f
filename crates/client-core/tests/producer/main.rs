//! Scenarios of the producer and of connections, in virtual time, against a scripted cluster.

#![allow(clippy::unwrap_used, reason = "tests")]

mod cluster;
mod nodes;
mod outage;
mod refusals;
mod transaction;
mod versions;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use cluster::Cluster;
use rdkafka_client_core::admin::{Call, CallReply, MetadataScope};
use rdkafka_client_core::io::{Command, TopicPartition};
use rdkafka_wire::{ApiKey, ErrorCode};

fn script(cluster: &mut Cluster, key: ApiKey, errors: &[ErrorCode]) {
    cluster
        .nodes
        .errors
        .insert(key, errors.iter().copied().collect::<VecDeque<_>>());
}

// ---- Batching -------------------------------------------------------------------------------------------------------

#[test]
fn records_linger_together_and_leave_as_one_batch() {
    let mut cluster = Cluster::new(&[("linger.ms", "20")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    cluster.pass_ms(10);
    cluster.produce("b");
    assert_eq!(cluster.count(ApiKey::Produce), 0);
    cluster.pass_ms(10);
    assert_eq!(cluster.count(ApiKey::Produce), 1);
    assert_eq!(cluster.delivered(), ["a", "b"]);
    assert_eq!(cluster.reports[1].offset, 1);
    assert_eq!(cluster.gauge.messages(), 0);
}

#[test]
fn waiting_for_the_topic_counts_as_lingering() {
    let mut cluster = Cluster::unstarted(&[("linger.ms", "20")]);
    cluster.nodes.topics.insert("t".to_owned(), vec![1]);
    cluster.produce_to("t", 0, "a").unwrap();
    cluster.pass_ms(10);
    cluster.start();
    cluster.produce_to("t", 0, "b").unwrap();
    cluster.pass_ms(9);
    assert_eq!(cluster.count(ApiKey::Produce), 0);
    cluster.pass_ms(2);
    assert_eq!(cluster.count(ApiKey::Produce), 1);
    assert_eq!(cluster.delivered(), ["a", "b"]);
}

#[test]
fn a_connection_that_was_idle_for_long_is_replaced_by_a_fresh_one() {
    let mut cluster = Cluster::new(&[("connections.max.idle.ms", "20000"), ("linger.ms", "0")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    let connections = cluster.count(ApiKey::ApiVersions);
    cluster.pass_ms(19_000);
    assert_eq!(cluster.count(ApiKey::ApiVersions), connections);
    cluster.pass_ms(2_000);
    assert_eq!(cluster.count(ApiKey::ApiVersions), connections + 1);
    cluster.produce("b");
    assert_eq!(cluster.delivered(), ["a", "b"]);
}

#[test]
fn a_broker_that_gives_no_metadata_for_long_is_left() {
    let mut cluster = Cluster::new(&[
        ("metadata.recovery.rebootstrap.trigger.ms", "5000"),
        ("topic.metadata.refresh.interval.ms", "1000"),
    ]);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Metadata);
    cluster.pass_ms(4000);
    assert_eq!(cluster.errors, []);
    cluster.pass_ms(4000);
    let left = |cluster: &Cluster| {
        let of_this = |error: &&rdkafka_client_core::io::ErrorEvent| {
            error.text.contains("it gave no metadata")
        };
        cluster.errors.iter().filter(of_this).count()
    };
    assert_eq!(left(&cluster), 1);
    // No sooner again than that.
    cluster.pass_ms(2500);
    assert_eq!(left(&cluster), 1);
}

#[test]
fn a_full_batch_does_not_linger() {
    let mut cluster = Cluster::new(&[("linger.ms", "1000"), ("batch.num.messages", "3")]);
    cluster.topic("t", &[]);
    for payload in ["a", "b", "c", "d"] {
        cluster.produce(payload);
    }
    assert_eq!(cluster.delivered(), ["a", "b", "c"]);
    cluster.pass_ms(1000);
    assert_eq!(cluster.delivered(), ["a", "b", "c", "d"]);
}

#[test]
fn batches_of_several_partitions_travel_together_to_their_leader() {
    let mut cluster = Cluster::new(&[]);
    cluster.nodes.topics.insert("t".to_owned(), vec![1, 1, 2]);
    cluster.topic("t", &[]);
    for partition in [0, 1, 2] {
        cluster.produce_to("t", partition, "x").unwrap();
    }
    cluster.pass_ms(5);
    assert_eq!(cluster.count(ApiKey::Produce), 2);
    assert_eq!(cluster.reports.len(), 3);
}

#[test]
fn what_comes_while_a_batch_is_in_flight_gathers_in_one_batch() {
    let mut cluster = Cluster::new(&[("linger.ms", "1")]);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    cluster.produce("a");
    cluster.pass_ms(1);
    for payload in ["b", "c", "d"] {
        cluster.produce(payload);
        cluster.pass_ms(5);
    }
    assert_eq!(cluster.count(ApiKey::Produce), 1);
    cluster.release();
    assert_eq!(cluster.count(ApiKey::Produce), 2);
    assert_eq!(cluster.delivered(), ["a", "b", "c", "d"]);
}

#[test]
fn flush_sends_what_lingers() {
    let mut cluster = Cluster::new(&[("linger.ms", "60000")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    cluster.flush();
    assert_eq!(cluster.delivered(), ["a"]);
}

#[test]
fn compressed_batches_arrive_and_are_reported_uncompressed() {
    for codec in ["gzip", "snappy", "lz4", "zstd"] {
        let mut cluster = Cluster::new(&[("compression.codec", codec)]);
        cluster.topic("t", &[]);
        let payload = "x".repeat(1000);
        cluster.produce(&payload);
        cluster.produce(&payload);
        cluster.pass_ms(5);
        assert_eq!(cluster.delivered(), [&payload, &payload], "{codec}");
        assert_eq!(cluster.log(), [&payload, &payload]);
    }
}

#[test]
fn a_full_queue_takes_records_again_when_some_were_acknowledged() {
    let mut cluster = Cluster::new(&[("queue.buffering.max.messages", "2")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    cluster.produce("b");
    assert_eq!(cluster.produce_to("t", 0, "c"), Err(ErrorCode::_QUEUE_FULL));
    cluster.pass_ms(5);
    cluster.produce("c");
}

// ---- Order and retries ----------------------------------------------------------------------------------------------

#[test]
fn a_retriable_error_is_retried_and_keeps_the_order() {
    for idempotence in ["false", "true"] {
        let mut cluster = Cluster::new(&[
            ("linger.ms", "0"),
            ("enable.idempotence", idempotence),
            ("retry.backoff.ms", "10"),
        ]);
        cluster.topic("t", &[]);
        script(
            &mut cluster,
            ApiKey::Produce,
            &[ErrorCode::NOT_ENOUGH_REPLICAS, ErrorCode::REQUEST_TIMED_OUT],
        );
        for payload in ["a", "b", "c", "d"] {
            cluster.produce(payload);
        }
        cluster.pass_ms(1000);
        assert_eq!(
            cluster.delivered(),
            ["a", "b", "c", "d"],
            "idempotence {idempotence}"
        );
        assert_eq!(cluster.log(), ["a", "b", "c", "d"]);
    }
}

#[test]
fn a_slot_found_taken_during_a_back_off_does_not_end_the_retrying() {
    let mut cluster = Cluster::new(&[
        ("linger.ms", "1"),
        ("batch.num.messages", "2"),
        ("retry.backoff.ms", "1000"),
    ]);
    cluster.topic("t", &[]);
    script(
        &mut cluster,
        ApiKey::Produce,
        &[ErrorCode::NOT_ENOUGH_REPLICAS],
    );
    // Nothing but the back-off's end shall set it going again.
    cluster.nodes.holding.insert(ApiKey::Metadata);
    cluster.produce("a");
    cluster.produce("b");
    cluster.produce("c");
    cluster.fill_while_placing("d", "e");
    cluster.pass_ms(10_000);
    assert_eq!(cluster.delivered(), ["a", "b", "c", "d", "e"]);
}

#[test]
fn an_idempotent_producer_has_five_batches_in_flight_and_no_more() {
    let mut cluster = Cluster::new(&[("linger.ms", "0"), ("enable.idempotence", "true")]);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    for number in 0..8 {
        cluster.produce(&number.to_string());
    }
    assert_eq!(cluster.nodes.held.len(), 5);
    cluster.release();
    assert_eq!(cluster.log(), ["0", "1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(cluster.delivered(), cluster.log());
}

#[test]
fn an_ordinary_producer_has_one_batch_in_flight_so_that_a_retry_cannot_overtake() {
    let mut cluster = Cluster::new(&[("linger.ms", "0"), ("retry.backoff.ms", "10")]);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    for payload in ["a", "b", "c"] {
        cluster.produce(payload);
    }
    assert_eq!(cluster.nodes.held.len(), 1);
    cluster.break_node(1, false);
    cluster.release();
    cluster.pass_ms(1000);
    assert_eq!(cluster.log(), ["a", "b", "c"]);
    assert_eq!(cluster.delivered(), ["a", "b", "c"]);
}

#[test]
fn lost_answers_do_not_double_the_records_of_an_idempotent_producer() {
    let mut cluster = Cluster::new(&[("linger.ms", "0"), ("enable.idempotence", "true")]);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    for payload in ["a", "b", "c"] {
        cluster.produce(payload);
    }
    cluster.break_node(1, true);
    assert_eq!(cluster.log(), ["a", "b", "c"]);
    cluster.release();
    cluster.pass_ms(2000);
    assert_eq!(cluster.log(), ["a", "b", "c"]);
    assert_eq!(cluster.delivered(), ["a", "b", "c"]);
    let offsets: Vec<_> = cluster.reports.iter().map(|report| report.offset).collect();
    assert_eq!(offsets, [0, 1, 2]);
}

#[test]
fn a_batch_given_up_leaves_a_gap_that_a_new_producer_id_closes() {
    let mut cluster = Cluster::new(&[
        ("linger.ms", "0"),
        ("enable.idempotence", "true"),
        ("message.timeout.ms", "500"),
        ("retry.backoff.ms", "10"),
    ]);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    cluster.produce("lost");
    cluster.pass_ms(499);
    cluster.produce("kept");
    cluster.pass_ms(1);
    assert_eq!(cluster.failed(ErrorCode::_MSG_TIMED_OUT), ["lost"]);
    // The first never reaches the log, so the second's number is out of order.
    cluster.break_node(1, false);
    cluster.release();
    cluster.pass_ms(400);
    assert_eq!(cluster.log(), ["kept"]);
    assert_eq!(cluster.delivered(), ["kept"]);
    assert_eq!(cluster.count(ApiKey::InitProducerId), 2);
}

#[test]
fn a_broker_that_forgot_the_producer_gets_a_new_one() {
    let mut cluster = Cluster::new(&[("linger.ms", "0"), ("enable.idempotence", "true")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    let key = ("t".to_owned(), 0);
    cluster.nodes.logs.get_mut(&key).unwrap().forget_producers();
    cluster.produce("b");
    cluster.pass_ms(1000);
    assert_eq!(cluster.log(), ["a", "b"]);
    assert_eq!(cluster.delivered(), ["a", "b"]);
}

#[test]
fn reports_come_in_order_when_a_later_batch_is_acknowledged_first() {
    let mut cluster = Cluster::new(&[("enable.idempotence", "true"), ("linger.ms", "0")]);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    cluster.produce("a");
    cluster.produce("b");
    let after_append = ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND;
    script(&mut cluster, ApiKey::Produce, &[after_append]);
    cluster.release();
    assert!(cluster.reports.is_empty(), "b waits for a");
    cluster.pass_ms(2000);
    assert_eq!(cluster.log(), ["a", "b"]);
    assert_eq!(cluster.delivered(), ["a", "b"]);
    assert_eq!(cluster.reports[1].offset, 1);
}

#[test]
fn a_batch_that_its_successor_proves_written_is_reported_so_when_its_time_is_over() {
    let settings = [
        ("enable.idempotence", "true"),
        ("linger.ms", "0"),
        ("message.timeout.ms", "5000"),
    ];
    let mut cluster = Cluster::new(&settings);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    cluster.produce("a");
    cluster.produce("b");
    let mut errors = vec![ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND, ErrorCode::NONE];
    errors.resize(1000, ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    script(&mut cluster, ApiKey::Produce, &errors);
    cluster.release();
    cluster.pass_ms(6000);
    assert_eq!(cluster.delivered(), ["a", "b"]);
}

#[test]
fn without_retries_an_error_is_final() {
    let mut cluster = Cluster::new(&[("retries", "0")]);
    cluster.topic("t", &[]);
    script(
        &mut cluster,
        ApiKey::Produce,
        &[ErrorCode::NOT_ENOUGH_REPLICAS],
    );
    cluster.produce("a");
    cluster.pass_ms(1000);
    assert_eq!(cluster.failed(ErrorCode::NOT_ENOUGH_REPLICAS), ["a"]);
}

#[test]
fn an_error_that_no_retry_helps_is_reported_at_once() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.topic("t", &[]);
    script(
        &mut cluster,
        ApiKey::Produce,
        &[ErrorCode::TOPIC_AUTHORIZATION_FAILED],
    );
    cluster.produce("a");
    assert_eq!(cluster.failed(ErrorCode::TOPIC_AUTHORIZATION_FAILED), ["a"]);
    assert_eq!(cluster.reports[0].offset, -1, "as the broker's answer says");
}

#[test]
fn a_leader_that_moved_is_found_and_the_records_follow() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    cluster.nodes.topics.insert("t".to_owned(), vec![3, 2]);
    cluster.produce("b");
    cluster.pass_ms(1000);
    assert_eq!(cluster.delivered(), ["a", "b"]);
}

#[test]
fn a_partition_without_a_leader_waits_for_one() {
    let mut cluster = Cluster::new(&[]);
    cluster.nodes.topics.insert("t".to_owned(), vec![0, 2]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    cluster.pass_ms(10_000);
    assert!(cluster.reports.is_empty());
    cluster.nodes.topics.insert("t".to_owned(), vec![1, 2]);
    cluster.pass_ms(1200);
    assert_eq!(cluster.delivered(), ["a"]);
}

// ---- Time outs ------------------------------------------------------------------------------------------------------

#[test]
fn messages_time_out_where_no_broker_can_be_reached() {
    let mut cluster = Cluster::unstarted(&[("message.timeout.ms", "1000")]);
    cluster.nodes.refusing.insert(1);
    cluster.start();
    cluster.topic("t", &[]);
    cluster.produce("a");
    cluster.pass_ms(500);
    cluster.produce("b");
    cluster.pass_ms(499);
    assert!(cluster.reports.is_empty());
    cluster.pass_ms(1);
    assert_eq!(
        cluster.failed(ErrorCode::_MSG_TIMED_OUT),
        ["a", "b"],
        "both waited in the same batch"
    );
    assert_eq!((cluster.gauge.messages(), cluster.gauge.reports()), (0, 0));
}

#[test]
fn messages_in_flight_time_out_without_breaking_the_connection() {
    let mut cluster = Cluster::new(&[("message.timeout.ms", "1000"), ("linger.ms", "0")]);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    cluster.produce("a");
    cluster.pass_ms(1000);
    assert_eq!(cluster.failed(ErrorCode::_MSG_TIMED_OUT), ["a"]);
    cluster.release();
    cluster.produce("b");
    cluster.pass_ms(10);
    assert_eq!(cluster.delivered(), ["b"]);
    assert_eq!(
        cluster.reports.len(),
        2,
        "the late answer is not reported again"
    );
    assert!(cluster.errors.is_empty());
}

#[test]
fn a_request_that_is_not_answered_ends_the_connection_and_is_sent_again() {
    let mut cluster = Cluster::new(&[("socket.timeout.ms", "1000"), ("linger.ms", "0")]);
    cluster.topic("t", &[("request.timeout.ms", "500")]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    cluster.produce("a");
    cluster.pass_ms(1000);
    assert!(
        cluster.errors[0]
            .text
            .contains("1 request(s) timed out: disconnect"),
        "{:?}",
        cluster.errors
    );
    cluster.release();
    cluster.pass_ms(2000);
    assert_eq!(cluster.delivered(), ["a"]);
}

// ---- Topics ---------------------------------------------------------------------------------------------------------

#[test]
fn records_wait_for_an_unknown_topic_and_leave_in_their_order_when_it_appears() {
    let mut cluster = Cluster::new(&[]);
    for payload in ["a", "b", "c"] {
        cluster.produce_to("new", 0, payload).unwrap();
    }
    cluster.pass_ms(3000);
    assert!(cluster.reports.is_empty());
    cluster.nodes.topics.insert("new".to_owned(), vec![2]);
    cluster.pass_ms(1200);
    assert_eq!(cluster.delivered(), ["a", "b", "c"]);
}

#[test]
fn a_topic_that_never_appears_fails_its_records_after_the_propagation_time() {
    let mut cluster = Cluster::new(&[("topic.metadata.propagation.max.ms", "2000")]);
    cluster.produce_to("new", -1, "a").unwrap();
    cluster.pass_ms(1900);
    assert!(cluster.reports.is_empty());
    cluster.pass_ms(1200);
    assert_eq!(cluster.failed(ErrorCode::_UNKNOWN_TOPIC), ["a"]);
    assert_eq!(cluster.reports[0].partition, -1);
    assert_eq!(
        cluster.produce_to("new", -1, "b"),
        Err(ErrorCode::_UNKNOWN_TOPIC)
    );
    // It may still come.
    cluster.nodes.topics.insert("new".to_owned(), vec![1]);
    cluster.pass_ms(1200);
    cluster.produce_to("new", -1, "c").unwrap();
    cluster.pass_ms(10);
    assert_eq!(cluster.delivered(), ["c"]);
}

#[test]
fn a_topic_created_by_being_asked_for_costs_no_waiting() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.nodes.creates = Some(1);
    cluster.produce_to("new", -1, "a").unwrap();
    cluster.pass_ms(1);
    assert_eq!(cluster.delivered(), ["a"]);
}

#[test]
fn a_record_for_a_partition_that_turns_out_not_to_exist_is_reported_with_it() {
    let mut cluster = Cluster::unstarted(&[]);
    cluster.produce_to("t", 5, "early").unwrap();
    cluster.produce_to("t", 1, "good").unwrap();
    cluster.start();
    cluster.pass_ms(10);
    assert_eq!(cluster.failed(ErrorCode::_UNKNOWN_PARTITION), ["early"]);
    assert_eq!(cluster.delivered(), ["good"]);
    assert_eq!(
        cluster.produce_to("t", 5, "late"),
        Err(ErrorCode::_UNKNOWN_PARTITION)
    );
}

#[test]
fn a_topic_that_gets_more_partitions_can_be_produced_to_there() {
    let mut cluster = Cluster::new(&[("topic.metadata.refresh.interval.ms", "1000")]);
    cluster.topic("t", &[]);
    assert_eq!(
        cluster.produce_to("t", 2, "x"),
        Err(ErrorCode::_UNKNOWN_PARTITION)
    );
    cluster.nodes.topics.insert("t".to_owned(), vec![1, 2, 3]);
    cluster.pass_ms(1000);
    cluster.produce_to("t", 2, "x").unwrap();
    cluster.pass_ms(10);
    assert_eq!(cluster.delivered(), ["x"]);
}

// ---- Purge, pause, terminate ----------------------------------------------------------------------------------------

#[test]
fn purging_tells_queued_from_in_flight() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.topic("t", &[]);
    cluster.nodes.holding.insert(ApiKey::Produce);
    cluster.produce("sent");
    cluster.produce("queued");
    cluster.produce_to("unknown", 0, "waiting").unwrap();
    let id = cluster.ask(
        Call::Purge {
            queue: true,
            in_flight: true,
        },
        Duration::from_secs(1),
    );
    assert!(matches!(cluster.replies[&id], Ok(CallReply::Done)));
    let mut queued = cluster.failed(ErrorCode::_PURGE_QUEUE);
    queued.sort_unstable();
    assert_eq!(queued, ["queued", "waiting"]);
    assert_eq!(cluster.failed(ErrorCode::_PURGE_INFLIGHT), ["sent"]);
    cluster.release();
    assert_eq!(cluster.reports.len(), 3);
    assert_eq!(cluster.gauge.messages(), 0);
}

#[test]
fn a_paused_partition_sends_nothing_until_it_is_resumed() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.topic("t", &[]);
    let partition = |partition| TopicPartition {
        topic: "t".into(),
        partition,
    };
    let pause = Call::Pause {
        partitions: vec![partition(0), partition(9)],
        paused: true,
    };
    let id = cluster.ask(pause, Duration::from_secs(1));
    let Ok(CallReply::Partitions(list)) = &cluster.replies[&id] else {
        panic!()
    };
    let codes: Vec<_> = list.iter().map(|partition| partition.error).collect();
    assert_eq!(codes, [ErrorCode::NONE, ErrorCode::_UNKNOWN_PARTITION]);
    cluster.produce("a");
    cluster.pass_ms(1000);
    assert!(cluster.reports.is_empty());
    let resume = Call::Pause {
        partitions: vec![partition(0)],
        paused: false,
    };
    cluster.ask(resume, Duration::from_secs(1));
    assert_eq!(cluster.delivered(), ["a"]);
}

#[test]
fn terminating_answers_open_calls_and_closes_everything() {
    let mut cluster = Cluster::new(&[]);
    cluster.nodes.holding.insert(ApiKey::Metadata);
    let id = cluster.ask(Call::Metadata(MetadataScope::All), Duration::from_secs(10));
    cluster.command(Command::Terminate);
    assert!(cluster.is_terminated);
    assert_eq!(
        cluster.replies[&id].as_ref().err(),
        Some(&ErrorCode::_DESTROY)
    );
}

#[test]
fn a_batch_goes_to_the_leader_that_the_old_one_names_without_a_pause() {
    let mut cluster = Cluster::new(&[("linger.ms", "0"), ("retry.backoff.ms", "1000")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    cluster.nodes.names_leaders = true;
    cluster.nodes.topics.insert("t".to_owned(), vec![2, 2]);
    // Metadata is of no help.
    cluster.nodes.holding.insert(ApiKey::Metadata);
    cluster.produce("b");
    assert_eq!(cluster.delivered(), ["a", "b"]);
}

// ---- Connections ----------------------------------------------------------------------------------------------------

#[test]
fn the_back_off_between_attempts_to_connect_grows_to_its_maximum() {
    let settings = [
        ("reconnect.backoff.ms", "100"),
        ("reconnect.backoff.max.ms", "1000"),
    ];
    let mut cluster = Cluster::unstarted(&settings);
    cluster.nodes.refusing.insert(1);
    cluster.start();
    cluster.pass_ms(20_000);
    let waits: Vec<_> = cluster
        .attempts
        .windows(2)
        .map(|pair| pair[1].0.since(pair[0].0).as_millis())
        .collect();
    for (wait, expected) in waits.iter().zip([100, 200, 400, 800, 1000, 1000]) {
        assert!(
            (expected * 8 / 10..=expected * 12 / 10).contains(wait),
            "{waits:?}"
        );
    }
    assert!(cluster.attempts.len() < 30, "{}", cluster.attempts.len());
}

#[test]
fn a_refused_connection_is_told_once_with_its_reason_and_that_all_brokers_are_down() {
    let mut cluster = Cluster::unstarted(&[]);
    cluster.nodes.refusing.insert(1);
    cluster.start();
    cluster.pass_ms(20_000);
    let texts: Vec<_> = cluster
        .errors
        .iter()
        .map(|error| (error.code, error.text.as_str()))
        .collect();
    let refused = "node:1/bootstrap: Connect to ipv4#10.0.0.1:1 failed: Connection refused \
                   (after 0ms in state CONNECT)";
    assert_eq!(
        texts,
        [
            (ErrorCode::_TRANSPORT, refused),
            (ErrorCode::_ALL_BROKERS_DOWN, "1/1 brokers are down")
        ]
    );
}

#[test]
fn the_next_bootstrap_broker_is_tried_when_one_is_down() {
    let mut cluster = Cluster::unstarted(&[("bootstrap.servers", "node:9,node:1")]);
    cluster.nodes.refusing.insert(9);
    cluster.start();
    cluster.pass_ms(1);
    cluster.produce("a");
    cluster.pass_ms(10);
    assert_eq!(cluster.delivered(), ["a"]);
    assert!(
        cluster
            .errors
            .iter()
            .all(|error| error.code == ErrorCode::_TRANSPORT)
    );
}

#[test]
fn the_bootstrap_connection_is_used_for_the_node_it_turns_out_to_be() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    assert_eq!(cluster.delivered(), ["a"]);
    assert_eq!(cluster.attempts.len(), 1);
}

#[test]
fn an_older_broker_is_asked_for_its_versions_again() {
    for hangs_up in [false, true] {
        let mut cluster = Cluster::unstarted(&[("linger.ms", "0")]);
        cluster.nodes.versions_newest = if hangs_up { 0 } else { 3 };
        cluster.nodes.hangs_up = hangs_up;
        cluster.start();
        cluster.produce("a");
        cluster.pass_ms(10);
        assert_eq!(cluster.delivered(), ["a"], "hangs up: {hangs_up}");
        assert!(cluster.errors.is_empty(), "{:?}", cluster.errors);
    }
}

#[test]
fn a_connection_lost_while_idle_is_no_error_and_comes_back() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    cluster.break_node(1, false);
    assert!(
        cluster
            .errors
            .iter()
            .all(|error| error.code != ErrorCode::_TRANSPORT),
        "{:?}",
        cluster.errors
    );
    cluster.produce("b");
    cluster.pass_ms(500);
    assert_eq!(cluster.delivered(), ["a", "b"]);
}

#[test]
fn a_call_without_a_broker_fails_when_its_time_is_over() {
    let mut cluster = Cluster::unstarted(&[]);
    cluster.nodes.refusing.insert(1);
    cluster.start();
    let call = Call::Metadata(MetadataScope::All);
    let metadata = cluster.ask(call, Duration::from_millis(100));
    let partition = TopicPartition {
        topic: "t".into(),
        partition: 0,
    };
    let watermarks = cluster.ask(Call::Watermarks(partition), Duration::from_millis(200));
    cluster.pass_ms(150);
    assert_eq!(
        cluster.replies[&metadata].as_ref().err(),
        Some(&ErrorCode::_TRANSPORT)
    );
    assert!(!cluster.replies.contains_key(&watermarks));
    cluster.pass_ms(50);
    assert_eq!(
        cluster.replies[&watermarks].as_ref().err(),
        Some(&ErrorCode::_ALL_BROKERS_DOWN)
    );
}

#[test]
fn the_first_question_for_metadata_names_what_became_wanted_while_the_client_connected() {
    let mut cluster = Cluster::unstarted(&[]);
    cluster.nodes.holding.insert(ApiKey::ApiVersions);
    cluster.start();
    cluster.produce("a");
    cluster.release();
    cluster.pass_ms(10);
    assert_eq!(cluster.delivered(), ["a"]);
    assert_eq!(cluster.count(ApiKey::Metadata), 1);
}

#[test]
fn a_flush_lets_no_batch_linger_not_even_one_behind_a_full_one() {
    let settings = [("linger.ms", "10000"), ("batch.num.messages", "2")];
    let mut cluster = Cluster::new(&settings);
    cluster.gauge.set_flushing(true);
    for payload in ["a", "b", "c"] {
        cluster.produce(payload);
    }
    cluster.pass_ms(1);
    assert_eq!(cluster.delivered(), ["a", "b", "c"]);
    cluster.gauge.set_flushing(false);
    cluster.produce("d");
    cluster.pass_ms(1);
    assert_eq!(cluster.delivered().len(), 3);
}

#[test]
fn metadata_is_asked_for_once_however_many_topics_are_new() {
    let mut cluster = Cluster::new(&[]);
    let before = cluster.count(ApiKey::Metadata);
    cluster.nodes.holding.insert(ApiKey::Metadata);
    for name in ["a", "b", "c"] {
        cluster.nodes.topics.insert(name.to_owned(), vec![1]);
        cluster.produce_to(name, 0, name).unwrap();
    }
    cluster.release();
    cluster.pass_ms(10);
    assert_eq!(cluster.delivered().len(), 3);
    assert!(cluster.count(ApiKey::Metadata) - before <= 2);
    let mut logs: BTreeMap<_, _> = BTreeMap::new();
    for report in &cluster.reports {
        *logs.entry(report.payload.as_str()).or_insert(0) += 1;
    }
    assert_eq!(logs, BTreeMap::from([("a", 1), ("b", 1), ("c", 1)]));
}
