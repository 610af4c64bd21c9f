//! The membership in virtual time: joining, the slow application, fencing, leaving.

use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::join_group::{JoinGroupResponse, JoinGroupResponseMember};
use rdkafka_wire::messages::sync_group::SyncGroupResponse;

use super::super::assignor::{Assignment, Assignor, Topic};
use super::super::protocol;
use super::{Action, Classic, GroupConf, Input, Next, State};
use crate::io::Moment;

/// A member and its clock; the test plays the coordinator.
struct Rig {
    member: Classic,
    now: Moment,
}

fn conf() -> GroupConf {
    GroupConf {
        group_id: "g".into(),
        instance_id: None,
        session_timeout: Duration::from_secs(10),
        rebalance_timeout: Duration::from_secs(300),
        heartbeat_interval: Duration::from_secs(3),
        retry_backoff: Duration::from_millis(100),
        assignors: vec![Assignor::Range, Assignor::RoundRobin],
        rack: None,
        remote_assignor: None,
    }
}

impl Rig {
    fn new() -> Self {
        Self {
            member: Classic::new(conf()),
            now: Moment(1_000_000),
        }
    }

    /// About to join for topic `t`.
    fn joining() -> Self {
        let mut rig = Self::new();
        rig.tell(Input::Subscribe(vec!["t".into()]));
        rig
    }

    /// Offered partition 0 of `t`, as a follower.
    fn offered() -> Self {
        let mut rig = Self::joining();
        rig.answer_join(joined("m", "other", vec![]));
        rig.answer_sync(&[0]);
        assert_eq!(rig.member.state(), State::AwaitAssign);
        rig
    }

    /// Consuming partition 0 of `t`.
    fn steady() -> Self {
        let mut rig = Self::offered();
        rig.tell(Input::Assigned);
        assert_eq!(rig.member.state(), State::Steady);
        rig
    }

    fn tell(&mut self, input: Input) -> Vec<Action> {
        self.member.handle(input, self.now);
        std::iter::from_fn(|| self.member.poll_action()).collect()
    }

    fn answer_join(&mut self, response: JoinGroupResponse) -> Vec<Action> {
        self.tell(Input::Join(self.member.attempt, Ok(response)))
    }

    fn answer_sync(&mut self, partitions: &[i32]) -> Vec<Action> {
        let assignment = protocol::encode_assignment(&given(partitions));
        let response = SyncGroupResponse {
            assignment,
            ..Default::default()
        };
        self.tell(Input::Sync(self.member.attempt, Ok(response)))
    }

    fn answer_heartbeat(&mut self, answer: Result<(), ErrorCode>) -> Vec<Action> {
        self.tell(Input::Heartbeat(self.member.attempt, answer))
    }

    /// Lets time pass to the member's deadline.
    fn wait(&mut self) -> Vec<Action> {
        self.now = self.member.deadline().expect("a deadline");
        self.tell(Input::Timeout)
    }

    fn pass(&mut self, duration: Duration) -> Vec<Action> {
        self.now = self.now + duration;
        self.tell(Input::Timeout)
    }
}

fn given(partitions: &[i32]) -> Assignment {
    if partitions.is_empty() {
        return Assignment::new();
    }
    Assignment::from([("t".into(), partitions.to_vec())])
}

fn joined(id: &str, leader: &str, members: Vec<JoinGroupResponseMember>) -> JoinGroupResponse {
    JoinGroupResponse {
        generation_id: 7,
        protocol_name: Some("range".into()),
        leader: leader.into(),
        member_id: id.into(),
        members,
        ..Default::default()
    }
}

fn member(id: &str, topics: &[&str]) -> JoinGroupResponseMember {
    let topics: Vec<_> = topics.iter().map(|topic| (*topic).into()).collect();
    JoinGroupResponseMember {
        member_id: id.into(),
        metadata: protocol::encode_subscription(&topics, None, -1, None),
        ..Default::default()
    }
}

fn failed(code: ErrorCode) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: code.0,
        ..Default::default()
    }
}

fn is_revoke(actions: &[Action], partitions: &[i32], lost: bool) -> bool {
    actions.contains(&Action::Revoke {
        partitions: given(partitions),
        lost,
    })
}

