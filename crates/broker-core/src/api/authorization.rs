//! Requests that are allowed or refused as a whole, before their handler sees them.
//!
//! Owns: which operation on which resource such an API needs (Kafka's documentation, "Authorization and ACLs"), and the
//! answer to who may not. Leaves to others: requests about many topics, groups or ids, of which some may be refused: their
//! handlers ask [`Grants`] for each, and leave out of lists what may not be seen.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages as wire;

use super::{Request, Response};
use crate::acl::Operation;
use crate::acl::grants::Grants;

/// The answer with an error code, and a message where it has a place for one.
macro_rules! refused {
    ($module:ident::$Response:ident, $code:ident) => {
        wire::$module::$Response {
            error_code: $code.code(),
            ..Default::default()
        }
        .into()
    };
    ($module:ident::$Response:ident, $code:ident, told) => {
        wire::$module::$Response {
            error_code: $code.code(),
            error_message: Some($code.text().into_owned().into()),
            ..Default::default()
        }
        .into()
    };
}

/// The refusal, if the client may not ask for this at all.
pub(super) fn refusal(grants: &Grants, request: &Request) -> Option<Response> {
    if grants.are_unlimited() {
        return None;
    }
    of_groups(grants, request)
        .or_else(|| of_transactions(grants, request))
        .or_else(|| of_cluster(grants, request))
        .or_else(|| of_cluster_lists(grants, request))
}

fn of_groups(grants: &Grants, request: &Request) -> Option<Response> {
    let read = |id: &str| grants.group(Operation::Read, id).err();
    Some(match request {
        Request::JoinGroup(it) => {
            let code = read(&it.group_id)?;
            refused!(join_group::JoinGroupResponse, code)
        }
        Request::SyncGroup(it) => {
            let code = read(&it.group_id)?;
            refused!(sync_group::SyncGroupResponse, code)
        }
        Request::Heartbeat(it) => {
            let code = read(&it.group_id)?;
            refused!(heartbeat::HeartbeatResponse, code)
        }
        Request::LeaveGroup(it) => {
            let code = read(&it.group_id)?;
            refused!(leave_group::LeaveGroupResponse, code)
        }
        Request::ConsumerGroupHeartbeat(it) => {
            let names = it.subscribed_topic_names.iter().flatten();
            let sees = |name| grants.topic(Operation::Describe, name);
            let code = read(&it.group_id).or_else(|| {
                let topics = names.map(|name| sees(name));
                topics.collect::<Result<(), _>>().err()
            })?;
            refused!(
                consumer_group_heartbeat::ConsumerGroupHeartbeatResponse,
                code,
                told
            )
        }
        Request::ShareGroupHeartbeat(it) => {
            let names = it.subscribed_topic_names.iter().flatten();
            let code = read(&it.group_id).or_else(|| {
                let topics = names.map(|name| grants.topic(Operation::Describe, name));
                topics.collect::<Result<(), _>>().err()
            })?;
            refused!(
                share_group_heartbeat::ShareGroupHeartbeatResponse,
                code,
                told
            )
        }
        Request::StreamsGroupHeartbeat(it) => {
            let code = read(&it.group_id)?;
            refused!(
                streams_group_heartbeat::StreamsGroupHeartbeatResponse,
                code,
                told
            )
        }
        Request::ShareFetch(it) => {
            let code = read(it.group_id.as_deref().unwrap_or_default())?;
            refused!(share_fetch::ShareFetchResponse, code, told)
        }
        Request::ShareAcknowledge(it) => {
            let code = read(it.group_id.as_deref().unwrap_or_default())?;
            refused!(share_acknowledge::ShareAcknowledgeResponse, code, told)
        }
        Request::AlterShareGroupOffsets(it) => {
            let code = read(&it.group_id)?;
            refused!(
                alter_share_group_offsets::AlterShareGroupOffsetsResponse,
                code,
                told
            )
        }
        Request::DeleteShareGroupOffsets(it) => {
            let code = grants.group(Operation::Delete, &it.group_id).err()?;
            refused!(
                delete_share_group_offsets::DeleteShareGroupOffsetsResponse,
                code,
                told
            )
        }
        Request::OffsetDelete(it) => {
            let code = grants.group(Operation::Delete, &it.group_id).err()?;
            refused!(offset_delete::OffsetDeleteResponse, code)
        }
        _ => return None,
    })
}

