//! The nodes' side of the scripted cluster: what they know, and how they answer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rdkafka_client_core::io::BrokerId;
use rdkafka_records::{RecordBatch, RecordBatches};
use rdkafka_wire::frame::{decode_request, encode_response};
use rdkafka_wire::messages::add_offsets_to_txn::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};
use rdkafka_wire::messages::add_partitions_to_txn::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopicResult,
};
use rdkafka_wire::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey,
};
use rdkafka_wire::messages::end_txn::{EndTxnRequest, EndTxnResponse};
use rdkafka_wire::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};
use rdkafka_wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use rdkafka_wire::messages::metadata::{
    MetadataRequest, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
    MetadataResponseTopic,
};
use rdkafka_wire::messages::produce::{
    LeaderIdAndEpoch, PartitionProduceResponse, ProduceRequest, ProduceResponse,
    TopicProduceResponse,
};
use rdkafka_wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
};
use rdkafka_wire::{ApiKey, ErrorCode, Frame, FrameReader, Uuid};

/// Written, and answered with an error nevertheless: the replicas were too few by then.
const AFTER_APPEND: ErrorCode = ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND;

/// A request a node has got.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) connection: BrokerId,
    pub(crate) node: u16,
    pub(crate) key: ApiKey,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    pub(crate) body: FrameReader,
}

/// What a partition remembers of a producer.
#[derive(Debug, Default)]
struct ProducerState {
    next_sequence: i32,
    /// Base sequences of what was written, with their offsets.
    written: Vec<(i32, i64)>,
}

/// A partition's log.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) payloads: Vec<String>,
    producers: BTreeMap<(i64, i16), ProducerState>,
}

/// The nodes' side.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    /// The leader of each partition of each topic; 0 for none.
    pub(crate) topics: BTreeMap<String, Vec<u16>>,
    /// The ids of topics, where nodes give them.
    pub(crate) ids: BTreeMap<String, Uuid>,
    /// Topics that are created when a client asks for them, with this many partitions.
    pub(crate) creates: Option<usize>,
    pub(crate) logs: BTreeMap<(String, i32), Log>,
    /// Who is not the leader says who is (KIP-951).
    pub(crate) names_leaders: bool,
    /// Ports nobody listens on.
    pub(crate) refusing: BTreeSet<u16>,
    /// Errors to answer the next requests of a key with.
    pub(crate) errors: BTreeMap<ApiKey, VecDeque<ErrorCode>>,
    /// Keys whose requests wait in `held` until `release`.
    pub(crate) holding: BTreeSet<ApiKey>,
    pub(crate) held: VecDeque<Asked>,
    /// The newest ApiVersions a node knows; an older one hangs up on it when `hangs_up`.
    pub(crate) versions_newest: i16,
    pub(crate) hangs_up: bool,
    /// Requests so far, by key.
    pub(crate) counts: BTreeMap<ApiKey, usize>,
    /// How transactions ended: committed (`true`) or aborted.
    pub(crate) ends: Vec<bool>,
    /// The cluster's `transaction.version`, when it is finalized.
    pub(crate) transaction_version: Option<i16>,
    /// The versions of the requests so far, by key.
    pub(crate) asked_versions: BTreeMap<ApiKey, Vec<i16>>,
    /// Offsets that were made part of transactions: group, partition, offset, the generation they came with.
    pub(crate) offsets: Vec<(String, i32, i64, i32)>,
    /// Producer ids given so far.
    pub(crate) producer_ids: i64,
    /// The epoch that EndTxn 5 gave last.
    pub(crate) epoch: i16,
}

