//! The only state that two threads touch: the open batches, the topics' views, and a few counters.
//!
//! The application's thread holds a [`BatchSlot`]'s lock for one append; the driver only ever `try_lock`s it, for one
//! pointer move, and comes back a millisecond later when it is taken. What a topic's partitions are is an [`Arc`]
//! swapped by the driver; the application's thread looks at it again when its version changed.
//!
//! **Invariant**: whoever takes from a slot takes the full batches before the open one, so that the order in which
//! records were appended is the order in which batches leave. Records that wait for metadata are moved into slots
//! under the lock that `append` takes to add more of them, so they stay ahead.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use rdkafka_records::{BatchBuilder, Header};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;
use spin::Yield;
use spin::mutex::{SpinMutex, SpinMutexGuard};

use crate::conf::TopicConfig;
pub use crate::gauge::{FirstThread, QueueGauge};
use crate::io::Moment;
use crate::spares::Spares;

/// A record about to be appended.
#[derive(Debug, Clone, Copy)]
pub struct NewRecord<'a> {
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The payload.
    pub payload: Option<&'a [u8]>,
    /// The headers, in order, duplicates allowed.
    pub headers: &'a [Header<'a>],
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
    /// What delivery reports recognise the record by; 0 for nothing.
    pub opaque: u64,
}

impl NewRecord<'_> {
    /// What the record counts against `queue.buffering.max.kbytes`.
    #[must_use]
    pub fn queue_bytes(&self) -> u64 {
        (self.key.map_or(0, <[u8]>::len) + self.payload.map_or(0, <[u8]>::len)) as u64
    }
}

/// When a batch is full.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// Bytes, before compression (`batch.size`, at most `message.max.bytes`).
    pub bytes: usize,
    /// Records (`batch.num.messages`).
    pub records: u32,
    /// Whether opaques are kept: only where somebody reads delivery reports.
    pub keep_opaques: bool,
}

/// A batch under construction, with what is needed once it meets its fate.
#[derive(Debug)]
pub struct OpenBatch {
    pub(crate) builder: BatchBuilder,
    /// When its first record came.
    pub(crate) opened: Moment,
    /// One per record, or none at all when no record had one.
    pub(crate) opaques: Vec<u64>,
    /// What its records count against `queue.buffering.max.kbytes`.
    pub(crate) queue_bytes: u64,
}

impl OpenBatch {
    fn new(opened: Moment, builder: BatchBuilder) -> Self {
        Self {
            builder,
            opened,
            opaques: Vec::new(),
            queue_bytes: 0,
        }
    }

    /// Appends within the limits; `false` when it does not fit.
    fn append(&mut self, record: &NewRecord<'_>, limits: &BatchLimits) -> bool {
        let appended = self.builder.append_within(
            limits.bytes,
            record.timestamp_ms,
            record.key,
            record.payload,
            record.headers.iter().copied(),
        );
        let Ok(index) = appended else { return false };
        self.queue_bytes += record.queue_bytes();
        if limits.keep_opaques && (record.opaque != 0 || !self.opaques.is_empty()) {
            self.opaques.resize(index as usize, 0);
            self.opaques.push(record.opaque);
        }
        true
    }

    fn is_full(&self, limits: &BatchLimits) -> bool {
        self.builder.record_count() >= limits.records || self.builder.encoded_len() >= limits.bytes
    }
}

/// What an append means for the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// Nothing: the batch was open already.
    Joined,
    /// A batch was opened: let it linger.
    Opened,
    /// A batch is full: take it.
    Filled,
}

/// The driver found the lock taken; it comes back soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// Where the records of one partition wait for the driver.
#[derive(Debug)]
pub struct BatchSlot {
    /// The topic's place in the producer's table.
    pub(crate) topic: u32,
    /// The partition.
    pub(crate) partition: i32,
    /// Held for one append by the application's thread, and tried by the driver. Not a `Mutex`: letting go of one looks
    /// for waiters with an atomic exchange, which waits until all that was just written has left the store buffer.
    state: SpinMutex<SlotState, Yield>,
    spares: Arc<Spares>,
}

#[derive(Debug, Default)]
struct SlotState {
    full: VecDeque<OpenBatch>,
    open: Option<OpenBatch>,
    /// The size of the last batch: the next one starts with as much memory.
    capacity: usize,
}

