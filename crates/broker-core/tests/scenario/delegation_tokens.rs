//! Delegation tokens: who may ask for them, how long they last, and what a login with one must prove.

use bytes::Bytes;
use rdkafka_broker_core::KnownBy;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::create_delegation_token::{
    CreatableRenewers, CreateDelegationTokenRequest, CreateDelegationTokenResponse,
};
use rdkafka_wire::messages::describe_delegation_token::{
    DescribeDelegationTokenOwner, DescribeDelegationTokenRequest,
};
use rdkafka_wire::messages::expire_delegation_token::ExpireDelegationTokenRequest;
use rdkafka_wire::messages::renew_delegation_token::RenewDelegationTokenRequest;

use crate::harness::Cluster;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const KEY: (&str, &str) = ("delegation.token.secret.key", "open sesame");

fn cluster(properties: &[(&str, &str)]) -> Cluster {
    let mut cluster = Cluster::with(properties);
    cluster.known_by = KnownBy::Sasl;
    cluster.principal = "User:alice";
    cluster
}

fn create(
    cluster: &mut Cluster,
    renewers: &[&str],
    lifetime_ms: i64,
) -> CreateDelegationTokenResponse {
    let renewers = renewers.iter().map(|name| CreatableRenewers {
        principal_type: "User".into(),
        principal_name: (*name).into(),
    });
    let request = CreateDelegationTokenRequest {
        renewers: renewers.collect(),
        max_lifetime_ms: lifetime_ms,
        ..CreateDelegationTokenRequest::default()
    };
    cluster.call(3, &request)
}

/// Error code, and the time of expiry.
fn renew(cluster: &mut Cluster, hmac: &Bytes, period_ms: i64) -> (ErrorCode, i64) {
    let request = RenewDelegationTokenRequest {
        hmac: hmac.clone(),
        renew_period_ms: period_ms,
    };
    let response = cluster.call(2, &request);
    (ErrorCode(response.error_code), response.expiry_timestamp_ms)
}

/// Error code, and the time of expiry.
fn expire(cluster: &mut Cluster, hmac: &Bytes, period_ms: i64) -> (ErrorCode, i64) {
    let request = ExpireDelegationTokenRequest {
        hmac: hmac.clone(),
        expiry_time_period_ms: period_ms,
    };
    let response = cluster.call(2, &request);
    (ErrorCode(response.error_code), response.expiry_timestamp_ms)
}

/// The owners of the tokens that have to do with somebody, or an error.
fn described(cluster: &mut Cluster, owners: Option<&[&str]>) -> Result<Vec<String>, ErrorCode> {
    let owners = owners.map(|owners| {
        let owners = owners.iter().map(|name| DescribeDelegationTokenOwner {
            principal_type: "User".into(),
            principal_name: (*name).into(),
        });
        owners.collect()
    });
    let response = cluster.call(3, &DescribeDelegationTokenRequest { owners });
    if response.error_code != 0 {
        return Err(ErrorCode(response.error_code));
    }
    let tokens = response.tokens.iter();
    Ok(tokens.map(|it| it.principal_name.to_string()).collect())
}

#[test]
fn a_token_is_for_a_login_until_it_expires_and_survives_a_kill() {
    let mut cluster = cluster(&[KEY]);
    let token = create(&mut cluster, &["bob"], -1);
    let begin_ms = cluster.unix_ms();
    assert_eq!(token.error_code, 0);
    assert_eq!(
        (&*token.principal_type, &*token.principal_name),
        ("User", "alice")
    );
    assert_eq!(&*token.token_requester_principal_name, "alice");
    assert_eq!(token.issue_timestamp_ms, begin_ms);
    assert_eq!(token.expiry_timestamp_ms, begin_ms + DAY_MS);
    assert_eq!(token.max_timestamp_ms, begin_ms + 7 * DAY_MS);
    assert_eq!((token.token_id.len(), token.hmac.len()), (22, 64));
    for _ in 0..2 {
        let login = cluster.token_login(&token.token_id).unwrap();
        assert_eq!(
            (login.owner.as_str(), login.hmac),
            ("alice", token.hmac.clone())
        );
        assert_eq!(login.expires_at_ms, begin_ms + DAY_MS);
        cluster.kill_and_restart();
    }
    assert!(cluster.token_login("another").is_none());
    cluster.advance_ms(DAY_MS.unsigned_abs() + 1);
    assert!(cluster.token_login(&token.token_id).is_none());
    assert_eq!(
        renew(&mut cluster, &token.hmac, -1),
        (ErrorCode::DELEGATION_TOKEN_EXPIRED, 0)
    );
}

