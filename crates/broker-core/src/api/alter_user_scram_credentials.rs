//! AlterUserScramCredentials (key 51): gives users passwords for SCRAM, and takes them away.
//!
//! * What arrives is salted and hashed by the client; what is kept proves the knowledge of a password and is none.
//! * A user's changes are made together or not at all; one user's mistake is no other's.
//! * UNACCEPTABLE_CREDENTIAL: no name, fewer than 4096 or more than 16384 iterations. UNSUPPORTED_SASL_MECHANISM: a number
//!   that is none. RESOURCE_NOT_FOUND: nothing to delete. DUPLICATE_RESOURCE: the same credential twice.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_sasl::scram::server::ScramCredential;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_user_scram_credentials::{
    AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse,
    AlterUserScramCredentialsResult, ScramCredentialUpsertion,
};
use rdkafka_wire::types::StrBytes;

use super::{Reply, log_failure};
use crate::request::{Now, RequestContext};
use crate::scram;
use crate::shard::Shard;

type Refusal = (ErrorCode, &'static str);
type Changes = Vec<(ScramMechanism, Option<ScramCredential>)>;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: AlterUserScramCredentialsRequest,
    now: Now,
) -> Reply<AlterUserScramCredentialsResponse> {
    let mut users: BTreeMap<StrBytes, Result<Changes, Refusal>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let deletions = request
        .deletions
        .into_iter()
        .map(|it| (it.name, it.mechanism, None));
    let upsertions = request
        .upsertions
        .into_iter()
        .map(|it| (it.name.clone(), it.mechanism, Some(it)));
    for (name, mechanism, upsertion) in deletions.chain(upsertions) {
        let change = if seen.insert((name.clone(), mechanism)) {
            checked(shard, &name, mechanism, upsertion)
        } else {
            Err((
                ErrorCode::DUPLICATE_RESOURCE,
                "A user credential cannot be altered twice in the same request",
            ))
        };
        let changes = users.entry(name).or_insert_with(|| Ok(Vec::new()));
        match (change, &mut *changes) {
            (Ok(change), Ok(changes)) => changes.push(change),
            (Err(refusal), Ok(_)) => *changes = Err(refusal),
            (_, Err(_)) => {}
        }
    }
    let results = users
        .into_iter()
        .map(|(user, changes)| alter(shard, user, changes, now))
        .collect();
    shard.flush_cluster_log();
    Reply::Ready(AlterUserScramCredentialsResponse {
        results,
        ..AlterUserScramCredentialsResponse::default()
    })
}

fn checked(
    shard: &Shard,
    name: &str,
    mechanism: i8,
    upsertion: Option<ScramCredentialUpsertion>,
) -> Result<(ScramMechanism, Option<ScramCredential>), Refusal> {
    if name.is_empty() {
        let reason = "Username must not be empty";
        return Err((ErrorCode::UNACCEPTABLE_CREDENTIAL, reason));
    }
    let mechanism = scram::mechanism(mechanism).ok_or((
        ErrorCode::UNSUPPORTED_SASL_MECHANISM,
        "Unknown SCRAM mechanism",
    ))?;
    let Some(upsertion) = upsertion else {
        return match shard.topics.users.find(name, mechanism) {
            Some(_) => Ok((mechanism, None)),
            None => Err((
                ErrorCode::RESOURCE_NOT_FOUND,
                "Attempt to delete a user credential that does not exist",
            )),
        };
    };
    let unacceptable = |reason| (ErrorCode::UNACCEPTABLE_CREDENTIAL, reason);
    let iterations = match upsertion.iterations {
        ..ITERATIONS_MIN => return Err(unacceptable("Too few iterations")),
        ITERATIONS_MIN..=ITERATIONS_MAX => u32::try_from(upsertion.iterations)
            .ok()
            .and_then(NonZeroU32::new),
        _ => return Err(unacceptable("Too many iterations")),
    };
    let iterations = iterations.ok_or_else(|| unacceptable("Too few iterations"))?;
    if upsertion.salt.is_empty() || upsertion.salted_password.is_empty() {
        return Err(unacceptable("Salt and salted password must not be empty"));
    }
    let credential = ScramCredential::from_salted_password(
        mechanism,
        &upsertion.salted_password,
        upsertion.salt.to_vec(),
        iterations,
    );
    Ok((mechanism, Some(credential)))
}

fn alter(
    shard: &mut Shard,
    user: StrBytes,
    changes: Result<Changes, Refusal>,
    now: Now,
) -> AlterUserScramCredentialsResult {
    let mut result = AlterUserScramCredentialsResult {
        user,
        error_code: 0,
        error_message: None,
    };
    match changes {
        Err((code, reason)) => {
            result.error_code = code.code();
            result.error_message = Some(reason.into());
        }
        Ok(changes) => {
            for (mechanism, credential) in changes {
                let topics = &mut shard.topics;
                let set = topics.set_scram(&result.user, mechanism, credential.as_ref(), now);
                if let Err(error) = set {
                    result.error_code = log_failure("alter user", &error).code();
                    result.error_message = Some("the change could not be stored".into());
                    return result;
                }
                tracing::info!(
                    user = %result.user,
                    mechanism = mechanism.name(),
                    has_password = credential.is_some(),
                    "user altered"
                );
            }
        }
    }
    result
}

const ITERATIONS_MIN: i32 = 4096;
const ITERATIONS_MAX: i32 = 16_384;
