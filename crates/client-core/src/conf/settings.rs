//! What the application said: [`Conf`] and [`TopicConf`], set property by property.

use rdkafka_conf::{Key, Kind, Opaque, Property, Table, Values, nearest};

use super::client_config::{ClientConfig, ClientKind};
use super::error::ConfError;
use super::global::{self, GLOBAL};
use super::resolve;
use super::topic::{self, TOPIC};
use crate::producer::partitioner::Partitioner;

/// A callback of the global configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as their properties")]
pub enum Callback {
    Error,
    Throttle,
    Stats,
    Log,
    Consume,
    Rebalance,
    OffsetCommit,
    Delivery,
    DeliveryMessage,
    OauthbearerTokenRefresh,
}

impl Callback {
    const fn key(self) -> Key<Opaque> {
        match self {
            Self::Error => global::ERROR_CB,
            Self::Throttle => global::THROTTLE_CB,
            Self::Stats => global::STATS_CB,
            Self::Log => global::LOG_CB,
            Self::Consume => global::CONSUME_CB,
            Self::Rebalance => global::REBALANCE_CB,
            Self::OffsetCommit => global::OFFSET_COMMIT_CB,
            Self::Delivery => global::DR_CB,
            Self::DeliveryMessage => global::DR_MSG_CB,
            Self::OauthbearerTokenRefresh => global::OAUTHBEARER_TOKEN_REFRESH_CB,
        }
    }
}

/// The address a dump shows for what the application set at this row: like librdkafka's it names
/// nothing a reader could use, and is never null.
fn address_of(table: &'static Table, key: Key<Opaque>) -> usize {
    std::ptr::from_ref(&table.rows[key.index()]).addr()
}

/// Sets `name` in `values`; `None` if its table has no such property.
fn set(values: &mut Values, name: &str, value: &str) -> Option<Result<(), ConfError>> {
    let table = values.table();
    let index = table.find(name)?;
    Some(
        values
            .set(index, value)
            .map_err(|refusal| ConfError::invalid(&table.rows[index], &refusal)),
    )
}

/// The value of `name`; `None` if its table has no such property or it has none.
fn get(values: &Values, name: &str) -> Option<String> {
    values.show(values.table().find(name)?)
}

/// The properties somebody may have meant with a misspelt name.
fn suggestion(name: &str, tables: &[&'static Table]) -> Option<&'static str> {
    let can_be_meant =
        |row: &&Property| !row.is_hidden && !matches!(row.kind, Kind::Refused(_) | Kind::Internal);
    let names = tables
        .iter()
        .flat_map(|table| table.rows.iter())
        .filter(can_be_meant);
    nearest(name, names.map(|row| row.name))
}

/// A topic's configuration, as far as the application has set it (`rd_kafka_topic_conf_t`).
#[derive(Debug, Clone)]
pub struct TopicConf {
    pub(super) values: Values,
    pub(super) partitioner: Option<Partitioner>,
}

impl TopicConf {
    /// All defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            values: Values::new(&TOPIC),
            partitioner: None,
        }
    }

    /// Sets a property. The name may begin with `topic.`.
    ///
    /// # Errors
    ///
    /// No such property, or not a value of it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ConfError> {
        let name = name.strip_prefix("topic.").unwrap_or(name);
        set(&mut self.values, name, value)
            .unwrap_or_else(|| Err(ConfError::unknown(name, suggestion(name, &[&TOPIC]))))
    }

    /// The value of a property, as it could be set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        get(&self.values, name)
    }

    /// All properties that have a value, in librdkafka's order.
    #[must_use]
    pub fn dump(&self) -> Vec<(&'static str, String)> {
        self.values.dump()
    }

    /// Uses a partitioner whatever the property `partitioner` says (`setPartitioner()`).
    pub fn set_partitioner(&mut self, partitioner: Partitioner) {
        self.partitioner = Some(partitioner);
        let address = address_of(&TOPIC, topic::PARTITIONER_CB);
        self.values
            .set_pointer(topic::PARTITIONER_CB, Some(address));
    }
}

