//! Random lives of groups: after every step, replaying all records gives the durable state that the live coordinator
//! has, nobody is answered twice, and a generation has one leader.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use rdkafka_wire::messages::leave_group::LeaveGroupRequest;
use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use rdkafka_wire::{ApiKey, ErrorCode};

use super::classic::State;
use super::records::GroupSnapshot;
use super::*;

/// A journal that remembers, and fails now and then.
struct Records {
    written: Vec<GroupRecord>,
    rng: fastrand::Rng,
    failure_every: usize,
}

impl TopicView for Records {
    fn topics_version(&self) -> u64 {
        1
    }

    fn topic(&self, _: &str) -> Option<(Uuid, i32)> {
        None
    }

    fn topic_name(&self, _: Uuid) -> Option<StrBytes> {
        None
    }

    fn topic_names(&self) -> Vec<StrBytes> {
        Vec::new()
    }
}

impl Journal for Records {
    fn append(&mut self, _: &str, records: &[GroupRecord]) -> Result<(), ErrorCode> {
        if self.failure_every > 0 && self.rng.usize(..self.failure_every) == 0 {
            return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE);
        }
        for record in records {
            let (key, value) = record.encode();
            assert_eq!(GroupRecord::decode(key, value).as_ref(), Ok(record));
        }
        self.written.extend_from_slice(records);
        Ok(())
    }

    fn append_pending(
        &mut self,
        _: &str,
        _: &[GroupRecord],
        _: Producer,
    ) -> Result<i32, ErrorCode> {
        Ok(0)
    }
}

#[derive(Clone, Default)]
struct Client {
    member_id: StrBytes,
    generation: i32,
    instance_id: Option<StrBytes>,
}

struct World {
    coordinator: GroupCoordinator,
    journal: Records,
    rng: fastrand::Rng,
    now: Now,
    clients: Vec<Client>,
    waiting: BTreeMap<u64, usize>,
    answered: HashSet<u64>,
    next_slot: u64,
}

fn config() -> GroupConfig {
    GroupConfig {
        streams_max_size: 10,
        min_session_ms: 1,
        max_session_ms: 1_000_000,
        max_size: 4,
        initial_rebalance_delay: Duration::ZERO,
        offsets_retention_ms: 50_000,
        consumer_max_size: 4,
        assignors: vec!["uniform".into()],
        migration_policy: "bidirectional".into(),
        consumer: GroupProperties::default(),
        own: HashMap::new(),
    }
}

