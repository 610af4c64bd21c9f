//! Serving: the one place that runs PHP callbacks.
//!
//! Called by everything that may run callbacks (`poll`, `flush`, `consume*`, `close`, transactions)
//! and by nothing else. Guarantees: while PHP code runs nothing is borrowed and no lock is held;
//! when a callback throws, the rest of the events stay queued and the exception leaves the call.

use std::time::{Duration, Instant};

use rdkafka_client::conf::Secret;
use rdkafka_client::consumer::{Closing, Consumer, ConsumerEvent, Served};
use rdkafka_client::{
    Client, DeliveredBatch, ErrorCode, ErrorEvent, Event, Flow, LogLine, Opaque,
    TopicPartitionOffset,
};

use crate::callbacks::{Callbacks, Kind};
use crate::class::message::{Parts, object as message_object};
use crate::class::topic_partition::to_array;
use crate::opaque::Opaques;
use crate::zend::{Object, ObjectRef, Php, Value, ZString, is_interrupted, run_interrupt_handlers};

/// What callbacks of one client need.
#[derive(Clone, Copy)]
pub(crate) struct Dispatch<'a> {
    /// The PHP object that callbacks get as `$kafka`.
    pub(crate) this: Object<'a>,
    pub(crate) callbacks: &'a Callbacks,
    pub(crate) opaques: &'a Opaques,
}

impl Dispatch<'_> {
    /// Deals with events through `serve`, which hands it a sink; stops at the first exception.
    pub(crate) fn run<T>(self, serve: impl FnOnce(&mut dyn FnMut(Event) -> Flow) -> T) -> Php<T> {
        let mut stopped = Ok(());
        let served = serve(&mut |event| {
            let (outcome, rest) = self.event(event);
            let flow = match (&outcome, rest) {
                (Ok(()), _) => Flow::Continue,
                (Err(_), Some(rest)) => Flow::PutBack(rest),
                (Err(_), None) => Flow::Stop,
            };
            stopped = outcome;
            flow
        });
        stopped.map(|()| served)
    }

    /// Runs the callback for `event`; with an error comes what is left of it.
    fn event(self, event: Event) -> (Php<()>, Option<Event>) {
        match event {
            Event::Delivered(batch) => self.delivered(batch),
            Event::Error(error) => (self.on_error(&error), None),
            Event::Log(line) => (self.on_log(&line), None),
            Event::Stats(json) => (self.on_statistics(&json), None),
            Event::TokenRefresh(config) => (self.on_token_refresh(config.as_ref()), None),
            // PHP code has no callback for these.
            Event::Throttle(_) => (Ok(()), None),
            Event::Consumer(event) => (self.consumer_event(event), None),
        }
    }

    fn on_error(self, error: &ErrorEvent) -> Php<()> {
        let code = i64::from(error.code.code());
        self.call(Kind::Error, || {
            [self.this.into(), code.into(), text(&error.text)]
        })
    }

    fn on_log(self, line: &LogLine) -> Php<()> {
        let level = i64::from(line.level);
        self.call(Kind::Log, || {
            [
                self.this.into(),
                level.into(),
                text(line.facility),
                text(&line.text),
            ]
        })
    }

    fn on_statistics(self, json: &str) -> Php<()> {
        let length = json.len() as i64;
        self.call(Kind::Statistics, || {
            [self.this.into(), text(json), length.into()]
        })
    }

    /// Without `sasl.oauthbearer.config` the callback gets null.
    fn on_token_refresh(self, config: Option<&Secret>) -> Php<()> {
        self.call(Kind::TokenRefresh, || {
            let config = config.map_or(Value::NULL, |config| text(config.reveal()));
            [self.this.into(), config]
        })
    }

    fn consumer_event(self, event: ConsumerEvent) -> Php<()> {
        match event {
            ConsumerEvent::Rebalance(rebalance) => self.on_partitions(
                Kind::Rebalance,
                rebalance.kind.code(),
                &rebalance.partitions,
            ),
            ConsumerEvent::Committed { result, offsets } => {
                self.on_partitions(Kind::OffsetCommit, result, &offsets)
            }
            // Handed out as messages, by whoever consumes.
            ConsumerEvent::Fetched(_) | ConsumerEvent::Error(_) | ConsumerEvent::Closed(_) => {
                Ok(())
            }
        }
    }

    fn on_partitions(
        self,
        kind: Kind,
        error: ErrorCode,
        partitions: &[TopicPartitionOffset],
    ) -> Php<()> {
        let code = i64::from(error.code());
        self.call(kind, || {
            [
                self.this.into(),
                code.into(),
                to_array(partitions.iter()).into(),
            ]
        })
    }

    fn call<const N: usize>(self, kind: Kind, arguments: impl FnOnce() -> [Value; N]) -> Php<()> {
        match self.callbacks.get(kind) {
            Some(callable) => callable.call(arguments()),
            None => Ok(()),
        }
    }

    /// One delivery report per message of the batch.
    fn delivered(self, mut batch: DeliveredBatch) -> (Php<()>, Option<Event>) {
        let Some(callable) = self.callbacks.get(Kind::DeliveryReport) else {
            for opaque in batch.remaining_opaques() {
                drop(self.opaques.take(Opaque(opaque)));
            }
            return (Ok(()), None);
        };
        let topic = ZString::new(batch.topic().as_bytes());
        while let Some(delivered) = batch.next() {
            let message = message_object(Parts {
                error: delivered.error,
                topic: Some(topic.clone()),
                // A message that failed has none, as upstream.
                timestamp_ms: match delivered.error {
                    ErrorCode::NONE => delivered.timestamp_ms,
                    _ => -1,
                },
                partition: delivered.partition,
                payload: delivered.payload,
                key: delivered.key,
                offset: delivered.offset,
                headers: delivered.headers,
                opaque: self.opaques.take(Opaque(delivered.opaque)),
            });
            let outcome = callable.call([self.this.into(), message.into()]);
            if outcome.is_err() {
                let rest = (!batch.is_empty()).then_some(Event::Delivered(batch));
                return (outcome, rest);
            }
        }
        (Ok(()), None)
    }
}

