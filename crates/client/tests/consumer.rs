//! The consumers over TCP against a broker of our own, in memory, in this process.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use rdkafka_broker::{Broker, BrokerConf};
use rdkafka_client::conf::{Callback, ClientKind, Conf, TopicConf};
use rdkafka_client::consumer::{Closing, Consumer, Item, LegacyConsumer, Served};
use rdkafka_client::{
    Client, ErrorCode, Event, Flow, Logs, Options, ProduceRecord, TopicPartition,
    TopicPartitionOffset,
};
use rdkafka_client_core::consumer::{
    Event as ConsumerEvent, OFFSET_BEGINNING, OFFSET_STORED, RebalanceKind,
};

const PATIENCE: Duration = Duration::from_secs(20);

fn broker(topics: &[(&str, i32)]) -> Broker {
    let mut conf = BrokerConf::embedded(1);
    conf.topics = topics
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect();
    Broker::start(conf).unwrap()
}

fn never() -> bool {
    false
}

fn client(
    broker: &Broker,
    kind: ClientKind,
    settings: &[(&str, &str)],
    callbacks: &[Callback],
) -> Client {
    let mut conf = Conf::new();
    conf.set("bootstrap.servers", &broker.bootstrap_servers())
        .unwrap();
    for (name, value) in settings {
        conf.set(name, value).unwrap();
    }
    for callback in callbacks {
        conf.set_callback(*callback, true);
    }
    let options = Options {
        logs: Logs::Off,
        bootstrap: None,
        generation: || 0,
    };
    Client::new(kind, &conf, options).unwrap()
}

/// Appends `values` to a partition, each with a key and two headers of one name.
fn produce(broker: &Broker, topic: &str, partition: i32, values: &[String]) {
    let client = client(broker, ClientKind::Producer, &[], &[]);
    let handle = client.topic(topic, None).unwrap();
    for value in values {
        let record = ProduceRecord {
            key: Some(b"key"),
            payload: Some(value.as_bytes()),
            headers: &[(b"h", Some(b"1")), (b"h", None)],
            timestamp_ms: Some(1_600_000_000_000),
            ..ProduceRecord::default()
        };
        handle.produce(partition, 0, &record, &never).unwrap();
    }
    assert_eq!(
        client.flush(10_000, &mut |_| Flow::Continue, &never),
        ErrorCode::NONE
    );
}

fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}{number}"))
        .collect()
}

fn grouped(broker: &Broker, group: &str, more: &[(&str, &str)]) -> Consumer {
    let mut settings = vec![("group.id", group), ("auto.offset.reset", "earliest")];
    settings.extend(more);
    Consumer::new(client(broker, ClientKind::Consumer, &settings, &[]))
}

/// A record as `topic/partition@offset=value`, an error as its code.
fn shown(item: Item<'_>) -> Result<String, ErrorCode> {
    match item {
        Item::Record(record) => {
            let value = String::from_utf8_lossy(record.value.unwrap());
            Ok(format!(
                "{}/{}@{}={value}",
                record.topic.name, record.partition, record.offset
            ))
        }
        Item::Error(error) => Err(error.code),
    }
}

/// Reads until there are `count` records.
fn read(consumer: &Consumer, count: usize) -> Vec<String> {
    let mut records = Vec::new();
    let until = Instant::now() + PATIENCE;
    while records.len() < count {
        assert!(Instant::now() < until, "only {records:?}");
        match consumer.consume(100, &never, shown) {
            Served::Item(record) => records.push(record.unwrap()),
            Served::Event(_) | Served::TimedOut => {}
            Served::Interrupted => panic!("nobody interrupts"),
        }
    }
    records
}

fn close(consumer: &Consumer) {
    let until = consumer.close();
    while let Closing::Event(_) = consumer.closing(until) {}
    assert!(Instant::now() < until, "closed in time");
}

fn partition(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition {
        topic: topic.into(),
        partition,
    }
}

fn at(topic: &str, partition: i32, offset: i64) -> TopicPartitionOffset {
    TopicPartitionOffset::new(topic.into(), partition, offset)
}

#[test]
fn a_group_reads_everything_and_goes_on_where_it_stopped() {
    let broker = broker(&[("t", 1)]);
    produce(&broker, "t", 0, &numbered("a", 3));
    let first = grouped(&broker, "g", &[]);
    first.subscribe(vec!["t".into()]).unwrap();
    assert_eq!(read(&first, 3), ["t/0@0=a0", "t/0@1=a1", "t/0@2=a2"]);
    close(&first);

    produce(&broker, "t", 0, &numbered("b", 2));
    let second = grouped(&broker, "g", &[]);
    second.subscribe(vec!["t".into()]).unwrap();
    assert_eq!(read(&second, 2), ["t/0@3=b0", "t/0@4=b1"]);
    close(&second);
}