impl Nodes {
    pub(crate) fn serve(&mut self, asked: &Asked) -> Option<Frame> {
        let (key, version, id) = (asked.key, asked.version, asked.correlation_id);
        let body = asked.body.clone();
        let error = self.errors.get_mut(&key).and_then(VecDeque::pop_front);
        let error = error.filter(|error| error.is_error());
        self.asked_versions.entry(key).or_default().push(version);
        Some(match key {
            ApiKey::ApiVersions if version > self.versions_newest => {
                let response = ApiVersionsResponse {
                    error_code: ErrorCode::UNSUPPORTED_VERSION.code(),
                    ..self.api_versions()
                };
                encode_response(key, &response, 0, id)
            }
            ApiKey::ApiVersions => {
                decode_request::<ApiVersionsRequest>(body, version).unwrap();
                encode_response(key, &self.api_versions(), version, id)
            }
            ApiKey::Metadata => {
                let request = decode_request(body, version).unwrap();
                let response = MetadataResponse {
                    error_code: error.unwrap_or(ErrorCode::NONE).code(),
                    ..self.metadata(&request)
                };
                encode_response(key, &response, version, id)
            }
            ApiKey::InitProducerId => {
                decode_request::<InitProducerIdRequest>(body, version).unwrap();
                self.producer_ids += 1;
                let response = InitProducerIdResponse {
                    error_code: error.unwrap_or(ErrorCode::NONE).code(),
                    producer_id: 1000 + self.producer_ids,
                    ..InitProducerIdResponse::default()
                };
                encode_response(key, &response, version, id)
            }
            ApiKey::Produce => {
                let request: ProduceRequest = decode_request(body, version).unwrap();
                let response = self.produce(asked.node, &request, error);
                if request.acks == 0 {
                    return None;
                }
                encode_response(key, &response, version, id)
            }
            ApiKey::FindCoordinator => {
                let request: FindCoordinatorRequest = decode_request(body, version).unwrap();
                let coordinator = Coordinator {
                    key: request.coordinator_keys[0].clone(),
                    node_id: 3,
                    host: "node".into(),
                    port: 3,
                    error_code: error.unwrap_or(ErrorCode::NONE).code(),
                    ..Coordinator::default()
                };
                let response = FindCoordinatorResponse {
                    coordinators: vec![coordinator],
                    ..FindCoordinatorResponse::default()
                };
                encode_response(key, &response, version, id)
            }
            ApiKey::AddPartitionsToTxn => {
                let request: AddPartitionsToTxnRequest = decode_request(body, version).unwrap();
                let code = error.unwrap_or(ErrorCode::NONE).code();
                encode_response(key, &added(&request, code), version, id)
            }
            ApiKey::EndTxn => {
                let request: EndTxnRequest = decode_request(body, version).unwrap();
                if error.is_none() {
                    self.ends.push(request.committed);
                }
                let mut response = EndTxnResponse {
                    error_code: error.unwrap_or(ErrorCode::NONE).code(),
                    ..EndTxnResponse::default()
                };
                if version >= 5 && error.is_none() {
                    self.epoch += 1;
                    response.producer_id = request.producer_id;
                    response.producer_epoch = self.epoch;
                }
                encode_response(key, &response, version, id)
            }
            ApiKey::AddOffsetsToTxn => {
                decode_request::<AddOffsetsToTxnRequest>(body, version).unwrap();
                let response = AddOffsetsToTxnResponse {
                    error_code: error.unwrap_or(ErrorCode::NONE).code(),
                    ..AddOffsetsToTxnResponse::default()
                };
                encode_response(key, &response, version, id)
            }
            ApiKey::TxnOffsetCommit => {
                let request: TxnOffsetCommitRequest = decode_request(body, version).unwrap();
                encode_response(key, &self.commit(&request, error), version, id)
            }
            key => panic!("a producer does not ask {key:?}"),
        })
    }

