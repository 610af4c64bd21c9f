//! `RdKafka`: what producers and low-level consumers share.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use rdkafka_client::conf::{self, ClientKind};
use rdkafka_client::consumer::{Item, LegacyConsumer};
use rdkafka_client::{
    Client, ClusterMetadata, ErrorCode, Logs, MetadataScope, NewError, Token, TopicPartition,
    TopicPartitionOffset,
};

use super::conf::Conf;
use super::message;
use super::metadata::Metadata;
use super::topic::{self, ConsumingTopic, Handle, Topic};
use super::topic_conf::TopicConf;
use super::topic_partition;
use crate::callbacks::Callbacks;
use crate::dispatch::{self, Dispatch, timeout};
use crate::engine::{self, OwnedClient};
use crate::exception::{throw_error, throw_failed, throw_text};
use crate::opaque::Opaques;
use crate::zend::{
    Array, Base, Call, Class, GcBuffer, Key, Kind, Native, Object, ObjectRef, Php, is_interrupted,
    throw,
};

/// The state of a `RdKafka\Producer` or `RdKafka\Consumer`.
pub(crate) struct Kafka {
    kind: ClientKind,
    client: OwnedClient,
    /// Of a consumer.
    consumer: Option<LegacyConsumer>,
    callbacks: Callbacks,
    opaques: Opaques,
    topics: message::TopicNames,
    /// A consumer has started some partition.
    has_started: Cell<bool>,
}

impl Native for Kafka {
    const KIND: Kind = Kind::Kafka;
    const UNINITIALISED: &'static str = "RdKafka\\Kafka::__construct() has not been called";

    fn visit(&self, gc: &mut GcBuffer) {
        self.callbacks.visit(gc);
    }
}

impl Kafka {
    /// The consuming side; producers have none.
    pub(crate) fn consumer(&self) -> Result<&LegacyConsumer, ErrorCode> {
        self.consumer.as_ref().ok_or(ErrorCode::_NOT_IMPLEMENTED)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The message for what the consumer hands out.
    pub(crate) fn message(&self, item: &Item<'_>) -> ObjectRef {
        message::of_item(item, &self.topics)
    }

    /// Whether `consumeStart()` was called before, for whatever partition.
    pub(crate) fn has_started(&self) -> bool {
        self.has_started.get()
    }

    pub(crate) fn set_started(&self) {
        self.has_started.set(true);
    }

    pub(crate) fn opaques(&self) -> &Opaques {
        &self.opaques
    }

    pub(crate) fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }

    /// What callbacks of this client need; `this` is its PHP object.
    pub(crate) fn dispatch<'a>(&'a self, this: Object<'a>) -> Dispatch<'a> {
        Dispatch {
            this,
            callbacks: &self.callbacks,
            opaques: &self.opaques,
        }
    }

    /// A topic handle, and the class that stands for it.
    fn topic(
        &self,
        name: &str,
        conf: Option<&conf::TopicConf>,
    ) -> Result<(Class, Handle), NewError> {
        let Some(consumer) = &self.consumer else {
            let topic = self.client.topic(name, conf)?;
            return Ok((Class::ProducerTopic, Handle::Producer(topic)));
        };
        let gone = || NewError {
            code: ErrorCode::_DESTROY,
            text: ErrorCode::_DESTROY.text().into_owned(),
        };
        if !topic::is_name(name) {
            let text = ErrorCode::_INVALID_ARG.text().into_owned();
            return Err(NewError {
                code: ErrorCode::_INVALID_ARG,
                text,
            });
        }
        let conf = self.client.conf().ok_or_else(gone)?.topic_config(conf)?;
        let topic = consumer.topic(name.into(), Arc::new(conf));
        let topic = ConsumingTopic {
            topic,
            known: RefCell::default(),
        };
        Ok((Class::ConsumerTopic, Handle::Consumer(topic)))
    }

