//! Finding coordinators: which broker looks after a group or a transactional id.
//!
//! Owns what was found and the requests that wait for it. A lookup that fails for a retriable reason is repeated with
//! back-off until the last waiting request's time is over. Driver thread.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use rdkafka_wire::types::StrBytes;

use crate::backoff::Backoff;
use crate::conf::DebugContexts;
use crate::context::Route;
use crate::effects::{Pending, earlier};
use crate::io::{Endpoint, Lane, Moment, NodeId, Now};
use crate::network::Network;
use crate::request::{Request, RequestError, Response};

/// What is coordinated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CoordinatorKind {
    /// A consumer group.
    Group,
    /// A transactional id.
    Transaction,
}

impl CoordinatorKind {
    /// A join may be parked for the whole rebalance, and what comes behind it on its connection with it: commits, and
    /// the word that we leave, must not.
    const fn lane(self, request: &Request) -> Lane {
        match (self, request) {
            (Self::Transaction, _)
            | (
                Self::Group,
                Request::OffsetCommit(_) | Request::OffsetFetch(_) | Request::LeaveGroup(_),
            ) => Lane::Main,
            (Self::Group, _) => Lane::Coordinator,
        }
    }

    const fn key_type(self) -> i8 {
        match self {
            Self::Group => 0,
            Self::Transaction => 1,
        }
    }
}

/// Who wants to know about coordinators.
const COORDINATOR_CONTEXTS: DebugContexts = DebugContexts::CGRP.and(DebugContexts::EOS);

type Key = (CoordinatorKind, StrBytes);

/// A question that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    kind: CoordinatorKind,
    key: StrBytes,
}

/// What was found, and who waits.
#[derive(Debug, Default)]
pub(crate) struct Coordinators {
    known: HashMap<Key, NodeId>,
    searches: HashMap<Key, Search>,
}

#[derive(Debug)]
struct Search {
    waiting: Vec<Pending>,
    is_asked: bool,
    again_at: Option<Moment>,
    backoff: Backoff,
    last_error: Option<ErrorCode>,
}

impl Coordinators {
    pub(crate) fn known(&self, kind: CoordinatorKind, key: &StrBytes) -> Option<NodeId> {
        self.known.get(&(kind, key.clone())).copied()
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        let deadlines = self.searches.values().filter_map(|search| {
            let waiting = search.waiting.iter().map(|pending| pending.deadline).min();
            earlier(waiting, search.again_at)
        });
        deadlines.min()
    }
}

impl Network {
    pub(crate) fn send_coordinator(
        &mut self,
        now: Now,
        kind: CoordinatorKind,
        key: &StrBytes,
        request: Request,
        route: Route,
        timeout: Duration,
    ) {
        if let Some(node) = self.coordinators.known(kind, key) {
            let lane = kind.lane(&request);
            self.send(now, node, lane, request, route, timeout);
            return;
        }
        let conf = &self.fx.conf;
        let backoff = Backoff::new(conf.retry_backoff_ms, conf.retry_backoff_max_ms);
        let search = self
            .coordinators
            .searches
            .entry((kind, key.clone()))
            .or_insert_with(|| Search {
                waiting: Vec::new(),
                is_asked: false,
                again_at: None,
                backoff,
                last_error: None,
            });
        search.waiting.push(Pending {
            request,
            route,
            deadline: now.mono + timeout,
            queued: now.mono,
        });
        if !search.is_asked && search.again_at.is_none() {
            self.look_up(now, kind, key.clone());
        }
    }

    pub(crate) fn forget_coordinator(&mut self, kind: CoordinatorKind, key: &StrBytes) {
        self.coordinators.known.remove(&(kind, key.clone()));
    }

    fn look_up(&mut self, now: Now, kind: CoordinatorKind, key: StrBytes) {
        if let Some(search) = self.coordinators.searches.get_mut(&(kind, key.clone())) {
            search.is_asked = true;
            search.again_at = None;
        }
        self.fx.debug(COORDINATOR_CONTEXTS, "COORD", || {
            format!("{kind:?} \"{key}\": querying for the coordinator")
        });
        let request = FindCoordinatorRequest {
            key: key.clone(),
            key_type: kind.key_type(),
            coordinator_keys: vec![key.clone()],
        };
        let timeout = Duration::from_millis(u64::from(self.fx.conf.socket.timeout_ms));
        self.send_any(
            now,
            request.into(),
            Route::Coordinator(Lookup { kind, key }),
            timeout,
        );
    }

