//! The broker in numbers, for whoever watches it.
//!
//! A look at what is there: changes nothing, reads no file. Leaves to the shell how it is written down.

use rdkafka_wire::types::StrBytes;

use crate::group::GroupReport;
use crate::shard::Shard;
use crate::transaction::TransactionFilter;

/// All numbers of one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Topics by name, without the broker's own.
    pub topics: Vec<TopicReport>,
    /// Consumer groups by name.
    pub groups: Vec<GroupReport>,
    /// Transactional ids that have a transaction open.
    pub open_transactions: usize,
}

/// A topic in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicReport {
    /// Its name.
    pub name: StrBytes,
    /// Its partitions, by number.
    pub partitions: Vec<PartitionReport>,
}

/// A partition in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionReport {
    /// The first offset there is.
    pub start_offset: i64,
    /// The offset that the next record gets.
    pub end_offset: i64,
    /// How many bytes its segments take.
    pub bytes: u64,
}

impl Shard {
    /// The broker in numbers, now.
    pub fn report(&self, now: crate::Now) -> Report {
        let topics = self.topics.sorted();
        let topics = topics.into_iter().filter(|topic| !topic.is_internal());
        let topics = topics.map(|topic| TopicReport {
            name: topic.name.clone(),
            partitions: topic
                .partitions
                .iter()
                .map(|partition| {
                    let offsets = partition.offsets();
                    PartitionReport {
                        start_offset: offsets.start,
                        end_offset: offsets.end,
                        bytes: partition.size(),
                    }
                })
                .collect(),
        });
        let open = TransactionFilter {
            states: OPEN_STATES.map(StrBytes::from).to_vec(),
            duration_ms: -1,
            ..TransactionFilter::default()
        };
        Report {
            topics: topics.collect(),
            groups: self.groups.report(),
            open_transactions: self.transactions.list(&open, now).len(),
        }
    }
}

const OPEN_STATES: [&str; 3] = ["Ongoing", "PrepareCommit", "PrepareAbort"];