impl Default for TopicConf {
    fn default() -> Self {
        Self::new()
    }
}

/// A client's configuration, as far as the application has set it (`rd_kafka_conf_t`).
#[derive(Debug, Clone)]
pub struct Conf {
    pub(super) values: Values,
    pub(super) default_topic: Option<TopicConf>,
    /// Whether topic properties were lost when a default topic configuration replaced another.
    pub(super) default_topic_overwritten: bool,
}

impl Conf {
    /// All defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            values: Values::new(&GLOBAL),
            default_topic: None,
            default_topic_overwritten: false,
        }
    }

    /// Sets a global property, or a topic property of the default topic configuration, which is made if
    /// there is none.
    ///
    /// # Errors
    ///
    /// No such property, or not a value of it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ConfError> {
        if let Some(outcome) = set(&mut self.values, name, value) {
            return outcome;
        }
        if self.default_topic.is_none() {
            self.put_default_topic(TopicConf::new());
        }
        let topic_name = name.strip_prefix("topic.").unwrap_or(name);
        self.default_topic
            .as_mut()
            .and_then(|topic| set(&mut topic.values, topic_name, value))
            .unwrap_or_else(|| {
                let meant = suggestion(name, &[&GLOBAL, &TOPIC]);
                Err(ConfError::unknown(topic_name, meant))
            })
    }

    /// The value of a global property, or of a property of the default topic configuration if there is
    /// one, as it could be set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        get(&self.values, name).or_else(|| {
            self.default_topic
                .as_ref()
                .and_then(|topic| topic.get(name))
        })
    }

    /// All global properties that have a value, in librdkafka's order. Callbacks show as addresses.
    #[must_use]
    pub fn dump(&self) -> Vec<(&'static str, String)> {
        self.values.dump()
    }

    /// The properties that were set, secrets left out, the default topic configuration's after the
    /// global ones: what `debug=conf` writes to the log.
    #[must_use]
    pub fn dump_set_redacted(&self) -> Vec<(&'static str, String)> {
        let mut dump = self.values.dump_set_redacted();
        dump.extend(
            self.default_topic
                .iter()
                .flat_map(|topic| topic.values.dump_set_redacted()),
        );
        dump
    }

    /// Notes that the application has set a callback, or with `false` taken it away.
    pub fn set_callback(&mut self, callback: Callback, is_set: bool) {
        let key = callback.key();
        self.values
            .set_pointer(key, is_set.then(|| address_of(&GLOBAL, key)));
    }

    /// Makes `topic` the configuration of topics that have none of their own. What was set before on
    /// the default topic configuration is lost.
    pub fn set_default_topic_conf(&mut self, topic: TopicConf) {
        if self
            .default_topic
            .as_ref()
            .is_some_and(|old| old.values.is_any_set())
        {
            self.default_topic_overwritten = true;
        }
        self.put_default_topic(topic);
    }

    /// The default topic configuration, if there is one.
    #[must_use]
    pub const fn default_topic_conf(&self) -> Option<&TopicConf> {
        self.default_topic.as_ref()
    }

    /// Decides everything: the configuration of a client of this kind.
    ///
    /// # Errors
    ///
    /// Properties that do not go together, or that this client cannot honour.
    pub fn resolve(&self, kind: ClientKind) -> Result<ClientConfig, ConfError> {
        resolve::resolve(self, kind)
    }

    fn put_default_topic(&mut self, topic: TopicConf) {
        self.default_topic = Some(topic);
        let key = global::DEFAULT_TOPIC_CONF;
        self.values.set_pointer(key, Some(address_of(&GLOBAL, key)));
    }
}

impl Default for Conf {
    fn default() -> Self {
        Self::new()
    }
}
