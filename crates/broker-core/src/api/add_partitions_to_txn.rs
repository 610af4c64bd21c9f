//! AddPartitionsToTxn (key 24): partitions take part in a transaction.
//!
//! * All or none: if a partition does not exist it is UNKNOWN_TOPIC_OR_PARTITION, the others OPERATION_NOT_ATTEMPTED.
//! * An id that nobody has is INVALID_PRODUCER_ID_MAPPING, an old epoch PRODUCER_FENCED (before version 2
//!   INVALID_PRODUCER_EPOCH), a transaction that is just ending CONCURRENT_TRANSACTIONS.
//! * With an authorizer: a transactional id or topics that may not be written to are refused in the same way.
//! * Version 4 and later ask about many transactions, and can ask whether partitions were added (`verify_only`):
//!   INVALID_TXN_STATE if not, from version 5 on TRANSACTION_ABORTABLE.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::add_partitions_to_txn::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult, AddPartitionsToTxnTransaction,
};
use rdkafka_wire::types::StrBytes;

use super::{Reply, fenced};
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::transaction::Producer;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: AddPartitionsToTxnRequest,
    now: Now,
) -> Reply<AddPartitionsToTxnResponse> {
    let version = context.ticket.version;
    let grants = shard.grants(context);
    if version >= MANY_FROM {
        if let Err(code) = grants.cluster(Operation::ClusterAction) {
            return Reply::Ready(AddPartitionsToTxnResponse {
                error_code: code.code(),
                ..AddPartitionsToTxnResponse::default()
            });
        }
        let results = request.transactions.into_iter().map(|transaction| {
            let transactional_id = transaction.transactional_id.clone();
            AddPartitionsToTxnResult {
                transactional_id,
                topic_results: one(shard, transaction, &Grants::UNLIMITED, version, now),
            }
        });
        return Reply::Ready(AddPartitionsToTxnResponse {
            results_by_transaction: results.collect(),
            ..AddPartitionsToTxnResponse::default()
        });
    }
    let transaction = AddPartitionsToTxnTransaction {
        transactional_id: request.v3_and_below_transactional_id,
        producer_id: request.v3_and_below_producer_id,
        producer_epoch: request.v3_and_below_producer_epoch,
        verify_only: false,
        topics: request.v3_and_below_topics,
    };
    Reply::Ready(AddPartitionsToTxnResponse {
        results_by_topic_v3_and_below: one(shard, transaction, &grants, version, now),
        ..AddPartitionsToTxnResponse::default()
    })
}

fn one(
    shard: &mut Shard,
    request: AddPartitionsToTxnTransaction,
    grants: &Grants,
    version: i16,
    now: Now,
) -> Vec<AddPartitionsToTxnTopicResult> {
    let id = &request.transactional_id;
    let producer = Producer {
        id: request.producer_id,
        epoch: request.producer_epoch,
    };
    let places = request.topics.iter().flat_map(|topic| {
        let partitions = topic.partitions.iter();
        partitions.map(|partition| (topic.name.clone(), *partition))
    });
    let places: Vec<(StrBytes, i32)> = places.collect();
    let allowed = grants.transactional_id(Operation::Write, id);
    let known = places.iter().map(|(topic, partition)| {
        let found = shard.topics.by_name_for(grants, Operation::Write, topic);
        match found {
            Ok(topic) if topic.partition(*partition).is_some() => ErrorCode::NONE,
            Ok(_) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            Err(code) => code,
        }
    });
    let known: Vec<ErrorCode> = known.collect();
    let codes: Vec<ErrorCode> = if let Err(code) = allowed {
        vec![code; places.len()]
    } else if request.verify_only {
        let verified = places.iter().map(|(topic, partition)| {
            let outcome = shard.transactions.verify(id, producer, topic, *partition);
            match outcome {
                Ok(()) => ErrorCode::NONE,
                Err(ErrorCode::INVALID_TXN_STATE) if version >= ABORTABLE_FROM => {
                    ErrorCode::TRANSACTION_ABORTABLE
                }
                Err(code) => code,
            }
        });
        verified.collect()
    } else if known.iter().any(|code| *code != ErrorCode::NONE) {
        let code = |code: &ErrorCode| match *code {
            ErrorCode::NONE => ErrorCode::OPERATION_NOT_ATTEMPTED,
            code => code,
        };
        known.iter().map(code).collect()
    } else {
        let outcome = shard.with_transactions(now, |transactions, journal| {
            transactions.add_partitions(id, producer, &places, 1, now, journal)
        });
        let code = outcome.err().unwrap_or(ErrorCode::NONE);
        vec![fenced(code, version >= 2); places.len()]
    };
    let mut codes = codes.into_iter();
    let results = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.into_iter().zip(codes.by_ref());
        let partitions =
            partitions.map(
                |(partition_index, code)| AddPartitionsToTxnPartitionResult {
                    partition_index,
                    partition_error_code: code.code(),
                },
            );
        AddPartitionsToTxnTopicResult {
            name: topic.name,
            results_by_partition: partitions.collect(),
        }
    });
    results.collect()
}

const MANY_FROM: i16 = 4;
const ABORTABLE_FROM: i16 = 5;
