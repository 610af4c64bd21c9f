//! Partition assignors: who of a group consumes what.
//!
//! Owns the pure functions the group's leader runs between JoinGroup and SyncGroup. The same members and
//! topics give the same answer whatever order they come in; `range` and `roundrobin` the same answer as librdkafka
//! and the Java client give, because members of all three share groups. Pure code; runs on the driver task.

mod range;
mod roundrobin;
mod sticky;

use std::collections::BTreeMap;

use rdkafka_wire::types::StrBytes;

/// One member as the leader sees it: what it told the coordinator in JoinGroup.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Member {
    /// Member id given by the coordinator.
    pub id: StrBytes,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<StrBytes>,
    /// Subscribed topics.
    pub topics: Vec<StrBytes>,
    /// `client.rack`.
    pub rack: Option<StrBytes>,
    /// What it owns, as it says; with the cooperative protocol only.
    pub owned: Assignment,
    /// The generation it was given that in, -1 when it does not say.
    pub generation: i32,
}

impl Member {
    /// The order members are laid out in: by instance id when both have one, else by member id.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        match (&self.instance_id, &other.instance_id) {
            (Some(a), Some(b)) => a.cmp(b),
            _ => self.id.cmp(&other.id),
        }
    }
}

/// A topic some member subscribed to and the cluster has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topic {
    /// Name of the topic.
    pub name: StrBytes,
    /// For each partition the racks its replicas are on, sorted, without duplicates; empty when unknown.
    pub partitions: Vec<Vec<StrBytes>>,
}

/// What one member gets: partitions in ascending order, per topic.
pub type Assignment = BTreeMap<StrBytes, Vec<i32>>;

/// An assignor named in `partition.assignment.strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignor {
    /// Consecutive partitions per topic; rack-aware (KIP-881).
    Range,
    /// All partitions of all topics dealt one by one.
    RoundRobin,
    /// Even, with as few moves as possible, in steps (KIP-429).
    CooperativeSticky,
}

impl Assignor {
    /// Name in the protocol and in `partition.assignment.strategy`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// Whether its members keep what they have while they join again.
    pub fn is_cooperative(self) -> bool {
        self == Self::CooperativeSticky
    }

    /// The assignor of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Range, Self::RoundRobin, Self::CooperativeSticky]
            .into_iter()
            .find(|assignor| assignor.name() == name)
    }

    /// Parses a comma-separated `partition.assignment.strategy`, most wanted first. The error is the first
    /// name that is not known.
    pub fn parse_list(list: &str) -> Result<Vec<Self>, String> {
        let mut assignors = Vec::new();
        for name in list
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let assignor = Self::by_name(name).ok_or_else(|| name.to_owned())?;
            if !assignors.contains(&assignor) {
                assignors.push(assignor);
            }
        }
        Ok(assignors)
    }

    /// Deals `topics` to `members`; the result is aligned with `members`. Topics nobody subscribed to are
    /// left out, subscribed topics missing in `topics` do not exist.
    pub fn assign(self, members: &[Member], topics: &[Topic]) -> Vec<Assignment> {
        let mut assignments = match self {
            Self::Range => range::assign(members, topics),
            Self::RoundRobin => roundrobin::assign(members, topics),
            Self::CooperativeSticky => sticky::assign(members, topics),
        };
        for partitions in assignments.iter_mut().flat_map(BTreeMap::values_mut) {
            partitions.sort_unstable();
        }
        assignments
    }
}

/// Indices of `members` in layout order.
fn member_order(members: &[Member]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by(|a, b| members[*a].order(&members[*b]));
    order
}

fn add(assignment: &mut Assignment, topic: &StrBytes, partition: usize) {
    let partition = i32::try_from(partition).unwrap_or(i32::MAX);
    assignment.entry(topic.clone()).or_default().push(partition);
}

#[cfg(test)]
mod tests;
