//! How much is queued in a producer, and whether more may come in.
//!
//! Counters that the application's threads and the driver share. What comes in and what goes are counted apart, each
//! ever growing, and what the first thread that produces takes in apart from what others do: its counters have one
//! writer and need no atomic exchange, which costs as much as encoding a record. Guarantees: the bounds are kept to the
//! record and the byte by that thread, and by others together with it.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicI16, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

/// Numbers threads; none is ever given twice.
static NEXT_THREAD: AtomicU64 = AtomicU64::new(1);

/// How much is queued in a producer, and whether more may come in.
#[derive(Debug)]
pub struct QueueGauge {
    /// Taken in, by the first thread that produced.
    first: Tally,
    /// Which thread that is; 0 while there is none.
    first_number: AtomicU64,
    /// Taken in, by all others.
    others: Tally,
    /// Let go.
    gone: Tally,
    /// Records whose fate is told by an event that was not served yet.
    reports: AtomicU64,
    /// Records that failed and whose fate nobody asked to be told, by topic.
    untold: Mutex<BTreeMap<StrBytes, u64>>,
    messages_max: u64,
    bytes_max: u64,
    fatal: AtomicI16,
    /// No transaction is going on that could take records.
    is_closed: AtomicBool,
    /// Somebody waits for everything to be delivered.
    is_flushing: AtomicBool,
}

impl QueueGauge {
    /// An empty queue with these bounds.
    #[must_use]
    pub fn new(messages_max: u64, bytes_max: u64) -> Self {
        Self {
            first: Tally::default(),
            first_number: AtomicU64::new(0),
            others: Tally::default(),
            gone: Tally::default(),
            reports: AtomicU64::new(0),
            untold: Mutex::default(),
            messages_max,
            bytes_max,
            fatal: AtomicI16::new(0),
            is_closed: AtomicBool::new(false),
            is_flushing: AtomicBool::new(false),
        }
    }

    /// For the first thread that asks: what lets it take room without atomic exchanges.
    #[must_use]
    pub fn first_thread(&self) -> Option<FirstThread> {
        thread_local!(static NUMBER: u64 = NEXT_THREAD.fetch_add(1, Ordering::Relaxed));
        let number = NUMBER.with(|number| *number);
        let first = &self.first_number;
        let known = first.compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed);
        let is_first = known.is_ok() || known == Err(number);
        is_first.then_some(FirstThread(PhantomData))
    }

    /// Take room for a record, on any thread.
    ///
    /// # Errors
    /// `_QUEUE_FULL` when there is none, `_FATAL` after a fatal error, `_STATE` outside of a transaction.
    pub fn admit(&self, bytes: u64) -> Result<(), ErrorCode> {
        self.check_open()?;
        self.others.messages.fetch_add(1, Ordering::Relaxed);
        self.others.bytes.fetch_add(bytes, Ordering::Relaxed);
        if self.messages() > self.messages_max || self.bytes() > self.bytes_max {
            self.release(1, bytes);
            return Err(ErrorCode::_QUEUE_FULL);
        }
        Ok(())
    }

    /// As [`Self::admit`], on the first thread.
    ///
    /// # Errors
    /// As [`Self::admit`].
    #[inline]
    pub fn admit_on_first(&self, _: &FirstThread, bytes: u64) -> Result<(), ErrorCode> {
        self.check_open()?;
        if self.messages() >= self.messages_max
            || self.bytes().saturating_add(bytes) > self.bytes_max
        {
            return Err(ErrorCode::_QUEUE_FULL);
        }
        self.first.add_alone(1, bytes);
        Ok(())
    }

    #[inline]
    fn check_open(&self) -> Result<(), ErrorCode> {
        if self.fatal.load(Ordering::Relaxed) != 0 {
            return Err(ErrorCode::_FATAL);
        }
        if self.is_closed.load(Ordering::Relaxed) {
            return Err(ErrorCode::_STATE);
        }
        Ok(())
    }

    /// Give room back.
    pub fn release(&self, messages: u64, bytes: u64) {
        self.gone.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.gone.messages.fetch_add(messages, Ordering::Release);
    }

    pub(crate) fn add_reports(&self, count: u64) {
        self.reports.fetch_add(count, Ordering::Release);
    }

    /// Reports were served (or thrown away).
    pub fn reports_served(&self, count: u64) {
        self.reports.fetch_sub(count, Ordering::Release);
    }

    /// Records whose fate was not told yet.
    #[must_use]
    pub fn reports(&self) -> u64 {
        self.reports.load(Ordering::Acquire)
    }

    pub(crate) fn add_untold(&self, topic: StrBytes, count: u64) {
        *self.untold().entry(topic).or_default() += count;
    }

    /// Records of each topic that failed without anybody being told: no delivery reports were asked for. Each is given
    /// out once.
    #[must_use]
    pub fn take_untold(&self) -> BTreeMap<StrBytes, u64> {
        std::mem::take(&mut *self.untold())
    }

    /// Records that have not met their fate yet.
    #[must_use]
    #[inline]
    pub fn messages(&self) -> u64 {
        // In this order: what has gone was taken in before, so the difference is never below zero.
        let gone = self.gone.messages.load(Ordering::Acquire);
        let taken = |tally: &Tally| tally.messages.load(Ordering::Relaxed);
        (taken(&self.first) + taken(&self.others)).saturating_sub(gone)
    }

    /// Bytes of the records that have not met their fate yet.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> u64 {
        let gone = self.gone.bytes.load(Ordering::Acquire);
        let taken = |tally: &Tally| tally.bytes.load(Ordering::Relaxed);
        (taken(&self.first) + taken(&self.others)).saturating_sub(gone)
    }

    /// How many messages and bytes may be queued.
    #[must_use]
    pub fn limits(&self) -> (u64, u64) {
        (self.messages_max, self.bytes_max)
    }

    /// The fatal error, if there was one.
    #[must_use]
    pub fn fatal(&self) -> Option<ErrorCode> {
        match self.fatal.load(Ordering::Relaxed) {
            0 => None,
            code => Some(ErrorCode(code)),
        }
    }

    /// Take records from now on, or refuse them: a transactional producer takes them within transactions.
    pub(crate) fn set_open(&self, is_open: bool) {
        self.is_closed.store(!is_open, Ordering::Relaxed);
    }

    /// Let no batch linger from now on, or again. That it begins is to be told by a command, too, for the batches that
    /// linger already; that it ends wakes nobody.
    pub fn set_flushing(&self, is_flushing: bool) {
        self.is_flushing.store(is_flushing, Ordering::Relaxed);
    }

    /// Whether a flush is going on.
    #[must_use]
    pub fn is_flushing(&self) -> bool {
        self.is_flushing.load(Ordering::Relaxed)
    }

    pub(crate) fn set_fatal(&self, code: ErrorCode) {
        self.fatal.store(code.code(), Ordering::Relaxed);
    }

    /// A panic while the lock is held leaves the map whole.
    fn untold(&self) -> MutexGuard<'_, BTreeMap<StrBytes, u64>> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Proves to be on the first thread that produced; cannot leave it.
