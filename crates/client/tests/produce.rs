//! Producing over TCP to the broker of this project.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka_client::conf::TopicConf;
use rdkafka_client::{
    Client, ErrorCode, Event, Flow, MSG_F_BLOCK, MetadataScope, Opaque, ProduceRecord,
};
use support::{PATIENCE_MS, Seen, address, broker, flush, never, poll_until, producer};

fn produce(client: &Client, topic: &str, partition: i32, payload: &str) {
    let record = ProduceRecord {
        payload: Some(payload.as_bytes()),
        ..ProduceRecord::default()
    };
    client
        .topic(topic, None)
        .unwrap()
        .produce(partition, 0, &record, &never)
        .unwrap();
}

#[test]
fn a_record_reaches_the_log_and_its_report_tells_everything_about_it() {
    let broker = broker(&[("t", 2)]);
    let client = producer(&address(&broker), &[]);
    let record = ProduceRecord {
        key: Some(b"k"),
        payload: Some(b"v\0v"),
        headers: &[(b"h", Some(b"1")), (b"h", None)],
        timestamp_ms: Some(1_600_000_000_123),
        opaque: Opaque(77),
    };
    client
        .topic("t", None)
        .unwrap()
        .produce(1, 0, &record, &never)
        .unwrap();
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    let [report] = seen.reports.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!(report.error, ErrorCode::NONE);
    assert_eq!((report.partition, report.offset, report.opaque), (1, 0, 77));
    assert_eq!(
        (report.key.as_deref(), report.payload.as_deref()),
        (Some(&b"k"[..]), Some(&b"v\0v"[..]))
    );
    assert_eq!(
        report.headers,
        [(b"h".to_vec(), Some(b"1".to_vec())), (b"h".to_vec(), None)]
    );
    assert_eq!(report.timestamp_ms, 1_600_000_000_123);
    assert_eq!(
        client.query_watermark_offsets("t", 1, PATIENCE_MS, &never),
        Ok((0, 1))
    );
}

#[test]
fn a_topic_that_is_created_by_asking_for_it_gets_what_was_produced_before() {
    let broker = broker(&[]);
    let client = producer(&address(&broker), &[]);
    for number in 0..100 {
        produce(&client, "new", -1, &number.to_string());
    }
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    assert_eq!(seen.reports.len(), 100);
    // Those that came once the topic was known chose partitions of their own.
    let mut next = BTreeMap::new();
    for report in &seen.reports {
        let next: &mut i64 = next.entry(report.partition).or_default();
        assert_eq!(report.offset, *next, "partition {}", report.partition);
        *next += 1;
    }
}

#[test]
fn ten_thousand_records_keep_their_order_and_are_reported_once() {
    let broker = broker(&[("t", 1)]);
    for properties in [
        &[][..],
        &[("enable.idempotence", "true")],
        &[("compression.codec", "lz4")],
    ] {
        let client = producer(&address(&broker), properties);
        let topic = client.topic("t", None).unwrap();
        let mut seen = Seen::default();
        for number in 0..10_000_u64 {
            let payload = number.to_string();
            let record = ProduceRecord {
                payload: Some(payload.as_bytes()),
                opaque: Opaque(number + 1),
                ..ProduceRecord::default()
            };
            topic.produce(0, 0, &record, &never).unwrap();
            client.poll(0, &mut |event| seen.take(event), &never);
        }
        assert_eq!(flush(&client, &mut seen), ErrorCode::NONE, "{properties:?}");
        assert_eq!(client.out_queue_len(), 0);
        assert_eq!(seen.reports.len(), 10_000);
        let first = seen.reports[0].offset;
        for (report, number) in seen.reports.iter().zip(0_u64..) {
            assert_eq!(report.error, ErrorCode::NONE);
            assert_eq!(
                (report.offset, report.opaque),
                (first + number as i64, number + 1)
            );
            assert_eq!(
                report.payload.as_deref(),
                Some(number.to_string().as_bytes())
            );
        }
    }
}

