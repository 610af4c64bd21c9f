//! The APIs of Kafka: keys, names, versions, headers.
//!
//! One row per API; versions and flexibility are those of the request's struct, so nothing is said twice.
//! A broker may serve fewer versions than are listed here; that is its own table's business.

use std::fmt;
use std::ops::RangeInclusive;

use crate::message::Request;
use crate::messages::*;

/// The versions and the first flexible version of a request and of its response.
struct Facts {
    versions: RangeInclusive<i16>,
    flexible_from: Option<i16>,
}

const fn facts<R: Request>() -> Facts {
    Facts {
        versions: R::VERSIONS,
        flexible_from: R::FLEXIBLE_FROM,
    }
}

/// What a test needs of a message.
#[cfg(feature = "arbitrary")]
pub trait Testable: crate::Message + crate::arbitrary::Arbitrary + PartialEq + fmt::Debug {}

#[cfg(feature = "arbitrary")]
impl<M: crate::Message + crate::arbitrary::Arbitrary + PartialEq + fmt::Debug> Testable for M {}

/// See [`ApiKey::visit`].
#[cfg(feature = "arbitrary")]
pub trait ApiVisitor {
    /// What comes of a visit.
    type Output;

    /// Looks at one API.
    fn visit<R: Request<Response: Testable> + Testable>(self) -> Self::Output;
}

macro_rules! api_keys {
    ($($name:ident = $code:literal, $module:ident::$request:ident;)*) => {
        /// An API a client can call.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {
            $(
                #[doc = concat!("[`", stringify!($request), "`](crate::messages::", stringify!($module), "::",
                    stringify!($request), ")")]
                $name = $code,
            )*
        }

        impl ApiKey {
            /// Every API, in the order of the keys.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The API with this key.
            pub const fn from_code(code: i16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Kafka's name of the API.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// Calls a visitor with the message types of the API: how a test is written once for all of them.
            #[cfg(feature = "arbitrary")]
            pub fn visit<V: ApiVisitor>(self, visitor: V) -> V::Output {
                match self {
                    $(Self::$name => visitor.visit::<$module::$request>(),)*
                }
            }

            #[cfg(test)]
            fn check_rows() {
                $(tests::check_row::<$module::$request>(Self::$name);)*
            }

            const fn facts(self) -> Facts {
                match self {
                    $(Self::$name => facts::<$module::$request>(),)*
                }
            }
        }
    };
}

