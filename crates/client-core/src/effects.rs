//! What the network half of the client leaves behind while it handles an input: outputs, answered requests, notices.
//!
//! Passed down to every broker, so that none of them needs to know the others. Driver thread.

use std::collections::VecDeque;
use std::sync::Arc;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::api_versions::ApiVersionsResponse;

use crate::admin::Calls;
use crate::conf::{ClientConfig, DebugContexts};
use crate::context::Route;
use crate::io::{BrokerId, ErrorEvent, Event, LogLine, Moment, Output};
use crate::request::{Request, RequestError, Response};
use crate::sasl::Credentials;

/// The syslog level of lines that `debug` asks for.
const DEBUG: u8 = 7;

/// What all brokers of a client write to.
#[derive(Debug)]
pub(crate) struct Effects {
    pub(crate) conf: Arc<ClientConfig>,
    pub(crate) rng: fastrand::Rng,
    pub(crate) log_level: u8,
    /// What the cluster agreed upon.
    pub(crate) features: Features,
    /// What connections authenticate with.
    pub(crate) credentials: Credentials,
    /// The application's calls that are under way.
    pub(crate) calls: Calls,
    pub(crate) outbox: VecDeque<Output>,
    /// Answered requests, to be handed to their sub-machines.
    pub(crate) completions: VecDeque<Completion>,
    /// What happened to connections, to be told to the sub-machines.
    pub(crate) notices: VecDeque<Notice>,
}

/// The finalized features of the cluster that matter here (KIP-584).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Features {
    epoch: i64,
    /// `transaction.version`.
    pub(crate) transaction_version: i16,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            epoch: -1,
            transaction_version: 0,
        }
    }
}

impl Features {
    /// A broker told what it knows; older news than ours is left alone.
    pub(crate) fn learn(&mut self, response: &ApiVersionsResponse) {
        if response.finalized_features_epoch < self.epoch {
            return;
        }
        let mut features = response.finalized_features.iter();
        let found = features.find(|feature| &*feature.name == "transaction.version");
        *self = Self {
            epoch: response.finalized_features_epoch,
            transaction_version: found.map_or(0, |feature| feature.max_version_level),
        };
    }
}

/// An answered request.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) route: Route,
    pub(crate) result: Result<Response, RequestError>,
    /// Who answered.
    pub(crate) broker: Option<BrokerId>,
}

/// Something the sub-machines want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A connection is negotiated.
    Up(BrokerId),
    /// A connection ended, or could not be made.
    Down(BrokerId),
    /// The metadata changed.
    Metadata,
}

/// A request that waits for its connection.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) request: Request,
    pub(crate) route: Route,
    pub(crate) deadline: Moment,
    /// Since when it waits.
    pub(crate) queued: Moment,
}

impl Effects {
    pub(crate) fn new(conf: Arc<ClientConfig>, seed: u64) -> Self {
        Self {
            log_level: conf.log.level,
            rng: fastrand::Rng::with_seed(seed),
            credentials: Credentials::new(&conf, seed),
            conf,
            features: Features::default(),
            calls: Calls::default(),
            outbox: VecDeque::new(),
            completions: VecDeque::new(),
            notices: VecDeque::new(),
        }
    }

    pub(crate) fn log(&mut self, level: u8, facility: &'static str, text: impl FnOnce() -> String) {
        if level <= self.log_level {
            let line = LogLine::of_main(level, facility, text());
            self.outbox.push_back(Output::Event(Event::Log(line)));
        }
    }

    /// A line in the name of a broker.
    pub(crate) fn log_of(
        &mut self,
        level: u8,
        facility: &'static str,
        thread: impl FnOnce() -> String,
        text: impl FnOnce() -> String,
    ) {
        if level <= self.log_level {
            let line = LogLine {
                level,
                facility,
                thread: thread().into(),
                text: text(),
            };
            self.outbox.push_back(Output::Event(Event::Log(line)));
        }
    }

    /// Whether lines of these contexts (any of them) are wanted.
    pub(crate) fn debugs(&self, contexts: DebugContexts) -> bool {
        self.log_level >= DEBUG && self.conf.log.debug.has_any(contexts)
    }

    /// A line for who set `debug` to one of `contexts`; built only then.
    pub(crate) fn debug(
        &mut self,
        contexts: DebugContexts,
        facility: &'static str,
        text: impl FnOnce() -> String,
    ) {
        if self.debugs(contexts) {
            self.log(DEBUG, facility, text);
        }
    }

    pub(crate) fn error(&mut self, code: ErrorCode, text: String) {
        let event = Event::Error(ErrorEvent {
            code,
            text,
            fatal: false,
        });
        self.outbox.push_back(Output::Event(event));
    }

    pub(crate) fn complete(
        &mut self,
        route: Route,
        result: Result<Response, RequestError>,
        broker: Option<BrokerId>,
    ) {
        self.completions.push_back(Completion {
            route,
            result,
            broker,
        });
    }
}

/// The earlier of two deadlines.
pub(crate) fn earlier(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