    /// The constructor of both classes.
    pub(crate) fn construct(call: &Call<'_>, kind: ClientKind) -> Php<()> {
        let conf = call.constructing(|call| {
            call.count(0, 1)?;
            call.object_or_null(0, Class::Conf)
        })?;
        let conf = conf.map(|conf| conf.native::<Conf>()).transpose()?;
        let callbacks = conf.map(Conf::callbacks).unwrap_or_default();
        let properties = conf.map(Conf::properties).unwrap_or_default();
        let client = engine::start(kind, &properties, &callbacks)?;
        let consumer = match kind {
            ClientKind::Producer => None,
            ClientKind::Consumer => Some(LegacyConsumer::new(Client::clone(&client))),
        };
        let state = Self {
            kind,
            client,
            consumer,
            callbacks,
            opaques: Opaques::default(),
            topics: message::TopicNames::default(),
            has_started: Cell::new(false),
        };
        call.this().construct_anew(state);
        Ok(())
    }
}

pub(crate) fn add_brokers(call: &Call<'_>) -> Php<i64> {
    call.count(1, 1)?;
    let brokers = call.string(0)?.to_c_text();
    Ok(call.native::<Kafka>()?.client.add_brokers(&brokers) as i64)
}

pub(crate) fn get_metadata(call: &Call<'_>) -> Php<ObjectRef> {
    let question = MetadataQuestion::parse(call)?;
    question.ask(&call.native::<Kafka>()?.client)
}

pub(crate) fn metadata(call: &Call<'_>) -> Php<ObjectRef> {
    get_metadata(call)
}

/// The arguments of `getMetadata()`.
pub(crate) struct MetadataQuestion<'a> {
    all_topics: bool,
    only_topic: Option<Object<'a>>,
    timeout_ms: i32,
}

impl<'a> MetadataQuestion<'a> {
    pub(crate) fn parse(call: &Call<'a>) -> Php<Self> {
        call.count(3, 3)?;
        Ok(Self {
            all_topics: call.bool(0)?,
            only_topic: call.object_or_null(1, Class::Topic)?,
            timeout_ms: timeout(call.long(2)?),
        })
    }

    pub(crate) fn ask(&self, client: &Client) -> Php<ObjectRef> {
        let only_topic = self
            .only_topic
            .map(|topic| topic.native::<Topic>())
            .transpose()?;
        let scope = || match only_topic {
            _ if self.all_topics => MetadataScope::All,
            Some(topic) => MetadataScope::Topic(topic.name_text().into()),
            None => MetadataScope::Known,
        };
        let ask = |timeout_ms| client.metadata(scope(), timeout_ms, &is_interrupted);
        let answer: Result<ClusterMetadata, ErrorCode> =
            dispatch::through_signals_for(self.timeout_ms, ask)?;
        let failed = |error| throw_failed(client, error);
        answer.map(Metadata::object).map_err(failed)
    }
}

pub(crate) fn get_controller_id(call: &Call<'_>) -> Php<i32> {
    call.count(1, 1)?;
    let timeout_ms = timeout(call.long(0)?);
    controller_id(&call.native::<Kafka>()?.client, timeout_ms)
}

/// The controller's id, -1 when it does not become known in time.
pub(crate) fn controller_id(client: &Client, timeout_ms: i32) -> Php<i32> {
    let ask = |timeout_ms| match client.controller_id(timeout_ms, &is_interrupted) {
        -1 => Err(ErrorCode::_TIMED_OUT),
        id => Ok(id),
    };
    Ok(dispatch::through_signals_for(timeout_ms, ask)?.unwrap_or(-1))
}

pub(crate) fn get_out_q_len(call: &Call<'_>) -> Php<i64> {
    call.count(0, 0)?;
    Ok(call.native::<Kafka>()?.client.out_queue_len() as i64)
}

pub(crate) fn outq_len(call: &Call<'_>) -> Php<i64> {
    get_out_q_len(call)
}

pub(crate) fn set_log_level(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let level = call.long(0)?;
    let client = &call.native::<Kafka>()?.client;
    client.set_log_level(u8::try_from(level.clamp(0, 7)).unwrap_or(7));
    Ok(())
}

