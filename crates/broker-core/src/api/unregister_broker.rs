//! UnregisterBroker (key 64): a broker that is gone for good is forgotten.
//!
//! * BROKER_ID_NOT_REGISTERED: there is no such broker.
//! * INVALID_REQUEST: it is this one, which runs. Kafka forgets even the last broker of a cluster, which then serves nobody
//!   until it is started again.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::unregister_broker::{
    UnregisterBrokerRequest, UnregisterBrokerResponse,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    _: &mut Shard,
    context: &RequestContext,
    request: UnregisterBrokerRequest,
    _: Now,
) -> Reply<UnregisterBrokerResponse> {
    let id = request.broker_id;
    let mut nodes = context.peer.endpoints.nodes().iter();
    let (code, message) = if nodes.any(|node| node.node_id == id) {
        let reason = "it is what answers this request, and there is no other";
        let message = format!("Broker ID {id} cannot be unregistered: {reason}");
        (ErrorCode::INVALID_REQUEST, message)
    } else {
        let message = format!("Broker ID {id} is not currently registered");
        (ErrorCode::BROKER_ID_NOT_REGISTERED, message)
    };
    Reply::Ready(UnregisterBrokerResponse {
        error_code: code.code(),
        error_message: Some(message.into()),
        ..UnregisterBrokerResponse::default()
    })
}
