//! The broker: any frame to its core, any bytes to its connections, any record in its own topics.
//!
//! Laws: see `node`; besides, a record of the broker's own topics that can be read is written so that it reads the same,
//! and a broker whose topics hold anything at all starts or says why not, and serves.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use rdkafka_broker::fuzzing::Connections;
use rdkafka_broker::{BrokerConfig, ScramUser};
use rdkafka_broker_core::{SERVED, fuzzing};
use rdkafka_log::fs::Memory;
use rdkafka_log::{AppendOptions, AppendOrigin, Log, LogConfig};
use rdkafka_records::{BatchBuilder, Compression, Seal};
use rdkafka_wire::frame::encode_request;
use rdkafka_wire::messages as wire;
use rdkafka_wire::types::Records;
use rdkafka_wire::{ApiKey, Request};

use crate::input::{Input, Seed};
use crate::node::{Node, folder_of};
use crate::records::batch;
use crate::target::{Budget, Target};

/// The table.
pub const TARGETS: &[Target] = &[
    Target {
        name: "broker-requests",
        covers: "frames to the broker core, several in a row on several connections, with time passing between them: \
                 every key and version as the broker decodes it, and what it does with it",
        run: requests,
        seeds: request_seeds,
        budget: Budget {
            bytes: 192 << 20,
            per_input_byte: 4096,
        },
        input_bytes_max: 2048,
    },
    Target {
        name: "broker-connection",
        covers: "bytes to a connection, a few at a time: the frame reader, listeners with and without SASL (PLAIN, SCRAM, \
                 OAUTHBEARER), the order of answers",
        run: connection,
        seeds: connection_seeds,
        // Other threads of the broker allocate too.
        budget: Budget {
            bytes: 192 << 20,
            per_input_byte: 4096,
        },
        input_bytes_max: 2048,
    },
    Target {
        name: "stored-records",
        covers: "keys and values of __consumer_offsets (offsets, classic and next-generation groups), __transaction_state \
                 and __cluster_metadata",
        run: stored_records,
        seeds: stored_record_seeds,
        budget: Budget {
            bytes: 1 << 20,
            per_input_byte: 2048,
        },
        input_bytes_max: 1024,
    },
    Target {
        name: "coordinator-replay",
        covers: "the same records in the logs of those topics, in transactions or not, and a broker that starts on them",
        run: replay,
        seeds: replay_seeds,
        budget: Budget {
            bytes: 64 << 20,
            per_input_byte: 4096,
        },
        input_bytes_max: 1024,
    },
    Target {
        name: "broker-http",
        covers: "the head of a request to the metrics and health listener",
        run: http,
        seeds: http_seeds,
        budget: Budget {
            bytes: 256 * 1024,
            per_input_byte: 64,
        },
        input_bytes_max: 4096,
    },
];

/// The requests that [`Node::furnished`] has served: records in `t`, an offset, a group, an open transaction.
pub fn furniture() -> Vec<Bytes> {
    let produce = |records: Bytes, transactional_id: Option<&str>| {
        let partition = wire::produce::PartitionProduceData {
            index: 0,
            records: Some(Records::from(records)),
        };
        let topic = wire::produce::TopicProduceData {
            name: "t".into(),
            partition_data: vec![partition],
            ..Default::default()
        };
        wire::produce::ProduceRequest {
            transactional_id: transactional_id.map(Into::into),
            acks: -1,
            timeout_ms: 100,
            topic_data: vec![topic],
        }
    };
    let offset = wire::offset_commit::OffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: 3,
        ..Default::default()
    };
    let commit = wire::offset_commit::OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: -1,
        topics: vec![wire::offset_commit::OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![offset],
            ..Default::default()
        }],
        ..Default::default()
    };
    let init = wire::init_producer_id::InitProducerIdRequest {
        transactional_id: Some("x".into()),
        transaction_timeout_ms: 60_000,
        ..Default::default()
    };
    let member = wire::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest {
        group_id: "n".into(),
        member_id: "AAAAAAAAAAAAAAAAAAAAAA".into(),
        rebalance_timeout_ms: 60_000,
        subscribed_topic_names: Some(vec!["t".into()]),
        topic_partitions: Some(vec![]),
        ..Default::default()
    };
    vec![
        frame(
            &produce(batch(Compression::None, &Seal::default(), 3), None),
            9,
        ),
        frame(
            &produce(batch(Compression::Zstd, &Seal::default(), 9), None),
            9,
        ),
        frame(
            &produce(batch(Compression::Gzip, &Seal::default(), 9), None),
            9,
        ),
        frame(&commit, 8),
        frame(&init, 4),
        frame(&member, 1),
    ]
}

