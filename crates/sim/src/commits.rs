//! What groups have committed: asked of the broker without a client, and what of it the broker has promised to keep.
//!
//! A commit shows before it is on the disk. A loss of power may take it away again as long as it is not answered.

use rdkafka_wire::messages::offset_commit::OffsetCommitResponse;
use rdkafka_wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestTopic};

use crate::peer::App;
use crate::world::World;

impl World {
    /// Law: commits neither pass deliveries nor go backwards.
    pub(crate) fn look_at_commits(&mut self) {
        let is_durable = self.plan.power.is_durable();
        for group in self.plan.groups.clone() {
            let topics = self
                .plan
                .topics
                .iter()
                .map(|(name, count)| OffsetFetchRequestTopic {
                    name: name.as_str().into(),
                    partition_indexes: (0..*count).collect(),
                });
            let request = OffsetFetchRequest {
                group_id: group.name.as_str().into(),
                topics: Some(topics.collect()),
                ..OffsetFetchRequest::default()
            };
            let now = self.broker_now();
            let (answer, effects) = self.node.ask(5, &request, now);
            self.obey(effects);
            let Some(answer) = answer.filter(|it| it.error_code == 0) else {
                continue;
            };
            for topic in answer.topics {
                for partition in topic.partitions {
                    let place = (topic.name.to_string(), partition.partition_index);
                    let offset = partition.committed_offset;
                    self.ledger
                        .committed(&group.name, place, offset, is_durable);
                }
            }
        }
    }

    /// A commit came, and shows.
    pub(crate) fn remember_commits(&mut self, link: u64, slot: u64) {
        let peer = self.links.get(&link).map(|link| link.peer);
        let Some(App::Consumer(app)) = peer.map(|peer| &self.peers[peer].app) else {
            return;
        };
        let group = app.plan.name.clone();
        let committed = self.ledger.groups[&group].committed.clone();
        self.untold.insert((link, slot), (group, committed));
    }

    /// A commit is answered: what it changed stays.
    pub(crate) fn tell_commits(&mut self, request: (u64, u64), answer: &OffsetCommitResponse) {
        let Some((group, committed)) = self.untold.remove(&request) else {
            return;
        };
        let Some(book) = self.ledger.groups.get_mut(&group) else {
            return;
        };
        for topic in &answer.topics {
            let good = topic.partitions.iter().filter(|it| it.error_code == 0);
            for partition in good {
                let place = (topic.name.to_string(), partition.partition_index);
                if let Some(offset) = committed.get(&place) {
                    book.told.insert(place, *offset);
                }
            }
        }
    }

    /// The power is gone, and with it what was not told.
    pub(crate) fn forget_untold(&mut self) {
        self.untold.clear();
        for book in self.ledger.groups.values_mut() {
            book.committed.clone_from(&book.told);
        }
    }
}