pub(crate) fn new_topic(call: &Call<'_>) -> Php<Option<ObjectRef>> {
    call.count(1, 2)?;
    let name = call.string(0)?;
    let conf = call.object_or_null(1, Class::TopicConf)?;
    let kafka = call.native::<Kafka>()?;
    let conf = conf.map(|conf| conf.native::<TopicConf>()).transpose()?;
    let conf = conf.map(TopicConf::properties);
    let (class, handle) = match kafka.topic(&name.to_c_text(), conf.as_ref()) {
        Ok(topic) => topic,
        Err(error) => return refused_topic(&error),
    };
    let topic = Topic::new(name, Some(call.this().to_owned()), handle);
    Ok(Some(ObjectRef::with_state(class, topic)))
}

/// As upstream: null, without a word, when name or configuration is refused. What upstream would
/// have done and this cannot is an exception, as is a client of the process that forked this one.
pub(crate) fn refused_topic<T>(error: &NewError) -> Php<Option<T>> {
    match error.code {
        ErrorCode::_NOT_IMPLEMENTED | ErrorCode::_DESTROY => {
            Err(throw_text(&error.text, i64::from(error.code.code())))
        }
        _ => Ok(None),
    }
}

pub(crate) fn poll(call: &Call<'_>) -> Php<i64> {
    call.count(1, 1)?;
    let timeout_ms = timeout(call.long(0)?);
    let kafka = call.native::<Kafka>()?;
    let served = dispatch::poll(kafka.dispatch(call.this()), &kafka.client, timeout_ms)?;
    Ok(served as i64)
}

pub(crate) fn flush(call: &Call<'_>) -> Php<i64> {
    call.count(1, 1)?;
    let timeout_ms = timeout(call.long(0)?);
    let kafka = call.native::<Kafka>()?;
    if kafka.kind == ClientKind::Consumer {
        return Ok(i64::from(ErrorCode::_NOT_IMPLEMENTED.code()));
    }
    let error = dispatch::flush(kafka.dispatch(call.this()), &kafka.client, timeout_ms)?;
    Ok(i64::from(error.code()))
}

pub(crate) fn purge(call: &Call<'_>) -> Php<i64> {
    call.count(1, 1)?;
    let flags = call.long(0)?;
    let kafka = call.native::<Kafka>()?;
    if kafka.kind == ClientKind::Consumer {
        return Ok(i64::from(ErrorCode::_NOT_IMPLEMENTED.code()));
    }
    // Upstream sees 32 bits; flags that nobody knows are refused by the client.
    let purged = kafka.client.purge(flags as i32);
    Ok(i64::from(purged.err().unwrap_or(ErrorCode::NONE).code()))
}

/// The values of the RD_KAFKA_LOG_* constants.
const LOG_PRINT: i64 = 100;
const LOG_SYSLOG: i64 = 101;
const LOG_SYSLOG_PRINT: i64 = 102;

pub(crate) fn set_logger(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let logger = call.long(0)?;
    let kafka = call.native::<Kafka>()?;
    let logs = match logger {
        LOG_PRINT => Logs::Stderr,
        LOG_SYSLOG => Logs::Syslog,
        LOG_SYSLOG_PRINT => Logs::Both,
        _ => return Err(throw(Base::Exception, "Invalid logger", 0)),
    };
    kafka.client.set_logs(logs);
    Ok(())
}

pub(crate) fn query_watermark_offsets(call: &Call<'_>) -> Php<()> {
    let question = WatermarkQuestion::parse(call)?;
    question.ask(call, &call.native::<Kafka>()?.client)
}

/// The arguments of `queryWatermarkOffsets()`.
pub(crate) struct WatermarkQuestion {
    topic: String,
    partition: i32,
    timeout_ms: i32,
}

impl WatermarkQuestion {
    pub(crate) fn parse(call: &Call<'_>) -> Php<Self> {
        call.count(5, 5)?;
        let topic = call.string(0)?.to_c_text();
        let partition = call.long(1)? as i32;
        Ok(Self {
            topic,
            partition,
            timeout_ms: timeout(call.long(4)?),
        })
    }

