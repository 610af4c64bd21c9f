//! Which offset is the last one of each key: what compaction knows about the dirty part of a log.
//!
//! Owns a table of 128-bit hashes of keys. Keys themselves are not kept, so memory does not depend on their
//! length; two keys are taken for one with a chance of 2^-128 a pair, under hash keys that nobody outside knows.
//! Bounded by a number of entries; what does not fit is left for the next run.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

/// Memory of one entry: 16 bytes of hash, 8 of offset, a byte of the table's own, and the room a table keeps free.
const ENTRY_BYTES: usize = 40;

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct OffsetMap {
    hashers: [RandomState; 2],
    entries: HashMap<[u64; 2], i64>,
    entries_max: usize,
    /// Everything up to here is in the map.
    latest_offset: i64,
}

impl OffsetMap {
    /// An empty map of the keys from `from` on, that takes up to `bytes_max` bytes of memory.
    pub(crate) fn new(from: i64, bytes_max: usize) -> Self {
        Self {
            hashers: [RandomState::new(), RandomState::new()],
            entries: HashMap::new(),
            entries_max: (bytes_max / ENTRY_BYTES).max(1),
            latest_offset: from - 1,
        }
    }

    /// Whether so many more keys are sure to fit.
    pub(crate) fn has_room_for(&self, keys: usize) -> bool {
        self.entries.len().saturating_add(keys) <= self.entries_max
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// `offset` is the last one of `key` so far.
    pub(crate) fn put(&mut self, key: &[u8], offset: i64) {
        self.entries.insert(self.hash(key), offset);
    }

    /// The last offset of `key`.
    pub(crate) fn get(&self, key: &[u8]) -> Option<i64> {
        self.entries.get(&self.hash(key)).copied()
    }

    /// All keys up to `offset` were put.
    pub(crate) const fn advance(&mut self, offset: i64) {
        self.latest_offset = offset;
    }

    /// Up to where all keys were put.
    pub(crate) const fn latest_offset(&self) -> i64 {
        self.latest_offset
    }

    fn hash(&self, key: &[u8]) -> [u64; 2] {
        [self.hashers[0].hash_one(key), self.hashers[1].hash_one(key)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_offset_of_a_key_counts() {
        let mut map = OffsetMap::new(5, 1 << 20);
        assert_eq!(map.latest_offset(), 4);
        map.put(b"a", 5);
        map.put(b"b", 6);
        map.put(b"a", 7);
        assert_eq!(
            (map.get(b"a"), map.get(b"b"), map.get(b"c")),
            (Some(7), Some(6), None)
        );
    }

    #[test]
    fn the_number_of_keys_is_bounded_by_memory() {
        let mut map = OffsetMap::new(0, 10 * ENTRY_BYTES);
        for key in 0..9u8 {
            map.put(&[key], 0);
        }
        assert!(map.has_room_for(1) && !map.has_room_for(2));
    }
}
