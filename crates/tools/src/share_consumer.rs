//! A consumer of a share group (KIP-932), as small as the tools need it: one thread that joins, fetches, acknowledges
//! and leaves.
//!
//! Owns the member's epoch, its assignment, and a session with each broker that leads one of its partitions. Guarantees:
//! what was taken and not acknowledged goes back to the group when the consumer is closed, or when the group misses it.
//! Heartbeats are sent by [`ShareConsumer::poll`], which must therefore be called often.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use rdkafka_client::{ErrorCode, NodeId, Target};
use rdkafka_wire::messages::share_acknowledge::{
    AcknowledgePartition, AcknowledgeTopic, ShareAcknowledgeRequest,
};
use rdkafka_wire::messages::share_fetch::{
    AcknowledgementBatch, AcquiredRecords, FetchPartition, FetchTopic, ForgottenTopic,
    ShareFetchRequest,
};
use rdkafka_wire::messages::share_group_heartbeat::ShareGroupHeartbeatRequest;
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::cluster::{Cluster, checked};

/// How soon to ask again for an assignment that is not there yet.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// How long to wait where there is nothing to fetch from.
const IDLE: Duration = Duration::from_millis(50);
/// What one answer may bring.
const FETCH_BYTES: i32 = 50 * 1024 * 1024;
/// No more records than were asked for, rather than whole batches (KIP-1206).
const RECORD_LIMIT: i8 = 1;
/// Of the group: joins, leaves. Of a session: begins, ends.
const FIRST_EPOCH: i32 = 0;
const LAST_EPOCH: i32 = -1;

/// A partition by its topic's id.
type PartitionId = (Uuid, i32);

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is no record at this offset.
    Gap = 0,
    /// It is done with.
    Accept = 1,
    /// Somebody else may have it.
    Release = 2,
    /// Nobody is to have it again.
    Reject = 3,
}

/// Records that this member has for itself for a while.
#[derive(Debug)]
pub(crate) struct Taken {
    node: NodeId,
    id: PartitionId,
    pub(crate) topic: String,
    /// Whole batches, in which there may be records that are not this member's.
    pub(crate) batches: Bytes,
    pub(crate) acquired: Vec<AcquiredRecords>,
}

impl Taken {
    /// The partition.
    pub(crate) const fn partition(&self) -> i32 {
        self.id.1
    }

    /// How often this record has been delivered, this time included; `None` when it is not this member's.
    pub(crate) fn delivery(&self, offset: i64) -> Option<i16> {
        let mut acquired = self.acquired.iter();
        let range = acquired.find(|it| (it.first_offset..=it.last_offset).contains(&offset));
        range.map(|it| it.delivery_count)
    }
}

/// What a broker remembers of what is fetched from it.
#[derive(Debug, Default)]
struct Session {
    epoch: i32,
    partitions: BTreeSet<PartitionId>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct ShareConsumer<'a> {
    cluster: &'a Cluster,
    group: String,
    member: StrBytes,
    topics: Vec<String>,
    epoch: i32,
    heartbeat_at: Instant,
    assigned: BTreeSet<PartitionId>,
    names: BTreeMap<Uuid, String>,
    leaders: BTreeMap<PartitionId, NodeId>,
    sessions: BTreeMap<NodeId, Session>,
}

impl<'a> ShareConsumer<'a> {
    /// Joins when it is polled first.
    pub(crate) fn new(cluster: &'a Cluster, group: String, topics: Vec<String>) -> Self {
        let member = Uuid(std::array::from_fn(|_| fastrand::u8(..)));
        Self {
            cluster,
            group,
            member: member.to_string().into(),
            topics,
            epoch: FIRST_EPOCH,
            heartbeat_at: Instant::now(),
            assigned: BTreeSet::new(),
            names: BTreeMap::new(),
            leaders: BTreeMap::new(),
            sessions: BTreeMap::new(),
        }
    }

    /// Up to so many records, of which some may come after `wait`.
    pub(crate) fn poll(&mut self, records_max: i32, wait: Duration) -> Result<Vec<Taken>> {
        if Instant::now() >= self.heartbeat_at {
            self.heartbeat()?;
        }
        let mut wanted: BTreeMap<NodeId, BTreeSet<PartitionId>> = BTreeMap::new();
        for id in &self.assigned {
            if let Some(leader) = self.leaders.get(id) {
                wanted.entry(*leader).or_default().insert(*id);
            }
        }
        // A broker that leads nothing any more is told so, too.
        for node in self.sessions.keys() {
            wanted.entry(*node).or_default();
        }
        // Such a broker answers at once.
        if wanted.values().all(BTreeSet::is_empty) {
            std::thread::sleep(wait.min(IDLE));
        }
        let brokers = u32::try_from(wanted.len()).unwrap_or(u32::MAX).max(1);
        let mut taken = Vec::new();
        for (node, partitions) in wanted {
            taken.extend(self.fetch(node, partitions, records_max, wait / brokers)?);
        }
        Ok(taken)
    }

