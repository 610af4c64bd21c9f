//! Which quota counts for whom.
//!
//! Owns [`Limits`], made of what was set (`settings`). A quota belongs to a user, a client id or both, by name or as the
//! default of those without one of their own; the most particular one counts, in Kafka's order.

use std::collections::HashMap;

use rdkafka_wire::types::StrBytes;

use super::entity::entity_of;
use crate::settings::{Settings, SettingsKind};

/// What a quota limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum QuotaKind {
    /// Bytes a second of produce requests.
    Produce,
    /// Bytes a second of fetched records.
    Fetch,
    /// Hundredths of the time of one thread.
    Request,
    /// Partitions created or deleted a second.
    ControllerMutation,
}

impl QuotaKind {
    const ALL: [(Self, &str); 4] = [
        (Self::Produce, "producer_byte_rate"),
        (Self::Fetch, "consumer_byte_rate"),
        (Self::Request, "request_percentage"),
        (Self::ControllerMutation, "controller_mutation_rate"),
    ];
}

/// Who shares a quota: a user, a client id, or both; empty is "whoever".
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Owner {
    pub(super) user: StrBytes,
    pub(super) client_id: StrBytes,
}

/// One half of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    /// The entity is not about it.
    Absent,
    /// All that have no quota of their own.
    Default,
    Name(StrBytes),
}

impl Part {
    /// Which of those named counts for itself.
    fn shared_by(&self, name: &StrBytes) -> StrBytes {
        match self {
            Self::Absent => StrBytes::default(),
            Self::Default | Self::Name(_) => name.clone(),
        }
    }
}

/// All quotas of clients.
#[derive(Debug, Default)]
pub(super) struct Limits {
    by_entity: HashMap<(QuotaKind, Part, Part), f64>,
    /// Whether one of them is about time.
    pub(super) are_about_time: bool,
}

impl Limits {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut limits = HashMap::new();
        for (key, values) in settings.of_kind(SettingsKind::Quota) {
            let entity = entity_of(key);
            let part = |kind: &str| match entity.iter().find(|(it, _)| it == kind) {
                None => Part::Absent,
                Some((_, None)) => Part::Default,
                Some((_, Some(name))) => Part::Name(name.as_str().into()),
            };
            let (user, client_id) = (part("user"), part("client-id"));
            if (&user, &client_id) == (&Part::Absent, &Part::Absent) {
                continue;
            }
            for (kind, name) in QuotaKind::ALL {
                let value = values.get(name).and_then(|it| it.parse::<f64>().ok());
                if let Some(value) = value.filter(|it| it.is_finite() && *it > 0.0) {
                    limits.insert((kind, user.clone(), client_id.clone()), value);
                }
            }
        }
        Self {
            are_about_time: limits
                .keys()
                .any(|(kind, _, _)| *kind == QuotaKind::Request),
            by_entity: limits,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_entity.is_empty()
    }

    /// The quota that counts, and who shares it.
    pub(super) fn find(&self, kind: QuotaKind, who: &Owner) -> Option<(Owner, f64)> {
        let user = || Part::Name(who.user.clone());
        // A client without an id has no quota as a client, as in Kafka.
        let is_named = !who.client_id.is_empty();
        let client = || Part::Name(who.client_id.clone());
        let candidates = [
            (user(), client()),
            (user(), Part::Default),
            (user(), Part::Absent),
            (Part::Default, client()),
            (Part::Default, Part::Default),
            (Part::Default, Part::Absent),
            (Part::Absent, client()),
            (Part::Absent, Part::Default),
        ];
        for (user, client_id) in candidates {
            if client_id != Part::Absent && !is_named {
                continue;
            }
            let owner = Owner {
                user: user.shared_by(&who.user),
                client_id: client_id.shared_by(&who.client_id),
            };
            if let Some(limit) = self.by_entity.get(&(kind, user, client_id)) {
                return Some((owner, *limit));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quota::entity::{Entity, key_of};

    /// Not there, the default, or a name.
    type Half = Option<Option<&'static str>>;

    fn limits(rows: &[(Half, Half, &str)]) -> Limits {
        let mut settings = Settings::default();
        for (user, client_id, value) in rows {
            let parts = [("client-id", client_id), ("user", user)];
            let parts = parts.into_iter().filter_map(|(kind, part)| {
                part.map(|name| (kind.to_owned(), name.map(str::to_owned)))
            });
            let entity: Entity = parts.collect();
            let map = [("producer_byte_rate".to_owned(), (*value).to_owned())].into();
            settings.replay(SettingsKind::Quota, key_of(&entity).into(), map);
        }
        Limits::new(&settings)
    }

    fn found(limits: &Limits, user: &str, client_id: &str) -> Option<(String, String, f64)> {
        let who = Owner {
            user: user.into(),
            client_id: client_id.into(),
        };
        let (owner, limit) = limits.find(QuotaKind::Produce, &who)?;
        Some((owner.user.to_string(), owner.client_id.to_string(), limit))
    }

    #[test]
    fn the_most_particular_quota_counts_in_kafkas_order() {
        let mut rows = vec![
            (Some(Some("u")), Some(Some("c")), "1"),
            (Some(Some("u")), Some(None), "2"),
            (Some(Some("u")), None, "3"),
            (Some(None), Some(Some("c")), "4"),
            (Some(None), Some(None), "5"),
            (Some(None), None, "6"),
            (None, Some(Some("c")), "7"),
            (None, Some(None), "8"),
        ];
        let owners = [
            ("u", "c"),
            ("u", "c"),
            ("u", ""),
            ("u", "c"),
            ("u", "c"),
            ("u", ""),
            ("", "c"),
            ("", "c"),
        ];
        for (number, (user, client_id)) in (1..=8).zip(owners) {
            let expected = (user.to_owned(), client_id.to_owned(), f64::from(number));
            assert_eq!(found(&limits(&rows), "u", "c"), Some(expected));
            rows.remove(0);
        }
        assert_eq!(found(&limits(&rows), "u", "c"), None);
    }

    #[test]
    fn quotas_of_others_do_not_count() {
        let limits = limits(&[(Some(Some("other")), None, "1"), (None, Some(None), "2")]);
        assert_eq!(
            found(&limits, "u", "c"),
            Some((String::new(), "c".into(), 2.0))
        );
        assert_eq!(found(&limits, "u", ""), None, "a client without an id");
        assert!(!limits.are_about_time);
    }
}
