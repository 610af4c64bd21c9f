//! StreamsGroupHeartbeat: a member arrives with its topology, stays, says what it has, and goes.
//!
//! Owns: who may do so, and the order of the steps. Leaves to others: `topology`, `assignor`, `reconcile`, `time`; creating the
//! topics that are missing (`api/streams_group_heartbeat`).

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::streams_group_heartbeat::{
    KeyValue, Status, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse,
};
use rdkafka_wire::types::StrBytes;

use super::super::classic::Group;
use super::super::consumer_records::TargetEpochValue;
use super::super::member::Caller;
use super::super::records::GroupRecord;
use super::super::{
    GroupCoordinator, Journal, RebalanceTimer, Turn, hash_of_topics, millis, unknown_member,
};
use super::assignor::{Spec, assign};
use super::check::check;
use super::reconcile::Goal;
use super::records::MemberValue;
use super::tasks::TaskSet;
use super::topology::{StatusCode, configure, required, stored};
use super::{
    Draft, InternalTopic, MemberState, Refusal, StreamsGroup, StreamsMember, StreamsRecord,
};
use crate::request::Now;

/// An answer, and the topics that the group needs to be created.
pub(crate) type Answer = (StreamsGroupHeartbeatResponse, Vec<InternalTopic>);

const LEAVE: i32 = -1;
pub(super) const LEAVE_STATIC: i32 = -2;

impl GroupCoordinator {
    /// StreamsGroupHeartbeat.
    pub(crate) fn streams_heartbeat(
        &mut self,
        request: &StreamsGroupHeartbeatRequest,
        caller: &Caller,
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<Answer, Refusal> {
        check(request)?;
        let group_id = request.group_id.copy_out_of_frame();
        if !self.groups.contains_key(&group_id) {
            if request.member_epoch != 0 {
                let kind = if request.member_epoch > 0 {
                    "Streams group"
                } else {
                    "Group"
                };
                let message = format!("{kind} {group_id} not found.");
                return Err((ErrorCode::GROUP_ID_NOT_FOUND, message));
            }
            let group = Group::new(group_id.clone(), now);
            self.groups.insert(group_id.clone(), group);
        }
        let outcome = self.with_group(&group_id, now, journal, |group, turn| {
            match request.member_epoch {
                LEAVE | LEAVE_STATIC => group.leave_streams(request, turn),
                _ => group.streams_heartbeat(request, caller, turn),
            }
        });
        let gone = (ErrorCode::UNKNOWN_SERVER_ERROR, "The group is gone.".into());
        outcome.unwrap_or(Err(gone))
    }
}

impl Group {
    fn streams_heartbeat(
        &mut self,
        request: &StreamsGroupHeartbeatRequest,
        caller: &Caller,
        turn: &mut Turn<'_>,
    ) -> Result<Answer, Refusal> {
        let is_joining = request.member_epoch == 0;
        let is_new = self.streams.is_none();
        if is_new && (!is_joining || self.consumer.is_some() || !self.is_empty()) {
            return Err(not_a_streams_group(&self.id));
        }
        let mut draft = Draft::of(self.streams.as_deref());
        let id = request.member_id.copy_out_of_frame();
        let owned = TaskSet::reported(
            request.active_tasks.as_ref(),
            request.standby_tasks.as_ref(),
            request.warmup_tasks.as_ref(),
        );
        draft
            .group
            .admit(request, owned.as_ref(), turn.config.streams_max_size)?;
        let before = draft.group.members.get(&id).cloned();
        let mut statuses = Vec::new();
        draft.prepare(&id, request, caller, owned.as_ref(), &mut statuses, turn)?;
        let goal = draft.goal(&self.id, &id, &mut statuses, turn);
        let member = draft.reconcile(&id, &goal, owned.as_ref());
        if request.shutdown_application {
            let by = &mut draft.group.live.shutdown_by;
            by.get_or_insert_with(|| id.clone());
        }
        let was = before.as_ref();
        let is_told = is_joining || was.is_none_or(|it| it.assigned.tasks != member.assigned.tasks);
        let mut answer = draft.answer(request, &member, is_told, is_new, turn);
        let missing = draft.group.problem(&mut statuses);
        answer.status = Some(statuses);
        let has_moved = was.is_none_or(|it| it.current() != member.current());
        self.commit_streams(draft, turn)
            .map_err(|code| (code, code.text().into_owned()))?;
        let timer = match member.state {
            _ if !has_moved => RebalanceTimer::Keep,
            MemberState::Revoking => {
                RebalanceTimer::Start(millis(member.about.rebalance_timeout_ms))
            }
            MemberState::Stable | MemberState::Waiting => RebalanceTimer::Stop,
        };
        let session = turn.config.streams_session_timeout(&self.id);
        self.touch_consumer(&id, session, timer, turn);
        Ok((answer, missing))
    }

