//! DescribeClientQuotas, API key 48: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DescribeClientQuotas (API key 48).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "1+", key = 48, response = DescribeClientQuotasResponse)]
pub struct DescribeClientQuotasRequest {
    #[field(versions = "0+")]
    pub components: Vec<ComponentData>,
    #[field(versions = "0+")]
    pub strict: bool,
}

/// Part of [`DescribeClientQuotasRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ComponentData {
    #[field(versions = "0+")]
    pub entity_type: StrBytes,
    #[field(versions = "0+")]
    pub match_type: i8,
    #[field(versions = "0+", nullable = "0+")]
    pub r#match: Option<StrBytes>,
}

/// Response of DescribeClientQuotas (API key 48).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "1+")]
pub struct DescribeClientQuotasResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+")]
    pub entries: Option<Vec<EntryData>>,
}

/// Part of [`DescribeClientQuotasResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntryData {
    #[field(versions = "0+")]
    pub entity: Vec<EntityData>,
    #[field(versions = "0+")]
    pub values: Vec<ValueData>,
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
pub struct ValueData {
    #[field(versions = "0+")]
    pub key: StrBytes,
    #[field(versions = "0+")]
    pub value: f64,
}