#[test]
fn subscribing_joins_at_once_with_all_strategies() {
    let actions = Rig::new().tell(Input::Subscribe(vec!["t".into()]));
    let [Action::Join(_, request)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    let names: Vec<&str> = request
        .protocols
        .iter()
        .map(|offer| offer.name.as_str())
        .collect();
    assert_eq!(names, ["range", "roundrobin"]);
    assert_eq!(request.rebalance_timeout_ms, 300_000);
}

#[test]
fn a_required_member_id_is_used_without_a_pause() {
    let mut rig = Rig::joining();
    let actions = rig.answer_join(JoinGroupResponse {
        member_id: "given".into(),
        ..failed(ErrorCode::MEMBER_ID_REQUIRED)
    });
    let [Action::Join(_, request)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(request.member_id, "given");
}

#[test]
fn a_follower_syncs_with_nothing_and_gets_its_share() {
    let mut rig = Rig::joining();
    let actions = rig.answer_join(joined("m", "other", vec![]));
    let [Action::Sync(_, request)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert!(request.assignments.is_empty());
    assert_eq!(rig.answer_sync(&[0, 1]), [Action::Assign(given(&[0, 1]))]);
}

#[test]
fn the_leader_asks_for_everybodys_topics_and_deals_them() {
    let mut rig = Rig::joining();
    let members = vec![member("a", &["t"]), member("b", &["u", "t"])];
    let actions = rig.answer_join(joined("a", "a", members));
    assert_eq!(
        actions,
        [Action::NeedMetadata(
            rig.member.attempt,
            vec!["t".into(), "u".into()]
        )]
    );

    let topics = ["t", "u"].map(|name| Topic {
        name: name.into(),
        partitions: vec![Vec::new(); 2],
    });
    let actions = rig.tell(Input::Metadata(rig.member.attempt, topics.to_vec()));
    let [Action::Sync(_, request)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    let dealt = request.assignments.iter().map(|member| {
        (
            member.member_id.as_str(),
            protocol::decode_assignment(member.assignment.clone()).unwrap(),
        )
    });
    let to_b = Assignment::from([("t".into(), vec![1]), ("u".into(), vec![0, 1])]);
    assert_eq!(dealt.collect::<Vec<_>>(), [("a", given(&[0])), ("b", to_b)]);
}

#[test]
fn a_slow_application_keeps_the_membership_while_it_decides() {
    let mut rig = Rig::offered();
    for _ in 0..20 {
        let actions = rig.wait();
        assert!(
            matches!(actions.as_slice(), [Action::Heartbeat(..)]),
            "{actions:?}"
        );
        assert_eq!(rig.answer_heartbeat(Ok(())), []);
    }
    assert_eq!(rig.member.state(), State::AwaitAssign);
    rig.tell(Input::Assigned);
    assert_eq!(rig.member.state(), State::Steady);
}

#[test]
fn a_rebalance_goes_through_revoke_commit_and_join() {
    let mut rig = Rig::steady();
    rig.wait();
    let actions = rig.answer_heartbeat(Err(ErrorCode::REBALANCE_IN_PROGRESS));
    assert!(is_revoke(&actions, &[0], false), "{actions:?}");
    assert_eq!(rig.tell(Input::Unassigned), []);
    assert_eq!(rig.member.state(), State::Unassigning(Next::Rejoin));
    let actions = rig.tell(Input::UnassignDone);
    let [Action::Join(_, request)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(request.member_id, "m");
}

#[test]
fn heartbeats_go_on_while_the_application_gives_back() {
    let mut rig = Rig::steady();
    rig.wait();
    rig.answer_heartbeat(Err(ErrorCode::REBALANCE_IN_PROGRESS));
    for _ in 0..10 {
        assert!(matches!(rig.wait().as_slice(), [Action::Heartbeat(..)]));
        assert_eq!(
            rig.answer_heartbeat(Err(ErrorCode::REBALANCE_IN_PROGRESS)),
            []
        );
    }
    assert_eq!(rig.member.state(), State::AwaitUnassign(Next::Rejoin));
}

#[test]
fn a_rebalance_during_assign_waits_for_the_application() {
    let mut rig = Rig::offered();
    rig.wait();
    assert_eq!(
        rig.answer_heartbeat(Err(ErrorCode::REBALANCE_IN_PROGRESS)),
        []
    );
    rig.tell(Input::Assigned);
    rig.wait();
    let actions = rig.answer_heartbeat(Err(ErrorCode::REBALANCE_IN_PROGRESS));
    assert!(is_revoke(&actions, &[0], false), "{actions:?}");
}

#[test]
fn a_member_the_coordinator_forgot_loses_its_partitions_and_joins_as_a_new_one() {
    let mut rig = Rig::steady();
    rig.wait();
    let actions = rig.answer_heartbeat(Err(ErrorCode::UNKNOWN_MEMBER_ID));
    assert!(is_revoke(&actions, &[0], true), "{actions:?}");
    rig.tell(Input::Unassigned);
    let actions = rig.tell(Input::UnassignDone);
    let [Action::Join(_, request)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(request.member_id, "");
}

#[test]
fn a_fenced_static_member_is_fatal_and_never_joins_again() {
    let mut rig = Rig::steady();
    rig.wait();
    let actions = rig.answer_heartbeat(Err(ErrorCode::FENCED_INSTANCE_ID));
    assert!(
        actions
            .iter()
            .any(|action| { matches!(action, Action::Fatal(ErrorCode::FENCED_INSTANCE_ID, _)) }),
        "{actions:?}"
    );
    rig.tell(Input::Unassigned);
    assert_eq!(rig.tell(Input::UnassignDone), []);
}

#[test]
fn a_commit_of_an_old_generation_makes_a_steady_member_join_again() {
    let mut rig = Rig::steady();
    let actions = rig.tell(Input::CommitFailed(ErrorCode::ILLEGAL_GENERATION));
    assert!(is_revoke(&actions, &[0], true), "{actions:?}");
    // The second answer finds the rebalance under way.
    assert_eq!(
        rig.tell(Input::CommitFailed(ErrorCode::ILLEGAL_GENERATION)),
        []
    );
}

#[test]
fn a_session_without_answers_runs_out_once() {
    let mut rig = Rig::steady();
    let mut revoked = 0;
    for _ in 0..30 {
        let actions = rig.pass(Duration::from_secs(1));
        revoked += usize::from(is_revoke(&actions, &[0], true));
    }
    assert_eq!(revoked, 1);
}

#[test]
fn who_joins_after_its_session_ran_out_asks_to_be_who_it_was() {
    let mut rig = Rig::steady();
    let id = rig.member.member_id().clone();
    assert_ne!(id, "");
    while !is_revoke(&rig.pass(Duration::from_secs(1)), &[0], true) {}
    assert_eq!(rig.member.member_id(), &id);
    assert_eq!(rig.member.generation(), -1);
}

#[test]
fn a_coordinator_that_moved_is_looked_up_again_without_a_rebalance() {
    let mut rig = Rig::steady();
    rig.wait();
    let actions = rig.answer_heartbeat(Err(ErrorCode::NOT_COORDINATOR));
    assert_eq!(
        actions,
        [Action::FindCoordinator(ErrorCode::NOT_COORDINATOR)]
    );
    assert_eq!(rig.member.state(), State::Steady);
    assert!(matches!(rig.wait().as_slice(), [Action::Heartbeat(..)]));
}

#[test]
fn a_join_that_failed_for_a_passing_reason_is_repeated_after_a_pause() {
    let mut rig = Rig::joining();
    let before = rig.now;
    assert_eq!(
        rig.answer_join(failed(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS)),
        []
    );
    assert!(matches!(rig.wait().as_slice(), [Action::Join(..)]));
    assert_eq!(rig.now, before + Duration::from_millis(100));
}

#[test]
fn a_join_that_cannot_succeed_tells_the_application_and_goes_on_trying() {
    let mut rig = Rig::joining();
    let actions = rig.answer_join(failed(ErrorCode::INCONSISTENT_GROUP_PROTOCOL));
    assert!(
        matches!(actions.as_slice(), [Action::Error(ErrorCode::INCONSISTENT_GROUP_PROTOCOL, text)]
            if text.starts_with("JoinGroup failed: ")),
        "{actions:?}"
    );
    assert!(matches!(rig.wait().as_slice(), [Action::Join(..)]));
}

#[test]
fn answers_of_an_earlier_attempt_are_ignored_but_leave_no_ghost() {
    let mut rig = Rig::joining();
    let old = rig.member.attempt;
    rig.tell(Input::Unsubscribe);
    rig.tell(Input::Subscribe(vec!["t".into()]));
    let actions = rig.tell(Input::Join(old, Ok(joined("ghost", "other", vec![]))));
    let [Action::Leave(_, request)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(request.member_id, "ghost");
    assert_eq!(rig.member.state(), State::Joining);
}

#[test]
fn unsubscribing_gives_back_commits_and_leaves() {
    let mut rig = Rig::steady();
    let actions = rig.tell(Input::Unsubscribe);
    assert!(is_revoke(&actions, &[0], false), "{actions:?}");
    rig.tell(Input::Unassigned);
    let actions = rig.tell(Input::UnassignDone);
    let [Action::Leave(attempt, request)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(request.member_id, "m");
    assert_eq!(rig.tell(Input::Left(*attempt)), [Action::OutOfGroup]);
    assert_eq!(rig.member.state(), State::Unsubscribed);
}

#[test]
fn other_topics_make_a_steady_member_join_again_with_them() {
    let mut rig = Rig::steady();
    assert!(is_revoke(
        &rig.tell(Input::Subscribe(vec!["u".into()])),
        &[0],
        false
    ));
    rig.tell(Input::Unassigned);
    let actions = rig.tell(Input::UnassignDone);
    let [Action::Join(_, request)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    let wanted = protocol::encode_subscription(&["u".into()], None, 7, None);
    assert_eq!(request.protocols[0].metadata, wanted);
}

#[test]
fn other_topics_during_a_join_are_applied_after_it() {
    let mut rig = Rig::joining();
    assert_eq!(rig.tell(Input::Subscribe(vec!["u".into()])), []);
    rig.answer_join(joined("m", "other", vec![]));
    rig.answer_sync(&[0]);
    assert!(is_revoke(&rig.tell(Input::Assigned), &[0], false));
}

#[test]
fn an_application_that_stopped_polling_leaves_and_joins_when_it_polls_again() {
    let mut rig = Rig::steady();
    let actions = rig.tell(Input::PollExceeded);
    assert!(
        matches!(&actions[0], Action::Leave(_, request) if request.member_id == "m"),
        "{actions:?}"
    );
    assert!(is_revoke(&actions, &[0], true), "{actions:?}");
    rig.tell(Input::Unassigned);
    assert_eq!(rig.tell(Input::UnassignDone), []);
    assert!(matches!(
        rig.tell(Input::Polled).as_slice(),
        [Action::Join(..)]
    ));
}

#[test]
fn an_empty_assignment_is_given_up_without_asking() {
    let mut rig = Rig::joining();
    rig.answer_join(joined("m", "other", vec![]));
    rig.answer_sync(&[]);
    rig.tell(Input::Assigned);
    rig.wait();
    let actions = rig.answer_heartbeat(Err(ErrorCode::REBALANCE_IN_PROGRESS));
    assert!(
        matches!(actions.as_slice(), [Action::Join(..)]),
        "{actions:?}"
    );
}

#[test]
fn an_unreadable_assignment_makes_the_member_try_again() {
    let mut rig = Rig::joining();
    rig.answer_join(joined("m", "other", vec![]));
    let assignment = vec![0, 0, 0x7f, 0xff, 0xff, 0xff].into();
    let response = SyncGroupResponse {
        assignment,
        ..Default::default()
    };
    assert_eq!(rig.tell(Input::Sync(rig.member.attempt, Ok(response))), []);
    assert_eq!(rig.member.state(), State::Unjoined);
}

// ---- cooperative ----

impl Rig {
    /// Consuming partitions 0 to 3 of `t`, with a cooperative strategy.
    fn cooperative() -> Self {
        let mut rig = Self::new();
        rig.member.conf.assignors = vec![Assignor::CooperativeSticky];
        rig.tell(Input::Subscribe(vec!["t".into()]));
        rig.answer_join(cooperative("m", 7));
        let offer = rig.answer_sync(&[0, 1, 2, 3]);
        assert_eq!(offer, [Action::Assign(given(&[0, 1, 2, 3]))]);
        rig.tell(Input::Assigned);
        assert_eq!(rig.member.state(), State::Steady);
        rig
    }

    /// The same, joining again because the group rebalances.
    fn rejoining() -> Self {
        let mut rig = Self::cooperative();
        rig.wait();
        let actions = rig.answer_heartbeat(Err(ErrorCode::REBALANCE_IN_PROGRESS));
        assert_eq!(owned(&actions), Some((given(&[0, 1, 2, 3]), 7)));
        rig
    }
}

fn cooperative(id: &str, generation_id: i32) -> JoinGroupResponse {
    JoinGroupResponse {
        generation_id,
        protocol_name: Some("cooperative-sticky".into()),
        ..joined(id, "other", vec![])
    }
}

/// What the first action, a join, says is owned.
fn owned(actions: &[Action]) -> Option<(Assignment, i32)> {
    let [Action::Join(_, request)] = actions else {
        return None;
    };
    let told = protocol::decode_member(JoinGroupResponseMember {
        metadata: request.protocols[0].metadata.clone(),
        ..Default::default()
    })?;
    Some((told.owned, told.generation))
}

#[test]
fn a_cooperative_member_gives_back_what_must_go_and_joins_again() {
    let mut rig = Rig::rejoining();
    rig.answer_join(cooperative("m", 8));
    assert!(is_revoke(&rig.answer_sync(&[0, 1]), &[2, 3], false));
    rig.tell(Input::Unassigned);
    let actions = rig.tell(Input::UnassignDone);
    assert_eq!(owned(&actions), Some((given(&[0, 1]), 8)));
}

#[test]
fn a_cooperative_member_is_offered_only_what_it_has_not() {
    let mut rig = Rig::rejoining();
    rig.answer_join(cooperative("m", 8));
    let actions = rig.answer_sync(&[0, 1, 2, 3, 4]);
    assert_eq!(actions, [Action::Assign(given(&[4]))]);
    assert_eq!(rig.tell(Input::Assigned), []);
    assert_eq!(rig.member.state(), State::Steady);
}

#[test]
fn what_comes_while_something_goes_is_taken_after_it() {
    let mut rig = Rig::rejoining();
    rig.answer_join(cooperative("m", 8));
    assert!(is_revoke(&rig.answer_sync(&[0, 1, 4]), &[2, 3], false));
    rig.tell(Input::Unassigned);
    assert_eq!(rig.tell(Input::UnassignDone), [Action::Assign(given(&[4]))]);
    let actions = rig.tell(Input::Assigned);
    assert_eq!(owned(&actions), Some((given(&[0, 1, 4]), 8)));
}

#[test]
fn a_cooperative_member_that_was_forgotten_loses_what_it_kept() {
    let mut rig = Rig::rejoining();
    let actions = rig.answer_join(failed(ErrorCode::UNKNOWN_MEMBER_ID));
    assert!(is_revoke(&actions, &[0, 1, 2, 3], true));
    rig.tell(Input::Unassigned);
    rig.tell(Input::UnassignDone);
    assert_eq!(owned(&rig.wait()), Some((Assignment::new(), -1)));
}

#[test]
fn leaving_while_joining_gives_back_what_was_kept() {
    let mut rig = Rig::rejoining();
    assert!(is_revoke(
        &rig.tell(Input::Unsubscribe),
        &[0, 1, 2, 3],
        false
    ));
    rig.tell(Input::Unassigned);
    let actions = rig.tell(Input::UnassignDone);
    assert!(matches!(actions.as_slice(), [Action::Leave(..)]));
}

#[test]
fn leaving_while_a_part_goes_gives_back_the_rest_too() {
    let mut rig = Rig::rejoining();
    rig.answer_join(cooperative("m", 8));
    rig.answer_sync(&[0, 1, 4]);
    assert_eq!(rig.tell(Input::Unsubscribe), []);
    rig.tell(Input::Unassigned);
    let actions = rig.tell(Input::UnassignDone);
    assert!(is_revoke(&actions, &[0, 1], false), "{actions:?}");
}

#[test]
fn a_loss_during_an_offer_is_still_a_loss_after_it() {
    let mut rig = Rig::offered();
    rig.wait();
    rig.answer_heartbeat(Err(ErrorCode::UNKNOWN_MEMBER_ID));
    assert!(is_revoke(&rig.tell(Input::Assigned), &[0], true));
}

#[test]
fn who_left_commits_in_the_name_of_the_membership_that_ended() {
    let mut rig = Rig::steady();
    rig.tell(Input::Unsubscribe);
    rig.tell(Input::Unassigned);
    rig.tell(Input::UnassignDone);
    rig.tell(Input::Left(rig.member.attempt));
    assert_eq!(rig.member.commit_generation(), 7);
    rig.tell(Input::Assigned);
    assert_eq!(rig.member.commit_generation(), -1);
}
