//! Memory of produced batches, used again.
//!
//! Owns the buffers of batches that met their fate. Guarantees: memory is handed out only once nobody else can read it;
//! what is kept has a bound. The application's thread takes, both threads give back, once per batch.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use rdkafka_records::BatchBuilder;

/// Memory of batches that met their fate, for those to come: a large buffer from the system costs more in fresh pages
/// than the records that fill it. Either thread takes and keeps, once per batch.
#[derive(Debug, Default)]
pub(crate) struct Spares {
    kept: Mutex<Vec<BytesMut>>,
}

impl Spares {
    /// Smaller ones are as cheap from the allocator.
    const BYTES_MIN: usize = 64 << 10;
    /// So much an idle producer holds on to, at most.
    const ALL_BYTES_MAX: usize = 8 << 20;
    /// A buffer is not spent on a batch that needs less than a part of it.
    const OVERSIZE_MAX: usize = 4;

    /// A builder with about `capacity` bytes.
    pub(crate) fn builder(&self, capacity: usize) -> BatchBuilder {
        if capacity >= Self::BYTES_MIN {
            let mut kept = self.lock();
            let fits = |spare: &BytesMut| {
                (capacity..=Self::OVERSIZE_MAX * capacity).contains(&spare.capacity())
            };
            if let Some(place) = kept.iter().rposition(fits) {
                return BatchBuilder::in_memory(kept.swap_remove(place));
            }
        }
        BatchBuilder::with_capacity(capacity)
    }

    /// Keep the memory of a batch that nobody needs any more.
    pub(crate) fn keep(&self, batch: Bytes) {
        if batch.len() >= Self::BYTES_MIN
            && let Ok(memory) = batch.try_into_mut()
        {
            self.keep_memory(memory);
        }
    }

    /// The same for memory that nobody else can know.
    pub(crate) fn keep_memory(&self, memory: BytesMut) {
        if memory.capacity() < Self::BYTES_MIN {
            return;
        }
        let mut kept = self.lock();
        let bytes: usize = kept.iter().map(BytesMut::capacity).sum();
        if bytes + memory.capacity() <= Self::ALL_BYTES_MAX {
            kept.push(memory);
        }
    }

    /// A panic while the lock is held leaves the list whole.
    fn lock(&self) -> MutexGuard<'_, Vec<BytesMut>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_somebody_still_reads_is_not_used_again() {
        let spares = Spares::default();
        let sealed = Bytes::from(vec![1; 100_000]);
        spares.keep(sealed.clone());
        assert!(spares.lock().is_empty());
        assert!(sealed.iter().all(|byte| *byte == 1));
    }

    #[test]
    fn an_idle_producer_keeps_little() {
        let spares = Spares::default();
        for _ in 0..20 {
            spares.keep_memory(BytesMut::zeroed(1 << 20));
        }
        assert_eq!(spares.lock().len(), 8);
    }
}
