//! Random lives of a partition in a share group, beside a model that knows each record by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka_wire::messages::share_fetch::AcknowledgementBatch;
use rdkafka_wire::types::StrBytes;

use super::acquire::{Ask, LogBatch};
use super::partition::{Limits, SharePartition};
use super::state::PartitionState;

/// One record of the model.
#[derive(Debug, Clone, PartialEq)]
enum Fate {
    Free(i16),
    Taken(usize, i16, Duration),
    Done,
}

const LIMITS: Limits = Limits {
    delivery_count: 4,
    in_flight: 40,
    lock: Duration::from_millis(50),
    can_renew: true,
};
const MEMBERS: usize = 3;

fn member(at: usize) -> StrBytes {
    format!("m{at}").into()
}

struct Life {
    rng: fastrand::Rng,
    partition: SharePartition,
    model: BTreeMap<i64, Fate>,
    log: Vec<LogBatch>,
    now: Duration,
}

impl Life {
    fn new(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            partition: SharePartition::load(&PartitionState::default(), 0),
            model: BTreeMap::new(),
            log: Vec::new(),
            now: Duration::ZERO,
        }
    }

    fn end(&self) -> i64 {
        self.log.last().map_or(0, |it| it.last + 1)
    }

    fn append(&mut self) {
        let first = self.end();
        let last = first + self.rng.i64(0..6);
        self.log.push(LogBatch {
            first,
            last,
            is_aborted: false,
        });
        for offset in first..=last {
            self.model.insert(offset, Fate::Free(0));
        }
    }

    fn acquire(&mut self) {
        let at = self.rng.usize(0..MEMBERS);
        let id = member(at);
        let from = self.partition.next_offset();
        let batches: Vec<LogBatch> = self
            .log
            .iter()
            .copied()
            .filter(|it| it.last >= from)
            .collect();
        let ask = Ask {
            member: &id,
            max_records: self.rng.i64(1..10),
            batch_size: self.rng.i64(1..10),
            is_limit: self.rng.bool(),
            now: self.now,
        };
        let got = self.partition.acquire(ask, &LIMITS, &batches);
        let mut count = 0;
        for range in got {
            for offset in range.first_offset..=range.last_offset {
                count += 1;
                let fate = self.model.get_mut(&offset).unwrap();
                let Fate::Free(before) = *fate else {
                    panic!("{offset} was given to {at} and is {fate:?}");
                };
                assert_eq!(range.delivery_count, before + 1, "{offset}");
                *fate = Fate::Taken(at, before + 1, self.now + LIMITS.lock);
            }
        }
        assert!(!ask.is_limit || count <= ask.max_records);
    }

    /// Says something of records, of which not all may be the member's: then nothing may change.
    fn acknowledge(&mut self) {
        let at = self.rng.usize(0..MEMBERS);
        let first = self.rng.i64(0..self.end().max(1));
        let last = first + self.rng.i64(0..4);
        let kinds: Vec<i8> = match self.rng.bool() {
            true => vec![self.rng.i8(0..5)],
            false => (first..=last).map(|_| self.rng.i8(0..5)).collect(),
        };
        let batch = AcknowledgementBatch {
            first_offset: first,
            last_offset: last,
            acknowledge_types: kinds.clone(),
        };
        let kind_of = |offset: i64| match kinds[..] {
            [kind] => kind,
            _ => kinds[usize::try_from(offset - first).unwrap()],
        };
        let begin = self.partition.start;
        let mine =
            |offset: i64| matches!(self.model.get(&offset), Some(Fate::Taken(by, ..)) if *by == at);
        let is_right = last < begin || (first.max(begin)..=last).all(mine);
        let mut changed = self.partition.clone();
        let outcome = changed.acknowledge(&member(at), &[batch], &LIMITS, self.now);
        assert_eq!(outcome.is_ok(), is_right, "{first}-{last} {outcome:?}");
        if !is_right {
            return;
        }
        self.partition = changed;
        for offset in first.max(begin)..=last {
            let fate = self.model.get_mut(&offset).unwrap();
            let Fate::Taken(_, count, _) = *fate else {
                continue;
            };
            *fate = match kind_of(offset) {
                2 => free(count),
                4 => Fate::Taken(at, count, self.now + LIMITS.lock),
                _ => Fate::Done,
            };
        }
    }

    fn pass_time(&mut self) {
        self.now += Duration::from_millis(self.rng.u64(0..40));
        let now = self.now;
        self.partition.release(&LIMITS, |_, until| until <= now);
        for fate in self.model.values_mut() {
            if let Fate::Taken(_, count, until) = *fate
                && until <= now
            {
                *fate = free(count);
            }
        }
    }

    fn leave(&mut self) {
        let at = self.rng.usize(0..MEMBERS);
        let id = member(at);
        self.partition.release(&LIMITS, |owner, _| *owner == id);
        for fate in self.model.values_mut() {
            if let Fate::Taken(by, count, _) = *fate
                && by == at
            {
                *fate = free(count);
            }
        }
    }

    /// What is stored makes a partition in which nobody has anything, and everything else is as it was.
    fn restart(&mut self) {
        let (batches, delivery_complete_count) = self.partition.stored();
        let state = PartitionState {
            start_offset: self.partition.start,
            delivery_complete_count,
            batches,
            ..PartitionState::default()
        };
        self.partition = SharePartition::load(&state, 0);
        for fate in self.model.values_mut() {
            if let Fate::Taken(_, count, _) = *fate {
                *fate = Fate::Free(count - 1);
            }
        }
        assert_eq!(self.partition.stored().1, delivery_complete_count);
    }

    fn check(&self) {
        let begin = self.partition.start;
        let is_done = |offset: &i64| self.model.get(offset) == Some(&Fate::Done);
        assert!(
            (0..begin).all(|it| is_done(&it)),
            "the start passed over what is not done with"
        );
        assert!(!is_done(&begin), "the start stays behind");
        assert!(self.partition.end() - begin <= LIMITS.in_flight + 6);
        let done = self
            .model
            .range(begin..)
            .filter(|(_, it)| **it == Fate::Done);
        let complete = i32::try_from(done.count()).unwrap();
        assert_eq!(self.partition.stored().1, complete);
        let free = self
            .model
            .range(begin..)
            .find(|(_, it)| matches!(it, Fate::Free(_)));
        let next = free.map_or_else(|| self.end(), |(offset, _)| *offset);
        assert_eq!(self.partition.next_offset(), next);
        let mut end = begin - 1;
        for (first, run) in &self.partition.runs {
            assert!(*first > end && run.last >= *first, "runs overlap");
            end = run.last;
        }
    }
}

const fn free(count: i16) -> Fate {
    if count >= LIMITS.delivery_count {
        Fate::Done
    } else {
        Fate::Free(count)
    }
}

#[test]
fn random_lives_agree_with_a_model_of_single_records() {
    for seed in 0..300 {
        let mut life = Life::new(seed);
        for _ in 0..200 {
            match life.rng.u8(0..20) {
                0..=3 => life.append(),
                4..=8 => life.acquire(),
                9..=15 => life.acknowledge(),
                16 | 17 => life.pass_time(),
                18 => life.leave(),
                _ => life.restart(),
            }
            life.check();
        }
    }
}
