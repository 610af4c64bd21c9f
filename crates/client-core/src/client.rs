//! The client: routes inputs to the sub-machines, and collects their outputs. Routes, and routes only.
//!
//! Owns the network half and the sub-machines. Driver thread.

use std::sync::Arc;

use rdkafka_wire::ErrorCode;

use crate::admin::{Admin, Call, Expiry};
use crate::conf::{ClientConfig, ClientKind, DebugContexts};
use crate::consumer::Consumer;
use crate::context::{Cx, Route};
use crate::effects::{Completion, Notice, earlier};
use crate::io::{CallId, Command, Event, Input, JobDone, Moment, Now, Output};
use crate::network::Network;
use crate::producer::Producer;
use crate::shared::QueueGauge;
use crate::stats::{Statistics, report};

/// One client: a producer or a consumer.
#[derive(Debug)]
pub struct Client {
    network: Network,
    producer: Option<Producer>,
    consumer: Option<Consumer>,
    admin: Admin,
    statistics: Statistics,
    is_terminated: bool,
}

impl Client {
    /// A client with a resolved configuration; `gauge` is shared with the application's side of a producer.
    #[must_use]
    pub fn new(conf: Arc<ClientConfig>, gauge: Arc<QueueGauge>, seed: u64) -> Self {
        let producer = (conf.kind == ClientKind::Producer).then(|| Producer::new(&conf, gauge));
        let consumer = (conf.kind == ClientKind::Consumer).then(|| Consumer::new(&conf));
        let statistics = Statistics::new(&conf);
        Self {
            network: Network::new(conf, seed),
            producer,
            consumer,
            admin: Admin::default(),
            statistics,
            is_terminated: false,
        }
    }

    /// The client's name, as statistics tell it.
    pub fn set_name(&mut self, name: String) {
        self.statistics.header.name = name;
    }

    /// Secret randomness for the nonces of SCRAM; without it they follow from the seed.
    pub fn set_entropy(&mut self, entropy: [u8; 32]) {
        self.network.fx.credentials.set_entropy(entropy);
    }

    /// How many events the application has not served, as statistics tell it.
    pub fn set_reply_queue(&mut self, events: usize) {
        self.statistics.header.reply_queue = events;
    }

    /// Begin: connect to `bootstrap.servers`.
    pub fn start(&mut self, now: Now) {
        let endpoints = self.network.fx.conf.bootstrap_servers.clone();
        let fx = &mut self.network.fx;
        let (kind, debug) = (fx.conf.kind.name(), fx.conf.log.debug.0);
        fx.debug(DebugContexts::ALL, "INIT", || {
            let count = endpoints.len();
            format!(
                "Client of kind {kind} initialized ({count} bootstrap brokers, debug {debug:#x})"
            )
        });
        self.statistics.start(now.mono);
        self.network.start_tokens(now);
        self.network.add_bootstrap(now, endpoints);
        self.network.ask_soon(now.mono);
        self.with_producer(now, Producer::start);
        self.settle(now);
    }

    /// Take one input. Drain [`Self::poll_output`] afterwards, until `Output::Timeout`.
    pub fn handle(&mut self, input: Input, now: Now) {
        if self.is_terminated {
            return;
        }
        match input {
            Input::Timeout => self.on_timeout(now),
            Input::Securing(broker) => self.network.on_securing(now, broker),
            Input::TokenFetched(answer) => {
                self.network.on_token_fetched(now, answer);
                self.refuse_calls(now);
            }
            Input::Connected(broker) => self.network.on_connected(now, broker),
            Input::Disconnected(broker, reason) => {
                self.network.on_disconnected(now, broker, &reason)
            }
            Input::Frame(broker, bytes) => self.network.on_frame(now, broker, bytes),
            Input::Receiving(broker) => self.network.on_receiving(now, broker),
            Input::Examined(broker, is_moving) => self.network.on_examined(now, broker, is_moving),
            Input::Written(broker, correlation_id) => {
                self.network.on_written(now, broker, correlation_id)
            }
            Input::WriteFailed(broker) => self.network.on_write_failed(broker),
            Input::Command(command) => self.command(command, now),
            Input::Call(id, call, deadline) => self.call(id, call, deadline, now),
            Input::Done(JobDone::OffsetKept(kept)) => {
                self.with_consumer(now, |consumer, cx| consumer.on_offset_kept(kept, cx));
            }
            Input::Done(JobDone::Sasl(done)) => self.network.on_sasl_job(now, *done),
            Input::Done(JobDone::Producer(done)) => {
                self.with_producer(now, |producer, cx| producer.on_job(done, cx));
            }
        }
        if !self.is_terminated {
            self.settle(now);
        }
    }

