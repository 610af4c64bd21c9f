//! RemoveRaftVoter, API key 81: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of RemoveRaftVoter (API key 81).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 81, response = RemoveRaftVoterResponse)]
pub struct RemoveRaftVoterRequest {
    #[field(versions = "0+", nullable = "0+")]
    pub cluster_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub voter_id: i32,
    #[field(versions = "0+")]
    pub voter_directory_id: Uuid,
}

/// Response of RemoveRaftVoter (API key 81).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct RemoveRaftVoterResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
}
