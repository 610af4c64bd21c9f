//! AddRaftVoter, API key 80: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of AddRaftVoter (API key 80).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "0+", key = 80, response = AddRaftVoterResponse)]
pub struct AddRaftVoterRequest {
    #[field(versions = "0+", nullable = "0+")]
    pub cluster_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub timeout_ms: i32,
    #[field(versions = "0+")]
    pub voter_id: i32,
    #[field(versions = "0+")]
    pub voter_directory_id: Uuid,
    #[field(versions = "0+")]
    pub listeners: Vec<Listener>,
    #[field(versions = "1+", default = "true")]
    pub ack_when_committed: bool,
}

/// Part of [`AddRaftVoterRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Listener {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub host: StrBytes,
    #[field(versions = "0+")]
    pub port: u16,
}

/// Response of AddRaftVoter (API key 80).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "0+")]
pub struct AddRaftVoterResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
}