fn of_transactions(grants: &Grants, request: &Request) -> Option<Response> {
    let write = |id: &str| grants.transactional_id(Operation::Write, id).err();
    Some(match request {
        Request::InitProducerId(it) => {
            let code = match &it.transactional_id {
                Some(id) => write(id)?,
                None => grants.idempotent_producer().err()?,
            };
            wire::init_producer_id::InitProducerIdResponse {
                error_code: code.code(),
                producer_epoch: -1,
                ..Default::default()
            }
            .into()
        }
        Request::AddOffsetsToTxn(it) => {
            let group = || grants.group(Operation::Read, &it.group_id).err();
            let code = write(&it.transactional_id).or_else(group)?;
            refused!(add_offsets_to_txn::AddOffsetsToTxnResponse, code)
        }
        Request::EndTxn(it) => {
            let code = write(&it.transactional_id)?;
            refused!(end_txn::EndTxnResponse, code)
        }
        _ => return None,
    })
}

fn of_cluster(grants: &Grants, request: &Request) -> Option<Response> {
    let denied = |operation| grants.cluster(operation).err();
    Some(match request {
        Request::DescribeAcls(_) => {
            let code = denied(Operation::Describe)?;
            refused!(describe_acls::DescribeAclsResponse, code, told)
        }
        Request::DescribeLogDirs(_) => {
            let code = denied(Operation::Describe)?;
            refused!(describe_log_dirs::DescribeLogDirsResponse, code)
        }
        Request::DescribeQuorum(_) => {
            let code = denied(Operation::Describe)?;
            refused!(describe_quorum::DescribeQuorumResponse, code, told)
        }
        Request::DescribeUserScramCredentials(_) => {
            let code = denied(Operation::Describe)?;
            refused!(
                describe_user_scram_credentials::DescribeUserScramCredentialsResponse,
                code,
                told
            )
        }
        Request::ListPartitionReassignments(_) => {
            let code = denied(Operation::Describe)?;
            refused!(
                list_partition_reassignments::ListPartitionReassignmentsResponse,
                code,
                told
            )
        }
        Request::AlterPartitionReassignments(_) => {
            let code = denied(Operation::Alter)?;
            refused!(
                alter_partition_reassignments::AlterPartitionReassignmentsResponse,
                code,
                told
            )
        }
        Request::UpdateFeatures(_) => {
            let code = denied(Operation::Alter)?;
            refused!(update_features::UpdateFeaturesResponse, code, told)
        }
        Request::UnregisterBroker(_) => {
            let code = denied(Operation::Alter)?;
            refused!(unregister_broker::UnregisterBrokerResponse, code, told)
        }
        Request::AddRaftVoter(_) => {
            let code = denied(Operation::Alter)?;
            refused!(add_raft_voter::AddRaftVoterResponse, code, told)
        }
        Request::RemoveRaftVoter(_) => {
            let code = denied(Operation::Alter)?;
            refused!(remove_raft_voter::RemoveRaftVoterResponse, code, told)
        }
        Request::DescribeClientQuotas(_) => {
            let code = denied(Operation::DescribeConfigs)?;
            refused!(
                describe_client_quotas::DescribeClientQuotasResponse,
                code,
                told
            )
        }
        Request::ListConfigResources(_) => {
            let code = denied(Operation::DescribeConfigs)?;
            refused!(list_config_resources::ListConfigResourcesResponse, code)
        }
        _ => return None,
    })
}

/// Those whose answer has an error for each thing asked for, and nowhere else.
fn of_cluster_lists(grants: &Grants, request: &Request) -> Option<Response> {
    let denied = |operation| grants.cluster(operation).err();
    Some(match request {
        Request::CreateAcls(it) => {
            let code = denied(Operation::Alter)?;
            let results = it
                .creations
                .iter()
                .map(|_| wire::create_acls::AclCreationResult {
                    error_code: code.code(),
                    error_message: Some(code.text().into_owned().into()),
                });
            wire::create_acls::CreateAclsResponse {
                results: results.collect(),
                ..Default::default()
            }
            .into()
        }
        Request::DeleteAcls(it) => {
            let code = denied(Operation::Alter)?;
            let results = it
                .filters
                .iter()
                .map(|_| wire::delete_acls::DeleteAclsFilterResult {
                    error_code: code.code(),
                    error_message: Some(code.text().into_owned().into()),
                    ..Default::default()
                });
            wire::delete_acls::DeleteAclsResponse {
                filter_results: results.collect(),
                ..Default::default()
            }
            .into()
        }
        Request::AlterClientQuotas(it) => alter_client_quotas(it, denied(Operation::AlterConfigs)?),
        Request::AlterUserScramCredentials(it) => alter_users(it, denied(Operation::Alter)?),
        Request::AlterReplicaLogDirs(it) => alter_log_dirs(it, denied(Operation::Alter)?),
        Request::ElectLeaders(it) => elect_leaders(it, denied(Operation::Alter)?),
        Request::WriteTxnMarkers(it) => {
            // Silent: who may not alter the cluster may still act for it.
            if grants.alters_cluster() {
                return None;
            }
            write_txn_markers(it, denied(Operation::ClusterAction)?)
        }
        _ => return None,
    })
}

