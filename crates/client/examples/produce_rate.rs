//! How fast records can be produced: `produce_rate HOST:PORT [RECORDS] [PAYLOAD BYTES] [property=value]...`.
//!
//! Prints how long the first record took, the rate at which `produce()` took the others, the rate until the last
//! acknowledgement, and how long closing took.
#![allow(clippy::unwrap_used, reason = "an example")]

use std::time::{Duration, Instant};

use rdkafka_client::conf::{ClientKind, Conf};
use rdkafka_client::{Client, Flow, Logs, MSG_F_BLOCK, Options, ProduceRecord};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let bootstrap = arguments
        .next()
        .expect("produce_rate HOST:PORT [RECORDS] [BYTES] [property=value]...");
    let records: u64 = arguments
        .next()
        .map_or(2_000_000, |count| count.parse().unwrap());
    let bytes: usize = arguments.next().map_or(100, |count| count.parse().unwrap());
    let mut conf = Conf::new();
    conf.set("bootstrap.servers", &bootstrap).unwrap();
    for (name, value) in arguments.filter_map(|pair| {
        pair.split_once('=')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
    }) {
        conf.set(&name, &value).unwrap();
    }
    let options = Options {
        logs: Logs::Stderr,
        bootstrap: None,
        generation: || 1,
    };
    let payload = vec![b'x'; bytes];
    let record = ProduceRecord {
        payload: Some(&payload),
        ..ProduceRecord::default()
    };
    let never = || false;
    let start = Instant::now();
    let client = Client::new(ClientKind::Producer, &conf, options).unwrap();
    let topic = client.topic("rate", None).unwrap();
    topic.produce(-1, 0, &record, &never).unwrap();
    client.flush(10_000, &mut |_| Flow::Continue, &never);
    println!(
        "first record acknowledged after {:.2} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let start = Instant::now();
    for _ in 0..records {
        topic.produce(-1, MSG_F_BLOCK, &record, &never).unwrap();
    }
    let taken = start.elapsed();
    let code = client.flush(60_000, &mut |_| Flow::Continue, &never);
    let done = start.elapsed();
    let rate = |elapsed: Duration| records as f64 / elapsed.as_secs_f64() / 1e6;
    println!(
        "taken: {:.2} M/s ({:.0} ns each), acknowledged: {:.2} M/s, {:.0} MB/s, flush: {}",
        rate(taken),
        taken.as_nanos() as f64 / records as f64,
        rate(done),
        rate(done) * bytes as f64,
        code.text()
    );
    let start = Instant::now();
    client.destroy(Duration::from_secs(5));
    println!("closed in {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
}
