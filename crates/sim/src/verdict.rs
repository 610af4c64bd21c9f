//! The end: whether everything is quiet, and whether what the log holds is what everybody was told.
//!
//! Reads the partitions as they are and follows the markers of transactions itself, so that neither side's idea of what
//! is visible is taken for granted.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka_records::{EndTxnMarker, RecordBatches, TransactionResult};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};

use crate::Summary;
use crate::ledger::{Outcome, Place, number_of};
use crate::peer::App;
use crate::plan::GroupPlan;
use crate::world::World;

/// After the last fault the system has this long to become quiet.
const CALM_US: u64 = 240_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Of no transaction, or of one that was committed.
    Visible,
    Aborted,
    /// Of a transaction that nobody ended.
    Open,
}

/// A record in the log.
#[derive(Debug, Clone, Copy)]
struct Found {
    offset: i64,
    number: u64,
    state: State,
}

type Logs = BTreeMap<Place, Vec<Found>>;

impl World {
    /// Whether everything is quiet. Panics when it should be by now.
    pub(crate) fn look(&mut self) -> bool {
        let is_disturbed =
            self.now < self.calm_at || !self.node.is_up() || self.broker_paused_until > self.now;
        if is_disturbed {
            return false;
        }
        if !self.is_calm {
            self.is_calm = true;
            self.calm_at = self.now;
            self.say(|| "==== calm".to_owned());
        }
        let noise = self.noise();
        if let Some(noise) = &noise {
            assert!(
                self.now < self.calm_at + CALM_US,
                "no end of noise: {noise}"
            );
        }
        noise.is_none()
    }

    /// What is not done yet.
    fn noise(&mut self) -> Option<String> {
        for (index, peer) in self.peers.iter().enumerate() {
            if let App::Producer(app) = &peer.app
                && !app.is_quiet(&self.ledger)
            {
                return Some(format!("producer {index}: {}", app.story(&self.ledger)));
            }
        }
        let logs = self.logs();
        let open = logs
            .values()
            .flatten()
            .find(|found| found.state == State::Open);
        if let Some(open) = open {
            return Some(format!("an open transaction: {open:?}"));
        }
        self.look_at_commits();
        for group in &self.plan.groups {
            if let Some(lag) = self.lag(group, &logs) {
                return Some(lag);
            }
        }
        None
    }

    fn lag(&self, group: &GroupPlan, logs: &Logs) -> Option<String> {
        let book = &self.ledger.groups[&group.name];
        for (place, log) in logs {
            if !group.topics.contains(&place.0) {
                continue;
            }
            let mut visible = log.iter().filter(|found| is_seen(group, found));
            let none = BTreeSet::new();
            let delivered = book.delivered.get(place).unwrap_or(&none);
            let is_durable = self.plan.power.is_durable();
            let position = book.positions.get(place).copied().unwrap_or(0);
            for found in visible.clone() {
                // Where a log is cut off, offsets that were handed out come again with other records.
                if self.plan.power.cuts_power() && found.offset < position {
                    continue;
                }
                if !delivered.contains(&(found.offset, found.number)) {
                    return Some(format!("{} did not get {place:?} {found:?}", group.name));
                }
            }
            let end = visible.next_back().map_or(0, |found| found.offset + 1);
            let committed = book.committed.get(place).copied().unwrap_or(0);
            // Where commits are lost, their members still know them as made, and do not repeat them.
            if committed < end && is_durable {
                return Some(format!(
                    "{} lags in {place:?}: {committed} of {end}",
                    group.name
                ));
            }
        }
        None
    }

    fn logs(&mut self) -> Logs {
        let mut logs = Logs::new();
        for (topic, partitions) in self.plan.topics.clone() {
            for partition in 0..partitions {
                let log = self.read(&topic, partition);
                logs.insert((topic.clone(), partition), log);
            }
        }
        logs
    }

