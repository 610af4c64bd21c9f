//! `RdKafka\Message`: made here, straight into its property slots.

use std::cell::RefCell;

use rdkafka_client::consumer::Item;
use rdkafka_client::{ErrorCode, TopicPartitionOffset};

use crate::exception::throw_text;
use crate::functions::error_text;
use crate::zend::{Array, Call, NewMessage, Object, ObjectRef, Php, Stop, Value, ZString, slot};

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
    let mut message = NewMessage::new();
    message.set(slot::message::ERR, i64::from(parts.error.code()));
    if let Some(topic) = parts.topic {
        message.set(slot::message::TOPIC_NAME, topic);
    }
    message.set(slot::message::PARTITION, parts.partition);
    if let Some(payload) = parts.payload {
        message.set(slot::message::TIMESTAMP, parts.timestamp_ms);
        message.set(slot::message::LEN, payload.len() as i64);
        message.set(slot::message::PAYLOAD, payload);
    }
    if let Some(key) = parts.key {
        message.set(slot::message::KEY, key);
    }
    message.set(slot::message::OFFSET, parts.offset);
    let headers = match parts.error {
        ErrorCode::NONE => headers(parts.headers),
        // As upstream: only a message that arrived shows its headers.
        _ => Value::empty_array(),
    };
    message.set(slot::message::HEADERS, headers);
    if let Some(opaque) = parts.opaque {
        message.set(slot::message::OPAQUE, opaque);
    }
    message.finish()
}

/// Name => value; of headers with the same name the last one stays, a null value becomes "".
#[inline]
fn headers<'a>(mut headers: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>) -> Value {
    let Some(first) = headers.next() else {
        return Value::empty_array();
    };
    let mut array = Array::with_capacity(1 + headers.size_hint().0);
    for (name, value) in std::iter::once(first).chain(headers) {
        array.set(name, value.unwrap_or_default());
    }
    array.into()
}

/// The names of topics as PHP strings, each made once: messages share them.
#[derive(Default)]
pub(crate) struct TopicNames(RefCell<Vec<Option<ZString>>>);

impl TopicNames {
    /// The string for the topic that the client numbers `id`; `name` is asked once.
    #[inline]
    fn get<'a>(&self, id: u32, name: impl FnOnce() -> &'a [u8]) -> ZString {
        let mut names = self.0.borrow_mut();
        let index = id as usize;
        if index >= names.len() {
            names.resize_with(index + 1, || None);
        }
        names[index]
            .get_or_insert_with(|| ZString::new(name()))
            .clone()
    }
}

/// The message for what a consumer hands out.
#[inline]
pub(crate) fn of_item(item: &Item<'_>, topics: &TopicNames) -> ObjectRef {
    match item {
        Item::Record(record) => object(Parts {
            error: ErrorCode::NONE,
            topic: Some(topics.get(record.topic.id, || record.topic.name.as_bytes())),
            timestamp_ms: record.timestamp_ms,
            partition: record.partition,
            payload: record.value,
            key: record.key,
            offset: record.offset,
            headers: record.headers.clone(),
            opaque: None,
        }),
        // The story takes the payload's place.
        Item::Error(error) => object(Parts {
            error: error.code,
            topic: error.topic.map(|topic| ZString::new(topic.as_bytes())),
            timestamp_ms: -1,
            // Where none is concerned, upstream shows the first.
            partition: error.partition.max(0),
            payload: Some(error.text.as_bytes()),
            key: None,
            offset: error.offset,
            headers: no_headers(),
            opaque: None,
        }),
    }
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

/// The offset to commit for a message: the one after it. Anything may have happened to its
/// properties since it was made.
pub(crate) fn offset_after(message: Object<'_>) -> Php<TopicPartitionOffset> {
    let error = message.property("err")?;
    if !error.is_null() && error.as_long() != Some(0) {
        return Err(refused("Specified Message has an error"));
    }
    let topic = message.property("topic_name")?;
    let Some(topic) = topic.as_string() else {
        return Err(refused("Specified Message's topic_name is not a string"));
    };
    let Some(partition) = message.property("partition")?.as_long() else {
        return Err(refused("Specified Message's partition is not an int"));
    };
    let Some(offset) = message.property("offset")?.as_long() else {
        return Err(refused("Specified Message's offset is not an int"));
    };
    let next = offset.wrapping_add(1);
    Ok(TopicPartitionOffset::new(
        topic.to_c_text().into(),
        partition as i32,
        next,
    ))
}

fn refused(reason: &str) -> Stop {
    let code = ErrorCode::_INVALID_ARG.code();
    throw_text(&format!("Invalid argument: {reason}"), i64::from(code))
}

pub(crate) fn errstr(call: &Call<'_>) -> Php<Value> {
    call.count(0, 0)?;
    let code = call.this().property("err")?;
    Ok(code.as_long().map_or(Value::NULL, error_text))
}
