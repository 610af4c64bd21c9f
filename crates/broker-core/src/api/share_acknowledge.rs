//! ShareAcknowledge (key 79): what members of share groups did with records, in the order of their session (KIP-932).
//!
//! * The state of the group is written before the answer; with `flush.messages` it is on the disk.
//! * All batches of a partition hold, or none (INVALID_RECORD_STATE); SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH.
//! * Epoch -1 closes the session: what the member still has is given back.
//! * Version 2 may keep records for longer (KIP-1222).

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_acknowledge::{
    PartitionData, ShareAcknowledgeRequest, ShareAcknowledgeResponse, ShareAcknowledgeTopicResponse,
};
use rdkafka_wire::messages::share_fetch::AcknowledgementBatch;
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::share_groups::check_acknowledgements;
use crate::share_groups::sessions::{FINAL_EPOCH, INITIAL_EPOCH, Place, Who};
use crate::share_groups::state::PartitionId;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ShareAcknowledgeRequest,
    now: Now,
) -> Reply<ShareAcknowledgeResponse> {
    let refuse = |code: ErrorCode, message: Option<&'static str>| {
        let message = message.map_or_else(|| code.text().into_owned(), str::to_owned);
        Reply::Ready(ShareAcknowledgeResponse {
            error_code: code.code(),
            error_message: Some(message.into()),
            ..ShareAcknowledgeResponse::default()
        })
    };
    let who = match who(request.group_id.as_ref(), request.member_id.as_ref()) {
        Ok(who) => who,
        Err(message) => return refuse(ErrorCode::INVALID_REQUEST, Some(message)),
    };
    let epoch = request.share_session_epoch;
    if epoch == INITIAL_EPOCH {
        return refuse(ErrorCode::INVALID_SHARE_SESSION_EPOCH, None);
    }
    if let Err(code) = shard.share.sessions.follow(&who, epoch) {
        return refuse(code, None);
    }
    let grants = shard.grants(context);
    let mut responses = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let partitions = topic.partitions.iter().map(|partition| {
            let said = Said {
                place: (topic.topic_id, partition.partition_index),
                batches: &partition.acknowledgement_batches,
                version: context.ticket.version,
                is_renewal: request.is_renew_ack,
                grants: &grants,
            };
            let outcome = acknowledge(shard, &who, &said, now);
            PartitionData {
                partition_index: partition.partition_index,
                error_code: outcome.code.code(),
                error_message: outcome.message,
                ..PartitionData::default()
            }
        });
        responses.push(ShareAcknowledgeTopicResponse {
            topic_id: topic.topic_id,
            partitions: partitions.collect(),
        });
    }
    if epoch == FINAL_EPOCH {
        shard.with_share(now, |share, journal| {
            share.close_session(&who, now, journal)
        });
    }
    Reply::Ready(ShareAcknowledgeResponse {
        responses,
        acquisition_lock_timeout_ms: lock_timeout_ms(shard, &who.0),
        ..ShareAcknowledgeResponse::default()
    })
}

/// Who asks, if the request says so rightly.
pub(super) fn who(
    group_id: Option<&StrBytes>,
    member_id: Option<&StrBytes>,
) -> Result<Who, &'static str> {
    let group_id = group_id.ok_or("Invalid group id in the request.")?;
    let is_valid = |id: &&StrBytes| !id.is_empty() && id.len() <= MEMBER_ID_LEN_MAX;
    let member_id = member_id.filter(is_valid);
    let member_id = member_id.ok_or("Invalid member id in the request.")?;
    Ok((group_id.copy_out_of_frame(), member_id.copy_out_of_frame()))
}

/// For how long members of a group have records.
pub(super) fn lock_timeout_ms(shard: &Shard, group_id: &StrBytes) -> i32 {
    let properties = shard.share.properties(group_id);
    properties.share_record_lock_duration_ms
}

/// What a member says of one partition.
pub(super) struct Said<'a> {
    pub(super) place: Place,
    pub(super) batches: &'a [AcknowledgementBatch],
    pub(super) version: i16,
    pub(super) is_renewal: bool,
    pub(super) grants: &'a Grants,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) code: ErrorCode,
    pub(super) message: Option<StrBytes>,
}

impl From<ErrorCode> for Outcome {
    fn from(code: ErrorCode) -> Self {
        let is_error = code != ErrorCode::NONE;
        Self {
            code,
            message: is_error.then(|| code.text().into_owned().into()),
        }
    }
}

/// Takes in what a member says of one partition.
pub(super) fn acknowledge(shard: &mut Shard, who: &Who, said: &Said<'_>, now: Now) -> Outcome {
    let (topic, partition) = said.place;
    let index = shard
        .topics
        .find_id_for(said.grants, Operation::Read, topic);
    let found = index.and_then(|index| {
        let found = shard.topics.get(index);
        found.ok_or(ErrorCode::UNKNOWN_TOPIC_ID)
    });
    let found = match found {
        Ok(found) => found,
        Err(code) => return code.into(),
    };
    let exists = found.partition(partition).is_some();
    if let Err(code) = check_acknowledgements(said.batches, said.version, said.is_renewal) {
        return code.into();
    }
    if !exists {
        return ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.into();
    }
    if said.batches.is_empty() {
        return ErrorCode::NONE.into();
    }
    let id = PartitionId {
        group: who.0.clone(),
        topic,
        partition,
    };
    let outcome = shard.with_share(now, |share, journal| {
        share.acknowledge(&id, &who.1, said.batches, now, journal)
    });
    match outcome {
        Ok(()) => ErrorCode::NONE.into(),
        Err((code, message)) => Outcome {
            code,
            message: Some(message.into()),
        },
    }
}

/// As long as the text of a UUID.
const MEMBER_ID_LEN_MAX: usize = 36;
