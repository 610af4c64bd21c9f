//! Users of SCRAM: AlterUserScramCredentials, DescribeUserScramCredentials; and what a plain listener says to SASL.

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_user_scram_credentials::{
    AlterUserScramCredentialsRequest, ScramCredentialDeletion, ScramCredentialUpsertion,
};
use rdkafka_wire::messages::describe_user_scram_credentials::{
    DescribeUserScramCredentialsRequest, UserName,
};
use rdkafka_wire::messages::sasl_authenticate::SaslAuthenticateRequest;
use rdkafka_wire::messages::sasl_handshake::SaslHandshakeRequest;

use crate::harness::Cluster;

const SHA_256: i8 = 1;
const SHA_512: i8 = 2;

fn upsertion(name: &str, mechanism: i8, iterations: i32) -> ScramCredentialUpsertion {
    ScramCredentialUpsertion {
        name: name.into(),
        mechanism,
        iterations,
        salt: Bytes::from_static(b"salt"),
        salted_password: Bytes::from_static(b"salted password"),
    }
}

fn deletion(name: &str, mechanism: i8) -> ScramCredentialDeletion {
    ScramCredentialDeletion {
        name: name.into(),
        mechanism,
    }
}

/// User and error code of each result.
fn alter(
    cluster: &mut Cluster,
    deletions: Vec<ScramCredentialDeletion>,
    upsertions: Vec<ScramCredentialUpsertion>,
) -> Vec<(String, ErrorCode)> {
    let request = AlterUserScramCredentialsRequest {
        deletions,
        upsertions,
    };
    let results = cluster.call(0, &request).results.into_iter();
    results
        .map(|it| (it.user.to_string(), ErrorCode(it.error_code)))
        .collect()
}

/// User, error code and mechanisms with their iterations.
type Described = (String, ErrorCode, Vec<(i8, i32)>);

fn describe(cluster: &mut Cluster, users: Option<&[&str]>) -> Vec<Described> {
    let users = users.map(|users| {
        let names = users.iter().map(|name| UserName {
            name: (*name).into(),
        });
        names.collect()
    });
    let response = cluster.call(0, &DescribeUserScramCredentialsRequest { users });
    let results = response.results.into_iter().map(|it| {
        let infos = it.credential_infos.iter();
        (
            it.user.to_string(),
            ErrorCode(it.error_code),
            infos.map(|it| (it.mechanism, it.iterations)).collect(),
        )
    });
    results.collect()
}

#[test]
fn users_are_described_as_they_were_altered_and_survive_a_kill() {
    let mut cluster = Cluster::new();
    let upsertions = vec![
        upsertion("bob", SHA_512, 4096),
        upsertion("alice", SHA_256, 8192),
        upsertion("alice", SHA_512, 4096),
    ];
    let none = ErrorCode::NONE;
    assert_eq!(
        alter(&mut cluster, vec![], upsertions),
        [("alice".into(), none), ("bob".into(), none)]
    );
    cluster.kill_and_restart();
    let alice = ("alice".into(), none, vec![(SHA_256, 8192), (SHA_512, 4096)]);
    let bob = ("bob".into(), none, vec![(SHA_512, 4096)]);
    assert_eq!(describe(&mut cluster, None), [alice.clone(), bob.clone()]);
    assert_eq!(describe(&mut cluster, Some(&[])), [alice, bob.clone()]);
    assert_eq!(describe(&mut cluster, Some(&["bob"])), [bob]);

    alter(&mut cluster, vec![deletion("bob", SHA_512)], vec![]);
    cluster.stop_and_restart();
    assert_eq!(
        describe(&mut cluster, Some(&["bob"]))[0].1,
        ErrorCode::RESOURCE_NOT_FOUND
    );
}

#[test]
fn a_mistake_in_one_user_is_no_other_users() {
    let mut cluster = Cluster::new();
    let deletions = vec![deletion("nobody", SHA_256)];
    let upsertions = vec![
        upsertion("", SHA_256, 4096),
        upsertion("few", SHA_256, 4095),
        upsertion("good", SHA_256, 4096),
        upsertion("half", SHA_256, 4096),
        upsertion("half", 3, 4096),
        upsertion("many", SHA_256, 16385),
        upsertion("twice", SHA_256, 4096),
        upsertion("twice", SHA_256, 4096),
    ];
    let expected = [
        ("", ErrorCode::UNACCEPTABLE_CREDENTIAL),
        ("few", ErrorCode::UNACCEPTABLE_CREDENTIAL),
        ("good", ErrorCode::NONE),
        ("half", ErrorCode::UNSUPPORTED_SASL_MECHANISM),
        ("many", ErrorCode::UNACCEPTABLE_CREDENTIAL),
        ("nobody", ErrorCode::RESOURCE_NOT_FOUND),
        ("twice", ErrorCode::DUPLICATE_RESOURCE),
    ];
    let results = alter(&mut cluster, deletions, upsertions);
    let results: Vec<_> = results
        .iter()
        .map(|(user, code)| (&**user, *code))
        .collect();
    assert_eq!(results, expected);
    let users: Vec<_> = describe(&mut cluster, None)
        .into_iter()
        .map(|it| it.0)
        .collect();
    assert_eq!(users, ["good"]);
    assert_eq!(
        describe(&mut cluster, Some(&["good", "good"]))[0].1,
        ErrorCode::DUPLICATE_RESOURCE
    );
}

#[test]
fn a_listener_without_sasl_has_nothing_to_authenticate() {
    let mut cluster = Cluster::new();
    let handshake = SaslHandshakeRequest {
        mechanism: "PLAIN".into(),
    };
    let code = cluster.call(1, &handshake).error_code;
    assert_eq!(ErrorCode(code), ErrorCode::ILLEGAL_SASL_STATE);
    let code = cluster
        .call(2, &SaslAuthenticateRequest::default())
        .error_code;
    assert_eq!(ErrorCode(code), ErrorCode::ILLEGAL_SASL_STATE);
}
