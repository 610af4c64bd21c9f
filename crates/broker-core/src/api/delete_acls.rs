//! DeleteAcls (key 31): there is no authorizer, so each filter is refused with SECURITY_DISABLED.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::delete_acls::{
    DeleteAclsFilterResult, DeleteAclsRequest, DeleteAclsResponse,
};

use super::Reply;
use super::describe_acls::NO_AUTHORIZER;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    _: &mut Shard,
    _: &RequestContext,
    request: DeleteAclsRequest,
    _: Now,
) -> Reply<DeleteAclsResponse> {
    let results = request.filters.iter().map(|_| DeleteAclsFilterResult {
        error_code: ErrorCode::SECURITY_DISABLED.code(),
        error_message: Some(NO_AUTHORIZER.into()),
        ..DeleteAclsFilterResult::default()
    });
    Reply::Ready(DeleteAclsResponse {
        filter_results: results.collect(),
        ..DeleteAclsResponse::default()
    })
}