fn frame<R: Request>(request: &R, version: i16) -> Bytes {
    let frame = encode_request(request, version, 5, Some("fuzz"));
    frame.into_bytes().slice(4..)
}

thread_local! {
    static DISK: Memory = Node::furnished();
}

/// Each step: what to do, then what it is done with.
fn requests(input: &[u8]) {
    let mut input = Input::new(input);
    let fs = DISK.with(Memory::kill);
    let mut node = Node::open(&fs).unwrap_or_else(|error| panic!("{error}"));
    let how = input.byte();
    while !input.is_empty() {
        let step = input.byte();
        let connection = u64::from(step % 4);
        match step >> 4 {
            // Half a second, or a minute: long polls end, members are missed.
            0 => node.pass(Duration::from_millis(500)),
            1 => node.pass(Duration::from_secs(60)),
            2 => node.close(connection),
            3 => _ = node.frame(connection, Bytes::copy_from_slice(input.piece())),
            _ => {
                let key = crate::wire::key_of(input.byte());
                let version = crate::wire::version_of(input.byte(), key);
                node.frame(connection, raw(key, version, input.piece()));
            }
        }
        node.answers.clear();
    }
    node.pass(Duration::from_secs(60));
    if how & 1 == 1 {
        node.restart(&fs).pass(Duration::from_secs(60));
    }
}

/// A frame with a good header.
fn raw(key: ApiKey, version: i16, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_i16(key.code());
    frame.put_i16(version);
    frame.put_i32(5);
    frame.put_i16(4);
    frame.put_slice(b"fuzz");
    if key.request_header_version(version) >= 2 {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    frame.freeze()
}

fn request_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for frame in furniture().iter().chain(&more_requests()) {
        let step = Seed::new().byte(1).byte(0x30).piece(frame);
        seeds.push(step.byte(0x10).done());
    }
    for captured in crate::wire::captured().filter(|it| !it.is_response) {
        let step = Seed::new().byte(0).byte(0x30).piece(&captured.frame);
        seeds.push(step.byte(0x10).done());
    }
    // A classic group: two members join, one leads; time passes.
    let join = |connection: u8, seed: Seed| seed.byte(0x30 | connection).piece(&join());
    let group = join(1, join(0, Seed::new().byte(0)));
    seeds.push(group.byte(0x00).byte(0x10).byte(0x20).byte(0x10).done());
    // What arbitrary messages of each key look like, under the header that is sure.
    for key in SERVED {
        for version in [*key.versions().start(), *key.versions().end()] {
            let body = key.visit(crate::wire::Sample {
                is_response: false,
                version,
            });
            let seed = Seed::new().byte(0).byte(0x40).key(*key, version);
            seeds.push(seed.piece(&body).byte(0x10).done());
        }
    }
    seeds
}

fn join() -> Bytes {
    let metadata = rdkafka_wire::embedded::encode_subscription(
        &wire::consumer_protocol::ConsumerProtocolSubscription {
            topics: vec!["t".into()],
            ..Default::default()
        },
        1,
    );
    let protocol = wire::join_group::JoinGroupRequestProtocol {
        name: "range".into(),
        metadata,
    };
    let join = wire::join_group::JoinGroupRequest {
        group_id: "c".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: "consumer".into(),
        protocols: vec![protocol],
        ..Default::default()
    };
    // Older than the versions that ask for a member id first.
    frame(&join, 3)
}