    /// The next output; `Output::Timeout` when there is nothing more to do.
    pub fn poll_output(&mut self) -> Output {
        self.network
            .fx
            .outbox
            .pop_front()
            .unwrap_or_else(|| Output::Timeout(self.next_deadline()))
    }

    fn next_deadline(&self) -> Option<Moment> {
        if self.is_terminated {
            return None;
        }
        let producer = self.producer.as_ref().and_then(Producer::next_deadline);
        let consumer = self.consumer.as_ref().and_then(Consumer::next_deadline);
        let calls = earlier(
            self.network.fx.calls.next_deadline(),
            self.admin.next_deadline(),
        );
        let own = earlier(
            self.network.next_deadline(),
            self.statistics.next_deadline(),
        );
        earlier(earlier(own, calls), earlier(producer, consumer))
    }

    fn on_timeout(&mut self, now: Now) {
        self.network.on_timeout(now);
        self.with_admin(now, Admin::on_timer);
        if self
            .producer
            .as_ref()
            .and_then(Producer::next_deadline)
            .is_some_and(|at| at <= now.mono)
        {
            self.with_producer(now, Producer::on_timer);
        }
        if self
            .consumer
            .as_ref()
            .and_then(Consumer::next_deadline)
            .is_some_and(|at| at <= now.mono)
        {
            self.with_consumer(now, Consumer::on_timer);
        }
        if self.statistics.take_due(now.mono) {
            self.tell_statistics(now);
        }
    }

    fn tell_statistics(&mut self, now: Now) {
        let json = report(
            &self.statistics.header,
            &mut self.network,
            self.producer.as_mut(),
            self.consumer.as_mut(),
            now,
        );
        let event = Output::Event(Event::Stats(json));
        self.network.fx.outbox.push_back(event);
    }

    fn command(&mut self, command: Command, now: Now) {
        match command {
            Command::AddBrokers(endpoints) => self.network.add_bootstrap(now, endpoints),
            Command::SetToken(token) => self.network.set_token(now, token),
            Command::SetTokenFailure(why) => {
                self.network.set_token_failure(now, &why);
                self.refuse_calls(now);
            }
            Command::SetLogLevel(level) => self.network.fx.log_level = level,
            Command::Producer(command) => {
                self.with_producer(now, |producer, cx| producer.handle_command(command, cx));
            }
            Command::Consumer(command) => {
                self.with_consumer(now, |consumer, cx| consumer.handle_command(command, cx));
            }
            Command::Terminate => self.terminate(),
        }
    }

    fn call(&mut self, id: CallId, call: Call, deadline: Moment, now: Now) {
        let expiry = match &call {
            Call::Consumer(_) | Call::Transaction(_) | Call::SendOffsets(_) => Expiry::TimedOut,
            Call::Watermarks(_) | Call::OffsetsForTimes(_) => Expiry::AllDown,
            _ => Expiry::Transport,
        };
        self.network.fx.calls.begin(id, deadline, expiry);
        match call {
            Call::Consumer(call) if self.consumer.is_some() => {
                self.with_consumer(now, |consumer, cx| {
                    consumer.handle_call(id, call, deadline, cx)
                });
            }
            Call::Pause { partitions, paused } if self.producer.is_some() => {
                self.with_producer(now, |producer, cx| {
                    producer.pause(id, partitions, paused, cx)
                });
            }
            Call::Pause { partitions, paused } if self.consumer.is_some() => {
                self.with_consumer(now, |consumer, cx| {
                    consumer.pause(id, partitions, paused, cx)
                });
            }
            Call::Transaction(call) if self.producer.is_some() => {
                self.with_producer(now, |producer, cx| producer.transact(id, call, cx));
            }
            Call::SendOffsets(offsets) if self.producer.is_some() => {
                self.with_producer(now, |producer, cx| producer.send_offsets(id, offsets, cx));
            }
            Call::Purge { queue, in_flight } if self.producer.is_some() => {
                self.with_producer(now, |producer, cx| producer.purge(id, queue, in_flight, cx));
            }
            call => self.with_admin(now, |admin, cx| admin.handle_call(id, call, cx)),
        }
        self.refuse_calls(now);
    }

