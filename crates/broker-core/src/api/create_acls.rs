//! CreateAcls (key 30): rules that say who may do what.
//!
//! * Each is judged for itself, and each has a result: clients count them. One that is there already is created again
//!   without effect.
//! * SECURITY_DISABLED without an authorizer; INVALID_REQUEST for a type, pattern, operation or permission that is none of
//!   a rule's, an empty name, or a name of the cluster that is not `kafka-cluster`.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::create_acls::{
    AclCreation, AclCreationResult, CreateAclsRequest, CreateAclsResponse,
};

use super::create_topics::Refusal;
use super::describe_acls::NO_AUTHORIZER;
use super::{Reply, log_failure};
use crate::acl::{
    Acl, CLUSTER, Entry, Operation, PatternType, Permission, ResourcePattern, ResourceType,
};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: CreateAclsRequest,
    now: Now,
) -> Reply<CreateAclsResponse> {
    let mut results = Vec::with_capacity(request.creations.len());
    for creation in request.creations {
        let mut result = AclCreationResult::default();
        if let Err((code, message)) = create(shard, context, creation, now) {
            (result.error_code, result.error_message) = (code.code(), Some(message.into()));
        }
        results.push(result);
    }
    shard.flush_cluster_log();
    Reply::Ready(CreateAclsResponse {
        results,
        ..CreateAclsResponse::default()
    })
}

fn create(
    shard: &mut Shard,
    context: &RequestContext,
    creation: AclCreation,
    now: Now,
) -> Result<(), Refusal> {
    if !shard.has_authorizer() {
        return Err((ErrorCode::SECURITY_DISABLED, NO_AUTHORIZER.into()));
    }
    let acl = checked(creation).map_err(|message| (ErrorCode::INVALID_REQUEST, message))?;
    tracing::info!(by = %context.peer.principal, ?acl, "access rule created");
    shard
        .topics
        .set_acl(acl, true, now)
        .map_err(|error| (log_failure("create acl", &error), error.to_string()))
}

fn checked(creation: AclCreation) -> Result<Acl, String> {
    let invalid = |what: &str, number: i8| format!("Invalid {what} {number}");
    let resource_type = ResourceType::from_number(creation.resource_type)
        .ok_or_else(|| invalid("resourceType", creation.resource_type))?;
    let pattern_type = PatternType::from_number(creation.resource_pattern_type)
        .ok_or_else(|| invalid("patternType", creation.resource_pattern_type))?;
    let operation = Operation::from_number(creation.operation)
        .ok_or_else(|| invalid("operation", creation.operation))?;
    let permission = Permission::from_number(creation.permission_type)
        .ok_or_else(|| invalid("permissionType", creation.permission_type))?;
    if creation.resource_name.is_empty() {
        return Err("Resource name should not be empty".into());
    }
    if resource_type == ResourceType::Cluster && creation.resource_name != *CLUSTER {
        return Err(format!(
            "The only valid name for the CLUSTER resource is {CLUSTER}"
        ));
    }
    if !creation.principal.contains(':') {
        return Err(format!(
            "Expected a string in format principalType:principalName but got {}",
            creation.principal
        ));
    }
    Ok(Acl {
        pattern: ResourcePattern {
            resource_type,
            pattern_type,
            name: creation.resource_name.copy_out_of_frame(),
        },
        entry: Entry {
            principal: creation.principal.copy_out_of_frame(),
            host: creation.host.copy_out_of_frame(),
            operation,
            permission,
        },
    })
}
