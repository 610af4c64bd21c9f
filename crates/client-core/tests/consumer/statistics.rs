//! What the statistics tell of the connections to brokers.

use rdkafka_client_core::io::{BrokerId, DisconnectReason, Input};

use crate::cluster::{Cluster, at};
use crate::support::{SECOND, assign, grouped};

const EVERY_SECOND: (&str, &str) = ("statistics.interval.ms", "1000");

/// A counter of all brokers together.
fn told(cluster: &mut Cluster, field: &str) -> u64 {
    cluster.pass(SECOND * 2);
    let json: serde_json::Value = serde_json::from_str(&cluster.statistics).unwrap();
    let brokers = json["brokers"].as_object().unwrap().values();
    brokers.map(|broker| broker[field].as_u64().unwrap()).sum()
}

#[test]
fn batches_that_came_cut_off_are_counted_and_come_whole_later() {
    let mut cluster = grouped(&[EVERY_SECOND, ("fetch.message.max.bytes", "100")]);
    cluster.broker.cuts_batches = true;
    for value in ["a", "b"] {
        cluster.append("t", 0, &[value]);
    }
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b"]);
    assert_eq!(told(&mut cluster, "rxpartial"), 1);
}

#[test]
fn a_write_that_failed_is_counted_with_what_ended_the_connection() {
    let mut cluster = grouped(&[EVERY_SECOND]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(told(&mut cluster, "txerrs"), 0);
    let gone = DisconnectReason::Io("Broken pipe".to_owned());
    cluster.feed(Input::WriteFailed(BrokerId(0)));
    cluster.feed(Input::Disconnected(BrokerId(0), gone));
    assert_eq!(told(&mut cluster, "txerrs"), 1);
}

#[test]
fn a_connection_that_has_something_to_do_wakes_up() {
    let mut cluster = grouped(&[EVERY_SECOND]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    let before = told(&mut cluster, "wakeups");
    cluster.append("t", 0, &["a"]);
    assert!(told(&mut cluster, "wakeups") > before);
}
