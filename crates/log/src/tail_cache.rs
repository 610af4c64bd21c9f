//! The most recent batches, kept in memory so that consumers at the tail cost no disk.
//!
//! Owns references to the very bytes that were written. Bounded by the log's own limit and by a budget
//! that many logs share; the oldest batches go first. A log that nobody reads keeps next to nothing: memory
//! that is let go at once is written again while the processor still has it, which is most of what a produce
//! request costs besides the kernel's work. Small batches that follow each other are handed
//! out as one copied slice: a socket is better off with a few larger buffers than with thousands.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::{Bytes, BytesMut};

use crate::{ReadOptions, reader::LogRead};

/// Batches up to this size are worth copying together.
const SMALL: usize = 4 << 10;

/// How much of a log is kept that nobody has read yet: what a test or a first consumer asks for next.
const UNREAD: usize = 64 << 10;

/// A bound on memory that the tail caches of many logs share. Clones share it.
#[derive(Debug, Clone)]
pub struct CacheBudget(Arc<Budget>);

#[derive(Debug)]
struct Budget {
    limit: usize,
    used: AtomicUsize,
}

impl CacheBudget {
    /// A budget of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Budget {
            limit,
            used: AtomicUsize::new(0),
        }))
    }

    /// Bytes in use.
    #[must_use]
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) {
        self.0.used.fetch_add(bytes, Ordering::Relaxed);
    }

    fn give_back(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn is_exceeded(&self) -> bool {
        self.used() > self.0.limit
    }
}

impl Default for CacheBudget {
    /// 16 MiB: what it misses costs a read of the page cache.
    fn default() -> Self {
        Self::new(16 << 20)
    }
}

/// A batch as it was written: its header alone and the rest, or both in `head`.
#[derive(Debug, Clone)]
pub(crate) struct CachedBatch {
    pub(crate) base_offset: i64,
    pub(crate) last_offset: i64,
    pub(crate) head: Bytes,
    pub(crate) body: Bytes,
}

impl CachedBatch {
    fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// See the module's documentation. The batches in it are the log's last ones, without a gap.
#[derive(Debug)]
pub(crate) struct TailCache {
    limit: usize,
    budget: CacheBudget,
    bytes: usize,
    batches: VecDeque<CachedBatch>,
    /// Whether a batch came since the last call of [`Self::clear_if_idle`].
    touched: bool,
    /// How many bytes may still come before somebody has to read, or nothing is kept.
    credit: usize,
}

impl TailCache {
    pub(crate) fn new(limit: usize, budget: CacheBudget) -> Self {
        Self {
            limit,
            budget,
            bytes: 0,
            batches: VecDeque::new(),
            touched: false,
            credit: UNREAD.min(limit),
        }
    }

    /// Somebody reads the log: what comes next is worth keeping.
    pub(crate) const fn expect_reader(&mut self) {
        self.credit = self.limit;
    }

    /// Whether it will keep a batch of that size.
    pub(crate) const fn keeps(&self, len: usize) -> bool {
        len <= self.credit
    }

