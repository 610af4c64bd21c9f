//! A client's core as its driver sees it: connections, deadlines, calls under way, what waits for the application.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rdkafka_client_core::admin::{Call, CallReply};
use rdkafka_client_core::client::Client;
use rdkafka_client_core::conf::{Callback, ClientConfig, ClientKind, Conf};
use rdkafka_client_core::io::{BrokerId, CallId, Event, Input, Moment};
use rdkafka_client_core::shared::QueueGauge;
use rdkafka_wire::ErrorCode;

use crate::consuming::ConsumerApp;
use crate::producing::ProducerApp;

/// What an application sees and does in a step.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    pub(crate) now: Moment,
    pub(crate) unix_ms: i64,
    /// When the process went on after it stood still.
    pub(crate) awake_since: Moment,
    pub(crate) events: VecDeque<Event>,
    pub(crate) replies: VecDeque<(CallId, Result<CallReply, ErrorCode>)>,
    /// What the core gets after the step.
    pub(crate) out: Vec<Input>,
    calls: BTreeMap<CallId, Moment>,
    next_call: u64,
}

impl Mailbox {
    pub(crate) fn ask(&mut self, call: Call, timeout: Duration) -> CallId {
        let id = CallId(self.next_call);
        self.next_call += 1;
        let deadline = self.now + timeout;
        self.calls.insert(id, deadline);
        self.out.push(Input::Call(id, call, deadline));
        id
    }

    /// An answer came.
    pub(crate) fn answered(&mut self, id: CallId, result: Result<CallReply, ErrorCode>) {
        assert!(self.calls.remove(&id).is_some(), "{id:?} is answered once");
        self.replies.push_back((id, result));
    }

    /// Law: every call is answered by its deadline, or when its process goes on.
    pub(crate) fn check_calls(&self, slack: Duration) {
        for (id, deadline) in &self.calls {
            assert!(
                (*deadline).max(self.awake_since) + slack >= self.now,
                "{id:?} is not answered by its deadline {deadline:?}"
            );
        }
    }
}

#[derive(Debug)]
pub(crate) enum App {
    Producer(ProducerApp),
    Consumer(ConsumerApp),
}

pub(crate) struct Peer {
    pub(crate) client: Client,
    /// Which process it is, of those that took this place one after the other.
    pub(crate) life: u32,
    pub(crate) app: App,
    pub(crate) mailbox: Mailbox,
    pub(crate) links: BTreeMap<BrokerId, u64>,
    pub(crate) deadline: Option<Moment>,
    /// Until when the process stands still.
    pub(crate) paused_until: u64,
    /// Until when nothing gets through.
    pub(crate) cut_off_until: u64,
    /// How wrong its wall clock is.
    pub(crate) skew_ms: i64,
    /// Inputs in a row without time passing.
    pub(crate) wakes: (u64, u32),
}

impl Peer {
    pub(crate) fn new(
        settings: &[(&'static str, String)],
        callbacks: &[Callback],
        kind: ClientKind,
        seed: u64,
        app: impl FnOnce(&Arc<ClientConfig>, &Arc<QueueGauge>) -> App,
    ) -> Self {
        let mut conf = Conf::new();
        conf.set("bootstrap.servers", "broker:9092").unwrap();
        for (name, value) in settings {
            conf.set(name, value)
                .unwrap_or_else(|error| panic!("{name}={value}: {error:?}"));
        }
        // For replays: what librdkafka's `debug` would show.
        if let Ok(debug) = std::env::var("SIM_DEBUG") {
            conf.set("debug", &debug).unwrap();
            conf.set_callback(Callback::Log, true);
        }
        for callback in callbacks {
            conf.set_callback(*callback, true);
        }
        let conf = Arc::new(
            conf.resolve(kind)
                .unwrap_or_else(|e| panic!("{e:?} {settings:?}")),
        );
        let messages_max = conf.producer.queue_max_messages.map_or(u64::MAX, u64::from);
        let gauge = Arc::new(QueueGauge::new(messages_max, conf.producer.queue_max_bytes));
        Self {
            app: app(&conf, &gauge),
            client: Client::new(conf, gauge, seed),
            life: 0,
            mailbox: Mailbox::default(),
            links: BTreeMap::new(),
            deadline: None,
            paused_until: 0,
            cut_off_until: 0,
            skew_ms: 0,
            wakes: (0, 0),
        }
    }
}