#[test]
fn keys_headers_and_timestamps_arrive_as_they_were_sent() {
    let broker = broker(&[("t", 1)]);
    produce(&broker, "t", 0, &numbered("a", 1));
    let consumer = grouped(&broker, "g", &[]);
    consumer.assign(Some(vec![at("t", 0, 0)])).unwrap();
    let served = consumer.consume(20_000, &never, |item| {
        let Item::Record(record) = item else {
            panic!("{item:?}")
        };
        let headers = record.headers.clone();
        let headers: Vec<_> = headers
            .map(|(name, value)| (name.to_vec(), value.map(<[u8]>::to_vec)))
            .collect();
        (record.key.map(<[u8]>::to_vec), headers, record.timestamp_ms)
    });
    let Served::Item((key, headers, timestamp_ms)) = served else {
        panic!("nothing came")
    };
    assert_eq!(key.as_deref(), Some(&b"key"[..]));
    assert_eq!(
        headers,
        [(b"h".to_vec(), Some(b"1".to_vec())), (b"h".to_vec(), None)]
    );
    assert_eq!(timestamp_ms, 1_600_000_000_000);
}

/// Lets both poll until they have this many partitions.
fn wait_for_shares(one: &Consumer, two: &Consumer, wanted: (usize, usize)) {
    let until = Instant::now() + PATIENCE;
    loop {
        for consumer in [one, two] {
            let _ = consumer.consume(20, &never, |_| ());
        }
        let count = |consumer: &Consumer| consumer.assignment().map_or(0, |list| list.len());
        let counts = (count(one), count(two));
        if counts == wanted {
            return;
        }
        assert!(Instant::now() < until, "{counts:?}");
    }
}

#[test]
fn two_members_share_partitions_and_a_leavers_are_taken_over() {
    let broker = broker(&[("t", 4)]);
    let one = grouped(&broker, "g", &[("heartbeat.interval.ms", "100")]);
    let two = grouped(&broker, "g", &[("heartbeat.interval.ms", "100")]);
    one.subscribe(vec!["t".into()]).unwrap();
    wait_for_shares(&one, &two, (4, 0));
    two.subscribe(vec!["t".into()]).unwrap();
    wait_for_shares(&one, &two, (2, 2));
    close(&one);
    wait_for_shares(&one, &two, (0, 4));
    close(&two);
}

#[test]
fn a_pattern_subscribes_to_what_matches() {
    let broker = broker(&[("log-a", 1), ("log-b", 1), ("other", 1)]);
    for topic in ["log-a", "log-b", "other"] {
        produce(&broker, topic, 0, &numbered("x", 1));
    }
    let consumer = grouped(&broker, "g", &[]);
    consumer.subscribe(vec!["^log-".into()]).unwrap();
    let mut records = read(&consumer, 2);
    records.sort();
    assert_eq!(records, ["log-a/0@0=x0", "log-b/0@0=x0"]);
    close(&consumer);
}

#[test]
fn a_drain_reads_everything_and_each_end_once() {
    let broker = broker(&[("t", 6)]);
    for number in 0..6 {
        produce(&broker, "t", number, &numbered("x", 100));
    }
    let consumer = grouped(&broker, "g", &[("enable.partition.eof", "true")]);
    consumer.subscribe(vec!["t".into()]).unwrap();
    let (mut records, mut ends) = (0, 0);
    let until = Instant::now() + PATIENCE;
    while ends < 6 {
        assert!(Instant::now() < until, "{records} records, {ends} ends");
        match consumer.consume(100, &never, shown) {
            Served::Item(Ok(_)) => records += 1,
            Served::Item(Err(code)) => {
                assert_eq!(code, ErrorCode::_PARTITION_EOF);
                ends += 1;
            }
            _ => {}
        }
    }
    assert_eq!(records, 600);
    assert!(matches!(
        consumer.consume(1_200, &never, shown),
        Served::TimedOut
    ));
    close(&consumer);
}

#[test]
fn commits_are_kept_and_told() {
    let broker = broker(&[("t", 1)]);
    produce(&broker, "t", 0, &numbered("a", 3));
    let consumer = grouped(&broker, "g", &[("enable.auto.commit", "false")]);
    assert_eq!(consumer.commit(None).unwrap_err(), ErrorCode::_NO_OFFSET);
    consumer
        .assign(Some(vec![at("t", 0, OFFSET_STORED)]))
        .unwrap();
    read(&consumer, 3);
    assert_eq!(
        consumer.positions(vec![partition("t", 0)]).unwrap()[0].offset,
        3
    );
    consumer.commit(Some(vec![at("t", 0, 2)])).unwrap();
    let committed = |offset| {
        let list = consumer
            .committed(vec![partition("t", 0)], 10_000, &never)
            .unwrap();
        assert_eq!(list[0].offset, offset);
    };
    committed(2);
    assert_eq!(consumer.commit(None).unwrap()[0].error, ErrorCode::NONE);
    committed(3);
    close(&consumer);
}

