//! DescribeAcls (key 29): who may do what, by a filter.
//!
//! SECURITY_DISABLED without an authorizer, INVALID_REQUEST for a filter with numbers nobody knows. Versions before 1 know
//! literal names only.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_acls::{
    AclDescription, DescribeAclsRequest, DescribeAclsResource, DescribeAclsResponse,
};

use super::Reply;
use crate::acl::filter::AclFilter;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: DescribeAclsRequest,
    _: Now,
) -> Reply<DescribeAclsResponse> {
    let filter = AclFilter {
        resource_type: request.resource_type_filter,
        pattern_type: request.pattern_type_filter,
        name: request.resource_name_filter,
        principal: request.principal_filter,
        host: request.host_filter,
        operation: request.operation,
        permission: request.permission_type,
    };
    let refusal = match filter.unknown() {
        _ if !shard.has_authorizer() => Some((ErrorCode::SECURITY_DISABLED, NO_AUTHORIZER)),
        Some(message) => Some((ErrorCode::INVALID_REQUEST, message)),
        None => None,
    };
    if let Some((code, message)) = refusal {
        return Reply::Ready(DescribeAclsResponse {
            error_code: code.code(),
            error_message: Some(message.into()),
            ..DescribeAclsResponse::default()
        });
    }
    let mut resources: Vec<DescribeAclsResource> = Vec::new();
    for acl in filter.matching(&shard.topics.acls) {
        let description = AclDescription {
            principal: acl.entry.principal,
            host: acl.entry.host,
            operation: acl.entry.operation as i8,
            permission_type: acl.entry.permission as i8,
        };
        let (resource_type, pattern_type) = (
            acl.pattern.resource_type as i8,
            acl.pattern.pattern_type as i8,
        );
        match resources.last_mut() {
            Some(last)
                if last.resource_name == acl.pattern.name
                    && (last.resource_type, last.pattern_type) == (resource_type, pattern_type) =>
            {
                last.acls.push(description);
            }
            _ => resources.push(DescribeAclsResource {
                resource_type,
                resource_name: acl.pattern.name,
                pattern_type,
                acls: vec![description],
            }),
        }
    }
    Reply::Ready(DescribeAclsResponse {
        resources,
        ..DescribeAclsResponse::default()
    })
}

/// What every ACL API says where there is no authorizer.
pub(super) const NO_AUTHORIZER: &str = "No Authorizer is configured on the broker";