    fn heartbeat(&mut self) -> Result<()> {
        let is_joining = self.epoch == FIRST_EPOCH;
        let topics = self.topics.iter().map(|it| it.as_str().into());
        let request = ShareGroupHeartbeatRequest {
            group_id: self.group.as_str().into(),
            member_id: self.member.clone(),
            member_epoch: self.epoch,
            rack_id: None,
            subscribed_topic_names: is_joining.then(|| topics.collect()),
        };
        let answer = self
            .cluster
            .ask_group(&self.group, request, |it| it.error_code)?;
        let code = ErrorCode(answer.error_code);
        if matches!(
            code,
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::FENCED_MEMBER_EPOCH
        ) && !is_joining
        {
            // The group has given us up: join again.
            self.epoch = FIRST_EPOCH;
            self.assigned.clear();
            return Ok(());
        }
        checked(answer.error_code, answer.error_message.as_ref())?;
        self.epoch = answer.member_epoch;
        if let Some(assignment) = answer.assignment {
            let topics = assignment.topic_partitions.into_iter();
            let ids =
                topics.flat_map(|it| it.partitions.into_iter().map(move |at| (it.topic_id, at)));
            self.assigned = ids.collect();
        }
        if self
            .assigned
            .iter()
            .any(|id| !self.leaders.contains_key(id))
        {
            self.look_up()?;
        }
        let interval_ms = u64::try_from(answer.heartbeat_interval_ms).unwrap_or(0);
        let mut interval = Duration::from_millis(interval_ms.max(1));
        if self.assigned.is_empty() {
            interval = interval.min(ASK_AGAIN);
        }
        self.heartbeat_at = Instant::now() + interval;
        Ok(())
    }

    /// What the topics of the assignment are called, and who leads their partitions.
    fn look_up(&mut self) -> Result<()> {
        for topic in self.cluster.metadata(Some(&self.topics))?.topics {
            let Some(name) = topic.name.filter(|_| topic.error_code == 0) else {
                continue;
            };
            self.names.insert(topic.topic_id, name.to_string());
            for partition in topic.partitions.iter().filter(|it| it.leader_id >= 0) {
                let id = (topic.topic_id, partition.partition_index);
                self.leaders.insert(id, NodeId(partition.leader_id));
            }
        }
        Ok(())
    }

    fn fetch(
        &mut self,
        node: NodeId,
        wanted: BTreeSet<PartitionId>,
        records_max: i32,
        wait: Duration,
    ) -> Result<Vec<Taken>> {
        let session = self.sessions.entry(node).or_default();
        let added = wanted.difference(&session.partitions).copied();
        let dropped = session.partitions.difference(&wanted).copied();
        let request = ShareFetchRequest {
            group_id: Some(self.group.as_str().into()),
            member_id: Some(self.member.clone()),
            share_session_epoch: session.epoch,
            max_wait_ms: i32::try_from(wait.as_millis()).unwrap_or(i32::MAX),
            min_bytes: 1,
            max_bytes: FETCH_BYTES,
            max_records: records_max,
            batch_size: records_max,
            share_acquire_mode: RECORD_LIMIT,
            topics: by_topic(added)
                .map(|(topic_id, partitions)| FetchTopic {
                    topic_id,
                    partitions: partitions
                        .into_iter()
                        .map(|partition_index| FetchPartition {
                            partition_index,
                            acknowledgement_batches: Vec::new(),
                        })
                        .collect(),
                })
                .collect(),
            forgotten_topics_data: by_topic(dropped)
                .map(|(topic_id, partitions)| ForgottenTopic {
                    topic_id,
                    partitions,
                })
                .collect(),
            is_renew_ack: false,
        };
        let answer = self.cluster.ask(Target::Node(node), request)?;
        if is_session_lost(ErrorCode(answer.error_code)) {
            self.sessions.remove(&node);
            return Ok(Vec::new());
        }
        checked(answer.error_code, answer.error_message.as_ref())?;
        session.epoch = next_epoch(session.epoch);
        session.partitions = wanted;
        let mut taken = Vec::new();
        for topic in answer.responses {
            for partition in topic.partitions {
                let id = (topic.topic_id, partition.partition_index);
                if has_moved(ErrorCode(partition.error_code)) {
                    self.leaders.remove(&id);
                    self.heartbeat_at = Instant::now();
                    continue;
                }
                checked(partition.error_code, partition.error_message.as_ref())?;
                if !partition.acquired_records.is_empty() {
                    taken.push(Taken {
                        node,
                        id,
                        topic: self.names.get(&id.0).cloned().unwrap_or_default(),
                        batches: partition.records.into_bytes(),
                        acquired: partition.acquired_records,
                    });
                }
            }
        }
        Ok(taken)
    }

