//! All connections of a client, and how a request finds its own.
//!
//! Owns the brokers (bootstrap addresses first, then nodes as metadata names them, one per node and lane), the requests
//! that any broker may answer, the metadata cache with its refresh, and the coordinators. Guarantees that while the
//! client lives some broker is connected or being tried, and that every request is completed exactly once. Driver
//! thread.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_sasl::oauthbearer::Token;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use crate::broker::Broker;
use crate::conf::{ClientConfig, DebugContexts, MetadataRecovery};
use crate::context::Route;
use crate::coordinator::{CoordinatorKind, Coordinators};
use crate::effects::{Completion, Effects, Notice, Pending, earlier};
use crate::io::{BrokerId, DisconnectReason, Endpoint, Lane, Moment, NodeId, Now};
use crate::metadata::Metadata;
use crate::probe::Probes;
use crate::refresh::Refresh;
use crate::request::{Request, RequestError, Response};
use crate::sasl::JobDone as SaslDone;
use crate::sasl::token::Tokens;
use crate::stats::BrokerCounters;

/// Everything between the sub-machines and the sockets.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) fx: Effects,
    pub(crate) metadata: Metadata,
    pub(crate) refresh: Refresh,
    tokens: Tokens,
    pub(crate) coordinators: Coordinators,
    pub(crate) brokers: Vec<Broker>,
    pub(crate) probes: Probes,
    by_node: HashMap<(NodeId, Lane), BrokerId>,
    /// Requests that any broker may answer, while none is up.
    any: VecDeque<Pending>,
    /// Requests to nodes that nothing is known of: they fail a little later, so that who retries is paced.
    orphans: VecDeque<(Moment, Route)>,
    /// Nodes that throttle us at the moment.
    throttling: HashSet<NodeId>,
    is_terminated: bool,
}

impl Network {
    pub(crate) fn new(conf: Arc<ClientConfig>, seed: u64) -> Self {
        Self {
            fx: Effects::new(conf, seed),
            metadata: Metadata::default(),
            refresh: Refresh::default(),
            tokens: Tokens::default(),
            coordinators: Coordinators::default(),
            brokers: Vec::new(),
            probes: Probes::default(),
            by_node: HashMap::new(),
            any: VecDeque::new(),
            orphans: VecDeque::new(),
            throttling: HashSet::new(),
            is_terminated: false,
        }
    }

    /// Add bootstrap addresses and begin to connect.
    pub(crate) fn add_bootstrap(&mut self, now: Now, endpoints: Vec<Endpoint>) {
        for endpoint in endpoints {
            let mut main = self
                .brokers
                .iter()
                .filter(|broker| broker.lane == Lane::Main);
            if !main.any(|broker| broker.endpoint == endpoint) {
                self.add_broker(endpoint, None, Lane::Main);
            }
        }
        self.keep_connected(now.mono);
    }

    /// Send to a node.
    pub(crate) fn send(
        &mut self,
        now: Now,
        node: NodeId,
        lane: Lane,
        request: Request,
        route: Route,
        timeout: Duration,
    ) {
        match self.broker_of(node, lane) {
            Some(id) => self.send_to(
                now.mono,
                id,
                Pending {
                    request,
                    route,
                    deadline: now.mono + timeout,
                    queued: now.mono,
                },
            ),
            None => {
                let delay =
                    Duration::from_millis(u64::from(self.fx.conf.socket.reconnect_backoff_ms));
                self.orphans.push_back((now.mono + delay, route));
            }
        }
    }

    /// Send to whichever broker is at hand.
    pub(crate) fn send_any(&mut self, now: Now, request: Request, route: Route, timeout: Duration) {
        let pending = Pending {
            request,
            route,
            deadline: now.mono + timeout,
            queued: now.mono,
        };
        match self.least_busy(now.mono) {
            Some(id) => self.send_to(now.mono, id, pending),
            None => {
                self.any.push_back(pending);
                self.keep_connected(now.mono);
            }
        }
    }