    /// Where every broker refuses us for TLS or SASL, or there is no token, waiting for the deadline helps nobody.
    fn refuse_calls(&mut self, now: Now) {
        let Some(code) = self.network.definite_failure() else {
            return;
        };
        let fx = &mut self.network.fx;
        for id in fx.calls.take_all() {
            fx.outbox.push_back(Output::Reply(id, Err(code)));
        }
        self.with_admin(now, Admin::on_calls_ended);
    }

    /// Hand on answers and notices until none is left. Ends: each completion was a request, and a sub-machine that
    /// sends again is answered after a back-off at the earliest.
    fn settle(&mut self, now: Now) {
        loop {
            if let Some(completion) = self.network.fx.completions.pop_front() {
                if let Some(completion) = self.network.take_own(now, completion) {
                    self.answer(completion, now);
                }
            } else if let Some(notice) = self.network.fx.notices.pop_front() {
                self.notice(notice, now);
            } else if self
                .network
                .refresh
                .next_deadline()
                .is_some_and(|due| due <= now.mono)
            {
                self.network.refresh_on_timeout(now);
            } else {
                break;
            }
        }
    }

    fn answer(&mut self, completion: Completion, now: Now) {
        let Completion {
            route,
            result,
            broker,
        } = completion;
        match route {
            Route::Producer(reply) => {
                self.with_producer(now, |producer, cx| producer.on_reply(reply, result, cx));
            }
            Route::Consumer(reply) => {
                self.with_consumer(now, |consumer, cx| consumer.on_reply(reply, result, cx));
            }
            Route::Admin(reply) => {
                self.with_admin(now, |admin, cx| admin.on_reply(reply, result, broker, cx));
            }
            Route::Metadata | Route::Coordinator(_) => {}
        }
    }

    fn notice(&mut self, notice: Notice, now: Now) {
        match notice {
            Notice::Up(id) => {
                self.network.on_up(now, id);
                if let Some((node, lane)) = self.network.place(id) {
                    self.with_producer(now, |producer, cx| producer.on_connect(node, lane, cx));
                }
            }
            Notice::Down(id) => {
                self.network.on_down(now, id);
                self.refuse_calls(now);
                if let Some((node, lane)) = self.network.place(id) {
                    self.with_producer(now, |producer, cx| producer.on_disconnect(node, lane, cx));
                    self.with_consumer(now, |consumer, cx| consumer.on_disconnect(node, lane, cx));
                }
            }
            Notice::Metadata => {
                self.with_producer(now, Producer::on_metadata);
                self.with_consumer(now, Consumer::on_metadata);
                self.with_admin(now, Admin::on_metadata);
            }
        }
    }

    fn terminate(&mut self) {
        let words = || "Terminating: closing every connection".to_owned();
        self.network
            .fx
            .debug(DebugContexts::GENERIC, "DESTROY", words);
        self.network.terminate();
        self.network.fx.completions.clear();
        self.network.fx.notices.clear();
        let fx = &mut self.network.fx;
        fx.outbox.extend(
            fx.calls
                .take_all()
                .map(|id| Output::Reply(id, Err(ErrorCode::_DESTROY))),
        );
        fx.outbox.push_back(Output::Terminated);
        self.is_terminated = true;
    }

    fn with_producer(&mut self, now: Now, f: impl FnOnce(&mut Producer, &mut Cx<'_>)) {
        if let Some(producer) = &mut self.producer {
            f(
                producer,
                &mut Cx {
                    now,
                    network: &mut self.network,
                },
            );
        }
    }

    fn with_consumer(&mut self, now: Now, f: impl FnOnce(&mut Consumer, &mut Cx<'_>)) {
        if let Some(consumer) = &mut self.consumer {
            f(
                consumer,
                &mut Cx {
                    now,
                    network: &mut self.network,
                },
            );
        }
    }

    fn with_admin(&mut self, now: Now, f: impl FnOnce(&mut Admin, &mut Cx<'_>)) {
        f(
            &mut self.admin,
            &mut Cx {
                now,
                network: &mut self.network,
            },
        );
    }
}