impl World {
    fn new(seed: u64, failure_every: usize) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut clients = vec![Client::default(); 5];
        clients[3].instance_id = Some("static-3".into());
        clients[4].instance_id = Some("static-4".into());
        Self {
            coordinator: GroupCoordinator::new(config(), rng.fork()),
            journal: Records {
                written: Vec::new(),
                rng: rng.fork(),
                failure_every,
            },
            rng,
            now: Now {
                mono: Duration::from_secs(1),
                unix_ms: 1_000_000,
            },
            clients,
            waiting: BTreeMap::new(),
            answered: HashSet::new(),
            next_slot: 0,
        }
    }

    fn ticket(&mut self, client: usize, key: ApiKey, version: i16) -> Ticket {
        let slot = self.next_slot;
        self.next_slot += 1;
        self.waiting.insert(slot, client);
        let connection = ConnectionId(u64::try_from(client).unwrap());
        Ticket {
            connection,
            slot,
            key,
            version,
            correlation_id: 0,
        }
    }

    fn step(&mut self) {
        let client = self.rng.usize(..self.clients.len());
        match self.rng.u8(..12) {
            0..=3 => self.join(client),
            4..=6 => self.sync(client),
            7 => self.heartbeat(client),
            8 => self.leave(client),
            9 => self.commit(client),
            10 => self.pass_time(),
            _ => match self.rng.u8(..4) {
                0 => self.coordinator.disconnected(
                    ConnectionId(client as u64),
                    self.now,
                    &mut self.journal,
                ),
                1 => drop(self.coordinator.expire_offsets(self.now, &mut self.journal)),
                2 => drop(
                    self.coordinator
                        .delete(&"g".into(), self.now, &mut self.journal),
                ),
                _ => self.clients[client].member_id = StrBytes::default(),
            },
        }
        self.take_answers();
        self.check();
    }

    fn join(&mut self, client: usize) {
        let version = self.rng.i16(0..=9);
        let Client {
            member_id,
            instance_id,
            ..
        } = self.clients[client].clone();
        let instance_id = instance_id.filter(|_| version >= 5);
        let protocols = JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: Bytes::from_static(b"meta"),
        };
        let request = JoinGroupRequest {
            group_id: "g".into(),
            session_timeout_ms: 10_000,
            rebalance_timeout_ms: 20_000,
            member_id,
            group_instance_id: instance_id,
            protocol_type: "consumer".into(),
            protocols: vec![protocols],
            ..JoinGroupRequest::default()
        };
        let caller = Caller {
            client_id: "c".into(),
            client_host: "/h".into(),
        };
        let ticket = self.ticket(client, ApiKey::JoinGroup, version);
        self.coordinator
            .join(request, caller, ticket, self.now, &mut self.journal);
    }

    fn sync(&mut self, client: usize) {
        let Client {
            member_id,
            generation,
            ..
        } = self.clients[client].clone();
        let assignments = self
            .clients
            .iter()
            .map(|client| SyncGroupRequestAssignment {
                member_id: client.member_id.clone(),
                assignment: Bytes::from(format!("part {generation}")),
            });
        let request = SyncGroupRequest {
            group_id: "g".into(),
            generation_id: generation,
            member_id,
            assignments: assignments.collect(),
            ..SyncGroupRequest::default()
        };
        let ticket = self.ticket(client, ApiKey::SyncGroup, 5);
        self.coordinator
            .sync(request, ticket, self.now, &mut self.journal);
    }

    fn heartbeat(&mut self, client: usize) {
        let Client {
            member_id,
            generation,
            ..
        } = self.clients[client].clone();
        let request = HeartbeatRequest {
            group_id: "g".into(),
            generation_id: generation,
            member_id,
            ..HeartbeatRequest::default()
        };
        let code = self
            .coordinator
            .heartbeat(&request, self.now, &mut self.journal);
        self.heard(client, code);
    }

    fn leave(&mut self, client: usize) {
        let member_id = self.clients[client].member_id.clone();
        let request = LeaveGroupRequest {
            group_id: "g".into(),
            member_id,
            ..LeaveGroupRequest::default()
        };
        self.coordinator
            .leave(&request, 1, self.now, &mut self.journal);
    }

    fn commit(&mut self, client: usize) {
        let Client {
            member_id,
            generation,
            ..
        } = self.clients[client].clone();
        let value = CommittedOffset {
            offset: self.rng.i64(0..100),
            leader_epoch: 0,
            metadata: "m".into(),
            commit_timestamp: self.now.unix_ms,
            expire_timestamp: None,
        };
        let simple = self.rng.u8(..4) == 0;
        let commit = Commit {
            group_id: "g".into(),
            generation: if simple { -1 } else { generation },
            member_id: if simple {
                StrBytes::default()
            } else {
                member_id
            },
            instance_id: None,
            knows_epochs: true,
            offsets: vec![("t".into(), self.rng.i32(0..3), value)],
        };
        let code = self
            .coordinator
            .commit(commit, self.now, &mut self.journal)
            .err()
            .unwrap_or(ErrorCode::NONE);
        self.heard(client, code);
    }

    fn pass_time(&mut self) {
        let by = Duration::from_millis(self.rng.u64(0..8_000));
        self.now.mono += by;
        self.now.unix_ms += i64::try_from(by.as_millis()).unwrap();
        self.coordinator.expire(self.now, &mut self.journal);
        let next = self.coordinator.next_deadline();
        assert!(
            next.is_none_or(|next| next > self.now.mono),
            "expire leaves nothing due"
        );
    }

    fn heard(&mut self, client: usize, code: ErrorCode) {
        if matches!(
            code,
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::FENCED_INSTANCE_ID
        ) {
            self.clients[client].member_id = StrBytes::default();
        }
    }

    fn take_answers(&mut self) {
        for (ticket, response) in self.coordinator.take_replies() {
            assert!(self.answered.insert(ticket.slot), "answered twice");
            let client = self
                .waiting
                .remove(&ticket.slot)
                .expect("an answer to nobody");
            match response {
                Response::JoinGroup(join) => {
                    match ErrorCode(join.error_code) {
                        ErrorCode::NONE => self.clients[client].generation = join.generation_id,
                        ErrorCode::MEMBER_ID_REQUIRED => {}
                        code => {
                            self.heard(client, code);
                            continue;
                        }
                    }
                    self.clients[client].member_id = join.member_id;
                }
                Response::SyncGroup(sync) => self.heard(client, ErrorCode(sync.error_code)),
                other => panic!("{other:?}"),
            }
        }
    }

    fn check(&self) {
        let mut replayed = GroupCoordinator::new(config(), fastrand::Rng::with_seed(0));
        for record in &self.journal.written {
            replayed.replay(record.clone(), self.now);
        }
        assert_eq!(durable(&replayed), durable(&self.coordinator));
        for group in self.coordinator.groups.values() {
            check_group(group);
        }
        // Whoever waits is known to the group, or its connection would hang.
        let parked: usize = self.coordinator.groups.values().map(parked).sum();
        assert_eq!(parked, self.waiting.len());
    }
}

