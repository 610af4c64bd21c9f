//! Classic groups: joining, rebalancing, staying, leaving, coming back.

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::delete_groups::DeleteGroupsRequest;
use rdkafka_wire::messages::describe_groups::{DescribeGroupsRequest, DescribedGroup};
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use rdkafka_wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse, MemberIdentity};
use rdkafka_wire::messages::list_groups::ListGroupsRequest;
use rdkafka_wire::messages::sync_group::{
    SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse,
};
use rdkafka_wire::types::StrBytes;

use crate::harness::{Cluster, Sent};

const SESSION_MS: u64 = 10_000;
const REBALANCE_MS: u64 = 60_000;

/// A consumer as its connection sees it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) connection: u64,
    pub(crate) member_id: StrBytes,
    pub(crate) instance_id: Option<StrBytes>,
    pub(crate) generation: i32,
    pub(crate) protocols: Vec<&'static str>,
    pub(crate) version: i16,
}

impl Client {
    pub(crate) fn new(connection: u64) -> Self {
        Self {
            connection,
            member_id: StrBytes::default(),
            instance_id: None,
            generation: -1,
            protocols: vec!["range"],
            version: 5,
        }
    }

    fn with_instance(connection: u64, instance_id: &str) -> Self {
        Self {
            instance_id: Some(instance_id.into()),
            ..Self::new(connection)
        }
    }

    fn join_request(&self) -> JoinGroupRequest {
        let protocols = self.protocols.iter().map(|name| JoinGroupRequestProtocol {
            name: (*name).into(),
            metadata: Bytes::from(format!("{name} of {}", self.connection)),
        });
        JoinGroupRequest {
            group_id: "g".into(),
            session_timeout_ms: i32::try_from(SESSION_MS).unwrap(),
            rebalance_timeout_ms: i32::try_from(REBALANCE_MS).unwrap(),
            member_id: self.member_id.clone(),
            group_instance_id: self.instance_id.clone(),
            protocol_type: "consumer".into(),
            protocols: protocols.collect(),
            ..JoinGroupRequest::default()
        }
    }

    /// Sends JoinGroup, with the id that is required first.
    pub(crate) fn join(&mut self, cluster: &mut Cluster) -> Sent {
        let sent = cluster.send(self.connection, self.version, &self.join_request());
        if self.member_id.is_empty() && self.version >= 4 && self.instance_id.is_none() {
            let answer = cluster.answer::<JoinGroupRequest>(sent).unwrap();
            assert_eq!(answer.error_code, ErrorCode::MEMBER_ID_REQUIRED.code());
            self.member_id = answer.member_id;
            return cluster.send(self.connection, self.version, &self.join_request());
        }
        sent
    }

    pub(crate) fn joined(&mut self, cluster: &mut Cluster, sent: Sent) -> JoinGroupResponse {
        let answer = cluster
            .answer::<JoinGroupRequest>(sent)
            .expect("the join is not answered");
        assert_eq!(answer.error_code, 0);
        self.member_id = answer.member_id.clone();
        self.generation = answer.generation_id;
        answer
    }

    pub(crate) fn sync(&self, cluster: &mut Cluster, assignments: &[(&Self, &str)]) -> Sent {
        let assignments =
            assignments
                .iter()
                .map(|(member, assignment)| SyncGroupRequestAssignment {
                    member_id: member.member_id.clone(),
                    assignment: Bytes::copy_from_slice(assignment.as_bytes()),
                });
        let request = SyncGroupRequest {
            group_id: "g".into(),
            generation_id: self.generation,
            member_id: self.member_id.clone(),
            group_instance_id: self.instance_id.clone(),
            assignments: assignments.collect(),
            ..SyncGroupRequest::default()
        };
        cluster.send(self.connection, 3, &request)
    }

