//! The properties of one consumer, share or streams group, and how they follow from the broker's.

use std::collections::BTreeMap;

use super::table::{any, at_least, offset_reset, share_isolation};
use super::{BrokerConfig, ConfError, ConfigEntry};

properties! {
    /// The effective settings of one group of the next-generation protocol (KIP-848), of one share group (KIP-932) or streams group
    /// (KIP-1071).
    pub struct GroupProperties {
        "consumer.heartbeat.interval.ms" | "group.consumer.heartbeat.interval.ms" heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "How often a member sends a heartbeat.";
        "consumer.session.timeout.ms" | "group.consumer.session.timeout.ms" session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "After which silence a member is taken for dead.";
        "share.auto.offset.reset" share_auto_offset_reset: String = "latest".into(), offset_reset,
            "Where a share group begins: latest, earliest, or by_duration: and an ISO 8601 duration back from now.";
        "share.delivery.count.limit" | "group.share.delivery.count.limit" share_delivery_count_limit: i32 = 5, at_least::<1, i32>,
            "How often a record is delivered at most.";
        "share.heartbeat.interval.ms" | "group.share.heartbeat.interval.ms" share_heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "How often a member of a share group sends a heartbeat.";
        "share.isolation.level" share_isolation_level: String = "read_uncommitted".into(), share_isolation,
            "Whether a share group reads transactions that are open or aborted: read_uncommitted, read_committed.";
        "share.partition.max.record.locks" | "group.share.partition.max.record.locks" share_partition_max_record_locks: i32 = 2_000, at_least::<1, i32>,
            "How many records of a partition may be under way at once.";
        "share.record.lock.duration.ms" | "group.share.record.lock.duration.ms" share_record_lock_duration_ms: i32 = 30_000, at_least::<1, i32>,
            "For how long a member has a record to itself.";
        "share.renew.acknowledge.enable" share_renew_acknowledge_enable: bool = true, any,
            "Whether a member may have a record for longer (KIP-1222).";
        "share.session.timeout.ms" | "group.share.session.timeout.ms" share_session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "After which silence a member of a share group is taken for dead.";
        "streams.assignment.interval.ms" | "group.streams.assignment.interval.ms" streams_assignment_interval_ms: i32 = 1_000, at_least::<0, i32>,
            "How long a streams group keeps an assignment of tasks at least.";
        "streams.heartbeat.interval.ms" | "group.streams.heartbeat.interval.ms" streams_heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "How often a member of a streams group sends a heartbeat.";
        "streams.initial.rebalance.delay.ms" | "group.streams.initial.rebalance.delay.ms" streams_initial_rebalance_delay_ms: i32 = 3_000, at_least::<0, i32>,
            "How long an empty streams group waits for more members before it assigns tasks.";
        "streams.num.standby.replicas" | "group.streams.num.standby.replicas" streams_num_standby_replicas: i32 = 0, at_least::<0, i32>,
            "With how many other instances a streams group keeps a copy of a task's state.";
        "streams.session.timeout.ms" | "group.streams.session.timeout.ms" streams_session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "After which silence a member of a streams group is taken for dead.";
    }
}

/// A number that the broker bounds: the group's name for it, its value, and the bounds.
struct Bounded<'a> {
    name: &'static str,
    value: &'a mut i32,
    min: i32,
    max: i32,
}

