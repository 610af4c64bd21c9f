//! One place to connect to: a state machine from nothing to a negotiated connection, and back.
//!
//! | state | action | transition |
//! |---|---|---|
//! | `Idle` | none: nobody needs it | `want` → `Connecting` |
//! | `BackingOff` | waits out the reconnect back-off | time, if still wanted → `Connecting`, else → `Idle` |
//! | `Connecting` | the driver resolves, connects, and secures by TLS | connected → `Negotiating`; failed → `BackingOff` |
//! | `Negotiating` | ApiVersions is asked | answered → `Authenticating` or `Up`; closed → once more with version 0, else `BackingOff` |
//! | `Authenticating` | SASL, see [`authenticate`] | done → `Up`; refused → `BackingOff` |
//! | `Up` | requests flow | closed, bad bytes, request timed out → `BackingOff`; session nearly over → `Authenticating` |
//!
//! Owns the connection, its requests, and those that wait for it. Each request is completed exactly once. Says in words
//! (log and error event) why a connection failed, the same words at most every 30 seconds. Driver thread.

mod assume;
mod authenticate;
mod ending;
mod mute;
mod words;

use std::collections::VecDeque;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};

use crate::backoff::Backoff;
use crate::conf::{ClientConfig, DebugContexts};
use crate::connection::{Answer, ApiRanges, Asker, Connection, Outgoing, ProtocolError};
use crate::effects::{Effects, Notice, Pending, earlier};
use crate::io::{BrokerId, DisconnectReason, Endpoint, Lane, Moment, NodeId, Output};
use crate::request::{Request, RequestError, Response};
use crate::sasl::Exchange;
use crate::stats::BrokerCounters;

/// The newest ApiVersions this client asks for.
const VERSIONS_NEWEST: i16 = 4;
/// A connection that stood so long was good.
const PROVEN_AFTER: Duration = Duration::from_secs(2);
/// The same words are said again after this long.
const REPEAT_AFTER: Duration = Duration::from_secs(30);

#[derive(Debug)]
enum State {
    Idle,
    BackingOff {
        until: Moment,
    },
    Connecting {
        since: Moment,
        /// Since when TCP stands and TLS is being shaken hands on.
        securing_since: Option<Moment>,
    },
    Negotiating {
        since: Moment,
        connection: Connection,
        version: i16,
    },
    Authenticating {
        since: Moment,
        connection: Connection,
        /// `None` until the broker has agreed to the mechanism.
        exchange: Option<Exchange>,
        /// Messages of the mechanism are frames of their own: brokers before 1.0.
        is_raw: bool,
        /// The connection was up before, and requests may still be answered.
        is_again: bool,
    },
    Up {
        since: Moment,
        connection: Connection,
        /// When the broker wants to hear of the credentials again (KIP-368), with time to spare.
        authenticate_at: Option<Moment>,
    },
}

impl State {
    /// librdkafka's word for it.
    fn name(&self) -> &'static str {
        match self {
            Self::Idle => "INIT",
            Self::BackingOff { .. } => "DOWN",
            Self::Connecting {
                securing_since: None,
                ..
            } => "CONNECT",
            Self::Connecting { .. } => "SSL_HANDSHAKE",
            Self::Authenticating { is_again: true, .. } => "REAUTH",
            Self::Authenticating { exchange: None, .. } => "AUTH_HANDSHAKE",
            Self::Authenticating { is_raw: true, .. } => "AUTH_LEGACY",
            Self::Authenticating { .. } => "AUTH_REQ",
            Self::Negotiating { .. } => "APIVERSION_QUERY",
            Self::Up { .. } => "UP",
        }
    }
}

