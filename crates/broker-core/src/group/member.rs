//! One member of a classic group: who it is, what it can do, what it waits for.

use std::time::Duration;

use bytes::Bytes;
use rdkafka_wire::types::StrBytes;

use crate::request::{ConnectionId, RequestContext, Ticket};

/// Who asks: a client as its connection shows it.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) client_id: StrBytes,
    pub(crate) client_host: StrBytes,
}

impl Caller {
    pub(crate) fn of(context: &RequestContext) -> Self {
        let client_id = context.client_id.as_ref();
        Self {
            client_id: client_id.map_or_else(StrBytes::default, |id| id.copy_out_of_frame()),
            client_host: context.peer.host.clone(),
        }
    }
}

/// A protocol (assignor) that a member supports, with its metadata (the subscription).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Protocol {
    pub(crate) name: StrBytes,
    pub(crate) metadata: Bytes,
}

/// A member of a group.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: StrBytes,
    /// `group.instance.id`: set for static members, whose place survives a restart of the client.
    pub(crate) instance_id: Option<StrBytes>,
    pub(crate) caller: Caller,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    /// In the member's order of preference.
    pub(crate) protocols: Vec<Protocol>,
    /// What the leader gave it in the current generation.
    pub(crate) assignment: Bytes,
    /// A JoinGroup that waits for the others.
    pub(crate) joining: Option<Ticket>,
    /// A SyncGroup that waits for the leader.
    pub(crate) syncing: Option<Ticket>,
    /// Has not completed a join yet, so it does not know its id and cannot send heartbeats.
    pub(crate) is_new: bool,
    /// Has not sent SyncGroup in this generation.
    pub(crate) owes_sync: bool,
    /// When it is taken for dead.
    pub(crate) session_deadline: Duration,
}

impl Member {
    /// Counts the session from now on.
    pub(crate) fn touch(&mut self, now: Duration) {
        self.session_deadline = now + self.session_timeout;
    }

    /// When this member's silence ends its membership: never while the coordinator itself makes it wait, unless it is
    /// new (then its JoinGroup has a bound of its own, since nobody would notice that the client is gone).
    pub(crate) fn expires_at(&self) -> Option<Duration> {
        let waits_for_us = self.joining.is_some() || self.syncing.is_some();
        if waits_for_us && !self.is_new {
            None
        } else {
            Some(self.session_deadline)
        }
    }

    /// Whether it still is the same member with the same protocols in the same order.
    pub(crate) fn matches(&self, protocols: &[Protocol]) -> bool {
        self.protocols == protocols
    }

    /// The metadata it gave for a protocol.
    pub(crate) fn metadata(&self, protocol: &str) -> Bytes {
        self.protocols
            .iter()
            .find(|it| &*it.name == protocol)
            .map_or_else(Bytes::new, |it| it.metadata.clone())
    }

    /// Its favourite among protocols that everybody supports.
    pub(crate) fn vote<'a>(&self, candidates: &[&'a StrBytes]) -> Option<&'a StrBytes> {
        self.protocols
            .iter()
            .find_map(|own| candidates.iter().find(|it| ***it == own.name).copied())
    }

    /// Whether it waits on this connection.
    pub(crate) fn waits_on(&self, connection: ConnectionId) -> bool {
        self.joining
            .is_some_and(|ticket| ticket.connection == connection)
    }
}
