//! Finding coordinators: which broker looks after a group or a transactional id.
//!
//! Owns what was found and the requests that wait for it. Driver thread.

/// What is coordinated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CoordinatorKind {
    /// A consumer group.
    Group,
    /// A transactional id.
    Transaction,
}
