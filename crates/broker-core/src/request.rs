//! What surrounds a request: when, from whom, and where its answer goes.
//!
//! Owns: [`Now`], [`ConnectionId`], [`Ticket`], [`RequestContext`], [`Peer`] and [`Endpoints`]. Plain data.

use std::sync::Arc;
use std::time::Duration;

use rdkafka_wire::ApiKey;
use rdkafka_wire::types::StrBytes;

/// The time of an input. The core has no other clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Time since the broker started; never goes back. All timeouts count on it.
    pub mono: Duration,
    /// Wall-clock time, in ms since 1970. Timestamps of records and of offsets come from it.
    pub unix_ms: i64,
}

/// One accepted connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Where an answer belongs: a request's place in the order of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The connection.
    pub connection: ConnectionId,
    /// The request's number on that connection, counted from 0; answers leave in this order.
    pub slot: u64,
    /// The request's API key.
    pub key: ApiKey,
    /// The version the answer is written in.
    pub version: i16,
    /// The client's id for the request.
    pub correlation_id: i32,
}

/// A decoded request's surroundings.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Where the answer goes.
    pub ticket: Ticket,
    /// `client.id`, when the client sent one.
    pub client_id: Option<StrBytes>,
    /// The other end of the connection.
    pub peer: Arc<Peer>,
    /// How many bytes the request has.
    pub bytes: usize,
    /// How long the connection's threads worked since its last request, if that is asked for
    /// ([`Shard::wants_time`](crate::Shard::wants_time)); zero otherwise.
    pub spent: Duration,
}

/// What is known about a connection since it was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The client's address without its port, as group members show it.
    pub host: StrBytes,
    /// The name of the listener it came in by.
    pub listener: StrBytes,
    /// Who it is: `User:` and a name. `User:ANONYMOUS` without TLS client certificate and without SASL.
    pub principal: StrBytes,
    /// How it is known who it is.
    pub known_by: KnownBy,
    /// What this client is told to connect to.
    pub endpoints: Endpoints,
}

/// What tells who a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// It did not say.
    Nothing,
    /// Its TLS certificate.
    Certificate,
    /// SASL, with something of its own: a password, a token of OAUTHBEARER.
    Sasl,
    /// SASL, with a delegation token.
    DelegationToken,
}

impl Peer {
    /// The principal of a client that did not say who it is.
    pub const ANONYMOUS: &'static str = "User:ANONYMOUS";

    /// A client that has not said who it is: where it comes from (`/` and its address), by which listener, and what it
    /// is told to connect to.
    pub fn anonymous(
        host: impl Into<StrBytes>,
        listener: impl Into<StrBytes>,
        endpoints: Endpoints,
    ) -> Self {
        Self {
            host: host.into(),
            listener: listener.into(),
            principal: Self::ANONYMOUS.into(),
            known_by: KnownBy::Nothing,
            endpoints,
        }
    }
}

/// The nodes of this cluster as one client sees them. Usually one; an embedded test cluster shows several, which are
/// all this broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints(Vec<Endpoint>);

/// One node's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The node's id.
    pub node_id: i32,
    /// Its host name or address.
    pub host: StrBytes,
    /// Its port.
    pub port: i32,
}

impl Endpoints {
    /// One node alone.
    pub fn of(node_id: i32, host: impl Into<StrBytes>, port: i32) -> Self {
        let host = host.into();
        Self(vec![Endpoint {
            node_id,
            host,
            port,
        }])
    }

    /// The nodes, of which there is at least one.
    pub fn new(first: Endpoint, others: impl IntoIterator<Item = Endpoint>) -> Self {
        let mut nodes = vec![first];
        nodes.extend(others);
        Self(nodes)
    }

    /// All nodes.
    pub fn nodes(&self) -> &[Endpoint] {
        &self.0
    }

    /// The node that acts as controller: the first.
    pub fn controller(&self) -> &Endpoint {
        &self.0[0]
    }

    /// The node that leads a partition; leadership goes round the nodes.
    pub fn leader(&self, partition: i32) -> &Endpoint {
        &self.0[usize::try_from(partition).unwrap_or(0) % self.0.len()]
    }

    /// The node that coordinates a group.
    pub fn coordinator(&self, key: &str) -> &Endpoint {
        let sum = key.bytes().fold(0usize, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(byte.into())
        });
        &self.0[sum % self.0.len()]
    }
}
