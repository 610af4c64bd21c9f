//! DeleteShareGroupOffsets (key 92): a share group without members forgets how far it is in topics (KIP-932).
//!
//! * NON_EMPTY_GROUP while there are members; GROUP_ID_NOT_FOUND for a group that does not exist or is of another type.
//! * A topic that does not exist or that the group has nothing to do with is UNKNOWN_TOPIC_OR_PARTITION.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::delete_share_group_offsets::{
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse,
    DeleteShareGroupOffsetsResponseTopic,
};
use rdkafka_wire::types::Uuid;

use super::Reply;
use crate::acl::Operation;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DeleteShareGroupOffsetsRequest,
    now: Now,
) -> Reply<DeleteShareGroupOffsetsResponse> {
    let refuse = |code: ErrorCode| {
        Reply::Ready(DeleteShareGroupOffsetsResponse {
            error_code: code.code(),
            error_message: Some(code.text().into_owned().into()),
            ..DeleteShareGroupOffsetsResponse::default()
        })
    };
    let group_id = request.group_id;
    if group_id.is_empty() {
        return refuse(ErrorCode::INVALID_GROUP_ID);
    }
    if let Err(code) = shard.share.check_idle(&group_id, false) {
        return refuse(code);
    }
    let grants = shard.grants(context);
    let names = request.topics.into_iter().map(|it| it.topic_name);
    let topics: Vec<_> = names
        .map(|name| {
            let found = shard.topics.by_name_for(&grants, Operation::Read, &name);
            (name, found.map(|it| it.id))
        })
        .collect();
    let ids: Vec<Uuid> = topics.iter().filter_map(|(_, id)| id.ok()).collect();
    let outcome = shard.with_share(now, |share, journal| {
        share.delete_offsets(&group_id, &ids, journal)
    });
    let known = match outcome {
        Ok(known) => known,
        Err(code) => return refuse(code),
    };
    let responses = topics.into_iter().map(|(topic_name, id)| {
        let mut answer = DeleteShareGroupOffsetsResponseTopic {
            topic_name,
            topic_id: id.unwrap_or_default(),
            ..DeleteShareGroupOffsetsResponseTopic::default()
        };
        if !id.is_ok_and(|id| known.contains(&id)) {
            let code = id.err().unwrap_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
            let message = match id {
                Ok(_) => "There is no offset information to delete.".to_owned(),
                Err(_) => code.text().into_owned(),
            };
            answer.error_code = code.code();
            answer.error_message = Some(message.into());
        }
        answer
    });
    Reply::Ready(DeleteShareGroupOffsetsResponse {
        responses: responses.collect(),
        ..DeleteShareGroupOffsetsResponse::default()
    })
}