    /// Writes a draft.
    pub(super) fn commit_streams(
        &mut self,
        draft: Draft,
        turn: &mut Turn<'_>,
    ) -> Result<(), ErrorCode> {
        let mut all = Vec::with_capacity(draft.records.len() + 1);
        if self.durable.is_some() && !draft.records.is_empty() {
            // An empty classic group makes room.
            all.push(GroupRecord::Group {
                group: self.id.clone(),
                value: None,
            });
        }
        all.extend(draft.records.into_iter().map(|record| {
            let group = self.id.clone();
            GroupRecord::Streams { group, record }
        }));
        self.persist(all, turn)?;
        self.protocol_type = None;
        if let Some(group) = &mut self.streams {
            group.live = draft.group.live;
        }
        Ok(())
    }

    fn leave_streams(
        &mut self,
        request: &StreamsGroupHeartbeatRequest,
        turn: &mut Turn<'_>,
    ) -> Result<Answer, Refusal> {
        let Some(group) = &mut self.streams else {
            return Err(not_a_streams_group(&self.id));
        };
        let id = &request.member_id;
        if request.shutdown_application {
            let by = &mut group.live.shutdown_by;
            by.get_or_insert_with(|| id.copy_out_of_frame());
        }
        if !group.members.contains_key(id) {
            return Err(unknown_member(id, &self.id));
        }
        self.remove_streams_members(std::slice::from_ref(id), turn)
            .map_err(|code| (code, code.text().into_owned()))?;
        let answer = StreamsGroupHeartbeatResponse {
            member_id: id.clone(),
            member_epoch: request.member_epoch,
            status: Some(Vec::new()),
            ..StreamsGroupHeartbeatResponse::default()
        };
        Ok((answer, Vec::new()))
    }
}

fn not_a_streams_group(group_id: &str) -> Refusal {
    let message = format!("Group {group_id} is not a streams group.");
    (ErrorCode::GROUP_ID_NOT_FOUND, message)
}

impl StreamsGroup {
    /// Whether a member may come or stay. The epoch before is taken when the answer with the new one may have got lost, which its
    /// tasks show.
    fn admit(
        &self,
        request: &StreamsGroupHeartbeatRequest,
        owned: Option<&TaskSet>,
        max_size: usize,
    ) -> Result<(), Refusal> {
        let epoch = request.member_epoch;
        if epoch == 0 {
            if self.members.len() >= max_size {
                let message = format!(
                    "The streams group has reached its maximum capacity of {max_size} members."
                );
                return Err((ErrorCode::GROUP_MAX_SIZE_REACHED, message));
            }
            return Ok(());
        }
        let Some(member) = self.members.get(&request.member_id) else {
            return Err(unknown_member(&request.member_id, &request.group_id));
        };
        let known = member.epoch;
        let has_only = |owned: &TaskSet| {
            let has = &member.assigned.tasks;
            let mut kinds = owned.kinds().into_iter().zip(has.kinds());
            kinds.all(|(owned, has)| owned.ids().all(|(id, at)| has.contains(&id, at)))
        };
        let size = match epoch.cmp(&known) {
            std::cmp::Ordering::Equal => return Ok(()),
            std::cmp::Ordering::Less
                if epoch == member.previous_epoch && owned.is_some_and(has_only) =>
            {
                return Ok(());
            }
            std::cmp::Ordering::Less => "smaller",
            std::cmp::Ordering::Greater => "greater",
        };
        let message = format!(
            "The streams group member has a {size} member epoch ({epoch}) than the one known by the group coordinator ({known}). The member must abandon all its partitions and rejoin."
        );
        Err((ErrorCode::FENCED_MEMBER_EPOCH, message))
    }