#[test]
fn another_key_makes_tokens_worthless_and_none_forgets_nothing() {
    let mut cluster = cluster(&[KEY]);
    let token = create(&mut cluster, &[], -1);
    cluster.config.set(KEY.0, "another").unwrap();
    cluster.stop_and_restart();
    let login = cluster.token_login(&token.token_id).unwrap();
    assert_ne!(login.hmac, token.hmac);
    assert_eq!(
        renew(&mut cluster, &token.hmac, -1).0,
        ErrorCode::DELEGATION_TOKEN_NOT_FOUND
    );
    cluster.config.set(KEY.0, "").unwrap();
    cluster.stop_and_restart();
    assert!(cluster.token_login(&token.token_id).is_none());
    let disabled = ErrorCode::DELEGATION_TOKEN_AUTH_DISABLED;
    assert_eq!(
        ErrorCode(create(&mut cluster, &[], -1).error_code),
        disabled
    );
    assert_eq!(renew(&mut cluster, &token.hmac, -1), (disabled, 0));
    assert_eq!(expire(&mut cluster, &token.hmac, -1), (disabled, 0));
    assert_eq!(described(&mut cluster, None), Err(disabled));
    cluster.config.set(KEY.0, KEY.1).unwrap();
    cluster.stop_and_restart();
    assert_eq!(
        cluster.token_login(&token.token_id).unwrap().hmac,
        token.hmac
    );
}

#[test]
fn who_is_not_known_or_known_by_a_token_may_not_ask() {
    let mut cluster = cluster(&[KEY]);
    let token = create(&mut cluster, &[], -1);
    let refused = ErrorCode::DELEGATION_TOKEN_REQUEST_NOT_ALLOWED;
    for known_by in [KnownBy::Nothing, KnownBy::DelegationToken] {
        cluster.known_by = known_by;
        let response = create(&mut cluster, &[], -1);
        assert_eq!(ErrorCode(response.error_code), refused);
        assert_eq!((response.issue_timestamp_ms, response.hmac.len()), (-1, 0));
        assert_eq!(renew(&mut cluster, &token.hmac, -1), (refused, -1));
        assert_eq!(expire(&mut cluster, &token.hmac, -1), (refused, -1));
        assert_eq!(described(&mut cluster, None), Err(refused));
    }
    cluster.known_by = KnownBy::Certificate;
    assert_eq!(described(&mut cluster, None), Ok(vec!["alice".into()]));
}

#[test]
fn a_token_is_renewed_up_to_its_end_by_owner_and_renewers_alone() {
    let mut cluster = cluster(&[KEY]);
    let lifetime_ms = 30 * HOUR_MS;
    let token = create(&mut cluster, &["bob"], lifetime_ms);
    let end_ms = token.max_timestamp_ms;
    assert_eq!(end_ms, cluster.unix_ms() + lifetime_ms);
    let now_ms = cluster.unix_ms();
    assert_eq!(
        renew(&mut cluster, &token.hmac, HOUR_MS).1,
        now_ms + HOUR_MS
    );
    cluster.principal = "User:bob";
    assert_eq!(renew(&mut cluster, &token.hmac, 0).1, now_ms + DAY_MS);
    cluster.principal = "User:carol";
    let mismatch = (ErrorCode::DELEGATION_TOKEN_OWNER_MISMATCH, 0);
    assert_eq!(renew(&mut cluster, &token.hmac, 1), mismatch);
    assert_eq!(expire(&mut cluster, &token.hmac, 1), mismatch);
    assert_eq!(expire(&mut cluster, &token.hmac, -1), mismatch);
    cluster.principal = "User:alice";
    cluster.advance_ms(20 * HOUR_MS.unsigned_abs());
    assert_eq!(
        renew(&mut cluster, &token.hmac, i64::MAX),
        (ErrorCode::NONE, end_ms)
    );
    let unknown = Bytes::from_static(b"unknown");
    let not_found = (ErrorCode::DELEGATION_TOKEN_NOT_FOUND, 0);
    assert_eq!(renew(&mut cluster, &unknown, -1), not_found);
    assert_eq!(expire(&mut cluster, &unknown, -1), not_found);
}

