//! The new protocol's membership in virtual time; the test plays the coordinator.

use super::super::member_io::Topics;
use super::*;
use rdkafka_wire::messages::consumer_group_heartbeat::{
    Assignment as Assigned, ResponseTopicPartitions,
};

const TOPIC: Uuid = Uuid([7; 16]);
const SECOND: Duration = Duration::from_secs(1);

struct Rig {
    member: NextGen,
    now: Moment,
}

fn conf(instance_id: Option<&str>) -> GroupConf {
    GroupConf {
        group_id: "g".into(),
        instance_id: instance_id.map(StrBytes::from),
        session_timeout: 45 * SECOND,
        rebalance_timeout: 300 * SECOND,
        heartbeat_interval: 3 * SECOND,
        retry_backoff: Duration::from_millis(100),
        assignors: Vec::new(),
        rack: Some("r".into()),
        remote_assignor: Some("uniform".into()),
    }
}

fn wanted(name: &str) -> Topics {
    Topics {
        names: vec![name.into()],
        regex: StrBytes::default(),
    }
}

/// An answer at an epoch, with or without a target.
fn accepted(epoch: i32, target: Option<&[i32]>) -> ConsumerGroupHeartbeatResponse {
    let topic = |partitions: &[i32]| ResponseTopicPartitions {
        topic_id: TOPIC,
        partitions: partitions.to_vec(),
    };
    ConsumerGroupHeartbeatResponse {
        member_id: Some("m".into()),
        member_epoch: epoch,
        heartbeat_interval_ms: 1000,
        assignment: target.map(|partitions| Assigned {
            topic_partitions: vec![topic(partitions)],
        }),
        ..Default::default()
    }
}

fn given(partitions: &[i32]) -> Assignment {
    Assignment::from([("t".into(), partitions.to_vec())])
}

impl Rig {
    fn with(conf: GroupConf) -> Self {
        Self {
            member: NextGen::new(conf),
            now: Moment(1_000_000),
        }
    }

    fn joining() -> (Self, ConsumerGroupHeartbeatRequest) {
        let mut rig = Self::with(conf(None));
        let actions = rig.tell(Input::SubscribeTo(wanted("t"), "m".into()));
        let request = beat(&actions);
        (rig, request)
    }

    /// Consuming these partitions of `t`, acknowledged, at epoch 1.
    fn steady(partitions: &[i32]) -> Self {
        let (mut rig, _) = Self::joining();
        rig.answer(accepted(1, Some(partitions)));
        rig.tell(Input::Names(BTreeMap::from([(TOPIC, "t".into())])));
        rig.tell(Input::Assigned);
        rig.answer(accepted(1, None));
        assert_eq!(rig.member.state(), State::Steady);
        rig
    }

    fn tell(&mut self, input: Input) -> Vec<Action> {
        self.member.handle(input, self.now);
        std::iter::from_fn(|| self.member.poll_action()).collect()
    }

    fn answer(&mut self, response: ConsumerGroupHeartbeatResponse) -> Vec<Action> {
        self.tell(Input::Beat(self.member.attempt, Ok(response)))
    }

    fn refuse(&mut self, code: ErrorCode) -> Vec<Action> {
        let response = ConsumerGroupHeartbeatResponse {
            error_code: code.0,
            ..Default::default()
        };
        self.answer(response)
    }

    fn pass(&mut self, time: Duration) -> Vec<Action> {
        self.now = self.now + time;
        self.tell(Input::Timeout)
    }
}

fn beat(actions: &[Action]) -> ConsumerGroupHeartbeatRequest {
    let requests = actions.iter().filter_map(|action| match action {
        Action::Beat(_, request) => Some(request.clone()),
        _ => None,
    });
    let mut requests: Vec<_> = requests.collect();
    assert_eq!(requests.len(), 1, "{actions:?}");
    requests.remove(0)
}

fn revoked(actions: &[Action]) -> Option<(Assignment, bool)> {
    actions.iter().find_map(|action| match action {
        Action::Revoke { partitions, lost } => Some((partitions.clone(), *lost)),
        _ => None,
    })
}

#[test]
fn the_first_heartbeat_says_everything() {
    let (_, request) = Rig::joining();
    assert_eq!((request.member_epoch, &*request.member_id), (0, "m"));
    assert_eq!(request.subscribed_topic_names, Some(vec!["t".into()]));
    assert_eq!(request.server_assignor, Some("uniform".into()));
    assert_eq!(request.rack_id, Some("r".into()));
    assert_eq!(request.rebalance_timeout_ms, 300_000);
    assert_eq!(request.topic_partitions, Some(vec![]));
}

