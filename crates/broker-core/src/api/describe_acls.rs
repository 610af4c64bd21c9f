//! DescribeAcls (key 29): who may do what. There is no authorizer: SECURITY_DISABLED, as in Kafka without one.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_acls::{DescribeAclsRequest, DescribeAclsResponse};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    _: &mut Shard,
    _: &RequestContext,
    _: DescribeAclsRequest,
    _: Now,
) -> Reply<DescribeAclsResponse> {
    Reply::Ready(DescribeAclsResponse {
        error_code: ErrorCode::SECURITY_DISABLED.code(),
        error_message: Some(NO_AUTHORIZER.into()),
        ..DescribeAclsResponse::default()
    })
}

/// What every ACL API says.
pub(super) const NO_AUTHORIZER: &str = "No Authorizer is configured on the broker";
