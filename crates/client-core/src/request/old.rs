//! Requests and answers as brokers before 0.11 and 1.0 know them.
//!
//! Message sets instead of record batches (what they cannot say is lost: headers; Zstandard becomes gzip), offsets in a
//! list, ends of logs without transactions, topics that cannot be left out. Pure. On the driver's thread, though it costs per byte: only for such brokers.

use bytes::Bytes;
use rdkafka_records::legacy::{DownConvert, MessageFormat, down_convert};
use rdkafka_wire::messages::fetch::FetchResponse;
use rdkafka_wire::messages::list_offsets::ListOffsetsResponse;
use rdkafka_wire::messages::produce::ProduceRequest;

use super::{Request, Response};

/// The first Produce with record batches.
const PRODUCE_BATCHES: i16 = 3;
/// The first Produce with timestamps.
const PRODUCE_TIMESTAMPS: i16 = 2;
/// The first Fetch with transactions.
const FETCH_TRANSACTIONS: i16 = 4;
/// No batch of ours unpacks to more than its length can say.
const UNPACKED_BYTES_MAX: usize = i32::MAX as usize;

/// The request as it has to be said in `version`; `None` when it needs no change.
pub(super) fn as_of(request: &Request, version: i16) -> Option<Request> {
    match request {
        Request::Produce(produce) if version < PRODUCE_BATCHES => {
            Some(Request::Produce(with_message_sets(produce, version)))
        }
        Request::Metadata(metadata) if version == 0 && metadata.topics.is_none() => {
            let mut metadata = metadata.clone();
            // None at all means every one.
            metadata.topics = Some(Vec::new());
            Some(Request::Metadata(metadata))
        }
        Request::ListOffsets(list) if version == 0 => {
            let mut list = list.clone();
            let partitions = list
                .topics
                .iter_mut()
                .flat_map(|topic| &mut topic.partitions);
            for partition in partitions {
                partition.max_num_offsets = 1;
            }
            Some(Request::ListOffsets(list))
        }
        _ => None,
    }
}

/// The answer in the shape that newer versions have.
pub(super) fn modernised(response: Response, version: i16) -> Response {
    match response {
        Response::ListOffsets(mut response) if version == 0 => {
            first_offsets(&mut response);
            Response::ListOffsets(response)
        }
        Response::Fetch(mut response) if version < FETCH_TRANSACTIONS => {
            stable_offsets(&mut response);
            Response::Fetch(response)
        }
        response => response,
    }
}

fn first_offsets(response: &mut ListOffsetsResponse) {
    let partitions = response
        .topics
        .iter_mut()
        .flat_map(|topic| &mut topic.partitions);
    for partition in partitions {
        partition.offset = partition.old_style_offsets.first().copied().unwrap_or(-1);
        partition.timestamp = -1;
    }
}

/// Without transactions all records are stable.
fn stable_offsets(response: &mut FetchResponse) {
    let topics = response.responses.iter_mut();
    for partition in topics.flat_map(|topic| &mut topic.partitions) {
        partition.last_stable_offset = partition.high_watermark;
    }
}

fn with_message_sets(produce: &ProduceRequest, version: i16) -> ProduceRequest {
    let how = DownConvert {
        format: match version {
            PRODUCE_TIMESTAMPS.. => MessageFormat::V1,
            _ => MessageFormat::V0,
        },
        first_offset: 0,
        bytes_max: UNPACKED_BYTES_MAX,
    };
    let mut produce = produce.clone();
    let partitions = produce
        .topic_data
        .iter_mut()
        .flat_map(|topic| &mut topic.partition_data);
    for partition in partitions {
        if let Some(records) = partition.records.take() {
            let batches: Bytes = records.into_bytes();
            // A batch of ours is whole; one that is not is refused by the broker, and so told of.
            let converted = down_convert(&batches, &how).unwrap_or(batches);
            partition.records = Some(converted.into());
        }
    }
    produce
}