/// One place to connect to.
#[derive(Debug)]
pub(crate) struct Broker {
    pub(crate) id: BrokerId,
    pub(crate) endpoint: Endpoint,
    /// `None` for a bootstrap address that has not turned out to be a node yet.
    pub(crate) node: Option<NodeId>,
    pub(crate) lane: Lane,
    /// What the name begins with: the security protocol, as `ssl://`.
    prefix: &'static str,
    state: State,
    pending: VecDeque<Pending>,
    is_wanted: bool,
    backoff: Backoff,
    /// The version of ApiVersions to ask with; lowered for brokers that hang up on the newest.
    ask_version: i16,
    /// Until when the broker is taken for one that does not answer what it speaks.
    assumed_until: Option<Moment>,
    /// How long the broker lets the session live that is being authenticated, in milliseconds; 0: for ever.
    session_ms: i64,
    /// When TCP stood, while the connection is being set up from there on; and how long that took at best.
    connected_at: Option<Moment>,
    setup_took: Option<Duration>,
    /// Counts connections and authentications, so that a late job is known as such.
    attempt: u64,
    /// The last attempt failed for a reason that waiting does not help: TLS or SASL.
    definite_failure: Option<ErrorCode>,
    /// Counted among the brokers that are down.
    pub(crate) is_reported_down: bool,
    last_words: Option<(String, Moment)>,
    last_used: Moment,
    /// The state last told of, and since when.
    pub(crate) told_state: (&'static str, Moment),
    pub(crate) counters: BrokerCounters,
}

impl Broker {
    pub(crate) fn new(
        id: BrokerId,
        endpoint: Endpoint,
        node: Option<NodeId>,
        lane: Lane,
        conf: &ClientConfig,
    ) -> Self {
        let socket = &conf.socket;
        Self {
            id,
            endpoint,
            node,
            lane,
            state: State::Idle,
            pending: VecDeque::new(),
            is_wanted: false,
            backoff: Backoff::new(socket.reconnect_backoff_ms, socket.reconnect_backoff_max_ms),
            ask_version: VERSIONS_NEWEST,
            assumed_until: None,
            session_ms: 0,
            connected_at: None,
            setup_took: None,
            attempt: 0,
            definite_failure: None,
            prefix: conf.security.protocol.name_prefix(),
            is_reported_down: false,
            last_words: None,
            last_used: Moment::default(),
            told_state: (State::Idle.name(), Moment::default()),
            counters: BrokerCounters::new(conf.statistics_interval_ms.is_some()),
        }
    }