    /// Tasks that a member has must be some of its topology's.
    fn check_tasks(&self, owned: Option<&TaskSet>) -> Result<(), Refusal> {
        let configured = self.live.configured.as_ref().filter(|it| it.is_ready());
        let (Some(configured), Some(owned)) = (configured, owned) else {
            return Ok(());
        };
        for (id, at) in owned.kinds().into_iter().flat_map(|it| it.ids()) {
            let message = match configured.tasks.get(&id) {
                Some(count) if (0..*count).contains(&at) => continue,
                Some(count) => format!(
                    "Task {at} for subtopology {id} is invalid. Number of tasks for this subtopology: {count}"
                ),
                None => format!("Subtopology {id} does not exist in the topology."),
            };
            return Err((ErrorCode::INVALID_REQUEST, message));
        }
        Ok(())
    }

    /// Says why the application cannot run, or is to end; which topics it needs.
    fn problem(&self, statuses: &mut Vec<Status>) -> Vec<InternalTopic> {
        let configured = self.live.configured.as_ref();
        statuses.extend(configured.and_then(|it| it.problem.clone()));
        statuses.extend(self.live.shutdown_by.as_ref().map(|id| {
            StatusCode::ShutdownApplication.with(format!(
                "Streams group member {id} encountered a fatal error and requested a shutdown for the entire application."
            ))
        }));
        configured.map_or_else(Vec::new, |it| it.missing.clone())
    }
}

/// What a member says about itself now: what it did not say again is as before.
fn updated(
    before: Option<&StreamsMember>,
    request: &StreamsGroupHeartbeatRequest,
    caller: &Caller,
) -> MemberValue {
    let mut about = before.map_or_else(
        || MemberValue {
            topology_epoch: -1,
            ..MemberValue::default()
        },
        |it| it.about.clone(),
    );
    about.client_id = caller.client_id.clone();
    about.client_host = caller.client_host.clone();
    if let Some(rack) = &request.rack_id {
        about.rack_id = Some(rack.copy_out_of_frame());
    }
    if request.rebalance_timeout_ms != -1 {
        about.rebalance_timeout_ms = request.rebalance_timeout_ms;
    }
    if let Some(topology) = &request.topology {
        about.topology_epoch = topology.epoch;
    }
    if let Some(process) = &request.process_id {
        about.process_id = process.copy_out_of_frame();
    }
    if let Some(endpoint) = &request.user_endpoint {
        let mut endpoint = endpoint.clone();
        endpoint.host = endpoint.host.copy_out_of_frame();
        about.user_endpoint = Some(endpoint);
    }
    if let Some(tags) = &request.client_tags {
        let tags = tags.iter().map(|KeyValue { key, value }| KeyValue {
            key: key.copy_out_of_frame(),
            value: value.copy_out_of_frame(),
        });
        about.client_tags = tags.collect();
        about.client_tags.sort_by(|a, b| a.key.cmp(&b.key));
    }
    about
}

impl Draft {
    /// What a member says, and topics and settings as they are, may make a new group epoch.
    fn prepare(
        &mut self,
        id: &StrBytes,
        request: &StreamsGroupHeartbeatRequest,
        caller: &Caller,
        owned: Option<&TaskSet>,
        statuses: &mut Vec<Status>,
        turn: &Turn<'_>,
    ) -> Result<(), Refusal> {
        if self.group.is_empty() && self.group.live.delay_until.is_none() {
            let properties = turn.config.properties(&request.group_id);
            let delay = millis(properties.streams_initial_rebalance_delay_ms);
            self.group.live.delay_until = Some(turn.now.mono + delay).filter(|_| !delay.is_zero());
        }
        let before = self.group.members.get(id);
        let about = updated(before, request, caller);
        let mut is_changed = before.is_none_or(|it| it.about != about);
        let topology_epoch = about.topology_epoch;
        if is_changed {
            self.put(StreamsRecord::Member(id.clone(), Some(about)));
        }
        let known = self.group.topology.as_ref().map(|it| it.epoch);
        if let Some(known) = known.filter(|known| topology_epoch < *known) {
            statuses.push(StatusCode::StaleTopology.with(format!(
                "The member's topology epoch {topology_epoch} is behind the group's topology epoch {known}."
            )));
        }
        self.take_topology(request)?;
        let hash = self.configure(turn)?;
        is_changed |= hash != self.group.metadata_hash;
        self.group.check_tasks(owned)?;
        let configured = self.group.live.configured.as_ref();
        let topology = self.group.topology.as_ref();
        let validated = topology.filter(|_| configured.is_some_and(|it| it.is_ready()));
        let validated = validated.map_or(-1, |it| it.epoch);
        let configs = turn.config.streams_assignment_configs(&request.group_id);
        is_changed |= validated != self.group.validated_topology_epoch
            || configs != self.group.assignment_configs;
        if is_changed {
            self.bump(hash, validated, configs);
        }
        Ok(())
    }

