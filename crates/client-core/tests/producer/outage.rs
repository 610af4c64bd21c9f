//! A cluster that is away: little is done meanwhile, and it is found again soon, with the settings as they come.

use std::time::Duration;

use super::cluster::Cluster;

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
