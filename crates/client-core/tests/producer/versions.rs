//! Which versions are spoken: the newest with topic ids, and what old brokers are assumed to know.

use rdkafka_wire::{ApiKey, ErrorCode, Uuid};

use super::cluster::Cluster;

fn produced_in(cluster: &Cluster) -> &[i16] {
    cluster
        .nodes
        .asked_versions
        .get(&ApiKey::Produce)
        .map_or(&[], Vec::as_slice)
}

#[test]
fn topics_with_ids_are_produced_to_by_id() {
    let mut cluster = Cluster::unstarted(&[("linger.ms", "0")]);
    cluster.nodes.ids.insert("t".to_owned(), Uuid([7; 16]));
    cluster.start();
    cluster.produce("a");
    assert_eq!(cluster.delivered(), ["a"]);
    assert_eq!(produced_in(&cluster), [13]);
    // Deleted, and made again: the next metadata knows.
    cluster.nodes.ids.insert("t".to_owned(), Uuid([8; 16]));
    cluster.produce("b");
    cluster.pass_ms(2_000);
    assert_eq!(cluster.delivered(), ["a", "b"]);
    assert!(produced_in(&cluster).iter().all(|&version| version == 13));
}

#[test]
fn brokers_that_shall_not_be_asked_are_spoken_to_as_their_release() {
    let mut cluster = Cluster::new(&[
        ("linger.ms", "0"),
        ("api.version.request", "false"),
        ("broker.version.fallback", "0.9.0.1"),
    ]);
    cluster.produce("a");
    assert_eq!(cluster.delivered(), ["a"]);
    assert_eq!(cluster.count(ApiKey::ApiVersions), 0);
    assert_eq!(produced_in(&cluster), [1]);
    assert_eq!(cluster.nodes.asked_versions[&ApiKey::Metadata][0], 0);
    assert_eq!(cluster.log(), ["a"]);
}

#[test]
fn brokers_that_hang_up_on_every_question_for_versions_are_taken_for_the_fallback() {
    let mut cluster =
        Cluster::unstarted(&[("linger.ms", "0"), ("broker.version.fallback", "0.8.2.2")]);
    cluster.nodes.versions_newest = -1;
    cluster.nodes.hangs_up = true;
    cluster.start();
    cluster.produce("a");
    cluster.pass_ms(1_000);
    assert_eq!(cluster.delivered(), ["a"]);
    assert_eq!(produced_in(&cluster), [0]);
    assert_eq!(cluster.failed(ErrorCode::_TRANSPORT), [""; 0]);
}

#[test]
fn a_broker_that_says_so_makes_the_client_start_again() {
    let mut cluster = Cluster::new(&[("linger.ms", "0")]);
    cluster.produce("a");
    let errors = [ErrorCode::REBOOTSTRAP_REQUIRED].into();
    cluster.nodes.errors.insert(ApiKey::Metadata, errors);
    cluster.nodes.topics.insert("u".to_owned(), vec![1]);
    cluster.produce_to("u", 0, "b").unwrap();
    cluster.pass_ms(2_000);
    let is_left = cluster
        .errors
        .iter()
        .any(|error| error.text.contains("it gave no metadata"));
    assert!(is_left, "{:?}", cluster.errors);
    assert_eq!(cluster.delivered(), ["a", "b"]);
}
