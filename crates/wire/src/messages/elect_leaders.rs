//! ElectLeaders, API key 43: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of ElectLeaders (API key 43).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+", key = 43, response = ElectLeadersResponse)]
pub struct ElectLeadersRequest {
    #[field(versions = "1+")]
    pub election_type: i8,
    #[field(versions = "0+", nullable = "0+")]
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    #[field(versions = "0+", default = "60000")]
    pub timeout_ms: i32,
}

/// Part of [`ElectLeadersRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    #[field(versions = "0+")]
    pub topic: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}

/// Response of ElectLeaders (API key 43).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+")]
pub struct ElectLeadersResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "1+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub replica_election_results: Vec<ReplicaElectionResult>,
}

/// Part of [`ElectLeadersResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReplicaElectionResult {
    #[field(versions = "0+")]
    pub topic: StrBytes,
    #[field(versions = "0+")]
    pub partition_result: Vec<PartitionResult>,
}

/// Part of [`ReplicaElectionResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionResult {
    #[field(versions = "0+")]
    pub partition_id: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
}