    /// `host:port/id`, or `host:port/bootstrap`, `host:port/probe`; behind `ssl://` and the like, where it is not plain text.
    pub(crate) fn name(&self) -> String {
        match self.node {
            _ if self.lane == Lane::Probe => format!("{}{}/probe", self.prefix, self.endpoint),
            Some(NodeId(id)) => format!("{}{}/{id}", self.prefix, self.endpoint),
            None => format!("{}{}/bootstrap", self.prefix, self.endpoint),
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        matches!(
            self.state,
            State::Up { .. } | State::Authenticating { is_again: true, .. }
        )
    }

    /// Why waiting for this one would not help: TLS or SASL failed.
    pub(crate) fn definite_failure(&self) -> Option<ErrorCode> {
        self.definite_failure
    }

    /// The credentials changed: what failed for the old ones may work now.
    pub(crate) fn on_credentials(&mut self, now: Moment, fx: &mut Effects) {
        self.definite_failure = None;
        self.backoff.reset();
        if let State::BackingOff { until } = &mut self.state {
            *until = now;
        } else if self.is_idle() && (self.is_wanted || !self.pending.is_empty()) {
            self.start_connecting(now, fx);
        }
    }

    /// Whether an attempt to connect is under way.
    pub(crate) fn is_connecting(&self) -> bool {
        matches!(
            self.state,
            State::Connecting { .. }
                | State::Negotiating { .. }
                | State::Authenticating {
                    is_again: false,
                    ..
                }
        )
    }

    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// Requests that wait for the connection.
    pub(crate) fn waiting(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn in_flight(&self) -> usize {
        match &self.state {
            State::Up { connection, .. } => connection.in_flight(),
            State::Authenticating { connection, .. } => connection.in_flight() + self.pending.len(),
            _ => self.pending.len(),
        }
    }

    /// Connect, now or after the back-off.
    pub(crate) fn want(&mut self, now: Moment, fx: &mut Effects) {
        self.is_wanted = true;
        // Without a token, the one who brings it connects us.
        if self.is_idle() && fx.credentials.is_ready() {
            self.start_connecting(now, fx);
        }
    }

    /// Send, now or when the connection stands.
    pub(crate) fn send(&mut self, now: Moment, pending: Pending, fx: &mut Effects) {
        self.last_used = now;
        if let State::Up { connection, .. } = &mut self.state {
            let timeout = pending.deadline.since(now);
            let sent = connection.send(
                &pending.request,
                pending.route,
                &fx.conf.client_id,
                now,
                timeout,
            );
            match sent {
                Ok(mut outgoing) => {
                    if self.counters.measures() {
                        connection.measure(&mut outgoing, pending.queued);
                    }
                    self.transmit(now, outgoing, fx);
                }
                Err(route) => fx.complete(route, Err(RequestError::Unsupported), Some(self.id)),
            }
            return;
        }
        self.pending.push_back(pending);
        self.want(now, fx);
    }

    /// TCP stands, TLS begins.
    pub(crate) fn on_securing(&mut self, now: Moment, fx: &mut Effects) {
        if let State::Connecting { since, .. } = self.state {
            let state = State::Connecting {
                since,
                securing_since: Some(now),
            };
            self.enter(state, now, fx);
        }
    }

    pub(crate) fn on_connected(&mut self, now: Moment, fx: &mut Effects) {
        if let State::Connecting {
            since,
            securing_since,
        } = self.state
        {
            self.counters.connects += 1;
            self.connected_at = Some(securing_since.unwrap_or(now));
            self.debug(DebugContexts::BROKER, "CONNECTED", fx, || {
                "Connected: asking for the supported API versions".to_owned()
            });
            match self.assumed_versions(now, &fx.conf) {
                Some(versions) => self.assume(now, since, versions, fx),
                None => self.negotiate(now, since, fx),
            }
        }
    }

    pub(crate) fn on_frame(&mut self, now: Moment, bytes: bytes::Bytes, fx: &mut Effects) {
        self.last_used = now;
        let size = bytes.len();
        if self.takes_raw_frame() {
            self.sasl_answered(now, &bytes, fx);
            return;
        }
        let (State::Negotiating { connection, .. }
        | State::Authenticating { connection, .. }
        | State::Up { connection, .. }) = &mut self.state
        else {
            return;
        };
        match connection.receive(bytes, now) {
            Ok(answer) => {
                self.received(now, &answer, size, fx);
                match (answer.asker, answer.response) {
                    (Asker::Route(route), response) => {
                        self.proven();
                        fx.complete(route, Ok(response), Some(self.id));
                    }
                    (Asker::Own, Response::ApiVersions(response)) => {
                        self.negotiated(now, &response, fx)
                    }
                    (Asker::Own, Response::SaslHandshake(response)) => {
                        self.mechanism_answered(now, &response, fx);
                    }
                    (Asker::Own, Response::SaslAuthenticate(response)) => {
                        self.authenticate_answered(now, &response, fx);
                    }
                    (Asker::Own, _) => {}
                }
            }
            Err(error) => {
                self.counters.rx_errors += 1;
                let words = match error {
                    ProtocolError::Correlation => {
                        self.counters.rx_correlation_errors += 1;
                        "Response matches no request".to_owned()
                    }
                    ProtocolError::Decode(key, version, error) => {
                        format!("{} response (v{version}) is malformed: {error}", key.name())
                    }
                };
                self.close(now, ErrorCode::_BAD_MSG, &words, fx);
            }
        }
    }

    pub(crate) fn on_written(&mut self, now: Moment, correlation_id: i32, fx: &mut Effects) {
        if let State::Up { connection, .. } | State::Authenticating { connection, .. } =
            &mut self.state
        {
            if let Some(queued) = connection.measured(correlation_id) {
                self.counters.written(now.since(queued));
            }
            if let Some((route, response)) = connection.written(correlation_id) {
                fx.complete(route, Ok(response), Some(self.id));
            }
        }
    }

    pub(crate) fn on_disconnected(
        &mut self,
        now: Moment,
        reason: &DisconnectReason,
        fx: &mut Effects,
    ) {
        if matches!(self.state, State::Idle | State::BackingOff { .. }) {
            return;
        }
        if let State::Negotiating { version, .. } = self.state
            && version > 0
            && *reason == DisconnectReason::Closed
        {
            // Brokers before 0.10 and some proxies hang up on versions they do not know: once more, with the oldest.
            self.ask_version = 0;
            self.start_connecting(now, fx);
            return;
        }
        if matches!(self.state, State::Negotiating { .. })
            && *reason == DisconnectReason::Closed
            && self.fall_back(now, &fx.conf)
        {
            self.start_connecting(now, fx);
            return;
        }
        let (code, words) = self.words(now, reason, fx);
        let is_quiet = *reason == DisconnectReason::Closed && self.is_up() && self.in_flight() == 0;
        self.failed(now, code, &words, is_quiet, fx);
    }

    /// Deadlines: of connecting, of requests, of the back-off, of being idle.
    pub(crate) fn on_timeout(&mut self, now: Moment, fx: &mut Effects) {
        self.expire_pending(now, fx);
        match &mut self.state {
            State::Idle => {}
            State::BackingOff { until } => {
                if *until <= now {
                    self.state = State::Idle;
                    if self.is_wanted || !self.pending.is_empty() {
                        self.want(now, fx);
                    }
                }
            }
            State::Connecting { since, .. } => {
                if setup_deadline(*since, &fx.conf) <= now {
                    self.setup_timed_out(now, fx);
                }
            }
            State::Authenticating {
                since, connection, ..
            } => {
                let is_late = setup_deadline(*since, &fx.conf) <= now;
                let expired = connection.take_expired(now);
                if is_late || expired.iter().any(|(_, asker)| matches!(asker, Asker::Own)) {
                    self.complete_expired(expired, fx);
                    self.setup_timed_out(now, fx);
                } else if !expired.is_empty() {
                    self.requests_timed_out(now, expired, fx);
                }
            }
            State::Negotiating {
                since, connection, ..
            } => {
                let is_late = setup_deadline(*since, &fx.conf) <= now;
                if is_late || !connection.take_expired(now).is_empty() {
                    self.close(
                        now,
                        ErrorCode::_TRANSPORT,
                        "ApiVersions request timed out",
                        fx,
                    );
                }
            }
            State::Up {
                connection,
                authenticate_at,
                ..
            } => {
                let is_session_ending = authenticate_at.is_some_and(|at| at <= now);
                let expired = connection.take_expired(now);
                if !expired.is_empty() {
                    self.requests_timed_out(now, expired, fx);
                } else if is_session_ending {
                    self.authenticate_again(now, fx);
                } else if self.is_idle_too_long(now, &fx.conf) {
                    self.debug(DebugContexts::BROKER, "IDLE", fx, || {
                        "Closed: idle for connections.max.idle.ms".to_owned()
                    });
                    self.shut(fx);
                }
            }
        }
    }

    pub(crate) fn next_deadline(&self, conf: &ClientConfig) -> Option<Moment> {
        let pending = self.pending.iter().map(|pending| pending.deadline).min();
        let state = match &self.state {
            State::Idle => None,
            State::BackingOff { until } => Some(*until),
            State::Connecting { since, .. } => Some(setup_deadline(*since, conf)),
            State::Negotiating {
                since, connection, ..
            }
            | State::Authenticating {
                since, connection, ..
            } => earlier(
                connection.next_deadline(),
                Some(setup_deadline(*since, conf)),
            ),
            State::Up {
                connection,
                authenticate_at,
                ..
            } => earlier(
                *authenticate_at,
                earlier(connection.next_deadline(), self.idle_deadline(conf)),
            ),
        };
        earlier(pending, state)
    }

    fn start_connecting(&mut self, now: Moment, fx: &mut Effects) {
        self.debug(DebugContexts::BROKER, "CONNECT", fx, || {
            let (lane, state) = (self.lane, self.told_state.0);
            format!(
                "Connecting to {} ({lane:?} connection, state {state})",
                self.endpoint
            )
        });
        self.attempt += 1;
        let state = State::Connecting {
            since: now,
            securing_since: None,
        };
        self.enter(state, now, fx);
        fx.outbox
            .push_back(Output::Connect(self.id, self.endpoint.clone()));
    }

    fn negotiate(&mut self, now: Moment, since: Moment, fx: &mut Effects) {
        let mut connection = Connection::default();
        let request = Request::ApiVersions(ApiVersionsRequest {
            client_software_name: fx.conf.client_software_name.as_str().into(),
            client_software_version: fx.conf.client_software_version.as_str().into(),
        });
        let version = self.ask_version;
        let timeout =
            Duration::from_millis(u64::from(fx.conf.socket.api_version_request_timeout_ms));
        let outgoing = connection.ask(&request, version, &fx.conf.client_id, now, timeout);
        self.transmit(now, outgoing, fx);
        let state = State::Negotiating {
            since,
            connection,
            version,
        };
        self.enter(state, now, fx);
    }

    fn negotiated(&mut self, now: Moment, response: &ApiVersionsResponse, fx: &mut Effects) {
        let State::Negotiating {
            since,
            connection,
            version,
        } = &mut self.state
        else {
            return;
        };
        let ranges = ApiRanges::new(response);
        let error = ErrorCode(response.error_code);
        if error == ErrorCode::UNSUPPORTED_VERSION && *version > 0 {
            // The answer to a version it does not know names those it does (KIP-511); without, the oldest is safe.
            let newest = ranges.api_versions_max().unwrap_or(0);
            self.ask_version = newest.clamp(0, *version - 1);
            let since = *since;
            self.negotiate(now, since, fx);
            return;
        }
        if error.is_error() {
            let words = format!("ApiVersions failed: {}", error.text());
            self.close(now, ErrorCode::_TRANSPORT, &words, fx);
            return;
        }
        let mut connection = std::mem::take(connection);
        let (count, version, since) = (ranges.len(), *version, *since);
        self.debug(
            DebugContexts::FEATURE.and(DebugContexts::PROTOCOL),
            "APIVERSION",
            fx,
            || format!("Broker supports {count} APIs (ApiVersions v{version})"),
        );
        connection.set_versions(ranges);
        fx.features.learn(response);
        self.negotiation_done(now, since, connection, fx);
    }

    /// What the broker speaks is known.
    fn negotiation_done(
        &mut self,
        now: Moment,
        since: Moment,
        connection: Connection,
        fx: &mut Effects,
    ) {
        if fx.conf.security.protocol.uses_sasl() && self.lane != Lane::Probe {
            self.authenticate(now, since, connection, false, fx);
        } else {
            self.come_up(now, connection, None, fx);
        }
    }

    /// Ready for requests.
    fn come_up(
        &mut self,
        now: Moment,
        connection: Connection,
        authenticate_at: Option<Moment>,
        fx: &mut Effects,
    ) {
        let was_up = self.is_up();
        self.note_setup(now);
        let state = State::Up {
            since: now,
            connection,
            authenticate_at,
        };
        self.enter(state, now, fx);
        self.definite_failure = None;
        if !was_up {
            fx.notices.push_back(Notice::Up(self.id));
        }
        for pending in std::mem::take(&mut self.pending) {
            self.send(now, pending, fx);
        }
    }

    /// The connection is good: the broker answered on it, or kept it for a while. One that wants TLS or SASL of who
    /// brings none lets in first, and hangs up at the first request.
    fn proven(&mut self) {
        self.backoff.reset();
        self.is_reported_down = false;
        self.last_words = None;
    }

    /// Change the state, and tell who wants to know.
    fn enter(&mut self, state: State, now: Moment, fx: &mut Effects) {
        let to = state.name();
        self.state = state;
        self.tell_state(to, now, fx);
    }

    fn tell_state(&mut self, to: &'static str, now: Moment, fx: &mut Effects) {
        let from = self.told_state.0;
        if from != to {
            self.told_state = (to, now);
            self.debug(DebugContexts::BROKER, "STATE", fx, || {
                format!("Broker changed state {from} -> {to}")
            });
        }
    }

    fn transmit(&mut self, now: Moment, outgoing: Outgoing, fx: &mut Effects) {
        let size = outgoing.frame.len();
        self.counters.sent(now, outgoing.key, size);
        self.debug(DebugContexts::PROTOCOL, "SEND", fx, || {
            let (key, version) = (outgoing.key.name(), outgoing.version);
            let id = outgoing.correlation_id;
            format!("Sent {key}Request (v{version}, {size} bytes, CorrId {id})")
        });
        fx.outbox.push_back(Output::Transmit {
            broker: self.id,
            frame: outgoing.frame,
            notify: outgoing.notify,
        });
    }

    fn received(&mut self, now: Moment, answer: &Answer, size: usize, fx: &mut Effects) {
        let rtt = now.since(answer.sent);
        self.counters.received(now, size, rtt);
        self.debug(DebugContexts::PROTOCOL, "RECV", fx, || {
            let (key, version, id) = (answer.key.name(), answer.version, answer.correlation_id);
            let ms = rtt.as_micros() as f64 / 1000.0;
            format!("Received {key}Response (v{version}, {size} bytes, CorrId {id}, rtt {ms:.2}ms)")
        });
    }

    /// A line in this broker's name, for who set `debug` to one of `contexts`.
    fn debug(
        &self,
        contexts: DebugContexts,
        facility: &'static str,
        fx: &mut Effects,
        text: impl FnOnce() -> String,
    ) {
        if fx.debugs(contexts) {
            let name = self.name();
            let text = format!("{name}: {}", text());
            fx.log_of(7, facility, || name, || text);
        }
    }

    fn idle_deadline(&self, conf: &ClientConfig) -> Option<Moment> {
        let idle = Duration::from_millis(u64::from(conf.socket.connections_max_idle_ms?));
        (self.in_flight() == 0).then(|| self.last_used + idle)
    }

    fn is_idle_too_long(&self, now: Moment, conf: &ClientConfig) -> bool {
        self.idle_deadline(conf)
            .is_some_and(|deadline| deadline <= now)
    }
}

fn setup_deadline(since: Moment, conf: &ClientConfig) -> Moment {
    since + Duration::from_millis(u64::from(conf.socket.connection_setup_timeout_ms))
}
