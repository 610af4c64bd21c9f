//! The producer id of an idempotent producer.
//!
//! | state | action | transition |
//! |---|---|---|
//! | `Off` | nothing is numbered | - |
//! | `Missing` | batches wait | `ask` → `Asked` |
//! | `Asked` | batches wait | answered → `Ready`; retriable → `Missing` after a back-off; else → `Failed` |
//! | `Ready` | batches are numbered | a partition's sequence broke → `Missing` (the others go on under the old id) |
//! | `Failed` | nothing is sent any more: the fatal error | - |
//!
//! A partition's numbers run on under one id; it changes to the newest id when none of its batches holds a number of
//! the old one, or when the broker refused the old ones for good (`Partition::sequence_next`). So a batch that may have
//! been written is only ever sent again under the numbers it had. Driver thread.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::init_producer_id::InitProducerIdRequest;

use super::{Producer, Reply, Timer};
use crate::backoff::Backoff;
use crate::conf::{ClientConfig, DebugContexts};
use crate::context::Cx;
use crate::io::{ErrorEvent, Event, Moment};
use crate::request::{RequestError, Response};

/// A producer id and its epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProducerIdentity {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
}

/// Where the producer is with its id.
#[derive(Debug)]
pub(crate) struct Idempotence {
    state: State,
    backoff: Backoff,
    /// Since when the state is what it is.
    since: Moment,
    /// How often an id was assigned.
    assigned: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Off,
    Missing,
    Asked,
    Ready(ProducerIdentity),
    Failed,
}

/// Whether batches may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Yes, without numbers.
    Open,
    /// Yes, with numbers under this identity.
    Numbered(ProducerIdentity),
    /// Not now.
    Shut,
}

impl Idempotence {
    pub(crate) fn new(conf: &ClientConfig) -> Self {
        let state = if conf.producer.enable_idempotence {
            State::Missing
        } else {
            State::Off
        };
        Self {
            state,
            backoff: Backoff::new(conf.retry_backoff_ms, conf.retry_backoff_max_ms),
            since: Moment::default(),
            assigned: 0,
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.state != State::Off
    }

    /// Whether a fatal error ended all sending.
    pub(crate) fn has_failed(&self) -> bool {
        self.state == State::Failed
    }

    /// Number batches under this identity from now on: the transaction's.
    pub(crate) fn adopt(&mut self, identity: ProducerIdentity, now: Moment) {
        self.enter(State::Ready(identity), now);
    }

    fn enter(&mut self, state: State, now: Moment) {
        if matches!(state, State::Ready(_)) {
            self.assigned += 1;
        }
        self.state = state;
        self.since = now;
    }

    /// What the statistics tell: librdkafka's name of the state, since when, and how often an id was assigned.
    pub(crate) fn told(&self) -> (&'static str, Moment, u64) {
        let name = match self.state {
            State::Off => "Init",
            State::Missing => "RequestPID",
            State::Asked => "WaitPID",
            State::Ready(_) => "Assigned",
            State::Failed => "FatalError",
        };
        (name, self.since, self.assigned)
    }

    pub(crate) fn gate(&self) -> Gate {
        match self.state {
            State::Off => Gate::Open,
            State::Ready(identity) => Gate::Numbered(identity),
            State::Missing | State::Asked | State::Failed => Gate::Shut,
        }
    }
}

impl Producer {
    /// Get a producer id if one is needed and none is being asked for.
    pub(super) fn ask_producer_id(&mut self, cx: &mut Cx<'_>) {
        if self.idempotence.state != State::Missing {
            return;
        }
        self.idempotence.enter(State::Asked, cx.now.mono);
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: i32::MAX,
            ..Default::default()
        };
        let timeout = crate::admin::socket_timeout(cx);
        cx.send_any(request, Reply::ProducerId, timeout);
    }

    /// A partition needs another id than the broker refused.
    pub(super) fn renew_producer_id(&mut self, refused: ProducerIdentity, cx: &mut Cx<'_>) {
        if self.idempotence.state == State::Ready(refused) {
            self.idempotence.enter(State::Missing, cx.now.mono);
            self.ask_producer_id(cx);
        }
    }

    pub(super) fn on_producer_id(
        &mut self,
        result: Result<Response, RequestError>,
        cx: &mut Cx<'_>,
    ) {
        let answer = match result {
            Ok(Response::InitProducerId(response)) => ErrorCode(response.error_code)
                .into_result()
                .map(|()| ProducerIdentity {
                    id: response.producer_id,
                    epoch: response.producer_epoch,
                }),
            Ok(_) => Err(ErrorCode::_BAD_MSG),
            Err(error) => Err(error.code()),
        };
        match answer {
            Ok(identity) => {
                self.idempotence.enter(State::Ready(identity), cx.now.mono);
                self.idempotence.backoff.reset();
                cx.debug(DebugContexts::EOS, "GETPID", || {
                    format!(
                        "Acquired producer id {} epoch {}",
                        identity.id, identity.epoch
                    )
                });
                self.mark_all_ready();
                self.pump(cx);
            }
            Err(ErrorCode::_UNSUPPORTED_FEATURE) => {
                self.fail_for_good(
                    ErrorCode::_UNSUPPORTED_FEATURE,
                    "Idempotent producer not supported by any of the brokers in the cluster",
                    cx,
                );
            }
            Err(code) if code.is_retriable() || code.is_local() => {
                self.idempotence.enter(State::Missing, cx.now.mono);
                let delay = self.idempotence.backoff.next(cx.rng());
                self.timers.set(Timer::ProducerId, cx.now.mono + delay);
            }
            Err(code) => {
                let text = format!("Failed to acquire a producer id: {}", code.text());
                self.fail_for_good(code, &text, cx);
            }
        }
    }

    /// A fatal error: nothing is sent any more.
    pub(super) fn fail_for_good(&mut self, code: ErrorCode, text: &str, cx: &mut Cx<'_>) {
        self.idempotence.enter(State::Failed, cx.now.mono);
        self.gauge.set_fatal(code);
        cx.emit(Event::Error(ErrorEvent {
            code,
            text: text.to_owned(),
            fatal: true,
        }));
        self.fail_queued(ErrorCode::_FATAL, cx);
    }
}

/// The sequence number after `count` records from `base`; it wraps to 0 after 2^31-1.
pub(crate) fn sequence_after(base: i32, count: u32) -> i32 {
    let after = (i64::from(base) + i64::from(count)) % (i64::from(i32::MAX) + 1);
    // Smaller than 2^31.
    i32::try_from(after).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_wrap_to_zero_after_the_largest() {
        assert_eq!(sequence_after(0, 5), 5);
        assert_eq!(sequence_after(i32::MAX, 1), 0);
        assert_eq!(sequence_after(i32::MAX - 1, 3), 1);
    }
}
