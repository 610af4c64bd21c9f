//! Leader epochs of a log: which epoch started at which offset.
//!
//! Lives in memory; the file `leader-epoch-checkpoint` (Kafka's format: version, count, then a line
//! `epoch offset` each) is written with a flush. What a crash loses of it is found again in the
//! batches above the recovery point.

use std::fmt::Write;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct LeaderEpochs {
    /// Ascending in both.
    entries: Vec<EpochStart>,
    dirty: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EpochStart {
    epoch: i32,
    offset: i64,
}

impl LeaderEpochs {
    /// Reads the file's content; `None` if it is damaged.
    pub(crate) fn parse(content: &str) -> Option<Self> {
        let mut lines = content.lines();
        if lines.next()? != "0" {
            return None;
        }
        let count: usize = lines.next()?.parse().ok()?;
        let mut epochs = Self::default();
        for line in lines {
            let (epoch, offset) = line.split_once(' ')?;
            let entry = EpochStart {
                epoch: epoch.parse().ok()?,
                offset: offset.parse().ok()?,
            };
            if epochs
                .entries
                .last()
                .is_some_and(|last| last.epoch >= entry.epoch || last.offset > entry.offset)
            {
                return None;
            }
            epochs.entries.push(entry);
        }
        (epochs.entries.len() == count).then_some(epochs)
    }

    /// The file's content if it has to be written; it counts as written then.
    pub(crate) fn take_unwritten(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.dirty) {
            return None;
        }
        Some(self.encode())
    }

    /// The file's content.
    pub(crate) fn encode(&self) -> String {
        let mut content = format!("0\n{}\n", self.entries.len());
        for EpochStart { epoch, offset } in &self.entries {
            let _ = writeln!(content, "{epoch} {offset}");
        }
        content
    }

    /// The file does not have what [`Self::take_unwritten`] gave.
    pub(crate) const fn set_unwritten(&mut self) {
        self.dirty = true;
    }

    /// Newest epoch, or -1.
    pub(crate) fn latest(&self) -> i32 {
        self.entries.last().map_or(-1, |last| last.epoch)
    }

    /// Batches from `offset` on are of `epoch`; older epochs than the latest are not news.
    pub(crate) fn assign(&mut self, epoch: i32, offset: i64) {
        if epoch > self.latest() {
            // An epoch without a record of its own never was.
            self.entries.retain(|entry| entry.offset < offset);
            self.entries.push(EpochStart { epoch, offset });
            self.dirty = true;
        }
    }

    /// The log ends at `offset` now.
    pub(crate) fn truncate_from_end(&mut self, offset: i64) {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.offset < offset);
        self.dirty |= before != self.entries.len();
    }

    /// The log starts at `offset` now: the epoch it lies in starts there.
    pub(crate) fn truncate_from_start(&mut self, offset: i64) {
        let below = self.entries.partition_point(|entry| entry.offset <= offset);
        if below > 0 && self.entries[below - 1].offset < offset {
            self.entries.drain(..below - 1);
            self.entries[0].offset = offset;
            self.dirty = true;
        }
    }

    /// The epoch asked for, or the next older one that is known, and the offset at which it ended.
    pub(crate) fn end_offset(&self, epoch: i32, log_end: i64) -> Option<(i32, i64)> {
        let latest = self.entries.last()?.epoch;
        if epoch == latest {
            return Some((epoch, log_end));
        }
        if epoch > latest || epoch < 0 {
            return None;
        }
        let next = self.entries.partition_point(|entry| entry.epoch <= epoch);
        let end = self.entries.get(next)?.offset;
        // Before the first known epoch there is nothing older to name.
        let found = next
            .checked_sub(1)
            .map_or(epoch, |at| self.entries[at].epoch);
        Some((found, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs() -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        epochs.assign(2, 0);
        epochs.assign(4, 10);
        epochs.assign(7, 30);
        epochs
    }

    #[test]
    fn an_epoch_ends_where_the_next_one_starts() {
        let epochs = epochs();
        assert_eq!(epochs.end_offset(7, 50), Some((7, 50)));
        assert_eq!(epochs.end_offset(4, 50), Some((4, 30)));
        assert_eq!(epochs.end_offset(5, 50), Some((4, 30)));
        assert_eq!(epochs.end_offset(1, 50), Some((1, 0)));
        assert_eq!(epochs.end_offset(8, 50), None);
    }

    #[test]
    fn the_file_reads_back() {
        let content = epochs().take_unwritten().unwrap();
        assert_eq!(content, "0\n3\n2 0\n4 10\n7 30\n");
        let mut read = LeaderEpochs::parse(&content).unwrap();
        assert_eq!(read.entries, epochs().entries);
        assert!(read.take_unwritten().is_none());
    }

    #[test]
    fn a_damaged_file_is_refused() {
        for content in [
            "",
            "1\n0\n",
            "0\n2\n1 0\n",
            "0\n1\nx 0\n",
            "0\n2\n4 10\n2 0\n",
        ] {
            assert!(LeaderEpochs::parse(content).is_none(), "{content:?}");
        }
    }

    #[test]
    fn truncation_moves_the_first_epoch_and_drops_the_last() {
        let mut epochs = epochs();
        epochs.truncate_from_start(12);
        assert_eq!(
            epochs.entries[0],
            EpochStart {
                epoch: 4,
                offset: 12
            }
        );
        epochs.truncate_from_end(30);
        assert_eq!(epochs.latest(), 4);
    }
}