fn text(text: &str) -> Value {
    text.into()
}

/// Serves the events of a client: `poll()`.
pub(crate) fn poll(dispatch: Dispatch<'_>, client: &Client, timeout_ms: i32) -> Php<usize> {
    dispatch.run(|sink| client.poll(timeout_ms, sink, &is_interrupted))
}

/// Sends and serves until nothing is left: `flush()`. Signals that arrive run their handlers and
/// do not end it.
pub(crate) fn flush(dispatch: Dispatch<'_>, client: &Client, timeout_ms: i32) -> Php<ErrorCode> {
    through_signals(timeout_ms, |timeout_ms| {
        dispatch.run(|sink| client.flush(timeout_ms, sink, &is_interrupted))
    })
}

/// The next message that `wait` finds, or `None` when the time is over; runs callbacks. Ends early
/// when a signal arrives: its handler runs as soon as the call has returned.
pub(crate) fn consume(
    dispatch: Dispatch<'_>,
    timeout_ms: i32,
    mut wait: impl FnMut(i32) -> Php<Served<ObjectRef>>,
) -> Php<Option<ObjectRef>> {
    // What is there already is not worth a look at the clock.
    let mut until = None;
    let mut left_ms = 0;
    loop {
        let served = wait(left_ms)?;
        if let Served::Item(message) = served {
            return Ok(Some(message));
        }
        let has_waited = until.is_some() || timeout_ms == 0;
        let deadline = *until.get_or_insert_with(|| deadline(timeout_ms));
        match served {
            Served::Event(event) => dispatch.event(*event).0?,
            Served::TimedOut if !has_waited => {}
            _ => return Ok(None),
        }
        left_ms = remaining_ms(deadline);
    }
}

/// Leaves the group and closes the consumer, also when a callback throws on the way.
pub(crate) fn close(dispatch: Dispatch<'_>, consumer: &Consumer) -> Php<()> {
    let mut outcome = Ok(());
    let until = consumer.close();
    while let Closing::Event(event) = consumer.closing(until) {
        if outcome.is_ok() {
            outcome = dispatch.event(*event).0;
        } else {
            answer(consumer, *event);
        }
    }
    outcome
}

/// The same without running callbacks, within `bound`. Returns what became of it.
pub(crate) fn close_quietly(consumer: &Consumer, bound: Duration) -> ErrorCode {
    let until = consumer.close().min(Instant::now() + bound);
    loop {
        match consumer.closing(until) {
            Closing::Event(event) => answer(consumer, *event),
            Closing::Closed(code) => return code,
        }
    }
}

/// Stands in for a rebalance callback that is not run: gives everything back.
fn answer(consumer: &Consumer, event: Event) {
    if let Event::Consumer(ConsumerEvent::Rebalance(_)) = event {
        // Fails only when the client is gone already.
        _ = consumer.assign(None);
    }
}

/// Waits with `wait`, which a signal ends early: runs the signal's PHP handler and waits on, until
/// `timeout_ms` (-1: for ever) are over.
pub(crate) fn through_signals(
    timeout_ms: i32,
    mut wait: impl FnMut(i32) -> Php<ErrorCode>,
) -> Php<ErrorCode> {
    let deadline = deadline(timeout_ms);
    let mut left_ms = timeout_ms;
    loop {
        let error = match wait(left_ms)? {
            ErrorCode::_INTR => ErrorCode::_TIMED_OUT,
            error => error,
        };
        if error != ErrorCode::_TIMED_OUT || !is_interrupted() || !run_interrupt_handlers()? {
            return Ok(error);
        }
        left_ms = remaining_ms(deadline);
        if left_ms == 0 {
            return Ok(error);
        }
    }
}

/// As [`through_signals`], for waits with a result.
pub(crate) fn through_signals_for<T>(
    timeout_ms: i32,
    mut wait: impl FnMut(i32) -> Result<T, ErrorCode>,
) -> Php<Result<T, ErrorCode>> {
    let mut value = None;
    let error = through_signals(timeout_ms, |timeout_ms| match wait(timeout_ms) {
        Ok(answer) => {
            value = Some(answer);
            Ok(ErrorCode::NONE)
        }
        Err(error) => Ok(error),
    })?;
    Ok(value.ok_or(error))
}

/// When `timeout_ms` from now is; `None` for never.
pub(crate) fn deadline(timeout_ms: i32) -> Option<Instant> {
    let timeout = Duration::from_millis(u64::try_from(timeout_ms).ok()?);
    Instant::now().checked_add(timeout)
}

/// What is left until `deadline`, in milliseconds; -1 for ever.
pub(crate) fn remaining_ms(deadline: Option<Instant>) -> i32 {
    let Some(deadline) = deadline else { return -1 };
    let left = deadline.saturating_duration_since(Instant::now());
    // A part of a millisecond counts as one, so that the wait does not end before its time.
    i32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(i32::MAX)
}

/// A timeout as PHP code gave it: what does not fit means "for ever" or "now".
pub(crate) fn timeout(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { -1 } else { i32::MAX })
}
