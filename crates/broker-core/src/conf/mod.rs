//! The broker's configuration: Kafka's property names, defaults and ranges as typed fields.
//!
//! Owns: [`BrokerConfig`] (what `server.properties` says), [`TopicConfig`] (one topic's effective settings) and
//! [`ConfError`]. Guarantees: every value is checked when it is set; a typed field always holds a legal value.
//! Leaves to others: reading files (`rdkafka-broker`) and acting on the values.

#[macro_use]
mod table;
mod broker;
mod dynamic;
mod group;
mod listener;
mod offset_reset;
mod page;
mod topic;
mod value;
mod without_meaning;

pub use broker::BrokerConfig;
#[cfg(test)]
pub(crate) use dynamic::DYNAMIC;
pub(crate) use dynamic::Dynamic;
pub use group::GroupProperties;
pub use listener::ListenerProperties;
pub(crate) use offset_reset::OffsetReset;
pub use page::configuration_page;
pub use topic::{TopicConfig, TopicOverrides};
pub use value::{CleanupPolicy, ClientAuth, ConfigType, Secret, TimestampType};

use std::fmt;

/// Why a property was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfError {
    /// No property of this name exists.
    Unknown {
        /// The name as given.
        name: String,
        /// The name that was probably meant.
        meant: Option<&'static str>,
    },
    /// The value is not one this property can take.
    Invalid {
        /// The property.
        name: String,
        /// The value as given.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A meaning that this broker cannot honour, and must not silently ignore.
    Unsupported {
        /// The property.
        name: String,
        /// What cannot be done.
        reason: String,
    },
}

impl ConfError {
    /// The same error under the name the property was given with.
    fn renamed(self, given: &str) -> Self {
        match self {
            Self::Unknown { meant, .. } => Self::Unknown {
                name: given.to_owned(),
                meant,
            },
            Self::Invalid { value, reason, .. } => Self::Invalid {
                name: given.to_owned(),
                value,
                reason,
            },
            Self::Unsupported { reason, .. } => Self::Unsupported {
                name: given.to_owned(),
                reason,
            },
        }
    }
}

impl fmt::Display for ConfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, meant: None } => {
                write!(f, "Unknown configuration property {name}")
            }
            Self::Unknown {
                name,
                meant: Some(meant),
            } => write!(
                f,
                "Unknown configuration property {name}; did you mean {meant}?"
            ),
            Self::Invalid {
                name,
                value,
                reason,
            } => {
                write!(
                    f,
                    "Invalid value {value} for configuration {name}: {reason}"
                )
            }
            Self::Unsupported { name, reason } => {
                write!(f, "Configuration {name} cannot be honoured: {reason}")
            }
        }
    }
}

impl std::error::Error for ConfError {}

/// What [`BrokerConfig::set`] did with a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It has the meaning it has in Kafka.
    Used,
    /// Kafka knows it, but it has no meaning on one node (`zookeeper.connect`, thread counts, ...); the note says why.
    WithoutMeaning(&'static str),
}

/// One property as DescribeConfigs shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// Kafka's name.
    pub name: &'static str,
    /// The effective value; `None` for "not set".
    pub value: Option<String>,
    /// Its type.
    pub config_type: ConfigType,
    /// Whether it was given explicitly at this level.
    pub is_set: bool,
    /// Whether the value must not be shown.
    pub is_sensitive: bool,
    /// The same setting's name in the broker's table, for topic properties.
    pub broker_name: Option<&'static str>,
    /// One sentence of documentation.
    pub doc: &'static str,
}
