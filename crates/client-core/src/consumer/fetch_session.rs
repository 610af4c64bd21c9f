//! A fetch session with one broker (KIP-227): what the broker remembers of the last request, so that the next one says
//! only what changed.
//!
//! Owns the session's id and epoch and what was sent in it. Guarantees: the broker's picture is the one this module has,
//! or the session is begun anew: after a request that was not answered, or an error of the session. A broker that keeps
//! no session (its table is full, or it is too old), or whose topics have no ids (before Kafka 2.8), gets whole
//! requests. Pure code; driver thread.

use std::collections::BTreeMap;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::fetch::{FetchPartition, FetchTopic, ForgottenTopic};
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::io::TopicPartition;

/// No session.
const NO_SESSION: i32 = 0;
/// A whole request that asks for a session.
const INITIAL_EPOCH: i32 = 0;
/// A whole request that ends the session, if there is one, and asks for none.
const FINAL_EPOCH: i32 = -1;

/// The session with one broker.
#[derive(Debug, Default)]
pub(crate) struct FetchSession {
    id: i32,
    epoch: i32,
    sent: BTreeMap<TopicPartition, Sent>,
}

/// A partition as the broker remembers it.
#[derive(Debug, Clone, PartialEq)]
struct Sent {
    topic_id: Uuid,
    partition: FetchPartition,
}

/// The part of a request that the session decides.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Plan {
    pub(crate) session_id: i32,
    pub(crate) session_epoch: i32,
    pub(crate) topics: Vec<FetchTopic>,
    pub(crate) forgotten: Vec<ForgottenTopic>,
}

/// A partition to be fetched, with the id of its topic (zero when it has none).
pub(crate) type Wanted = (TopicPartition, Uuid, FetchPartition);

impl FetchSession {
    /// What to send so that the broker fetches exactly `wanted`, in that order where it is new.
    pub(crate) fn plan(&mut self, wanted: Vec<Wanted>) -> Plan {
        // Ids or names: all of a session's requests have to use the same.
        if wanted.iter().any(|(_, id, _)| *id == Uuid::ZERO) {
            self.epoch = FINAL_EPOCH;
            self.sent.clear();
        }
        let mut old = std::mem::take(&mut self.sent);
        let mut plan = Plan {
            session_id: self.id,
            session_epoch: self.epoch,
            ..Plan::default()
        };
        let is_whole = self.epoch <= INITIAL_EPOCH;
        for (id, topic_id, partition) in wanted {
            let sent = Sent {
                topic_id,
                partition,
            };
            let known = old.remove(&id);
            if let Some(known) = &known
                && known.topic_id != topic_id
            {
                forget(&mut plan.forgotten, &id, known.topic_id);
            }
            if is_whole || known.as_ref() != Some(&sent) {
                add(&mut plan.topics, &id, &sent);
            }
            self.sent.insert(id, sent);
        }
        if !is_whole {
            for (id, known) in &old {
                forget(&mut plan.forgotten, id, known.topic_id);
            }
        } else {
            plan.forgotten.clear();
        }
        plan
    }

    /// A request was answered, in the session `session_id` (0: the broker keeps none).
    pub(crate) fn answered(&mut self, session_id: i32) {
        if session_id == NO_SESSION {
            *self = Self::default();
            return;
        }
        self.id = session_id;
        // Epochs of a session go round, leaving out those with a meaning.
        self.epoch = self.epoch.checked_add(1).unwrap_or(1);
    }

    /// A request was answered with an error as a whole, or not answered. True when the error is only the session's,
    /// so that a whole request may be sent at once.
    pub(crate) fn failed(&mut self, code: ErrorCode) -> bool {
        let was_whole = self.epoch <= INITIAL_EPOCH;
        if code == ErrorCode::FETCH_SESSION_ID_NOT_FOUND {
            *self = Self::default();
        } else {
            self.begin_anew();
        }
        let is_session = matches!(
            code,
            ErrorCode::FETCH_SESSION_ID_NOT_FOUND
                | ErrorCode::INVALID_FETCH_SESSION_EPOCH
                | ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR
                | ErrorCode::INCONSISTENT_TOPIC_ID
        );
        is_session && !was_whole
    }

    /// The next request is whole, and ends the session the broker may still have.
    fn begin_anew(&mut self) {
        self.epoch = INITIAL_EPOCH;
        self.sent.clear();
    }
}

fn add(topics: &mut Vec<FetchTopic>, id: &TopicPartition, sent: &Sent) {
    // Partitions come in no order: the same topic may be anywhere, but is most often the last.
    let known = topics
        .iter_mut()
        .rev()
        .find(|topic| topic.topic == id.topic);
    match known {
        Some(topic) => topic.partitions.push(sent.partition.clone()),
        None => topics.push(FetchTopic {
            topic: id.topic.clone(),
            topic_id: sent.topic_id,
            partitions: vec![sent.partition.clone()],
        }),
    }
}

