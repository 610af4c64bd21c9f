//! Which process this is: a count that a fork raises in the child.

use std::sync::atomic::{AtomicU64, Ordering};

static GENERATION: AtomicU64 = AtomicU64::new(1);

/// Anything stamped with another value than this belongs to a parent process: its threads do not
/// exist here, its locks may be held for ever, its file descriptors are shared.
#[inline(always)]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// Starts counting; once per process.
pub(crate) fn on_fork() {
    // SAFETY: the handler only touches an atomic, and stays mapped (linked with -z nodelete).
    unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
}
