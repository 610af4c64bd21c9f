//! AlterReplicaLogDirs, API key 34: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of AlterReplicaLogDirs (API key 34).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+", key = 34, response = AlterReplicaLogDirsResponse)]
pub struct AlterReplicaLogDirsRequest {
    #[field(versions = "0+")]
    pub dirs: Vec<AlterReplicaLogDir>,
}

/// Part of [`AlterReplicaLogDirsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterReplicaLogDir {
    #[field(versions = "0+")]
    pub path: StrBytes,
    #[field(versions = "0+")]
    pub topics: Vec<AlterReplicaLogDirTopic>,
}

/// Part of [`AlterReplicaLogDir`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterReplicaLogDirTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}

/// Response of AlterReplicaLogDirs (API key 34).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+")]
pub struct AlterReplicaLogDirsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub results: Vec<AlterReplicaLogDirTopicResult>,
}

/// Part of [`AlterReplicaLogDirsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterReplicaLogDirTopicResult {
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
}

/// Part of [`AlterReplicaLogDirTopicResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterReplicaLogDirPartitionResult {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
}