fn more_requests() -> Vec<Bytes> {
    let fetch = |min_bytes| wire::fetch::FetchRequest {
        max_wait_ms: 400,
        min_bytes,
        topics: vec![wire::fetch::FetchTopic {
            topic: "t".into(),
            partitions: vec![wire::fetch::FetchPartition {
                partition_max_bytes: 1 << 20,
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let list = wire::list_offsets::ListOffsetsRequest {
        topics: vec![wire::list_offsets::ListOffsetsTopic {
            name: "t".into(),
            partitions: vec![wire::list_offsets::ListOffsetsPartition {
                timestamp: 1_700_000_000_001,
                ..Default::default()
            }],
        }],
        ..Default::default()
    };
    let create = wire::create_topics::CreateTopicsRequest {
        topics: vec![wire::create_topics::CreatableTopic {
            name: "u".into(),
            num_partitions: 3,
            replication_factor: 1,
            configs: vec![wire::create_topics::CreatableTopicConfig {
                name: "retention.ms".into(),
                value: Some("1000".into()),
            }],
            ..Default::default()
        }],
        timeout_ms: 100,
        ..Default::default()
    };
    let delete = wire::delete_topics::DeleteTopicsRequest {
        topic_names: vec!["t".into()],
        timeout_ms: 100,
        ..Default::default()
    };
    vec![
        frame(&fetch(1), 4),
        frame(&fetch(1 << 20), 12),
        frame(&fetch(1), 0),
        frame(&list, 5),
        frame(&create, 5),
        frame(&delete, 5),
        join(),
    ]
}

/// A broker per so many inputs: it keeps what they made.
const INPUTS_PER_BROKER: u32 = 500;

thread_local! {
    static CONNECTIONS: RefCell<Option<(Arc<Connections>, u32)>> = const { RefCell::new(None) };
}

fn connections() -> Arc<Connections> {
    CONNECTIONS.with_borrow_mut(|kept| match kept {
        Some((connections, uses)) if *uses < INPUTS_PER_BROKER => {
            *uses += 1;
            Arc::clone(connections)
        }
        _ => {
            let connections = Arc::new(start());
            *kept = Some((Arc::clone(&connections), 0));
            connections
        }
    })
}

fn start() -> Connections {
    let mut config = BrokerConfig::default();
    for (name, value) in [
        ("connection.failed.authentication.delay.ms", "0"),
        ("socket.request.max.bytes", "1048576"),
        (
            "sasl.enabled.mechanisms",
            "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        ),
        (
            "listener.name.sasl.plain.sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required user_u=\"p\";",
        ),
        (
            "listener.name.sasl.oauthbearer.sasl.jaas.config",
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
        ),
    ] {
        let set = config.set(name, value);
        assert!(set.is_ok(), "{name}: {set:?}");
    }
    let user = ScramUser::new("SCRAM-SHA-256", "u", "p").unwrap_or_else(|why| panic!("{why}"));
    Connections::start(config, &user).unwrap_or_else(|error| panic!("{error}"))
}

/// How, how many bytes at a time, then the bytes.
fn connection(input: &[u8]) {
    let mut input = Input::new(input);
    let how = input.byte();
    let chunk = match input.byte() {
        0 => usize::MAX,
        some => usize::from(some),
    };
    let connections = connections();
    let written = connections.serve(input.rest(), chunk, how & 1 == 1);
    assert!(connections.is_alive(), "the shard is gone");
    let mut rest = &written[..];
    // Tokens of the oldest handshake have no length of a frame around them, but one of their own.
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(i32::from_be_bytes(*length));
        let Ok(length) = length else {
            panic!("a negative length was written");
        };
        // The last frame may be cut: the reader was gone.
        let Some(behind) = behind.get(length..) else {
            break;
        };
        rest = behind;
    }
}

fn connection_seeds() -> Vec<Vec<u8>> {
    let whole = |frames: &[Bytes]| {
        let mut bytes = Vec::new();
        for frame in frames {
            bytes.extend((frame.len() as u32).to_be_bytes());
            bytes.extend_from_slice(frame);
        }
        bytes
    };
    let versions = frame(&wire::api_versions::ApiVersionsRequest::default(), 0);
    let handshake = |mechanism: &str, version| {
        let request = wire::sasl_handshake::SaslHandshakeRequest {
            mechanism: mechanism.into(),
        };
        frame(&request, version)
    };
    let token = |bytes: &'static [u8], version| {
        let request = wire::sasl_authenticate::SaslAuthenticateRequest {
            auth_bytes: Bytes::from_static(bytes),
        };
        frame(&request, version)
    };
    let metadata = frame(&wire::metadata::MetadataRequest::default(), 1);
    let jwt =
        b"n,,\x01auth=Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1IiwiZXhwIjo5OTk5OTk5OTk5fQ.\x01\x01";
    let scram = token(b"n,,n=u,r=abc", 2);
    let conversations = [
        (0, vec![versions.clone(), metadata.clone()]),
        (0, furniture()),
        (0, more_requests()),
        (
            1,
            vec![
                versions,
                handshake("PLAIN", 1),
                token(b"\0u\0p", 1),
                metadata.clone(),
            ],
        ),
        (
            1,
            vec![
                handshake("PLAIN", 0),
                Bytes::from_static(b"\0u\0p"),
                metadata.clone(),
            ],
        ),
        (
            1,
            vec![
                handshake("SCRAM-SHA-256", 1),
                scram.clone(),
                token(b"c=biws,r=abc,p=AAAA", 2),
            ],
        ),
        (1, vec![handshake("SCRAM-SHA-512", 1), scram]),
        (
            1,
            vec![handshake("OAUTHBEARER", 1), token(jwt, 1), metadata],
        ),
        (
            1,
            vec![
                handshake("OAUTHBEARER", 1),
                token(b"n,,\x01auth=Bearer x\x01\x01", 1),
                token(b"\x01", 1),
            ],
        ),
        (1, vec![handshake("GSSAPI", 1)]),
    ];
    let mut seeds = Vec::new();
    for (how, frames) in conversations {
        for chunk in [0, 7] {
            let seed = Seed::new().byte(how).byte(chunk);
            seeds.push(seed.rest(&whole(&frames)).done());
        }
    }
    seeds.push(b"\0\0GET /metrics HTTP/1.1\r\n\r\n".to_vec());
    seeds
}

fn stored_records(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.byte();
    let key = Bytes::copy_from_slice(input.piece());
    let value = (kind & 4 == 0).then(|| Bytes::copy_from_slice(input.rest()));
    let read = match kind % 4 {
        0 | 3 => fuzzing::group_record,
        1 => fuzzing::transaction_record,
        _ => fuzzing::cluster_record,
    };
    if let Some(written) = read((key, value)) {
        let again = read(written.clone());
        assert_eq!(again, Some(written));
    }
}

/// The records on the furnished disk: topic's number, key, value.
fn furnished_records() -> Vec<(u8, Bytes, Option<Bytes>)> {
    let mut all = Vec::new();
    for (kind, topic) in (0_u8..).zip(TOPICS) {
        let fs = DISK.with(Memory::kill);
        let Ok((mut log, _)) = Log::open(Arc::new(fs), folder_of(topic), LogConfig::default())
        else {
            continue;
        };
        let options = rdkafka_log::ReadOptions {
            max_bytes: 1 << 20,
            min_one_batch: true,
            upper_offset: i64::MAX,
        };
        let Ok(read) = log.read(0, &options) else {
            continue;
        };
        for slice in read.slices {
            let bytes = slice.read().unwrap_or_default();
            for batch in rdkafka_records::RecordBatches::new(bytes).flatten() {
                let Ok(plain) = batch.decompress(1 << 20) else {
                    continue;
                };
                for record in plain.records().flatten().filter(|it| it.key.is_some()) {
                    let copy = |it: Option<&[u8]>| it.map(Bytes::copy_from_slice);
                    let key = copy(record.key).unwrap_or_default();
                    all.push((kind, key, copy(record.value)));
                }
            }
        }
    }
    all
}

const TOPICS: [&str; 3] = [
    "__consumer_offsets",
    "__transaction_state",
    "__cluster_metadata",
];

fn stored_record_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (kind, key, value) in furnished_records() {
        let tombstone = if value.is_some() { 0 } else { 4 };
        let seed = Seed::new().byte(kind | tombstone).piece(&key);
        seeds.push(seed.rest(&value.unwrap_or_default()).done());
        seeds.push(Seed::new().byte(kind | 4).piece(&key).done());
    }
    for (key, value) in GROUP_RECORDS {
        seeds.push(Seed::new().byte(0).piece(key).rest(value).done());
    }
    seeds
}

/// Records of the kinds that the furnished disk has none of, as Kafka writes them.
const GROUP_RECORDS: &[(&[u8], &[u8])] = &[
    // A classic group with a member.
    (
        b"\0\x02\0\x01g",
        b"\0\x03\0\x08consumer\0\0\0\x01\0\x05range\0\x01m\0\0\0\0\0\0\0\x09\0\0\0\x01\0\x01m\xff\xff\0\x01c\0\x02/h\0\0\x27\x10\0\0\x27\x10\0\0\0\x02xy\0\0\0\0",
    ),
    // A pattern and what it matched.
    (b"\0\x10\0\x01g\0\x03t.*", b"\0\0\x02\x02t\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0"),
];

/// Each record: which topic and how, key, value. Then a broker starts.
fn replay(input: &[u8]) {
    let mut input = Input::new(input);
    let how = input.byte();
    let fs = DISK.with(Memory::kill);
    while !input.is_empty() {
        let kind = input.byte();
        let topic = TOPICS[usize::from(kind % 3)];
        let opened = Log::open(Arc::new(fs.clone()), folder_of(topic), LogConfig::default());
        let (mut log, _) = opened.unwrap_or_else(|error| panic!("{topic}: {error}"));
        for _ in 0..=kind >> 4 & 3 {
            let _ = log.append(record(kind, &mut input), &COORDINATOR);
        }
        let closed = log.close();
        assert!(closed.is_ok(), "{closed:?}");
    }
    let Ok(mut node) = Node::open(&fs) else {
        return;
    };
    for (connection, frame) in probes().into_iter().enumerate() {
        node.frame(connection as u64, frame);
    }
    node.pass(Duration::from_secs(90));
    if how & 1 == 1 {
        node.restart(&fs);
    }
}

const COORDINATOR: AppendOptions = AppendOptions {
    origin: AppendOrigin::Coordinator,
    leader_epoch: 0,
    now_ms: 1_700_000_000_000,
};

/// One record, or the end of a transaction.
fn record(kind: u8, input: &mut Input<'_>) -> Bytes {
    let is_transactional = kind & 8 != 0;
    let producer_id = if is_transactional { 3 } else { -1 };
    if kind & 0xc0 == 0xc0 {
        let marker = rdkafka_records::EndTxnMarker {
            producer_id: 3,
            producer_epoch: 0,
            coordinator_epoch: 0,
            result: match kind & 8 {
                0 => rdkafka_records::TransactionResult::Abort,
                _ => rdkafka_records::TransactionResult::Commit,
            },
        };
        return marker.to_batch(5).unwrap_or_default();
    }
    let (key, value) = (input.piece(), input.piece());
    let value = (kind & 4 == 0).then_some(value);
    let mut builder = BatchBuilder::new();
    let appended = builder.append(5, Some(key), value, []);
    let seal = Seal {
        producer_id,
        producer_epoch: if is_transactional { 0 } else { -1 },
        transactional: is_transactional,
        ..Seal::default()
    };
    appended
        .ok()
        .and_then(|_| builder.seal(&seal).ok())
        .unwrap_or_default()
}

/// Questions about everything the records could have made.
fn probes() -> Vec<Bytes> {
    let groups = || ["g", "n", "c"].map(Into::into).to_vec();
    let describe = wire::describe_groups::DescribeGroupsRequest {
        groups: groups(),
        ..Default::default()
    };
    let consumer = wire::consumer_group_describe::ConsumerGroupDescribeRequest {
        group_ids: groups(),
        ..Default::default()
    };
    let offsets = wire::offset_fetch::OffsetFetchRequest {
        group_id: "g".into(),
        topics: None,
        ..Default::default()
    };
    let transactions = wire::describe_transactions::DescribeTransactionsRequest {
        transactional_ids: vec!["x".into()],
    };
    let mut probes = vec![
        frame(&wire::list_groups::ListGroupsRequest::default(), 4),
        frame(
            &wire::list_transactions::ListTransactionsRequest::default(),
            0,
        ),
        frame(
            &wire::metadata::MetadataRequest {
                topics: None,
                ..Default::default()
            },
            12,
        ),
        frame(&describe, 5),
        frame(&consumer, 0),
        frame(&offsets, 2),
        frame(&transactions, 0),
    ];
    probes.extend(furniture());
    probes.extend(more_requests());
    probes
}

fn replay_seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![1]];
    let group = GROUP_RECORDS
        .iter()
        .map(|(key, value)| (0, Bytes::from_static(key), Some(Bytes::from_static(value))));
    for (kind, key, value) in furnished_records().into_iter().chain(group) {
        let value = value.unwrap_or_default();
        for how in [0, 4, 8] {
            let seed = Seed::new().byte(1).byte(kind | how);
            let seed = seed.piece(&key).piece(&value);
            seeds.push(seed.byte(0xc8).byte(kind).piece(&key).piece(&value).done());
        }
    }
    seeds
}

fn http(input: &[u8]) {
    let mut input = Input::new(input);
    let chunk = usize::from(input.byte());
    let _ = rdkafka_broker::fuzzing::http_head(input.rest(), chunk);
}

fn http_seeds() -> Vec<Vec<u8>> {
    [
        &b"\0GET /metrics?x=1 HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        b"\x03HEAD /health HTTP/1.0\r\n\r\n",
        b"\x09\x16\x03\x01\x02\0\x01",
    ]
    .map(<[u8]>::to_vec)
    .to_vec()
}