fn forget(topics: &mut Vec<ForgottenTopic>, id: &TopicPartition, topic_id: Uuid) {
    let is_same = |topic: &&mut ForgottenTopic| -> bool {
        topic.topic == id.topic && topic.topic_id == topic_id
    };
    match topics.iter_mut().rev().find(is_same) {
        Some(topic) => topic.partitions.push(id.partition),
        None => topics.push(ForgottenTopic {
            topic: StrBytes::clone(&id.topic),
            topic_id,
            partitions: vec![id.partition],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid([1; 16]);

    fn wanted(partition: i32, offset: i64) -> Wanted {
        let id = TopicPartition {
            topic: "t".into(),
            partition,
        };
        let fetch = FetchPartition {
            partition,
            fetch_offset: offset,
            ..FetchPartition::default()
        };
        (id, ID, fetch)
    }

    fn asked(plan: &Plan) -> Vec<i32> {
        let partitions = plan.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|partition| partition.partition).collect()
    }

    fn forgotten(plan: &Plan) -> Vec<i32> {
        let topics = plan.forgotten.iter();
        topics.flat_map(|topic| topic.partitions.clone()).collect()
    }

    #[test]
    fn the_first_request_is_whole_and_later_ones_say_what_changed() {
        let mut session = FetchSession::default();
        let plan = session.plan(vec![wanted(0, 0), wanted(1, 0), wanted(2, 0)]);
        assert_eq!((plan.session_id, plan.session_epoch), (0, 0));
        assert_eq!(asked(&plan), [0, 1, 2]);
        session.answered(7);
        let plan = session.plan(vec![wanted(0, 5), wanted(1, 0), wanted(3, 0)]);
        assert_eq!((plan.session_id, plan.session_epoch), (7, 1));
        assert_eq!((asked(&plan), forgotten(&plan)), (vec![0, 3], vec![2]));
        session.answered(7);
        let plan = session.plan(vec![wanted(0, 5), wanted(1, 0), wanted(3, 0)]);
        assert_eq!((plan.session_epoch, asked(&plan)), (2, vec![]));
    }

    #[test]
    fn a_broker_that_keeps_no_session_gets_whole_requests() {
        let mut session = FetchSession::default();
        session.plan(vec![wanted(0, 0)]);
        session.answered(0);
        let plan = session.plan(vec![wanted(1, 0)]);
        assert_eq!((plan.session_id, plan.session_epoch), (0, 0));
        assert_eq!((asked(&plan), forgotten(&plan)), (vec![1], vec![]));
    }

    #[test]
    fn an_evicted_session_is_begun_anew_at_once_but_not_in_a_loop() {
        let mut session = FetchSession::default();
        session.plan(vec![wanted(0, 0)]);
        session.answered(7);
        session.plan(vec![wanted(0, 0)]);
        assert!(session.failed(ErrorCode::FETCH_SESSION_ID_NOT_FOUND));
        let plan = session.plan(vec![wanted(0, 0)]);
        assert_eq!((plan.session_id, plan.session_epoch), (0, 0));
        assert_eq!(asked(&plan), [0]);
        assert!(!session.failed(ErrorCode::FETCH_SESSION_ID_NOT_FOUND));
    }

    #[test]
    fn a_session_out_of_step_is_ended_by_the_next_request() {
        for code in [
            ErrorCode::INVALID_FETCH_SESSION_EPOCH,
            ErrorCode::_TRANSPORT,
        ] {
            let mut session = FetchSession::default();
            session.plan(vec![wanted(0, 0)]);
            session.answered(7);
            session.plan(vec![wanted(0, 0)]);
            let is_sessions = code == ErrorCode::INVALID_FETCH_SESSION_EPOCH;
            assert_eq!(session.failed(code), is_sessions);
            let plan = session.plan(vec![wanted(0, 0)]);
            assert_eq!((plan.session_id, plan.session_epoch), (7, 0));
            assert_eq!(asked(&plan), [0]);
        }
    }

    #[test]
    fn a_topic_with_another_id_is_another_topic() {
        let mut session = FetchSession::default();
        session.plan(vec![wanted(0, 0)]);
        session.answered(7);
        let (id, _, fetch) = wanted(0, 0);
        let plan = session.plan(vec![(id, Uuid([2; 16]), fetch)]);
        assert_eq!(asked(&plan), [0]);
        assert_eq!(plan.topics[0].topic_id, Uuid([2; 16]));
        assert_eq!(plan.forgotten[0].topic_id, ID);
    }

    #[test]
    fn topics_that_lose_their_ids_end_the_session() {
        let mut session = FetchSession::default();
        session.plan(vec![wanted(0, 0)]);
        session.answered(7);
        let (id, _, fetch) = wanted(0, 0);
        let plan = session.plan(vec![(id, Uuid::ZERO, fetch)]);
        assert_eq!((plan.session_id, plan.session_epoch), (7, -1));
        assert_eq!(asked(&plan), [0]);
    }
}
