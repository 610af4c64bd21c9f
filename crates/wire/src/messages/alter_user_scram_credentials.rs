//! AlterUserScramCredentials, API key 51: request and response.

use bytes::Bytes;

use crate::Message;
use crate::types::StrBytes;

/// Request of AlterUserScramCredentials (API key 51).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 51, response = AlterUserScramCredentialsResponse)]
pub struct AlterUserScramCredentialsRequest {
    #[field(versions = "0+")]
    pub deletions: Vec<ScramCredentialDeletion>,
    #[field(versions = "0+")]
    pub upsertions: Vec<ScramCredentialUpsertion>,
}

/// Part of [`AlterUserScramCredentialsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ScramCredentialDeletion {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub mechanism: i8,
}

/// Part of [`AlterUserScramCredentialsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ScramCredentialUpsertion {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub mechanism: i8,
    #[field(versions = "0+")]
    pub iterations: i32,
    #[field(versions = "0+")]
    pub salt: Bytes,
    #[field(versions = "0+")]
    pub salted_password: Bytes,
}

/// Response of AlterUserScramCredentials (API key 51).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct AlterUserScramCredentialsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub results: Vec<AlterUserScramCredentialsResult>,
}

/// Part of [`AlterUserScramCredentialsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterUserScramCredentialsResult {
    #[field(versions = "0+")]
    pub user: StrBytes,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
}
