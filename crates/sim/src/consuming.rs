//! The application of a member of a group: polls, answers rebalances, commits, seeks, leaves and joins again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use rdkafka_client_core::admin::{Call, CallReply};
use rdkafka_client_core::consumer::{
    Call as ConsumerCall, CallReply as ConsumerReply, Command as ConsumerCommand,
    ConsumedPartition, Event as ConsumerEvent, FetchedBatch, PollWatch, Rebalance, RebalanceKind,
    Subscription,
};
use rdkafka_client_core::io::{
    CallId, Command, Event, Input, Moment, TopicPartition, TopicPartitionOffset,
};

use crate::ledger::{Ledger, Place, number_of};
use crate::peer::Mailbox;
use crate::plan::{CommitBy, GroupPlan};

/// Closing takes no longer than this (the core gives up after five seconds).
const CLOSE_TIMEOUT: Duration = Duration::from_secs(8);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// To subscribe.
    New,
    Running,
    /// Since when.
    Closing(Moment),
    Closed,
}

/// The time between two moves of a partition's position: given, sought, or begun anew.
#[derive(Debug)]
struct Tenure {
    partition: Arc<ConsumedPartition>,
    version: u32,
    /// The offset after the last record.
    next: i64,
}

#[derive(Debug)]
pub(crate) struct ConsumerApp {
    pub(crate) plan: GroupPlan,
    /// Its name, of a static member.
    instance: Option<String>,
    stage: Stage,
    watch: Arc<PollWatch>,
    rng: Rng,
    /// Partitions a rebalance gave, until the place in the group is known.
    given: BTreeMap<CallId, Vec<Place>>,
    /// Commits and other calls under way, by what they are.
    committing: Option<CallId>,
    /// Something was delivered since the last commit.
    is_dirty: bool,
    paused: Vec<TopicPartition>,
    tenures: BTreeMap<Place, Tenure>,
    /// What was committed, and promised to be kept, when a rebalance gave a partition.
    floors: BTreeMap<Place, i64>,
    /// Seeks are for the time of the faults.
    pub(crate) is_calm: bool,
}

