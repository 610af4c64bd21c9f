//! DescribeUserScramCredentials, API key 50: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DescribeUserScramCredentials (API key 50).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 50, response = DescribeUserScramCredentialsResponse)]
pub struct DescribeUserScramCredentialsRequest {
    #[field(versions = "0+", nullable = "0+")]
    pub users: Option<Vec<UserName>>,
}

/// Part of [`DescribeUserScramCredentialsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct UserName {
    #[field(versions = "0+")]
    pub name: StrBytes,
}

/// Response of DescribeUserScramCredentials (API key 50).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct DescribeUserScramCredentialsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub results: Vec<DescribeUserScramCredentialsResult>,
}

/// Part of [`DescribeUserScramCredentialsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeUserScramCredentialsResult {
    #[field(versions = "0+")]
    pub user: StrBytes,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub credential_infos: Vec<CredentialInfo>,
}

/// Part of [`DescribeUserScramCredentialsResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CredentialInfo {
    #[field(versions = "0+")]
    pub mechanism: i8,
    #[field(versions = "0+")]
    pub iterations: i32,
}