impl GroupProperties {
    /// The broker's values with a group's own on top, kept within the broker's bounds.
    pub fn resolve(broker: &BrokerConfig, own: Option<&BTreeMap<String, String>>) -> Self {
        let mut config = Self {
            heartbeat_interval_ms: broker.group_consumer_heartbeat_interval_ms,
            session_timeout_ms: broker.group_consumer_session_timeout_ms,
            share_delivery_count_limit: broker.group_share_delivery_count_limit,
            share_heartbeat_interval_ms: broker.group_share_heartbeat_interval_ms,
            share_partition_max_record_locks: broker.group_share_partition_max_record_locks,
            share_record_lock_duration_ms: broker.group_share_record_lock_duration_ms,
            share_session_timeout_ms: broker.group_share_session_timeout_ms,
            streams_assignment_interval_ms: broker.group_streams_assignment_interval_ms,
            streams_heartbeat_interval_ms: broker.group_streams_heartbeat_interval_ms,
            streams_initial_rebalance_delay_ms: broker.group_streams_initial_rebalance_delay_ms,
            streams_num_standby_replicas: broker.group_streams_num_standby_replicas,
            streams_session_timeout_ms: broker.group_streams_session_timeout_ms,
            ..Self::default()
        };
        for (name, value) in own.into_iter().flatten() {
            // Checked when it was set.
            let _ = config.set_row(name, value);
        }
        for bounded in config.bounded(broker) {
            *bounded.value = (*bounded.value).min(bounded.max).max(bounded.min);
        }
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
        for bounded in config.bounded(broker) {
            let Bounded {
                name,
                value,
                min,
                max,
            } = bounded;
            if own.contains_key(name) && !(min..=max).contains(value) {
                let (protocol, rest) = name.split_once('.').unwrap_or((name, ""));
                let least = match min {
                    0 => "0".to_owned(),
                    _ => format!("group.{protocol}.min.{rest}={min}"),
                };
                return Err(ConfError::Invalid {
                    name: name.to_owned(),
                    value: value.to_string(),
                    reason: format!("Value must be between {least} and {max}"),
                });
            }
        }
        Ok(())
    }

    fn bounded(&mut self, broker: &BrokerConfig) -> [Bounded<'_>; 11] {
        let row = |name, value, min, max| Bounded {
            name,
            value,
            min,
            max,
        };
        [
            row(
                "consumer.heartbeat.interval.ms",
                &mut self.heartbeat_interval_ms,
                broker.group_consumer_min_heartbeat_interval_ms,
                broker.group_consumer_max_heartbeat_interval_ms,
            ),
            row(
                "consumer.session.timeout.ms",
                &mut self.session_timeout_ms,
                broker.group_consumer_min_session_timeout_ms,
                broker.group_consumer_max_session_timeout_ms,
            ),
            row(
                "share.delivery.count.limit",
                &mut self.share_delivery_count_limit,
                broker.group_share_min_delivery_count_limit,
                broker.group_share_max_delivery_count_limit,
            ),
            row(
                "share.heartbeat.interval.ms",
                &mut self.share_heartbeat_interval_ms,
                broker.group_share_min_heartbeat_interval_ms,
                broker.group_share_max_heartbeat_interval_ms,
            ),
            row(
                "share.partition.max.record.locks",
                &mut self.share_partition_max_record_locks,
                broker.group_share_min_partition_max_record_locks,
                broker.group_share_max_partition_max_record_locks,
            ),
            row(
                "share.record.lock.duration.ms",
                &mut self.share_record_lock_duration_ms,
                broker.group_share_min_record_lock_duration_ms,
                broker.group_share_max_record_lock_duration_ms,
            ),
            row(
                "share.session.timeout.ms",
                &mut self.share_session_timeout_ms,
                broker.group_share_min_session_timeout_ms,
                broker.group_share_max_session_timeout_ms,
            ),
            row(
                "streams.assignment.interval.ms",
                &mut self.streams_assignment_interval_ms,
                broker.group_streams_min_assignment_interval_ms,
                broker.group_streams_max_assignment_interval_ms,
            ),
            row(
                "streams.heartbeat.interval.ms",
                &mut self.streams_heartbeat_interval_ms,
                broker.group_streams_min_heartbeat_interval_ms,
                broker.group_streams_max_heartbeat_interval_ms,
            ),
            row(
                "streams.num.standby.replicas",
                &mut self.streams_num_standby_replicas,
                0,
                broker.group_streams_max_standby_replicas,
            ),
            row(
                "streams.session.timeout.ms",
                &mut self.streams_session_timeout_ms,
                broker.group_streams_min_session_timeout_ms,
                broker.group_streams_max_session_timeout_ms,
            ),
        ]
    }
}
