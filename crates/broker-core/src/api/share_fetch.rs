//! ShareFetch (key 78): records for a member of a share group, which has them to itself for a while (KIP-932).
//!
//! * The partitions are those of the member's session; acknowledgements come along and hold before anything is fetched.
//!   SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH; without room for a session SHARE_SESSION_LIMIT_REACHED, after `max_wait_ms`.
//! * Less than `min_bytes` waits up to `max_wait_ms` for records, or for those that others give back; another member
//!   may be faster, then it waits on. An error is answered at once.
//! * `max_records` counts as `share_acquire_mode` says (version 2, KIP-1206). At most 1 MiB of a partition in one answer,
//!   or one batch.
//! * Epoch -1 closes the session. A request that renews (KIP-1222) fetches nothing.
//! * A group without a state for a partition is UNKNOWN_SERVER_ERROR there: it has not begun with it.
//! * TOPIC_AUTHORIZATION_FAILED for what may not be read, as was judged when the request came.
//! * A client that is throttled gets nothing (KIP-219).

use std::collections::HashMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_fetch::{
    AcquiredRecords, PartitionData, ShareFetchRequest, ShareFetchResponse,
    ShareFetchableTopicResponse,
};
use rdkafka_wire::types::{Records, Uuid};

use super::Reply;
use super::share_acknowledge::{Outcome, Said, acknowledge, lock_timeout_ms, who};
use super::share_reading::{Found, Wanted, look};
use crate::acl::grants::Grants;
use crate::purgatory::{ParkedFetch, Wants};
use crate::quota::throttle_time_ms;
use crate::request::{Now, RequestContext, Ticket};
use crate::shard::{Output, Shard};
use crate::share_groups::sessions::{FINAL_EPOCH, INITIAL_EPOCH, Place, Who};
use crate::share_groups::state::PartitionId;
use crate::share_groups::{Ask, LogBatch, SharePartition};
use crate::topics::PartitionKey;

/// A fetch of a share group that found less than it wants.
#[derive(Debug)]
pub(crate) struct ShareWait {
    who: Who,
    grants: Grants,
    places: Vec<Place>,
    /// What came of the acknowledgements, until it is told.
    acknowledged: Vec<(Place, Outcome)>,
    /// What is told when the time is over, instead of records.
    refusal: Option<ErrorCode>,
    is_first: bool,
    max_records: i64,
    batch_size: i64,
    is_limit: bool,
    min_bytes: usize,
    max_bytes: usize,
    deadline: Duration,
    pub(crate) reads_committed: bool,
}

/// What a partition's answer is to be.
enum Told {
    Records(Vec<AcquiredRecords>, Records),
    Error(ErrorCode),
}

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ShareFetchRequest,
    now: Now,
) -> Reply<ShareFetchResponse> {
    let who = match who(request.group_id.as_ref(), request.member_id.as_ref()) {
        Ok(who) => who,
        Err(message) => return refuse(ErrorCode::INVALID_REQUEST, Some(message.into())),
    };
    if let Some(message) = faulty_renewal(&request) {
        return refuse(ErrorCode::INVALID_REQUEST, Some(message));
    }
    let epoch = request.share_session_epoch;
    let opened = open_session(shard, context.ticket, &who, &request);
    let mut wait = ShareWait {
        acknowledged: Vec::new(),
        refusal: None,
        is_first: epoch == INITIAL_EPOCH,
        max_records: request.max_records.into(),
        batch_size: request.batch_size.into(),
        is_limit: request.share_acquire_mode == RECORD_LIMIT,
        min_bytes: usize::try_from(request.min_bytes).unwrap_or(0),
        max_bytes: usize::try_from(request.max_bytes).unwrap_or(0),
        deadline: now.mono + Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0)),
        reads_committed: shard.share.properties(&who.0).share_isolation_level == READ_COMMITTED,
        places: Vec::new(),
        grants: shard.grants(context),
        who,
    };
    match opened {
        Err(ErrorCode::SHARE_SESSION_LIMIT_REACHED) if wait.deadline > now.mono => {
            wait.refusal = Some(ErrorCode::SHARE_SESSION_LIMIT_REACHED);
            park(shard, context.ticket, Box::new(wait));
            return Reply::Parked;
        }
        Err(code) => return refuse(code, None),
        Ok(()) => {}
    }
    wait.acknowledged = acknowledge_all(shard, &wait, context.ticket.version, &request, now);
    wait.places = shard.share.sessions.places(&wait.who);
    if epoch == FINAL_EPOCH {
        shard.with_share(now, |share, journal| {
            share.close_session(&wait.who, now, journal)
        });
        wait.places.clear();
    }
    let fetches = !request.is_renew_ack && wait.max_records > 0 && wait.max_bytes > 0;
    if !fetches || wait.places.is_empty() {
        return Reply::Ready(answer(shard, &wait, Vec::new()));
    }
    let wait = Box::new(wait);
    resume(shard, context.ticket, wait, now).map_or(Reply::Parked, Reply::Ready)
}

