//! What a member says of records it has: processed, to be delivered again, not to be, or to be kept longer (KIP-932, KIP-1222).
//!
//! All batches of a partition hold, or none: what is wrong with one is an error for the partition.

use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_fetch::AcknowledgementBatch;
use rdkafka_wire::types::StrBytes;

use super::partition::{Limits, RunState, SharePartition, released};

/// A refusal with its reason.
pub(crate) type Refusal = (ErrorCode, &'static str);

const GAP: i8 = 0;
const ACCEPT: i8 = 1;
const RELEASE: i8 = 2;
const REJECT: i8 = 3;
const RENEW: i8 = 4;

/// What can be said of batches alone; `version` is the request's, `is_renewal` whether it said that it renews.
pub(crate) fn check(
    batches: &[AcknowledgementBatch],
    version: i16,
    is_renewal: bool,
) -> Result<(), ErrorCode> {
    let newest = if version >= RENEW_FROM { RENEW } else { REJECT };
    let mut end = -1;
    for batch in batches {
        let types = &batch.acknowledge_types;
        let is_known = |it: &i8| (GAP..=newest).contains(it) && (*it != RENEW || is_renewal);
        let is_sound = batch.first_offset <= batch.last_offset
            && batch.first_offset >= end
            && !types.is_empty()
            && (types.len() == 1 || len(batch) == i64::try_from(types.len()).ok())
            && types.iter().all(is_known);
        if !is_sound {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        end = batch.last_offset;
    }
    Ok(())
}

/// How many records a batch names.
fn len(batch: &AcknowledgementBatch) -> Option<i64> {
    batch
        .last_offset
        .checked_sub(batch.first_offset)?
        .checked_add(1)
}

impl SharePartition {
    /// Takes in what a member says. After an error some of it may have been taken in: the caller has changed a copy.
    pub(crate) fn acknowledge(
        &mut self,
        member: &StrBytes,
        batches: &[AcknowledgementBatch],
        limits: &Limits,
        now: Duration,
    ) -> Result<(), Refusal> {
        for batch in batches {
            if batch.last_offset < self.start {
                continue;
            }
            self.check_known(batch)?;
            let mut first = batch.first_offset.max(self.start);
            if let [kind] = batch.acknowledge_types[..] {
                self.acknowledge_range(member, (first, batch.last_offset), kind, limits, now)?;
                continue;
            }
            while first <= batch.last_offset {
                let kind_at = |offset: i64| {
                    let at = usize::try_from(offset - batch.first_offset).ok()?;
                    batch.acknowledge_types.get(at).copied()
                };
                let kind = kind_at(first);
                let mut last = first;
                while last < batch.last_offset && kind_at(last + 1) == kind {
                    last += 1;
                }
                let kind = kind.unwrap_or(GAP);
                self.acknowledge_range(member, (first, last), kind, limits, now)?;
                first = last + 1;
            }
        }
        self.advance();
        Ok(())
    }

    fn check_known(&self, batch: &AcknowledgementBatch) -> Result<(), Refusal> {
        let first = batch.first_offset.max(self.start);
        let Some((_, before)) = self.runs.range(..=first).next_back() else {
            return Err((
                ErrorCode::INVALID_RECORD_STATE,
                "Batch record not found. The request batch offsets are not found in the cache.",
            ));
        };
        if before.last < first && self.runs.range(first..=batch.last_offset).next().is_none() {
            return Err((
                ErrorCode::INVALID_REQUEST,
                "Batch record not found. The first offset in request is past acquired records.",
            ));
        }
        if batch.last_offset >= self.end() {
            return Err((
                ErrorCode::INVALID_REQUEST,
                "Batch record not found. The last offset in request is past acquired records.",
            ));
        }
        Ok(())
    }

    fn acknowledge_range(
        &mut self,
        member: &StrBytes,
        (first, last): (i64, i64),
        kind: i8,
        limits: &Limits,
        now: Duration,
    ) -> Result<(), Refusal> {
        let refuse = |reason| Err((ErrorCode::INVALID_RECORD_STATE, reason));
        if kind == RENEW && !limits.can_renew {
            return refuse("Renewing acquisition locks is not enabled for the group.");
        }
        let mut next = first;
        for (first, run) in self.runs_in(first, last) {
            if *first > next {
                return refuse(NOT_ACQUIRED);
            }
            match &run.state {
                RunState::Acquired { member: owner, .. } if owner == member => {}
                RunState::Acquired { .. } => {
                    return refuse("Member is not the owner of batch record");
                }
                _ => return refuse(NOT_ACQUIRED),
            }
            next = run.last + 1;
            run.state = match kind {
                ACCEPT => RunState::Acknowledged,
                RELEASE => released(run.count, limits),
                RENEW => RunState::Acquired {
                    member: member.clone(),
                    until: now + limits.lock,
                },
                _ => RunState::Archived,
            };
        }
        if next <= last {
            return refuse(NOT_ACQUIRED);
        }
        Ok(())
    }
}

const NOT_ACQUIRED: &str =
    "The batch cannot be acknowledged. The batch is not in the acquired state.";
/// The version from which records may be kept longer.
const RENEW_FROM: i16 = 2;
