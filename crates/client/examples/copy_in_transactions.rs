//! Reads a topic as a member of a group and copies it to another, each batch and its offsets in one transaction: the
//! pattern that turns "at least once" into "exactly once".
//!
//! ```sh
//! cargo run -p rdkafka-client --example copy_in_transactions -- BROKERS FROM TO GROUP TRANSACTIONAL-ID ABORT-PERCENT
//! ```
//!
//! Each record goes to the partition it came from. Prints `committed COUNT` or `aborted COUNT` per transaction. Runs
//! until it is ended; ends by itself, with status 3, when another producer took over its transactional id.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rdkafka_client::conf::{ClientKind, Conf};
use rdkafka_client::consumer::{Consumer, Item, Served};
use rdkafka_client::{
    Client, ErrorCode, Flow, GroupMetadata, Logs, MSG_F_BLOCK, Options, ProduceRecord,
    TopicPartitionOffset, TransactionError, TransactionOffsets,
};

/// No more records than this in a transaction.
const RECORDS_MAX: usize = 200;
/// For how long records are gathered.
const GATHER: Duration = Duration::from_millis(100);
/// A call that is not answered by then is made again.
const CALL_TIMEOUT_MS: i32 = 15_000;
/// The status of one that was replaced.
const FENCED: u8 = 3;

type Failure = Box<dyn std::error::Error>;

/// One record to copy.
struct Copy {
    partition: i32,
    offset: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
}

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [brokers, from, to, group, id, abort_percent] = arguments.as_slice() else {
        return Err("BROKERS FROM TO GROUP TRANSACTIONAL-ID ABORT-PERCENT".into());
    };
    let abort_percent: u32 = abort_percent.parse()?;
    let producer = client(
        ClientKind::Producer,
        brokers,
        &[
            ("transactional.id", id),
            ("transaction.timeout.ms", "15000"),
            ("linger.ms", "2"),
        ],
    )?;
    loop {
        match producer.init_transactions(CALL_TIMEOUT_MS, &never) {
            Ok(()) => break,
            Err(error) if error.is_retriable => {}
            Err(error) => return ended(&error),
        }
    }
    let consumer = Consumer::new(client(
        ClientKind::Consumer,
        brokers,
        &[
            ("group.id", group),
            ("enable.auto.commit", "false"),
            ("isolation.level", "read_committed"),
            ("auto.offset.reset", "earliest"),
            ("session.timeout.ms", "6000"),
            ("heartbeat.interval.ms", "500"),
        ],
    )?);
    consumer.subscribe(vec![from.as_str().into()])?;
    loop {
        // Before the first record: who loses its partitions while it copies must not commit them.
        let place = consumer.group_metadata()?;
        let records = gather(&consumer);
        if records.is_empty() {
            continue;
        }
        let wants_abort = fastrand::u32(0..100) < abort_percent;
        match copy(&producer, [from, to], &records, place, wants_abort) {
            Ok(true) => println!("committed {}", records.len()),
            Ok(false) => {
                println!("aborted {}", records.len());
                rewind(&consumer, from, &records);
            }
            Err(error) => return ended(&error),
        }
    }
}

fn client(kind: ClientKind, brokers: &str, settings: &[(&str, &str)]) -> Result<Client, Failure> {
    let mut conf = Conf::new();
    conf.set("bootstrap.servers", brokers)?;
    conf.set("reconnect.backoff.max.ms", "500")?;
    for (name, value) in settings {
        conf.set(name, value)?;
    }
    let options = Options {
        logs: Logs::Off,
        bootstrap: None,
        generation: || 0,
    };
    Client::new(kind, &conf, options).map_err(|error| format!("{error:?}").into())
}

fn never() -> bool {
    false
}

fn ended(error: &TransactionError) -> Result<ExitCode, Failure> {
    if error.code == ErrorCode::_FENCED {
        return Ok(ExitCode::from(FENCED));
    }
    Err(format!("{}: {}", error.code.name(), error.text).into())
}

fn gather(consumer: &Consumer) -> Vec<Copy> {
    let mut records = Vec::new();
    let until = Instant::now() + GATHER;
    while records.len() < RECORDS_MAX && Instant::now() < until {
        let served = consumer.consume(20, &never, |item| match item {
            Item::Record(record) => Some(Copy {
                partition: record.partition,
                offset: record.offset,
                key: record.key.map(<[u8]>::to_vec),
                value: record.value.map(<[u8]>::to_vec),
            }),
            Item::Error(_) => None,
        });
        if let Served::Item(Some(record)) = served {
            records.push(record);
        }
    }
    records
}

/// Whether it was committed; if not, it was aborted. Fails only when the producer cannot go on.
fn copy(
    producer: &Client,
    topics: [&str; 2],
    records: &[Copy],
    place: GroupMetadata,
    wants_abort: bool,
) -> Result<bool, TransactionError> {
    producer.begin_transaction()?;
    let sent = send(producer, topics, records, place);
    let committed = match sent {
        Ok(()) if wants_abort => Ok(false),
        Ok(()) => {
            finish(|| producer.commit_transaction(CALL_TIMEOUT_MS, &mut |_| Flow::Continue, &never))
                .map(|()| true)
        }
        Err(error) => Err(error),
    };
    match committed {
        Ok(true) => Ok(true),
        Err(error) if error.is_fatal => Err(error),
        Ok(false) | Err(_) => {
            finish(|| producer.abort_transaction(CALL_TIMEOUT_MS, &mut |_| Flow::Continue, &never))
                .map(|()| false)
        }
    }
}

fn send(
    producer: &Client,
    [from, to]: [&str; 2],
    records: &[Copy],
    group: GroupMetadata,
) -> Result<(), TransactionError> {
    let failed = |code: ErrorCode| TransactionError::new(code, code.text());
    let topic = producer
        .topic(to, None)
        .map_err(|_| failed(ErrorCode::_FAIL))?;
    let mut next = BTreeMap::new();
    for record in records {
        let copy = ProduceRecord {
            key: record.key.as_deref(),
            payload: record.value.as_deref(),
            ..ProduceRecord::default()
        };
        // `_STATE`: the transaction failed already; the abort tells why.
        topic
            .produce(record.partition, MSG_F_BLOCK, &copy, &never)
            .map_err(failed)?;
        next.insert(record.partition, record.offset + 1);
    }
    finish(|| {
        let next = next.iter();
        let offsets = TransactionOffsets {
            offsets: next
                .map(|(&partition, &offset)| {
                    TopicPartitionOffset::new(from.into(), partition, offset)
                })
                .collect(),
            group: group.clone(),
        };
        producer.send_offsets_to_transaction(offsets, CALL_TIMEOUT_MS, &never)
    })
}

/// Read the records of a transaction that was aborted again: from the first of each partition.
fn rewind(consumer: &Consumer, from: &str, records: &[Copy]) {
    let mut first = BTreeMap::new();
    for record in records {
        first.entry(record.partition).or_insert(record.offset);
    }
    let places = first
        .into_iter()
        .map(|(partition, offset)| TopicPartitionOffset::new(from.into(), partition, offset));
    // A partition that was lost meanwhile belongs to somebody who begins at the committed offset.
    drop(consumer.seek(places.collect()));
}

/// Make a call again as long as that is all it needs.
fn finish(mut call: impl FnMut() -> Result<(), TransactionError>) -> Result<(), TransactionError> {
    loop {
        match call() {
            Err(error) if error.is_retriable => {}
            answer => return answer,
        }
    }
}
