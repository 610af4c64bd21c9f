//! `RdKafka\Message`: made here, straight into its property slots.

use rdkafka_client::ErrorCode;

use crate::functions::error_text;
use crate::zend::{Array, Call, ObjectRef, Php, Value, ZString, slot};

/// What a message says, before it is a PHP object.
pub(crate) struct Parts<'a, H> {
    pub(crate) error: ErrorCode,
    pub(crate) topic: Option<ZString>,
    /// Milliseconds since 1970; -1 for none.
    pub(crate) timestamp_ms: i64,
    pub(crate) partition: i32,
    pub(crate) payload: Option<&'a [u8]>,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) offset: i64,
    /// Name and value of each header.
    pub(crate) headers: H,
    pub(crate) opaque: Option<ZString>,
}

/// The headers of a message that has none.
pub(crate) fn no_headers() -> std::iter::Empty<(&'static [u8], Option<&'static [u8]>)> {
    std::iter::empty()
}

/// A new `RdKafka\Message`.
///
/// Timestamp and length stay null without a payload: a tombstone shows neither, as upstream.
#[inline]
pub(crate) fn object<'a, H>(parts: Parts<'a, H>) -> ObjectRef
where
    H: Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
{
    let mut values = [const { Value::NULL }; slot::message::COUNT];
    values[slot::message::ERR] = i64::from(parts.error.code()).into();
    values[slot::message::TOPIC_NAME] = parts.topic.into();
    values[slot::message::PARTITION] = parts.partition.into();
    if let Some(payload) = parts.payload {
        values[slot::message::TIMESTAMP] = parts.timestamp_ms.into();
        values[slot::message::LEN] = (payload.len() as i64).into();
        values[slot::message::PAYLOAD] = payload.into();
    }
    values[slot::message::KEY] = parts.key.into();
    values[slot::message::OFFSET] = parts.offset.into();
    values[slot::message::HEADERS] = headers(parts.headers);
    values[slot::message::OPAQUE] = parts.opaque.into();
    ObjectRef::message(values)
}

/// Name => value; of headers with the same name the last one stays, a null value becomes "".
#[inline]
fn headers<'a>(mut headers: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>) -> Value {
    let Some(first) = headers.next() else { return Value::empty_array() };
    let mut array = Array::with_capacity(1 + headers.size_hint().0);
    for (name, value) in std::iter::once(first).chain(headers) {
        array.set(name, value.unwrap_or_default());
    }
    array.into()
}

/// A message that carries no record: the answer of `consume()` when none came in time.
pub(crate) fn timed_out() -> ObjectRef {
    object(Parts {
        error: ErrorCode::_TIMED_OUT,
        topic: None,
        timestamp_ms: -1,
        partition: 0,
        payload: None,
        key: None,
        offset: 0,
        headers: no_headers(),
        opaque: None,
    })
}

pub(crate) fn errstr(call: &Call<'_>) -> Php<Value> {
    call.count(0, 0)?;
    let code = call.this().property("err")?;
    Ok(code.as_long().map_or(Value::NULL, error_text))
}