/// Looks whether there is enough now, or the time is over; else it waits on.
pub(crate) fn resume(
    shard: &mut Shard,
    ticket: Ticket,
    wait: Box<ShareWait>,
    now: Now,
) -> Option<ShareFetchResponse> {
    let is_over = wait.deadline <= now.mono;
    if let Some(code) = wait.refusal.filter(|_| is_over) {
        return Some(refusal(code, None));
    }
    let response = match wait.refusal {
        Some(_) => None,
        // The member closed its session meanwhile: it would not say what became of records.
        None if !shard.share.sessions.has(&wait.who) => Some(answer(shard, &wait, Vec::new())),
        None => attempt(shard, ticket, &wait, is_over, now),
    };
    if response.is_none() {
        park(shard, ticket, wait);
    }
    response
}

fn park(shard: &mut Shard, ticket: Ticket, wait: Box<ShareWait>) {
    let keys = wait.places.iter().filter_map(|(topic, partition)| {
        Some(PartitionKey {
            topic: shard.topics.find_id(*topic)?,
            partition: *partition,
        })
    });
    let parked = ParkedFetch {
        ticket,
        deadline: wait.deadline,
        // Whatever comes is worth a look: how much of it is this member's is only then known.
        missing: 1,
        watches: keys.collect(),
        wants: Wants::Share(wait),
    };
    shard.park_fetch(parked);
}

fn refusal(code: ErrorCode, message: Option<String>) -> ShareFetchResponse {
    let message = message.unwrap_or_else(|| code.text().into_owned());
    ShareFetchResponse {
        error_code: code.code(),
        error_message: Some(message.into()),
        ..ShareFetchResponse::default()
    }
}

fn refuse(code: ErrorCode, message: Option<String>) -> Reply<ShareFetchResponse> {
    Reply::Ready(refusal(code, message))
}

/// What is wrong with a request that renews, if anything is: it must not fetch.
fn faulty_renewal(request: &ShareFetchRequest) -> Option<String> {
    let fields = [
        ("maxBytes", request.max_bytes),
        ("minBytes", request.min_bytes),
        ("maxRecords", request.max_records),
        ("maxWaitMs", request.max_wait_ms),
    ];
    let wrong = fields.iter().filter(|(_, value)| *value != 0);
    let wrong: Vec<String> = wrong
        .map(|(name, _)| format!("{name} must be set to 0, "))
        .collect();
    (request.is_renew_ack && !wrong.is_empty())
        .then(|| format!("{}if isRenewAck is true.", wrong.concat()))
}

