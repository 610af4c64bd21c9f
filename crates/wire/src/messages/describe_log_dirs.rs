//! DescribeLogDirs, API key 35: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DescribeLogDirs (API key 35).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "2+", key = 35, response = DescribeLogDirsResponse)]
pub struct DescribeLogDirsRequest {
    #[field(versions = "0+", nullable = "0+")]
    pub topics: Option<Vec<DescribableLogDirTopic>>,
}

/// Part of [`DescribeLogDirsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribableLogDirTopic {
    #[field(versions = "0+")]
    pub topic: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}

/// Response of DescribeLogDirs (API key 35).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "2+")]
pub struct DescribeLogDirsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "3+", ignorable)]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub results: Vec<DescribeLogDirsResult>,
}

/// Part of [`DescribeLogDirsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeLogDirsResult {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub log_dir: StrBytes,
    #[field(versions = "0+")]
    pub topics: Vec<DescribeLogDirsTopic>,
    #[field(versions = "4+", default = "-1", ignorable)]
    pub total_bytes: i64,
    #[field(versions = "4+", default = "-1", ignorable)]
    pub usable_bytes: i64,
    #[field(versions = "5+", ignorable)]
    pub is_cordoned: bool,
}

/// Part of [`DescribeLogDirsResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeLogDirsTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<DescribeLogDirsPartition>,
}

/// Part of [`DescribeLogDirsTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeLogDirsPartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub partition_size: i64,
    #[field(versions = "0+")]
    pub offset_lag: i64,
    #[field(versions = "0+")]
    pub is_future_key: bool,
}