#[derive(Debug)]
pub struct FirstThread(PhantomData<*const ()>);

/// Records and their bytes, counted.
#[derive(Debug, Default)]
struct Tally {
    messages: AtomicU64,
    bytes: AtomicU64,
}

impl Tally {
    /// For the only thread that counts here.
    #[inline]
    fn add_alone(&self, messages: u64, bytes: u64) {
        let add = |counter: &AtomicU64, more: u64| {
            counter.store(
                counter.load(Ordering::Relaxed).wrapping_add(more),
                Ordering::Relaxed,
            );
        };
        add(&self.messages, messages);
        add(&self.bytes, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_takes_records_up_to_either_bound() {
        let gauge = QueueGauge::new(2, 100);
        assert_eq!(gauge.admit(60), Ok(()));
        assert_eq!(gauge.admit(60), Err(ErrorCode::_QUEUE_FULL));
        assert_eq!(gauge.admit(40), Ok(()));
        assert_eq!(gauge.admit(0), Err(ErrorCode::_QUEUE_FULL));
        gauge.release(1, 60);
        assert_eq!((gauge.admit(10), gauge.messages()), (Ok(()), 2));
    }

    #[test]
    fn the_first_thread_keeps_the_bounds_too_and_is_one_only() {
        let gauge = QueueGauge::new(3, 100);
        let first = gauge.first_thread().unwrap();
        assert!(gauge.first_thread().is_some());
        let others = std::thread::scope(|scope| {
            let other = scope.spawn(|| (gauge.first_thread().is_none(), gauge.admit(30)));
            other.join().unwrap()
        });
        assert_eq!(others, (true, Ok(())));
        assert_eq!(
            gauge.admit_on_first(&first, 71),
            Err(ErrorCode::_QUEUE_FULL)
        );
        assert_eq!(gauge.admit_on_first(&first, 70), Ok(()));
        assert_eq!((gauge.messages(), gauge.bytes()), (2, 100));
        assert_eq!(gauge.admit_on_first(&first, 0), Ok(()));
        assert_eq!(gauge.admit_on_first(&first, 0), Err(ErrorCode::_QUEUE_FULL));
        gauge.release(3, 100);
        assert_eq!((gauge.messages(), gauge.bytes()), (0, 0));
    }
}
