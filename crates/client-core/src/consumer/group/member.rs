//! A member of a group, by either protocol, as the consumer sees it.
//!
//! Owns the machine that `group.protocol` chose, and says nothing of its own. Pure code; driver task.

use rdkafka_wire::types::StrBytes;

use super::classic::Classic;
use super::member_io::{Action, GroupConf, Input, State};
use super::next_gen::NextGen;
use crate::conf::GroupProtocol;
use crate::io::Moment;

/// The member.
#[derive(Debug)]
pub(crate) enum Member {
    /// JoinGroup and SyncGroup: the members decide.
    Classic(Box<Classic>),
    /// ConsumerGroupHeartbeat: the coordinator decides (KIP-848).
    NextGen(Box<NextGen>),
}

/// How assignments change: all at once, or by differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RebalanceProtocol {
    /// Not known before the group was joined.
    None,
    /// `assign()`.
    Eager,
    /// `incrementalAssign()` and `incrementalUnassign()`.
    Cooperative,
}

impl Member {
    /// A member of nothing.
    pub(crate) fn new(protocol: GroupProtocol, conf: GroupConf) -> Self {
        match protocol {
            GroupProtocol::Classic => Self::Classic(Box::new(Classic::new(conf))),
            GroupProtocol::Consumer => Self::NextGen(Box::new(NextGen::new(conf))),
        }
    }

    /// Takes one input.
    pub(crate) fn handle(&mut self, input: Input, now: Moment) {
        match self {
            Self::Classic(member) => member.handle(input, now),
            Self::NextGen(member) => member.handle(input, now),
        }
    }

    /// What to do next; drain after every [`Self::handle`].
    pub(crate) fn poll_action(&mut self) -> Option<Action> {
        match self {
            Self::Classic(member) => member.poll_action(),
            Self::NextGen(member) => member.poll_action(),
        }
    }

    /// Where the member stands.
    pub(crate) fn state(&self) -> State {
        match self {
            Self::Classic(member) => member.state(),
            Self::NextGen(member) => member.state(),
        }
    }

    /// When [`Input::Timeout`] is due.
    pub(crate) fn deadline(&self) -> Option<Moment> {
        match self {
            Self::Classic(member) => member.deadline(),
            Self::NextGen(member) => member.deadline(),
        }
    }

    /// Its id, for requests that name the member.
    pub(crate) fn member_id(&self) -> &StrBytes {
        match self {
            Self::Classic(member) => member.member_id(),
            Self::NextGen(member) => member.member_id(),
        }
    }

    /// Generation or epoch; -1 outside a group.
    pub(crate) fn generation(&self) -> i32 {
        match self {
            Self::Classic(member) => member.generation(),
            Self::NextGen(member) => member.epoch(),
        }
    }

    /// Generation or epoch to commit with.
    pub(crate) fn commit_generation(&self) -> i32 {
        match self {
            Self::Classic(member) => member.commit_generation(),
            Self::NextGen(member) => member.commit_epoch(),
        }
    }

    /// Whether the coordinator decides.
    pub(crate) fn is_next_gen(&self) -> bool {
        matches!(self, Self::NextGen(_))
    }

    /// Whether offers and revocations are differences.
    pub(crate) fn is_cooperative(&self) -> bool {
        match self {
            Self::Classic(member) => member.is_cooperative(),
            Self::NextGen(_) => true,
        }
    }

    /// Which calls may change the assignment now.
    pub(crate) fn rebalance_protocol(&self) -> RebalanceProtocol {
        let is_known = match self {
            Self::Classic(member) => member.has_joined(),
            Self::NextGen(member) => member.was_subscribed(),
        };
        match (is_known, self.is_cooperative()) {
            (false, _) => RebalanceProtocol::None,
            (true, false) => RebalanceProtocol::Eager,
            (true, true) => RebalanceProtocol::Cooperative,
        }
    }
}
