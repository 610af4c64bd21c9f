//! Access control: rules made by CreateAcls, and what each API says to who may not.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages as wire;
use rdkafka_wire::messages::create_acls::{AclCreation, CreateAclsRequest};
use rdkafka_wire::messages::delete_acls::{DeleteAclsFilter, DeleteAclsRequest};
use rdkafka_wire::messages::describe_acls::DescribeAclsRequest;
use rdkafka_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use rdkafka_wire::types::Uuid;

use crate::harness::{Cluster, batch, fetch_request, produce_request};

pub(crate) const TOPIC: i8 = 2;
pub(crate) const GROUP: i8 = 3;
const CLUSTER: i8 = 4;
const TRANSACTIONAL_ID: i8 = 5;
const LITERAL: i8 = 3;
const PREFIXED: i8 = 4;
const ANY: i8 = 1;
const MATCH: i8 = 2;
pub(crate) const READ: i8 = 3;
const WRITE: i8 = 4;
pub(crate) const CREATE: i8 = 5;
const DELETE: i8 = 6;
pub(crate) const DESCRIBE: i8 = 8;
const IDEMPOTENT_WRITE: i8 = 12;
const DENY: i8 = 2;
const ALLOW: i8 = 3;

const AUTHORIZER: (&str, &str) = (
    "authorizer.class.name",
    "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
);
const ROOT: &str = "User:root";
pub(crate) const ALICE: &str = "User:alice";

/// A cluster with an authorizer, where `User:root` may everything; it has the topic `t`.
pub(crate) fn guarded() -> Cluster {
    let mut cluster = Cluster::with(&[AUTHORIZER, ("super.users", "User:ops; User:root")]);
    cluster.principal = ROOT;
    assert_eq!(cluster.topic("t").error_code, 0);
    assert_eq!(cluster.produce("t", batch(&["a"])).error_code, 0);
    cluster
}

fn creation(resource_type: i8, name: &str, operation: i8, permission_type: i8) -> AclCreation {
    AclCreation {
        resource_type,
        resource_name: name.into(),
        resource_pattern_type: LITERAL,
        principal: ALICE.into(),
        host: "*".into(),
        operation,
        permission_type,
    }
}

/// Makes rules, as root.
fn create(cluster: &mut Cluster, creations: Vec<AclCreation>) -> Vec<ErrorCode> {
    let before = std::mem::replace(&mut cluster.principal, ROOT);
    let results = cluster.call(3, &CreateAclsRequest { creations }).results;
    cluster.principal = before;
    results.iter().map(|it| ErrorCode(it.error_code)).collect()
}

pub(crate) fn allow(cluster: &mut Cluster, resource_type: i8, name: &str, operation: i8) {
    let rule = creation(resource_type, name, operation, ALLOW);
    assert_eq!(create(cluster, vec![rule]), [ErrorCode::NONE]);
}

/// Names and principals of the rules about a resource.
fn described(cluster: &mut Cluster, pattern_type: i8, name: Option<&str>) -> Vec<(String, usize)> {
    let request = DescribeAclsRequest {
        resource_type_filter: ANY,
        resource_name_filter: name.map(Into::into),
        pattern_type_filter: pattern_type,
        operation: ANY,
        permission_type: ANY,
        principal_filter: None,
        host_filter: None,
    };
    let answer = cluster.call(3, &request);
    assert_eq!(answer.error_code, 0);
    let resources = answer.resources.into_iter();
    resources
        .map(|it| (it.resource_name.to_string(), it.acls.len()))
        .collect()
}

fn metadata(
    cluster: &mut Cluster,
    topics: Option<Vec<MetadataRequestTopic>>,
) -> Vec<(String, i16)> {
    let request = MetadataRequest {
        topics,
        allow_auto_topic_creation: true,
        ..MetadataRequest::default()
    };
    let answer = cluster.call(12, &request).topics.into_iter();
    answer
        .map(|it| (it.name.unwrap_or_default().to_string(), it.error_code))
        .collect()
}

fn named(name: &str) -> Option<Vec<MetadataRequestTopic>> {
    Some(vec![MetadataRequestTopic {
        name: Some(name.into()),
        ..MetadataRequestTopic::default()
    }])
}

