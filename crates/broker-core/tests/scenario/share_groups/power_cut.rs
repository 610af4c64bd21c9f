//! The power fails at every write of the life of a share group: what was answered holds, and nothing that was not accepted is lost.

use std::collections::BTreeSet;

use rdkafka_log::fs::{Fault, Memory, Operation};
use rdkafka_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};

use super::{ACCEPT, Member, RELEASE, ack, configuration, describe, got, heartbeat, progress};
use crate::harness::{Cluster, batch, produce_request};
use crate::power_cut::{DURABLE, SMALL};

/// What clients were told.
#[derive(Debug, Default)]
struct Told {
    produced: BTreeSet<i64>,
    accepted: BTreeSet<i64>,
    /// Acknowledged, but that was not answered.
    unsure: BTreeSet<i64>,
}

/// Four batches, each of which is fetched with what was given back before; half of it is accepted, the rest given back.
fn live(cluster: &mut Cluster, told: &mut Told) -> Option<()> {
    let topic = CreatableTopic {
        name: "t".into(),
        num_partitions: 1,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest {
        topics: vec![topic],
        timeout_ms: 1000,
        ..CreateTopicsRequest::default()
    };
    let topic = cluster.try_call(7, &request)?.topics.remove(0);
    (topic.error_code == 0).then_some(())?;
    let request = configuration("share.auto.offset.reset", "earliest");
    (cluster.try_call(1, &request)?.responses[0].error_code == 0).then_some(())?;
    let joins = heartbeat("g", "m1", "t");
    (cluster.try_call(1, &joins)?.error_code == 0).then_some(())?;
    let mut member = Member::new("m1", 0, topic.topic_id);
    for _ in 0..4 {
        let request = produce_request("t", 0, -1, batch(&["a"; 4]));
        let answer = &cluster.try_call(9, &request)?.responses[0].partition_responses[0];
        (answer.error_code == 0).then_some(())?;
        told.produced
            .extend(answer.base_offset..answer.base_offset + 4);
        let request = member.fetch_request(&[]);
        member.session_epoch += 1;
        let answer = cluster.try_call(2, &request)?;
        for (first, last, _) in got(&answer) {
            let kind = |offset: i64| if offset % 2 == 0 { ACCEPT } else { RELEASE };
            let kinds: Vec<i8> = (first..=last).map(kind).collect();
            let request = member.acknowledge_request(&[ack(first, last, &kinds)]);
            member.session_epoch += 1;
            told.unsure.extend(first..=last);
            let answer = cluster.try_call(2, &request)?;
            (answer.responses[0].partitions[0].error_code == 0).then_some(())?;
            told.unsure.retain(|it| !(first..=last).contains(it));
            told.accepted
                .extend((first..=last).filter(|it| kind(*it) == ACCEPT));
        }
    }
    Some(())
}

/// What a new member gets is all that was produced and not accepted.
fn check(cluster: &mut Cluster, told: &Told, what: &str) {
    let before = (describe(cluster), progress(cluster));
    cluster.kill_and_restart();
    let after = (describe(cluster), progress(cluster));
    assert_eq!(after, before, "{what}: replay is not what was live");
    if told.produced.is_empty() {
        return;
    }
    let topic = cluster.topic("t").topic_id;
    let mut member = Member::new("m2", 2, topic);
    assert_eq!(member.beat(cluster).error_code, 0, "{what}");
    let mut delivered = BTreeSet::new();
    loop {
        let got = member.fetch(cluster);
        if got.is_empty() {
            break;
        }
        delivered.extend(got.iter().flat_map(|(first, last, _)| *first..=*last));
    }
    let twice: Vec<_> = delivered.intersection(&told.accepted).collect();
    assert!(
        twice.is_empty(),
        "{what}: accepted, and delivered again: {twice:?}"
    );
    let lost = told.produced.iter().filter(|it| {
        !delivered.contains(it) && !told.accepted.contains(it) && !told.unsure.contains(it)
    });
    let lost: Vec<_> = lost.collect();
    assert!(
        lost.is_empty(),
        "{what}: not accepted, and not delivered: {lost:?}"
    );
}

fn crash_at(operation: u64, durable: bool) {
    let what = format!("operation {operation} (flush policy: {durable})");
    let mut properties = SMALL.to_vec();
    properties.extend([
        ("share.coordinator.state.topic.segment.bytes", "900"),
        ("share.coordinator.state.topic.num.partitions", "2"),
    ]);
    properties.extend(if durable { DURABLE } else { &[] });
    let fs = Memory::with_crashes(operation);
    fs.inject(Operation::Any, operation, Fault::Down);
    let mut told = Told::default();
    if let Some(mut cluster) = Cluster::on(fs.clone(), &properties) {
        let _ = live(&mut cluster, &mut told);
    }
    let survived = if durable { fs.crash() } else { fs.kill() };
    let cluster = Cluster::on(survived, &properties);
    let mut cluster = cluster.unwrap_or_else(|| panic!("{what}: it does not start"));
    cluster.trust_disk();
    check(&mut cluster, &told, &what);
}

#[test]
fn no_acknowledgement_that_was_answered_is_lost_when_the_power_or_the_process_ends() {
    let whole = Memory::with_crashes(0);
    let mut cluster = Cluster::on(whole.clone(), &[SMALL, DURABLE].concat()).unwrap();
    let mut told = Told::default();
    assert!(live(&mut cluster, &mut told).is_some());
    assert_eq!((told.produced.len(), told.unsure.len()), (16, 0));
    check(&mut cluster, &told, "without a fault");
    for operation in 0..whole.operations() {
        crash_at(operation, true);
        if operation % 3 == 0 {
            crash_at(operation, false);
        }
    }
}