#[test]
fn later_heartbeats_say_only_that_the_member_lives() {
    let mut rig = Rig::steady(&[0]);
    let request = beat(&rig.pass(SECOND));
    assert_eq!(request.member_epoch, 1);
    assert_eq!(request.subscribed_topic_names, None);
    assert_eq!(request.topic_partitions, None);
    assert_eq!(request.rebalance_timeout_ms, -1);
}

#[test]
fn a_target_is_offered_once_its_topics_have_names() {
    let (mut rig, _) = Rig::joining();
    let actions = rig.answer(accepted(1, Some(&[1, 0])));
    assert_eq!(actions, [Action::NeedNames(vec![TOPIC])]);
    let actions = rig.tell(Input::Names(BTreeMap::from([(TOPIC, "t".into())])));
    assert_eq!(actions, [Action::Assign(given(&[0, 1]))]);
    let request = beat(&rig.tell(Input::Assigned));
    assert_eq!(
        request.topic_partitions.unwrap()[0].partitions,
        [0, 1],
        "what is owned is acknowledged at once"
    );
}

#[test]
fn names_that_do_not_come_are_asked_for_again() {
    let (mut rig, _) = Rig::joining();
    rig.answer(accepted(1, Some(&[0])));
    assert_eq!(rig.tell(Input::Names(BTreeMap::new())), []);
    beat(&rig.pass(SECOND));
    let actions = rig.answer(accepted(1, None));
    assert_eq!(actions, [Action::NeedNames(vec![TOPIC])]);
}

#[test]
fn what_has_to_go_is_given_back_before_more_is_taken() {
    let mut rig = Rig::steady(&[0, 1]);
    beat(&rig.pass(SECOND));
    let actions = rig.answer(accepted(2, Some(&[1, 2])));
    assert_eq!(revoked(&actions), Some((given(&[0]), false)));
    rig.tell(Input::Unassigned);
    assert_eq!(rig.member.state(), State::Unassigning(Next::Take));
    assert_eq!(rig.tell(Input::UnassignDone), [Action::Assign(given(&[2]))]);
    let request = beat(&rig.tell(Input::Assigned));
    assert_eq!(request.topic_partitions.unwrap()[0].partitions, [1, 2]);
}

#[test]
fn heartbeats_go_on_while_the_application_decides() {
    let mut rig = Rig::steady(&[0]);
    beat(&rig.pass(SECOND));
    rig.answer(accepted(2, Some(&[])));
    assert_eq!(rig.member.state(), State::AwaitUnassign(Next::Take));
    let request = beat(&rig.pass(SECOND));
    assert_eq!((request.member_epoch, request.topic_partitions), (2, None));
    rig.answer(accepted(2, None));
    beat(&rig.pass(SECOND));
}

#[test]
fn a_target_that_comes_meanwhile_waits_for_the_acknowledgement() {
    let mut rig = Rig::steady(&[0]);
    beat(&rig.pass(SECOND));
    rig.answer(accepted(2, Some(&[0, 1])));
    beat(&rig.pass(SECOND));
    assert_eq!(rig.answer(accepted(2, Some(&[0, 1, 2]))), []);
    let request = beat(&rig.tell(Input::Assigned));
    assert_eq!(request.topic_partitions.unwrap()[0].partitions, [0, 1]);
    let actions = rig.answer(accepted(3, None));
    assert_eq!(actions, [Action::Assign(given(&[2]))]);
}

#[test]
fn a_fenced_member_loses_everything_and_joins_again() {
    for code in [ErrorCode::FENCED_MEMBER_EPOCH, ErrorCode::UNKNOWN_MEMBER_ID] {
        let mut rig = Rig::steady(&[0]);
        beat(&rig.pass(SECOND));
        let actions = rig.refuse(code);
        assert_eq!(revoked(&actions), Some((given(&[0]), true)));
        assert_eq!(rig.member.epoch(), -1);
        assert_eq!(
            rig.pass(10 * SECOND),
            [],
            "no heartbeats of a lost membership"
        );
        rig.tell(Input::Unassigned);
        let request = beat(&rig.tell(Input::UnassignDone));
        assert_eq!((request.member_epoch, &*request.member_id), (0, "m"));
    }
}

#[test]
fn an_answer_to_an_earlier_membership_is_ignored() {
    let mut rig = Rig::steady(&[]);
    beat(&rig.pass(SECOND));
    let old = rig.member.attempt;
    rig.refuse(ErrorCode::FENCED_MEMBER_EPOCH);
    assert_eq!(rig.tell(Input::Beat(old, Ok(accepted(9, None)))), []);
    assert_eq!(rig.member.epoch(), -1);
}

