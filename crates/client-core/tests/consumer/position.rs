//! Going on: seeking, pausing, the end, a full queue, what an assignment may be.

use rdkafka_client_core::admin;
use rdkafka_client_core::consumer::{Call, CallReply, Command, Event, OFFSET_BEGINNING};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::cluster::{at, partition};
use crate::support::{SECOND, assign, grouped, list};

#[test]
fn nothing_fetched_before_a_seek_is_delivered_after_it() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b", "c"]);
    cluster.broker.held.push(ApiKey::Fetch);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(
        list(cluster.call(Call::Seek(vec![at("t", 0, 2)]))),
        [(0, 2, ErrorCode::NONE)]
    );
    cluster.release();
    assert_eq!(cluster.records(), ["t/0@2=c"]);
}

#[test]
fn what_lies_in_the_queue_is_outdated_by_a_seek() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b", "c"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.call(Call::Seek(vec![at("t", 0, 2)])).unwrap();
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
}

#[test]
fn a_paused_partition_gives_nothing_and_goes_on_without_a_gap() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    let pause = |paused| admin::Call::Pause {
        partitions: vec![partition("t", 0)],
        paused,
    };
    cluster.append("t", 0, &["b"]);
    cluster.ask(pause(true));
    cluster.append("t", 0, &["c"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.records(), Vec::<String>::new());
    cluster.ask(pause(false));
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/0@1=b", "t/0@2=c"]);
}

#[test]
fn pausing_what_is_not_assigned_fails_only_for_a_topic_never_used() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 1);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assign(&mut cluster, Vec::new());
    let call = cluster.ask(admin::Call::Pause {
        partitions: vec![partition("t", 0), partition("other", 0)],
        paused: true,
    });
    let answer = cluster.answer(call).expect("an answer");
    let codes: Vec<ErrorCode> = list(answer).into_iter().map(|(_, _, code)| code).collect();
    assert_eq!(codes, [ErrorCode::NONE, ErrorCode::_UNKNOWN_PARTITION]);
}

#[test]
fn the_end_is_told_once_for_each_time_it_is_reached() {
    let mut cluster = grouped(&[("enable.partition.eof", "true")]);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_PARTITION_EOF]);
    cluster.append("t", 0, &["b"]);
    assert_eq!(cluster.records(), ["t/0@1=b"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_PARTITION_EOF]);
}

#[test]
fn the_end_of_an_empty_partition_is_told_too() {
    let mut cluster = grouped(&[("enable.partition.eof", "true")]);
    cluster.topic("t", 1);
    assign(&mut cluster, vec![at("t", 0, OFFSET_BEGINNING)]);
    cluster.pass(2 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_PARTITION_EOF]);
}

#[test]
fn a_full_queue_stops_fetching_until_there_is_room() {
    let mut cluster = grouped(&[("queued.min.messages", "2")]);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    let fetches = cluster.broker.counts[&ApiKey::Fetch];
    cluster.append("t", 0, &["c"]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.broker.counts[&ApiKey::Fetch], fetches);
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b"]);
    cluster.command(Command::Resume);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
}

#[test]
fn a_partition_that_does_not_exist_is_told_once() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 1);
    assign(&mut cluster, vec![at("t", 7, 0), at("nothing", 0, 0)]);
    cluster.pass(60 * SECOND);
    let mut items = cluster.error_items();
    items.sort();
    assert_eq!(
        items,
        [ErrorCode::_UNKNOWN_PARTITION, ErrorCode::_UNKNOWN_TOPIC]
    );
}

#[test]
fn an_assignment_that_makes_no_sense_is_refused_as_a_whole() {
    let mut cluster = grouped(&[]);
    let twice = Call::Assign(Some(vec![at("t", 0, 0), at("t", 0, 1)]));
    let Ok(CallReply::Refused(code, text)) = cluster.call(twice) else {
        panic!()
    };
    assert_eq!(
        (code, text.as_str()),
        (ErrorCode::_INVALID_ARG, "Duplicate t [0] in input list")
    );
    let place = Call::Assign(Some(vec![at("t", 0, -7)]));
    let Ok(CallReply::Refused(_, text)) = cluster.call(place) else {
        panic!()
    };
    assert_eq!(text, "t [0] has invalid start offset -7");
    assert_eq!(list(cluster.call(Call::Assignment)), []);
}

#[test]
fn partitions_are_added_to_and_taken_from_an_assignment() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    cluster.append("t", 1, &["b"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster
        .call(Call::IncrementalAssign(vec![at("t", 1, 0)]))
        .unwrap();
    assert_eq!(list(cluster.call(Call::Assignment)).len(), 2);
    let again = cluster.call(Call::IncrementalAssign(vec![at("t", 1, 0)]));
    assert!(matches!(
        again,
        Ok(CallReply::Refused(ErrorCode::_CONFLICT, _))
    ));
    cluster
        .call(Call::IncrementalUnassign(vec![partition("t", 0)]))
        .unwrap();
    let unknown = cluster.call(Call::IncrementalUnassign(vec![partition("t", 0)]));
    assert!(matches!(
        unknown,
        Ok(CallReply::Refused(ErrorCode::_INVALID_ARG, _))
    ));
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/1@0=b"]);
}

#[test]
fn a_fetch_for_an_earlier_assignment_is_not_taken_by_the_next() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 2)]);
    // The fetch at the end stands at the broker while the same partition is assigned anew, elsewhere.
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.append("t", 0, &["c"]);
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b", "t/0@2=c"]);
}

#[test]
fn a_hundred_partitions_with_backlog_stay_within_the_budget() {
    let mut cluster = grouped(&[
        ("queued.max.messages.kbytes", "2000"),
        ("fetch.max.bytes", "1500000"),
    ]);
    let value = "x".repeat(100_000);
    for partition in 0..100 {
        for _ in 0..3 {
            cluster.append("t", partition, &[&value]);
        }
        if partition % 2 == 1 {
            cluster.broker.lead("t", partition, 2);
        }
    }
    assign(
        &mut cluster,
        (0..100).map(|number| at("t", number, 0)).collect(),
    );
    let mut seen = 0;
    for _ in 0..1000 {
        cluster.pass(SECOND);
        let lying: u64 = cluster
            .events
            .iter()
            .map(|event| match event {
                Event::Fetched(fetched) => fetched.bytes,
                _ => 0,
            })
            .sum();
        assert!(lying <= 2_048_000, "{lying} bytes lie in the queue");
        let got = cluster.take_records(2).len();
        seen += got;
        cluster.command(Command::Resume);
        if seen >= 300 {
            break;
        }
    }
    assert_eq!(seen, 300);
}

#[test]
fn a_batch_larger_than_every_limit_is_delivered() {
    let limits = [
        ("queued.max.messages.kbytes", "1"),
        ("fetch.message.max.bytes", "1"),
        ("message.max.bytes", "1000"),
        ("fetch.max.bytes", "1000"),
    ];
    let mut cluster = grouped(&limits);
    let value = "x".repeat(100_000);
    cluster.append("t", 0, &[&value]);
    cluster.append("t", 0, &["small"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    cluster.pass(SECOND);
    assert_eq!(cluster.records().len(), 1);
    cluster.command(Command::Resume);
    cluster.pass(SECOND);
    assert_eq!(cluster.records(), ["t/0@1=small"]);
}
