//! `RdKafka\ProducerTopic`: `produce()` and `producev()`.

use rdkafka_client::{ErrorCode, MSG_F_BLOCK, Opaque, ProduceRecord};

use super::topic::{Handle, Topic};
use crate::callbacks;
use crate::exception::{partition, throw_error, throw_invalid};
use crate::zend::{
    ArrayArg, Call, Element, Key, Php, Stop, Str, ZString, is_interrupted, run_interrupt_handlers,
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
    let converted = match headers {
        Some(headers) => converted(headers)?,
        None => Vec::new(),
    };
    let headers = headers.map(|headers| HeaderList::collect(headers, &converted));
    let headers = headers.as_ref().map_or(&[][..], HeaderList::as_slice);
    let record = ProduceRecord {
        key: key.map(Str::as_bytes),
        payload: payload.map(Str::as_bytes),
        headers,
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

/// Strings of those headers' values that are none, in their order; may run PHP code (`__toString`).
#[inline]
fn converted(headers: ArrayArg<'_>) -> Php<Vec<ZString>> {
    let mut strings = Vec::new();
    each_header(headers, |_, value| {
        if value.as_string().is_none() {
            strings.push(value.to_string()?);
        }
        Ok(())
    })?;
    Ok(strings)
}

/// Calls `each` with every header; upstream ends at the first key that is an integer.
#[inline]
fn each_header<'a>(
    headers: ArrayArg<'a>,
    mut each: impl FnMut(Str<'a>, Element<'a>) -> Php<()>,
) -> Php<()> {
    let mut is_over = false;
    headers.each(|key, value| {
        match key {
            Key::Name(name) if !is_over => each(name, value)?,
            _ => is_over = true,
        }
        Ok(())
    })
}

/// Name and value of a header.
type Header<'a> = (&'a [u8], Option<&'a [u8]>);

/// As many headers need no memory but the stack's.
const FEW: usize = 8;

/// Names and values of headers, borrowed from PHP's array, or from the strings that its values became.
struct HeaderList<'a> {
    few: [Header<'a>; FEW],
    count: usize,
    /// All of them, when they are many.
    many: Vec<Header<'a>>,
}

impl<'a> HeaderList<'a> {
    #[inline]
    fn collect(headers: ArrayArg<'a>, converted: &'a [ZString]) -> Self {
        let mut list = Self {
            few: [(&[], None); FEW],
            count: 0,
            many: Vec::new(),
        };
        let mut converted = converted.iter();
        // Nothing here can throw.
        _ = each_header(headers, |name, value| {
            let value = match value.as_string() {
                Some(string) => Some(string.as_bytes()),
                None => converted.next().map(ZString::as_bytes),
            };
            list.push((until_nul(name.as_bytes()), value));
            Ok(())
        });
        list
    }

    #[inline]
    fn push(&mut self, header: Header<'a>) {
        match self.few.get_mut(self.count) {
            Some(place) => *place = header,
            None => {
                if self.many.is_empty() {
                    self.many.extend_from_slice(&self.few);
                }
                self.many.push(header);
            }
        }
        self.count += 1;
    }

    #[inline]
    fn as_slice(&self) -> &[Header<'a>] {
        if self.count <= FEW {
            &self.few[..self.count]
        } else {
            &self.many
        }
    }
}

/// Names of headers end at a NUL, as they do upstream.
#[inline]
fn until_nul(name: &[u8]) -> &[u8] {
    match name.iter().position(|byte| *byte == 0) {
        Some(end) => &name[..end],
        None => name,
    }
}
