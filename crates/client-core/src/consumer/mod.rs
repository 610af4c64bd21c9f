//! The consumer: subscription, group membership, fetching, positions and commits, as a sub-machine of the client.
//!
//! Lives on the driver's thread. Talks to the rest of the client through [`Cx`] only: each request it sends names a
//! [`Reply`], and comes back exactly once in [`Consumer::on_reply`].

use std::sync::Arc;

use rdkafka_wire::ErrorCode;

use crate::conf::ClientConfig;
use crate::context::Cx;
use crate::io::{CallId, Lane, Moment, NodeId};
use crate::request::{RequestError, Response};

/// What the application wants of the consumer, without waiting for an answer.
#[derive(Debug)]
pub enum Command {}

/// What the application asks the consumer and waits for.
#[derive(Debug)]
pub enum Call {
    /// Leave the group and stop fetching.
    Close,
}

/// The answer to a [`Call`].
#[derive(Debug)]
pub enum CallReply {
    /// Done, nothing to tell.
    Done,
}

/// What the consumer tells the application.
#[derive(Debug)]
pub enum Event {}

/// Which question an answer belongs to.
#[derive(Debug)]
pub enum Reply {}

/// CPU work of the consumer.
#[derive(Debug)]
pub enum Job {}

/// What a [`Job`] made.
#[derive(Debug)]
pub enum JobDone {}

impl Job {
    /// Do the work, on a worker.
    #[must_use]
    pub fn run(self) -> JobDone {
        match self {}
    }
}

/// The consumer's state.
#[derive(Debug)]
pub struct Consumer {}

impl Consumer {
    /// A consumer that does nothing yet.
    #[must_use]
    pub fn new(_conf: &Arc<ClientConfig>) -> Self {
        Self {}
    }

    /// The application wants something.
    pub fn handle_command(&mut self, command: Command, _cx: &mut Cx<'_>) {
        match command {}
    }

    /// The application asks something; answer with `cx.reply(call, ..)` once, before `deadline` (afterwards the
    /// core answers `_TIMED_OUT` itself and later replies are dropped).
    pub fn handle_call(&mut self, id: CallId, call: Call, _deadline: Moment, cx: &mut Cx<'_>) {
        match call {
            Call::Close => cx.reply(id, Ok(crate::admin::CallReply::Consumer(CallReply::Done))),
        }
    }

    /// A request sent with `reply` was answered, or never will be.
    pub fn on_reply(&mut self, reply: Reply, _result: Result<Response, RequestError>, _cx: &mut Cx<'_>) {
        match reply {}
    }

    /// A job came back.
    pub fn on_job(&mut self, done: JobDone, _cx: &mut Cx<'_>) {
        match done {}
    }

    /// [`Self::next_deadline`] has passed.
    pub fn on_timer(&mut self, _cx: &mut Cx<'_>) {}

    /// New metadata arrived.
    pub fn on_metadata(&mut self, _cx: &mut Cx<'_>) {}

    /// The connection to a node ended (each of its requests has had its `on_reply`).
    pub fn on_disconnect(&mut self, _node: NodeId, _lane: Lane, _cx: &mut Cx<'_>) {}

    /// All brokers are down, or a fatal error: tell whoever waits for messages.
    pub fn on_error(&mut self, _code: ErrorCode, _text: &str, _cx: &mut Cx<'_>) {}

    /// When [`Self::on_timer`] wants to be called.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        None
    }
}
