//! The partition log on a disk
