//! DescribeCluster (key 60): the cluster's id and its nodes, as this client can reach them.
//!
//! * Endpoint type 1 is brokers; controllers (2) are not listened for on their own: UNSUPPORTED_ENDPOINT_TYPE.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_cluster::{
    DescribeClusterBroker, DescribeClusterRequest, DescribeClusterResponse,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeClusterRequest,
    _: Now,
) -> Reply<DescribeClusterResponse> {
    if request.endpoint_type != BROKERS {
        let code = ErrorCode(UNSUPPORTED_ENDPOINT_TYPE);
        return Reply::Ready(DescribeClusterResponse {
            error_code: code.code(),
            error_message: Some("This broker describes brokers only".into()),
            endpoint_type: request.endpoint_type,
            ..DescribeClusterResponse::default()
        });
    }
    let grants = shard.grants(context);
    let wants = request.include_cluster_authorized_operations;
    let rack = shard.config.rack.as_deref().map(StrBytes::from);
    let endpoints = &context.peer.endpoints;
    let brokers = endpoints.nodes().iter().map(|node| DescribeClusterBroker {
        broker_id: node.node_id,
        host: node.host.clone(),
        port: node.port,
        rack: rack.clone(),
        is_fenced: false,
    });
    Reply::Ready(DescribeClusterResponse {
        cluster_id: shard.cluster_id().into(),
        controller_id: endpoints.controller().node_id,
        brokers: brokers.collect(),
        cluster_authorized_operations: grants.cluster_operations_if(wants),
        ..DescribeClusterResponse::default()
    })
}

const BROKERS: i8 = 1;
const UNSUPPORTED_ENDPOINT_TYPE: i16 = 115;