/// Which batches the driver takes out of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// The full ones.
    Full,
    /// The open one too.
    All,
}

impl BatchSlot {
    pub(crate) fn new(topic: u32, partition: i32, spares: Arc<Spares>) -> Self {
        Self {
            topic,
            partition,
            state: SpinMutex::default(),
            spares,
        }
    }

    /// Append a record; `opened` tells the time, and is asked only when the record opens a batch.
    pub fn append(
        &self,
        record: &NewRecord<'_>,
        limits: &BatchLimits,
        opened: impl FnOnce() -> Moment,
    ) -> Appended {
        self.state
            .lock()
            .append(record, limits, &self.spares, opened)
    }

    fn try_lock(&self) -> Result<SpinMutexGuard<'_, SlotState>, Busy> {
        patiently(|| self.state.try_lock())
    }

    /// Whether anything is in it; a slot in use is taken to be so.
    pub(crate) fn holds_records(&self) -> bool {
        self.try_lock()
            .map_or(true, |state| state.open.is_some() || !state.full.is_empty())
    }

    /// When the first record of its open batch was produced; nothing while it is in use.
    pub(crate) fn opened(&self) -> Option<Moment> {
        let state = self.try_lock().ok()?;
        state.open.as_ref().map(|open| open.opened)
    }

    /// Records and bytes in it; nothing while it is in use.
    pub(crate) fn fill(&self) -> (u64, u64) {
        self.try_lock().map_or((0, 0), |state| {
            fill_of(state.full.iter().chain(&state.open))
        })
    }

    /// Take batches, oldest first.
    pub(crate) fn take(&self, what: Take, into: &mut Vec<OpenBatch>) -> Result<(), Busy> {
        let mut state = self.try_lock()?;
        into.extend(state.full.drain(..));
        if what == Take::All
            && let Some(open) = state.open.take()
        {
            state.capacity = open.builder.encoded_len();
            into.push(open);
        }
        Ok(())
    }
}

impl SlotState {
    fn append(
        &mut self,
        record: &NewRecord<'_>,
        limits: &BatchLimits,
        spares: &Spares,
        opened: impl FnOnce() -> Moment,
    ) -> Appended {
        let mut result = Appended::Joined;
        if let Some(open) = &mut self.open {
            if open.append(record, limits) {
                if !open.is_full(limits) {
                    return Appended::Joined;
                }
                self.close_open();
                return Appended::Filled;
            }
            self.close_open();
            result = Appended::Filled;
        }
        let mut batch = OpenBatch::new(opened(), spares.builder(self.capacity));
        // The first record is let in whatever its size, so this cannot be refused.
        let fits = batch.append(record, limits);
        debug_assert!(fits, "an empty batch takes any record");
        let is_full = batch.is_full(limits);
        self.open = Some(batch);
        if is_full {
            self.close_open();
            result = Appended::Filled;
        } else if result == Appended::Joined {
            result = Appended::Opened;
        }
        result
    }

    fn close_open(&mut self) {
        if let Some(open) = self.open.take() {
            self.capacity = open.builder.encoded_len();
            self.full.push_back(open);
        }
    }
}

/// What is known of a topic's partitions.
#[derive(Debug)]
pub enum TopicView {
    /// Nothing yet: records wait.
    Unknown,
    /// The topic is not there, for this reason.
    Missing(ErrorCode),
    /// Its partitions.
    Partitions(Vec<PartitionView>),
}

/// A partition, as the partitioner sees it.
#[derive(Debug, Clone)]
pub struct PartitionView {
    /// Where its records go.
    pub slot: Arc<BatchSlot>,
    /// Whether it has a leader now.
    pub is_available: bool,
}

/// A topic records are produced to.
#[derive(Debug)]
pub struct TopicShared {
    /// Its name.
    pub name: StrBytes,
    /// Its configuration.
    pub conf: TopicConfig,
    version: AtomicU32,
    view: Mutex<Arc<TopicView>>,
    waiting: Mutex<Waiting>,
}

/// Records that wait for the topic's metadata, in the order they came.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) batches: VecDeque<WaitingBatch>,
}

/// Records that wait and were meant for the same partition.
#[derive(Debug)]
pub(crate) struct WaitingBatch {
    /// The partition asked for; -1 for any.
    pub(crate) partition: i32,
    pub(crate) batch: OpenBatch,
}

