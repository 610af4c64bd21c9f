//! ListPartitionReassignments (key 46): partitions that are moving between nodes, which is none.

use rdkafka_wire::messages::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    _: &mut Shard,
    _: &RequestContext,
    _: ListPartitionReassignmentsRequest,
    _: Now,
) -> Reply<ListPartitionReassignmentsResponse> {
    Reply::Ready(ListPartitionReassignmentsResponse::default())
}