    pub(crate) fn heartbeat(&self, cluster: &mut Cluster) -> ErrorCode {
        let request = HeartbeatRequest {
            group_id: "g".into(),
            generation_id: self.generation,
            member_id: self.member_id.clone(),
            group_instance_id: self.instance_id.clone(),
        };
        let sent = cluster.send(self.connection, 3, &request);
        ErrorCode(cluster.answer::<HeartbeatRequest>(sent).unwrap().error_code)
    }

    fn leave(&self, cluster: &mut Cluster) -> LeaveGroupResponse {
        let request = LeaveGroupRequest {
            group_id: "g".into(),
            member_id: self.member_id.clone(),
            ..Default::default()
        };
        let sent = cluster.send(self.connection, 1, &request);
        cluster.answer::<LeaveGroupRequest>(sent).unwrap()
    }
}

fn synced(cluster: &mut Cluster, sent: Sent) -> SyncGroupResponse {
    cluster
        .answer::<SyncGroupRequest>(sent)
        .expect("the sync is not answered")
}

fn describe(cluster: &mut Cluster) -> DescribedGroup {
    let request = DescribeGroupsRequest {
        groups: vec!["g".into()],
        ..DescribeGroupsRequest::default()
    };
    cluster.call(5, &request).groups.remove(0)
}

fn state(cluster: &mut Cluster) -> String {
    describe(cluster).group_state.to_string()
}

/// One member, stable.
pub(crate) fn one_member(cluster: &mut Cluster) -> Client {
    let mut client = Client::new(1);
    let sent = client.join(cluster);
    client.joined(cluster, sent);
    let sent = client.sync(cluster, &[(&client, "all")]);
    assert_eq!(synced(cluster, sent).assignment, "all");
    client
}

/// Two members, stable; the first leads.
fn two_members(cluster: &mut Cluster) -> (Client, Client) {
    let mut first = one_member(cluster);
    let mut second = Client::new(2);
    let second_join = second.join(cluster);
    let first_join = first.join(cluster);
    first.joined(cluster, first_join);
    second.joined(cluster, second_join);
    let second_sync = second.sync(cluster, &[]);
    let first_sync = first.sync(cluster, &[(&first, "one"), (&second, "two")]);
    assert_eq!(synced(cluster, first_sync).assignment, "one");
    assert_eq!(synced(cluster, second_sync).assignment, "two");
    (first, second)
}

#[test]
fn the_first_member_leads_at_once() {
    let mut cluster = Cluster::new();
    let mut client = Client::new(1);
    let sent = client.join(&mut cluster);
    let answer = client.joined(&mut cluster, sent);
    assert_eq!(answer.generation_id, 1);
    assert_eq!(answer.leader, answer.member_id);
    assert_eq!(answer.protocol_name.as_deref(), Some("range"));
    assert_eq!(answer.members.len(), 1);
    assert_eq!(answer.members[0].metadata, "range of 1");
    assert!(answer.member_id.starts_with("tester-"));
    assert_eq!(state(&mut cluster), "CompletingRebalance");
}

#[test]
fn before_version_4_a_member_joins_without_asking_for_an_id() {
    let mut cluster = Cluster::new();
    for version in 0..4 {
        let mut client = Client {
            version,
            ..Client::new(1)
        };
        let sent = client.join(&mut cluster);
        client.joined(&mut cluster, sent);
        client.leave(&mut cluster);
    }
}

#[test]
fn every_version_of_join_completes() {
    let mut cluster = Cluster::new();
    for version in 0..=9 {
        let mut client = Client {
            version,
            ..Client::new(1)
        };
        let sent = client.join(&mut cluster);
        client.joined(&mut cluster, sent);
        client.leave(&mut cluster);
        assert_eq!(state(&mut cluster), "Empty");
    }
}