impl TopicShared {
    /// A topic nothing is known about yet.
    #[must_use]
    pub fn new(name: StrBytes, conf: TopicConfig) -> Self {
        Self {
            name,
            conf,
            version: AtomicU32::new(0),
            view: Mutex::new(Arc::new(TopicView::Unknown)),
            waiting: Mutex::default(),
        }
    }

    /// Changes whenever [`Self::view`] does.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version.load(Ordering::Acquire)
    }

    /// What is known of the partitions now.
    #[must_use]
    pub fn view(&self) -> Arc<TopicView> {
        Arc::clone(&lock(&self.view))
    }

    /// Let a record wait for metadata, unless something became known meanwhile (`None`: look at the view again).
    ///
    /// `Some(true)` when it is the first to wait.
    pub fn wait_for_metadata(
        &self,
        partition: i32,
        record: &NewRecord<'_>,
        limits: &BatchLimits,
        now: impl FnOnce() -> Moment,
    ) -> Option<bool> {
        let mut waiting = lock(&self.waiting);
        if !matches!(**lock(&self.view), TopicView::Unknown) {
            return None;
        }
        let is_first = waiting.batches.is_empty();
        if let Some(last) = waiting.batches.back_mut()
            && last.partition == partition
            && !last.batch.is_full(limits)
            && last.batch.append(record, limits)
        {
            return Some(false);
        }
        let mut batch = OpenBatch::new(now(), BatchBuilder::new());
        batch.append(record, limits);
        waiting.batches.push_back(WaitingBatch { partition, batch });
        Some(is_first)
    }

    /// Replace the view; `move_waiting` gets the records that waited, before anyone can see the new view.
    pub(crate) fn publish(
        &self,
        view: TopicView,
        move_waiting: impl FnOnce(&TopicView, VecDeque<WaitingBatch>),
    ) -> Result<(), Busy> {
        let mut waiting = try_lock(&self.waiting)?;
        if !matches!(view, TopicView::Unknown) {
            move_waiting(&view, std::mem::take(&mut waiting.batches));
        }
        *lock(&self.view) = Arc::new(view);
        self.version.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Take the waiting batches that `is_due` picks.
    pub(crate) fn take_waiting(
        &self,
        mut is_due: impl FnMut(&WaitingBatch) -> bool,
    ) -> Result<Vec<WaitingBatch>, Busy> {
        let mut waiting = try_lock(&self.waiting)?;
        let (due, kept): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut waiting.batches)
            .into_iter()
            .partition(|batch| is_due(batch));
        waiting.batches = kept;
        Ok(due.into())
    }

    /// Records and bytes that wait; nothing while they are in use.
    pub(crate) fn waiting_fill(&self) -> (u64, u64) {
        try_lock(&self.waiting).map_or((0, 0), |waiting| {
            fill_of(waiting.batches.iter().map(|waiting| &waiting.batch))
        })
    }

    /// When the oldest waiting record came.
    pub(crate) fn oldest_waiting(&self) -> Result<Option<Moment>, Busy> {
        Ok(try_lock(&self.waiting)?
            .batches
            .front()
            .map(|waiting| waiting.batch.opened))
    }
}

/// Records and bytes in batches.
fn fill_of<'a>(batches: impl Iterator<Item = &'a OpenBatch>) -> (u64, u64) {
    batches.fold((0, 0), |(count, bytes), batch| {
        (
            count + u64::from(batch.builder.record_count()),
            bytes + batch.queue_bytes,
        )
    })
}

/// A panic between lock and unlock leaves these types whole (each change is one push or one take), so go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The driver's way to a lock.
fn try_lock<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, Busy> {
    patiently(|| match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    })
}

