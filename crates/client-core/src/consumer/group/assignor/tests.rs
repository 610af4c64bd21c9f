//! What each assignor makes of members, topics and racks; vectors known from the Java client and librdkafka.

use super::{Assignment, Assignor, Member, Topic};
use rdkafka_wire::types::StrBytes;

fn member(id: &str, topics: &[&str]) -> Member {
    Member {
        id: id.into(),
        topics: topics.iter().map(|topic| StrBytes::from(*topic)).collect(),
        ..Member::default()
    }
}

fn in_rack(id: &str, topics: &[&str], rack: &str) -> Member {
    Member {
        rack: Some(rack.into()),
        ..member(id, topics)
    }
}

fn topic(name: &str, partitions: usize) -> Topic {
    Topic {
        name: name.into(),
        partitions: vec![Vec::new(); partitions],
    }
}

/// Partition `i` has its replicas on racks `first + i, first + i + 1, ...` of `racks`. In the layout of Kafka's own
/// tests `first` runs on from topic to topic.
fn replicated(
    name: &str,
    first: usize,
    partitions: usize,
    replicas: usize,
    racks: &[&str],
) -> Topic {
    let on_racks = |partition: usize| {
        let mut of: Vec<StrBytes> = (0..replicas)
            .map(|replica| racks[(first + partition + replica) % racks.len()].into())
            .collect();
        of.sort();
        of
    };
    Topic {
        name: name.into(),
        partitions: (0..partitions).map(on_racks).collect(),
    }
}

fn shown(assignment: &Assignment) -> String {
    let topics = assignment.iter().map(|(topic, partitions)| {
        let numbers: Vec<String> = partitions.iter().map(ToString::to_string).collect();
        format!("{topic}:{}", numbers.join(","))
    });
    topics.collect::<Vec<_>>().join(" ")
}

fn assign(assignor: Assignor, members: &[Member], topics: &[Topic]) -> Vec<String> {
    assignor.assign(members, topics).iter().map(shown).collect()
}

#[test]
fn range_gives_the_first_members_one_more_per_topic() {
    let members = [member("C1", &["t0", "t1"]), member("C0", &["t0", "t1"])];
    let given = assign(Assignor::Range, &members, &[topic("t0", 3), topic("t1", 3)]);
    assert_eq!(given, ["t0:2 t1:2", "t0:0,1 t1:0,1"]);
}

#[test]
fn range_gives_nothing_for_topics_that_do_not_exist() {
    assert_eq!(assign(Assignor::Range, &[member("c", &["t1"])], &[]), [""]);
}

#[test]
fn range_leaves_members_empty_when_partitions_run_out() {
    let members = [member("consumer1", &["t1"]), member("consumer2", &["t1"])];
    assert_eq!(
        assign(Assignor::Range, &members, &[topic("t1", 1)]),
        ["t1:0", ""]
    );
}

#[test]
fn range_heeds_who_subscribed_to_what() {
    let members = [
        member("consumer1", &["t1"]),
        member("consumer2", &["t1", "t2"]),
        member("consumer3", &["t1"]),
    ];
    let given = assign(Assignor::Range, &members, &[topic("t1", 3), topic("t2", 2)]);
    assert_eq!(given, ["t1:0", "t1:1 t2:0,1", "t1:2"]);
}

#[test]
fn range_orders_static_members_by_instance_id() {
    let mut members = [member("zzz", &["t"]), member("aaa", &["t"])];
    members[0].instance_id = Some("i1".into());
    members[1].instance_id = Some("i2".into());
    assert_eq!(
        assign(Assignor::Range, &members, &[topic("t", 3)]),
        ["t:0,1", "t:2"]
    );
}

const RACKS: [&str; 3] = ["a", "b", "c"];

fn in_three_racks(topics: &[&str]) -> [Member; 3] {
    [
        in_rack("c1", topics, "a"),
        in_rack("c2", topics, "b"),
        in_rack("c3", topics, "c"),
    ]
}

#[test]
fn range_prefers_partitions_in_the_members_rack() {
    let members = in_three_racks(&["t1", "t2", "t3"]);
    let topics = [
        replicated("t1", 0, 6, 1, &RACKS),
        replicated("t2", 6, 7, 1, &RACKS),
        replicated("t3", 13, 2, 1, &RACKS),
    ];
    let given = assign(Assignor::Range, &members, &topics);
    assert_eq!(
        given,
        [
            "t1:0,3 t2:0,3,6",
            "t1:1,4 t2:1,4 t3:0",
            "t1:2,5 t2:2,5 t3:1"
        ]
    );
}