api_keys! {
    Produce = 0, produce::ProduceRequest;
    Fetch = 1, fetch::FetchRequest;
    ListOffsets = 2, list_offsets::ListOffsetsRequest;
    Metadata = 3, metadata::MetadataRequest;
    OffsetCommit = 8, offset_commit::OffsetCommitRequest;
    OffsetFetch = 9, offset_fetch::OffsetFetchRequest;
    FindCoordinator = 10, find_coordinator::FindCoordinatorRequest;
    JoinGroup = 11, join_group::JoinGroupRequest;
    Heartbeat = 12, heartbeat::HeartbeatRequest;
    LeaveGroup = 13, leave_group::LeaveGroupRequest;
    SyncGroup = 14, sync_group::SyncGroupRequest;
    DescribeGroups = 15, describe_groups::DescribeGroupsRequest;
    ListGroups = 16, list_groups::ListGroupsRequest;
    SaslHandshake = 17, sasl_handshake::SaslHandshakeRequest;
    ApiVersions = 18, api_versions::ApiVersionsRequest;
    CreateTopics = 19, create_topics::CreateTopicsRequest;
    DeleteTopics = 20, delete_topics::DeleteTopicsRequest;
    DeleteRecords = 21, delete_records::DeleteRecordsRequest;
    InitProducerId = 22, init_producer_id::InitProducerIdRequest;
    OffsetForLeaderEpoch = 23, offset_for_leader_epoch::OffsetForLeaderEpochRequest;
    AddPartitionsToTxn = 24, add_partitions_to_txn::AddPartitionsToTxnRequest;
    AddOffsetsToTxn = 25, add_offsets_to_txn::AddOffsetsToTxnRequest;
    EndTxn = 26, end_txn::EndTxnRequest;
    WriteTxnMarkers = 27, write_txn_markers::WriteTxnMarkersRequest;
    TxnOffsetCommit = 28, txn_offset_commit::TxnOffsetCommitRequest;
    DescribeAcls = 29, describe_acls::DescribeAclsRequest;
    CreateAcls = 30, create_acls::CreateAclsRequest;
    DeleteAcls = 31, delete_acls::DeleteAclsRequest;
    DescribeConfigs = 32, describe_configs::DescribeConfigsRequest;
    AlterConfigs = 33, alter_configs::AlterConfigsRequest;
    AlterReplicaLogDirs = 34, alter_replica_log_dirs::AlterReplicaLogDirsRequest;
    DescribeLogDirs = 35, describe_log_dirs::DescribeLogDirsRequest;
    SaslAuthenticate = 36, sasl_authenticate::SaslAuthenticateRequest;
    CreatePartitions = 37, create_partitions::CreatePartitionsRequest;
    CreateDelegationToken = 38, create_delegation_token::CreateDelegationTokenRequest;
    RenewDelegationToken = 39, renew_delegation_token::RenewDelegationTokenRequest;
    ExpireDelegationToken = 40, expire_delegation_token::ExpireDelegationTokenRequest;
    DescribeDelegationToken = 41, describe_delegation_token::DescribeDelegationTokenRequest;
    DeleteGroups = 42, delete_groups::DeleteGroupsRequest;
    ElectLeaders = 43, elect_leaders::ElectLeadersRequest;
    IncrementalAlterConfigs = 44, incremental_alter_configs::IncrementalAlterConfigsRequest;
    AlterPartitionReassignments = 45, alter_partition_reassignments::AlterPartitionReassignmentsRequest;
    ListPartitionReassignments = 46, list_partition_reassignments::ListPartitionReassignmentsRequest;
    OffsetDelete = 47, offset_delete::OffsetDeleteRequest;
    DescribeClientQuotas = 48, describe_client_quotas::DescribeClientQuotasRequest;
    AlterClientQuotas = 49, alter_client_quotas::AlterClientQuotasRequest;
    DescribeUserScramCredentials = 50, describe_user_scram_credentials::DescribeUserScramCredentialsRequest;
    AlterUserScramCredentials = 51, alter_user_scram_credentials::AlterUserScramCredentialsRequest;
    DescribeQuorum = 55, describe_quorum::DescribeQuorumRequest;
    UpdateFeatures = 57, update_features::UpdateFeaturesRequest;
    DescribeCluster = 60, describe_cluster::DescribeClusterRequest;
    DescribeProducers = 61, describe_producers::DescribeProducersRequest;
    UnregisterBroker = 64, unregister_broker::UnregisterBrokerRequest;
    DescribeTransactions = 65, describe_transactions::DescribeTransactionsRequest;
    ListTransactions = 66, list_transactions::ListTransactionsRequest;
    ConsumerGroupHeartbeat = 68, consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
    ConsumerGroupDescribe = 69, consumer_group_describe::ConsumerGroupDescribeRequest;
    GetTelemetrySubscriptions = 71, get_telemetry_subscriptions::GetTelemetrySubscriptionsRequest;
    PushTelemetry = 72, push_telemetry::PushTelemetryRequest;
    ListConfigResources = 74, list_config_resources::ListConfigResourcesRequest;
    DescribeTopicPartitions = 75, describe_topic_partitions::DescribeTopicPartitionsRequest;
    ShareGroupHeartbeat = 76, share_group_heartbeat::ShareGroupHeartbeatRequest;
    ShareGroupDescribe = 77, share_group_describe::ShareGroupDescribeRequest;
    ShareFetch = 78, share_fetch::ShareFetchRequest;
    ShareAcknowledge = 79, share_acknowledge::ShareAcknowledgeRequest;
    AddRaftVoter = 80, add_raft_voter::AddRaftVoterRequest;
    RemoveRaftVoter = 81, remove_raft_voter::RemoveRaftVoterRequest;
    StreamsGroupHeartbeat = 88, streams_group_heartbeat::StreamsGroupHeartbeatRequest;
    StreamsGroupDescribe = 89, streams_group_describe::StreamsGroupDescribeRequest;
    DescribeShareGroupOffsets = 90, describe_share_group_offsets::DescribeShareGroupOffsetsRequest;
    AlterShareGroupOffsets = 91, alter_share_group_offsets::AlterShareGroupOffsetsRequest;
    DeleteShareGroupOffsets = 92, delete_share_group_offsets::DeleteShareGroupOffsetsRequest;
}

