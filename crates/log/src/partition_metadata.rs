//! `partition.metadata`: which incarnation of a topic a folder belongs to, and in which layout it is.

/// Identity of one incarnation of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct TopicId(pub [u8; 16]);
