//! Share sessions: epochs, limits, ends; fetches that wait.

use crate::harness::{Cluster, batch, produce_request};
use crate::topics::create_topic;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_fetch::ShareFetchRequest;
use rdkafka_wire::types::Uuid;

use super::{
    ACCEPT, Got, MAX_WAIT_MS, Member, RELEASE, ack, another, configure, got, partition, produce,
    start,
};

#[test]
fn a_fetch_waits_for_records_and_members_that_wait_get_them_once() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = another(&mut cluster, &one, "m2", 2);
    let waiting = [one.fetch_later(&mut cluster), two.fetch_later(&mut cluster)];
    assert!(waiting.iter().all(|it| !cluster.is_answered(*it)));
    produce(&mut cluster, 1);
    let (first, second) = match cluster.is_answered(waiting[0]) {
        true => (waiting[0], waiting[1]),
        false => (waiting[1], waiting[0]),
    };
    let answer = cluster.answer::<ShareFetchRequest>(first).unwrap();
    assert_eq!(got(&answer), [(0, 0, 1)]);
    assert!(!cluster.is_answered(second));
    cluster.advance_ms(u64::try_from(MAX_WAIT_MS).unwrap());
    let answer = cluster.answer::<ShareFetchRequest>(second).unwrap();
    assert_eq!(got(&answer), []);
}

#[test]
fn a_session_goes_on_by_its_epoch() {
    let (mut cluster, mut one) = start(&[]);
    let code = |cluster: &mut Cluster, request: &ShareFetchRequest| {
        ErrorCode(cluster.call(2, request).error_code)
    };
    let mut request = one.fetch_request(&[]);
    request.share_session_epoch = 1;
    assert_eq!(
        code(&mut cluster, &request),
        ErrorCode::SHARE_SESSION_NOT_FOUND
    );
    request.share_session_epoch = -1;
    assert_eq!(
        code(&mut cluster, &request),
        ErrorCode::SHARE_SESSION_NOT_FOUND
    );
    let first = one.fetch_request(&[ack(0, 0, &[ACCEPT])]);
    assert_eq!(code(&mut cluster, &first), ErrorCode::INVALID_REQUEST);
    let acknowledges = one.acknowledge_request(&[]);
    let answer = cluster.call(2, &acknowledges);
    assert_eq!(
        ErrorCode(answer.error_code),
        ErrorCode::INVALID_SHARE_SESSION_EPOCH
    );

    one.fetch(&mut cluster);
    request.share_session_epoch = 2;
    assert_eq!(
        code(&mut cluster, &request),
        ErrorCode::INVALID_SHARE_SESSION_EPOCH
    );
    request.share_session_epoch = 1;
    assert_eq!(code(&mut cluster, &request), ErrorCode::NONE);
    for (group, member) in [
        (None, Some("m1".into())),
        (Some("g".into()), Some("".into())),
        (Some("g".into()), None),
    ] {
        let request = ShareFetchRequest {
            group_id: group,
            member_id: member,
            ..one.fetch_request(&[])
        };
        assert_eq!(code(&mut cluster, &request), ErrorCode::INVALID_REQUEST);
    }
}

#[test]
fn a_session_remembers_its_partitions_and_forgets_them_when_told() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    configure(&mut cluster, "share.auto.offset.reset", "earliest");
    let topic = cluster.topic("t").topic_id;
    let mut one = Member::new("m1", 1, topic);
    one.beat(&mut cluster);
    one.partitions = vec![0, 1];
    one.fetch(&mut cluster);
    for partition in [0, 1] {
        let request = produce_request("t", partition, -1, batch(&["a"]));
        cluster.call(9, &request);
    }
    let mut request = one.fetch_request(&[]);
    request.topics.clear();
    request.forgotten_topics_data = vec![rdkafka_wire::messages::share_fetch::ForgottenTopic {
        topic_id: topic,
        partitions: vec![0],
    }];
    let sent = one.send(&mut cluster, &request);
    let answer = cluster.answer::<ShareFetchRequest>(sent).unwrap();
    let indexes: Vec<_> = answer.responses[0]
        .partitions
        .iter()
        .map(|it| it.partition_index)
        .collect();
    assert_eq!(indexes, [1]);
}