    fn commit(
        &mut self,
        request: &TxnOffsetCommitRequest,
        error: Option<ErrorCode>,
    ) -> TxnOffsetCommitResponse {
        let mut response = TxnOffsetCommitResponse::default();
        for topic in &request.topics {
            let mut partitions = Vec::new();
            for partition in &topic.partitions {
                if error.is_none() {
                    self.offsets.push((
                        request.group_id.to_string(),
                        partition.partition_index,
                        partition.committed_offset,
                        request.generation_id,
                    ));
                }
                partitions.push(TxnOffsetCommitResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: error.unwrap_or(ErrorCode::NONE).code(),
                });
            }
            response.topics.push(TxnOffsetCommitResponseTopic {
                name: topic.name.clone(),
                partitions,
            });
        }
        response
    }

    fn api_versions(&self) -> ApiVersionsResponse {
        let api = |key: ApiKey| ApiVersion {
            api_key: key.code(),
            min_version: *key.versions().start(),
            max_version: if key == ApiKey::ApiVersions {
                self.versions_newest
            } else {
                *key.versions().end()
            },
        };
        let feature = |level: i16| FinalizedFeatureKey {
            name: "transaction.version".into(),
            max_version_level: level,
            min_version_level: level,
        };
        ApiVersionsResponse {
            api_keys: ApiKey::ALL.iter().map(|&key| api(key)).collect(),
            finalized_features_epoch: self.transaction_version.map_or(-1, |_| 1),
            finalized_features: self.transaction_version.into_iter().map(feature).collect(),
            ..ApiVersionsResponse::default()
        }
    }

    fn metadata(&mut self, request: &MetadataRequest) -> MetadataResponse {
        let brokers = (1..=3).map(|node| MetadataResponseBroker {
            node_id: node,
            host: "node".into(),
            port: node,
            ..MetadataResponseBroker::default()
        });
        let names: Vec<String> = match &request.topics {
            Some(topics) => topics
                .iter()
                .map(|topic| topic.name.as_ref().unwrap().to_string())
                .collect(),
            None => self.topics.keys().cloned().collect(),
        };
        let topics = names.into_iter().map(|name| {
            if let Some(partitions) = self.creates.filter(|_| request.allow_auto_topic_creation) {
                self.topics
                    .entry(name.clone())
                    .or_insert_with(|| vec![1; partitions]);
            }
            let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
            let leaders = self.topics.get(&name);
            let partition = |(&leader, index): (&u16, i32)| MetadataResponsePartition {
                partition_index: index,
                leader_id: if leader == 0 { -1 } else { leader.into() },
                ..MetadataResponsePartition::default()
            };
            MetadataResponseTopic {
                error_code: if leaders.is_some() { 0 } else { unknown.code() },
                topic_id: self.ids.get(&name).copied().unwrap_or_default(),
                name: Some(name.as_str().into()),
                partitions: leaders
                    .into_iter()
                    .flatten()
                    .zip(0..)
                    .map(partition)
                    .collect(),
                ..MetadataResponseTopic::default()
            }
        });
        MetadataResponse {
            topics: topics.collect(),
            brokers: brokers.collect(),
            controller_id: 1,
            ..MetadataResponse::default()
        }
    }

    fn produce(
        &mut self,
        node: u16,
        request: &ProduceRequest,
        error: Option<ErrorCode>,
    ) -> ProduceResponse {
        let mut response = ProduceResponse::default();
        for topic in &request.topic_data {
            let mut answers = Vec::new();
            let by_id = self.ids.iter().find(|(_, id)| **id == topic.topic_id);
            let name = by_id.map_or_else(|| topic.name.to_string(), |(name, _)| name.clone());
            let is_unknown = by_id.is_none() && topic.topic_id != Uuid::ZERO;
            let error = if is_unknown {
                Some(ErrorCode::UNKNOWN_TOPIC_ID)
            } else {
                error
            };
            for data in &topic.partition_data {
                let leader = self
                    .topics
                    .get(&name)
                    .and_then(|leaders| leaders.get(data.index as usize));
                let is_written = error.is_none_or(|error| error == AFTER_APPEND);
                let result = match error {
                    Some(error) if !is_written => Err(error),
                    _ if leader != Some(&node) => Err(ErrorCode::NOT_LEADER_OR_FOLLOWER),
                    _ => {
                        let key = (name.clone(), data.index);
                        let bytes = data.records.clone().unwrap().into_bytes();
                        let batches: Vec<_> =
                            RecordBatches::new(bytes).map(Result::unwrap).collect();
                        assert_eq!(batches.len(), 1, "one batch for a partition and request");
                        let offset = self.logs.entry(key).or_default().append(&batches[0]);
                        error.map_or(offset, Err)
                    }
                };
                // The epochs that metadata tells are 0.
                let leader_hint = leader.filter(|_| self.names_leaders && result.is_err());
                let current_leader = leader_hint.map(|&leader| LeaderIdAndEpoch {
                    leader_id: leader.into(),
                    leader_epoch: 1,
                });
                answers.push(PartitionProduceResponse {
                    current_leader: current_leader.unwrap_or_default(),
                    index: data.index,
                    error_code: result.err().unwrap_or(ErrorCode::NONE).code(),
                    base_offset: result.unwrap_or(-1),
                    log_append_time_ms: -1,
                    ..PartitionProduceResponse::default()
                });
            }
            response.responses.push(TopicProduceResponse {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partition_responses: answers,
            });
        }
        response
    }
}

fn added(request: &AddPartitionsToTxnRequest, code: i16) -> AddPartitionsToTxnResponse {
    let topics = request.v3_and_below_topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        AddPartitionsToTxnTopicResult {
            name: topic.name.clone(),
            results_by_partition: partitions
                .map(|&partition_index| AddPartitionsToTxnPartitionResult {
                    partition_index,
                    partition_error_code: code,
                })
                .collect(),
        }
    });
    AddPartitionsToTxnResponse {
        results_by_topic_v3_and_below: topics.collect(),
        ..AddPartitionsToTxnResponse::default()
    }
}

impl Log {
    /// Judge and append a batch as Kafka does.
    fn append(&mut self, batch: &RecordBatch) -> Result<i64, ErrorCode> {
        batch.verify_crc().unwrap();
        let base_offset = self.payloads.len() as i64;
        // Message sets know no producers.
        if let Some(header) = batch.header()
            && header.producer_id >= 0
        {
            let producer = self
                .producers
                .entry((header.producer_id, header.producer_epoch))
                .or_default();
            if let Some(&(_, offset)) = producer
                .written
                .iter()
                .find(|&&(base, _)| base == header.base_sequence)
            {
                return Ok(offset);
            }
            if header.base_sequence != producer.next_sequence {
                return Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
            }
            producer.next_sequence += header.record_count as i32;
            producer.written.push((header.base_sequence, base_offset));
        }
        let plain = batch.decompress(1 << 20).unwrap();
        for record in plain.records() {
            let value = record.unwrap().value.unwrap().to_vec();
            self.payloads.push(String::from_utf8(value).unwrap());
        }
        Ok(base_offset)
    }

    /// The epochs of the producers it remembers.
    pub(crate) fn epochs(&self) -> Vec<i16> {
        self.producers.keys().map(|&(_, epoch)| epoch).collect()
    }

    /// Forget a producer, as retention does.
    pub(crate) fn forget_producers(&mut self) {
        self.producers.clear();
    }
}
