//! The memory that requests and answers of all connections may take together: `queued.max.request.bytes`.
//!
//! Owns [`MemoryPool`], a counter that connections wait on. Guarantees: what is taken is given back when its holder is
//! dropped; nobody takes more than there is; the first small request of a connection needs nothing from it, so that a
//! client of ordinary manners gets on while others have used it up.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A share of the pool; dropping it gives it back.
pub(crate) type Share = OwnedSemaphorePermit;

/// The pool, shared by all connections.
#[derive(Debug, Clone)]
pub(crate) struct MemoryPool {
    free: Arc<Semaphore>,
    bytes: usize,
}

impl MemoryPool {
    pub(crate) fn new(bytes: usize) -> Self {
        let bytes = bytes.min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(bytes)),
            bytes,
        }
    }

    /// Waits for so many bytes, but for no more than there ever are. `None` cannot happen while the pool lives.
    pub(crate) async fn take(&self, bytes: usize) -> Option<Share> {
        let bytes = bytes.min(self.bytes);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Arc::clone(&self.free).acquire_many_owned(bytes).await.ok()
    }

    /// So many bytes if they are there at once.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<Share> {
        let bytes = u32::try_from(bytes.min(self.bytes)).unwrap_or(u32::MAX);
        Arc::clone(&self.free).try_acquire_many_owned(bytes).ok()
    }

    /// Whether so little is left that who holds a share without using it should give it back.
    pub(crate) fn is_short(&self) -> bool {
        self.free.available_permits() < self.bytes / 8
    }
}
