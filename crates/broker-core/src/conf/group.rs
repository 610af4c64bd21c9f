//! The properties of one consumer group, and how they follow from the broker's.

use std::collections::BTreeMap;

use super::table::at_least;
use super::{BrokerConfig, ConfError, ConfigEntry};

properties! {
    /// The effective settings of one group of the next-generation protocol (KIP-848).
    pub struct GroupProperties {
        "consumer.heartbeat.interval.ms" | "group.consumer.heartbeat.interval.ms" heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "How often a member sends a heartbeat.";
        "consumer.session.timeout.ms" | "group.consumer.session.timeout.ms" session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "After which silence a member is taken for dead.";
    }
}

impl GroupProperties {
    /// The broker's values with a group's own on top, kept within the broker's bounds.
    pub fn resolve(broker: &BrokerConfig, own: Option<&BTreeMap<String, String>>) -> Self {
        let mut config = Self {
            heartbeat_interval_ms: broker.group_consumer_heartbeat_interval_ms,
            session_timeout_ms: broker.group_consumer_session_timeout_ms,
            ..Self::default()
        };
        for (name, value) in own.into_iter().flatten() {
            // Checked when it was set.
            let _ = config.set_row(name, value);
        }
        let clamp = |value: i32, min: i32, max: i32| value.min(max).max(min);
        config.heartbeat_interval_ms = clamp(
            config.heartbeat_interval_ms,
            broker.group_consumer_min_heartbeat_interval_ms,
            broker.group_consumer_max_heartbeat_interval_ms,
        );
        config.session_timeout_ms = clamp(
            config.session_timeout_ms,
            broker.group_consumer_min_session_timeout_ms,
            broker.group_consumer_max_session_timeout_ms,
        );
        config
    }

    /// Every property with its effective value.
    pub fn entries(&self) -> Vec<ConfigEntry> {
        self.rows()
    }

    /// Checks the settings of one group.
    ///
    /// # Errors
    /// A name that no group has, a value that is none, or one outside of the broker's bounds.
    pub fn check(broker: &BrokerConfig, own: &BTreeMap<String, String>) -> Result<(), ConfError> {
        let mut config = Self::default();
        for (name, value) in own {
            config.set_row(name, value).unwrap_or_else(|| {
                Err(ConfError::Unknown {
                    name: name.to_owned(),
                    meant: None,
                })
            })?;
        }
        let bounds = [
            (
                "consumer.heartbeat.interval.ms",
                config.heartbeat_interval_ms,
                broker.group_consumer_min_heartbeat_interval_ms,
                broker.group_consumer_max_heartbeat_interval_ms,
            ),
            (
                "consumer.session.timeout.ms",
                config.session_timeout_ms,
                broker.group_consumer_min_session_timeout_ms,
                broker.group_consumer_max_session_timeout_ms,
            ),
        ];
        for (name, value, min, max) in bounds {
            if own.contains_key(name) && !(min..=max).contains(&value) {
                return Err(ConfError::Invalid {
                    name: name.to_owned(),
                    value: value.to_string(),
                    reason: format!(
                        "Value must be between group.{}={min} and {max}",
                        name.replacen("consumer.", "consumer.min.", 1)
                    ),
                });
            }
        }
        Ok(())
    }
}
