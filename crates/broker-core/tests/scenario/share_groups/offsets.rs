//! How far share groups are: where they begin, what survives, what admin tools do with it.

use crate::harness::{Cluster, sealed};
use crate::topics::create_topic;
use rdkafka_records::Seal;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_share_group_offsets::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequestPartition,
    AlterShareGroupOffsetsRequestTopic,
};
use rdkafka_wire::messages::delete_groups::DeleteGroupsRequest;
use rdkafka_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use rdkafka_wire::messages::delete_share_group_offsets::{
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequestTopic,
};
use rdkafka_wire::messages::delete_topics::DeleteTopicsRequest;
use rdkafka_wire::messages::find_coordinator::FindCoordinatorRequest;
use rdkafka_wire::messages::list_groups::ListGroupsRequest;
use rdkafka_wire::messages::share_acknowledge::ShareAcknowledgeRequest;
use rdkafka_wire::messages::share_fetch::ShareFetchRequest;

use super::{
    ACCEPT, REJECT, RELEASE, ack, configure, describe, partition, produce, progress, start,
};

#[test]
fn a_group_begins_where_it_is_told_to() {
    for (reset, expected) in [("latest", 3), ("earliest", 0), ("by_duration:PT1M", 2)] {
        let (mut cluster, mut one) = start(&[]);
        configure(&mut cluster, "share.auto.offset.reset", reset);
        let now = cluster.unix_ms();
        for age_s in [300, 120, 30] {
            let records = sealed(&["a"], now - age_s * 1000, &Seal::default());
            assert_eq!(cluster.produce("t", records).error_code, 0);
        }
        assert_eq!(progress(&mut cluster), Some((-1, -1)));
        one.fetch(&mut cluster);
        assert_eq!(progress(&mut cluster).unwrap().0, expected, "{reset}");
    }
}

#[test]
fn the_start_of_the_log_takes_the_group_along() {
    let (mut cluster, mut one) = start(&[]);
    for _ in 0..5 {
        produce(&mut cluster, 2);
    }
    one.max_records = 4;
    one.mode = 1;
    assert_eq!(one.fetch(&mut cluster), [(0, 3, 1)]);
    let request = DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: "t".into(),
            partitions: vec![DeleteRecordsPartition {
                partition_index: 0,
                offset: 6,
            }],
        }],
        timeout_ms: 1000,
    };
    assert_eq!(
        cluster.call(2, &request).topics[0].partitions[0].error_code,
        0
    );
    assert_eq!(one.fetch(&mut cluster), [(6, 9, 1)]);
    // What is gone cannot be said anything of, and that is no mistake.
    assert_eq!(one.say(&mut cluster, 0, 3, ACCEPT), ErrorCode::NONE);
    assert_eq!(one.say(&mut cluster, 6, 9, ACCEPT), ErrorCode::NONE);
    assert_eq!(progress(&mut cluster), Some((10, 0)));
}

#[test]
fn a_topic_that_goes_takes_its_states_along_and_its_fetches_are_answered() {
    let (mut cluster, mut one) = start(&[]);
    produce(&mut cluster, 1);
    one.fetch(&mut cluster);
    let waiting = one.fetch_later(&mut cluster);
    let gone = DeleteTopicsRequest {
        topic_names: vec!["t".into()],
        ..DeleteTopicsRequest::default()
    };
    assert_eq!(cluster.call(5, &gone).responses[0].error_code, 0);
    let answer = cluster.answer::<ShareFetchRequest>(waiting).unwrap();
    let code = ErrorCode(partition(&answer).unwrap().error_code);
    assert_eq!(code, ErrorCode::UNKNOWN_TOPIC_ID);
    assert_eq!(progress(&mut cluster), None);
    create_topic(&mut cluster, "t", 1, &[]);
    cluster.kill_and_restart();
    assert_eq!(progress(&mut cluster), None);
}

#[test]
fn what_was_said_survives_kill_nine_and_what_was_not_is_delivered_again() {
    let (mut cluster, mut one) = start(&[]);
    produce(&mut cluster, 6);
    assert_eq!(one.fetch(&mut cluster), [(0, 5, 1)]);
    let fates = [ACCEPT, RELEASE, REJECT, RELEASE];
    one.acknowledge(&mut cluster, &[ack(0, 3, &fates)]);
    let before = (progress(&mut cluster), describe(&mut cluster));
    cluster.kill_and_restart();
    assert_eq!((progress(&mut cluster), describe(&mut cluster)), before);
    // The member goes on in its group, its session is gone.
    assert_eq!(one.beat(&mut cluster).error_code, 0);
    let answer = one.fetch_with(&mut cluster, &[]);
    assert_eq!(
        ErrorCode(answer.error_code),
        ErrorCode::SHARE_SESSION_NOT_FOUND
    );
    one.session_epoch = 0;
    assert_eq!(one.fetch(&mut cluster), [(1, 1, 2), (3, 3, 2), (4, 5, 1)]);
    assert_eq!(one.say(&mut cluster, 1, 1, ACCEPT), ErrorCode::NONE);
    assert_eq!(one.say(&mut cluster, 3, 5, ACCEPT), ErrorCode::NONE);
    cluster.stop_and_restart();
    assert_eq!(progress(&mut cluster), Some((6, 0)));
    cluster.advance_ms(45_000);
    assert_eq!(describe(&mut cluster).group_state, "Empty");
}

