//! DescribeCluster, API key 60: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DescribeCluster (API key 60).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "0+", key = 60, response = DescribeClusterResponse)]
pub struct DescribeClusterRequest {
    #[field(versions = "0+")]
    pub include_cluster_authorized_operations: bool,
    #[field(versions = "1+", default = "1")]
    pub endpoint_type: i8,
    #[field(versions = "2+")]
    pub include_fenced_brokers: bool,
}

/// Response of DescribeCluster (API key 60).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "0+")]
pub struct DescribeClusterResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "1+", default = "1")]
    pub endpoint_type: i8,
    #[field(versions = "0+")]
    pub cluster_id: StrBytes,
    #[field(versions = "0+", default = "-1")]
    pub controller_id: i32,
    #[field(versions = "0+")]
    pub brokers: Vec<DescribeClusterBroker>,
    #[field(versions = "0+", default = "-2147483648")]
    pub cluster_authorized_operations: i32,
}

/// Part of [`DescribeClusterResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeClusterBroker {
    #[field(versions = "0+")]
    pub broker_id: i32,
    #[field(versions = "0+")]
    pub host: StrBytes,
    #[field(versions = "0+")]
    pub port: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub rack: Option<StrBytes>,
    #[field(versions = "2+")]
    pub is_fenced: bool,
}
