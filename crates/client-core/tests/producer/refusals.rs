//! Batches that a leader refuses for good, and what stands behind them.

use std::collections::VecDeque;

use rdkafka_wire::{ApiKey, ErrorCode};

use super::cluster::Cluster;

const TOO_LARGE: ErrorCode = ErrorCode::MESSAGE_TOO_LARGE;

/// A producer of batches of one record, whose second request is refused; all three are on their way at once where
/// `settings` let them.
fn second_is_too_large(settings: &[(&str, &str)]) -> Cluster {
    let mut all = vec![("linger.ms", "0"), ("batch.num.messages", "1")];
    all.extend(settings);
    let mut cluster = Cluster::new(&all);
    cluster.topic("t", &[]);
    cluster.produce("warm");
    let errors = VecDeque::from([ErrorCode::NONE, TOO_LARGE]);
    cluster.nodes.errors.insert(ApiKey::Produce, errors);
    cluster.nodes.holding.insert(ApiKey::Produce);
    for payload in ["a", "b", "c", "d"] {
        cluster.produce(payload);
    }
    cluster.release();
    cluster.pass_ms(5_000);
    cluster
}

#[test]
fn a_batch_that_is_too_large_for_the_broker_fails_and_those_behind_it_are_delivered_in_order() {
    for settings in [&[][..], &[("enable.idempotence", "true")]] {
        let cluster = second_is_too_large(settings);
        assert_eq!(cluster.failed(TOO_LARGE), ["b"], "{settings:?}");
        assert_eq!(cluster.delivered(), ["warm", "a", "c", "d"], "{settings:?}");
        assert_eq!(cluster.log(), ["warm", "a", "c", "d"], "{settings:?}");
        assert_eq!(cluster.reports.len(), 5, "{settings:?}");
    }
}

#[test]
fn where_no_gap_is_allowed_a_refused_batch_is_a_fatal_error_and_nothing_is_written_behind_it() {
    let gapless = [
        ("enable.idempotence", "true"),
        ("enable.gapless.guarantee", "true"),
    ];
    let mut cluster = second_is_too_large(&gapless);
    assert_eq!(cluster.failed(TOO_LARGE), ["b"]);
    assert_eq!(cluster.log(), ["warm", "a"]);
    let fatal: Vec<_> = cluster.errors.iter().filter(|error| error.fatal).collect();
    assert_eq!(fatal.len(), 1);
    assert_eq!(fatal[0].code, ErrorCode::_GAPLESS_GUARANTEE);
    // All are told of, and no more are taken.
    assert_eq!(cluster.reports.len(), 5);
    assert_eq!(cluster.produce_to("t", 0, "e"), Err(ErrorCode::_FATAL));
}
