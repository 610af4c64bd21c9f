//! What the scripted brokers know: logs, leaders, committed offsets, the errors a test has planned.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use rdkafka_client_core::io::{BrokerId, Moment};
use rdkafka_wire::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use rdkafka_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use rdkafka_wire::messages::offset_commit::OffsetCommitRequest;
use rdkafka_wire::types::StrBytes;
use rdkafka_wire::{ApiKey, ErrorCode, FrameReader, Uuid};

use crate::fetch_answers::{name_of, topic_name};

/// A request the broker has got.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) connection: BrokerId,
    pub(crate) key: ApiKey,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    pub(crate) body: FrameReader,
}

/// A Fetch that waits for records.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) wanted: Vec<FetchTopic>,
    pub(crate) asked: Asked,
    pub(crate) until: Moment,
}

/// The broker's side.
#[derive(Debug, Default)]
pub(crate) struct Broker {
    /// Record batches of each partition.
    pub(crate) logs: BTreeMap<(String, i32), Vec<Bytes>>,
    /// Where each partition's log starts.
    pub(crate) log_starts: BTreeMap<(String, i32), i64>,
    /// Committed offsets.
    pub(crate) committed: BTreeMap<(String, i32), i64>,
    /// Errors to answer the next requests of a key with.
    pub(crate) errors: BTreeMap<ApiKey, VecDeque<ErrorCode>>,
    /// Keys whose requests are not answered for now.
    pub(crate) held: Vec<ApiKey>,
    pub(crate) waiting: Vec<Asked>,
    pub(crate) parked: Vec<Parked>,
    /// Topics have no ids, as before Kafka 2.8.
    pub(crate) has_no_topic_ids: bool,
    /// Requests so far, by key.
    pub(crate) counts: BTreeMap<ApiKey, usize>,
    /// The generations of commits so far.
    pub(crate) commit_generations: Vec<i32>,
    pub(crate) member: Option<(StrBytes, Bytes)>,
    pub(crate) generation: i32,
    /// Who leads each partition, and in which epoch; node 1 in epoch 0 unless said.
    pub(crate) leaders: BTreeMap<(String, i32), (i32, i32)>,
    /// Where each leader epoch of a partition ends, for OffsetForLeaderEpoch.
    pub(crate) epoch_ends: BTreeMap<(String, i32, i32), (i32, i64)>,
    /// A replica closer than the leader.
    pub(crate) preferred: Option<i32>,
    /// The next fetch gets nothing but the word that it is throttled, for so long.
    pub(crate) throttle_ms: i32,
    /// Fetch sessions are kept.
    pub(crate) keeps_sessions: bool,
    pub(crate) session: BTreeMap<(String, i32), (Uuid, FetchPartition)>,
    pub(crate) session_epoch: i32,
    /// The sizes of fetch requests so far: partitions told, and node asked.
    pub(crate) fetches: Vec<(usize, i32)>,
    /// Commits so far, as they came.
    pub(crate) commits: Vec<OffsetCommitRequest>,
    /// What does not fit comes cut off, as Kafka's log gives it, not left out.
    pub(crate) cuts_batches: bool,
    /// A fetch being answered has got a batch.
    pub(crate) has_given: bool,
    /// Commits that went back: from, to.
    pub(crate) went_back: Vec<(i64, i64)>,
    /// Committed leader epochs, where not -1.
    pub(crate) committed_epochs: BTreeMap<(String, i32), i32>,
    /// New protocol: what the one member should own, by topic.
    pub(crate) target: BTreeMap<String, Vec<i32>>,
    /// New protocol: heartbeats so far.
    pub(crate) beats: Vec<ConsumerGroupHeartbeatRequest>,
}

impl Broker {
    pub(crate) fn end(&self, topic: &str, partition: i32) -> i64 {
        let log = self.logs.get(&(topic.to_owned(), partition));
        log.and_then(|batches| batches.last())
            .map_or(0, |last| end_of(last))
    }

    pub(crate) fn start(&self, topic: &str, partition: i32) -> i64 {
        self.log_starts
            .get(&(topic.to_owned(), partition))
            .copied()
            .unwrap_or(0)
    }

    /// Makes a node the leader of a partition, in the next epoch.
    pub(crate) fn lead(&mut self, topic: &str, partition: i32, node: i32) {
        let key = (topic.to_owned(), partition);
        let (_, epoch) = self.leader(topic, partition);
        self.leaders.insert(key, (node, epoch + 1));
    }

    pub(crate) fn leader(&self, topic: &str, partition: i32) -> (i32, i32) {
        let known = self.leaders.get(&(topic.to_owned(), partition));
        known.copied().unwrap_or((1, 0))
    }

    /// Forgets the fetch session.
    pub(crate) fn evict_session(&mut self) {
        self.session.clear();
        self.session_epoch = 0;
    }

    /// What a fetch is about, by its session.
    pub(crate) fn session(&mut self, request: &FetchRequest) -> (ErrorCode, Vec<FetchTopic>) {
        if !self.keeps_sessions || request.session_epoch < 0 {
            return (ErrorCode::NONE, request.topics.clone());
        }
        if request.session_epoch == 0 {
            self.evict_session();
        } else if self.session_epoch == 0 {
            return (ErrorCode::FETCH_SESSION_ID_NOT_FOUND, vec![]);
        } else if self.session_epoch != request.session_epoch {
            return (ErrorCode::INVALID_FETCH_SESSION_EPOCH, vec![]);
        }
        self.session_epoch = request.session_epoch + 1;
        for gone in &request.forgotten_topics_data {
            for partition in &gone.partitions {
                self.session.remove(&(name_of(gone.topic_id), *partition));
            }
        }
        for topic in &request.topics {
            for partition in &topic.partitions {
                let key = (topic_name(topic), partition.partition);
                self.session
                    .insert(key, (topic.topic_id, partition.clone()));
            }
        }
        let topic = |(topic_id, partition): &(Uuid, FetchPartition)| FetchTopic {
            topic_id: *topic_id,
            partitions: vec![partition.clone()],
            ..Default::default()
        };
        (ErrorCode::NONE, self.session.values().map(topic).collect())
    }

    pub(crate) fn error(&mut self, key: ApiKey) -> ErrorCode {
        self.errors
            .get_mut(&key)
            .and_then(VecDeque::pop_front)
            .unwrap_or(ErrorCode::NONE)
    }
}

/// The offset behind a batch.
pub(crate) fn end_of(batch: &[u8]) -> i64 {
    let header = rdkafka_records::BatchHeader::parse(batch).unwrap();
    header.base_offset + i64::from(header.record_count)
}
