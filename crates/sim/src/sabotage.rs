//! Bugs put in on purpose, so that the laws are seen to fail: somebody between the cores who forges, forgets, repeats and
//! withholds, and a disk that loses what it promised to keep.
//!
//! Owns what a bug has to remember. It works from outside, on frames, events, deadlines and files, so that no line of the
//! cores is there for it. Without a [`Sabotage`] it does nothing, and draws nothing.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use fastrand::Rng;
use rdkafka_broker_core::Ticket;
use rdkafka_client_core::consumer::{Event as ConsumerEvent, FetchedBatch};
use rdkafka_client_core::io::Event;
use rdkafka_records::{RecordBatches, patch_producer};
use rdkafka_wire::frame::{
    decode_request, decode_request_header, decode_response, encode_request, encode_response,
};
use rdkafka_wire::messages::end_txn::{EndTxnRequest, EndTxnResponse};
use rdkafka_wire::messages::fetch::{FetchRequest, FetchResponse};
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
};
use rdkafka_wire::messages::offset_fetch::OffsetFetchResponse;
use rdkafka_wire::messages::produce::{
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceResponse,
};
use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use rdkafka_wire::{ApiKey, Message, Request};

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// The broker acknowledges batches that it never appends.
    AckWithoutAppend,
    /// The broker tells another offset than the one it wrote to.
    AckElsewhere,
    /// The broker answers before what it wrote is on the disk.
    AckBeforeFlush,
    /// What recovers the log after a kill cuts off a batch too many.
    RecoveryCutsTooMuch,
    /// The broker does not know idempotent producers, and appends what they send again.
    DuplicatesAppended,
    /// The broker has forgotten idempotent producers when it is back.
    ProducersForgottenAtRestart,
    /// Two batches of a connection change places on their way to the log.
    BatchesReordered,
    /// A commit ends as an abort.
    CommitAborts,
    /// An abort ends as a commit.
    AbortCommits,
    /// The coordinator forgets the end of a transaction that it has answered.
    EndForgotten,
    /// A reader of committed records gets all of them: the last stable offset is not held.
    StableOffsetPassed,
    /// What was aborted is not said to readers of committed records.
    AbortedShown,
    /// The broker's answer leaves the first batch out.
    BatchWithheld,
    /// The client loses records between connection and application.
    FetchedDropped,
    /// The client hands records out twice.
    FetchedTwice,
    /// A commit is answered and forgotten.
    CommitForgotten,
    /// A commit is of more than was delivered.
    CommitAhead,
    /// A commit of something older comes later.
    CommitBack,
    /// The coordinator takes every commit for one of whoever asked for an assignment last.
    CommitMisattributed,
    /// A new owner starts behind the committed offset.
    StartTooHigh,
    /// A new owner starts at an old offset.
    StartTooLow,
    /// Two members of a generation get the same partitions.
    TwoOwners,
    /// A delivery report gets lost in the client.
    ReportLost,
    /// An answer to a call gets lost in the client.
    ReplyLost,
    /// A client's timer never rings again.
    ClientTimerLost,
    /// The coordinator parks a member that joins, and forgets it.
    JoinForgotten,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Passage {
    /// It goes on, perhaps another one; and behind it the one of this slot, which was held back.
    On(Bytes, Option<(u64, Bytes)>),
    /// The broker never sees it; this is the answer.
    Answered(Bytes),
    /// It waits behind the connection's next one of its kind.
    Held,
}

/// The one in between.
#[derive(Debug)]
pub(crate) struct Saboteur {
    pub(crate) bug: Option<Sabotage>,
    rng: Rng,
    /// Offsets that a commit named before, by group and place.
    committed: BTreeMap<(String, String, i32), i64>,
    /// The latest generation and member of a group.
    members: BTreeMap<String, (i32, String)>,
    /// Who asks for which assignment: connection and slot, then group and generation.
    syncing: BTreeMap<(u64, u64), (String, i32)>,
    assignments: BTreeMap<(String, i32), Bytes>,
    /// Requests held back, by connection, with their slots.
    held: BTreeMap<u64, (u64, Bytes)>,
}

/// Time after which lost timers are lost, in microseconds.
const TIMER_LOST_AT_US: u64 = 6_000_000;

