//! Asking leaders for offsets: watermarks, and offsets by time.
//!
//! Owns the questions of one call: each is asked of the partition's leader, asked again after a back-off when the leader
//! moved or its connection broke, until the call's deadline. Driver thread.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};

use crate::admin::{CallReply, Reply, socket_timeout};
use crate::context::Cx;
use crate::io::{CallId, Lane, Moment, NodeId, TopicPartition, TopicPartitionOffset};
use crate::request::{RequestError, Response};

/// Asks for the first offset there is.
const EARLIEST: i64 = -2;
/// Asks for the offset the next record gets.
const LATEST: i64 = -1;
/// The replica id of a consumer.
const CONSUMER: i32 = -1;

/// A call that needs answers from leaders.
#[derive(Debug)]
pub(crate) struct OffsetsCall {
    id: CallId,
    shape: Shape,
    questions: Vec<Question>,
    retry_at: Option<Moment>,
    has_ended: bool,
}

/// How the answers are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Watermarks,
    Partitions,
}

#[derive(Debug)]
struct Question {
    partition: TopicPartition,
    timestamp: i64,
    state: QuestionState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum QuestionState {
    Open,
    /// In the request with this number.
    Asked(u32),
    Answered(Result<i64, ErrorCode>),
}

impl OffsetsCall {
    pub(crate) fn watermarks(id: CallId, partition: TopicPartition, cx: &mut Cx<'_>) -> Self {
        let questions = vec![(partition.clone(), EARLIEST), (partition, LATEST)];
        Self::new(id, Shape::Watermarks, questions, cx)
    }

    pub(crate) fn for_times(id: CallId, times: Vec<TopicPartitionOffset>, cx: &mut Cx<'_>) -> Self {
        let question = |time: TopicPartitionOffset| {
            (
                TopicPartition {
                    topic: time.topic,
                    partition: time.partition,
                },
                time.offset,
            )
        };
        Self::new(
            id,
            Shape::Partitions,
            times.into_iter().map(question).collect(),
            cx,
        )
    }

    fn new(
        id: CallId,
        shape: Shape,
        questions: Vec<(TopicPartition, i64)>,
        cx: &mut Cx<'_>,
    ) -> Self {
        let questions: Vec<_> = questions
            .into_iter()
            .map(|(partition, timestamp)| Question {
                partition,
                timestamp,
                state: QuestionState::Open,
            })
            .collect();
        for question in &questions {
            cx.want_topic(&question.partition.topic);
        }
        Self {
            id,
            shape,
            questions,
            retry_at: None,
            has_ended: false,
        }
    }