    /// The first member brings the topology; the others must have the same one, or an older one.
    fn take_topology(&mut self, request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
        let Some(topology) = &request.topology else {
            return match self.group.topology {
                Some(_) => Ok(()),
                None => Err((
                    ErrorCode::UNKNOWN_SERVER_ERROR,
                    "The group has no topology.".into(),
                )),
            };
        };
        let new = stored(topology)?;
        match &self.group.topology {
            None => {
                self.put(StreamsRecord::Topology(Some(new)));
                Ok(())
            }
            Some(known) if known.epoch > new.epoch || *known == new => Ok(()),
            Some(_) => {
                let message = "Topology updates are not supported yet.";
                Err((ErrorCode::INVALID_REQUEST, message.into()))
            }
        }
    }

    /// Holds the topology against the topics, if they may have changed; the number that changes with them.
    fn configure(&mut self, turn: &Turn<'_>) -> Result<i64, Refusal> {
        let version = turn.journal.topics_version();
        let live = &self.group.live;
        let Some(topology) = &self.group.topology else {
            return Ok(self.group.metadata_hash);
        };
        if live.configured.is_some() && live.topics_version == Some(version) {
            return Ok(self.group.metadata_hash);
        }
        let configured = configure(topology, turn.journal)?;
        let hash = hash_of_topics(required(topology).iter(), turn.journal);
        let live = &mut self.group.live;
        (live.configured, live.topics_version) = (Some(configured), Some(version));
        Ok(hash)
    }

    /// Where a member is to get, which for a new group epoch must be worked out first.
    fn goal(
        &mut self,
        group_id: &StrBytes,
        id: &StrBytes,
        statuses: &mut Vec<Status>,
        turn: &Turn<'_>,
    ) -> Goal {
        let group = &self.group;
        if group.live.delay_until.is_some() {
            let detail = "Assignment delayed due to the configured initial rebalance delay.";
            statuses.push(StatusCode::AssignmentDelayed.with(detail));
            return Goal {
                epoch: group.assignment_epoch,
                tasks: TaskSet::default(),
            };
        }
        if group.epoch > group.assignment_epoch {
            let interval = turn.config.properties(group_id);
            let interval = interval.streams_assignment_interval_ms;
            let next = group.assignment_timestamp + i64::from(interval);
            if group.assignment_timestamp == 0 || interval == 0 || turn.now.unix_ms >= next {
                self.assign(turn);
            } else {
                let detail = "Assignment delayed due to the configured assignment interval.";
                statuses.push(StatusCode::AssignmentDelayed.with(detail));
            }
        }
        Goal {
            epoch: self.group.assignment_epoch,
            tasks: self.group.target(id),
        }
    }