#[test]
fn rules_survive_a_kill_and_go_by_filters() {
    let mut cluster = guarded();
    let prefixed = AclCreation {
        resource_pattern_type: PREFIXED,
        ..creation(TOPIC, "or", WRITE, ALLOW)
    };
    let rules = vec![
        creation(TOPIC, "orders", READ, ALLOW),
        creation(TOPIC, "orders", WRITE, DENY),
        creation(TOPIC, "orders", READ, ALLOW),
        prefixed,
        creation(GROUP, "orders", READ, ALLOW),
    ];
    assert_eq!(create(&mut cluster, rules), [ErrorCode::NONE; 5]);
    cluster.kill_and_restart();
    let all = [("orders", 2), ("or", 1), ("orders", 1)].map(|(name, it)| (name.to_owned(), it));
    assert_eq!(described(&mut cluster, ANY, None), all);
    assert_eq!(
        described(&mut cluster, PREFIXED, None),
        [("or".to_owned(), 1)]
    );
    assert_eq!(described(&mut cluster, MATCH, Some("orders")), all);

    let filter = DeleteAclsFilter {
        resource_type_filter: TOPIC,
        resource_name_filter: Some("orders".into()),
        pattern_type_filter: MATCH,
        operation: WRITE,
        permission_type: ANY,
        principal_filter: None,
        host_filter: None,
    };
    let request = DeleteAclsRequest {
        filters: vec![filter.clone(), filter],
    };
    let results = cluster.call(3, &request).filter_results;
    let deleted: Vec<_> = results.iter().map(|it| it.matching_acls.len()).collect();
    assert_eq!(deleted, [2, 0]);
    cluster.stop_and_restart();
    let left = [("orders".to_owned(), 1), ("orders".to_owned(), 1)];
    assert_eq!(described(&mut cluster, ANY, None), left);
}

#[test]
fn a_rule_that_makes_no_sense_is_refused_and_the_others_are_not() {
    let mut cluster = guarded();
    let anything = AclCreation {
        resource_pattern_type: MATCH,
        ..creation(TOPIC, "t", READ, ALLOW)
    };
    let rules = vec![
        creation(ANY, "t", READ, ALLOW),
        creation(TOPIC, "", READ, ALLOW),
        creation(CLUSTER, "other", READ, ALLOW),
        creation(TOPIC, "t", ANY, ALLOW),
        creation(TOPIC, "t", READ, ANY),
        anything,
        creation(CLUSTER, "kafka-cluster", DESCRIBE, ALLOW),
    ];
    let mut expected = [ErrorCode::INVALID_REQUEST; 7];
    expected[6] = ErrorCode::NONE;
    assert_eq!(create(&mut cluster, rules), expected);
    let unknown = DescribeAclsRequest {
        resource_type_filter: 99,
        ..DescribeAclsRequest::default()
    };
    let answer = cluster.call(3, &unknown);
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::INVALID_REQUEST);
}

#[test]
fn records_are_written_and_read_by_who_may() {
    let mut cluster = guarded();
    cluster.principal = ALICE;
    let denied = ErrorCode::TOPIC_AUTHORIZATION_FAILED.code();
    assert_eq!(cluster.produce("t", batch(&["b"])).error_code, denied);
    assert_eq!(cluster.produce("none", batch(&["b"])).error_code, denied);
    assert_eq!(cluster.fetch("t", 0).error_code, denied);
    allow(&mut cluster, TOPIC, "t", WRITE);
    assert_eq!(cluster.produce("t", batch(&["b"])).error_code, 0);
    assert_eq!(cluster.fetch("t", 0).error_code, denied);
    allow(&mut cluster, TOPIC, "*", READ);
    assert_eq!(cluster.values("t", 1), [(1, "b".into())]);
    let rule = creation(TOPIC, "t", READ, DENY);
    assert_eq!(create(&mut cluster, vec![rule]), [ErrorCode::NONE]);
    assert_eq!(cluster.fetch("t", 0).error_code, denied);
}

#[test]
fn without_acks_a_refusal_closes_the_connection() {
    let mut cluster = guarded();
    cluster.principal = ALICE;
    cluster.send(3, 9, &produce_request("t", 0, 0, batch(&["b"])));
    assert!(cluster.closed[&3].contains("29"), "{}", cluster.closed[&3]);
}