#[test]
fn an_acknowledgement_is_on_the_disk_before_it_is_answered_where_the_policy_wants_it() {
    let (mut cluster, mut one) = start(&[("log.flush.interval.messages", "1")]);
    produce(&mut cluster, 1);
    assert_eq!(one.fetch(&mut cluster), [(0, 0, 1)]);
    cluster.held_flushes = Some(Vec::new());
    let request = one.acknowledge_request(&[ack(0, 0, &[ACCEPT])]);
    let sent = cluster.send(1, 2, &request);
    assert!(!cluster.is_answered(sent));
    cluster.run_held_flushes();
    let answer = cluster.answer::<ShareAcknowledgeRequest>(sent).unwrap();
    assert_eq!(answer.responses[0].partitions[0].error_code, 0);
}

#[test]
fn offsets_of_a_group_without_members_can_be_changed_and_forgotten() {
    let (mut cluster, mut one) = start(&[]);
    produce(&mut cluster, 5);
    let alter =
        |group: &str, topic: &str, partition: i32, offset: i64| AlterShareGroupOffsetsRequest {
            group_id: group.into(),
            topics: vec![AlterShareGroupOffsetsRequestTopic {
                topic_name: topic.into(),
                partitions: vec![AlterShareGroupOffsetsRequestPartition {
                    partition_index: partition,
                    start_offset: offset,
                }],
            }],
        };
    let forget = |topic: &str| DeleteShareGroupOffsetsRequest {
        group_id: "g".into(),
        topics: vec![DeleteShareGroupOffsetsRequestTopic {
            topic_name: topic.into(),
        }],
    };
    let answer = cluster.call(0, &alter("g", "t", 0, 3));
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::NON_EMPTY_GROUP);
    let answer = cluster.call(0, &forget("t"));
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::NON_EMPTY_GROUP);
    cluster.advance_ms(45_000);
    for (topic, partition, expected) in [
        ("t", 0, ErrorCode::NONE),
        ("t", 7, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ("u", 0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
    ] {
        let answer = cluster.call(0, &alter("g", topic, partition, 3));
        assert_eq!(answer.error_code, 0);
        let code = ErrorCode(answer.responses[0].partitions[0].error_code);
        assert_eq!(code, expected, "{topic} {partition}");
    }
    assert_eq!(progress(&mut cluster), Some((3, 2)));
    cluster.kill_and_restart();
    assert_eq!(progress(&mut cluster), Some((3, 2)));
    one.epoch = 0;
    one.beat(&mut cluster);
    one.session_epoch = 0;
    assert_eq!(one.fetch(&mut cluster), [(3, 4, 1)]);
    cluster.advance_ms(45_000);

    // A group that nobody joined comes to be.
    assert_eq!(cluster.call(0, &alter("new", "t", 0, 1)).error_code, 0);
    let list = cluster.call(5, &ListGroupsRequest::default()).groups;
    assert!(
        list.iter()
            .any(|it| it.group_id == "new" && it.group_state == "Empty")
    );

    let answer = cluster.call(0, &forget("t"));
    assert_eq!((answer.error_code, answer.responses[0].error_code), (0, 0));
    assert_eq!(progress(&mut cluster), None);
    let answer = cluster.call(0, &forget("t"));
    let code = ErrorCode(answer.responses[0].error_code);
    assert_eq!(code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    cluster.kill_and_restart();
    assert_eq!(progress(&mut cluster), None);
}

#[test]
fn a_group_without_members_can_be_deleted() {
    let (mut cluster, mut one) = start(&[]);
    produce(&mut cluster, 1);
    one.fetch(&mut cluster);
    let request = DeleteGroupsRequest {
        groups_names: vec!["g".into()],
    };
    let delete = |cluster: &mut Cluster| ErrorCode(cluster.call(2, &request).results[0].error_code);
    assert_eq!(delete(&mut cluster), ErrorCode::NON_EMPTY_GROUP);
    cluster.advance_ms(45_000);
    assert_eq!(delete(&mut cluster), ErrorCode::NONE);
    assert_eq!(delete(&mut cluster), ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(
        ErrorCode(describe(&mut cluster).error_code),
        ErrorCode::GROUP_ID_NOT_FOUND
    );
    cluster.kill_and_restart();
    assert_eq!(
        ErrorCode(describe(&mut cluster).error_code),
        ErrorCode::GROUP_ID_NOT_FOUND
    );
    assert_eq!(progress(&mut cluster), None);
}

#[test]
fn the_coordinator_of_a_state_is_found_by_its_name() {
    let (mut cluster, member) = start(&[]);
    let find = |key: String| FindCoordinatorRequest {
        key_type: 2,
        coordinator_keys: vec![key.into()],
        ..FindCoordinatorRequest::default()
    };
    let key = format!("g:{}:0", member.topic);
    for (version, key, expected) in [
        (6, key.clone(), ErrorCode::NONE),
        (6, "g".to_owned(), ErrorCode::INVALID_REQUEST),
        (5, key, ErrorCode::INVALID_REQUEST),
    ] {
        let answer = cluster.call(version, &find(key));
        assert_eq!(ErrorCode(answer.coordinators[0].error_code), expected);
    }
}