impl ConsumerApp {
    pub(crate) fn new(plan: GroupPlan, instance: Option<String>, rng: Rng) -> Self {
        Self {
            plan,
            instance,
            stage: Stage::New,
            watch: Arc::new(PollWatch::default()),
            rng,
            given: BTreeMap::new(),
            committing: None,
            is_dirty: false,
            paused: Vec::new(),
            tenures: BTreeMap::new(),
            floors: BTreeMap::new(),
            is_calm: false,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }

    pub(crate) fn leave(&mut self, mailbox: &mut Mailbox) {
        if self.stage == Stage::Running {
            self.stage = Stage::Closing(mailbox.now);
            command(mailbox, ConsumerCommand::Close);
        }
    }

    pub(crate) fn step(&mut self, mailbox: &mut Mailbox, ledger: &mut Ledger) {
        if self.stage == Stage::New {
            self.stage = Stage::Running;
            command(mailbox, ConsumerCommand::Watch(Arc::clone(&self.watch)));
            let topics = self.plan.topics.iter().map(|topic| topic.as_str().into());
            let subscription = Subscription::new(topics.collect()).unwrap();
            ask(mailbox, ConsumerCall::Subscribe(subscription), 10);
        }
        if self.watch.begin() {
            command(mailbox, ConsumerCommand::Polled);
        }
        self.hear_answers(mailbox, ledger);
        let polls = self.rng.u32(1..=20);
        for _ in 0..polls {
            let Some(event) = mailbox.events.pop_front() else {
                break;
            };
            self.serve(event, mailbox, ledger);
        }
        self.watch.end();
        match self.stage {
            Stage::Running => self.act(mailbox, ledger),
            Stage::Closing(since) => assert!(
                mailbox.now.since(since.max(mailbox.awake_since)) < CLOSE_TIMEOUT,
                "closing a consumer takes too long"
            ),
            Stage::New | Stage::Closed => {}
        }
    }

    fn hear_answers(&mut self, mailbox: &mut Mailbox, ledger: &mut Ledger) {
        while let Some((id, result)) = mailbox.replies.pop_front() {
            if self.committing == Some(id) {
                self.committing = None;
                // Failures are in the list: what is not committed is committed next time.
                let is_good = matches!(&result, Ok(CallReply::Consumer(ConsumerReply::Partitions(list)))
                    if list.iter().all(|one| !one.error.is_error()));
                self.is_dirty |= !is_good && self.is_calm;
            }
            let Some(places) = self.given.remove(&id) else {
                continue;
            };
            if let Ok(CallReply::Consumer(ConsumerReply::Group(place))) = result
                && place.generation >= 0
                && !place.member_id.is_empty()
            {
                for partition in places {
                    let group = &self.plan.name;
                    // Who comes back as the same static member goes on in its generation, with another id.
                    let instance = self.instance.as_deref();
                    let member = instance.unwrap_or(&place.member_id);
                    ledger.own(group, place.generation, partition, member);
                }
            }
        }
    }

    fn serve(&mut self, event: Event, mailbox: &mut Mailbox, ledger: &mut Ledger) {
        match event {
            Event::Consumer(ConsumerEvent::Fetched(fetched)) => {
                if self.stage == Stage::Running {
                    self.walk(&fetched, ledger);
                }
                if fetched.queue.take(fetched.messages, fetched.bytes) {
                    command(mailbox, ConsumerCommand::Resume);
                }
            }
            Event::Consumer(ConsumerEvent::Rebalance(rebalance)) => {
                self.rebalance(rebalance, mailbox, ledger);
            }
            Event::Consumer(ConsumerEvent::Closed(_)) => self.stage = Stage::Closed,
            // A group of which nothing is left cannot be gone on with.
            // The word of a process that is gone may arrive late, and put another out of its static place.
            Event::Error(error)
                if error.fatal && (!ledger.has_memory || self.instance.is_some()) =>
            {
                self.stage = Stage::Closed;
            }
            Event::Error(error) if error.fatal => {
                panic!("a consumer is of no use any more: {error:?}")
            }
            _ => {}
        }
    }

    fn walk(&mut self, fetched: &FetchedBatch, ledger: &mut Ledger) {
        let partition: &Arc<ConsumedPartition> = &fetched.partition;
        if partition.version() != fetched.version {
            return;
        }
        let place = (partition.topic().name.to_string(), partition.partition());
        for batch in &fetched.batches {
            batch.verify_crc().unwrap();
            let plain = batch.decompress(1 << 24).unwrap();
            let epoch = batch
                .header()
                .map_or(-1, |header| header.partition_leader_epoch);
            partition.enter_batch(epoch, true);
            for record in plain.records() {
                let record = record.unwrap();
                if record.offset < fetched.from_offset {
                    continue;
                }
                partition.deliver(record.offset, true);
                self.check_tenure(fetched, &place, record.offset, ledger);
                let number = number_of(record.value.unwrap());
                ledger.deliver(&self.plan.name, &place, record.offset, number);
                self.is_dirty = true;
            }
        }
    }

    /// Laws: within a tenure records come once and in order; it begins at what was committed.
    fn check_tenure(
        &mut self,
        fetched: &FetchedBatch,
        place: &Place,
        offset: i64,
        ledger: &Ledger,
    ) {
        let tenure = self.tenures.get(place).filter(|tenure| {
            Arc::ptr_eq(&tenure.partition, &fetched.partition) && tenure.version == fetched.version
        });
        if let Some(tenure) = tenure {
            assert!(
                offset >= tenure.next || !ledger.keeps_what_was_read,
                "within a tenure records come once: {place:?} at {offset} after {}",
                tenure.next - 1
            );
        }
        let tenure = Tenure {
            partition: Arc::clone(&fetched.partition),
            version: fetched.version,
            next: offset + 1,
        };
        self.tenures.insert(place.clone(), tenure);
        let floor = self.floors.get(place).copied().unwrap_or(0);
        assert!(
            offset >= floor || self.plan.seeks || !ledger.keeps_what_was_read,
            "a tenure begins at what was committed: {place:?} at {offset}, committed was {floor}"
        );
    }

    fn rebalance(&mut self, rebalance: Rebalance, mailbox: &mut Mailbox, ledger: &Ledger) {
        // What is paused stays so where a cooperative rebalance leaves it to its member: it is not forgotten here.
        let list = rebalance.partitions;
        let is_alone = !mailbox
            .events
            .iter()
            .any(|event| matches!(event, Event::Consumer(ConsumerEvent::Rebalance(_))));
        let call = match (rebalance.kind, self.plan.is_cooperative) {
            (RebalanceKind::Assign, is_cooperative) => {
                let told = ledger.groups.get(&self.plan.name).map(|book| &book.told);
                for one in &list {
                    let place = (one.topic.to_string(), one.partition);
                    let floor = told.and_then(|told| told.get(&place)).copied();
                    self.floors.insert(place, floor.unwrap_or(0));
                }
                if is_alone {
                    let id = ask(mailbox, ConsumerCall::GroupMetadata, 10);
                    let places = list
                        .iter()
                        .map(|one| (one.topic.to_string(), one.partition));
                    self.given.insert(id, places.collect());
                }
                if is_cooperative {
                    ConsumerCall::IncrementalAssign(list)
                } else {
                    ConsumerCall::Assign(Some(list))
                }
            }
            (RebalanceKind::Revoke, is_cooperative) => {
                if self.plan.commit_by != CommitBy::Itself && self.rng.bool() {
                    ask(mailbox, ConsumerCall::Commit(None), 30);
                }
                if is_cooperative {
                    let ids = list.iter().map(|one| TopicPartition {
                        topic: one.topic.clone(),
                        partition: one.partition,
                    });
                    ConsumerCall::IncrementalUnassign(ids.collect())
                } else {
                    ConsumerCall::Assign(None)
                }
            }
        };
        ask(mailbox, call, 10);
    }

    fn act(&mut self, mailbox: &mut Mailbox, ledger: &Ledger) {
        let is_time = self.is_calm || self.rng.u8(0..4) == 0;
        // When all is calm, what a failed commit left is committed for sure.
        let wants_commit = self.is_dirty || (self.is_calm && self.rng.u8(0..10) == 0);
        if wants_commit && self.committing.is_none() && is_time {
            match self.plan.commit_by {
                CommitBy::Itself => {}
                CommitBy::Call => {
                    self.is_dirty = false;
                    self.committing = Some(ask(mailbox, ConsumerCall::Commit(None), 30));
                }
                CommitBy::Command => {
                    self.is_dirty = false;
                    command(mailbox, ConsumerCommand::Commit(None));
                }
            }
        }
        if self.is_calm {
            let paused = std::mem::take(&mut self.paused);
            if !paused.is_empty() {
                pause(mailbox, paused, false);
            }
            return;
        }
        let Some((topic, partition)) = self.some_place(ledger) else {
            return;
        };
        let id = TopicPartition {
            topic: topic.as_str().into(),
            partition,
        };
        match self.rng.u8(0..60) {
            0 if self.plan.seeks => {
                // Back only: what lies between is asked for later.
                let end = book_end(ledger, &self.plan.name, &id);
                let position = self.rng.i64(0..=3).min(end);
                let to = TopicPartitionOffset::new(id.topic, partition, position);
                ask(mailbox, ConsumerCall::Seek(vec![to]), 10);
            }
            1 if self.paused.is_empty() => {
                self.paused.push(id.clone());
                pause(mailbox, vec![id], true);
            }
            2..=6 if !self.paused.is_empty() => {
                let paused = std::mem::take(&mut self.paused);
                pause(mailbox, paused, false);
            }
            7 => {
                ask(mailbox, ConsumerCall::Positions(vec![id]), 10);
            }
            8 => {
                ask(mailbox, ConsumerCall::Committed(vec![id]), 5);
            }
            _ => {}
        }
    }

    fn some_place(&mut self, ledger: &Ledger) -> Option<Place> {
        let book = ledger.groups.get(&self.plan.name)?;
        let count = book.positions.len();
        let nth = (count > 0).then(|| self.rng.usize(..count))?;
        book.positions.keys().nth(nth).cloned()
    }
}

/// The offset after the last record that a group was handed.
fn book_end(ledger: &Ledger, group: &str, id: &TopicPartition) -> i64 {
    let place = (id.topic.to_string(), id.partition);
    let book = ledger.groups.get(group);
    let end = book.and_then(|book| book.positions.get(&place));
    end.copied().unwrap_or(0)
}

fn command(mailbox: &mut Mailbox, command: ConsumerCommand) {
    mailbox.out.push(Input::Command(Command::Consumer(command)));
}

fn ask(mailbox: &mut Mailbox, call: ConsumerCall, seconds: u64) -> CallId {
    mailbox.ask(Call::Consumer(call), Duration::from_secs(seconds))
}

fn pause(mailbox: &mut Mailbox, partitions: Vec<TopicPartition>, paused: bool) {
    let call = Call::Pause { partitions, paused };
    mailbox.ask(call, Duration::from_secs(10));
}