#[test]
fn a_second_member_makes_the_first_join_again() {
    let mut cluster = Cluster::new();
    let mut first = one_member(&mut cluster);
    let mut second = Client::new(2);
    let second_join = second.join(&mut cluster);
    assert_eq!(
        first.heartbeat(&mut cluster),
        ErrorCode::REBALANCE_IN_PROGRESS
    );
    assert!(!cluster.is_answered(second_join));
    let first_join = first.join(&mut cluster);
    let leader = first.joined(&mut cluster, first_join);
    let follower = second.joined(&mut cluster, second_join);
    assert_eq!((leader.generation_id, follower.generation_id), (2, 2));
    assert_eq!(leader.leader, first.member_id);
    assert_eq!((leader.members.len(), follower.members.len()), (2, 0));
}

#[test]
fn a_follower_waits_for_the_leaders_assignment() {
    let mut cluster = Cluster::new();
    let (first, second) = two_members(&mut cluster);
    assert_eq!(state(&mut cluster), "Stable");
    assert_eq!(first.heartbeat(&mut cluster), ErrorCode::NONE);
    assert_eq!(second.heartbeat(&mut cluster), ErrorCode::NONE);
    let again = second.sync(&mut cluster, &[]);
    assert_eq!(synced(&mut cluster, again).assignment, "two");
}

#[test]
fn a_silent_member_is_out_after_its_session() {
    let mut cluster = Cluster::new();
    let (mut first, second) = two_members(&mut cluster);
    for _ in 0..4 {
        cluster.advance_ms(SESSION_MS / 3);
        let heard = first.heartbeat(&mut cluster);
        assert!(matches!(
            heard,
            ErrorCode::NONE | ErrorCode::REBALANCE_IN_PROGRESS
        ));
    }
    assert_eq!(
        first.heartbeat(&mut cluster),
        ErrorCode::REBALANCE_IN_PROGRESS
    );
    assert_eq!(second.heartbeat(&mut cluster), ErrorCode::UNKNOWN_MEMBER_ID);
    let sent = first.join(&mut cluster);
    assert_eq!(first.joined(&mut cluster, sent).members.len(), 1);
}

#[test]
fn a_member_that_does_not_join_again_in_time_is_out() {
    let mut cluster = Cluster::new();
    let mut first = one_member(&mut cluster);
    let mut second = Client::new(2);
    let second_join = second.join(&mut cluster);
    for _ in 0..REBALANCE_MS / 5_000 {
        assert!(!cluster.is_answered(second_join));
        first.heartbeat(&mut cluster);
        cluster.advance_ms(5_000);
    }
    let answer = second.joined(&mut cluster, second_join);
    assert_eq!(answer.leader, second.member_id);
    assert_eq!(answer.members.len(), 1);
    let late = first.join(&mut cluster);
    let refused = cluster.answer::<JoinGroupRequest>(late).unwrap();
    assert_eq!(refused.error_code, ErrorCode::UNKNOWN_MEMBER_ID.code());
    first.member_id = StrBytes::default();
}

