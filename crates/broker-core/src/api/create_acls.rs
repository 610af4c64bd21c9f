//! CreateAcls (key 30): there is no authorizer, so each rule is refused with SECURITY_DISABLED. A result for each is a must:
//! clients count them.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::create_acls::{
    AclCreationResult, CreateAclsRequest, CreateAclsResponse,
};

use super::Reply;
use super::describe_acls::NO_AUTHORIZER;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    _: &mut Shard,
    _: &RequestContext,
    request: CreateAclsRequest,
    _: Now,
) -> Reply<CreateAclsResponse> {
    let results = request.creations.iter().map(|_| AclCreationResult {
        error_code: ErrorCode::SECURITY_DISABLED.code(),
        error_message: Some(NO_AUTHORIZER.into()),
    });
    Reply::Ready(CreateAclsResponse {
        results: results.collect(),
        ..CreateAclsResponse::default()
    })
}
