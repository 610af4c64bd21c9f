//! What applications were told, and the laws that hold at every step: a delivery report comes once, a partition has one
//! owner in a generation, a commit neither passes what was delivered nor goes backwards.
//!
//! A broken law panics with its name.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka_wire::ErrorCode;

/// A record the simulation produced.
#[derive(Debug)]
pub(crate) struct Produced {
    pub(crate) peer: usize,
    pub(crate) life: u32,
    pub(crate) topic: String,
    pub(crate) is_ordered: bool,
    pub(crate) is_idempotent: bool,
    pub(crate) has_acks: bool,
    pub(crate) transaction: Option<usize>,
    /// Partition, offset (-1001 where it was not told) and result.
    pub(crate) report: Option<(i32, i64, ErrorCode)>,
    /// Its producer died before it could tell.
    pub(crate) is_orphan: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Not told yet, or never.
    Unknown,
    Committed,
    Aborted,
}

pub(crate) type Place = (String, i32);

/// What the members of a group were handed, all of them together.
#[derive(Debug, Default)]
pub(crate) struct GroupBook {
    /// Offsets and records.
    pub(crate) delivered: BTreeMap<Place, BTreeSet<(i64, u64)>>,
    /// The offset after the last record handed out, by anybody.
    pub(crate) positions: BTreeMap<Place, i64>,
    /// The last offset that showed as committed.
    pub(crate) committed: BTreeMap<Place, i64>,
    /// The last offset whose commit was answered.
    pub(crate) told: BTreeMap<Place, i64>,
    owners: BTreeMap<(i32, Place), String>,
    pub(crate) may_go_back: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) produced: Vec<Produced>,
    pub(crate) transactions: Vec<Outcome>,
    pub(crate) groups: BTreeMap<String, GroupBook>,
    pub(crate) delivered: u64,
    pub(crate) assigned: u64,
    /// Whether the broker remembers what it told; generations begin anew where it does not.
    pub(crate) has_memory: bool,
    /// Whether what was read stays: where the power goes, a log may lose what is not flushed yet.
    pub(crate) keeps_what_was_read: bool,
}

/// The number in a payload.
pub(crate) fn number_of(payload: &[u8]) -> u64 {
    let digits = payload.split(|byte| *byte == b':').next();
    std::str::from_utf8(digits.unwrap())
        .unwrap()
        .parse()
        .unwrap_or_else(|_| panic!("a record that nobody produced: {payload:?}"))
}

impl Ledger {
    /// A record is about to be produced: its number.
    pub(crate) fn produce(&mut self, record: Produced) -> u64 {
        self.produced.push(record);
        self.produced.len() as u64 - 1
    }

    /// A delivery report.
    pub(crate) fn report(
        &mut self,
        from: (usize, u32),
        number: u64,
        opaque: u64,
        (partition, offset, error): (i32, i64, ErrorCode),
    ) {
        assert_eq!(
            opaque,
            number + 1,
            "a report names its record by the opaque"
        );
        let record = &mut self.produced[usize::try_from(number).unwrap()];
        assert_eq!(
            (record.peer, record.life),
            from,
            "a report goes to its producer"
        );
        assert!(
            record.report.is_none(),
            "record {number} is reported twice: {:?}, then {:?}",
            record.report,
            (partition, offset, error)
        );
        record.report = Some((partition, offset, error));
    }

    /// A producer is gone: nobody reports its records.
    pub(crate) fn orphan(&mut self, peer: usize, life: u32) {
        for record in &mut self.produced {
            if (record.peer, record.life) == (peer, life) && record.report.is_none() {
                record.is_orphan = true;
            }
        }
    }

    /// Whether each record of a producer was reported.
    pub(crate) fn is_reported(&self, peer: usize, life: u32) -> bool {
        self.produced
            .iter()
            .rev()
            .take_while(|record| record.peer != peer || record.life <= life)
            .filter(|record| (record.peer, record.life) == (peer, life))
            .all(|record| record.report.is_some())
    }

    /// Records of a producer that were not reported.
    pub(crate) fn unreported(&self, peer: usize, life: u32) -> Vec<usize> {
        let mine = self.produced.iter().enumerate();
        mine.filter(|(_, it)| (it.peer, it.life) == (peer, life) && it.report.is_none())
            .map(|(number, _)| number)
            .collect()
    }

    /// A record was handed to a member.
    pub(crate) fn deliver(&mut self, group: &str, place: &Place, offset: i64, number: u64) {
        let record = &self.produced[usize::try_from(number).unwrap()];
        assert_eq!(record.topic, place.0, "a record keeps its topic");
        self.delivered += 1;
        let book = self.groups.entry(group.to_owned()).or_default();
        book.delivered
            .entry(place.clone())
            .or_default()
            .insert((offset, number));
        let position = book.positions.entry(place.clone()).or_insert(0);
        *position = (*position).max(offset + 1);
    }

    /// A member was given a partition in a generation.
    pub(crate) fn own(&mut self, group: &str, generation: i32, place: Place, member: &str) {
        self.assigned += 1;
        let book = self.groups.entry(group.to_owned()).or_default();
        let before = book
            .owners
            .insert((generation, place.clone()), member.to_owned());
        assert!(
            before.as_ref().is_none_or(|before| before == member) || !self.has_memory,
            "one owner in generation {generation} of {group}: {place:?} is {member}'s and {before:?}'s"
        );
    }

    /// What the coordinator says is committed.
    pub(crate) fn committed(&mut self, group: &str, place: Place, offset: i64, is_durable: bool) {
        let book = self.groups.entry(group.to_owned()).or_default();
        if offset < 0 {
            let before = book.committed.get(&place);
            assert!(
                before.is_none() || !is_durable,
                "a commit of {group} is lost: {place:?} was {before:?}"
            );
            return;
        }
        let position = book.positions.get(&place).copied().unwrap_or(0);
        // Behind the last record lie markers of transactions, which a position moves over.
        assert!(
            offset <= position || !is_durable || book.may_go_back,
            "a commit passes what was delivered: {group} {place:?} at {offset}, delivered up to {position}"
        );
        let before = book.committed.insert(place.clone(), offset);
        assert!(
            before.is_none_or(|before| before <= offset) || book.may_go_back || !is_durable,
            "a commit goes backwards: {group} {place:?} from {before:?} to {offset}"
        );
    }
}