impl Saboteur {
    pub(crate) fn new(bug: Option<Sabotage>, seed: u64) -> Self {
        Self {
            bug,
            rng: Rng::with_seed(seed ^ 0xbad),
            committed: BTreeMap::new(),
            members: BTreeMap::new(),
            syncing: BTreeMap::new(),
            assignments: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    pub(crate) fn is(&self, bug: Sabotage) -> bool {
        self.bug == Some(bug)
    }

    /// Whether a client's timer that should ring now does.
    pub(crate) fn rings(&self, now: u64) -> bool {
        !self.is(Sabotage::ClientTimerLost) || now < TIMER_LOST_AT_US
    }

    /// Whether the broker never answers this request.
    pub(crate) fn forgets(&self, ticket: &Ticket) -> bool {
        self.is(Sabotage::JoinForgotten) && ticket.key == ApiKey::JoinGroup
    }

    /// A request on its way in, without its length. `place` is its connection and slot, `is_restarted` whether the
    /// broker was started again.
    pub(crate) fn request(
        &mut self,
        frame: Bytes,
        place: (u64, u64),
        is_restarted: bool,
    ) -> Passage {
        let Some(bug) = self.bug else {
            return Passage::On(frame, None);
        };
        let (header, _) = decode_request_header(frame.clone()).unwrap();
        let Ok(key) = ApiKey::try_from(header.request_api_key) else {
            return Passage::On(frame, None);
        };
        match (key, bug) {
            (ApiKey::Produce, _) => self.produce(bug, frame, place, is_restarted),
            (ApiKey::EndTxn, Sabotage::CommitAborts) => {
                alter(&frame, |it: &mut EndTxnRequest| it.committed = false)
            }
            (ApiKey::EndTxn, Sabotage::AbortCommits) => {
                alter(&frame, |it: &mut EndTxnRequest| it.committed = true)
            }
            (ApiKey::EndTxn, Sabotage::EndForgotten) => {
                answer(&frame, |it: EndTxnRequest| EndTxnResponse {
                    producer_id: it.producer_id,
                    producer_epoch: it.producer_epoch,
                    ..EndTxnResponse::default()
                })
            }
            (ApiKey::Fetch, Sabotage::StableOffsetPassed) => {
                alter(&frame, |it: &mut FetchRequest| it.isolation_level = 0)
            }
            (ApiKey::OffsetCommit, Sabotage::CommitForgotten) if self.rng.bool() => {
                answer(&frame, commit_answer)
            }
            (ApiKey::OffsetCommit, _) => alter(&frame, |it| self.commit(bug, it)),
            (ApiKey::SyncGroup, _) => {
                let (header, body) = decode_request_header(frame.clone()).unwrap();
                let it: SyncGroupRequest =
                    decode_request(body, header.request_api_version).unwrap();
                let group = it.group_id.to_string();
                let member = (it.generation_id, it.member_id.to_string());
                self.members.insert(group.clone(), member);
                self.syncing.insert(place, (group, it.generation_id));
                Passage::On(frame, None)
            }
            _ => Passage::On(frame, None),
        }
    }

    fn produce(
        &mut self,
        bug: Sabotage,
        frame: Bytes,
        (link, slot): (u64, u64),
        is_restarted: bool,
    ) -> Passage {
        let chance = self.rng.u8(0..4) == 0;
        match bug {
            Sabotage::AckWithoutAppend if chance => answer(&frame, produce_answer),
            Sabotage::DuplicatesAppended => alter(&frame, forget_producers),
            Sabotage::ProducersForgottenAtRestart if is_restarted => {
                alter(&frame, forget_producers)
            }
            // Sequence numbers would tell.
            Sabotage::BatchesReordered => match alter(&frame, forget_producers) {
                Passage::On(frame, _) => {
                    let before = self.held.remove(&link);
                    if before.is_none() && chance {
                        self.held.insert(link, (slot, frame));
                        return Passage::Held;
                    }
                    Passage::On(frame, before)
                }
                other => other,
            },
            _ => Passage::On(frame, None),
        }
    }

    fn commit(&mut self, bug: Sabotage, request: &mut OffsetCommitRequest) {
        let group = request.group_id.to_string();
        if bug == Sabotage::CommitMisattributed
            && let Some((generation, member)) = self.members.get(&group)
        {
            request.generation_id_or_member_epoch = *generation;
            request.member_id = member.as_str().into();
        }
        for topic in &mut request.topics {
            for partition in &mut topic.partitions {
                match bug {
                    Sabotage::CommitAhead => partition.committed_offset += 3,
                    Sabotage::CommitBack => {
                        let name = topic.name.to_string();
                        let place = (group.clone(), name, partition.partition_index);
                        let before = self.committed.insert(place, partition.committed_offset);
                        if let Some(before) = before.filter(|_| self.rng.bool()) {
                            partition.committed_offset = (before - 1).max(0);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// An answer on its way out, with its length.
    pub(crate) fn answer(&mut self, ticket: &Ticket, frame: Bytes) -> Bytes {
        let Some(bug) = self.bug else {
            return frame;
        };
        let version = ticket.version;
        match (ticket.key, bug) {
            (ApiKey::Produce, Sabotage::AckElsewhere) if self.rng.u8(0..4) == 0 => change(
                &frame,
                ApiKey::Produce,
                version,
                |it: &mut ProduceResponse| {
                    let all = it.responses.iter_mut();
                    for one in all.flat_map(|topic| &mut topic.partition_responses) {
                        one.base_offset += i64::from(one.error_code == 0);
                    }
                },
            ),
            (ApiKey::Fetch, Sabotage::AbortedShown | Sabotage::BatchWithheld) => {
                let withholds = bug == Sabotage::BatchWithheld && self.rng.u8(0..4) == 0;
                change(&frame, ApiKey::Fetch, version, |it: &mut FetchResponse| {
                    let all = it.responses.iter_mut();
                    for one in all.flat_map(|topic| &mut topic.partitions) {
                        if bug == Sabotage::AbortedShown {
                            one.aborted_transactions =
                                one.aborted_transactions.take().map(|_| Vec::new());
                        } else if withholds && let Some(records) = one.records.take() {
                            one.records = Some(without_first(records.into_bytes()).into());
                        }
                    }
                })
            }
            (ApiKey::OffsetFetch, Sabotage::StartTooHigh | Sabotage::StartTooLow) => change(
                &frame,
                ApiKey::OffsetFetch,
                version,
                |it: &mut OffsetFetchResponse| {
                    let old = it.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
                    let old = old.map(|one| &mut one.committed_offset);
                    let groups = it.groups.iter_mut().flat_map(|group| &mut group.topics);
                    let new = groups.flat_map(|topic| &mut topic.partitions);
                    for offset in old.chain(new.map(|one| &mut one.committed_offset)) {
                        if *offset > 0 && bug == Sabotage::StartTooLow {
                            *offset = 0;
                        } else if *offset >= 0 {
                            *offset += i64::from(bug == Sabotage::StartTooHigh);
                        }
                    }
                },
            ),
            (ApiKey::SyncGroup, Sabotage::TwoOwners) => {
                let place = (ticket.connection.0, ticket.slot);
                let Some(generation) = self.syncing.remove(&place) else {
                    return frame;
                };
                change(
                    &frame,
                    ApiKey::SyncGroup,
                    version,
                    |it: &mut SyncGroupResponse| {
                        if it.error_code == 0 {
                            let first = self.assignments.entry(generation);
                            it.assignment = first.or_insert_with(|| it.assignment.clone()).clone();
                        }
                    },
                )
            }
            _ => frame,
        }
    }

    /// An event on its way to the application: how often it arrives is told by what comes out.
    pub(crate) fn event(&mut self, event: Event) -> (Option<Event>, Option<Event>) {
        let Some(bug) = self.bug else {
            return (Some(event), None);
        };
        let chance = self.rng.u8(0..4) == 0;
        match (event, bug) {
            (Event::Consumer(ConsumerEvent::Fetched(it)), Sabotage::FetchedDropped) if chance => {
                // Its room is given back, as if it had been read.
                _ = it.queue.take(it.messages, it.bytes);
                (None, None)
            }
            (Event::Consumer(ConsumerEvent::Fetched(it)), Sabotage::FetchedTwice) => {
                let again = FetchedBatch {
                    partition: it.partition.clone(),
                    version: it.version,
                    from_offset: it.from_offset,
                    batches: it.batches.clone(),
                    passed: it.passed,
                    queue: it.queue.clone(),
                    messages: 0,
                    bytes: 0,
                };
                let wrapped = |it| Some(Event::Consumer(ConsumerEvent::Fetched(it)));
                (wrapped(it), wrapped(again))
            }
            (Event::Delivered(_), Sabotage::ReportLost) if chance => (None, None),
            (event, _) => (Some(event), None),
        }
    }

    /// Whether the answer to a call arrives.
    pub(crate) fn replies(&mut self) -> bool {
        !self.is(Sabotage::ReplyLost) || self.rng.u8(0..4) > 0
    }
}

/// Another request of the same header.
fn alter<R: Request>(frame: &Bytes, change: impl FnOnce(&mut R)) -> Passage {
    let (header, body) = decode_request_header(frame.clone()).unwrap();
    let version = header.request_api_version;
    let mut request: R = decode_request(body, version).unwrap();
    change(&mut request);
    let client = header.client_id.as_deref();
    let frame = encode_request(&request, version, header.correlation_id, client);
    Passage::On(frame.into_bytes().slice(4..), None)
}

/// An answer that the broker never gave, with its length.
fn answer<R: Request>(frame: &Bytes, make: impl FnOnce(R) -> R::Response) -> Passage {
    let (header, body) = decode_request_header(frame.clone()).unwrap();
    let version = header.request_api_version;
    let response = make(decode_request(body, version).unwrap());
    let frame = encode_response(R::KEY, &response, version, header.correlation_id);
    Passage::Answered(frame.into_bytes())
}

/// Another answer than the broker's, both with their lengths.
fn change<M: Message>(
    frame: &Bytes,
    key: ApiKey,
    version: i16,
    change: impl FnOnce(&mut M),
) -> Bytes {
    let (id, mut response) = decode_response::<M>(frame.slice(4..), key, version).unwrap();
    change(&mut response);
    encode_response(key, &response, version, id).into_bytes()
}

fn produce_answer(request: ProduceRequest) -> ProduceResponse {
    let topics = request.topic_data.into_iter().map(|topic| {
        let partitions = topic
            .partition_data
            .iter()
            .map(|partition| PartitionProduceResponse {
                index: partition.index,
                ..PartitionProduceResponse::default()
            });
        TopicProduceResponse {
            partition_responses: partitions.collect(),
            name: topic.name,
            topic_id: topic.topic_id,
        }
    });
    ProduceResponse {
        responses: topics.collect(),
        ..ProduceResponse::default()
    }
}

fn commit_answer(request: OffsetCommitRequest) -> OffsetCommitResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic
            .partitions
            .iter()
            .map(|partition| OffsetCommitResponsePartition {
                partition_index: partition.partition_index,
                error_code: 0,
            });
        OffsetCommitResponseTopic {
            partitions: partitions.collect(),
            name: topic.name,
            topic_id: topic.topic_id,
        }
    });
    OffsetCommitResponse {
        topics: topics.collect(),
        ..OffsetCommitResponse::default()
    }
}

/// Batches of idempotent producers become anybody's; those of transactions stay, as they cannot.
fn forget_producers(request: &mut ProduceRequest) {
    let partitions = request.topic_data.iter_mut();
    for partition in partitions.flat_map(|topic| &mut topic.partition_data) {
        let Some(records) = partition.records.take() else {
            continue;
        };
        let mut bytes = BytesMut::from(&records.into_bytes()[..]);
        let is_transactional = RecordBatches::new(bytes.clone().freeze())
            .filter_map(Result::ok)
            .any(|batch| {
                batch
                    .header()
                    .is_some_and(|it| it.attributes.is_transactional())
            });
        if !is_transactional {
            // The client sends one batch per partition.
            patch_producer(&mut bytes, -1, -1, -1).unwrap();
        }
        partition.records = Some(bytes.freeze().into());
    }
}

/// What is left of fetched batches without the first of several.
fn without_first(bytes: Bytes) -> Bytes {
    let mut batches = RecordBatches::new(bytes.clone());
    match (batches.next(), batches.next()) {
        (Some(Ok(first)), Some(_)) => bytes.slice(first.into_raw().len()..),
        _ => bytes,
    }
}
