//! Bytes written down by hand from Kafka's schemas: the versions no other implementation at hand still speaks, the
//! headers, and what makes flexible versions flexible. Each case is read and written.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Debug;

use bytes::Bytes;
use rdkafka_wire::frame::{
    decode_request, decode_request_header, decode_response, encode_request, encode_response,
};
use rdkafka_wire::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, SupportedFeatureKey,
};
use rdkafka_wire::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, TopicRequest,
};
use rdkafka_wire::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, FetchableTopicResponse, PartitionData,
};
use rdkafka_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse, JoinGroupResponseMember,
};
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopic, ListOffsetsTopicResponse,
};
use rdkafka_wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker,
    MetadataResponsePartition, MetadataResponseTopic,
};
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use rdkafka_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestTopic, OffsetFetchResponse, OffsetFetchResponsePartition,
    OffsetFetchResponseTopic,
};
use rdkafka_wire::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, ProduceResponse,
    TopicProduceData, TopicProduceResponse,
};
use rdkafka_wire::{ApiKey, FrameReader, FrameWriter, Message, Records};

/// Hexadecimal digits and, in single quotes, text; spaces and what follows `#` are for the reader.
fn bytes(text: &str) -> Bytes {
    let mut bytes = Vec::new();
    for line in text.lines() {
        for word in line.split('#').next().unwrap().split_whitespace() {
            match word.strip_prefix('\'') {
                Some(quoted) => bytes.extend(quoted.trim_end_matches('\'').bytes()),
                None => bytes.push(u8::from_str_radix(word, 16).unwrap()),
            }
        }
    }
    bytes.into()
}

fn golden<M: Message + PartialEq + Debug>(version: i16, message: &M, text: &str) {
    let expected = bytes(text);
    let mut w = FrameWriter::new();
    message.encode(&mut w, version);
    assert_eq!(w.into_bytes(), expected, "written");
    let mut r = FrameReader::new(expected);
    assert_eq!(M::decode(&mut r, version).as_ref(), Ok(message), "read");
    assert_eq!(r.remaining(), 0);
}