#[test]
fn range_keeps_the_counts_when_racks_overlap() {
    let members = in_three_racks(&["t1", "t2", "t3"]);
    let topics = [
        replicated("t1", 0, 6, 2, &RACKS),
        replicated("t2", 6, 7, 2, &RACKS),
        replicated("t3", 13, 2, 2, &RACKS),
    ];
    let given = assign(Assignor::Range, &members, &topics);
    assert_eq!(
        given,
        [
            "t1:0,2 t2:0,2,3 t3:1",
            "t1:1,3 t2:1,4 t3:0",
            "t1:4,5 t2:5,6"
        ]
    );
}

#[test]
fn range_ignores_racks_that_every_partition_is_on() {
    let members = in_three_racks(&["t1", "t2"]);
    let given = assign(
        Assignor::Range,
        &members,
        &[
            replicated("t1", 0, 6, 3, &RACKS),
            replicated("t2", 6, 7, 3, &RACKS),
        ],
    );
    assert_eq!(given, ["t1:0,1 t2:0,1,2", "t1:2,3 t2:3,4", "t1:4,5 t2:5,6"]);
}

#[test]
fn range_keeps_co_partitioned_topics_together_before_racks() {
    let topics = ["t1", "t2", "t3", "t4"];
    let members = [
        in_rack("c1", &topics[..2], "a"),
        in_rack("c2", &topics[..2], "b"),
        in_rack("c3", &topics[2..], "b"),
        in_rack("c4", &topics[2..], "a"),
    ];
    let racks = ["a", "b"];
    let given = assign(
        Assignor::Range,
        &members,
        &[
            replicated("t1", 0, 6, 1, &racks),
            replicated("t2", 6, 6, 1, &racks),
            replicated("t3", 12, 2, 1, &racks),
            replicated("t4", 14, 2, 1, &racks),
        ],
    );
    assert_eq!(
        given,
        [
            "t1:0,2,4 t2:0,2,4",
            "t1:1,3,5 t2:1,3,5",
            "t3:1 t4:1",
            "t3:0 t4:0"
        ]
    );
}

#[test]
fn roundrobin_deals_over_topic_borders() {
    let members = [member("C0", &["t0", "t1"]), member("C1", &["t0", "t1"])];
    let given = assign(
        Assignor::RoundRobin,
        &members,
        &[topic("t1", 3), topic("t0", 3)],
    );
    assert_eq!(given, ["t0:0,2 t1:1", "t0:1 t1:0,2"]);
}

#[test]
fn roundrobin_skips_members_not_subscribed() {
    let members = [
        member("C0", &["t0"]),
        member("C1", &["t0", "t1"]),
        member("C2", &["t0", "t1", "t2"]),
    ];
    let given = assign(
        Assignor::RoundRobin,
        &members,
        &[topic("t0", 1), topic("t1", 2), topic("t2", 3)],
    );
    assert_eq!(given, ["t0:0", "t1:0", "t1:1 t2:0,1,2"]);
}

#[test]
fn the_answer_does_not_depend_on_the_order_of_the_input() {
    let members = [
        member("a", &["t", "u"]),
        member("b", &["u", "t"]),
        member("c", &["t"]),
    ];
    let topics = [topic("t", 7), topic("u", 4)];
    for assignor in [Assignor::Range, Assignor::RoundRobin] {
        let forward = assignor.assign(&members, &topics);
        let mut turned: Vec<Member> = members.to_vec();
        turned.reverse();
        let mut backward = assignor.assign(&turned, &[topics[1].clone(), topics[0].clone()]);
        backward.reverse();
        assert_eq!(forward, backward, "{assignor:?}");
    }
}

#[test]
fn a_strategy_list_is_parsed_in_order_and_unknown_names_are_reported() {
    assert_eq!(
        Assignor::parse_list("roundrobin, range"),
        Ok(vec![Assignor::RoundRobin, Assignor::Range])
    );
    assert_eq!(
        Assignor::parse_list("range,nearest"),
        Err("nearest".to_owned())
    );
}
