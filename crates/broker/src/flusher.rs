//! The flusher: the thread that waits for the disk, so that the shard need not.
//!
//! Runs fsyncs, stores checkpoints and removes files, one after the other; results go back to the shard as posts. Ends when the shard thread,
//! which holds the only sender, does.

use std::io;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use rdkafka_broker_core::FlushTarget;
use rdkafka_log::{CheckpointTask, Cleanup, FlushTask};

use crate::router::{Post, Router};
use crate::shard_thread::block_signals;

/// Work that blocks.
#[derive(Debug)]
pub(crate) enum DiskWork {
    Flush(FlushTarget, FlushTask),
    Checkpoint(CheckpointTask),
    Remove(Cleanup),
}

/// Starts the thread.
pub(crate) fn start(router: Router) -> io::Result<(mpsc::Sender<DiskWork>, JoinHandle<()>)> {
    let (sender, work) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("broker-flusher".into())
        .spawn(move || {
            block_signals();
            run(&work, &router);
        })?;
    Ok((sender, thread))
}

fn run(work: &mpsc::Receiver<DiskWork>, router: &Router) {
    for job in work {
        match job {
            DiskWork::Flush(target, task) => {
                // A shard that stopped meanwhile has flushed by itself.
                let _ = router.post(Post::Flushed(target, task.run()));
            }
            DiskWork::Checkpoint(task) => {
                if let Err(error) = task.run() {
                    tracing::error!(%error, "no checkpoint; the next start may take longer");
                }
            }
            DiskWork::Remove(cleanup) => {
                if let Err(error) = cleanup.run() {
                    tracing::warn!(%error, "files could not be removed; the next start tries again");
                }
            }
        }
    }
}
