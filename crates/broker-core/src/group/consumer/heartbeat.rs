//! ConsumerGroupHeartbeat: a member arrives, stays, says what it wants and has, and goes.
//!
//! Owns: who may do so (epochs, instance ids), and the order of the three steps. Leaves to others: `assignor`, `reconcile`, `time`.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::consumer_group_heartbeat::{
    Assignment, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    ResponseTopicPartitions,
};
use rdkafka_wire::types::StrBytes;
use regex_lite::{Regex, RegexBuilder};

use super::super::classic::Group;
use super::super::member::Caller;
use super::super::records::GroupRecord;
use super::super::{GroupConfig, GroupCoordinator, Journal, Refusal, Turn, join, unknown_member};
use super::assignor::{MemberSpec, Spec, assign};
use super::records::{MemberValue, RegexValue, TargetEpochValue};
use super::time::{RebalanceTimer, millis};
use super::{
    ConsumerMember, ConsumerRecord, Draft, MemberState, Owned, Partitions, stored_target,
    without_epochs,
};
use crate::request::Now;

const LEAVE: i32 = -1;
const LEAVE_STATIC: i32 = -2;
/// What any expression may take compiled; about 24 bytes are one step of it.
const REGEX_BYTES: usize = 128 << 10;
/// And for each of its characters, which are a step or two each.
const REGEX_BYTES_PER_CHARACTER: usize = 64;
const REGEX_BYTES_MAX: usize = 10 << 20;

impl GroupCoordinator {
    /// ConsumerGroupHeartbeat.
    pub(crate) fn consumer_heartbeat(
        &mut self,
        mut request: ConsumerGroupHeartbeatRequest,
        caller: &Caller,
        version: i16,
        now: Now,
        journal: &mut dyn Journal,
    ) -> ConsumerGroupHeartbeatResponse {
        if let Err(refusal) = check(&request, version, &self.config) {
            return refused(refusal);
        }
        if request.member_id.is_empty() {
            request.member_id = join::random_id(&mut self.rng);
        }
        let group_id = request.group_id.copy_out_of_frame();
        if !self.groups.contains_key(&group_id) {
            if request.member_epoch != 0 {
                let message = format!("Consumer group {group_id} not found.");
                return refused((ErrorCode::GROUP_ID_NOT_FOUND, message));
            }
            let group = Group::new(group_id.clone(), now);
            self.groups.insert(group_id.clone(), group);
        }
        let outcome = self.with_group(&group_id, now, journal, |group, turn| {
            match request.member_epoch {
                LEAVE | LEAVE_STATIC => group.leave_consumer(&request, turn),
                _ => group.consumer_heartbeat(&request, caller, turn),
            }
        });
        match outcome {
            Some(Ok(answer)) => answer,
            Some(Err(refusal)) => refused(refusal),
            None => refused((ErrorCode::UNKNOWN_SERVER_ERROR, "The group is gone.".into())),
        }
    }
}

fn refused((code, message): Refusal) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse {
        error_code: code.code(),
        error_message: Some(message.into()),
        ..ConsumerGroupHeartbeatResponse::default()
    }
}