#[test]
fn seek_and_pause_take_effect_at_once() {
    let broker = broker(&[("t", 1)]);
    produce(&broker, "t", 0, &numbered("a", 10));
    let consumer = grouped(&broker, "g", &[]);
    consumer.assign(Some(vec![at("t", 0, 0)])).unwrap();
    assert_eq!(read(&consumer, 2), ["t/0@0=a0", "t/0@1=a1"]);
    consumer.seek(vec![at("t", 0, 7)]).unwrap();
    assert_eq!(read(&consumer, 1), ["t/0@7=a7"]);
    consumer
        .client()
        .pause(vec![partition("t", 0)], true)
        .unwrap();
    assert!(matches!(
        consumer.consume(300, &never, shown),
        Served::TimedOut
    ));
    consumer
        .client()
        .pause(vec![partition("t", 0)], false)
        .unwrap();
    assert_eq!(read(&consumer, 2), ["t/0@8=a8", "t/0@9=a9"]);
}

#[test]
fn closing_runs_the_last_revocation() {
    let broker = broker(&[("t", 2)]);
    let settings = [("group.id", "g"), ("auto.offset.reset", "earliest")];
    let client = client(
        &broker,
        ClientKind::Consumer,
        &settings,
        &[Callback::Rebalance],
    );
    let consumer = Consumer::new(client);
    consumer.subscribe(vec!["t".into()]).unwrap();
    let rebalance = |event: Box<Event>| match *event {
        Event::Consumer(ConsumerEvent::Rebalance(event)) => (event.kind, event.partitions),
        other => panic!("{other:?}"),
    };
    let served = consumer.consume(20_000, &never, shown);
    let Served::Event(event) = served else {
        panic!("no partitions were offered")
    };
    let (kind, partitions) = rebalance(event);
    assert_eq!((kind, partitions.len()), (RebalanceKind::Assign, 2));
    consumer.assign(Some(partitions)).unwrap();

    let until = consumer.close();
    let Closing::Event(event) = consumer.closing(until) else {
        panic!("no revocation")
    };
    assert_eq!(rebalance(event).0, RebalanceKind::Revoke);
    consumer.assign(None).unwrap();
    assert!(matches!(consumer.closing(until), Closing::Closed(_)));
    assert!(Instant::now() < until);
}

#[test]
fn a_wait_ends_when_it_is_interrupted() {
    let broker = broker(&[("t", 1)]);
    let consumer = grouped(&broker, "g", &[]);
    assert!(matches!(
        consumer.consume(60_000, &|| true, shown),
        Served::Interrupted
    ));
}

#[test]
fn the_legacy_consumer_reads_partitions_into_their_queues() {
    let broker = broker(&[("t", 3)]);
    for number in 0..3 {
        produce(&broker, "t", number, &numbered("x", 2));
    }
    let client = client(&broker, ClientKind::Consumer, &[], &[]);
    let mut conf = TopicConf::new();
    conf.set("auto.offset.reset", "earliest").unwrap();
    let conf = client.conf().unwrap().topic_config(Some(&conf)).unwrap();
    let consumer = LegacyConsumer::new(client);
    let topic = consumer.topic("t".into(), conf.into());
    topic.start(0, OFFSET_BEGINNING).unwrap();
    let shared = consumer.queue();
    topic.start_into(1, OFFSET_BEGINNING, &shared).unwrap();
    topic.start_into(2, 1, &shared).unwrap();

    let next = |served: Served<Result<String, ErrorCode>>| match served {
        Served::Item(record) => record.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        next(topic.consume(0, 10_000, &never, shown).unwrap()),
        "t/0@0=x0"
    );
    assert_eq!(
        next(topic.consume(0, 10_000, &never, shown).unwrap()),
        "t/0@1=x1"
    );
    let mut records: Vec<String> = (0..3)
        .map(|_| next(shared.consume(10_000, &never, shown)))
        .collect();
    records.sort();
    assert_eq!(records, ["t/1@0=x0", "t/1@1=x1", "t/2@1=x1"]);

    topic.stop(0).unwrap();
    assert_eq!(topic.stop(0).unwrap_err(), ErrorCode::_UNKNOWN_PARTITION);
    assert_eq!(
        topic.consume(0, 0, &never, shown).unwrap_err(),
        ErrorCode::_UNKNOWN_PARTITION
    );
    topic.stop(1).unwrap();
    topic.stop(2).unwrap();
}

#[test]
fn closing_the_legacy_consumer_commits_what_was_read() {
    let broker = broker(&[("t", 1)]);
    produce(&broker, "t", 0, &numbered("x", 2));
    let open = || {
        let settings = [("group.id", "g"), ("auto.offset.reset", "earliest")];
        let client = client(&broker, ClientKind::Consumer, &settings, &[]);
        let conf = client.conf().unwrap().topic_config(None).unwrap();
        let consumer = LegacyConsumer::new(client);
        let topic = consumer.topic("t".into(), conf.into());
        topic.start(0, OFFSET_STORED).unwrap();
        (consumer, topic)
    };
    let (consumer, topic) = open();
    let served = topic.consume(0, 10_000, &never, shown).unwrap();
    assert!(matches!(served, Served::Item(Ok(record)) if record == "t/0@0=x0"));
    let until = consumer.close();
    while let Closing::Event(_) = consumer.closing(until) {}
    assert!(Instant::now() < until);

    let (_consumer, topic) = open();
    let served = topic.consume(0, 10_000, &never, shown).unwrap();
    assert!(matches!(served, Served::Item(Ok(record)) if record == "t/0@1=x1"));
}
