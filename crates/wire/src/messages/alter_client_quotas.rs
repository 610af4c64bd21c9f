//! AlterClientQuotas, API key 49: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of AlterClientQuotas (API key 49).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "1+", key = 49, response = AlterClientQuotasResponse)]
pub struct AlterClientQuotasRequest {
    #[field(versions = "0+")]
    pub entries: Vec<EntryData>,
    #[field(versions = "0+")]
    pub validate_only: bool,
}

/// Part of [`AlterClientQuotasRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntryData {
    #[field(versions = "0+")]
    pub entity: Vec<EntityData>,
    #[field(versions = "0+")]
    pub ops: Vec<OpData>,
}

/// Part of [`EntryData`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntityData {
    #[field(versions = "0+")]
    pub entity_type: StrBytes,
    #[field(versions = "0+", nullable = "0+")]
    pub entity_name: Option<StrBytes>,
}

/// Part of [`EntryData`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OpData {
    #[field(versions = "0+")]
    pub key: StrBytes,
    #[field(versions = "0+")]
    pub value: f64,
    #[field(versions = "0+")]
    pub remove: bool,
}

/// Response of AlterClientQuotas (API key 49).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "1+")]
pub struct AlterClientQuotasResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub entries: Vec<ResponseEntryData>,
}

/// Part of [`AlterClientQuotasResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ResponseEntryData {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub entity: Vec<ResponseEntityData>,
}

/// Part of [`ResponseEntryData`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ResponseEntityData {
    #[field(versions = "0+")]
    pub entity_type: StrBytes,
    #[field(versions = "0+", nullable = "0+")]
    pub entity_name: Option<StrBytes>,
}
