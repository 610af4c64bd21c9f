//! Fetch sessions (KIP-227): what a client reads from, remembered, so that it need not say it each time.
//!
//! An incremental answer leaves out partitions of which the client knows everything already.
//!
//! Owns: [`FetchSessions`], bounded by `max.incremental.fetch.session.cache.slots` and by how much is remembered in all. Guarantees: a
//! session that is not used makes room for a new one; when all were used lately, a client gets no session and sends
//! full requests, which is always right. Within a session what was read moves behind what was not, so that nothing starves
//! where an answer has not room for all. Leaves to others: reading (`api/fetch`). Runs on the shard thread.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic, PartitionData};
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::topics::NAME_LEN_MAX;

/// What of a partition was told last; what is the same again is left out of an incremental answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    high_watermark: i64,
    last_stable_offset: i64,
    log_start_offset: i64,
}

/// A topic as the client names it, by its name or its id, and the number of the partition.
type Key = (StrBytes, Uuid, i32);

#[derive(Debug)]
struct Member {
    topic: StrBytes,
    topic_id: Uuid,
    wanted: FetchPartition,
    told: Option<Told>,
}

#[derive(Debug)]
struct Session {
    next_epoch: i32,
    used: Duration,
    /// By their turn.
    members: BTreeMap<u64, Member>,
    turns: HashMap<Key, u64>,
    next_turn: u64,
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct FetchSessions {
    sessions: HashMap<i32, Session>,
    /// How many partitions they remember in all.
    remembered: usize,
}

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
            self.close(id);
            return Ok(Standing::Full);
        }
        if epoch == INITIAL_EPOCH {
            self.close(id);
            return Ok(self.create(request, slots, now, rng));
        }
        if id == 0 {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        let session = self
            .sessions
            .get_mut(&id)
            .ok_or(ErrorCode::FETCH_SESSION_ID_NOT_FOUND)?;
        if session.next_epoch != epoch {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        session.next_epoch = epoch.checked_add(1).unwrap_or(1);
        session.used = now;
        let before = session.members.len();
        session.update(request);
        self.remembered = self.remembered + session.members.len() - before;
        let is_fit = can_be_remembered(request);
        request.topics = session.topics();
        if !is_fit || self.remembered > REMEMBERED_MAX {
            self.close(id);
            return Ok(Standing::Full);
        }
        Ok(Standing::Incremental(id))
    }

    /// Forgets a session.
    pub(crate) fn close(&mut self, id: i32) {
        if let Some(session) = self.sessions.remove(&id) {
            self.remembered -= session.members.len();
        }
    }

    fn create(
        &mut self,
        request: &FetchRequest,
        slots: usize,
        now: Duration,
        rng: &mut fastrand::Rng,
    ) -> Standing {
        let asked: usize = request.topics.iter().map(|it| it.partitions.len()).sum();
        if request.topics.is_empty() || !can_be_remembered(request) {
            return Standing::Full;
        }
        let has_room = |it: &Self| it.remembered + asked <= REMEMBERED_MAX;
        if self.sessions.len() >= slots || !has_room(self) {
            let oldest = self.sessions.iter().min_by_key(|(_, it)| it.used);
            let idle = oldest.filter(|(_, it)| now.saturating_sub(it.used) > EVICTED_AFTER);
            match idle.map(|(id, _)| *id) {
                Some(id) if slots > 0 => self.close(id),
                _ => return Standing::Full,
            }
            if !has_room(self) {
                return Standing::Full;
            }
        }
        let mut id = rng.i32(1..);
        while self.sessions.contains_key(&id) {
            id = rng.i32(1..);
        }
        let mut session = Session {
            next_epoch: 1,
            used: now,
            members: BTreeMap::new(),
            turns: HashMap::new(),
            next_turn: 0,
        };
        session.update(request);
        self.remembered += session.members.len();
        self.sessions.insert(id, session);
        Standing::New(id)
    }

    /// A partition's part of an answer: whether something about it is new to the client, which is told now. One that has records
    /// goes behind the others.
    pub(crate) fn tell(
        &mut self,
        id: i32,
        (topic, topic_id): (&StrBytes, Uuid),
        partition: &PartitionData,
        has_records: bool,
    ) -> bool {
        let Some(session) = self.sessions.get_mut(&id) else {
            return true;
        };
        let key = (topic.clone(), topic_id, partition.partition_index);
        if has_records {
            session.move_back(&key);
        }
        let told = Told {
            high_watermark: partition.high_watermark,
            last_stable_offset: partition.last_stable_offset,
            log_start_offset: partition.log_start_offset,
        };
        let turn = session.turns.get(&key);
        let member = turn.and_then(|turn| session.members.get_mut(turn));
        member.is_none_or(|it| it.told.replace(told) != Some(told))
    }
}

/// Whether a request is none that could not be answered anyway: each name costs memory for as long as the session is used.
fn can_be_remembered(request: &FetchRequest) -> bool {
    let mut topics = request.topics.iter();
    topics.all(|topic| topic.topic.len() <= NAME_LEN_MAX)
}

impl Session {
    /// Takes in what a request adds, changes and forgets.
    fn update(&mut self, request: &FetchRequest) {
        for forgotten in &request.forgotten_topics_data {
            for partition in &forgotten.partitions {
                let key = (forgotten.topic.clone(), forgotten.topic_id, *partition);
                if let Some(turn) = self.turns.remove(&key) {
                    self.members.remove(&turn);
                }
            }
        }
        for topic in &request.topics {
            // A session outlives the frame by far.
            let name = topic.topic.copy_out_of_frame();
            for wanted in &topic.partitions {
                self.take_in(&name, topic.topic_id, wanted);
            }
        }
    }

    fn take_in(&mut self, topic: &StrBytes, topic_id: Uuid, wanted: &FetchPartition) {
        let key = (topic.clone(), topic_id, wanted.partition);
        let turn = *self.turns.entry(key).or_insert(self.next_turn);
        if let Some(member) = self.members.get_mut(&turn) {
            member.wanted = wanted.clone();
            return;
        }
        self.next_turn += 1;
        let member = Member {
            topic: topic.clone(),
            topic_id,
            wanted: wanted.clone(),
            told: None,
        };
        self.members.insert(turn, member);
    }

    fn move_back(&mut self, key: &Key) {
        let Some(turn) = self.turns.get_mut(key) else {
            return;
        };
        if let Some(member) = self.members.remove(turn) {
            *turn = self.next_turn;
            self.members.insert(*turn, member);
            self.next_turn += 1;
        }
    }

    /// What the session reads, in the order of turns; neighbours of a topic are together.
    fn topics(&self) -> Vec<FetchTopic> {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for member in self.members.values() {
            match topics.last_mut() {
                Some(last) if last.topic == member.topic && last.topic_id == member.topic_id => {
                    last.partitions.push(member.wanted.clone());
                }
                _ => topics.push(FetchTopic {
                    topic: member.topic.clone(),
                    topic_id: member.topic_id,
                    partitions: vec![member.wanted.clone()],
                }),
            }
        }
        topics
    }
}

const INITIAL_EPOCH: i32 = 0;
const FINAL_EPOCH: i32 = -1;
/// A session that was used since is not thrown out for a new one.
const EVICTED_AFTER: Duration = Duration::from_secs(120);
/// How many partitions all sessions remember, at about 300 bytes each.
const REMEMBERED_MAX: usize = 500_000;