#[test]
fn produce_version_0() {
    let request = ProduceRequest {
        acks: -1,
        timeout_ms: 1500,
        topic_data: vec![TopicProduceData {
            name: "orders".into(),
            partition_data: vec![PartitionProduceData {
                index: 2,
                records: Some(Records::from(Bytes::from_static(b"abc"))),
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let text = "
        FF FF                   # acks
        00 00 05 DC             # timeout_ms
        00 00 00 01             # topics
        00 06 'orders'
        00 00 00 01             # partitions
        00 00 00 02
        00 00 00 03 'abc'       # records";
    golden(0, &request, text);
    let response = ProduceResponse {
        responses: vec![TopicProduceResponse {
            name: "orders".into(),
            partition_responses: vec![PartitionProduceResponse {
                index: 2,
                error_code: 0,
                base_offset: 41,
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let text = "
        00 00 00 01
        00 06 'orders'
        00 00 00 01
        00 00 00 02
        00 00                   # error_code
        00 00 00 00 00 00 00 29 # base_offset";
    golden(0, &response, text);
}

#[test]
fn fetch_version_0() {
    let request = FetchRequest {
        replica_id: -1,
        max_wait_ms: 500,
        min_bytes: 1,
        topics: vec![FetchTopic {
            topic: "a".into(),
            partitions: vec![FetchPartition {
                partition: 3,
                fetch_offset: 7,
                partition_max_bytes: 1_048_576,
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let text = "
        FF FF FF FF             # replica_id
        00 00 01 F4             # max_wait_ms
        00 00 00 01             # min_bytes
        00 00 00 01             # topics
        00 01 'a'
        00 00 00 01             # partitions
        00 00 00 03
        00 00 00 00 00 00 00 07 # fetch_offset
        00 10 00 00             # partition_max_bytes";
    golden(0, &request, text);
    let response = FetchResponse {
        responses: vec![FetchableTopicResponse {
            topic: "a".into(),
            partitions: vec![PartitionData {
                partition_index: 3,
                error_code: 1,
                high_watermark: 9,
                aborted_transactions: Some(Vec::new()),
                records: Some(Records::default()),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let text = "
        00 00 00 01             # topics; no throttle time yet
        00 01 'a'
        00 00 00 01             # partitions
        00 00 00 03
        00 01                   # error_code
        00 00 00 00 00 00 00 09 # high_watermark
        00 00 00 00             # records";
    golden(0, &response, text);
}

#[test]
fn list_offsets_version_0_asks_for_several_offsets() {
    let request = ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic {
            name: "a".into(),
            partitions: vec![ListOffsetsPartition {
                partition_index: 0,
                timestamp: -1,
                max_num_offsets: 1,
                ..Default::default()
            }],
        }],
        ..Default::default()
    };
    let text = "
        FF FF FF FF             # replica_id
        00 00 00 01
        00 01 'a'
        00 00 00 01
        00 00 00 00
        FF FF FF FF FF FF FF FF # timestamp
        00 00 00 01             # max_num_offsets";
    golden(0, &request, text);
    let response = ListOffsetsResponse {
        topics: vec![ListOffsetsTopicResponse {
            name: "a".into(),
            partitions: vec![ListOffsetsPartitionResponse {
                partition_index: 0,
                error_code: 0,
                old_style_offsets: vec![5, 0],
                ..Default::default()
            }],
        }],
        ..Default::default()
    };
    let text = "
        00 00 00 01
        00 01 'a'
        00 00 00 01
        00 00 00 00
        00 00
        00 00 00 02             # old_style_offsets
        00 00 00 00 00 00 00 05
        00 00 00 00 00 00 00 00";
    golden(0, &response, text);
}

#[test]
fn offset_commit_version_0_knows_no_generation() {
    let request = OffsetCommitRequest {
        group_id: "g".into(),
        topics: vec![OffsetCommitRequestTopic {
            name: "a".into(),
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: 1,
                committed_offset: 300,
                committed_metadata: Some("m".into()),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let text = "
        00 01 'g'
        00 00 00 01
        00 01 'a'
        00 00 00 01
        00 00 00 01
        00 00 00 00 00 00 01 2C # committed_offset
        00 01 'm'               # committed_metadata";
    golden(0, &request, text);
}

#[test]
fn offset_commit_version_1_has_a_timestamp_per_partition() {
    let request = OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: 4,
        member_id: "m1".into(),
        topics: vec![OffsetCommitRequestTopic {
            name: "a".into(),
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: 1,
                committed_offset: 300,
                commit_timestamp: -1,
                committed_metadata: None,
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let text = "
        00 01 'g'
        00 00 00 04             # generation
        00 02 'm1'              # member_id
        00 00 00 01
        00 01 'a'
        00 00 00 01
        00 00 00 01
        00 00 00 00 00 00 01 2C # committed_offset
        FF FF FF FF FF FF FF FF # commit_timestamp
        FF FF                   # committed_metadata: null";
    golden(1, &request, text);
}

#[test]
fn offset_fetch_version_0() {
    let request = OffsetFetchRequest {
        group_id: "g".into(),
        topics: Some(vec![OffsetFetchRequestTopic {
            name: "a".into(),
            partition_indexes: vec![0, 5],
        }]),
        ..Default::default()
    };
    let text = "
        00 01 'g'
        00 00 00 01
        00 01 'a'
        00 00 00 02
        00 00 00 00
        00 00 00 05";
    golden(0, &request, text);
    let response = OffsetFetchResponse {
        topics: vec![OffsetFetchResponseTopic {
            name: "a".into(),
            partitions: vec![OffsetFetchResponsePartition {
                partition_index: 5,
                committed_offset: -1,
                metadata: Some("".into()),
                error_code: 3,
                ..Default::default()
            }],
        }],
        ..Default::default()
    };
    let text = "
        00 00 00 01
        00 01 'a'
        00 00 00 01
        00 00 00 05
        FF FF FF FF FF FF FF FF # committed_offset
        00 00                   # metadata
        00 03                   # error_code";
    golden(0, &response, text);
}

#[test]
fn join_group_version_0() {
    let request = JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 30_000,
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: Bytes::from_static(b"xy"),
        }],
        ..Default::default()
    };
    let text = "
        00 01 'g'
        00 00 75 30             # session_timeout_ms
        00 00                   # member_id
        00 08 'consumer'
        00 00 00 01             # protocols
        00 05 'range'
        00 00 00 02 'xy'";
    golden(0, &request, text);
    let response = JoinGroupResponse {
        error_code: 0,
        generation_id: 1,
        protocol_name: Some("range".into()),
        leader: "m1".into(),
        member_id: "m1".into(),
        members: vec![JoinGroupResponseMember {
            member_id: "m1".into(),
            metadata: Bytes::from_static(b"xy"),
            ..Default::default()
        }],
        ..Default::default()
    };
    let text = "
        00 00
        00 00 00 01             # generation_id
        00 05 'range'
        00 02 'm1'              # leader
        00 02 'm1'              # member_id
        00 00 00 01
        00 02 'm1'
        00 00 00 02 'xy'";
    golden(0, &response, text);
}

#[test]
fn metadata_version_0() {
    let request = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: Some("a".into()),
            ..Default::default()
        }]),
        ..Default::default()
    };
    golden(0, &request, "00 00 00 01 00 01 'a'");
    let response = MetadataResponse {
        brokers: vec![MetadataResponseBroker {
            node_id: 1,
            host: "kafka".into(),
            port: 9092,
            ..Default::default()
        }],
        topics: vec![MetadataResponseTopic {
            name: Some("a".into()),
            partitions: vec![MetadataResponsePartition {
                partition_index: 0,
                leader_id: 1,
                replica_nodes: vec![1, 2],
                isr_nodes: vec![1],
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let text = "
        00 00 00 01             # brokers
        00 00 00 01
        00 05 'kafka'
        00 00 23 84
        00 00 00 01             # topics
        00 00
        00 01 'a'
        00 00 00 01             # partitions
        00 00
        00 00 00 00
        00 00 00 01             # leader_id
        00 00 00 02 00 00 00 01 00 00 00 02
        00 00 00 01 00 00 00 01";
    golden(0, &response, text);
}

#[test]
fn null_in_a_version_without_null_is_written_as_empty() {
    let all_topics = MetadataRequest {
        topics: None,
        ..Default::default()
    };
    let written = |version| {
        let mut w = FrameWriter::new();
        all_topics.encode(&mut w, version);
        w.into_bytes()
    };
    assert_eq!(written(0), bytes("00 00 00 00"));
    assert_eq!(written(1), bytes("FF FF FF FF"));
}

#[test]
fn a_tagged_field_is_written_only_when_it_differs_from_its_default() {
    let mut request = FetchRequest {
        rack_id: "r".into(),
        ..Default::default()
    };
    let text = "
        FF FF FF FF             # replica_id
        00 00 00 00
        00 00 00 00
        7F FF FF FF             # max_bytes
        00                      # isolation_level
        00 00 00 00             # session_id
        FF FF FF FF             # session_epoch
        01                      # topics: none
        01                      # forgotten_topics_data: none
        02 'r'";
    golden(12, &request, &format!("{text}\n00"));
    request.cluster_id = Some("c".into());
    golden(12, &request, &format!("{text}\n01 00 02 02 'c'"));
}

#[test]
fn unknown_tagged_fields_are_skipped() {
    let body = bytes(
        "
        02 'c' 02 '1'           # client software
        02                      # two tagged fields
        05 03 'abc'
        07 00",
    );
    let mut r = FrameReader::new(body);
    let request = ApiVersionsRequest::decode(&mut r, 3).unwrap();
    assert_eq!(request.client_software_name, "c");
    assert_eq!(r.remaining(), 0);
}

#[test]
fn a_nullable_struct_starts_with_a_byte_that_says_whether_it_is_there() {
    let mut request = DescribeTopicPartitionsRequest {
        topics: vec![TopicRequest { name: "a".into() }],
        response_partition_limit: 10,
        cursor: None,
    };
    golden(0, &request, "02 02 'a' 00 00 00 00 0A FF 00");
    request.cursor = Some(Cursor {
        topic_name: "a".into(),
        partition_index: 2,
    });
    golden(
        0,
        &request,
        "02 02 'a' 00 00 00 00 0A 01 02 'a' 00 00 00 02 00 00",
    );
}

#[test]
fn a_flexible_request_keeps_the_classic_client_id_in_its_header() {
    let request = ApiVersionsRequest {
        client_software_name: "php".into(),
        client_software_version: "1".into(),
    };
    let frame = encode_request(&request, 3, 9, Some("me")).into_bytes();
    let text = "
        00 00 00 14             # length
        00 12 00 03             # API key, version
        00 00 00 09             # correlation_id
        00 02 'me'              # client_id
        00                      # no tagged fields
        04 'php' 02 '1'
        00";
    assert_eq!(frame, bytes(text));
    let (header, body) = decode_request_header(frame.slice(4..)).unwrap();
    assert_eq!(
        (header.request_api_key, header.request_api_version),
        (18, 3)
    );
    assert_eq!(header.correlation_id, 9);
    assert_eq!(header.client_id.as_deref(), Some("me"));
    assert_eq!(decode_request::<ApiVersionsRequest>(body, 3), Ok(request));
}

#[test]
fn a_classic_request_has_a_header_without_tagged_fields() {
    let frame = encode_request(&ApiVersionsRequest::default(), 0, 1, None).into_bytes();
    assert_eq!(frame, bytes("00 00 00 0A 00 12 00 00 00 00 00 01 FF FF"));
}

#[test]
fn api_versions_is_answered_with_the_oldest_header_in_every_version() {
    let response = ApiVersionsResponse {
        api_keys: vec![ApiVersion {
            api_key: 18,
            min_version: 0,
            max_version: 4,
        }],
        supported_features: vec![SupportedFeatureKey {
            name: "f".into(),
            min_version: 0,
            max_version: 1,
        }],
        ..Default::default()
    };
    let frame = encode_response(ApiKey::ApiVersions, &response, 3, 9).into_bytes();
    let text = "
        00 00 00 20             # length
        00 00 00 09             # correlation_id, and no tagged fields
        00 00                   # error_code
        02 00 12 00 00 00 04 00 # api_keys
        00 00 00 00             # throttle_time_ms
        01                      # one tagged field: supported_features, 8 bytes
        00 08 02 02 'f' 00 00 00 01 00";
    let expected = bytes(text);
    assert_eq!(frame.slice(4..), expected.slice(4..));
    assert_eq!(usize::from(frame[3]), frame.len() - 4);
    let read = decode_response(frame.slice(4..), ApiKey::ApiVersions, 3);
    assert_eq!(read, Ok((9, response)));
}

#[test]
fn a_refused_version_of_api_versions_is_read_from_its_version_0_answer() {
    let answer = bytes("00 00 00 09 00 23 00 00 00 01 00 12 00 00 00 03");
    let (correlation_id, response) =
        decode_response::<ApiVersionsResponse>(answer, ApiKey::ApiVersions, 4).unwrap();
    assert_eq!(correlation_id, 9);
    assert_eq!(response.error_code, 35);
    assert_eq!(
        response.api_keys.first().map(|api| api.max_version),
        Some(3)
    );
}

#[test]
fn a_flexible_response_header_ends_in_tagged_fields() {
    let response = MetadataResponse::default();
    let frame = encode_response(ApiKey::Metadata, &response, 9, 9).into_bytes();
    assert_eq!(frame.slice(4..9), bytes("00 00 00 09 00"));
    assert_eq!(
        decode_response(frame.slice(4..), ApiKey::Metadata, 9),
        Ok((9, response))
    );
}

#[test]
fn large_record_data_rides_along_uncopied() {
    let batch = Bytes::from(vec![7; 4096]);
    let request = ProduceRequest {
        topic_data: vec![TopicProduceData {
            partition_data: vec![PartitionProduceData {
                index: 0,
                records: Some(Records::from(vec![batch.clone(), batch.clone()])),
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let frame = encode_request(&request, 9, 1, None);
    let riders: Vec<_> = frame
        .chunks
        .iter()
        .filter(|chunk| chunk.as_ptr() == batch.as_ptr())
        .collect();
    assert_eq!(riders.len(), 2, "of {} chunks", frame.chunks.len());

    let len = frame.len();
    let whole = frame.into_bytes();
    assert_eq!(whole.len(), len);
    assert_eq!(whole[..4], u32::try_from(len - 4).unwrap().to_be_bytes());
    let (_, body) = decode_request_header(whole.slice(4..)).unwrap();
    assert_eq!(decode_request(body, 9), Ok(request));
}

#[test]
fn strings_and_records_of_a_read_message_are_slices_of_its_frame() {
    let text = "00 00 05 DC 00 00 05 DC 00 00 00 00";
    let frame = bytes(text);
    let mut r = FrameReader::new(frame.clone());
    r.i32().unwrap();
    let taken = r.take(4).unwrap();
    assert_eq!(taken.as_ptr(), frame[4..].as_ptr());
}
