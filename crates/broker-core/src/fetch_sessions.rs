//! Fetch sessions (KIP-227): what a client reads from, remembered, so that it need not say it each time.
//!
//! An incremental answer leaves out partitions of which the client knows everything already.
//!
//! Owns: [`FetchSessions`], bounded by `max.incremental.fetch.session.cache.slots`. Guarantees: a session that is not used makes room
//! for a new one; when all were used lately, a client gets no session and sends full requests, which is always right.
//! Leaves to others: reading (`api/fetch`). Runs on the shard thread.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic, PartitionData};
use rdkafka_wire::types::{StrBytes, Uuid};

/// What of a partition was told last; what is the same again is left out of an incremental answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    high_watermark: i64,
    last_stable_offset: i64,
    log_start_offset: i64,
}

#[derive(Debug)]
struct Session {
    next_epoch: i32,
    used: Duration,
    /// In the order they were added.
    topics: Vec<FetchTopic>,
    told: HashMap<(StrBytes, Uuid, i32), Told>,
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct FetchSessions(HashMap<i32, Session>);

/// How a request stands to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Everything is in the request; no session is wanted, or there is no room for one.
    Full,
    /// Everything is in the request, and remembered as this session.
    New(i32),
    /// The request was completed from this session.
    Incremental(i32),
}

impl FetchSessions {
    /// Finds or makes the session of a request, and completes the request from it.
    pub(crate) fn open(
        &mut self,
        request: &mut FetchRequest,
        slots: usize,
        now: Duration,
        rng: &mut fastrand::Rng,
    ) -> Result<Standing, ErrorCode> {
        let (id, epoch) = (request.session_id, request.session_epoch);
        if epoch == FINAL_EPOCH {
            self.0.remove(&id);
            return Ok(Standing::Full);
        }
        if epoch == INITIAL_EPOCH {
            self.0.remove(&id);
            return Ok(self.create(request, slots, now, rng));
        }
        if id == 0 {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        let session = self
            .0
            .get_mut(&id)
            .ok_or(ErrorCode::FETCH_SESSION_ID_NOT_FOUND)?;
        if session.next_epoch != epoch {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        session.next_epoch = epoch.checked_add(1).unwrap_or(1);
        session.used = now;
        session.update(request);
        request.topics = session.topics.clone();
        Ok(Standing::Incremental(id))
    }

    /// Forgets a session.
    pub(crate) fn close(&mut self, id: i32) {
        self.0.remove(&id);
    }

    fn create(
        &mut self,
        request: &FetchRequest,
        slots: usize,
        now: Duration,
        rng: &mut fastrand::Rng,
    ) -> Standing {
        if request.topics.is_empty() {
            return Standing::Full;
        }
        if self.0.len() >= slots {
            let oldest = self.0.iter().min_by_key(|(_, session)| session.used);
            let idle = oldest.filter(|(_, it)| now.saturating_sub(it.used) > EVICTED_AFTER);
            match idle.map(|(id, _)| *id) {
                Some(id) if slots > 0 => self.0.remove(&id),
                _ => return Standing::Full,
            };
        }
        let mut id = rng.i32(1..);
        while self.0.contains_key(&id) {
            id = rng.i32(1..);
        }
        let mut session = Session {
            next_epoch: 1,
            used: now,
            topics: Vec::new(),
            told: HashMap::new(),
        };
        session.update(request);
        self.0.insert(id, session);
        Standing::New(id)
    }

    /// Whether something about a partition is new to the client of a session; it is told now.
    pub(crate) fn is_news(
        &mut self,
        id: i32,
        topic: (&StrBytes, Uuid),
        partition: &PartitionData,
    ) -> bool {
        let told = Told {
            high_watermark: partition.high_watermark,
            last_stable_offset: partition.last_stable_offset,
            log_start_offset: partition.log_start_offset,
        };
        let key = (
            topic.0.copy_out_of_frame(),
            topic.1,
            partition.partition_index,
        );
        let session = self.0.get_mut(&id);
        session.is_none_or(|it| it.told.insert(key, told) != Some(told))
    }
}

impl Session {
    /// Takes in what a request adds, changes and forgets.
    fn update(&mut self, request: &FetchRequest) {
        for forgotten in &request.forgotten_topics_data {
            let is_it =
                |it: &FetchTopic| it.topic == forgotten.topic && it.topic_id == forgotten.topic_id;
            for topic in self.topics.iter_mut().filter(|it| is_it(it)) {
                topic
                    .partitions
                    .retain(|it| !forgotten.partitions.contains(&it.partition));
            }
            for partition in &forgotten.partitions {
                let key = (forgotten.topic.clone(), forgotten.topic_id, *partition);
                self.told.remove(&key);
            }
        }
        self.topics.retain(|topic| !topic.partitions.is_empty());
        for topic in &request.topics {
            let known = self
                .topics
                .iter_mut()
                .find(|it| it.topic == topic.topic && it.topic_id == topic.topic_id);
            match known {
                Some(known) => known.take_in(&topic.partitions),
                None => self.topics.push(FetchTopic {
                    // A session outlives the frame by far.
                    topic: topic.topic.copy_out_of_frame(),
                    ..topic.clone()
                }),
            }
        }
    }
}

trait TakeIn {
    fn take_in(&mut self, partitions: &[FetchPartition]);
}

impl TakeIn for FetchTopic {
    fn take_in(&mut self, partitions: &[FetchPartition]) {
        for partition in partitions {
            match self
                .partitions
                .iter_mut()
                .find(|it| it.partition == partition.partition)
            {
                Some(known) => *known = partition.clone(),
                None => self.partitions.push(partition.clone()),
            }
        }
    }
}

const INITIAL_EPOCH: i32 = 0;
const FINAL_EPOCH: i32 = -1;
/// A session that was used since is not thrown out for a new one.
const EVICTED_AFTER: Duration = Duration::from_secs(120);