/// What can be said of a request alone.
fn check(
    request: &ConsumerGroupHeartbeatRequest,
    version: i16,
    config: &GroupConfig,
) -> Result<(), Refusal> {
    let invalid = |message: &str| Err((ErrorCode::INVALID_REQUEST, message.to_owned()));
    let epoch = request.member_epoch;
    if request.group_id.trim().is_empty() {
        return invalid("GroupId can't be empty.");
    }
    if request.member_id.trim().is_empty() && (version >= OWN_MEMBER_ID_FROM || epoch != 0) {
        return invalid("MemberId can't be empty.");
    }
    if request
        .instance_id
        .as_ref()
        .is_some_and(|it| it.trim().is_empty())
    {
        return invalid("InstanceId can't be empty.");
    }
    if request
        .rack_id
        .as_ref()
        .is_some_and(|it| it.trim().is_empty())
    {
        return invalid("RackId can't be empty.");
    }
    if epoch < LEAVE_STATIC {
        return invalid("MemberEpoch is invalid.");
    }
    if epoch == LEAVE_STATIC && request.instance_id.is_none() {
        return invalid("InstanceId can't be null.");
    }
    if epoch == 0 {
        if request.rebalance_timeout_ms == -1 {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        if request
            .topic_partitions
            .as_ref()
            .is_none_or(|it| !it.is_empty())
        {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        let names = request
            .subscribed_topic_names
            .as_ref()
            .is_some_and(|it| !it.is_empty());
        let regex = request
            .subscribed_topic_regex
            .as_ref()
            .is_some_and(|it| !it.is_empty());
        if !names && !regex && request.subscribed_topic_names.is_none() {
            return invalid(
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
            );
        }
    }
    match &request.server_assignor {
        Some(assignor) if !config.assignors.iter().any(|it| **it == **assignor) => {
            let known = config.assignors.join(", ");
            let message = format!(
                "ServerAssignor {assignor} is not supported. Supported assignors: {known}."
            );
            Err((ErrorCode::UNSUPPORTED_ASSIGNOR, message))
        }
        _ => Ok(()),
    }
}

impl Group {
    fn consumer_heartbeat(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
        caller: &Caller,
        turn: &mut Turn<'_>,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
        if self.is_unchanged(request, turn) {
            let session = turn.config.session_timeout(&self.id);
            self.touch_consumer(&request.member_id, session, RebalanceTimer::Keep, turn);
            return Ok(self.consumer_answer(request, request.member_epoch, None, turn));
        }
        let mut draft = match &self.consumer {
            Some(group) => Draft::of(Some(group)),
            None if request.member_epoch == 0 && self.streams.is_none() => self.upgrade(turn)?,
            None => {
                let message = format!("Group {} is not a consumer group.", self.id);
                return Err((ErrorCode::GROUP_ID_NOT_FOUND, message));
            }
        };
        let id = request.member_id.copy_out_of_frame();
        let owned = request.topic_partitions.as_ref().map(|topics| {
            let topics = topics.iter();
            topics
                .map(|it| (it.topic_id, it.partitions.iter().copied().collect()))
                .collect()
        });
        admit(&mut draft, request, &id, owned.as_ref(), turn)?;
        let before = draft.group.members.get(&id).cloned();
        let about = updated(before.as_ref(), request, caller);
        if let Some(regex) = &about.regex {
            compile(regex)?;
        }
        let after = draft.advance(&id, about, owned.as_ref(), self.topics_version, turn);
        let is_full = request.rebalance_timeout_ms != -1
            && (request.subscribed_topic_names.is_some()
                || request.subscribed_topic_regex.is_some())
            && request.topic_partitions.is_some();
        let has_changed =
            before.is_none_or(|it| without_epochs(&it.assigned) != without_epochs(&after.assigned));
        let assignment =
            (request.member_epoch == 0 || is_full || has_changed).then_some(&after.assigned);
        let replaced = self.commit_draft(draft, turn)?;
        if let Some(old) = replaced {
            self.timers.remove(&old);
        }
        let timer = match after.state {
            MemberState::Revoking => {
                RebalanceTimer::Ensure(millis(after.about.rebalance_timeout_ms))
            }
            MemberState::Stable | MemberState::Waiting => RebalanceTimer::Stop,
        };
        let session = turn.config.session_timeout(&self.id);
        self.touch_consumer(&id, session, timer, turn);
        Ok(self.consumer_answer(request, after.epoch, assignment, turn))
    }

    /// The common case: nothing was said, nothing has changed.
    fn is_unchanged(&self, request: &ConsumerGroupHeartbeatRequest, turn: &Turn<'_>) -> bool {
        let Some(group) = &self.consumer else {
            return false;
        };
        let says_nothing = request.subscribed_topic_names.is_none()
            && request.subscribed_topic_regex.is_none()
            && request.topic_partitions.is_none()
            && request.server_assignor.is_none()
            && request.instance_id.is_none()
            && request.rebalance_timeout_ms == -1;
        let is_settled = |member: &ConsumerMember| {
            member.epoch == request.member_epoch
                && member.is_at(group.epoch)
                && !member.is_classic()
        };
        says_nothing
            && request.member_epoch > 0
            && group.epoch == group.assignment_epoch
            && self.topics_version == Some(turn.journal.topics_version())
            && group
                .members
                .get(&request.member_id)
                .is_some_and(is_settled)
    }

    /// Writes a draft; says which member was replaced by another id, if one was.
    pub(super) fn commit_draft(
        &mut self,
        draft: Draft,
        turn: &mut Turn<'_>,
    ) -> Result<Option<StrBytes>, Refusal> {
        let before: Vec<StrBytes> = self.timers.keys().cloned().collect();
        let was_classic = self.consumer.is_none();
        self.persist_consumer(draft.records, turn)
            .map_err(|code| (code, code.text().into_owned()))?;
        if was_classic {
            self.leave_classic_behind(turn);
        }
        self.topics_version = Some(turn.journal.topics_version());
        let members = self.consumer.as_ref().map(|it| &it.members);
        let is_gone = |id: &&StrBytes| members.is_none_or(|members| !members.contains_key(*id));
        Ok(before.iter().find(is_gone).cloned())
    }

    pub(super) fn persist_consumer(
        &mut self,
        records: Vec<ConsumerRecord>,
        turn: &mut Turn<'_>,
    ) -> Result<(), ErrorCode> {
        let mut all = Vec::with_capacity(records.len() + 1);
        if self.durable.is_some() && !records.is_empty() {
            all.push(GroupRecord::Group {
                group: self.id.clone(),
                value: None,
            });
        }
        all.extend(records.into_iter().map(|record| GroupRecord::Consumer {
            group: self.id.clone(),
            record,
        }));
        self.persist(all, turn)
    }

    fn leave_consumer(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
        turn: &mut Turn<'_>,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
        let Some(group) = &self.consumer else {
            let message = format!("Group {} is not a consumer group.", self.id);
            return Err((ErrorCode::GROUP_ID_NOT_FOUND, message));
        };
        let id = request.member_id.clone();
        if let Some(instance_id) = &request.instance_id {
            match group.static_member(instance_id) {
                None => return Err(unknown_member(&id, &self.id)),
                Some(current) if *current != id => return Err(fenced_instance(&id, instance_id)),
                Some(_) => {}
            }
        }
        let Some(member) = group.members.get(&id) else {
            return Err(unknown_member(&id, &self.id));
        };
        let refuse = |code: ErrorCode| (code, code.text().into_owned());
        if request.member_epoch == LEAVE_STATIC {
            // Its place is kept until its session is over.
            let mut gone = member.clone();
            gone.epoch = LEAVE_STATIC;
            let record = ConsumerRecord::Current(id.copy_out_of_frame(), Some(gone.current()));
            self.persist_consumer(vec![record], turn).map_err(refuse)?;
        } else {
            self.remove_consumers(&[id], turn).map_err(refuse)?;
        }
        Ok(ConsumerGroupHeartbeatResponse {
            member_id: Some(request.member_id.clone()),
            member_epoch: request.member_epoch,
            ..ConsumerGroupHeartbeatResponse::default()
        })
    }

    fn consumer_answer(
        &self,
        request: &ConsumerGroupHeartbeatRequest,
        epoch: i32,
        assigned: Option<&Owned>,
        turn: &Turn<'_>,
    ) -> ConsumerGroupHeartbeatResponse {
        let assignment = assigned.map(|assigned| {
            let topics = assigned
                .iter()
                .map(|(topic_id, partitions)| ResponseTopicPartitions {
                    topic_id: *topic_id,
                    partitions: partitions.keys().copied().collect(),
                });
            Assignment {
                topic_partitions: topics.collect(),
            }
        });
        ConsumerGroupHeartbeatResponse {
            member_id: Some(request.member_id.clone()),
            member_epoch: epoch,
            heartbeat_interval_ms: turn.config.heartbeat_interval_ms(&self.id),
            assignment,
            ..ConsumerGroupHeartbeatResponse::default()
        }
    }
}

/// Lets a member in that may come, or moves a static member to its new id.
fn admit(
    draft: &mut Draft,
    request: &ConsumerGroupHeartbeatRequest,
    id: &StrBytes,
    owned: Option<&Partitions>,
    turn: &Turn<'_>,
) -> Result<(), Refusal> {
    let epoch = request.member_epoch;
    let group = &draft.group;
    let is_new = !group.members.contains_key(id);
    if let Some(instance_id) = &request.instance_id {
        let current = group.static_member(instance_id).cloned();
        if let Some(current) = current.filter(|it| it != id) {
            let is_released = group
                .members
                .get(&current)
                .is_some_and(|it| it.epoch == LEAVE_STATIC);
            if epoch != 0 {
                return Err(fenced_instance(id, instance_id));
            }
            if !is_released {
                let message = format!(
                    "Static member {id} with instance id {instance_id} cannot join the group because the instance id is owned by member {current}."
                );
                return Err((ErrorCode::UNRELEASED_INSTANCE_ID, message));
            }
            draft.replace(&current, id);
            return Ok(());
        }
    }
    let Some(member) = group.members.get(id) else {
        if epoch != 0 {
            return Err(unknown_member(id, &request.group_id));
        }
        if is_new && group.members.len() >= turn.config.consumer_max_size {
            let message = format!(
                "The consumer group has reached its maximum capacity of {} members.",
                turn.config.consumer_max_size
            );
            return Err((ErrorCode::GROUP_MAX_SIZE_REACHED, message));
        }
        return Ok(());
    };
    check_epoch(member, epoch, owned)
}

/// Whether a member's epoch is the one it should know; the one before is taken when the answer with the new one may have got
/// lost, which its partitions show.
fn check_epoch(
    member: &ConsumerMember,
    epoch: i32,
    owned: Option<&Partitions>,
) -> Result<(), Refusal> {
    if epoch == 0 || epoch == member.epoch {
        return Ok(());
    }
    let size = if epoch > member.epoch {
        "larger"
    } else {
        "smaller"
    };
    let is_part = |owned: &Partitions| {
        owned.iter().all(|(topic, partitions)| {
            let has = member.assigned.get(topic);
            partitions
                .iter()
                .all(|it| has.is_some_and(|has| has.contains_key(it)))
        })
    };
    if epoch == member.previous_epoch && epoch < member.epoch && owned.is_some_and(is_part) {
        return Ok(());
    }
    let message = format!(
        "The consumer group member has a {size} member epoch ({epoch}) than the one known by the group coordinator ({}). The member must abandon all its partitions and rejoin.",
        member.epoch
    );
    Err((ErrorCode::FENCED_MEMBER_EPOCH, message))
}

fn fenced_instance(member_id: &str, instance_id: &str) -> Refusal {
    let message = format!(
        "Static member {member_id} with instance id {instance_id} was fenced by another member."
    );
    (ErrorCode::FENCED_INSTANCE_ID, message)
}

/// What a member says about itself now: what it did not say again is as before.
fn updated(
    before: Option<&ConsumerMember>,
    request: &ConsumerGroupHeartbeatRequest,
    caller: &Caller,
) -> MemberValue {
    let mut about = before.map_or_else(MemberValue::default, |it| it.about.clone());
    about.classic = None;
    about.client_id = caller.client_id.clone();
    about.client_host = caller.client_host.clone();
    let copied = |text: &Option<StrBytes>| text.as_ref().map(StrBytes::copy_out_of_frame);
    if request.instance_id.is_some() {
        about.instance_id = copied(&request.instance_id);
    }
    if request.rack_id.is_some() {
        about.rack_id = copied(&request.rack_id);
    }
    if request.server_assignor.is_some() {
        about.assignor = copied(&request.server_assignor);
    }
    if request.rebalance_timeout_ms != -1 {
        about.rebalance_timeout_ms = request.rebalance_timeout_ms;
    }
    if let Some(names) = &request.subscribed_topic_names {
        let names: BTreeSet<StrBytes> = names.iter().map(StrBytes::copy_out_of_frame).collect();
        about.topics = names.into_iter().collect();
    }
    if request.subscribed_topic_regex.is_some() {
        // An empty expression is none.
        about.regex = copied(&request.subscribed_topic_regex).filter(|it| !it.is_empty());
    }
    about
}

/// A regular expression over whole names; the syntax is RE2's, as is Kafka's.
///
/// Its size has a bound: a short expression that repeats repetitions would take milliseconds for each topic, while the
/// shard answers nobody. RE2 allows a thousand repetitions in all, which fit; so do lists of names of any length.
fn compile(regex: &str) -> Result<Regex, Refusal> {
    let bytes = REGEX_BYTES + REGEX_BYTES_PER_CHARACTER * regex.len();
    RegexBuilder::new(&format!("^(?:{regex})$"))
        .size_limit(bytes.min(REGEX_BYTES_MAX))
        .build()
        .map_err(|error| {
            let message = format!(
                "SubscribedTopicRegex `{regex}` is not a valid regular expression: {error}."
            );
            (ErrorCode::INVALID_REGULAR_EXPRESSION, message)
        })
}

impl Draft {
    /// A static member goes on under another id, with everything it had; `change` is what is new about it.
    pub(super) fn rename(
        &mut self,
        old: &StrBytes,
        new: &StrBytes,
        change: impl FnOnce(ConsumerMember) -> ConsumerMember,
    ) {
        let Some(member) = self.group.members.get(old).cloned() else {
            return;
        };
        let target = self.group.target(old);
        self.remove(old);
        let about = Some(member.about.clone());
        self.put(ConsumerRecord::Member(new.clone(), about));
        let target = Some(stored_target(&target));
        self.put(ConsumerRecord::Target(new.clone(), target));
        let current = Some(change(member).current());
        self.put(ConsumerRecord::Current(new.clone(), current));
    }

    /// A static member begins anew under another id; what it had to give back is given.
    fn replace(&mut self, old: &StrBytes, new: &StrBytes) {
        self.rename(old, new, |member| ConsumerMember {
            epoch: 0,
            previous_epoch: 0,
            state: MemberState::Stable,
            revoking: Owned::new(),
            ..member
        });
    }

    /// The three steps: what a member says may make a new group epoch, that a new target assignment, and the member goes
    /// towards its own. Returns the member as it then is.
    pub(super) fn advance(
        &mut self,
        id: &StrBytes,
        about: MemberValue,
        owned: Option<&Partitions>,
        topics_version: Option<u64>,
        turn: &Turn<'_>,
    ) -> ConsumerMember {
        let before = self.group.members.get(id).map(|it| it.about.clone());
        let subscribes_anew = before
            .as_ref()
            .is_none_or(|it| it.topics != about.topics || it.regex != about.regex);
        if before.as_ref() != Some(&about) {
            self.put(ConsumerRecord::Member(id.clone(), Some(about)));
        }
        let are_topics_new = topics_version != Some(turn.journal.topics_version());
        self.resolve_regexes(are_topics_new, turn);
        if subscribes_anew {
            self.drop_unused_regexes();
        }
        if subscribes_anew || are_topics_new {
            let hash = self.group.hash_of_topics(turn.journal);
            if subscribes_anew || hash != self.group.metadata_hash {
                self.bump(hash);
            }
        }
        if self.group.epoch > self.group.assignment_epoch {
            self.assign(turn);
        }
        let member = self.group.reconciled(id, owned);
        if self.group.members.get(id) != Some(&member) {
            self.put(ConsumerRecord::Current(id.clone(), Some(member.current())));
        }
        member
    }

    /// Finds out what expressions mean that are new, or all of them when topics came or went.
    fn resolve_regexes(&mut self, all: bool, turn: &Turn<'_>) {
        let used: BTreeSet<StrBytes> = self
            .group
            .members
            .values()
            .filter_map(|it| it.about.regex.clone())
            .collect();
        for regex in used {
            let known = self.group.regexes.get(&regex);
            if known.is_some() && !all {
                continue;
            }
            // Checked when the member said it.
            let Ok(compiled) = compile(&regex) else {
                continue;
            };
            let names = turn.journal.topic_names().into_iter();
            let topics: Vec<StrBytes> = names.filter(|it| compiled.is_match(it)).collect();
            if known != Some(&topics) {
                let value = RegexValue {
                    topics,
                    version: i64::try_from(turn.journal.topics_version()).unwrap_or(i64::MAX),
                    timestamp: turn.now.unix_ms,
                };
                self.put(ConsumerRecord::Regex(regex, Some(value)));
            }
        }
    }

    /// Forgets expressions that no member has any more.
    pub(super) fn drop_unused_regexes(&mut self) {
        let is_used = |regex: &StrBytes| {
            self.group
                .members
                .values()
                .any(|it| it.about.regex.as_ref() == Some(regex))
        };
        let unused: Vec<StrBytes> = self
            .group
            .regexes
            .keys()
            .filter(|it| !is_used(it))
            .cloned()
            .collect();
        for regex in unused {
            self.put(ConsumerRecord::Regex(regex, None));
        }
    }

    /// A target assignment for the present group epoch.
    fn assign(&mut self, turn: &Turn<'_>) {
        let group = &self.group;
        let mut spec = Spec::default();
        let mut ids = BTreeMap::new();
        for name in group.subscribed_topics() {
            if let Some((id, partitions)) = turn.journal.topic(&name) {
                spec.topics.insert(id, partitions);
                ids.insert(name, id);
            }
        }
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for (id, member) in &group.members {
            let topics = group.topics_of(member).into_iter();
            let topics = topics.filter_map(|name| ids.get(&name).copied()).collect();
            let member_spec = MemberSpec {
                instance_id: member.about.instance_id.clone(),
                topics,
                last: group.target(id),
            };
            spec.members.insert(id.clone(), member_spec);
            if let Some(assignor) = &member.about.assignor {
                *votes.entry(&**assignor).or_default() += 1;
            }
        }
        let favourite = votes
            .iter()
            .max_by_key(|(_, count)| **count)
            .map(|(name, _)| *name);
        let default = turn
            .config
            .assignors
            .first()
            .map_or("uniform", String::as_str);
        let targets = assign(favourite.unwrap_or(default), &spec);
        for (id, target) in targets {
            if self.group.targets.get(&id) != Some(&target) {
                self.put(ConsumerRecord::Target(id, Some(stored_target(&target))));
            }
        }
        self.put(ConsumerRecord::TargetEpoch(Some(TargetEpochValue {
            assignment_epoch: self.group.epoch,
            assignment_timestamp: turn.now.unix_ms,
        })));
    }
}

/// The version from which a member makes its id itself (KIP-1082).
const OWN_MEMBER_ID_FROM: i16 = 1;