    /// Says what became of the records; `verdict` is asked about each offset.
    pub(crate) fn acknowledge(
        &mut self,
        taken: &Taken,
        verdict: impl Fn(i64) -> Verdict,
    ) -> Result<()> {
        // Without its session the records have gone back already.
        let Some(session) = self.sessions.get_mut(&taken.node) else {
            return Ok(());
        };
        let batches = taken.acquired.iter().map(|range| AcknowledgementBatch {
            first_offset: range.first_offset,
            last_offset: range.last_offset,
            acknowledge_types: (range.first_offset..=range.last_offset)
                .map(|offset| verdict(offset) as i8)
                .collect(),
        });
        let request = ShareAcknowledgeRequest {
            group_id: Some(self.group.as_str().into()),
            member_id: Some(self.member.clone()),
            share_session_epoch: session.epoch,
            is_renew_ack: false,
            topics: vec![AcknowledgeTopic {
                topic_id: taken.id.0,
                partitions: vec![AcknowledgePartition {
                    partition_index: taken.id.1,
                    acknowledgement_batches: batches.collect(),
                }],
            }],
        };
        session.epoch = next_epoch(session.epoch);
        let answer = self.cluster.ask(Target::Node(taken.node), request)?;
        if is_session_lost(ErrorCode(answer.error_code)) {
            self.sessions.remove(&taken.node);
        }
        checked(answer.error_code, answer.error_message.as_ref())?;
        let mut partitions = answer.responses.iter().flat_map(|it| &it.partitions);
        let failed = partitions.find(|it| it.error_code != 0);
        failed.map_or(Ok(()), |it| {
            checked(it.error_code, it.error_message.as_ref())
        })
    }

    /// Gives back what is not acknowledged, and leaves.
    pub(crate) fn close(self) -> Result<()> {
        let member_id = Some(self.member.clone());
        let group_id: StrBytes = self.group.as_str().into();
        for node in self.sessions.keys() {
            let request = ShareAcknowledgeRequest {
                group_id: Some(group_id.clone()),
                member_id: member_id.clone(),
                share_session_epoch: LAST_EPOCH,
                is_renew_ack: false,
                topics: Vec::new(),
            };
            let code = self.cluster.ask(Target::Node(*node), request)?.error_code;
            if !is_session_lost(ErrorCode(code)) {
                checked(code, None)?;
            }
        }
        if self.epoch == FIRST_EPOCH {
            return Ok(());
        }
        let request = ShareGroupHeartbeatRequest {
            group_id,
            member_id: self.member,
            member_epoch: LAST_EPOCH,
            rack_id: None,
            subscribed_topic_names: None,
        };
        let answer = self
            .cluster
            .ask_group(&self.group, request, |it| it.error_code)?;
        match ErrorCode(answer.error_code) {
            // It was given up before it could leave.
            ErrorCode::UNKNOWN_MEMBER_ID => Ok(()),
            _ => checked(answer.error_code, answer.error_message.as_ref()),
        }
    }
}

fn by_topic(ids: impl Iterator<Item = PartitionId>) -> impl Iterator<Item = (Uuid, Vec<i32>)> {
    let mut topics: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for (topic, partition) in ids {
        topics.entry(topic).or_default().push(partition);
    }
    topics.into_iter()
}

/// Epochs of a session go from the largest back to 1.
fn next_epoch(epoch: i32) -> i32 {
    epoch.checked_add(1).unwrap_or(1)
}

/// Whether the next fetch has to begin a new session.
fn is_session_lost(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::SHARE_SESSION_NOT_FOUND
            | ErrorCode::INVALID_SHARE_SESSION_EPOCH
            | ErrorCode::SHARE_SESSION_LIMIT_REACHED
    )
}

fn has_moved(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NOT_LEADER_OR_FOLLOWER
            | ErrorCode::FENCED_LEADER_EPOCH
            | ErrorCode::UNKNOWN_TOPIC_ID
            | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            | ErrorCode::LEADER_NOT_AVAILABLE
    )
}
