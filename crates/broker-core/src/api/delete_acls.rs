//! DeleteAcls (key 31): takes rules away, by filters.
//!
//! Each filter is answered with the rules it took away. SECURITY_DISABLED without an authorizer, INVALID_REQUEST for a filter
//! with numbers nobody knows.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::delete_acls::{
    DeleteAclsFilter, DeleteAclsFilterResult, DeleteAclsMatchingAcl, DeleteAclsRequest,
    DeleteAclsResponse,
};

use super::create_topics::Refusal;
use super::describe_acls::NO_AUTHORIZER;
use super::{Reply, log_failure};
use crate::acl::Acl;
use crate::acl::filter::AclFilter;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DeleteAclsRequest,
    now: Now,
) -> Reply<DeleteAclsResponse> {
    let mut filter_results = Vec::with_capacity(request.filters.len());
    for filter in request.filters {
        let mut result = DeleteAclsFilterResult::default();
        match delete(shard, context, filter, now) {
            Ok(deleted) => result.matching_acls = deleted.into_iter().map(matching).collect(),
            Err((code, message)) => {
                (result.error_code, result.error_message) = (code.code(), Some(message.into()));
            }
        }
        filter_results.push(result);
    }
    shard.flush_cluster_log();
    Reply::Ready(DeleteAclsResponse {
        filter_results,
        ..DeleteAclsResponse::default()
    })
}

fn delete(
    shard: &mut Shard,
    context: &RequestContext,
    filter: DeleteAclsFilter,
    now: Now,
) -> Result<Vec<Acl>, Refusal> {
    if !shard.has_authorizer() {
        return Err((ErrorCode::SECURITY_DISABLED, NO_AUTHORIZER.into()));
    }
    let filter = AclFilter {
        resource_type: filter.resource_type_filter,
        pattern_type: filter.pattern_type_filter,
        name: filter.resource_name_filter,
        principal: filter.principal_filter,
        host: filter.host_filter,
        operation: filter.operation,
        permission: filter.permission_type,
    };
    if let Some(message) = filter.unknown() {
        return Err((ErrorCode::INVALID_REQUEST, message.into()));
    }
    let found = filter.matching(&shard.topics.acls);
    for acl in &found {
        tracing::info!(by = %context.peer.principal, ?acl, "access rule deleted");
        let deleted = shard.topics.set_acl(acl.clone(), false, now);
        deleted.map_err(|error| (log_failure("delete acl", &error), error.to_string()))?;
    }
    Ok(found)
}

fn matching(acl: Acl) -> DeleteAclsMatchingAcl {
    DeleteAclsMatchingAcl {
        resource_type: acl.pattern.resource_type as i8,
        resource_name: acl.pattern.name,
        pattern_type: acl.pattern.pattern_type as i8,
        principal: acl.entry.principal,
        host: acl.entry.host,
        operation: acl.entry.operation as i8,
        permission_type: acl.entry.permission as i8,
        ..DeleteAclsMatchingAcl::default()
    }
}
