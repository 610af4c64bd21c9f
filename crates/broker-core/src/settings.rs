//! What was set while the broker runs: dynamic settings of brokers, groups and client metrics, and quotas.
//!
//! Owns: [`Settings`], by kind and name. Guarantees: it holds what the cluster log says; a change is written first
//! (`Topics::set_settings`). Leaves to others: which names and values are legal (`conf`, `api/`), settings of topics (they
//! are part of the topic). Runs on the shard thread.

use std::collections::BTreeMap;

use rdkafka_wire::types::StrBytes;

/// What a set of settings belongs to; the number is the one in the cluster log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i8)]
pub(crate) enum SettingsKind {
    /// Brokers: by node id, the empty name for all of them.
    Broker = 20,
    /// Consumer groups, by name.
    Group = 21,
    /// Subscriptions of client metrics (KIP-714), by name.
    ClientMetrics = 22,
    /// Quotas, by entity (see `api/alter_client_quotas`).
    Quota = 23,
}

impl SettingsKind {
    pub(crate) fn from_code(code: i8) -> Option<Self> {
        [Self::Broker, Self::Group, Self::ClientMetrics, Self::Quota]
            .into_iter()
            .find(|kind| *kind as i8 == code)
    }
}

/// Names and values, as they were said.
pub(crate) type SettingsMap = BTreeMap<String, String>;

/// All settings that are not a topic's.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Settings(BTreeMap<(SettingsKind, StrBytes), SettingsMap>);

impl Settings {
    /// What was set for one thing.
    pub(crate) fn get(&self, kind: SettingsKind, name: &str) -> Option<&SettingsMap> {
        self.0.get(&(kind, name.into()))
    }

    /// Everything of a kind, by name.
    pub(crate) fn of_kind(
        &self,
        kind: SettingsKind,
    ) -> impl Iterator<Item = (&StrBytes, &SettingsMap)> {
        self.0
            .iter()
            .filter(move |((it, _), _)| *it == kind)
            .map(|((_, name), map)| (name, map))
    }

    /// An empty map removes the entry.
    pub(crate) fn replay(&mut self, kind: SettingsKind, name: StrBytes, map: SettingsMap) {
        if map.is_empty() {
            self.0.remove(&(kind, name));
        } else {
            self.0.insert((kind, name), map);
        }
    }
}