    /// A target assignment for the present group epoch; nobody has anything while the topics are not there.
    pub(super) fn assign(&mut self, turn: &Turn<'_>) {
        let group = &self.group;
        let members = group.members.iter().map(|(id, member)| {
            let process = member.about.process_id.clone();
            (id.clone(), (process, group.target(id)))
        });
        let mut spec = Spec {
            members: members.collect(),
            ..Spec::default()
        };
        let ready = group.live.configured.as_ref().filter(|it| it.is_ready());
        let topology = group.topology.iter().flat_map(|it| &it.subtopologies);
        for (subtopology, ready) in topology.zip(std::iter::repeat(ready)) {
            let id = &subtopology.subtopology_id;
            if let Some(count) = ready.and_then(|it| it.tasks.get(id)) {
                let is_stateful = !subtopology.state_changelog_topics.is_empty();
                spec.subtopologies.insert(id.clone(), (*count, is_stateful));
            }
        }
        let configs = group.assignment_configs.iter();
        let mut replicas = configs.filter(|it| it.key == STANDBY_REPLICAS);
        let replicas = replicas.next().and_then(|it| it.value.parse().ok());
        spec.standby_replicas = replicas.unwrap_or(0);
        for (id, target) in assign(&spec) {
            if self.group.targets.get(&id) != Some(&target) {
                self.put(StreamsRecord::Target(id, Some(target.target())));
            }
        }
        self.put(StreamsRecord::TargetEpoch(Some(TargetEpochValue {
            assignment_epoch: self.group.epoch,
            assignment_timestamp: turn.now.unix_ms,
        })));
    }

    /// The member a step further; it is there since `prepare`.
    fn reconcile(&mut self, id: &StrBytes, goal: &Goal, owned: Option<&TaskSet>) -> StreamsMember {
        let Some(member) = self.group.members.get(id) else {
            return StreamsMember::new(MemberValue::default());
        };
        let next = self.group.reconciled(member, goal, owned);
        if next != *member {
            self.put(StreamsRecord::Current(id.clone(), Some(next.current())));
        }
        next
    }

    fn answer(
        &mut self,
        request: &StreamsGroupHeartbeatRequest,
        member: &StreamsMember,
        is_told: bool,
        is_new: bool,
        turn: &Turn<'_>,
    ) -> StreamsGroupHeartbeatResponse {
        let has = &member.assigned.tasks;
        if is_told && member.about.user_endpoint.is_some() && !is_new {
            self.group.live.endpoint_epoch += 1;
        }
        let endpoint_epoch = self.group.live.endpoint_epoch;
        let is_outdated = endpoint_epoch != request.endpoint_information_epoch;
        StreamsGroupHeartbeatResponse {
            member_id: request.member_id.clone(),
            member_epoch: member.epoch,
            heartbeat_interval_ms: turn
                .config
                .properties(&request.group_id)
                .streams_heartbeat_interval_ms,
            active_tasks: is_told.then(|| has.active.listed()),
            standby_tasks: is_told.then(|| has.standby.listed()),
            warmup_tasks: is_told.then(|| has.warmup.listed()),
            endpoint_information_epoch: endpoint_epoch,
            partitions_by_user_endpoint: is_outdated
                .then(|| self.group.partitions_by_endpoint(turn.journal)),
            ..StreamsGroupHeartbeatResponse::default()
        }
    }
}

/// The setting that assignments follow.
pub(crate) const STANDBY_REPLICAS: &str = "num.standby.replicas";
