//! `RdKafka\ProducerTopic`: `produce()` and `producev()`.

use rdkafka_client::{ErrorCode, MSG_F_BLOCK, Opaque, ProduceRecord};

use super::topic::{Handle, Topic};
use crate::callbacks;
use crate::exception::{partition, throw_error, throw_invalid};
use crate::zend::{
    ArrayArg, Call, Key, Php, Stop, Str, ZString, is_interrupted, run_interrupt_handlers,
};

pub(crate) fn produce(call: &Call<'_>) -> Php<()> {
    call.count(2, 5)?;
    let partition_number = call.long(0)?;
    let flags = call.long(1)?;
    let payload = call.string_or_null(2)?;
    let key = call.string_or_null(3)?;
    let opaque = call.string_or_null(4)?;
    let record = ProduceRecord {
        key: key.map(Str::as_bytes),
        payload: payload.map(Str::as_bytes),
        ..ProduceRecord::default()
    };
    send(call, partition_number, flags, record, opaque)
}

pub(crate) fn producev(call: &Call<'_>) -> Php<()> {
    call.count(2, 7)?;
    let partition_number = call.long(0)?;
    let flags = call.long(1)?;
    let payload = call.string_or_null(2)?;
    let key = call.string_or_null(3)?;
    let headers = call.array_or_null(4)?;
    let timestamp_ms = call.long_or_null(5)?;
    let opaque = call.string_or_null(6)?;
    let headers = headers
        .map(HeaderStrings::collect)
        .transpose()?
        .unwrap_or_default();
    let headers = headers.borrow();
    let record = ProduceRecord {
        key: key.map(Str::as_bytes),
        payload: payload.map(Str::as_bytes),
        headers: &headers,
        timestamp_ms: timestamp_ms.filter(|time| *time != 0),
        ..ProduceRecord::default()
    };
    send(call, partition_number, flags, record, opaque)
}

#[inline(always)]
fn send(
    call: &Call<'_>,
    partition_number: i64,
    flags: i64,
    mut record: ProduceRecord<'_>,
    opaque: Option<Str<'_>>,
) -> Php<()> {
    let partition = partition(partition_number, true)?;
    if flags != 0 && flags != i64::from(MSG_F_BLOCK) {
        return Err(throw_invalid(&format!(
            "Invalid value '{flags}' for $msgflags"
        )));
    }
    let topic = call.native::<Topic>()?;
    let Handle::Producer(handle) = topic.handle() else {
        return Err(throw_invalid("Not a topic of a producer"));
    };
    if let Some(opaque) = opaque {
        record.opaque = keep(topic, opaque);
    }
    let mut queued = handle.produce(partition, flags as i32, &record, &is_interrupted);
    while queued == Err(ErrorCode::_QUEUE_FULL) && flags != 0 && is_interrupted() {
        // A signal ended the wait for room: its handler runs, then the wait goes on.
        match run_interrupt_handlers() {
            Ok(true) => {}
            Ok(false) => break,
            Err(stop) => {
                drop(
                    topic
                        .kafka()
                        .and_then(|kafka| kafka.opaques().take(record.opaque)),
                );
                return Err(stop);
            }
        }
        queued = handle.produce(partition, flags as i32, &record, &is_interrupted);
    }
    queued.map_err(|error| refused(topic, record.opaque, error))
}

/// Nobody sees the string unless there is a callback for delivery reports: then it is not kept.
fn keep(topic: &Topic, opaque: Str<'_>) -> Opaque {
    match topic.kafka() {
        Some(kafka)
            if kafka
                .callbacks()
                .get(callbacks::Kind::DeliveryReport)
                .is_some() =>
        {
            kafka.opaques().keep(opaque.to_owned())
        }
        _ => Opaque::default(),
    }
}

#[cold]
fn refused(topic: &Topic, opaque: Opaque, error: ErrorCode) -> Stop {
    drop(topic.kafka().and_then(|kafka| kafka.opaques().take(opaque)));
    throw_error(error)
}

/// Names and values of headers, as strings of their own: values may have been something else.
#[derive(Default)]
struct HeaderStrings(Vec<(ZString, ZString)>);

impl HeaderStrings {
    /// Reads `name => value`; upstream ends at the first key that is an integer.
    fn collect(array: ArrayArg<'_>) -> Php<Self> {
        let mut headers = Vec::with_capacity(array.len());
        let mut is_over = false;
        array.each(|key, value| {
            match key {
                Key::Name(name) if !is_over => headers.push((name.to_owned(), value.to_string()?)),
                _ => is_over = true,
            }
            Ok(())
        })?;
        Ok(Self(headers))
    }

    fn borrow(&self) -> Vec<(&[u8], Option<&[u8]>)> {
        self.0
            .iter()
            .map(|(name, value)| (until_nul(name.as_bytes()), Some(value.as_bytes())))
            .collect()
    }
}

/// Names of headers end at a NUL, as they do upstream.
fn until_nul(name: &[u8]) -> &[u8] {
    name.split(|byte| *byte == 0).next().unwrap_or_default()
}