#[test]
fn a_fetch_that_waits_was_judged_when_it_came() {
    let mut cluster = guarded();
    allow(&mut cluster, TOPIC, "t", READ);
    cluster.principal = ALICE;
    let sent = cluster.send(5, 11, &fetch_request("t", 1, 1, 500));
    cluster.principal = ROOT;
    cluster.produce("t", batch(&["b"]));
    let answer = cluster
        .answer::<wire::fetch::FetchRequest>(sent)
        .expect("not answered");
    assert_eq!(answer.responses[0].partitions[0].error_code, 0);
}

#[test]
fn topics_that_may_not_be_seen_are_not_told_of() {
    let mut cluster = guarded();
    let id = cluster.topic("t").topic_id;
    cluster.principal = ALICE;
    let denied = ErrorCode::TOPIC_AUTHORIZATION_FAILED.code();
    assert_eq!(metadata(&mut cluster, None), []);
    for name in ["t", "none"] {
        let answer = metadata(&mut cluster, named(name));
        assert_eq!(answer, [(name.to_owned(), denied)]);
    }
    let by_id = vec![MetadataRequestTopic {
        topic_id: id,
        name: None,
    }];
    assert_eq!(
        metadata(&mut cluster, Some(by_id)),
        [(String::new(), denied)]
    );
    allow(&mut cluster, TOPIC, "t", READ);
    let seen = [("t".to_owned(), 0)];
    assert_eq!(metadata(&mut cluster, None), seen);
    assert_eq!(metadata(&mut cluster, named("t")), seen);
}

#[test]
fn who_may_create_a_topic_does_so_by_asking_for_it() {
    let mut cluster = guarded();
    allow(&mut cluster, TOPIC, "*", DESCRIBE);
    cluster.principal = ALICE;
    let denied = ErrorCode::TOPIC_AUTHORIZATION_FAILED.code();
    let answer = metadata(&mut cluster, named("mine"));
    assert_eq!(answer, [("mine".to_owned(), denied)]);
    allow(&mut cluster, TOPIC, "mine", CREATE);
    assert_eq!(
        metadata(&mut cluster, named("mine")),
        [("mine".to_owned(), 0)]
    );
    let other = [("other".to_owned(), denied)];
    assert_eq!(metadata(&mut cluster, named("other")), other);
    allow(&mut cluster, CLUSTER, "kafka-cluster", CREATE);
    assert_eq!(
        metadata(&mut cluster, named("other")),
        [("other".to_owned(), 0)]
    );
}

#[test]
fn settings_of_a_new_topic_are_shown_to_who_may_see_them() {
    let mut cluster = guarded();
    allow(&mut cluster, TOPIC, "mine", CREATE);
    cluster.principal = ALICE;
    let request = |name: &str| wire::create_topics::CreateTopicsRequest {
        topics: vec![wire::create_topics::CreatableTopic {
            name: name.into(),
            num_partitions: 1,
            replication_factor: 1,
            ..Default::default()
        }],
        ..Default::default()
    };
    let mine = cluster.call(7, &request("mine")).topics.remove(0);
    assert_eq!((mine.error_code, mine.configs), (0, None));
    assert_eq!(
        ErrorCode(mine.topic_config_error_code),
        ErrorCode::TOPIC_AUTHORIZATION_FAILED
    );
    let other = cluster.call(7, &request("other")).topics.remove(0);
    assert_eq!(
        ErrorCode(other.error_code),
        ErrorCode::TOPIC_AUTHORIZATION_FAILED
    );
}

#[test]
fn a_topic_is_deleted_by_who_may() {
    let mut cluster = guarded();
    let id = cluster.topic("t").topic_id;
    cluster.principal = ALICE;
    let state = |name: Option<&str>, topic_id| wire::delete_topics::DeleteTopicState {
        name: name.map(Into::into),
        topic_id,
    };
    let request = || wire::delete_topics::DeleteTopicsRequest {
        topics: vec![
            state(Some("t"), Uuid::ZERO),
            state(Some("no"), Uuid::ZERO),
            state(None, id),
        ],
        timeout_ms: 1000,
        ..Default::default()
    };
    let codes = |cluster: &mut Cluster| -> Vec<ErrorCode> {
        let answer = cluster.call(6, &request()).responses;
        answer.iter().map(|it| ErrorCode(it.error_code)).collect()
    };
    let denied = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
    assert_eq!(codes(&mut cluster), [denied; 3]);
    allow(&mut cluster, TOPIC, "*", DESCRIBE);
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(codes(&mut cluster), [denied, unknown, denied]);
    allow(&mut cluster, TOPIC, "t", DELETE);
    let by_id = codes(&mut cluster)[2];
    assert_eq!(by_id, ErrorCode::UNKNOWN_TOPIC_ID);
}

