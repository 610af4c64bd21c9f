//! The one runtime of the process: a thread that all drivers and connections share.
//!
//! Started by the first client, never before, because server interfaces fork after modules are loaded. Its threads block
//! every signal, so that signals find the application's thread. After a fork it belongs to the parent alone: the child
//! forgets it (its threads do not exist there) and starts another for its own clients.
//!
//! One thread and not two: driver, reader and writer of a connection hand work to each other with every request, and
//! waking another thread costs more than what is handed over. What takes long leaves it: compression, name resolution,
//! files and the cryptography of SASL run on workers, decompression and decoding on the application's thread.

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, SigmaskHow};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

/// Threads for name resolution and compression, made when needed.
const BLOCKING_THREADS_MAX: usize = 4;

/// The runtime of one life of the process.
struct Running {
    generation: u64,
    handle: Handle,
    /// Dropped to end it.
    stop: oneshot::Sender<()>,
    /// Disconnected when its thread is done.
    ended: Receiver<()>,
}

static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

/// The runtime of this life of the process, started if need be.
pub(crate) fn handle(generation: u64) -> io::Result<Handle> {
    let mut slot = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = &*slot
        && running.generation == generation
    {
        return Ok(running.handle.clone());
    }
    let running = start(generation)?;
    let handle = running.handle.clone();
    // The parent's: its thread is not here to be told anything.
    std::mem::forget(slot.replace(running));
    Ok(handle)
}

fn start(generation: u64) -> io::Result<Running> {
    // Threads inherit the mask of who makes them.
    let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    let running = start_blocked(generation);
    mask.thread_set_mask()?;
    running
}

fn start_blocked(generation: u64) -> io::Result<Running> {
    let runtime = Builder::new_current_thread()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_name("rdkafka")
        // Workers are made by whoever needs one.
        .on_thread_start(|| _ = SigSet::all().thread_block())
        .enable_io()
        .enable_time()
        .build()?;
    let handle = runtime.handle().clone();
    let (stop, stopped) = oneshot::channel();
    let (alive, ended) = channel();
    thread::Builder::new()
        .name("rdkafka".to_owned())
        .spawn(move || {
            run(runtime, stopped);
            drop(alive);
        })?;
    Ok(Running {
        generation,
        handle,
        stop,
        ended,
    })
}

fn run(runtime: Runtime, stopped: oneshot::Receiver<()>) {
    // Ends with an error: nothing is ever sent.
    _ = runtime.block_on(stopped);
    // Nobody waits for a worker that is still at it.
    runtime.shutdown_background();
}

/// Stop all threads, waiting at most `bound`: for when the library is about to be unloaded. Clients must be gone.
pub fn shutdown(generation: u64, bound: Duration) {
    let taken = RUNNING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match taken {
        Some(running) if running.generation == generation => {
            drop(running.stop);
            // Disconnected or late: either way the caller goes on.
            _ = running.ended.recv_timeout(bound);
        }
        inherited => std::mem::forget(inherited),
    }
}

/// How many threads clients have in this process, but for workers that come and go.
#[must_use]
pub fn thread_count() -> usize {
    let slot = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    usize::from(slot.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_the_runtime_block_every_signal() {
        let handle = handle(0).unwrap();
        let blocks_signals = || {
            let mask = SigSet::thread_get_mask().unwrap();
            mask.contains(nix::sys::signal::SIGTERM) && mask.contains(nix::sys::signal::SIGALRM)
        };
        let (tell, told) = channel();
        let tell_too = tell.clone();
        handle.spawn(async move { tell.send(blocks_signals()).unwrap() });
        handle.spawn_blocking(move || tell_too.send(blocks_signals()).unwrap());
        assert_eq!(told.iter().collect::<Vec<_>>(), [true, true]);
    }
}