fn alter_client_quotas(
    request: &wire::alter_client_quotas::AlterClientQuotasRequest,
    code: ErrorCode,
) -> Response {
    use wire::alter_client_quotas as quotas;
    let entries = request.entries.iter().map(|entry| {
        let entity = entry.entity.iter().map(|it| quotas::ResponseEntityData {
            entity_type: it.entity_type.clone(),
            entity_name: it.entity_name.clone(),
        });
        quotas::ResponseEntryData {
            error_code: code.code(),
            error_message: Some(code.text().into_owned().into()),
            entity: entity.collect(),
        }
    });
    quotas::AlterClientQuotasResponse {
        entries: entries.collect(),
        ..Default::default()
    }
    .into()
}

fn alter_users(
    request: &wire::alter_user_scram_credentials::AlterUserScramCredentialsRequest,
    code: ErrorCode,
) -> Response {
    use wire::alter_user_scram_credentials as scram;
    let deletions = request.deletions.iter().map(|it| it.name.clone());
    let upsertions = request.upsertions.iter().map(|it| it.name.clone());
    let users: std::collections::BTreeSet<_> = deletions.chain(upsertions).collect();
    let results = users
        .into_iter()
        .map(|user| scram::AlterUserScramCredentialsResult {
            user,
            error_code: code.code(),
            error_message: Some(code.text().into_owned().into()),
        });
    scram::AlterUserScramCredentialsResponse {
        results: results.collect(),
        ..Default::default()
    }
    .into()
}

fn alter_log_dirs(
    request: &wire::alter_replica_log_dirs::AlterReplicaLogDirsRequest,
    code: ErrorCode,
) -> Response {
    use wire::alter_replica_log_dirs as dirs;
    let topics = request.dirs.iter().flat_map(|dir| &dir.topics);
    let results = topics.map(|topic| {
        let partitions =
            topic
                .partitions
                .iter()
                .map(|index| dirs::AlterReplicaLogDirPartitionResult {
                    partition_index: *index,
                    error_code: code.code(),
                });
        dirs::AlterReplicaLogDirTopicResult {
            topic_name: topic.name.clone(),
            partitions: partitions.collect(),
        }
    });
    dirs::AlterReplicaLogDirsResponse {
        results: results.collect(),
        ..Default::default()
    }
    .into()
}

fn elect_leaders(request: &wire::elect_leaders::ElectLeadersRequest, code: ErrorCode) -> Response {
    use wire::elect_leaders as election;
    let results = request.topic_partitions.iter().flatten().map(|topic| {
        let partitions = topic
            .partitions
            .iter()
            .map(|index| election::PartitionResult {
                partition_id: *index,
                error_code: code.code(),
                error_message: Some(code.text().into_owned().into()),
            });
        election::ReplicaElectionResult {
            topic: topic.topic.clone(),
            partition_result: partitions.collect(),
        }
    });
    election::ElectLeadersResponse {
        error_code: code.code(),
        replica_election_results: results.collect(),
        ..Default::default()
    }
    .into()
}

fn write_txn_markers(
    request: &wire::write_txn_markers::WriteTxnMarkersRequest,
    code: ErrorCode,
) -> Response {
    use wire::write_txn_markers as markers;
    let answers = request.markers.iter().map(|marker| {
        let topics = marker.topics.iter().map(|topic| {
            let partitions = topic.partition_indexes.iter().map(|index| {
                markers::WritableTxnMarkerPartitionResult {
                    partition_index: *index,
                    error_code: code.code(),
                }
            });
            markers::WritableTxnMarkerTopicResult {
                name: topic.name.clone(),
                partitions: partitions.collect(),
            }
        });
        markers::WritableTxnMarkerResult {
            producer_id: marker.producer_id,
            topics: topics.collect(),
        }
    });
    markers::WriteTxnMarkersResponse {
        markers: answers.collect(),
    }
    .into()
}