#[test]
fn what_can_never_work_is_fatal() {
    for code in [
        ErrorCode::UNRELEASED_INSTANCE_ID,
        ErrorCode::UNSUPPORTED_ASSIGNOR,
        ErrorCode::INVALID_REQUEST,
        ErrorCode::_UNSUPPORTED_FEATURE,
    ] {
        let (mut rig, _) = Rig::joining();
        let actions = rig.refuse(code);
        let text = format!("ConsumerGroupHeartbeat fatal error: {}", code.text());
        assert_eq!(actions, [Action::Fatal(code, text)]);
        assert_eq!(rig.pass(60 * SECOND), []);
        assert_eq!(rig.member.deadline(), None);
    }
}

#[test]
fn a_lost_coordinator_is_told_everything_again() {
    let mut rig = Rig::steady(&[0]);
    beat(&rig.pass(SECOND));
    let actions = rig.refuse(ErrorCode::NOT_COORDINATOR);
    let lost = Action::FindCoordinator(ErrorCode::NOT_COORDINATOR);
    assert_eq!(actions, [lost]);
    let request = beat(&rig.pass(SECOND));
    assert_eq!(request.member_epoch, 1, "still a member");
    assert_eq!(request.subscribed_topic_names, Some(vec!["t".into()]));
    assert_eq!(request.topic_partitions.unwrap()[0].partitions, [0]);
}

#[test]
fn an_acknowledgement_that_was_not_heard_is_repeated() {
    let mut rig = Rig::steady(&[0]);
    beat(&rig.pass(SECOND));
    rig.answer(accepted(2, Some(&[0, 1])));
    assert!(beat(&rig.tell(Input::Assigned)).topic_partitions.is_some());
    rig.refuse(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS);
    assert!(beat(&rig.pass(SECOND)).topic_partitions.is_some());
}

#[test]
fn leaving_gives_back_commits_and_says_so() {
    for (instance_id, epoch) in [(None, -1), (Some("i"), -2)] {
        let mut rig = Rig::with(conf(instance_id));
        rig.tell(Input::SubscribeTo(wanted("t"), "m".into()));
        rig.answer(accepted(1, Some(&[0])));
        rig.tell(Input::Names(BTreeMap::from([(TOPIC, "t".into())])));
        rig.tell(Input::Assigned);
        let actions = rig.tell(Input::Unsubscribe);
        assert_eq!(revoked(&actions), Some((given(&[0]), false)));
        rig.tell(Input::Unassigned);
        let actions = rig.tell(Input::UnassignDone);
        let [Action::LeaveBeat(attempt, request)] = actions.as_slice() else {
            panic!("{actions:?}")
        };
        assert_eq!(request.member_epoch, epoch);
        assert_eq!(request.instance_id, instance_id.map(StrBytes::from));
        let attempt = *attempt;
        assert_eq!(rig.tell(Input::Left(attempt)), [Action::OutOfGroup]);
        assert_eq!(rig.member.state(), State::Unsubscribed);
    }
}

#[test]
fn a_subscription_during_leaving_is_joined_for_afterwards() {
    let mut rig = Rig::steady(&[]);
    rig.tell(Input::Unsubscribe);
    assert_eq!(rig.member.state(), State::Leaving);
    assert_eq!(rig.tell(Input::SubscribeTo(wanted("u"), "x".into())), []);
    let request = beat(&rig.tell(Input::Left(rig.member.attempt)));
    assert_eq!(request.subscribed_topic_names, Some(vec!["u".into()]));
    assert_eq!((&*request.member_id, request.member_epoch), ("m", 0));
}

#[test]
fn another_subscription_is_told_at_once_and_nothing_is_given_back() {
    let mut rig = Rig::steady(&[0]);
    let request = beat(&rig.tell(Input::SubscribeTo(wanted("u"), "x".into())));
    assert_eq!(request.subscribed_topic_names, Some(vec!["u".into()]));
    assert_eq!(rig.member.state(), State::Steady);
}

#[test]
fn an_application_that_does_not_poll_is_out_until_it_does() {
    let mut rig = Rig::steady(&[0]);
    let actions = rig.tell(Input::PollExceeded);
    assert!(matches!(&actions[0], Action::LeaveBeat(_, request) if request.member_epoch == -1));
    assert_eq!(revoked(&actions), Some((given(&[0]), true)));
    rig.tell(Input::Unassigned);
    assert_eq!(rig.tell(Input::UnassignDone), []);
    assert_eq!(rig.pass(60 * SECOND), []);
    assert_eq!(beat(&rig.tell(Input::Polled)).member_epoch, 0);
}

#[test]
fn a_stale_commit_asks_for_the_epoch() {
    let mut rig = Rig::steady(&[0]);
    beat(&rig.tell(Input::CommitFailed(ErrorCode::STALE_MEMBER_EPOCH)));
}