fn open_session(
    shard: &mut Shard,
    ticket: Ticket,
    who: &Who,
    request: &ShareFetchRequest,
) -> Result<(), ErrorCode> {
    let places = request.topics.iter().flat_map(|topic| {
        let numbers = topic.partitions.iter().map(|it| it.partition_index);
        numbers.map(|it| (topic.topic_id, it))
    });
    let epoch = request.share_session_epoch;
    if epoch != INITIAL_EPOCH {
        let forgotten = request.forgotten_topics_data.iter();
        let forgotten =
            forgotten.flat_map(|topic| topic.partitions.iter().map(|it| (topic.topic_id, *it)));
        shard.share.sessions.follow(who, epoch)?;
        return match epoch {
            FINAL_EPOCH => Ok(()),
            _ => shard.share.sessions.update(who, places, forgotten),
        };
    }
    let mut partitions = request.topics.iter().flat_map(|it| &it.partitions);
    if partitions.any(|it| !it.acknowledgement_batches.is_empty()) {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    let max = shard.share.max_sessions();
    let sessions = &mut shard.share.sessions;
    sessions.open(who.clone(), places, ticket.connection, max)
}

fn acknowledge_all(
    shard: &mut Shard,
    wait: &ShareWait,
    version: i16,
    request: &ShareFetchRequest,
    now: Now,
) -> Vec<(Place, Outcome)> {
    let mut outcomes = Vec::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            if partition.acknowledgement_batches.is_empty() {
                continue;
            }
            let said = Said {
                place: (topic.topic_id, partition.partition_index),
                batches: &partition.acknowledgement_batches,
                version,
                is_renewal: request.is_renew_ack,
                grants: &wait.grants,
            };
            outcomes.push((said.place, acknowledge(shard, &wait.who, &said, now)));
        }
    }
    outcomes
}

/// The answer, if there is enough for one.
fn attempt(
    shard: &mut Shard,
    ticket: Ticket,
    wait: &ShareWait,
    is_over: bool,
    now: Now,
) -> Option<ShareFetchResponse> {
    let broker_max = usize::try_from(shard.config.fetch_max_bytes).unwrap_or(0);
    let quota_max = shard.quotas.fetch_bytes_max(ticket);
    let bytes_max = wait.max_bytes.min(broker_max).min(quota_max);
    let wanted = Wanted {
        group: &wait.who.0,
        grants: &wait.grants,
        max_records: wait.max_records,
        reads_committed: wait.reads_committed,
    };
    loop {
        let mut found = Vec::new();
        let mut told = Vec::new();
        let mut bytes = 0;
        for place in &wait.places {
            let share = (bytes_max / wait.places.len()).min(PARTITION_BYTES_MAX);
            match look(shard, &wanted, *place, (share, bytes == 0), now) {
                Ok(Some(it)) => {
                    bytes += it.bytes;
                    found.push(it);
                }
                Ok(None) => {}
                Err(code) => told.push((*place, Told::Error(code))),
            }
        }
        let has_error = !told.is_empty();
        if !has_error && !is_over && (bytes == 0 || bytes < wait.min_bytes) {
            return None;
        }
        if bytes == 0 {
            return Some(answer(shard, wait, told));
        }
        let mut left = wait.max_records;
        let taken: Vec<_> = found
            .into_iter()
            .map_while(|it| (left > 0).then(|| take(shard, wait, it, &mut left, now)))
            .collect();
        let bytes = taken.iter().map(|it| it.records.len()).sum();
        let throttle = shard.quotas.fetched(ticket, bytes, now);
        if !throttle.is_zero() {
            shard.push_output(Output::Mute(ticket.connection, throttle));
            let mut throttled = answer(shard, wait, told);
            throttled.throttle_time_ms = throttle_time_ms(throttle);
            return Some(throttled);
        }
        for it in taken {
            let place = (it.id.topic, it.id.partition);
            let outcome = shard.with_share(now, |share, journal| {
                share.take_over(&it.id, it.changed, now, journal)
            });
            told.push(match outcome {
                Ok(()) => (place, Told::Records(it.acquired, it.records)),
                Err(code) => (place, Told::Error(code)),
            });
        }
        let says = |told: &Told| match told {
            Told::Records(acquired, _) => !acquired.is_empty(),
            Told::Error(_) => true,
        };
        if is_over || told.iter().any(|(_, told)| says(told)) {
            return Some(answer(shard, wait, told));
        }
        // All there was is passed over (aborted transactions): what is behind it may be for this member.
    }
}