    pub(crate) fn on_coordinator_reply(
        &mut self,
        now: Now,
        lookup: Lookup,
        result: Result<Response, RequestError>,
    ) {
        let found = match result {
            Ok(Response::FindCoordinator(response)) => read(&response, &lookup.key),
            Ok(_) => Err(ErrorCode::_BAD_MSG),
            Err(error) => Err(error.code()),
        };
        let key = (lookup.kind, lookup.key);
        self.fx.debug(COORDINATOR_CONTEXTS, "COORD", || {
            let (kind, id) = (key.0, &key.1);
            match &found {
                Ok((node, endpoint)) => {
                    format!("{kind:?} \"{id}\": coordinator is {endpoint}/{}", node.0)
                }
                Err(code) => format!("{kind:?} \"{id}\": no coordinator: {}", code.text()),
            }
        });
        match found {
            Ok((node, endpoint)) => {
                self.metadata.add_node(node, endpoint);
                self.follow_nodes();
                self.coordinators.known.insert(key.clone(), node);
                let search = self.coordinators.searches.remove(&key);
                for pending in search.into_iter().flat_map(|search| search.waiting) {
                    let timeout = pending.deadline.since(now.mono);
                    let lane = key.0.lane(&pending.request);
                    self.send(now, node, lane, pending.request, pending.route, timeout);
                }
            }
            Err(code) if code.is_retriable() || code.is_local() => {
                if let Some(search) = self.coordinators.searches.get_mut(&key) {
                    search.is_asked = false;
                    search.last_error = Some(code);
                    search.again_at = Some(now.mono + search.backoff.next(&mut self.fx.rng));
                }
            }
            Err(code) => {
                let search = self.coordinators.searches.remove(&key);
                for pending in search.into_iter().flat_map(|search| search.waiting) {
                    self.fx
                        .complete(pending.route, Err(RequestError::NoCoordinator(code)), None);
                }
            }
        }
    }

    /// Look up again where the back-off is over; give up on requests whose time is.
    pub(crate) fn find_coordinators_on_timeout(&mut self, now: Now) {
        let mut again = Vec::new();
        for (key, search) in &mut self.coordinators.searches {
            let (expired, kept) = std::mem::take(&mut search.waiting)
                .into_iter()
                .partition(|pending: &Pending| pending.deadline <= now.mono);
            search.waiting = kept;
            for pending in expired {
                let timed_out = RequestError::TimedOut { sent: false };
                let error = search
                    .last_error
                    .map_or(timed_out, RequestError::NoCoordinator);
                self.fx.complete(pending.route, Err(error), None);
            }
            if search.again_at.is_some_and(|at| at <= now.mono) {
                again.push(key.clone());
            }
        }
        self.coordinators
            .searches
            .retain(|_, search| search.is_asked || !search.waiting.is_empty());
        for key in again {
            if self.coordinators.searches.contains_key(&key) {
                self.look_up(now, key.0, key.1);
            }
        }
    }
}

/// The coordinator out of the two shapes of the answer (a list since version 4).
fn read(
    response: &FindCoordinatorResponse,
    key: &StrBytes,
) -> Result<(NodeId, Endpoint), ErrorCode> {
    let found = response
        .coordinators
        .iter()
        .find(|coordinator| coordinator.key == *key);
    let (code, node, host, port) = match found {
        Some(found) => (found.error_code, found.node_id, &found.host, found.port),
        None if response.coordinators.is_empty() => (
            response.error_code,
            response.node_id,
            &response.host,
            response.port,
        ),
        None => return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
    };
    if ErrorCode(code).is_error() {
        return Err(ErrorCode(code));
    }
    let port = u16::try_from(port).map_err(|_| ErrorCode::_BAD_MSG)?;
    Ok((
        NodeId(node),
        Endpoint {
            host: host.as_str().into(),
            port,
        },
    ))
}