    /// A partition from its beginning.
    fn read(&mut self, topic: &str, partition: i32) -> Vec<Found> {
        let mut log = Vec::new();
        let mut producers: Vec<i64> = Vec::new();
        let mut next = 0;
        loop {
            let bytes = self.fetch(topic, partition, next);
            let before = next;
            for batch in RecordBatches::new(bytes) {
                let batch = batch.expect("the log is whole");
                batch.verify_crc().expect("the log is intact");
                let header = *batch.header().expect("of the new format");
                assert_eq!(header.base_offset, next, "offsets without gaps");
                next = header.next_offset();
                if let Some(marker) = EndTxnMarker::from_batch(&batch) {
                    let state = match marker.result {
                        TransactionResult::Commit => State::Visible,
                        TransactionResult::Abort => State::Aborted,
                    };
                    settle(&mut log, &producers, header.producer_id, state);
                    continue;
                }
                let state = if header.attributes.is_transactional() {
                    State::Open
                } else {
                    State::Visible
                };
                for record in batch.decompress(1 << 24).unwrap().records() {
                    let record = record.unwrap();
                    log.push(Found {
                        offset: record.offset,
                        number: number_of(record.value.unwrap()),
                        state,
                    });
                    producers.push(header.producer_id);
                }
            }
            if next == before {
                return log;
            }
        }
    }

    fn fetch(&mut self, topic: &str, partition: i32, offset: i64) -> bytes::Bytes {
        let partition = FetchPartition {
            partition,
            fetch_offset: offset,
            partition_max_bytes: 1 << 24,
            ..FetchPartition::default()
        };
        let topic = FetchTopic {
            topic: topic.into(),
            partitions: vec![partition],
            ..FetchTopic::default()
        };
        let request = FetchRequest {
            topics: vec![topic],
            max_bytes: 1 << 24,
            ..FetchRequest::default()
        };
        let now = self.broker_now();
        let (answer, effects) = self.node.ask(11, &request, now);
        self.obey(effects);
        let mut answer = answer.expect("a fetch that waits for nothing is answered");
        let data = answer.responses.remove(0).partitions.remove(0);
        assert_eq!(data.error_code, 0, "a partition is there");
        data.records.unwrap_or_default().into_bytes()
    }

    /// The laws of the end.
    pub(crate) fn judge(&mut self) {
        let logs = self.logs();
        let mut places: BTreeMap<u64, Vec<(Place, Found)>> = BTreeMap::new();
        for (place, log) in &logs {
            for found in log {
                let there = places.entry(found.number).or_default();
                there.push((place.clone(), *found));
            }
        }
        for record in &self.ledger.produced {
            assert!(
                record.report.is_some() || record.is_orphan,
                "a delivery report for each record: {record:?}"
            );
        }
        if self.plan.power.is_durable() {
            self.judge_acknowledged(&places);
            self.judge_once(&places);
            self.judge_order(&logs);
            self.judge_transactions(&places);
            self.judge_visibility(&logs);
        }
        self.summary.digest = digest(&logs, self.summary.events ^ self.now);
    }

    /// What was acknowledged is there, where it was said to be.
    fn judge_acknowledged(&self, places: &BTreeMap<u64, Vec<(Place, Found)>>) {
        for (number, record) in (0..).zip(&self.ledger.produced) {
            let Some((partition, offset, ErrorCode::NONE)) = record.report else {
                continue;
            };
            let there = places.get(&number).map_or(&[][..], Vec::as_slice);
            let is_there = there.iter().any(|((topic, at), found)| {
                *topic == record.topic && *at == partition && (offset < 0 || found.offset == offset)
            });
            assert!(
                is_there || !record.has_acks,
                "acknowledged is durable: {number} {record:?} is found at {there:?}"
            );
        }
    }

    /// Idempotent means once.
    fn judge_once(&self, places: &BTreeMap<u64, Vec<(Place, Found)>>) {
        for (number, there) in places {
            let record = &self.ledger.produced[usize::try_from(*number).unwrap()];
            assert!(
                there.len() == 1 || !record.is_idempotent,
                "idempotent means once: {number} {record:?} is found at {there:?}"
            );
        }
    }

