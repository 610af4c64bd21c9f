//! WriteTxnMarkers, API key 27: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of WriteTxnMarkers (API key 27).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "1+", key = 27, response = WriteTxnMarkersResponse)]
pub struct WriteTxnMarkersRequest {
    #[field(versions = "0+")]
    pub markers: Vec<WritableTxnMarker>,
}

/// Part of [`WriteTxnMarkersRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarker {
    #[field(versions = "0+")]
    pub producer_id: i64,
    #[field(versions = "0+")]
    pub producer_epoch: i16,
    #[field(versions = "0+")]
    pub transaction_result: bool,
    #[field(versions = "0+")]
    pub topics: Vec<WritableTxnMarkerTopic>,
    #[field(versions = "0+")]
    pub coordinator_epoch: i32,
    #[field(versions = "2+", ignorable)]
    pub transaction_version: i8,
}

/// Part of [`WritableTxnMarker`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarkerTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partition_indexes: Vec<i32>,
}

/// Response of WriteTxnMarkers (API key 27).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "1+")]
pub struct WriteTxnMarkersResponse {
    #[field(versions = "0+")]
    pub markers: Vec<WritableTxnMarkerResult>,
}

/// Part of [`WriteTxnMarkersResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarkerResult {
    #[field(versions = "0+")]
    pub producer_id: i64,
    #[field(versions = "0+")]
    pub topics: Vec<WritableTxnMarkerTopicResult>,
}

/// Part of [`WritableTxnMarkerResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarkerTopicResult {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<WritableTxnMarkerPartitionResult>,
}

/// Part of [`WritableTxnMarkerTopicResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarkerPartitionResult {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
}