#[test]
fn idempotent_producers_are_those_that_may_write_to_some_topic() {
    let mut cluster = guarded();
    cluster.principal = ALICE;
    let request = wire::init_producer_id::InitProducerIdRequest {
        transactional_id: None,
        ..Default::default()
    };
    let code = |cluster: &mut Cluster| ErrorCode(cluster.call(4, &request).error_code);
    let denied = ErrorCode::CLUSTER_AUTHORIZATION_FAILED;
    assert_eq!(code(&mut cluster), denied);
    allow(&mut cluster, TOPIC, "anything", WRITE);
    assert_eq!(code(&mut cluster), ErrorCode::NONE);
    let rule = creation(TOPIC, "*", WRITE, DENY);
    assert_eq!(create(&mut cluster, vec![rule]), [ErrorCode::NONE]);
    assert_eq!(code(&mut cluster), denied);
    allow(&mut cluster, CLUSTER, "kafka-cluster", IDEMPOTENT_WRITE);
    assert_eq!(code(&mut cluster), ErrorCode::NONE);
}

#[test]
fn what_no_rule_names_may_be_open() {
    let open = ("allow.everyone.if.no.acl.found", "true");
    let mut cluster = Cluster::with(&[AUTHORIZER, open, ("super.users", ROOT)]);
    cluster.principal = ALICE;
    assert_eq!(cluster.topic("t").error_code, 0);
    assert_eq!(cluster.produce("t", batch(&["a"])).error_code, 0);
    assert!(cluster.producer_id() >= 0);
    let mut other = creation(TOPIC, "t", READ, ALLOW);
    other.principal = "User:bob".into();
    assert_eq!(create(&mut cluster, vec![other]), [ErrorCode::NONE]);
    let denied = ErrorCode::TOPIC_AUTHORIZATION_FAILED.code();
    assert_eq!(cluster.produce("t", batch(&["a"])).error_code, denied);
}

#[test]
fn operations_that_are_allowed_are_told_who_asks_for_them() {
    let mut cluster = guarded();
    allow(&mut cluster, TOPIC, "t", READ);
    allow(&mut cluster, GROUP, "g", DELETE);
    cluster.principal = ALICE;
    let request = MetadataRequest {
        topics: named("t"),
        include_topic_authorized_operations: true,
        include_cluster_authorized_operations: true,
        ..MetadataRequest::default()
    };
    let bits = |operations: &[i8]| operations.iter().fold(0, |bits, it| bits | 1 << it);
    let answer = cluster.call(10, &request);
    let topic = answer.topics[0].topic_authorized_operations;
    assert_eq!(topic, bits(&[READ, DESCRIBE]));
    assert_eq!(answer.cluster_authorized_operations, 0);
    let request = wire::describe_groups::DescribeGroupsRequest {
        groups: vec!["g".into()],
        include_authorized_operations: true,
    };
    let group = cluster.call(5, &request).groups[0].authorized_operations;
    assert_eq!(group, bits(&[DELETE, DESCRIBE]));
}

/// What the answer to a request says to who has no rights at all.
macro_rules! refusals {
    ($cluster:ident, $expected:ident: $($module:ident::$Request:ident $version:literal $request:tt => |$answer:ident| $code:expr;)*) => {
        $({
            let request = wire::$module::$Request $request;
            let $answer = $cluster.call($version, &request);
            let code: i16 = $code;
            assert_eq!(ErrorCode(code), ErrorCode::$expected, stringify!($Request));
        })*
    };
}