impl ApiKey {
    /// The key as it travels.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// The versions this build can write and read.
    pub const fn versions(self) -> RangeInclusive<i16> {
        self.facts().versions
    }

    /// The first version with compact lengths and tagged fields.
    pub const fn flexible_from(self) -> Option<i16> {
        self.facts().flexible_from
    }

    /// Whether a version has compact lengths and tagged fields.
    pub const fn is_flexible(self, version: i16) -> bool {
        matches!(self.flexible_from(), Some(first) if version >= first)
    }

    /// The version of the header before a request of this version.
    pub const fn request_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// The version of the header before a response of this version.
    ///
    /// ApiVersions is answered with the oldest header always: a client must be able to read the answer of a broker that
    /// does not know the version the client asked with (KIP-511).
    pub const fn response_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) && !matches!(self, Self::ApiVersions) {
            1
        } else {
            0
        }
    }
}

impl TryFrom<i16> for ApiKey {
    type Error = UnknownApiKey;

    fn try_from(code: i16) -> Result<Self, UnknownApiKey> {
        Self::from_code(code).ok_or(UnknownApiKey(code))
    }
}

impl From<ApiKey> for i16 {
    fn from(key: ApiKey) -> Self {
        key.code()
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A key that no API of this build has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownApiKey(pub i16);

impl fmt::Display for UnknownApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown API key {}", self.0)
    }
}

impl std::error::Error for UnknownApiKey {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    #[test]
    fn keys_and_codes_match_both_ways() {
        for key in ApiKey::ALL {
            assert_eq!(ApiKey::try_from(key.code()), Ok(*key));
        }
        assert_eq!(ApiKey::try_from(4), Err(UnknownApiKey(4)));
        assert!(ApiKey::ALL.is_sorted());
    }

    #[test]
    fn a_row_says_what_its_request_says() {
        assert_eq!(ApiKey::Produce.versions(), 0..=13);
        assert_eq!(ApiKey::Produce.flexible_from(), Some(9));
        assert_eq!(ApiKey::SaslHandshake.flexible_from(), None);
        ApiKey::check_rows();
    }

    pub(super) fn check_row<R: Request>(key: ApiKey) {
        assert_eq!(R::KEY, key);
        assert_eq!(R::NAME.strip_suffix("Request"), Some(key.name()));
        assert_eq!(R::VERSIONS, R::Response::VERSIONS);
        assert_eq!(R::FLEXIBLE_FROM, R::Response::FLEXIBLE_FROM);
    }

    #[test]
    fn header_versions_follow_flexibility_but_for_api_versions() {
        assert_eq!(ApiKey::Fetch.request_header_version(11), 1);
        assert_eq!(ApiKey::Fetch.request_header_version(12), 2);
        assert_eq!(ApiKey::Fetch.response_header_version(11), 0);
        assert_eq!(ApiKey::Fetch.response_header_version(12), 1);
        assert_eq!(ApiKey::ApiVersions.request_header_version(3), 2);
        assert_eq!(ApiKey::ApiVersions.response_header_version(3), 0);
        assert_eq!(ApiKey::SaslHandshake.request_header_version(1), 1);
        assert_eq!(ApiKey::SaslHandshake.response_header_version(1), 0);
        // A version of the future has the header of the newest.
        assert_eq!(ApiKey::ApiVersions.request_header_version(99), 2);
    }
}
