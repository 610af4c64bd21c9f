//! The one runtime of the process: two threads that all drivers and connections share.
//!
//! Started by the first client, never before, because server interfaces fork after modules are loaded. Its threads block
//! every signal, so that signals find the application's thread. After a fork it belongs to the parent alone: the child
//! forgets it (its threads do not exist there) and starts another for its own clients.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{SigSet, SigmaskHow};
use tokio::runtime::{Builder, Handle, Runtime};

/// Drivers and connections wait far more than they work.
const WORKERS: usize = 2;
/// Threads for name resolution and compression, made when needed.
const BLOCKING_THREADS_MAX: usize = 4;

/// The runtime, and in which life of the process it was started.
static RUNTIME: Mutex<Option<(u64, Runtime)>> = Mutex::new(None);

/// The runtime of this life of the process, started if need be.
pub(crate) fn handle(generation: u64) -> std::io::Result<Handle> {
    let mut slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((started, runtime)) = &*slot
        && *started == generation
    {
        return Ok(runtime.handle().clone());
    }
    let runtime = start()?;
    let handle = runtime.handle().clone();
    // The parent's: dropping it would wait for threads that are not here.
    std::mem::forget(slot.replace((generation, runtime)));
    Ok(handle)
}

fn start() -> std::io::Result<Runtime> {
    // Threads inherit the mask of who makes them.
    let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_name("rdkafka")
        // Those made later are made by whoever needs one.
        .on_thread_start(|| _ = SigSet::all().thread_block())
        .enable_io()
        .enable_time()
        .build();
    mask.thread_set_mask()?;
    runtime
}

/// Stop all threads, waiting at most `bound`: for when the library is about to be unloaded. Clients must be gone.
pub fn shutdown(generation: u64, bound: Duration) {
    let taken = RUNTIME
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match taken {
        Some((started, runtime)) if started == generation => runtime.shutdown_timeout(bound),
        inherited => std::mem::forget(inherited),
    }
}

/// How many threads clients have in this process.
#[must_use]
pub fn thread_count() -> usize {
    let slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    slot.as_ref()
        .map_or(0, |(_, runtime)| runtime.metrics().num_workers())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_the_runtime_block_every_signal() {
        let handle = handle(0).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        handle.spawn_blocking(move || tell.send(SigSet::thread_get_mask().unwrap()).unwrap());
        let mask = told.recv().unwrap();
        assert!(
            mask.contains(nix::sys::signal::SIGTERM) && mask.contains(nix::sys::signal::SIGALRM)
        );
    }
}