#[test]
fn without_reports_nothing_is_kept_and_flush_still_waits_for_the_last_acknowledgement() {
    let broker = broker(&[("t", 1)]);
    let mut conf = rdkafka_client::conf::Conf::new();
    conf.set("bootstrap.servers", &address(&broker)).unwrap();
    let kind = rdkafka_client::conf::ClientKind::Producer;
    let client = Client::new(kind, &conf, support::options()).unwrap();
    for _ in 0..1000 {
        produce(&client, "t", 0, "x");
    }
    let served = std::cell::Cell::new(0);
    let mut count = |_: Event| {
        served.set(served.get() + 1);
        Flow::Continue
    };
    assert_eq!(
        client.flush(PATIENCE_MS, &mut count, &never),
        ErrorCode::NONE
    );
    assert_eq!(served.get(), 0);
    assert_eq!(
        client.query_watermark_offsets("t", 0, PATIENCE_MS, &never),
        Ok((0, 1000))
    );
}

#[test]
fn flush_does_not_wait_for_linger() {
    let broker = broker(&[("t", 1)]);
    let client = producer(&address(&broker), &[("linger.ms", "60000")]);
    produce(&client, "t", 0, "first");
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    produce(&client, "t", 0, "second");
    let start = Instant::now();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(seen.reports.len(), 2);
}

#[test]
fn who_produces_and_flushes_again_and_again_wakes_the_driver_once_each_time() {
    const TIMES: u64 = 100;
    let broker = broker(&[("t", 1)]);
    let client = producer(&address(&broker), &[("linger.ms", "100000")]);
    let mut seen = Seen::default();
    produce(&client, "t", 0, "the driver gets to know the topic");
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    produce(&client, "t", 0, "the driver sets its clock");
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    let before = client.hand_overs().messages;
    for _ in 0..TIMES {
        produce(&client, "t", 0, "x");
        assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    }
    assert_eq!(client.hand_overs().messages - before, TIMES);
    assert_eq!(seen.reports.len() as u64, TIMES + 2);
}

#[test]
fn a_batch_that_nobody_was_woken_for_is_sent_when_it_has_lingered() {
    let broker = broker(&[("t", 1)]);
    let client = producer(&address(&broker), &[("linger.ms", "300")]);
    let mut seen = Seen::default();
    for _ in 0..2 {
        produce(&client, "t", 0, "the driver sets its clock");
        assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    }
    for number in 3..=5 {
        produce(&client, "t", 0, "x");
        poll_until(&client, &mut seen, |seen| seen.reports.len() == number);
    }
}

#[test]
fn records_without_acknowledgement_are_reported_once_written_without_an_offset() {
    let broker = broker(&[("t", 1)]);
    let client = producer(&address(&broker), &[]);
    let mut conf = TopicConf::new();
    conf.set("request.required.acks", "0").unwrap();
    let topic = client.topic("t", Some(&conf)).unwrap();
    let record = ProduceRecord {
        payload: Some(b"x"),
        ..ProduceRecord::default()
    };
    topic.produce(0, 0, &record, &never).unwrap();
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    assert_eq!(
        (seen.reports[0].error, seen.reports[0].offset),
        (ErrorCode::NONE, -1001)
    );
}

#[test]
fn a_full_queue_refuses_records_until_the_broker_has_taken_some() {
    let broker = broker(&[("t", 1)]);
    let properties = [("queue.buffering.max.messages", "10"), ("linger.ms", "100")];
    let client = producer(&address(&broker), &properties);
    let topic = client.topic("t", None).unwrap();
    let record = ProduceRecord {
        payload: Some(b"x"),
        ..ProduceRecord::default()
    };
    for _ in 0..10 {
        topic.produce(0, 0, &record, &never).unwrap();
    }
    assert_eq!(
        topic.produce(0, 0, &record, &never),
        Err(ErrorCode::_QUEUE_FULL)
    );
    // Room is made although nobody serves reports.
    for _ in 0..25 {
        topic.produce(0, MSG_F_BLOCK, &record, &never).unwrap();
    }
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    assert_eq!(seen.reports.len(), 35);
    topic.produce(0, 0, &record, &never).unwrap();
}

#[test]
fn a_sink_that_stops_leaves_the_rest_in_the_queue() {
    let broker = broker(&[("t", 1)]);
    let client = producer(&address(&broker), &[]);
    for _ in 0..3 {
        produce(&client, "t", 0, "x");
    }
    let mut stop_after_first = |event: Event| match event {
        Event::Delivered(mut batch) => {
            batch.next().unwrap();
            Flow::PutBack(Event::Delivered(batch))
        }
        _ => Flow::Continue,
    };
    assert_eq!(
        client.flush(PATIENCE_MS, &mut stop_after_first, &never),
        ErrorCode::_TIMED_OUT
    );
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    assert_eq!(seen.reports.len(), 2);
}

