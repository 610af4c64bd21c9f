//! The ids under which a request to a group's coordinator names its topics, kept for reading the answer.
//!
//! OffsetCommit and OffsetFetch name topics by id from version 10 on. As Java's consumer, this one does so as a member by
//! the new protocol (KIP-848), and when it knows the id of every topic: then nothing meant for a deleted topic reaches a new
//! one of its name. Pure code; driver thread.

use std::collections::BTreeMap;

use rdkafka_wire::types::{StrBytes, Uuid};

use crate::conf::GroupProtocol;
use crate::context::Cx;

/// Topics by id; empty where names are used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopicIds(BTreeMap<Uuid, StrBytes>);

impl TopicIds {
    /// The ids of these topics, or none.
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a StrBytes>, cx: &Cx<'_>) -> Self {
        if cx.conf().group.protocol != GroupProtocol::Consumer {
            return Self::default();
        }
        let ids = names.map(|name| {
            let known = cx.metadata().topic(name)?;
            (known.id != Uuid::ZERO).then(|| (known.id, name.clone()))
        });
        Self(ids.collect::<Option<_>>().unwrap_or_default())
    }

    /// The id to send for a topic; zero where names are used.
    pub(crate) fn id(&self, name: &str) -> Uuid {
        let mut known = self.0.iter();
        known
            .find(|(_, known)| known.as_str() == name)
            .map_or(Uuid::ZERO, |(id, _)| *id)
    }

    /// The topic an answer names, one way or the other.
    pub(crate) fn name(&self, id: Uuid, name: &StrBytes) -> StrBytes {
        self.0.get(&id).unwrap_or(name).clone()
    }
}