    fn send_to(&mut self, now: Moment, id: BrokerId, pending: Pending) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize) {
            broker.send(now, pending, &mut self.fx);
        }
    }

    /// Whether the connection to a node stands.
    pub(crate) fn is_up(&self, node: NodeId, lane: Lane) -> bool {
        self.by_node
            .get(&(node, lane))
            .and_then(|&id| self.broker(id))
            .is_some_and(Broker::is_up)
    }

    /// Whether any broker can be asked now.
    pub(crate) fn has_broker_up(&self) -> bool {
        self.brokers.iter().any(Broker::is_up)
    }

    /// Connect to a node although nothing is to be sent yet.
    pub(crate) fn connect(&mut self, now: Now, node: NodeId, lane: Lane) {
        if let Some(id) = self.broker_of(node, lane)
            && let Some(broker) = self.brokers.get_mut(id.0 as usize)
        {
            broker.want(now.mono, &mut self.fx);
        }
    }

    /// Whether there is news: throttled, or not any more.
    pub(crate) fn has_throttling_changed(&mut self, node: NodeId, throttle_ms: i32) -> bool {
        if let Some(counters) = self.counters(node, Lane::Main) {
            counters.throttled(throttle_ms);
        }
        if throttle_ms > 0 {
            self.throttling.insert(node);
            return true;
        }
        self.throttling.remove(&node)
    }

    /// All places to connect to.
    pub(crate) fn brokers(&self) -> &[Broker] {
        &self.brokers
    }

    /// The same, for who resets counters.
    pub(crate) fn brokers_mut(&mut self) -> &mut [Broker] {
        &mut self.brokers
    }

    /// What is counted of a connection.
    pub(crate) fn counters(&mut self, node: NodeId, lane: Lane) -> Option<&mut BrokerCounters> {
        let id = self.by_node.get(&(node, lane))?;
        let broker = self.brokers.get_mut(id.0 as usize)?;
        Some(&mut broker.counters)
    }

    /// `host:port/id`.
    pub(crate) fn broker_name(&self, node: NodeId) -> String {
        match self.metadata.node(node) {
            Some(known) => {
                let prefix = self.fx.conf.security.protocol.name_prefix();
                format!("{prefix}{}/{}", known.endpoint, node.0)
            }
            None => format!("unknown/{}", node.0),
        }
    }

    /// A broker's name and node, for who wants to say where an answer came from.
    pub(crate) fn origin(&self, id: BrokerId) -> (String, Option<NodeId>) {
        self.broker(id).map_or_else(
            || (String::new(), None),
            |broker| (broker.name(), broker.node),
        )
    }

    /// The node and lane of a connection, once it is known.
    pub(crate) fn place(&self, id: BrokerId) -> Option<(NodeId, Lane)> {
        self.broker(id)
            .and_then(|broker| broker.node.map(|node| (node, broker.lane)))
    }

    pub(crate) fn on_connected(&mut self, now: Now, id: BrokerId) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize) {
            broker.counters.wakeups += 1;
            broker.on_connected(now.mono, &mut self.fx);
        }
    }

    pub(crate) fn on_securing(&mut self, now: Now, id: BrokerId) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize) {
            broker.on_securing(now.mono, &mut self.fx);
        }
    }

    pub(crate) fn on_sasl_job(&mut self, now: Now, done: SaslDone) {
        if let Some(broker) = self.brokers.get_mut(done.broker.0 as usize) {
            broker.on_sasl_job(now.mono, done, &mut self.fx);
        }
    }

    /// Ask for the first token, where tokens are used.
    pub(crate) fn start_tokens(&mut self, now: Now) {
        self.tokens.start(now, &mut self.fx);
    }

    pub(crate) fn set_token(&mut self, now: Now, token: Token) {
        self.tokens.set(now, token, &mut self.fx);
        self.on_credentials(now);
    }

    pub(crate) fn set_token_failure(&mut self, now: Now, why: &str) {
        self.tokens.set_failure(now, why, &mut self.fx);
    }

    pub(crate) fn on_token_fetched(&mut self, now: Now, answer: Result<(u16, Vec<u8>), String>) {
        if self.tokens.on_fetched(now, answer, &mut self.fx) {
            self.on_credentials(now);
        }
    }

    /// A token came: those who wait for it connect.
    fn on_credentials(&mut self, now: Now) {
        for broker in &mut self.brokers {
            broker.on_credentials(now.mono, &mut self.fx);
        }
        self.keep_connected(now.mono);
    }

    /// Why waiting for a broker does not help, when each one refuses us for TLS or SASL, or there is no token for them.
    pub(crate) fn definite_failure(&self) -> Option<ErrorCode> {
        if self.tokens.is_refused() && !self.fx.credentials.is_ready() {
            return Some(ErrorCode::_AUTHENTICATION);
        }
        let mut failure = None;
        for broker in &self.brokers {
            if broker.lane == Lane::Main {
                failure = Some(broker.definite_failure()?);
            }
        }
        failure
    }

    pub(crate) fn on_frame(&mut self, now: Now, id: BrokerId, bytes: Bytes) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize) {
            broker.counters.wakeups += 1;
            broker.on_frame(now.mono, bytes, &mut self.fx);
        }
    }

    pub(crate) fn on_receiving(&mut self, now: Now, id: BrokerId) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize) {
            broker.on_receiving(now.mono);
        }
    }

    pub(crate) fn on_written(&mut self, now: Now, id: BrokerId, correlation_id: i32) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize) {
            broker.counters.wakeups += 1;
            broker.on_written(now.mono, correlation_id, &mut self.fx);
        }
    }

    pub(crate) fn on_write_failed(&mut self, id: BrokerId) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize) {
            broker.counters.tx_errors += 1;
        }
    }

    pub(crate) fn on_disconnected(&mut self, now: Now, id: BrokerId, reason: &DisconnectReason) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize) {
            broker.counters.wakeups += 1;
            broker.on_disconnected(now.mono, reason, &mut self.fx);
        }
    }

    /// A connection came up: give it what any broker may answer.
    pub(crate) fn on_up(&mut self, now: Now, id: BrokerId) {
        match self.broker(id).map(|broker| broker.lane) {
            Some(Lane::Main) => {
                for mut pending in std::mem::take(&mut self.any) {
                    if matches!(pending.route, Route::Metadata) {
                        // Topics that became wanted while it waited are asked for with it, not in a round trip after it.
                        pending.request = self.metadata_request();
                    }
                    self.send_to(now.mono, id, pending);
                }
            }
            Some(Lane::Probe) => self.on_probe_up(now.mono, id),
            _ => {}
        }
    }

    /// A connection ended: tell when it was the last, and keep trying.
    pub(crate) fn on_down(&mut self, now: Now, id: BrokerId) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize)
            && broker.lane == Lane::Main
            && !broker.is_reported_down
        {
            broker.is_reported_down = true;
            let main = || {
                self.brokers
                    .iter()
                    .filter(|broker| broker.lane == Lane::Main)
            };
            let (down, all) = (
                main().filter(|broker| broker.is_reported_down).count(),
                main().count(),
            );
            if down == all {
                let text = format!("{down}/{all} brokers are down");
                self.fx.log(3, "ERROR", || text.clone());
                self.fx.error(ErrorCode::_ALL_BROKERS_DOWN, text);
                self.rebootstrap();
            }
        }
        self.keep_connected(now.mono);
    }

    /// When to start again from `bootstrap.servers`: metadata was asked for and did not come for long (KIP-1102).
    fn start_over_at(&self) -> Option<Moment> {
        let conf = &self.fx.conf.metadata;
        let trigger = Duration::from_millis(u64::from(conf.rebootstrap_trigger_ms));
        let since = self.refresh.unanswered_since?;
        let may = conf.recovery == MetadataRecovery::Rebootstrap && !trigger.is_zero();
        may.then(|| since + trigger)
    }

    /// A broker found that what we know of the cluster is of no use (KIP-1102).
    pub(crate) fn start_over_as_told(&mut self, now: Now) {
        if self.fx.conf.metadata.recovery == MetadataRecovery::Rebootstrap {
            self.start_over(now, "A broker says that it is time");
        }
    }

    fn start_over(&mut self, now: Now, why: &str) {
        self.refresh.unanswered_since = Some(now.mono);
        let text = || format!("{why}: starting again from bootstrap.servers");
        self.fx.log(7, "REBOOTSTRAP", text);
        for broker in &mut self.brokers {
            if broker.lane == Lane::Main {
                broker.abandon(now.mono, &mut self.fx);
            }
        }
        self.rebootstrap();
    }

    /// All known brokers are down, or give no metadata: the bootstrap addresses that have moved on to be nodes elsewhere are tried too.
    fn rebootstrap(&mut self) {
        if self.fx.conf.metadata.recovery != MetadataRecovery::Rebootstrap {
            return;
        }
        for endpoint in self.fx.conf.bootstrap_servers.clone() {
            let mut main = self
                .brokers
                .iter()
                .filter(|broker| broker.lane == Lane::Main);
            if !main.any(|broker| broker.endpoint == endpoint) {
                self.add_broker(endpoint, None, Lane::Main);
            }
        }
    }

    pub(crate) fn on_timeout(&mut self, now: Now) {
        self.tokens.on_timeout(now, &mut self.fx);
        if self.start_over_at().is_some_and(|at| at <= now.mono) {
            let trigger = self.fx.conf.metadata.rebootstrap_trigger_ms;
            self.start_over(now, &format!("No metadata for {trigger}ms"));
        }
        for broker in &mut self.brokers {
            broker.on_timeout(now.mono, &mut self.fx);
        }
        let (expired, kept): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.any)
            .into_iter()
            .partition(|pending| pending.deadline <= now.mono);
        self.any = kept;
        for pending in expired {
            self.fx.complete(
                pending.route,
                Err(RequestError::TimedOut { sent: false }),
                None,
            );
        }
        while self.orphans.front().is_some_and(|&(at, _)| at <= now.mono) {
            if let Some((_, route)) = self.orphans.pop_front() {
                self.fx
                    .complete(route, Err(RequestError::Disconnected { sent: false }), None);
            }
        }
        self.probe_on_timeout(now.mono);
        self.refresh_on_timeout(now);
        self.find_coordinators_on_timeout(now);
        self.keep_connected(now.mono);
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        let brokers = self
            .brokers
            .iter()
            .filter_map(|broker| broker.next_deadline(&self.fx.conf))
            .min();
        let any = self.any.iter().map(|pending| pending.deadline).min();
        let orphans = self.orphans.front().map(|&(at, _)| at);
        let own = earlier(
            self.refresh.next_deadline(),
            self.coordinators.next_deadline(),
        );
        let own = earlier(own, self.tokens.next_deadline());
        let own = earlier(own, self.start_over_at());
        let own = earlier(own, self.probe_deadline());
        earlier(earlier(brokers, any), earlier(orphans, own))
    }

    /// Close everything; who waits is told.
    pub(crate) fn terminate(&mut self) {
        self.is_terminated = true;
        for broker in &mut self.brokers {
            broker.shut(&mut self.fx);
        }
        self.any.clear();
        self.orphans.clear();
    }

    /// The answers that belong to the network itself; gives others back.
    pub(crate) fn take_own(&mut self, now: Now, completion: Completion) -> Option<Completion> {
        match completion.route {
            Route::Metadata => {
                let response = completion.result.ok().and_then(|response| match response {
                    Response::Metadata(response) => Some(response),
                    _ => None,
                });
                self.on_metadata_reply(now, response.as_ref());
                None
            }
            Route::Coordinator(lookup) => {
                self.on_coordinator_reply(now, lookup, completion.result);
                None
            }
            route => Some(Completion {
                route,
                ..completion
            }),
        }
    }

    pub(crate) fn coordinator(&self, kind: CoordinatorKind, key: &StrBytes) -> Option<NodeId> {
        self.coordinators.known(kind, key)
    }

    /// Nodes came, went or moved: follow with the connections.
    pub(crate) fn follow_nodes(&mut self) {
        let nodes: Vec<_> = self
            .metadata
            .nodes()
            .map(|node| (node.id, node.endpoint.clone()))
            .collect();
        for (node, endpoint) in &nodes {
            for lane in [Lane::Main, Lane::Coordinator, Lane::Fetch] {
                self.follow_node(*node, endpoint, lane);
            }
        }
    }

    fn follow_node(&mut self, node: NodeId, endpoint: &Endpoint, lane: Lane) {
        if let Some(&id) = self.by_node.get(&(node, lane)) {
            if let Some(broker) = self.brokers.get_mut(id.0 as usize)
                && broker.endpoint != *endpoint
            {
                broker.shut(&mut self.fx);
                broker.endpoint = endpoint.clone();
                self.fx.notices.push_back(Notice::Down(id));
            }
            return;
        }
        if lane != Lane::Main {
            return;
        }
        // A bootstrap address that turns out to be this node keeps its connection.
        let same = self.brokers.iter_mut().find(|broker| {
            broker.node.is_none() && broker.lane == lane && broker.endpoint == *endpoint
        });
        match same {
            Some(broker) => {
                broker.node = Some(node);
                self.by_node.insert((node, lane), broker.id);
                if broker.is_up() {
                    self.fx.notices.push_back(Notice::Up(broker.id));
                }
            }
            // On the list, for when bootstrap addresses fail.
            None => {
                self.add_broker(endpoint.clone(), Some(node), lane);
            }
        }
    }

    fn broker(&self, id: BrokerId) -> Option<&Broker> {
        self.brokers.get(id.0 as usize)
    }

    fn broker_of(&mut self, node: NodeId, lane: Lane) -> Option<BrokerId> {
        if let Some(&id) = self.by_node.get(&(node, lane)) {
            return Some(id);
        }
        let endpoint = self.metadata.node(node)?.endpoint.clone();
        Some(self.add_broker(endpoint, Some(node), lane))
    }

    pub(crate) fn add_broker(
        &mut self,
        endpoint: Endpoint,
        node: Option<NodeId>,
        lane: Lane,
    ) -> BrokerId {
        self.fx.debug(DebugContexts::BROKER, "BROKER", || {
            let node = node.map_or(-1, |node| node.0);
            format!("{endpoint}: Added new broker with NodeId {node}")
        });
        // One entry per address and lane: far below 2^32.
        let id = BrokerId(u32::try_from(self.brokers.len()).unwrap_or(u32::MAX));
        self.brokers
            .push(Broker::new(id, endpoint, node, lane, &self.fx.conf));
        if let Some(node) = node {
            self.by_node.insert((node, lane), id);
        }
        id
    }

    /// The connection with the fewest requests on their way, among those that stand; a silent one last.
    fn least_busy(&self, now: Moment) -> Option<BrokerId> {
        self.brokers
            .iter()
            .filter(|broker| broker.lane == Lane::Main && broker.is_up())
            .min_by_key(|broker| (broker.is_mute(now), broker.in_flight()))
            .map(|broker| broker.id)
    }

    /// See that some broker is up or being tried: a random one of those that are not backing off.
    fn keep_connected(&mut self, now: Moment) {
        let is_main = |broker: &&Broker| broker.lane == Lane::Main;
        let mut main = self.brokers.iter().filter(is_main);
        if self.is_terminated || main.any(|broker| broker.is_up() || broker.is_connecting()) {
            return;
        }
        let idle: Vec<_> = self
            .brokers
            .iter()
            .filter(is_main)
            .filter(|broker| broker.is_idle())
            .map(|broker| broker.id)
            .collect();
        let chosen = (!idle.is_empty()).then(|| self.fx.rng.usize(..idle.len()));
        match chosen.and_then(|index| idle.get(index)) {
            Some(id) => {
                if let Some(broker) = self.brokers.get_mut(id.0 as usize) {
                    broker.want(now, &mut self.fx);
                }
            }
            // All back off: whoever is done first tries again.
            None => {
                for broker in self
                    .brokers
                    .iter_mut()
                    .filter(|broker| broker.lane == Lane::Main)
                {
                    broker.want(now, &mut self.fx);
                }
            }
        }
    }
}