    /// Asks, and gives the by-reference arguments their values.
    pub(crate) fn ask(&self, call: &Call<'_>, client: &Client) -> Php<()> {
        let ask = |timeout_ms| {
            let (topic, partition) = (&self.topic, self.partition);
            client.query_watermark_offsets(topic, partition, timeout_ms, &is_interrupted)
        };
        let answer = dispatch::through_signals_for(self.timeout_ms, ask)?;
        let (low, high) = answer.map_err(|error| throw_failed(client, error))?;
        call.assign_long(2, low)?;
        call.assign_long(3, high)
    }
}

pub(crate) fn offsets_for_times(call: &Call<'_>) -> Php<Array> {
    call.count(2, 2)?;
    let (times, timeout_ms) = (call.array(0)?, timeout(call.long(1)?));
    let kafka = call.native::<Kafka>()?;
    let times = topic_partition::from_array(times, "RdKafka::offsetsForTimes")?;
    ask_for_times(&kafka.client, &times, timeout_ms)
}

/// The answer of `offsetsForTimes()`.
pub(crate) fn ask_for_times(
    client: &Client,
    times: &[TopicPartitionOffset],
    timeout_ms: i32,
) -> Php<Array> {
    let ask = |timeout_ms| client.offsets_for_times(times.to_vec(), timeout_ms, &is_interrupted);
    let answer = dispatch::through_signals_for(timeout_ms, ask)?;
    Ok(topic_partition::to_array(
        answer.map_err(|error| throw_failed(client, error))?.iter(),
    ))
}

pub(crate) fn pause_partitions(call: &Call<'_>) -> Php<Array> {
    pause(call, true, "RdKafka::pausePartitions")
}

pub(crate) fn resume_partitions(call: &Call<'_>) -> Php<Array> {
    pause(call, false, "RdKafka::resumePartitions")
}

fn pause(call: &Call<'_>, is_paused: bool, method: &str) -> Php<Array> {
    call.count(1, 1)?;
    let partitions = call.array(0)?;
    let kafka = call.native::<Kafka>()?;
    let partitions = topic_partition::from_array(partitions, method)?;
    ask_to_pause(&kafka.client, partitions, is_paused)
}

/// Pauses or resumes; the answer of `pausePartitions()` and `resumePartitions()`.
pub(crate) fn ask_to_pause(
    client: &Client,
    partitions: Vec<TopicPartitionOffset>,
    is_paused: bool,
) -> Php<Array> {
    let place = |one: &TopicPartitionOffset| TopicPartition {
        topic: one.topic.clone(),
        partition: one.partition,
    };
    let answers = client.pause(partitions.iter().map(place).collect(), is_paused);
    // The list comes back as it was given, with an error code each.
    let mut list = partitions;
    for (given, answer) in list.iter_mut().zip(answers.map_err(throw_error)?) {
        given.error = answer.error;
    }
    Ok(topic_partition::to_array(list.iter()))
}

pub(crate) fn oauthbearer_set_token(call: &Call<'_>) -> Php<()> {
    call.count(3, 4)?;
    let value = call.string(0)?;
    let expires_ms = call.long(1)?;
    let principal = call.string(2)?;
    let extensions = call.optional_array(3)?;
    let kafka = call.native::<Kafka>()?;
    let mut pairs = Vec::new();
    if let Some(array) = extensions {
        array.each(|key, element| {
            let name = match key {
                Key::Name(name) => c_string(name.as_bytes()),
                // No extension is named by a number: which one only matters for the words of the refusal.
                Key::Index => pairs.len().to_string(),
            };
            pairs.push((name, c_string(element.to_string()?.as_bytes())));
            Ok(())
        })?;
    }
    let token = Token {
        value: c_string(value.as_bytes()),
        expires_ms,
        principal: c_string(principal.as_bytes()),
        extensions: pairs,
    };
    let set = kafka.client().set_token(token);
    set.map_err(|error| throw_text(&error.text, i64::from(error.code.code())))
}

pub(crate) fn oauthbearer_set_token_failure(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let why = call.string(0)?;
    let kafka = call.native::<Kafka>()?;
    let set = kafka.client().set_token_failure(&c_string(why.as_bytes()));
    // Upstream's exception has no text.
    set.map_err(|code| throw_text("", i64::from(code.code())))
}

/// A string as C reads it: it ends at the first NUL.
fn c_string(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0);
    String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
}