    /// Records of a producer keep their order within a partition.
    fn judge_order(&self, logs: &Logs) {
        for (place, log) in logs {
            let mut last: BTreeMap<(usize, u32), u64> = BTreeMap::new();
            let mut seen = BTreeSet::new();
            for found in log {
                let record = &self.ledger.produced[usize::try_from(found.number).unwrap()];
                // What is sent again after a lost answer is there twice, unless the producer is idempotent.
                let is_repeated = !seen.insert(found.number) && !record.is_idempotent;
                if !record.is_ordered || is_repeated {
                    continue;
                }
                let before = last.insert((record.peer, record.life), found.number);
                assert!(
                    before.is_none_or(|before| before < found.number),
                    "order is kept: in {place:?} {found:?} comes after {before:?}"
                );
            }
        }
    }

    /// A transaction is there as a whole, or not at all.
    fn judge_transactions(&self, places: &BTreeMap<u64, Vec<(Place, Found)>>) {
        let mut states: BTreeMap<usize, State> = BTreeMap::new();
        for (number, record) in (0..).zip(&self.ledger.produced) {
            let Some(transaction) = record.transaction else {
                continue;
            };
            let outcome = self.ledger.transactions[transaction];
            let there = places.get(&number).map_or(&[][..], Vec::as_slice);
            assert!(
                outcome != Outcome::Committed || there.len() == 1,
                "all of a committed transaction is there: {number} {record:?} {there:?}"
            );
            for (place, found) in there {
                let wanted = match outcome {
                    Outcome::Committed => State::Visible,
                    Outcome::Aborted => State::Aborted,
                    Outcome::Unknown => *states.entry(transaction).or_insert(found.state),
                };
                assert_eq!(
                    found.state, wanted,
                    "a transaction is whole: {transaction} {outcome:?} {place:?} {found:?}"
                );
            }
        }
    }

    /// Nobody was handed what is not there, or, reading what is committed, what was aborted.
    fn judge_visibility(&self, logs: &Logs) {
        for group in &self.plan.groups {
            let book = &self.ledger.groups[&group.name];
            for (place, delivered) in &book.delivered {
                let seen = logs[place].iter().filter(|found| is_seen(group, found));
                let seen: BTreeSet<_> = seen.map(|found| (found.offset, found.number)).collect();
                for one in delivered {
                    let report = self.ledger.produced[usize::try_from(one.1).unwrap()].report;
                    let is_told = report == Some((place.1, one.0, ErrorCode::NONE));
                    // Readers get what is not on the disk yet; a loss of power may take it.
                    assert!(
                        seen.contains(one) || (self.plan.power.cuts_power() && !is_told),
                        "{} was handed what it must not see: {place:?} {one:?}",
                        group.name
                    );
                }
            }
        }
    }

    pub(crate) fn summarize(&self) -> Summary {
        let is_good = |record: &&crate::ledger::Produced| {
            matches!(record.report, Some((_, _, ErrorCode::NONE)))
        };
        let ended = self
            .ledger
            .transactions
            .iter()
            .filter(|outcome| **outcome != Outcome::Unknown);
        Summary {
            virtual_ms: self.now / 1000,
            produced: self.ledger.produced.len() as u64,
            acknowledged: self.ledger.produced.iter().filter(is_good).count() as u64,
            delivered: self.ledger.delivered,
            assigned: self.ledger.assigned,
            transactions: ended.count() as u64,
            ..self.summary
        }
    }
}

fn is_seen(group: &GroupPlan, found: &Found) -> bool {
    found.state == State::Visible || !group.read_committed
}

/// A marker ends the transaction of a producer.
fn settle(log: &mut [Found], producers: &[i64], producer: i64, state: State) {
    for (found, of) in log.iter_mut().zip(producers) {
        if found.state == State::Open && *of == producer {
            found.state = state;
        }
    }
}

fn digest(logs: &Logs, begin: u64) -> u64 {
    let mix = |sum: u64, next: u64| (sum ^ next).wrapping_mul(0x0100_0000_01b3).rotate_left(17);
    logs.values().flatten().fold(begin, |sum, found| {
        mix(mix(sum, found.number), found.offset.unsigned_abs())
    })
}