/// Tries for less time than an append of a small record takes; who is in vain comes back later.
fn patiently<G>(mut try_once: impl FnMut() -> Option<G>) -> Result<G, Busy> {
    const SPINS: u32 = 64;
    for _ in 0..SPINS {
        if let Some(guard) = try_once() {
            return Ok(guard);
        }
        std::hint::spin_loop();
    }
    Err(Busy)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use rdkafka_records::{RecordBatch, Seal};

    use super::*;

    const LIMITS: BatchLimits = BatchLimits {
        bytes: 4096,
        records: 50,
        keep_opaques: true,
    };

    fn record(payload: &[u8], opaque: u64) -> NewRecord<'_> {
        NewRecord {
            key: None,
            payload: Some(payload),
            headers: &[],
            timestamp_ms: 0,
            opaque,
        }
    }

    fn numbers(open: &mut OpenBatch) -> Vec<u64> {
        let sealed = open.builder.seal(&Seal::default()).unwrap();
        let plain = RecordBatch::parse(sealed)
            .unwrap()
            .decompress(1 << 20)
            .unwrap();
        let number = |value: &[u8]| u64::from_be_bytes(value.try_into().unwrap());
        plain
            .records()
            .map(|record| number(record.unwrap().value.unwrap()))
            .collect()
    }

    #[test]
    fn records_leave_in_the_order_they_came_while_both_threads_are_busy() {
        const COUNT: u64 = 50_000;
        let slot = Arc::new(BatchSlot::new(0, 0, Arc::default()));
        let is_done = Arc::new(AtomicBool::new(false));
        let (driver_slot, driver_done) = (Arc::clone(&slot), Arc::clone(&is_done));
        let driver = std::thread::Builder::new();
        let driver = driver.spawn(move || {
            let (mut seen, mut taken) = (Vec::new(), Vec::new());
            loop {
                let was_done = driver_done.load(Ordering::Acquire);
                let result = driver_slot.take(Take::All, &mut taken);
                for mut open in taken.drain(..) {
                    let opaques = open.opaques.clone();
                    let batch = numbers(&mut open);
                    assert!(batch.len() <= LIMITS.records as usize);
                    assert!(
                        batch
                            .iter()
                            .zip(&opaques)
                            .all(|(number, opaque)| number + 1 == *opaque)
                    );
                    seen.extend(batch);
                }
                if was_done && result.is_ok() {
                    return seen;
                }
            }
        });
        for number in 0..COUNT {
            slot.append(
                &record(&number.to_be_bytes(), number + 1),
                &LIMITS,
                Moment::default,
            );
        }
        is_done.store(true, Ordering::Release);
        let seen = driver.unwrap().join().unwrap();
        assert!(seen.iter().copied().eq(0..COUNT));
    }

    #[test]
    fn the_driver_is_told_once_when_a_batch_opens_and_once_when_it_is_full() {
        let slot = BatchSlot::new(0, 0, Arc::default());
        let limits = BatchLimits {
            records: 3,
            ..LIMITS
        };
        let told: Vec<_> = (0..7)
            .map(|_| slot.append(&record(b"12345678", 0), &limits, Moment::default))
            .collect();
        use Appended::{Filled, Joined, Opened};
        assert_eq!(
            told,
            [Opened, Joined, Filled, Opened, Joined, Filled, Opened]
        );
    }

    #[test]
    fn opaques_are_kept_only_once_a_record_has_one() {
        let slot = BatchSlot::new(0, 0, Arc::default());
        let mut taken = Vec::new();
        for opaque in [0, 0, 9, 0] {
            slot.append(&record(b"12345678", opaque), &LIMITS, Moment::default);
        }
        slot.take(Take::All, &mut taken).unwrap();
        assert_eq!(taken[0].opaques, [0, 0, 9, 0]);
        slot.append(&record(b"12345678", 0), &LIMITS, Moment::default);
        slot.take(Take::All, &mut taken).unwrap();
        assert!(taken[1].opaques.is_empty());
    }

    #[test]
    fn the_memory_of_a_large_batch_is_used_again() {
        let spares = Arc::<Spares>::default();
        let slot = BatchSlot::new(0, 0, Arc::clone(&spares));
        let payload = vec![7; 40_000];
        let limits = BatchLimits {
            bytes: 100_000,
            ..LIMITS
        };
        let mut taken = Vec::new();
        let mut places = Vec::new();
        for _ in 0..10 {
            slot.append(&record(&payload, 0), &limits, Moment::default);
            slot.append(&record(&payload, 0), &limits, Moment::default);
            slot.take(Take::All, &mut taken).unwrap();
            let sealed = taken[0].builder.seal(&Seal::default()).unwrap();
            places.push(sealed.as_ptr());
            taken.clear();
            let plain = RecordBatch::parse(sealed.clone()).unwrap();
            assert_eq!(plain.decompress(0).unwrap().records().count(), 2);
            drop(plain);
            spares.keep(sealed);
        }
        assert!(places[1..].iter().all(|place| *place == places[1]));
    }
}