    /// Adds the batch that follows the last one.
    pub(crate) fn push(&mut self, batch: CachedBatch) {
        self.touched = true;
        let Some(credit) = self.credit.checked_sub(batch.len()) else {
            // Keeping older ones would leave a gap.
            self.clear();
            return;
        };
        self.credit = credit;
        self.bytes += batch.len();
        self.budget.take(batch.len());
        self.batches.push_back(batch);
        while self.bytes > self.limit || (self.budget.is_exceeded() && !self.batches.is_empty()) {
            self.drop_oldest();
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        if self.batches.capacity() == 0 {
            return;
        }
        self.budget.give_back(self.bytes);
        self.bytes = 0;
        self.batches = VecDeque::new();
    }

    /// Forgets everything if nothing was added since the last call.
    pub(crate) fn clear_if_idle(&mut self) {
        if !std::mem::take(&mut self.touched) {
            self.clear();
        }
    }

    /// Forgets the batches that end below `offset`.
    pub(crate) fn drop_below(&mut self, offset: i64) {
        while self
            .batches
            .front()
            .is_some_and(|batch| batch.last_offset < offset)
        {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(batch) = self.batches.pop_front() {
            self.bytes -= batch.len();
            self.budget.give_back(batch.len());
        }
    }

    /// The batches from the one that holds `offset` on; `None` if that one is not here.
    pub(crate) fn read(&self, offset: i64, options: &ReadOptions) -> Option<LogRead> {
        if self
            .batches
            .front()
            .is_none_or(|first| first.base_offset > offset)
        {
            return None;
        }
        let first = self
            .batches
            .partition_point(|batch| batch.last_offset < offset);
        let mut read = LogRead {
            next_offset: offset,
            ..LogRead::default()
        };
        let mut last = first;
        for batch in self.batches.range(first..) {
            let fits = read.bytes + batch.len() <= options.max_bytes
                || (options.min_one_batch && last == first);
            if !fits || batch.last_offset >= options.upper_offset {
                break;
            }
            read.bytes += batch.len();
            read.next_offset = batch.last_offset + 1;
            last += 1;
        }
        let mut at = first;
        while at < last {
            at = self.push_run(at, last, &mut read);
        }
        Some(read)
    }

    /// Adds the batch at `at`, with the small ones that follow it if it is small; returns what is next.
    fn push_run(&self, at: usize, end: usize, read: &mut LogRead) -> usize {
        let small = self
            .batches
            .range(at..end)
            .take_while(|batch| batch.len() <= SMALL)
            .count();
        if small > 1 {
            let run = at..at + small;
            let len = self.batches.range(run.clone()).map(CachedBatch::len).sum();
            let mut copied = BytesMut::with_capacity(len);
            for batch in self.batches.range(run) {
                copied.extend_from_slice(&batch.head);
                copied.extend_from_slice(&batch.body);
            }
            read.push_cached(copied.freeze());
            return at + small;
        }
        let batch = &self.batches[at];
        read.push_cached(batch.head.clone());
        read.push_cached(batch.body.clone());
        at + 1
    }
}

impl Drop for TailCache {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: ReadOptions = ReadOptions {
        max_bytes: usize::MAX,
        min_one_batch: true,
        upper_offset: i64::MAX,
    };

    /// A batch of one record, `len` bytes.
    fn batch(offset: i64, len: usize) -> CachedBatch {
        CachedBatch {
            base_offset: offset,
            last_offset: offset,
            head: Bytes::from(vec![1; 61.min(len)]),
            body: Bytes::from(vec![2; len.saturating_sub(61)]),
        }
    }

    fn cache(limit: usize, lens: &[usize]) -> TailCache {
        let mut cache = TailCache::new(limit, CacheBudget::new(1 << 20));
        for (offset, len) in lens.iter().enumerate() {
            push_read(&mut cache, batch(offset as i64, *len));
        }
        cache
    }

    /// Adds a batch to a log that is read.
    fn push_read(cache: &mut TailCache, batch: CachedBatch) {
        cache.expect_reader();
        cache.push(batch);
    }

    #[test]
    fn the_oldest_batches_go_when_the_limit_is_reached() {
        let cache = cache(250, &[100, 100, 100]);
        assert!(cache.read(0, &READ).is_none());
        assert_eq!(cache.read(1, &READ).unwrap().bytes, 200);
        assert_eq!(cache.budget.used(), 200);
    }

    #[test]
    fn what_nobody_reads_is_not_kept() {
        let budget = CacheBudget::new(1 << 20);
        let mut cache = TailCache::new(1 << 20, budget.clone());
        for offset in 0..100 {
            cache.push(batch(offset, 10_000));
            assert!(budget.used() <= UNREAD);
        }
        assert!(cache.read(99, &READ).is_none());
        cache.expect_reader();
        for offset in 100..150 {
            cache.push(batch(offset, 10_000));
        }
        assert_eq!(cache.read(100, &READ).unwrap().bytes, 500_000);
    }

    #[test]
    fn a_batch_larger_than_the_limit_empties_the_cache() {
        let mut cache = cache(250, &[100, 300]);
        assert!(cache.read(1, &READ).is_none());
        push_read(&mut cache, batch(2, 100));
        assert_eq!(cache.read(2, &READ).unwrap().bytes, 100);
    }

    #[test]
    fn caches_that_share_a_budget_stay_within_it() {
        let budget = CacheBudget::new(300);
        let mut one = TailCache::new(1000, budget.clone());
        let mut two = TailCache::new(1000, budget.clone());
        for offset in 0..5 {
            push_read(&mut one, batch(offset, 100));
            push_read(&mut two, batch(offset, 100));
            assert!(budget.used() <= 300);
        }
        drop(one);
        drop(two);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn small_neighbours_are_handed_out_as_one_slice() {
        let cache = cache(1 << 20, &[100, 100, 100, 10_000, 100]);
        let read = cache.read(0, &READ).unwrap();
        let lens: Vec<_> = read.slices.iter().map(crate::Slice::len).collect();
        assert_eq!(lens, [300, 61, 9_939, 61, 39]);
    }

    #[test]
    fn a_read_stops_at_max_bytes_but_gives_the_first_batch() {
        let cache = cache(1 << 20, &[100, 100]);
        let read = cache
            .read(
                0,
                &ReadOptions {
                    max_bytes: 10,
                    ..READ
                },
            )
            .unwrap();
        assert_eq!((read.bytes, read.next_offset), (100, 1));
        let options = ReadOptions {
            max_bytes: 10,
            min_one_batch: false,
            ..READ
        };
        assert_eq!(cache.read(0, &options).unwrap().bytes, 0);
    }

    #[test]
    fn an_idle_cache_lets_go_at_the_second_look() {
        let mut cache = cache(1 << 20, &[100]);
        cache.clear_if_idle();
        assert!(cache.read(0, &READ).is_some());
        cache.clear_if_idle();
        assert!(cache.read(0, &READ).is_none());
    }
}