/// A partition as it is when the member has what it may have.
struct Taken {
    id: PartitionId,
    changed: SharePartition,
    acquired: Vec<AcquiredRecords>,
    records: Records,
}

fn take(shard: &Shard, wait: &ShareWait, found: Found, left: &mut i64, now: Now) -> Taken {
    let batches: Vec<LogBatch> = found.batches.iter().map(|it| it.batch).collect();
    let ask = Ask {
        member: &wait.who.1,
        max_records: *left,
        batch_size: wait.batch_size,
        is_limit: wait.is_limit,
        now: now.mono,
    };
    let limits = shard.share.limits(&wait.who.0);
    let mut changed = found.partition.clone();
    let acquired = changed.acquire(ask, &limits, &batches);
    let count: i64 = acquired
        .iter()
        .map(|it| it.last_offset - it.first_offset + 1)
        .sum();
    *left -= count;
    Taken {
        records: found.records(&acquired),
        id: found.id,
        changed,
        acquired,
    }
}

/// Puts an answer together: of a session's later answers, only what there is to say.
fn answer(shard: &mut Shard, wait: &ShareWait, told: Vec<(Place, Told)>) -> ShareFetchResponse {
    let mut partitions: Vec<(Place, PartitionData)> = Vec::new();
    for (place, told) in told {
        let mut data = empty(place);
        match told {
            Told::Records(acquired, records) => {
                (data.acquired_records, data.records) = (acquired, records);
            }
            Told::Error(code) => {
                data.error_code = code.code();
                data.error_message = Some(code.text().into_owned().into());
            }
        }
        let has_records = !data.acquired_records.is_empty();
        let is_error = data.error_code != 0;
        let sessions = &mut shard.share.sessions;
        if sessions.is_news(&wait.who, place, has_records, is_error) || wait.is_first {
            partitions.push((place, data));
        }
    }
    let mut known: HashMap<Place, usize> = HashMap::new();
    known.extend(partitions.iter().enumerate().map(|(at, (it, _))| (*it, at)));
    for (place, outcome) in &wait.acknowledged {
        let at = *known.entry(*place).or_insert_with(|| {
            partitions.push((*place, empty(*place)));
            partitions.len() - 1
        });
        let data = &mut partitions[at].1;
        data.acknowledge_error_code = outcome.code.code();
        data.acknowledge_error_message = outcome.message.clone();
    }
    let mut responses: Vec<ShareFetchableTopicResponse> = Vec::new();
    let mut known: HashMap<Uuid, usize> = HashMap::new();
    for ((topic_id, _), data) in partitions {
        let at = *known.entry(topic_id).or_insert_with(|| {
            responses.push(of_topic(topic_id));
            responses.len() - 1
        });
        responses[at].partitions.push(data);
    }
    ShareFetchResponse {
        responses,
        acquisition_lock_timeout_ms: lock_timeout_ms(shard, &wait.who.0),
        ..ShareFetchResponse::default()
    }
}

fn empty((_, partition): Place) -> PartitionData {
    PartitionData {
        partition_index: partition,
        ..PartitionData::default()
    }
}

fn of_topic(topic_id: Uuid) -> ShareFetchableTopicResponse {
    ShareFetchableTopicResponse {
        topic_id,
        ..ShareFetchableTopicResponse::default()
    }
}

/// The acquire mode that never exceeds `max_records`.
const RECORD_LIMIT: i8 = 1;
const READ_COMMITTED: &str = "read_committed";
/// How much of a partition one answer has at most.
const PARTITION_BYTES_MAX: usize = 1 << 20;
