//! The APIs this broker serves: one file per key, and the table of them.
//!
//! Owns: [`Request`] and [`Response`] (every served key, decoded) and the dispatch from one to the other. Decoding and
//! encoding run on connection tasks, `handle` functions on the shard thread.
//! Guarantees: a key is served in all versions that the wire knows; what is advertised is what is served.

mod add_offsets_to_txn;
mod add_partitions_to_txn;
mod add_raft_voter;
mod alter_client_quotas;
mod alter_configs;
mod alter_partition_reassignments;
mod alter_replica_log_dirs;
mod alter_share_group_offsets;
mod alter_user_scram_credentials;
mod api_versions;
mod authorization;
mod config_resources;
mod consumer_group_describe;
mod consumer_group_heartbeat;
mod create_acls;
mod create_delegation_token;
mod create_partitions;
mod create_topics;
mod delete_acls;
mod delete_groups;
mod delete_records;
mod delete_share_group_offsets;
mod delete_topics;
mod describe_acls;
mod describe_client_quotas;
mod describe_cluster;
mod describe_configs;
mod describe_delegation_token;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_share_group_offsets;
mod describe_topic_partitions;
mod describe_transactions;
mod describe_user_scram_credentials;
mod elect_leaders;
mod end_txn;
mod expire_delegation_token;
pub(crate) mod fetch;
mod find_coordinator;
mod get_telemetry_subscriptions;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod list_partition_reassignments;
mod list_transactions;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
pub(crate) mod produce;
pub(crate) mod produce_together;
mod push_telemetry;
mod remove_raft_voter;
mod renew_delegation_token;
mod sasl_authenticate;
mod sasl_handshake;
mod share_acknowledge;
pub(crate) mod share_fetch;
mod share_group_describe;
mod share_group_heartbeat;
mod share_reading;
mod streams_group_describe;
mod streams_group_heartbeat;
mod sync_group;
mod txn_offset_commit;
mod unregister_broker;
mod update_features;
mod write_txn_markers;

use std::borrow::Borrow as _;
use std::fmt;

use rdkafka_log::LogError;
use rdkafka_wire::frame::encode_response;
use rdkafka_wire::messages as wire;
use rdkafka_wire::{ApiKey, DecodeError, ErrorCode, Frame, FrameReader, Request as WireRequest};

use crate::request::{Now, RequestContext, Ticket};
use crate::shard::Shard;

/// What a handler says.
pub(crate) enum Reply<T> {
    /// The answer.
    Ready(T),
    /// The answer comes later; its ticket is parked.
    Parked,
    /// No answer at all (acks=0).
    Silent,
    /// No answer, and the connection must go, for this reason.
    Close(String),
}

pub use fetch::Part;

/// Why a request cannot be decoded; the connection must be closed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RequestError {
    /// An API or a version that this broker does not serve.
    NotServed {
        /// The API.
        key: ApiKey,
        /// The version.
        version: i16,
    },
    /// The bytes are not the request they should be.
    Malformed {
        /// The API.
        key: ApiKey,
        /// The version.
        version: i16,
        /// What is wrong.
        error: DecodeError,
    },
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotServed { key, version } => {
                write!(f, "{} version {version} is not served", key.name())
            }
            Self::Malformed {
                key,
                version,
                error,
            } => {
                write!(
                    f,
                    "malformed {} request of version {version}: {error}",
                    key.name()
                )
            }
        }
    }
}

impl std::error::Error for RequestError {}

/// A row of the table that ends with `boxed` has a request or an answer so large and so rare that the others need not be as large.
macro_rules! held {
    ($Message:ty) => { $Message };
    ($Message:ty, boxed) => { Box<$Message> };
    ($Message:ty, unthrottled) => { $Message };
}

/// Takes out what [`held`] may have boxed.
macro_rules! taken {
    ($message:ident, boxed) => {
        *$message
    };
    ($message:ident $(, unthrottled)?) => {
        $message
    };
}

