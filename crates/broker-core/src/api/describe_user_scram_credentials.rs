//! DescribeUserScramCredentials (key 50): which users have a password for SCRAM, and with how many iterations.
//!
//! * No list, or an empty one, asks for all users.
//! * A user without a password is RESOURCE_NOT_FOUND, one asked for twice DUPLICATE_RESOURCE.
//! * Salts and keys are never told.

use std::collections::BTreeSet;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_user_scram_credentials::{
    CredentialInfo, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult, UserName,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::scram::{Credentials, ScramUsers};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: DescribeUserScramCredentialsRequest,
    _: Now,
) -> Reply<DescribeUserScramCredentialsResponse> {
    let users = &shard.topics.users;
    let results = match request.users.filter(|wanted| !wanted.is_empty()) {
        Some(wanted) => some(users, wanted),
        None => users
            .iter()
            .map(|(user, credentials)| found(user.clone(), credentials))
            .collect(),
    };
    Reply::Ready(DescribeUserScramCredentialsResponse {
        error_message: None,
        results,
        ..DescribeUserScramCredentialsResponse::default()
    })
}

fn some(users: &ScramUsers, wanted: Vec<UserName>) -> Vec<DescribeUserScramCredentialsResult> {
    let mut once = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for user in &wanted {
        if !once.insert(user.name.clone()) {
            twice.insert(user.name.clone());
        }
    }
    let results = once.into_iter().map(|user| {
        if twice.contains(&user) {
            let reason = format!(
                "Cannot describe SCRAM credentials for the same user twice in a single request: {user}"
            );
            return refused(user, ErrorCode::DUPLICATE_RESOURCE, reason);
        }
        match users.of_user(&user) {
            Some(credentials) => found(user, credentials),
            None => {
                let reason =
                    format!("Attempt to describe a user credential that does not exist: {user}");
                refused(user, ErrorCode::RESOURCE_NOT_FOUND, reason)
            }
        }
    });
    results.collect()
}

fn found(user: StrBytes, credentials: &Credentials) -> DescribeUserScramCredentialsResult {
    let infos = credentials
        .iter()
        .map(|(mechanism, credential)| CredentialInfo {
            mechanism: *mechanism,
            iterations: i32::try_from(credential.iterations.get()).unwrap_or(i32::MAX),
        });
    DescribeUserScramCredentialsResult {
        user,
        error_message: None,
        credential_infos: infos.collect(),
        ..DescribeUserScramCredentialsResult::default()
    }
}

fn refused(user: StrBytes, code: ErrorCode, reason: String) -> DescribeUserScramCredentialsResult {
    DescribeUserScramCredentialsResult {
        user,
        error_code: code.code(),
        error_message: Some(reason.into()),
        credential_infos: Vec::new(),
    }
}
