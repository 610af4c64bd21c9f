//! Ctrl-C: tools that run until they are stopped end well.
//!
//! SIGINT and SIGTERM are blocked before the first thread is started, so that only the thread started here sees them;
//! it sets a flag that waits look at.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use nix::sys::signal::{SigSet, Signal};

static STOPPED: AtomicBool = AtomicBool::new(false);

/// From now on, signals set the flag of [`is_stopped`]. Call it before any thread is started.
pub(crate) fn catch() -> Result<()> {
    let signals = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT]);
    signals.thread_block().context("cannot block signals")?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            if signals.wait().is_ok() {
                STOPPED.store(true, Ordering::Relaxed);
                // Whoever cannot wait asks a second time.
                if signals.wait().is_ok() {
                    std::process::exit(130);
                }
            }
        })?;
    Ok(())
}

/// Whether a signal came.
pub(crate) fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}