/// A row of the table that ends with `unthrottled` has no place for how long a client is throttled.
macro_rules! set_throttle {
    ($response:ident, $throttle_time_ms:ident, boxed) => {
        set_throttle!($response, $throttle_time_ms)
    };
    ($response:ident, $throttle_time_ms:ident) => {
        $response.throttle_time_ms = $throttle_time_ms
    };
    ($response:ident, $throttle_time_ms:ident, unthrottled) => {{
        let _ = $response;
    }};
}

macro_rules! apis {
    ($($Key:ident: $module:ident::$Request:ident => $Response:ident $(, $manner:ident)?;)*) => {
        /// A decoded request of any served API.
        #[derive(Debug)]
        #[non_exhaustive]
        pub enum Request {
            /// Produce, its records checked.
            Produce(produce::CheckedProduce),
            /// Fetch.
            Fetch(wire::fetch::FetchRequest),
            /// ApiVersions of a version that is not served: answered all the same.
            UnknownApiVersions,
            $(#[doc = stringify!($Key)] $Key(held!(wire::$module::$Request $(, $manner)?)),)*
        }

        /// The answer of any served API.
        #[derive(Debug)]
        #[non_exhaustive]
        pub enum Response {
            /// Produce.
            Produce(wire::produce::ProduceResponse),
            /// Fetch, with the places its records are read from.
            Fetch(Box<fetch::FetchAnswer>),
            $(#[doc = stringify!($Key)] $Key(held!(wire::$module::$Response $(, $manner)?)),)*
        }

        $(impl From<wire::$module::$Response> for Response {
            fn from(response: wire::$module::$Response) -> Self {
                Self::$Key(response.into())
            }
        })*

        /// Every API that is served.
        pub const SERVED: &[ApiKey] = &[ApiKey::Produce, ApiKey::Fetch, $(ApiKey::$Key,)*];

        impl Request {
            /// Decodes a request's body. `records_bytes_max` bounds what records of old formats may decompress to.
            ///
            /// # Errors
            /// When the connection must be closed, as Kafka does for versions it does not serve and for bad bytes.
            pub fn decode(
                key: ApiKey,
                version: i16,
                body: FrameReader,
                records_bytes_max: usize,
            ) -> Result<Self, RequestError> {
                if !key.versions().contains(&version) {
                    if key == ApiKey::ApiVersions {
                        return Ok(Self::UnknownApiVersions);
                    }
                    return Err(RequestError::NotServed { key, version });
                }
                match key {
                    ApiKey::Produce => {
                        let request = decode::<wire::produce::ProduceRequest>(version, body)?;
                        Ok(Self::Produce(produce::CheckedProduce::check(request, version, records_bytes_max)))
                    }
                    ApiKey::Fetch => decode(version, body).map(Self::Fetch),
                    $(ApiKey::$Key => {
                        let request = decode::<wire::$module::$Request>(version, body)?;
                        Ok(Self::$Key(request.into()))
                    })*
                }
            }
        }

        impl Response {
            /// As [`Self::into_frame`], but for long ranges of files, which are left where they are.
            pub fn into_parts(self, ticket: &Ticket) -> Vec<Part> {
                match self {
                    Self::Fetch(answer) => answer.into_parts(ticket),
                    other => other.into_frame(ticket).chunks.into_iter().map(Part::Bytes).collect(),
                }
            }

            /// Whether [`Self::into_parts`] may wait for a disk, or converts what it reads from it; `version` is the answer's.
            pub fn waits_for_disk(&self, version: i16) -> bool {
                matches!(self, Self::Fetch(answer) if answer.waits_for_disk(version))
            }

            /// About how many bytes of records [`Self::into_parts`] holds in memory; 0 where it holds none.
            pub fn records_len(&self, version: i16) -> usize {
                match self {
                    Self::Fetch(answer) => answer.records_len(version),
                    _ => 0,
                }
            }

            /// The frame to send. Reads records from files where they are not in memory, and converts them for clients
            /// that predate record batches: not for the shard thread.
            pub fn into_frame(self, ticket: &Ticket) -> Frame {
                let correlation_id = ticket.correlation_id;
                let version = match ticket.key {
                    ApiKey::ApiVersions => api_versions::answer_version(ticket.version),
                    _ => ticket.version,
                };
                match self {
                    Self::Produce(response) => encode_response(ApiKey::Produce, &response, version, correlation_id),
                    Self::Fetch(answer) => {
                        encode_response(ApiKey::Fetch, &answer.into_response(version), version, correlation_id)
                    }
                    $(Self::$Key(response) => {
                        let response: &wire::$module::$Response = response.borrow();
                        encode_response(ApiKey::$Key, response, version, correlation_id)
                    })*
                }
            }
        }

        impl Response {
            /// Says how long its client is throttled, where the protocol has a place for it.
            pub(crate) fn set_throttle_time_ms(&mut self, throttle_time_ms: i32) {
                match self {
                    Self::Produce(response) => response.throttle_time_ms = throttle_time_ms,
                    Self::Fetch(answer) => answer.set_throttle_time_ms(throttle_time_ms),
                    $(Self::$Key(response) => set_throttle!(response, throttle_time_ms $(, $manner)?),)*
                }
            }
        }

        /// Hands a request to its file.
        pub(crate) fn dispatch(shard: &mut Shard, context: &RequestContext, request: Request, now: Now) {
            shard.quotas.asks(context);
            if let Some(refusal) = authorization::refusal(&shard.grants(context), &request) {
                shard.reply(context.ticket, refusal);
                return;
            }
            let reply = match request {
                Request::Produce(request) => {
                    produce::handle(shard, context, request, now).map(Response::Produce)
                }
                Request::Fetch(request) => fetch::handle(shard, context, request, now),
                Request::UnknownApiVersions => Reply::Ready(api_versions::unsupported().into()),
                $(Request::$Key(request) => {
                    let request = taken!(request $(, $manner)?);
                    let reply: Reply<wire::$module::$Response> = $module::handle(shard, context, request, now);
                    reply.map(Response::from)
                })*
            };
            match reply {
                Reply::Ready(response) => shard.reply(context.ticket, response),
                Reply::Parked => {}
                Reply::Silent => shard.stay_silent(context.ticket),
                Reply::Close(reason) => shard.close_connection(context.ticket.connection, reason),
            }
        }
    };
}

apis! {
    ListOffsets: list_offsets::ListOffsetsRequest => ListOffsetsResponse;
    Metadata: metadata::MetadataRequest => MetadataResponse;
    OffsetCommit: offset_commit::OffsetCommitRequest => OffsetCommitResponse;
    OffsetFetch: offset_fetch::OffsetFetchRequest => OffsetFetchResponse;
    FindCoordinator: find_coordinator::FindCoordinatorRequest => FindCoordinatorResponse;
    JoinGroup: join_group::JoinGroupRequest => JoinGroupResponse;
    Heartbeat: heartbeat::HeartbeatRequest => HeartbeatResponse;
    LeaveGroup: leave_group::LeaveGroupRequest => LeaveGroupResponse;
    SyncGroup: sync_group::SyncGroupRequest => SyncGroupResponse;
    DescribeGroups: describe_groups::DescribeGroupsRequest => DescribeGroupsResponse;
    ListGroups: list_groups::ListGroupsRequest => ListGroupsResponse;
    SaslHandshake: sasl_handshake::SaslHandshakeRequest => SaslHandshakeResponse, unthrottled;
    SaslAuthenticate: sasl_authenticate::SaslAuthenticateRequest => SaslAuthenticateResponse, unthrottled;
    DescribeUserScramCredentials: describe_user_scram_credentials::DescribeUserScramCredentialsRequest =>
        DescribeUserScramCredentialsResponse;
    AlterUserScramCredentials: alter_user_scram_credentials::AlterUserScramCredentialsRequest =>
        AlterUserScramCredentialsResponse;
    CreateDelegationToken: create_delegation_token::CreateDelegationTokenRequest =>
        CreateDelegationTokenResponse, boxed;
    RenewDelegationToken: renew_delegation_token::RenewDelegationTokenRequest => RenewDelegationTokenResponse;
    ExpireDelegationToken: expire_delegation_token::ExpireDelegationTokenRequest => ExpireDelegationTokenResponse;
    DescribeDelegationToken: describe_delegation_token::DescribeDelegationTokenRequest =>
        DescribeDelegationTokenResponse;
    ApiVersions: api_versions::ApiVersionsRequest => ApiVersionsResponse;
    CreateTopics: create_topics::CreateTopicsRequest => CreateTopicsResponse;
    DeleteTopics: delete_topics::DeleteTopicsRequest => DeleteTopicsResponse;
    InitProducerId: init_producer_id::InitProducerIdRequest => InitProducerIdResponse;
    OffsetForLeaderEpoch: offset_for_leader_epoch::OffsetForLeaderEpochRequest => OffsetForLeaderEpochResponse;
    AddPartitionsToTxn: add_partitions_to_txn::AddPartitionsToTxnRequest => AddPartitionsToTxnResponse;
    AddOffsetsToTxn: add_offsets_to_txn::AddOffsetsToTxnRequest => AddOffsetsToTxnResponse;
    EndTxn: end_txn::EndTxnRequest => EndTxnResponse;
    WriteTxnMarkers: write_txn_markers::WriteTxnMarkersRequest => WriteTxnMarkersResponse, unthrottled;
    TxnOffsetCommit: txn_offset_commit::TxnOffsetCommitRequest => TxnOffsetCommitResponse;
    DescribeProducers: describe_producers::DescribeProducersRequest => DescribeProducersResponse;
    DescribeTransactions: describe_transactions::DescribeTransactionsRequest => DescribeTransactionsResponse;
    ListTransactions: list_transactions::ListTransactionsRequest => ListTransactionsResponse;
    DescribeConfigs: describe_configs::DescribeConfigsRequest => DescribeConfigsResponse;
    ConsumerGroupHeartbeat: consumer_group_heartbeat::ConsumerGroupHeartbeatRequest => ConsumerGroupHeartbeatResponse;
    ConsumerGroupDescribe: consumer_group_describe::ConsumerGroupDescribeRequest => ConsumerGroupDescribeResponse;
    AlterConfigs: alter_configs::AlterConfigsRequest => AlterConfigsResponse;
    IncrementalAlterConfigs: incremental_alter_configs::IncrementalAlterConfigsRequest => IncrementalAlterConfigsResponse;
    ListConfigResources: list_config_resources::ListConfigResourcesRequest => ListConfigResourcesResponse;
    DeleteRecords: delete_records::DeleteRecordsRequest => DeleteRecordsResponse;
    OffsetDelete: offset_delete::OffsetDeleteRequest => OffsetDeleteResponse;
    AlterReplicaLogDirs: alter_replica_log_dirs::AlterReplicaLogDirsRequest => AlterReplicaLogDirsResponse;
    DescribeLogDirs: describe_log_dirs::DescribeLogDirsRequest => DescribeLogDirsResponse;
    ElectLeaders: elect_leaders::ElectLeadersRequest => ElectLeadersResponse;
    AlterPartitionReassignments: alter_partition_reassignments::AlterPartitionReassignmentsRequest =>
        AlterPartitionReassignmentsResponse;
    ListPartitionReassignments: list_partition_reassignments::ListPartitionReassignmentsRequest =>
        ListPartitionReassignmentsResponse;
    DescribeClientQuotas: describe_client_quotas::DescribeClientQuotasRequest => DescribeClientQuotasResponse;
    AlterClientQuotas: alter_client_quotas::AlterClientQuotasRequest => AlterClientQuotasResponse;
    GetTelemetrySubscriptions: get_telemetry_subscriptions::GetTelemetrySubscriptionsRequest =>
        GetTelemetrySubscriptionsResponse;
    PushTelemetry: push_telemetry::PushTelemetryRequest => PushTelemetryResponse;
    DescribeQuorum: describe_quorum::DescribeQuorumRequest => DescribeQuorumResponse, unthrottled;
    UnregisterBroker: unregister_broker::UnregisterBrokerRequest => UnregisterBrokerResponse;
    AddRaftVoter: add_raft_voter::AddRaftVoterRequest => AddRaftVoterResponse;
    RemoveRaftVoter: remove_raft_voter::RemoveRaftVoterRequest => RemoveRaftVoterResponse;
    UpdateFeatures: update_features::UpdateFeaturesRequest => UpdateFeaturesResponse;
    DescribeAcls: describe_acls::DescribeAclsRequest => DescribeAclsResponse;
    CreateAcls: create_acls::CreateAclsRequest => CreateAclsResponse;
    DeleteAcls: delete_acls::DeleteAclsRequest => DeleteAclsResponse;
    CreatePartitions: create_partitions::CreatePartitionsRequest => CreatePartitionsResponse;
    DeleteGroups: delete_groups::DeleteGroupsRequest => DeleteGroupsResponse;
    DescribeCluster: describe_cluster::DescribeClusterRequest => DescribeClusterResponse;
    DescribeTopicPartitions: describe_topic_partitions::DescribeTopicPartitionsRequest =>
        DescribeTopicPartitionsResponse;
    ShareGroupHeartbeat: share_group_heartbeat::ShareGroupHeartbeatRequest => ShareGroupHeartbeatResponse;
    ShareGroupDescribe: share_group_describe::ShareGroupDescribeRequest => ShareGroupDescribeResponse;
    ShareFetch: share_fetch::ShareFetchRequest => ShareFetchResponse;
    ShareAcknowledge: share_acknowledge::ShareAcknowledgeRequest => ShareAcknowledgeResponse;
    StreamsGroupHeartbeat: streams_group_heartbeat::StreamsGroupHeartbeatRequest => StreamsGroupHeartbeatResponse, boxed;
    StreamsGroupDescribe: streams_group_describe::StreamsGroupDescribeRequest => StreamsGroupDescribeResponse;
    DescribeShareGroupOffsets: describe_share_group_offsets::DescribeShareGroupOffsetsRequest =>
        DescribeShareGroupOffsetsResponse;
    AlterShareGroupOffsets: alter_share_group_offsets::AlterShareGroupOffsetsRequest =>
        AlterShareGroupOffsetsResponse;
    DeleteShareGroupOffsets: delete_share_group_offsets::DeleteShareGroupOffsetsRequest =>
        DeleteShareGroupOffsetsResponse;
}

/// Reads a request's body. Bytes left over are ignored, as in Kafka: librdkafka 2.x sends three too many when it asks for
/// all topics in a flexible version.
fn decode<R: WireRequest>(version: i16, mut body: FrameReader) -> Result<R, RequestError> {
    R::decode(&mut body, version).map_err(|error| RequestError::Malformed {
        key: R::KEY,
        version,
        error,
    })
}

impl<T> Reply<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Reply<U> {
        match self {
            Self::Ready(value) => Reply::Ready(change(value)),
            Self::Parked => Reply::Parked,
            Self::Silent => Reply::Silent,
            Self::Close(reason) => Reply::Close(reason),
        }
    }
}

/// The code for a log's failure, which is logged here, where it is handled.
pub(crate) fn log_failure(what: &str, error: &LogError) -> ErrorCode {
    match error {
        LogError::OffsetOutOfRange { .. } => ErrorCode::OFFSET_OUT_OF_RANGE,
        LogError::BatchTooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
        LogError::InvalidBatch { .. } => ErrorCode::CORRUPT_MESSAGE,
        LogError::InvalidProducerEpoch { .. } => ErrorCode::INVALID_PRODUCER_EPOCH,
        LogError::OutOfOrderSequence { .. } => ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
        LogError::CoordinatorFenced { .. } => ErrorCode::TRANSACTION_COORDINATOR_FENCED,
        error => {
            tracing::error!(what, %error, "storage failure");
            ErrorCode::KAFKA_STORAGE_ERROR
        }
    }
}

/// PRODUCER_FENCED for clients that know it (KIP-588), INVALID_PRODUCER_EPOCH for others.
fn fenced(code: ErrorCode, is_known: bool) -> ErrorCode {
    match code {
        ErrorCode::PRODUCER_FENCED if !is_known => ErrorCode::INVALID_PRODUCER_EPOCH,
        code => code,
    }
}