#[test]
fn a_token_ends_when_it_is_told_to_for_good() {
    let mut cluster = cluster(&[KEY]);
    let token = create(&mut cluster, &["bob"], -1);
    let now_ms = cluster.unix_ms();
    assert_eq!(
        expire(&mut cluster, &token.hmac, 500),
        (ErrorCode::NONE, now_ms + 500)
    );
    cluster.advance_ms(501);
    let expired = (ErrorCode::DELEGATION_TOKEN_EXPIRED, 0);
    assert_eq!(expire(&mut cluster, &token.hmac, 500), expired);
    cluster.principal = "User:bob";
    let now_ms = cluster.unix_ms();
    assert_eq!(
        expire(&mut cluster, &token.hmac, -1),
        (ErrorCode::NONE, now_ms)
    );
    cluster.kill_and_restart();
    assert_eq!(described(&mut cluster, None), Ok(vec![]));
    assert_eq!(
        expire(&mut cluster, &token.hmac, -1).0,
        ErrorCode::DELEGATION_TOKEN_NOT_FOUND
    );
}

#[test]
fn tokens_that_have_expired_are_removed_now_and_then() {
    let check = ("delegation.token.expiry.check.interval.ms", "60000");
    let mut cluster = cluster(&[KEY, check]);
    create(&mut cluster, &[], 1000);
    cluster.advance_ms(2000);
    assert_eq!(described(&mut cluster, None).unwrap().len(), 1);
    cluster.advance_ms(60_000);
    assert_eq!(described(&mut cluster, None), Ok(vec![]));
    cluster.kill_and_restart();
    assert_eq!(described(&mut cluster, None), Ok(vec![]));
}

#[test]
fn somebody_may_ask_for_a_token_of_somebody_else() {
    let mut cluster = cluster(&[KEY]);
    let mut request = CreateDelegationTokenRequest {
        owner_principal_type: Some("User".into()),
        owner_principal_name: Some("carol".into()),
        max_lifetime_ms: -1,
        ..CreateDelegationTokenRequest::default()
    };
    let token = cluster.call(3, &request);
    assert_eq!(&*token.principal_name, "carol");
    assert_eq!(&*token.token_requester_principal_name, "alice");
    assert_eq!(cluster.token_login(&token.token_id).unwrap().owner, "carol");
    // Whoever asked for it may look at it, and nothing else.
    assert_eq!(
        renew(&mut cluster, &token.hmac, -1).0,
        ErrorCode::DELEGATION_TOKEN_OWNER_MISMATCH
    );
    create(&mut cluster, &["bob"], -1);
    let mut of = |owners: &[&str]| {
        let mut owners = described(&mut cluster, Some(owners)).unwrap();
        owners.sort();
        owners
    };
    assert_eq!(of(&["carol"]), ["carol"]);
    assert_eq!(of(&["bob"]), ["alice"]);
    assert_eq!(of(&["alice"]), ["alice", "carol"]);
    assert!(of(&["zed"]).is_empty() && of(&[]).is_empty());
    request.renewers.push(CreatableRenewers {
        principal_type: "Group".into(),
        principal_name: "g".into(),
    });
    let response = cluster.call(3, &request);
    assert_eq!(
        ErrorCode(response.error_code),
        ErrorCode::INVALID_PRINCIPAL_TYPE
    );
}