#[test]
fn groups_are_closed_to_who_has_no_rights() {
    use rdkafka_wire::messages::offset_commit::{
        OffsetCommitRequestPartition, OffsetCommitRequestTopic,
    };
    use rdkafka_wire::messages::offset_fetch::{OffsetFetchRequestGroup, OffsetFetchRequestTopic};
    let mut cluster = guarded();
    cluster.principal = ALICE;
    let committed = OffsetCommitRequestTopic {
        name: "t".into(),
        partitions: vec![OffsetCommitRequestPartition::default()],
        ..Default::default()
    };
    let wanted = OffsetFetchRequestTopic {
        name: "t".into(),
        partition_indexes: vec![0],
    };
    let group = OffsetFetchRequestGroup {
        group_id: "g".into(),
        ..Default::default()
    };
    let shared = wire::describe_share_group_offsets::DescribeShareGroupOffsetsRequestGroup {
        group_id: "g".into(),
        ..Default::default()
    };
    refusals! { cluster, GROUP_AUTHORIZATION_FAILED:
        join_group::JoinGroupRequest 5 { group_id: "g".into(), session_timeout_ms: 10_000, ..Default::default() } => |it| it.error_code;
        sync_group::SyncGroupRequest 3 { group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        heartbeat::HeartbeatRequest 3 { group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        leave_group::LeaveGroupRequest 2 { group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        consumer_group_heartbeat::ConsumerGroupHeartbeatRequest 1 { group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        offset_commit::OffsetCommitRequest 8 { group_id: "g".into(), topics: vec![committed.clone()], ..Default::default() }
            => |it| it.topics[0].partitions[0].error_code;
        offset_fetch::OffsetFetchRequest 1 { group_id: "g".into(), topics: Some(vec![wanted.clone()]), ..Default::default() }
            => |it| it.topics[0].partitions[0].error_code;
        offset_fetch::OffsetFetchRequest 5 { group_id: "g".into(), topics: Some(vec![wanted]), ..Default::default() } => |it| it.error_code;
        offset_fetch::OffsetFetchRequest 9 { groups: vec![group], ..Default::default() } => |it| it.groups[0].error_code;
        offset_delete::OffsetDeleteRequest 0 { group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        find_coordinator::FindCoordinatorRequest 4 { coordinator_keys: vec!["g".into()], ..Default::default() } => |it| it.coordinators[0].error_code;
        find_coordinator::FindCoordinatorRequest 3 { key: "g".into(), ..Default::default() } => |it| it.error_code;
        describe_groups::DescribeGroupsRequest 5 { groups: vec!["g".into()], ..Default::default() } => |it| it.groups[0].error_code;
        consumer_group_describe::ConsumerGroupDescribeRequest 1 { group_ids: vec!["g".into()], ..Default::default() } => |it| it.groups[0].error_code;
        delete_groups::DeleteGroupsRequest 2 { groups_names: vec!["g".into()] } => |it| it.results[0].error_code;
        share_group_heartbeat::ShareGroupHeartbeatRequest 1 { group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        share_fetch::ShareFetchRequest 1 { group_id: Some("g".into()), ..Default::default() } => |it| it.error_code;
        share_acknowledge::ShareAcknowledgeRequest 1 { group_id: Some("g".into()), ..Default::default() } => |it| it.error_code;
        share_group_describe::ShareGroupDescribeRequest 1 { group_ids: vec!["g".into()], ..Default::default() } => |it| it.groups[0].error_code;
        streams_group_heartbeat::StreamsGroupHeartbeatRequest 0 { group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        streams_group_describe::StreamsGroupDescribeRequest 0 { group_ids: vec!["g".into()], ..Default::default() } => |it| it.groups[0].error_code;
        describe_share_group_offsets::DescribeShareGroupOffsetsRequest 0 { groups: vec![shared] } => |it| it.groups[0].error_code;
        alter_share_group_offsets::AlterShareGroupOffsetsRequest 0 { group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        delete_share_group_offsets::DeleteShareGroupOffsetsRequest 0 { group_id: "g".into(), ..Default::default() } => |it| it.error_code;
    }
    allow(&mut cluster, GROUP, "g", READ);
    let denied = ErrorCode::TOPIC_AUTHORIZATION_FAILED.code();
    let request = wire::offset_commit::OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: -1,
        topics: vec![committed],
        ..Default::default()
    };
    let answer = cluster.call(8, &request);
    assert_eq!(answer.topics[0].partitions[0].error_code, denied);
    allow(&mut cluster, TOPIC, "t", READ);
    assert_eq!(
        cluster.call(8, &request).topics[0].partitions[0].error_code,
        0
    );
    let listed = cluster.call(4, &wire::list_groups::ListGroupsRequest::default());
    assert_eq!(listed.groups.len(), 1);
    cluster.principal = "User:bob";
    let listed = cluster.call(4, &wire::list_groups::ListGroupsRequest::default());
    assert_eq!(listed.groups, []);
}

#[test]
fn transactions_are_closed_to_who_has_no_rights() {
    use rdkafka_wire::messages::add_partitions_to_txn::AddPartitionsToTxnTopic;
    use rdkafka_wire::messages::txn_offset_commit::{
        TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
    };
    let mut cluster = guarded();
    cluster.principal = ALICE;
    let added = AddPartitionsToTxnTopic {
        name: "t".into(),
        partitions: vec![0],
    };
    let committed = TxnOffsetCommitRequestTopic {
        name: "t".into(),
        partitions: vec![TxnOffsetCommitRequestPartition::default()],
    };
    refusals! { cluster, TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
        init_producer_id::InitProducerIdRequest 4 { transactional_id: Some("x".into()), ..Default::default() } => |it| it.error_code;
        add_partitions_to_txn::AddPartitionsToTxnRequest 3 {
            v3_and_below_transactional_id: "x".into(), v3_and_below_topics: vec![added.clone()], ..Default::default()
        } => |it| it.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code;
        add_offsets_to_txn::AddOffsetsToTxnRequest 3 { transactional_id: "x".into(), group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        end_txn::EndTxnRequest 3 { transactional_id: "x".into(), ..Default::default() } => |it| it.error_code;
        txn_offset_commit::TxnOffsetCommitRequest 3 {
            transactional_id: "x".into(), group_id: "g".into(), topics: vec![committed.clone()], ..Default::default()
        } => |it| it.topics[0].partitions[0].error_code;
        find_coordinator::FindCoordinatorRequest 4 { key_type: 1, coordinator_keys: vec!["x".into()], ..Default::default() }
            => |it| it.coordinators[0].error_code;
        describe_transactions::DescribeTransactionsRequest 0 { transactional_ids: vec!["x".into()] } => |it| it.transaction_states[0].error_code;
    }
    allow(&mut cluster, TRANSACTIONAL_ID, "x", WRITE);
    refusals! { cluster, TOPIC_AUTHORIZATION_FAILED:
        add_partitions_to_txn::AddPartitionsToTxnRequest 3 {
            v3_and_below_transactional_id: "x".into(), v3_and_below_topics: vec![added], ..Default::default()
        } => |it| it.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code;
    }
    refusals! { cluster, GROUP_AUTHORIZATION_FAILED:
        add_offsets_to_txn::AddOffsetsToTxnRequest 3 { transactional_id: "x".into(), group_id: "g".into(), ..Default::default() } => |it| it.error_code;
        txn_offset_commit::TxnOffsetCommitRequest 3 {
            transactional_id: "x".into(), group_id: "g".into(), topics: vec![committed], ..Default::default()
        } => |it| it.topics[0].partitions[0].error_code;
    }
}

#[test]
fn topics_are_closed_to_who_has_no_rights() {
    use rdkafka_wire::messages::describe_configs::DescribeConfigsResource;
    use rdkafka_wire::messages::list_offsets::{ListOffsetsPartition, ListOffsetsTopic};
    use rdkafka_wire::messages::{
        alter_configs, create_partitions, delete_records, describe_producers,
        describe_topic_partitions, incremental_alter_configs, offset_for_leader_epoch,
    };
    let mut cluster = guarded();
    cluster.principal = ALICE;
    let times = ListOffsetsTopic {
        name: "t".into(),
        partitions: vec![ListOffsetsPartition::default()],
    };
    let epochs = offset_for_leader_epoch::OffsetForLeaderTopic {
        topic: "t".into(),
        partitions: vec![Default::default()],
    };
    let records = delete_records::DeleteRecordsTopic {
        name: "t".into(),
        partitions: vec![Default::default()],
    };
    let producers = describe_producers::TopicRequest {
        name: "t".into(),
        partition_indexes: vec![0],
    };
    let grown = create_partitions::CreatePartitionsTopic {
        name: "t".into(),
        count: 9,
        assignments: None,
    };
    let shown = DescribeConfigsResource {
        resource_type: 2,
        resource_name: "t".into(),
        configuration_keys: None,
    };
    let set = alter_configs::AlterConfigsResource {
        resource_type: 2,
        resource_name: "t".into(),
        configs: Vec::new(),
    };
    let changed = incremental_alter_configs::AlterConfigsResource {
        resource_type: 2,
        resource_name: "t".into(),
        configs: Vec::new(),
    };
    let named = describe_topic_partitions::TopicRequest { name: "t".into() };
    refusals! { cluster, TOPIC_AUTHORIZATION_FAILED:
        list_offsets::ListOffsetsRequest 7 { topics: vec![times], ..Default::default() } => |it| it.topics[0].partitions[0].error_code;
        offset_for_leader_epoch::OffsetForLeaderEpochRequest 4 { topics: vec![epochs], ..Default::default() } => |it| it.topics[0].partitions[0].error_code;
        delete_records::DeleteRecordsRequest 2 { topics: vec![records], timeout_ms: 1 } => |it| it.topics[0].partitions[0].error_code;
        describe_producers::DescribeProducersRequest 0 { topics: vec![producers] } => |it| it.topics[0].partitions[0].error_code;
        create_partitions::CreatePartitionsRequest 3 { topics: vec![grown], timeout_ms: 1, validate_only: false } => |it| it.results[0].error_code;
        describe_configs::DescribeConfigsRequest 4 { resources: vec![shown], ..Default::default() } => |it| it.results[0].error_code;
        alter_configs::AlterConfigsRequest 2 { resources: vec![set], validate_only: false } => |it| it.responses[0].error_code;
        incremental_alter_configs::IncrementalAlterConfigsRequest 1 { resources: vec![changed], validate_only: false } => |it| it.responses[0].error_code;
        describe_topic_partitions::DescribeTopicPartitionsRequest 0 {
            topics: vec![named], response_partition_limit: 10, cursor: None
        } => |it| it.topics[0].error_code;
    }
    let request = describe_topic_partitions::DescribeTopicPartitionsRequest {
        response_partition_limit: 10,
        ..Default::default()
    };
    assert_eq!(cluster.call(0, &request).topics, []);
}

#[test]
fn the_cluster_is_closed_to_who_has_no_rights() {
    use rdkafka_wire::messages::{
        alter_client_quotas, alter_replica_log_dirs, alter_user_scram_credentials,
        describe_configs, elect_leaders, write_txn_markers,
    };
    let mut cluster = guarded();
    cluster.principal = ALICE;
    let broker = describe_configs::DescribeConfigsResource {
        resource_type: 4,
        resource_name: "1".into(),
        configuration_keys: None,
    };
    let moved = alter_replica_log_dirs::AlterReplicaLogDir {
        path: "/data".into(),
        topics: vec![alter_replica_log_dirs::AlterReplicaLogDirTopic {
            name: "t".into(),
            partitions: vec![0],
        }],
    };
    let elected = elect_leaders::TopicPartitions {
        topic: "t".into(),
        partitions: vec![0],
    };
    let marker = write_txn_markers::WritableTxnMarker {
        topics: vec![write_txn_markers::WritableTxnMarkerTopic {
            name: "t".into(),
            partition_indexes: vec![0],
        }],
        ..Default::default()
    };
    let user = alter_user_scram_credentials::ScramCredentialDeletion {
        name: "bob".into(),
        mechanism: 1,
    };
    refusals! { cluster, CLUSTER_AUTHORIZATION_FAILED:
        describe_acls::DescribeAclsRequest 3 { resource_type_filter: 1, operation: 1, permission_type: 1, ..Default::default() } => |it| it.error_code;
        create_acls::CreateAclsRequest 3 { creations: vec![creation(TOPIC, "t", READ, ALLOW)] } => |it| it.results[0].error_code;
        delete_acls::DeleteAclsRequest 3 { filters: vec![Default::default()] } => |it| it.filter_results[0].error_code;
        describe_configs::DescribeConfigsRequest 4 { resources: vec![broker], ..Default::default() } => |it| it.results[0].error_code;
        describe_log_dirs::DescribeLogDirsRequest 4 { topics: None } => |it| it.error_code;
        alter_replica_log_dirs::AlterReplicaLogDirsRequest 2 { dirs: vec![moved] } => |it| it.results[0].partitions[0].error_code;
        describe_quorum::DescribeQuorumRequest 1 { topics: Vec::new() } => |it| it.error_code;
        describe_client_quotas::DescribeClientQuotasRequest 1 { components: Vec::new(), strict: false } => |it| it.error_code;
        alter_client_quotas::AlterClientQuotasRequest 1 {
            entries: vec![alter_client_quotas::EntryData::default()], validate_only: false
        } => |it| it.entries[0].error_code;
        describe_user_scram_credentials::DescribeUserScramCredentialsRequest 0 { users: None } => |it| it.error_code;
        alter_user_scram_credentials::AlterUserScramCredentialsRequest 0 { deletions: vec![user], upsertions: Vec::new() }
            => |it| it.results[0].error_code;
        list_partition_reassignments::ListPartitionReassignmentsRequest 0 { ..Default::default() } => |it| it.error_code;
        alter_partition_reassignments::AlterPartitionReassignmentsRequest 0 { ..Default::default() } => |it| it.error_code;
        elect_leaders::ElectLeadersRequest 2 { topic_partitions: Some(vec![elected]), ..Default::default() }
            => |it| it.replica_election_results[0].partition_result[0].error_code;
        update_features::UpdateFeaturesRequest 1 { ..Default::default() } => |it| it.error_code;
        unregister_broker::UnregisterBrokerRequest 0 { ..Default::default() } => |it| it.error_code;
        add_raft_voter::AddRaftVoterRequest 1 { ..Default::default() } => |it| it.error_code;
        remove_raft_voter::RemoveRaftVoterRequest 0 { ..Default::default() } => |it| it.error_code;
        list_config_resources::ListConfigResourcesRequest 1 { ..Default::default() } => |it| it.error_code;
        write_txn_markers::WriteTxnMarkersRequest 1 { markers: vec![marker] } => |it| it.markers[0].topics[0].partitions[0].error_code;
        add_partitions_to_txn::AddPartitionsToTxnRequest 4 { ..Default::default() } => |it| it.error_code;
    }
}

#[test]
fn delegation_tokens_of_others_are_closed_to_who_has_no_rights() {
    use rdkafka_wire::messages::create_delegation_token::CreateDelegationTokenRequest;
    use rdkafka_wire::messages::describe_delegation_token::DescribeDelegationTokenRequest;
    let secret = ("delegation.token.secret.key", "secret");
    let mut cluster = Cluster::with(&[AUTHORIZER, ("super.users", ROOT), secret]);
    cluster.known_by = rdkafka_broker_core::KnownBy::Sasl;
    let create_for = |cluster: &mut Cluster, owner: &str| {
        let request = CreateDelegationTokenRequest {
            owner_principal_type: Some("User".into()),
            owner_principal_name: Some(owner.into()),
            max_lifetime_ms: -1,
            ..Default::default()
        };
        ErrorCode(cluster.call(3, &request).error_code)
    };
    let seen = |cluster: &mut Cluster| {
        let request = DescribeDelegationTokenRequest { owners: None };
        cluster.call(3, &request).tokens.len()
    };
    cluster.principal = ROOT;
    assert_eq!(create_for(&mut cluster, "bob"), ErrorCode::NONE);
    cluster.principal = ALICE;
    assert_eq!(create_for(&mut cluster, "alice"), ErrorCode::NONE);
    let denied = ErrorCode::DELEGATION_TOKEN_AUTHORIZATION_FAILED;
    assert_eq!(create_for(&mut cluster, "bob"), denied);
    assert_eq!(seen(&mut cluster), 1);
    const USER: i8 = 7;
    const CREATE_TOKENS: i8 = 13;
    const DESCRIBE_TOKENS: i8 = 14;
    allow(&mut cluster, USER, "User:bob", CREATE_TOKENS);
    assert_eq!(create_for(&mut cluster, "bob"), ErrorCode::NONE);
    allow(&mut cluster, USER, "User:bob", DESCRIBE_TOKENS);
    assert_eq!(seen(&mut cluster), 3);
}
