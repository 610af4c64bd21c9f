//! What the application asks of the transaction, and how it is told that it failed: plain values that travel between
//! the application's thread and the driver's.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use crate::io::TopicPartitionOffset;

/// What the application asks of the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionCall {
    /// Get a producer id, and end what an earlier producer of this id left.
    Init,
    /// Begin a transaction.
    Begin,
    /// Take no more records: a commit begins.
    BeginCommit,
    /// Every record met its fate: commit.
    Commit,
    /// Take no more records and drop those not sent: an abort begins.
    BeginAbort,
    /// Every record met its fate: abort.
    Abort,
}

/// Consumed offsets that become part of the transaction: committed for the group when it commits, not at all when it
/// aborts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionOffsets {
    /// The next offset to consume of each partition; those without a valid offset are left out.
    pub offsets: Vec<TopicPartitionOffset>,
    /// In whose name.
    pub group: GroupMetadata,
}

/// A consumer's place in its group: fences producers whose consumer lost its partitions (KIP-447).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMetadata {
    /// `group.id`.
    pub group_id: StrBytes,
    /// The generation (classic protocol) or member epoch; -1 for a consumer that is no member.
    pub generation: i32,
    /// The member's id; empty for a consumer that is no member.
    pub member_id: StrBytes,
    /// `group.instance.id`.
    pub instance_id: Option<StrBytes>,
}

impl GroupMetadata {
    /// A group named by nobody of its members: nobody is fenced.
    #[must_use]
    pub fn of_group(group_id: &str) -> Self {
        Self {
            group_id: group_id.into(),
            generation: -1,
            member_id: StrBytes::default(),
            instance_id: None,
        }
    }
}

/// Why a call failed, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionError {
    /// What happened.
    pub code: ErrorCode,
    /// The same for people.
    pub text: String,
    /// The producer is unusable from now on.
    pub is_fatal: bool,
    /// The same call may succeed, or resumes what is going on.
    pub is_retriable: bool,
    /// The transaction has to be aborted.
    pub requires_abort: bool,
}

impl TransactionError {
    /// An error that cannot be helped.
    #[must_use]
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            is_fatal: false,
            is_retriable: false,
            requires_abort: false,
        }
    }

    /// An error after which the same call may be made again.
    #[must_use]
    pub fn retriable(code: ErrorCode, text: impl Into<String>) -> Self {
        Self {
            is_retriable: true,
            ..Self::new(code, text)
        }
    }

    pub(super) fn fatal(code: ErrorCode, text: String) -> Self {
        Self {
            is_fatal: true,
            ..Self::new(code, text)
        }
    }

    pub(super) fn abortable(code: ErrorCode, text: String) -> Self {
        Self {
            requires_abort: true,
            ..Self::new(code, text)
        }
    }
}