type Durable = BTreeMap<StrBytes, (Option<GroupSnapshot>, offsets::CommittedOffsets)>;

fn durable(coordinator: &GroupCoordinator) -> Durable {
    let kept = coordinator
        .groups
        .values()
        .filter(|it| it.durable.is_some() || !it.offsets.is_empty());
    kept.map(|it| (it.id.clone(), (it.durable.clone(), it.offsets.clone())))
        .collect()
}

fn parked(group: &Group) -> usize {
    let tickets = group
        .members
        .values()
        .map(|it| usize::from(it.joining.is_some()) + usize::from(it.syncing.is_some()));
    tickets.sum()
}

fn check_group(group: &Group) {
    for member in group.members.values() {
        assert!(
            !group.pending.contains_key(&member.id),
            "a member is not pending"
        );
        if let Some(instance_id) = &member.instance_id {
            assert_eq!(group.instances.get(instance_id), Some(&member.id));
        }
    }
    let statics = group
        .members
        .values()
        .filter(|it| it.instance_id.is_some())
        .count();
    assert_eq!(group.instances.len(), statics);
    match group.state {
        State::Empty => assert!(group.members.is_empty()),
        State::PreparingRebalance => assert!(group.gathering.is_some()),
        State::CompletingRebalance | State::Stable => {
            assert!(
                group
                    .leader
                    .as_ref()
                    .is_some_and(|id| group.members.contains_key(id)),
                "the leader is a member"
            );
            assert!(group.protocol.is_some());
        }
    }
    if group.state == State::Stable {
        let snapshot = group
            .durable
            .as_ref()
            .expect("a stable generation is durable");
        assert_eq!(snapshot.generation, group.generation);
        assert_eq!(snapshot.members.len(), group.members.len());
    }
}

#[test]
fn replaying_all_records_gives_the_live_state_after_every_step() {
    for seed in 0..150 {
        let mut world = World::new(seed, 0);
        for _ in 0..300 {
            world.step();
        }
    }
}

#[test]
fn a_journal_that_fails_leaves_groups_consistent() {
    for seed in 0..100 {
        let mut world = World::new(seed, 5);
        for _ in 0..300 {
            world.step();
        }
    }
}

#[test]
fn everybody_who_waits_is_answered_in_the_end() {
    for seed in 0..100 {
        let mut world = World::new(seed, 0);
        for _ in 0..100 {
            world.step();
        }
        for _ in 0..200 {
            world.now.mono += Duration::from_secs(20);
            world.coordinator.expire(world.now, &mut world.journal);
            world.take_answers();
        }
        assert!(world.waiting.is_empty(), "seed {seed}");
        assert!(
            world
                .coordinator
                .groups
                .values()
                .all(|group| group.members.is_empty())
        );
    }
}
