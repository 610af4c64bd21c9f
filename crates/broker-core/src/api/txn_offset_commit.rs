//! TxnOffsetCommit (key 28): where a group stands, once the producer's transaction is committed.
//!
//! * Partitions are checked one by one as in OffsetCommit; what is left is taken as a whole or refused with one reason:
//!   the producer's (INVALID_PRODUCER_ID_MAPPING, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE if the group was not added to
//!   the transaction) or the group's (from version 3 on: generation and member).
//! * With an authorizer: TRANSACTIONAL_ID_AUTHORIZATION_FAILED or GROUP_AUTHORIZATION_FAILED for all,
//!   TOPIC_AUTHORIZATION_FAILED topic by topic.
//! * Version 5 and later add the group to the transaction by themselves (KIP-890).

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use rdkafka_wire::types::StrBytes;

use super::{Reply, fenced};
use crate::acl::Operation;
use crate::group::{Commit, CommittedOffset};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::OFFSETS_TOPIC;
use crate::transaction::Producer;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: TxnOffsetCommitRequest,
    now: Now,
) -> Reply<TxnOffsetCommitResponse> {
    let metadata_max = usize::try_from(shard.config.offset_metadata_max_bytes).unwrap_or(0);
    let grants = shard.grants(context);
    let allowed = grants
        .transactional_id(Operation::Write, &request.transactional_id)
        .and_then(|()| grants.group(Operation::Read, &request.group_id));
    let mut offsets = Vec::new();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let found = allowed.and_then(|()| {
            shard
                .topics
                .by_name_for(&grants, Operation::Read, &topic.name)
        });
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for committed in topic.partitions {
            let partition_index = committed.partition_index;
            let metadata = committed.committed_metadata.as_ref();
            let code = match found {
                Ok(topic) if topic.partition(partition_index).is_some() => {
                    if metadata.map_or(0, |it| it.len()) > metadata_max {
                        ErrorCode::OFFSET_METADATA_TOO_LARGE
                    } else {
                        let value = committed_offset(committed, now);
                        offsets.push((topic.name.clone(), partition_index, value));
                        ErrorCode::NONE
                    }
                }
                Ok(_) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                Err(code) => code,
            };
            partitions.push(TxnOffsetCommitResponsePartition {
                partition_index,
                error_code: code.code(),
            });
        }
        topics.push(TxnOffsetCommitResponseTopic {
            name: topic.name,
            partitions,
        });
    }
    let commit = Commit {
        group_id: request.group_id.copy_out_of_frame(),
        generation: request.generation_id,
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        knows_epochs: true,
        offsets,
    };
    let producer = Producer {
        id: request.producer_id,
        epoch: request.producer_epoch,
    };
    let version = context.ticket.version;
    let id = &request.transactional_id;
    let admitted =
        allowed.and_then(|()| admit(shard, id, producer, &commit.group_id, version, now));
    let outcome = admitted.and_then(|()| {
        shard.with_groups(now, |groups, journal| {
            groups.commit_pending(commit, producer, now, journal)
        })
    });
    if let Err(code) = outcome {
        let code = fenced(code, false);
        let partitions = topics.iter_mut().flat_map(|topic| &mut topic.partitions);
        partitions
            .filter(|it| it.error_code == 0)
            .for_each(|it| it.error_code = code.code());
    }
    Reply::Ready(TxnOffsetCommitResponse {
        topics,
        ..TxnOffsetCommitResponse::default()
    })
}

/// Whether the group takes part in the producer's transaction.
fn admit(
    shard: &mut Shard,
    id: &StrBytes,
    producer: Producer,
    group_id: &str,
    version: i16,
    now: Now,
) -> Result<(), ErrorCode> {
    if shard.share.has_group(group_id) {
        return Err(ErrorCode::GROUP_ID_NOT_FOUND);
    }
    let home = shard.with_groups(now, |_, offsets| offsets.partition_for(group_id))?;
    if version < ADDS_GROUP_FROM {
        return shard.transactions.verify(id, producer, OFFSETS_TOPIC, home);
    }
    let place = [(OFFSETS_TOPIC.into(), home)];
    shard.with_transactions(now, |transactions, journal| {
        transactions.add_partitions(id, producer, &place, 2, now, journal)
    })
}

fn committed_offset(committed: TxnOffsetCommitRequestPartition, now: Now) -> CommittedOffset {
    let metadata = committed.committed_metadata;
    CommittedOffset {
        offset: committed.committed_offset,
        leader_epoch: committed.committed_leader_epoch,
        metadata: metadata.map_or_else(StrBytes::default, |it| it.copy_out_of_frame()),
        commit_timestamp: now.unix_ms,
        expire_timestamp: None,
    }
}

const ADDS_GROUP_FROM: i16 = 5;
