//! ConsumerGroupDescribe (key 69): members, assignments and targets of groups of the next-generation protocol (KIP-848).
//!
//! * A group that does not exist or speaks the classic protocol is GROUP_ID_NOT_FOUND; clients then ask DescribeGroups.

use rdkafka_wire::messages::consumer_group_describe::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribedGroup,
};
use rdkafka_wire::types::Uuid;

use super::{Reply, operations};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: ConsumerGroupDescribeRequest,
    _: Now,
) -> Reply<ConsumerGroupDescribeResponse> {
    let authorized_operations = match request.include_authorized_operations {
        true => operations::GROUP,
        false => operations::OMITTED,
    };
    let name_of = |id: Uuid| {
        let index = shard.topics.find_id(id)?;
        Some(shard.topics.get(index)?.name.clone())
    };
    let groups = request.group_ids.iter().map(|group| DescribedGroup {
        authorized_operations,
        ..shard.groups.describe_consumer_group(group, &name_of)
    });
    Reply::Ready(ConsumerGroupDescribeResponse {
        groups: groups.collect(),
        ..ConsumerGroupDescribeResponse::default()
    })
}
