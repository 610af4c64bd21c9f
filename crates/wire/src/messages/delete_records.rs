//! DeleteRecords, API key 21: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DeleteRecords (API key 21).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+", key = 21, response = DeleteRecordsResponse)]
pub struct DeleteRecordsRequest {
    #[field(versions = "0+")]
    pub topics: Vec<DeleteRecordsTopic>,
    #[field(versions = "0+")]
    pub timeout_ms: i32,
}

/// Part of [`DeleteRecordsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteRecordsTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<DeleteRecordsPartition>,
}

/// Part of [`DeleteRecordsTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteRecordsPartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub offset: i64,
}

/// Response of DeleteRecords (API key 21).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+")]
pub struct DeleteRecordsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub topics: Vec<DeleteRecordsTopicResult>,
}

/// Part of [`DeleteRecordsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteRecordsTopicResult {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<DeleteRecordsPartitionResult>,
}

/// Part of [`DeleteRecordsTopicResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteRecordsPartitionResult {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub low_watermark: i64,
    #[field(versions = "0+")]
    pub error_code: i16,
}