    /// The call is answered: let go of the topics.
    pub(crate) fn end(&mut self, cx: &mut Cx<'_>) {
        if !std::mem::replace(&mut self.has_ended, true) {
            for question in &self.questions {
                cx.drop_topic(&question.partition.topic);
            }
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        self.retry_at
    }

    /// Ask what can be asked, answer when all is answered.
    pub(crate) fn advance(&mut self, cx: &mut Cx<'_>) {
        if self.has_ended || self.retry_at.is_some_and(|at| at > cx.now.mono) {
            return;
        }
        self.retry_at = None;
        let mut by_request: HashMap<(NodeId, i64), Vec<usize>> = HashMap::new();
        for (index, question) in self.questions.iter_mut().enumerate() {
            if question.state != QuestionState::Open {
                continue;
            }
            match find_leader(&question.partition, cx) {
                Leader::Is(node) => {
                    // Both watermarks of a partition cannot be asked in one request.
                    let kind = if self.shape == Shape::Watermarks {
                        question.timestamp
                    } else {
                        0
                    };
                    by_request.entry((node, kind)).or_default().push(index);
                }
                Leader::Unknown => {}
                Leader::Never(code) => question.state = QuestionState::Answered(Err(code)),
            }
        }
        for ((node, _), indexes) in by_request {
            self.ask(node, &indexes, cx);
        }
        self.answer(cx);
    }

    fn ask(&mut self, node: NodeId, indexes: &[usize], cx: &mut Cx<'_>) {
        // The first question's index names the request: no question is in two at a time.
        let number = indexes
            .first()
            .map_or(0, |&index| u32::try_from(index).unwrap_or(u32::MAX));
        let mut topics: Vec<ListOffsetsTopic> = Vec::new();
        for &index in indexes {
            let Some(question) = self.questions.get_mut(index) else {
                continue;
            };
            question.state = QuestionState::Asked(number);
            let TopicPartition { topic, partition } = &question.partition;
            let known = cx.metadata().partition(topic, *partition);
            let asked = ListOffsetsPartition {
                partition_index: *partition,
                current_leader_epoch: known.map_or(-1, |known| known.leader_epoch),
                timestamp: question.timestamp,
                ..Default::default()
            };
            match topics.iter_mut().find(|asked| asked.name == *topic) {
                Some(known) => known.partitions.push(asked),
                None => topics.push(ListOffsetsTopic {
                    name: topic.clone(),
                    partitions: vec![asked],
                }),
            }
        }
        let request = ListOffsetsRequest {
            replica_id: CONSUMER,
            topics,
            ..Default::default()
        };
        // Not the call's own deadline: a request that times out takes its connection with it.
        let timeout = socket_timeout(cx);
        cx.send(
            node,
            Lane::Main,
            request,
            Reply::Offsets(self.id, number),
            timeout,
        );
    }

    /// The request with this number was answered, or never will be.
    pub(crate) fn on_reply(
        &mut self,
        number: u32,
        result: Result<Response, RequestError>,
        cx: &mut Cx<'_>,
    ) {
        let response = match result {
            Ok(Response::ListOffsets(response)) => Some(response),
            Ok(_) => {
                cx.reply(self.id, Err(ErrorCode::_BAD_MSG));
                return;
            }
            Err(RequestError::Unsupported) => {
                cx.reply(self.id, Err(ErrorCode::_UNSUPPORTED_FEATURE));
                return;
            }
            Err(_) => None,
        };
        let mut must_retry = false;
        for question in &mut self.questions {
            if question.state != QuestionState::Asked(number) {
                continue;
            }
            let answer = match &response {
                Some(response) => read(response, &question.partition),
                None => Err(ErrorCode::REQUEST_TIMED_OUT),
            };
            question.state = match answer {
                Err(code) if code.is_retriable() => {
                    must_retry = true;
                    QuestionState::Open
                }
                answer => QuestionState::Answered(answer),
            };
        }
        if must_retry {
            cx.refresh_metadata("a leader did not answer for its offsets");
            let backoff = Duration::from_millis(u64::from(cx.conf().retry_backoff_ms));
            self.retry_at = Some(cx.now.mono + backoff);
        }
    }

    fn answer(&mut self, cx: &mut Cx<'_>) {
        let answers: Option<Vec<_>> = self
            .questions
            .iter()
            .map(|question| match question.state {
                QuestionState::Answered(answer) => Some(answer),
                _ => None,
            })
            .collect();
        let Some(answers) = answers else { return };
        let reply = match self.shape {
            Shape::Watermarks => match answers.as_slice() {
                [Ok(low), Ok(high)] => Ok(CallReply::Watermarks {
                    low: *low,
                    high: *high,
                }),
                answers => Err(match answers.iter().find_map(|answer| answer.err()) {
                    // librdkafka's word for a topic that does not exist.
                    Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION) => ErrorCode::_UNKNOWN_PARTITION,
                    Some(code) => code,
                    None => ErrorCode::_BAD_MSG,
                }),
            },
            Shape::Partitions => {
                let partitions = self
                    .questions
                    .iter()
                    .zip(answers)
                    .map(|(question, answer)| {
                        let TopicPartition { topic, partition } = question.partition.clone();
                        // Without an answer the time stays in its place, as with librdkafka.
                        let offset = answer.unwrap_or(question.timestamp);
                        let error = answer.err().unwrap_or(ErrorCode::NONE);
                        TopicPartitionOffset {
                            error,
                            ..TopicPartitionOffset::new(topic, partition, offset)
                        }
                    });
                let partitions: Vec<_> = partitions.collect();
                match nothing_found(&partitions) {
                    Some(code) => Err(code),
                    None => Ok(CallReply::Partitions(partitions)),
                }
            }
        };
        cx.reply(self.id, reply);
    }
}

/// As librdkafka has it, a call without questions is a mistake, and one of which no partition exists fails as a whole.
fn nothing_found(partitions: &[TopicPartitionOffset]) -> Option<ErrorCode> {
    if partitions.is_empty() {
        return Some(ErrorCode::_INVALID_ARG);
    }
    let is_unknown = |partition: &TopicPartitionOffset| {
        matches!(
            partition.error,
            ErrorCode::_UNKNOWN_PARTITION | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        )
    };
    let all_unknown = partitions.iter().all(is_unknown);
    all_unknown.then_some(ErrorCode::_UNKNOWN_PARTITION)
}

enum Leader {
    Is(NodeId),
    /// Not known yet; metadata will tell.
    Unknown,
    /// There will be none.
    Never(ErrorCode),
}

fn find_leader(partition: &TopicPartition, cx: &Cx<'_>) -> Leader {
    let Some(topic) = cx.metadata().topic(&partition.topic) else {
        return Leader::Unknown;
    };
    match usize::try_from(partition.partition)
        .ok()
        .and_then(|index| topic.partitions.get(index))
    {
        Some(known) => known.leader.map_or(Leader::Unknown, Leader::Is),
        None if topic.error == ErrorCode::LEADER_NOT_AVAILABLE => Leader::Unknown,
        None if topic.error.is_error() => Leader::Never(topic.error),
        None => Leader::Never(ErrorCode::_UNKNOWN_PARTITION),
    }
}

/// What the leader says about one partition; nothing at all is as if it had said "try again".
fn read(response: &ListOffsetsResponse, partition: &TopicPartition) -> Result<i64, ErrorCode> {
    let topic = response
        .topics
        .iter()
        .find(|topic| topic.name == partition.topic);
    let answer = topic.and_then(|topic| {
        topic
            .partitions
            .iter()
            .find(|answer| answer.partition_index == partition.partition)
    });
    let answer = answer.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    ErrorCode(answer.error_code).into_result()?;
    Ok(answer.offset)
}