#[test]
fn a_member_that_never_asks_for_its_assignment_is_out() {
    let mut cluster = Cluster::new();
    let mut first = one_member(&mut cluster);
    let mut second = Client::new(2);
    let second_join = second.join(&mut cluster);
    let first_join = first.join(&mut cluster);
    first.joined(&mut cluster, first_join);
    second.joined(&mut cluster, second_join);
    let sent = first.sync(&mut cluster, &[(&first, "a"), (&second, "b")]);
    assert_eq!(synced(&mut cluster, sent).error_code, 0);
    for _ in 0..=REBALANCE_MS / 5_000 {
        first.heartbeat(&mut cluster);
        second.heartbeat(&mut cluster);
        cluster.advance_ms(5_000);
    }
    assert_eq!(second.heartbeat(&mut cluster), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(
        first.heartbeat(&mut cluster),
        ErrorCode::REBALANCE_IN_PROGRESS
    );
}

#[test]
fn generation_and_member_are_checked() {
    let mut cluster = Cluster::new();
    let client = one_member(&mut cluster);
    let old = Client {
        generation: 0,
        ..client.clone()
    };
    assert_eq!(old.heartbeat(&mut cluster), ErrorCode::ILLEGAL_GENERATION);
    let stranger = Client {
        member_id: "nobody".into(),
        ..client
    };
    assert_eq!(
        stranger.heartbeat(&mut cluster),
        ErrorCode::UNKNOWN_MEMBER_ID
    );
    let sent = old.sync(&mut cluster, &[]);
    assert_eq!(
        synced(&mut cluster, sent).error_code,
        ErrorCode::ILLEGAL_GENERATION.code()
    );
    let sent = stranger.sync(&mut cluster, &[]);
    assert_eq!(
        synced(&mut cluster, sent).error_code,
        ErrorCode::UNKNOWN_MEMBER_ID.code()
    );
}

#[test]
fn bad_joins_are_refused_with_kafkas_codes() {
    let mut cluster = Cluster::new();
    let good = Client::new(1).join_request();
    let cases = [
        (
            JoinGroupRequest {
                group_id: "".into(),
                ..good.clone()
            },
            ErrorCode::INVALID_GROUP_ID,
        ),
        (
            JoinGroupRequest {
                session_timeout_ms: 5_999,
                ..good.clone()
            },
            ErrorCode::INVALID_SESSION_TIMEOUT,
        ),
        (
            JoinGroupRequest {
                session_timeout_ms: 1_800_001,
                ..good.clone()
            },
            ErrorCode::INVALID_SESSION_TIMEOUT,
        ),
        (
            JoinGroupRequest {
                member_id: "made-up".into(),
                ..good.clone()
            },
            ErrorCode::UNKNOWN_MEMBER_ID,
        ),
        (
            JoinGroupRequest {
                protocols: vec![],
                ..good.clone()
            },
            ErrorCode::INCONSISTENT_GROUP_PROTOCOL,
        ),
        (
            JoinGroupRequest {
                protocol_type: "".into(),
                ..good
            },
            ErrorCode::INCONSISTENT_GROUP_PROTOCOL,
        ),
    ];
    for (request, code) in cases {
        let answer = cluster.call(5, &request);
        assert_eq!(ErrorCode(answer.error_code), code);
        assert_eq!(answer.generation_id, -1);
    }
    let listed = cluster.call(4, &ListGroupsRequest::default());
    assert!(listed.groups.is_empty(), "a refused join leaves no group");
}

#[test]
fn a_member_without_a_common_protocol_is_refused() {
    let mut cluster = Cluster::new();
    one_member(&mut cluster);
    let other = Client {
        protocols: vec!["sticky"],
        ..Client::new(2)
    };
    let answer = cluster.call(5, &other.join_request());
    assert_eq!(
        ErrorCode(answer.error_code),
        ErrorCode::INCONSISTENT_GROUP_PROTOCOL
    );
}

#[test]
fn the_protocol_most_members_prefer_wins_among_the_common_ones() {
    let mut cluster = Cluster::new();
    let mut first = Client {
        protocols: vec!["range", "roundrobin"],
        ..Client::new(1)
    };
    let sent = first.join(&mut cluster);
    assert_eq!(
        first.joined(&mut cluster, sent).protocol_name.as_deref(),
        Some("range")
    );
    let mut second = Client {
        protocols: vec!["roundrobin", "range"],
        ..Client::new(2)
    };
    let mut third = Client {
        protocols: vec!["roundrobin", "sticky"],
        ..Client::new(3)
    };
    let second_join = second.join(&mut cluster);
    let third_join = third.join(&mut cluster);
    let first_join = first.join(&mut cluster);
    for (client, sent) in [
        (&mut first, first_join),
        (&mut second, second_join),
        (&mut third, third_join),
    ] {
        assert_eq!(
            client.joined(&mut cluster, sent).protocol_name.as_deref(),
            Some("roundrobin")
        );
    }
}

#[test]
fn a_leader_that_joins_again_starts_a_rebalance_and_a_follower_does_not() {
    let mut cluster = Cluster::new();
    let (mut first, mut second) = two_members(&mut cluster);
    let sent = second.join(&mut cluster);
    assert_eq!(second.joined(&mut cluster, sent).generation_id, 2);
    assert_eq!(first.heartbeat(&mut cluster), ErrorCode::NONE);
    let sent = first.join(&mut cluster);
    assert!(!cluster.is_answered(sent));
    assert_eq!(
        second.heartbeat(&mut cluster),
        ErrorCode::REBALANCE_IN_PROGRESS
    );
    let second_join = second.join(&mut cluster);
    assert_eq!(first.joined(&mut cluster, sent).generation_id, 3);
    second.joined(&mut cluster, second_join);
}

#[test]
fn leaving_starts_a_rebalance_at_once() {
    let mut cluster = Cluster::new();
    let (mut first, second) = two_members(&mut cluster);
    assert_eq!(second.leave(&mut cluster).error_code, 0);
    assert_eq!(
        second.leave(&mut cluster).error_code,
        ErrorCode::UNKNOWN_MEMBER_ID.code()
    );
    assert_eq!(
        first.heartbeat(&mut cluster),
        ErrorCode::REBALANCE_IN_PROGRESS
    );
    let sent = first.join(&mut cluster);
    assert_eq!(first.joined(&mut cluster, sent).members.len(), 1);
    first.leave(&mut cluster);
    assert_eq!(state(&mut cluster), "Empty");
}

#[test]
fn a_leader_that_leaves_while_others_wait_hands_over() {
    let mut cluster = Cluster::new();
    let mut first = one_member(&mut cluster);
    let mut second = Client::new(2);
    let second_join = second.join(&mut cluster);
    first.leave(&mut cluster);
    let answer = second.joined(&mut cluster, second_join);
    assert_eq!(answer.leader, second.member_id);
    first.generation = 0;
}

#[test]
fn a_sync_that_waits_is_told_when_the_group_moves_on() {
    let mut cluster = Cluster::new();
    let mut first = one_member(&mut cluster);
    let mut second = Client::new(2);
    let second_join = second.join(&mut cluster);
    let first_join = first.join(&mut cluster);
    first.joined(&mut cluster, first_join);
    second.joined(&mut cluster, second_join);
    let waiting = second.sync(&mut cluster, &[]);
    assert!(!cluster.is_answered(waiting));
    let mut third = Client::new(3);
    third.join(&mut cluster);
    let told = synced(&mut cluster, waiting);
    assert_eq!(told.error_code, ErrorCode::REBALANCE_IN_PROGRESS.code());
}

#[test]
fn a_static_member_comes_back_without_a_rebalance() {
    let mut cluster = Cluster::new();
    let mut first = Client::with_instance(1, "one");
    let sent = first.join(&mut cluster);
    first.joined(&mut cluster, sent);
    assert!(first.member_id.starts_with("one-"));
    let sent = first.sync(&mut cluster, &[(&first, "all")]);
    synced(&mut cluster, sent);

    let mut again = Client::with_instance(2, "one");
    let sent = again.join(&mut cluster);
    let answer = again.joined(&mut cluster, sent);
    assert_eq!(answer.generation_id, 1);
    assert_ne!(again.member_id, first.member_id);
    assert_eq!(
        answer.leader, first.member_id,
        "before version 9 the old self leads, so that it does not assign"
    );
    assert!(answer.members.is_empty());
    let sent = again.sync(&mut cluster, &[]);
    assert_eq!(synced(&mut cluster, sent).assignment, "all");
    assert_eq!(again.heartbeat(&mut cluster), ErrorCode::NONE);
    assert_eq!(first.heartbeat(&mut cluster), ErrorCode::FENCED_INSTANCE_ID);
}

#[test]
fn from_version_9_on_a_static_leader_is_told_to_skip_the_assignment() {
    let mut cluster = Cluster::new();
    let mut first = Client {
        version: 9,
        ..Client::with_instance(1, "one")
    };
    let sent = first.join(&mut cluster);
    assert!(!first.joined(&mut cluster, sent).skip_assignment);
    let sent = first.sync(&mut cluster, &[(&first, "all")]);
    synced(&mut cluster, sent);
    let mut again = Client {
        version: 9,
        ..Client::with_instance(2, "one")
    };
    let sent = again.join(&mut cluster);
    let answer = again.joined(&mut cluster, sent);
    assert!(answer.skip_assignment);
    assert_eq!(answer.leader, again.member_id);
    assert_eq!(answer.members.len(), 1);
}

#[test]
fn a_static_member_can_be_removed_by_its_instance_id() {
    let mut cluster = Cluster::new();
    let mut first = Client::with_instance(1, "one");
    let sent = first.join(&mut cluster);
    first.joined(&mut cluster, sent);
    let identity = |instance_id: &str| MemberIdentity {
        group_instance_id: Some(instance_id.into()),
        ..MemberIdentity::default()
    };
    let request = LeaveGroupRequest {
        group_id: "g".into(),
        members: vec![identity("one"), identity("two")],
        ..LeaveGroupRequest::default()
    };
    let answer = cluster.call(5, &request);
    let codes: Vec<i16> = answer
        .members
        .iter()
        .map(|member| member.error_code)
        .collect();
    assert_eq!(codes, [0, ErrorCode::UNKNOWN_MEMBER_ID.code()]);
    assert_eq!(state(&mut cluster), "Empty");
}

#[test]
fn an_absent_static_member_keeps_its_place_until_its_session_ends() {
    let mut cluster = Cluster::new();
    let mut fixed = Client::with_instance(1, "one");
    let sent = fixed.join(&mut cluster);
    fixed.joined(&mut cluster, sent);
    let sent = fixed.sync(&mut cluster, &[(&fixed, "all")]);
    synced(&mut cluster, sent);
    cluster.advance_ms(SESSION_MS - 1);
    assert_eq!(describe(&mut cluster).members.len(), 1);
    cluster.advance_ms(2);
    assert_eq!(state(&mut cluster), "Empty");
}

#[test]
fn the_initial_delay_gathers_members_into_the_first_generation() {
    let mut cluster = Cluster::with(&[("group.initial.rebalance.delay.ms", "3000")]);
    let mut first = Client::new(1);
    let mut second = Client::new(2);
    let first_join = first.join(&mut cluster);
    cluster.advance_ms(2_000);
    let second_join = second.join(&mut cluster);
    cluster.advance_ms(1_000);
    assert!(
        !cluster.is_answered(first_join),
        "a new member prolongs the wait"
    );
    cluster.advance_ms(3_000);
    let answer = first.joined(&mut cluster, first_join);
    assert_eq!((answer.generation_id, answer.members.len()), (1, 2));
    second.joined(&mut cluster, second_join);
}

#[test]
fn nobody_waits_for_a_new_member_whose_client_is_gone() {
    let mut cluster = Cluster::new();
    let mut first = one_member(&mut cluster);
    let mut second = Client::new(2);
    second.join(&mut cluster);
    let third = Client::new(3);
    cluster.send(3, 5, &third.join_request());
    cluster.disconnect(2);
    cluster.disconnect(3);
    let sent = first.join(&mut cluster);
    assert_eq!(first.joined(&mut cluster, sent).members.len(), 1);
}

#[test]
fn a_member_id_that_is_never_used_holds_the_group_up_for_one_session_only() {
    let mut cluster = Cluster::new();
    let ghost = Client::new(9);
    cluster.send(9, 5, &ghost.join_request());
    let mut first = Client::new(1);
    let sent = first.join(&mut cluster);
    assert!(!cluster.is_answered(sent));
    cluster.advance_ms(SESSION_MS);
    first.joined(&mut cluster, sent);
}

#[test]
fn a_full_group_refuses_more_members() {
    let mut cluster = Cluster::with(&[("group.max.size", "1")]);
    one_member(&mut cluster);
    let second = Client {
        version: 3,
        ..Client::new(2)
    };
    let sent = cluster.send(2, 3, &second.join_request());
    let answer = cluster.answer::<JoinGroupRequest>(sent).unwrap();
    assert_eq!(
        ErrorCode(answer.error_code),
        ErrorCode::GROUP_MAX_SIZE_REACHED
    );
}

#[test]
fn a_second_join_of_the_same_member_supersedes_the_first() {
    let mut cluster = Cluster::new();
    let mut first = one_member(&mut cluster);
    let mut second = Client::new(2);
    let lost = second.join(&mut cluster);
    let again = second.join(&mut cluster);
    let answer = cluster.answer::<JoinGroupRequest>(lost).unwrap();
    assert_eq!(
        ErrorCode(answer.error_code),
        ErrorCode::REBALANCE_IN_PROGRESS
    );
    let first_join = first.join(&mut cluster);
    first.joined(&mut cluster, first_join);
    assert_eq!(second.joined(&mut cluster, again).generation_id, 2);
}

#[test]
fn groups_are_listed_by_state_and_type() {
    let mut cluster = Cluster::new();
    one_member(&mut cluster);
    let mut list = |states: &[&str], types: &[&str]| {
        let request = ListGroupsRequest {
            states_filter: states.iter().map(|it| (*it).into()).collect(),
            types_filter: types.iter().map(|it| (*it).into()).collect(),
        };
        cluster.call(5, &request).groups.len()
    };
    assert_eq!(list(&[], &[]), 1);
    assert_eq!(list(&["Stable"], &["classic"]), 1);
    assert_eq!(list(&["stable"], &["Classic"]), 1);
    assert_eq!(list(&["Empty"], &[]), 0);
    assert_eq!(list(&[], &["consumer"]), 0);
}

#[test]
fn a_stable_group_shows_metadata_and_assignments() {
    let mut cluster = Cluster::new();
    one_member(&mut cluster);
    let group = describe(&mut cluster);
    assert_eq!(&*group.group_state, "Stable");
    assert_eq!(
        (&*group.protocol_type, &*group.protocol_data),
        ("consumer", "range")
    );
    let member = &group.members[0];
    assert_eq!(
        (&*member.client_id, &*member.client_host),
        ("tester", "/127.0.0.1")
    );
    assert_eq!(
        (&member.member_metadata[..], &member.member_assignment[..]),
        (&b"range of 1"[..], &b"all"[..])
    );
}

#[test]
fn a_group_that_does_not_exist_is_dead_and_later_an_error() {
    let mut cluster = Cluster::new();
    let request = DescribeGroupsRequest {
        groups: vec!["g".into()],
        ..DescribeGroupsRequest::default()
    };
    let old = cluster.call(5, &request).groups.remove(0);
    assert_eq!((&*old.group_state, old.error_code), ("Dead", 0));
    let new = cluster.call(6, &request).groups.remove(0);
    assert_eq!(
        (&*new.group_state, new.error_code),
        ("Dead", ErrorCode::GROUP_ID_NOT_FOUND.code())
    );
}

#[test]
fn only_an_empty_group_can_be_deleted() {
    let mut cluster = Cluster::new();
    let client = one_member(&mut cluster);
    let request = DeleteGroupsRequest {
        groups_names: vec!["g".into()],
    };
    let code = |cluster: &mut Cluster| ErrorCode(cluster.call(2, &request).results[0].error_code);
    assert_eq!(code(&mut cluster), ErrorCode::NON_EMPTY_GROUP);
    client.leave(&mut cluster);
    assert_eq!(code(&mut cluster), ErrorCode::NONE);
    assert_eq!(code(&mut cluster), ErrorCode::GROUP_ID_NOT_FOUND);
}
