//! The cable to a socket of ours, cut and mended: the kernel is told to drop its packets before TCP sees them.

use std::os::fd::AsFd;

use socket2::{SockFilter, SockRef};
use tokio::sync::watch;

use crate::{Faults, Shared};

/// "Return": how many bytes of the packet to keep, none.
const KEEP_NONE: SockFilter = SockFilter::new(0x06, 0, 0, 0);

/// What a socket knows of its cable.
pub(crate) struct Cable {
    faults: watch::Receiver<Faults>,
    is_cut: bool,
}

impl Cable {
    pub(crate) fn new(shared: &Shared) -> Self {
        let mut faults = shared.faults.subscribe();
        // How it is at the beginning is news as well.
        faults.mark_changed();
        let is_cut = false;
        Self { faults, is_cut }
    }

    /// Wait until something is said of faults, and do to `socket` what is said of its cable.
    pub(crate) async fn changed(&mut self, socket: &impl AsFd) {
        if self.faults.changed().await.is_err() {
            // The proxy ends, and with it this task.
            return std::future::pending().await;
        }
        let is_cut = self.faults.borrow_and_update().is_cut;
        if is_cut != self.is_cut {
            self.is_cut = is_cut;
            let socket = SockRef::from(socket);
            let done = if is_cut {
                socket.attach_filter(&[KEEP_NONE])
            } else {
                socket.detach_filter()
            };
            assert!(done.is_ok(), "a filter that packets pass: {done:?}");
        }
    }
}
