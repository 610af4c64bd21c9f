//! A cluster that is away: little is done meanwhile, and it is found again soon, with the settings as they come.

use std::time::Duration;

use rdkafka_wire::ApiKey;

use super::cluster::{Cluster, Cut};

const MINUTE: Duration = Duration::from_secs(60);

/// A producer that has delivered to both nodes, which are gone now, with a record in its queue.
fn cut_off() -> Cluster {
    let mut cluster = Cluster::new(&[("linger.ms", "0"), ("message.timeout.ms", "3600000")]);
    cluster.topic("t", &[]);
    cluster.produce("a");
    cluster.produce_to("t", 1, "b").unwrap();
    assert_eq!(cluster.delivered(), ["a", "b"]);
    cluster.nodes.refusing.extend([1, 2]);
    cluster.break_node(1, false);
    cluster.break_node(2, false);
    cluster.produce("c");
    cluster
}

#[test]
fn a_cluster_that_was_away_is_tried_within_a_second_of_its_return() {
    // However long it was away, and whenever within a back-off it comes back.
    for outage_ms in [100, 1_234, 5_000, 61_700, 600_300] {
        let mut cluster = cut_off();
        cluster.pass_ms(outage_ms);
        cluster.nodes.refusing.clear();
        let attempts = cluster.attempts.len();
        cluster.pass_ms(1_000);
        assert!(cluster.attempts.len() > attempts, "after {outage_ms} ms");
        cluster.pass_ms(1_000);
        assert_eq!(cluster.delivered(), ["a", "b", "c"], "after {outage_ms} ms");
    }
}

#[test]
fn the_same_holds_for_a_leader_that_was_away_alone() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.topic("t", &[]);
    cluster.produce_to("t", 1, "a").unwrap();
    assert_eq!(cluster.delivered(), ["a"]);
    cluster.nodes.refusing.insert(2);
    cluster.break_node(2, false);
    cluster.produce_to("t", 1, "b").unwrap();
    cluster.pass(MINUTE);
    cluster.nodes.refusing.clear();
    cluster.pass_ms(2_000);
    assert_eq!(cluster.delivered(), ["a", "b"]);
}

#[test]
fn little_is_done_while_the_cluster_is_away() {
    let mut cluster = cut_off();
    cluster.pass(MINUTE);
    let (attempts, wake_ups) = (cluster.attempts.len(), cluster.wake_ups);
    cluster.pass(10 * MINUTE);
    // Two brokers, each tried about once a second.
    let (attempts, wake_ups) = (
        cluster.attempts.len() - attempts,
        cluster.wake_ups - wake_ups,
    );
    assert!(
        attempts <= 2 * 600 * 5 / 4,
        "{attempts} attempts in ten minutes"
    );
    assert!(wake_ups <= 4 * 600, "woken {wake_ups} times in ten minutes");
}

#[test]
fn a_cut_cable_is_survived_within_two_seconds_of_its_repair() {
    for cut in [Cut::Silent, Cut::Accepting] {
        for outage_ms in [3_500, 5_000, 20_000, 61_000, 100_300] {
            let mut cluster = Cluster::new(&[("linger.ms", "0")]);
            cluster.produce("a");
            assert_eq!(cluster.delivered(), ["a"]);
            cluster.cut(cut);
            cluster.produce("b");
            cluster.pass_ms(outage_ms);
            assert_eq!(cluster.delivered(), ["a"]);
            cluster.mend();
            cluster.pass_ms(2_000);
            assert_eq!(cluster.delivered(), ["a", "b"], "{cut:?} {outage_ms} ms");
        }
    }
}

#[test]
fn a_cable_that_is_cut_while_a_connection_is_made_keeps_nobody_waiting() {
    for cut in [Cut::Silent, Cut::Accepting] {
        let mut cluster = Cluster::unstarted(&[("linger.ms", "0")]);
        cluster.cut(cut);
        cluster.start();
        cluster.produce("a");
        cluster.pass_ms(8_000);
        cluster.mend();
        cluster.pass_ms(2_000);
        assert_eq!(cluster.delivered(), ["a"], "{cut:?}");
    }
}

#[test]
fn a_request_that_the_broker_sits_on_is_waited_for() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.produce("a");
    cluster.nodes.holding.insert(ApiKey::Produce);
    cluster.produce("b");
    cluster.pass_ms(25_000);
    assert_eq!(cluster.count(ApiKey::Produce), 2);
    cluster.release();
    assert_eq!(cluster.delivered(), ["a", "b"]);
    assert_eq!(cluster.log(), ["a", "b"]);
    assert_eq!(cluster.errors, []);
}

#[test]
fn a_node_that_pauses_for_nine_seconds_and_then_answers_is_not_asked_twice() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.produce("a");
    cluster
        .nodes
        .holding
        .extend([ApiKey::Produce, ApiKey::ApiVersions]);
    cluster.produce("b");
    cluster.pass_ms(9_000);
    cluster.release();
    cluster.pass_ms(2_000);
    assert_eq!(cluster.delivered(), ["a", "b"]);
    assert_eq!(cluster.log(), ["a", "b"]);
    assert_eq!(cluster.errors, []);
}

#[test]
fn a_connection_that_is_slow_because_much_is_on_its_way_is_not_given_up() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.produce("a");
    cluster.is_moving = true;
    cluster.nodes.holding.insert(ApiKey::Produce);
    cluster.produce("b");
    // Whoever else wants to be connected waits behind it.
    cluster.cut(Cut::Silent);
    cluster.pass_ms(30_000);
    cluster.mend();
    cluster.pass_ms(2_000);
    cluster.release();
    assert_eq!(cluster.delivered(), ["a", "b"]);
    assert_eq!(cluster.log(), ["a", "b"]);
}

#[test]
fn little_is_done_while_the_cable_is_cut() {
    let mut cluster = Cluster::new(&[("linger.ms", "0"), ("message.timeout.ms", "3600000")]);
    cluster.produce("a");
    cluster.cut(Cut::Accepting);
    cluster.produce("b");
    cluster.pass(MINUTE);
    let (attempts, wake_ups) = (cluster.attempts.len(), cluster.wake_ups);
    cluster.pass(10 * MINUTE);
    let attempts = cluster.attempts.len() - attempts;
    let wake_ups = cluster.wake_ups - wake_ups;
    // Two a second.
    assert!(attempts <= 600 * 3, "{attempts} attempts in ten minutes");
    assert!(wake_ups <= 600 * 6, "woken {wake_ups} times in ten minutes");
}