#[test]
fn there_are_so_many_sessions_and_no_more() {
    let limits = [
        ("group.share.max.share.sessions", "1"),
        ("group.share.max.size", "1"),
    ];
    let (mut cluster, mut one) = start(&limits);
    one.fetch(&mut cluster);
    let mut two = Member::new("m2", 2, one.topic);
    let sent = two.fetch_later(&mut cluster);
    assert!(
        !cluster.is_answered(sent),
        "it is not told at once, or it would ask at once again"
    );
    cluster.advance_ms(u64::try_from(MAX_WAIT_MS).unwrap());
    let answer = cluster.answer::<ShareFetchRequest>(sent).unwrap();
    assert_eq!(
        ErrorCode(answer.error_code),
        ErrorCode::SHARE_SESSION_LIMIT_REACHED
    );
    cluster.disconnect(1);
    two.session_epoch = 0;
    assert_eq!(two.fetch_with(&mut cluster, &[]).error_code, 0);
}

#[test]
fn sessions_name_so_many_partitions_and_no_more() {
    let (mut cluster, mut one) = start(&[]);
    one.fetch(&mut cluster);
    one.partitions = (0..500_001).collect();
    let request = one.fetch_request(&[]);
    let answer = cluster.call(2, &request);
    assert_eq!(
        ErrorCode(answer.error_code),
        ErrorCode::SHARE_SESSION_LIMIT_REACHED
    );
    // The session is as it was.
    one.partitions = vec![0];
    let mut request = one.fetch_request(&[]);
    request.share_session_epoch += 1;
    produce(&mut cluster, 1);
    assert_eq!(got(&cluster.call(2, &request)), [(0, 0, 1)]);
}

#[test]
fn the_end_of_a_session_or_its_connection_gives_everything_back() {
    let (mut cluster, mut one) = start(&[]);
    let mut two = another(&mut cluster, &one, "m2", 2);
    produce(&mut cluster, 3);
    assert_eq!(one.fetch(&mut cluster), [(0, 2, 1)]);
    let waiting = two.fetch_later(&mut cluster);
    // The last request of a session may still say something.
    let mut request = one.acknowledge_request(&[ack(0, 0, &[ACCEPT])]);
    request.share_session_epoch = -1;
    assert_eq!(cluster.call(2, &request).error_code, 0);
    let answer = cluster.answer::<ShareFetchRequest>(waiting).unwrap();
    assert_eq!(got(&answer), [(1, 2, 2)]);
    let answer = cluster.call(2, &request);
    assert_eq!(
        ErrorCode(answer.error_code),
        ErrorCode::SHARE_SESSION_NOT_FOUND
    );

    one.session_epoch = 0;
    assert_eq!(one.fetch(&mut cluster), []);
    // A fetch that still waits when its session ends takes nothing.
    let waiting = one.fetch_later(&mut cluster);
    let mut request = one.acknowledge_request(&[]);
    request.share_session_epoch = -1;
    assert_eq!(cluster.call(2, &request).error_code, 0);
    produce(&mut cluster, 1);
    let answer = cluster.answer::<ShareFetchRequest>(waiting).unwrap();
    assert_eq!(got(&answer), []);
    assert_eq!(two.fetch(&mut cluster), [(3, 3, 1)]);
    assert_eq!(two.say(&mut cluster, 3, 3, ACCEPT), ErrorCode::NONE);
    one.session_epoch = 0;
    assert_eq!(one.fetch(&mut cluster), []);
    cluster.disconnect(2);
    assert_eq!(one.fetch(&mut cluster), [(1, 2, 3)]);
    let mut request = one.fetch_request(&[ack(1, 2, &[RELEASE])]);
    request.share_session_epoch = -1;
    let answer = cluster.call(2, &request);
    assert_eq!((answer.error_code, got(&answer)), (0, Got::new()));
}

#[test]
fn a_partition_that_the_group_has_not_begun_with_or_that_is_not_is_an_error() {
    let (mut cluster, one) = start(&[]);
    let mut stranger = Member::new("x", 9, one.topic);
    stranger.partitions = vec![7];
    let answer = stranger.fetch_with(&mut cluster, &[]);
    let code = ErrorCode(partition(&answer).unwrap().error_code);
    assert_eq!(code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    let mut request = stranger.fetch_request(&[]);
    request.group_id = Some("nobody".into());
    request.share_session_epoch = 0;
    request.topics[0].partitions[0].partition_index = 0;
    let answer = cluster.call(2, &request);
    let code = ErrorCode(partition(&answer).unwrap().error_code);
    assert_eq!(code, ErrorCode::UNKNOWN_SERVER_ERROR);
    request.topics[0].topic_id = Uuid([9; 16]);
    let answer = cluster.call(2, &request);
    let code = ErrorCode(partition(&answer).unwrap().error_code);
    assert_eq!(code, ErrorCode::UNKNOWN_TOPIC_ID);
}
