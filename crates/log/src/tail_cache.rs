//! The most recent batches, kept in memory so that consumers at the tail cost no disk.

use std::sync::{Arc, atomic::AtomicUsize};

/// A bound on memory that many tail caches share.
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
}

impl Default for CacheBudget {
    /// 64 MiB.
    fn default() -> Self {
        Self::new(64 << 20)
    }
}