#[test]
fn an_unknown_partition_is_refused_once_the_topic_is_known_and_reported_before() {
    let broker = broker(&[("t", 2)]);
    let client = producer(&address(&broker), &[]);
    produce(&client, "t", 7, "early");
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    assert_eq!(
        (seen.reports[0].error, seen.reports[0].partition),
        (ErrorCode::_UNKNOWN_PARTITION, 7)
    );
    let record = ProduceRecord {
        payload: Some(b"late"),
        ..ProduceRecord::default()
    };
    let late = client
        .topic("t", None)
        .unwrap()
        .produce(7, 0, &record, &never);
    assert_eq!(late, Err(ErrorCode::_UNKNOWN_PARTITION));
}

#[test]
fn an_unreachable_broker_is_told_with_its_reason_and_messages_time_out() {
    let client = producer(
        "127.0.0.1:1",
        &[("message.timeout.ms", "50"), ("linger.ms", "5")],
    );
    produce(&client, "t", 0, "x");
    let mut seen = Seen::default();
    poll_until(&client, &mut seen, |seen| {
        seen.errors.len() >= 2 && !seen.reports.is_empty()
    });
    assert_eq!(seen.reports[0].error, ErrorCode::_MSG_TIMED_OUT);
    assert_eq!(seen.errors[0].code, ErrorCode::_TRANSPORT);
    let text = &seen.errors[0].text;
    assert!(
        text.starts_with(
            "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after "
        ) && text.ends_with("ms in state CONNECT)"),
        "{text}"
    );
    assert_eq!(seen.errors[1].code, ErrorCode::_ALL_BROKERS_DOWN);
    assert_eq!(seen.errors[1].text, "1/1 brokers are down");
}

#[test]
fn metadata_of_an_unreachable_cluster_fails_in_time() {
    let client = producer("127.0.0.1:1", &[]);
    let start = Instant::now();
    let result = client.metadata(MetadataScope::All, 100, &never);
    assert_eq!(result.unwrap_err(), ErrorCode::_TRANSPORT);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn metadata_names_the_broker_that_answered_and_its_topics() {
    let broker = broker(&[("a", 1), ("b", 3)]);
    let client = producer(&address(&broker), &[]);
    let metadata = client
        .metadata(MetadataScope::All, PATIENCE_MS, &never)
        .unwrap();
    let mut topics: Vec<_> = metadata
        .topics
        .iter()
        .map(|topic| (topic.name.to_string(), topic.partitions.len()))
        .collect();
    topics.sort();
    assert_eq!(topics, [("a".to_owned(), 1), ("b".to_owned(), 3)]);
    assert_eq!(metadata.brokers.len(), 1);
    assert_eq!(
        client.controller_id(PATIENCE_MS, &never),
        metadata.controller_id
    );
    let again = client
        .metadata(MetadataScope::Topic("b".into()), PATIENCE_MS, &never)
        .unwrap();
    assert_eq!(again.origin_id, metadata.brokers[0].id);
    assert_eq!(
        again.origin_name,
        format!("{}/{}", address(&broker), again.origin_id)
    );
    assert_eq!(again.topics.len(), 1);
}

#[test]
fn purged_records_are_reported_as_purged() {
    let client = producer("127.0.0.1:1", &[]);
    produce(&client, "t", 0, "x");
    produce(&client, "t", -1, "y");
    client.purge(1).unwrap();
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    assert_eq!(seen.reports.len(), 2);
    assert!(
        seen.reports
            .iter()
            .all(|report| report.error == ErrorCode::_PURGE_QUEUE)
    );
    assert_eq!(client.purge(64), Err(ErrorCode::_INVALID_ARG));
}

#[test]
fn a_record_larger_than_a_message_may_be_is_refused() {
    let client = producer("127.0.0.1:1", &[("message.max.bytes", "1000")]);
    let record = ProduceRecord {
        payload: Some(&[0; 1000]),
        ..ProduceRecord::default()
    };
    let result = client
        .topic("t", None)
        .unwrap()
        .produce(0, 0, &record, &never);
    assert_eq!(result, Err(ErrorCode::MESSAGE_TOO_LARGE));
}
