//! A group of many members, as the classic protocol has them: they come all at once, then one more comes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::find_coordinator::FindCoordinatorRequest;
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use rdkafka_wire::types::StrBytes;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Target;
use crate::connection::Connection;
use crate::process::Process;

/// Versions without the round trip for a member id, which Apache Kafka 4 still knows.
const JOIN_VERSION: i16 = 3;
const SYNC_VERSION: i16 = 2;
const HEARTBEAT_VERSION: i16 = 2;
const FIND_VERSION: i16 = 3;
/// A coordinator that has just been made takes a moment.
const TRIES: u32 = 200;
/// How soon a member learns that the group begins anew.
const BEAT_EVERY: Duration = Duration::from_millis(100);
/// The generation of who is in none.
const NONE: i32 = -1;

#[derive(Debug, Args)]
pub(crate) struct Group {
    #[command(flatten)]
    target: Target,
    /// Members.
    #[arg(long, default_value_t = 100)]
    members: usize,
    /// For how long they send heartbeats, one each a second.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
}

impl Group {
    pub(crate) async fn run(self) -> Result<Value> {
        let group = StrBytes::from(format!("load-{}", std::process::id()));
        find_coordinator(&self.target.broker, &group).await?;
        let mut members = Vec::with_capacity(self.members + 1);
        for _ in 0..=self.members {
            let mut connection = Connection::open(&self.target.broker).await?;
            connection.introduce().await?;
            members.push(Member {
                connection,
                group: group.clone(),
                id: StrBytes::default(),
                generation: NONE,
            });
        }
        let newcomer = members.pop();
        let mut process = Process::new(self.target.pid)?;
        let goal = Goal::of(self.members);
        let mut members = each(members, |member| member.settle(goal.clone())).await?;
        let joined = process.report(json!({}));

        process.restart();
        members.extend(newcomer);
        let goal = Goal::of(members.len());
        members = each(members, |member| member.settle(goal.clone())).await?;
        let rebalanced = process.report(json!({}));

        process.restart();
        let mut beats = 0;
        for _ in 0..self.seconds {
            let pause = tokio::time::sleep(Duration::from_secs(1));
            beats += members.len();
            members = each(members, Member::beat).await?;
            pause.await;
        }
        let cpu_us = process.cpu_ns() as f64 / 1e3 / beats.max(1) as f64;
        Ok(process.report(json!({
            "members": self.members,
            "stable_after_seconds": joined["seconds"],
            "join_cpu_seconds": joined["cpu_seconds"],
            "rebalance_seconds": rebalanced["seconds"],
            "rebalance_cpu_seconds": rebalanced["cpu_seconds"],
            "cpu_us_per_heartbeat": cpu_us,
        })))
    }
}

/// When a group is as it is to be: the leader sees so many members, and says in which generation.
#[derive(Clone)]
struct Goal {
    members: usize,
    reached: Arc<watch::Sender<i32>>,
}

impl Goal {
    fn of(members: usize) -> Self {
        let reached = Arc::new(watch::Sender::new(NONE));
        Self { members, reached }
    }
}

/// Lets all members do something at once.
async fn each<F>(members: Vec<Member>, what: impl Fn(Member) -> F) -> Result<Vec<Member>>
where
    F: Future<Output = Result<Member>> + Send + 'static,
{
    let mut tasks: JoinSet<_> = members.into_iter().map(what).collect();
    let mut done = Vec::new();
    while let Some(outcome) = tasks.join_next().await {
        done.push(outcome??);
    }
    Ok(done)
}

async fn find_coordinator(broker: &str, group: &StrBytes) -> Result<()> {
    let mut connection = Connection::open(broker).await?;
    let request = FindCoordinatorRequest {
        key: group.clone(),
        ..FindCoordinatorRequest::default()
    };
    for _ in 0..TRIES {
        let answer = connection.call(&request, FIND_VERSION).await?;
        if ErrorCode(answer.error_code) == ErrorCode::NONE {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("the group has no coordinator");
}

struct Member {
    connection: Connection,
    group: StrBytes,
    id: StrBytes,
    generation: i32,
}

impl Member {
    /// Is a member until the group is as it is to be: joins, and again whenever a heartbeat says that the group begins anew.
    async fn settle(mut self, goal: Goal) -> Result<Self> {
        let mut reached = goal.reached.subscribe();
        loop {
            if self.generation == NONE && self.join().await? == goal.members {
                goal.reached.send_replace(self.generation);
            }
            if *reached.borrow_and_update() == self.generation {
                return Ok(self);
            }
            // Whether or not the goal was reached meanwhile: the loop looks.
            let _ = tokio::time::timeout(BEAT_EVERY, reached.changed()).await;
            if *reached.borrow() != self.generation && !self.is_current().await? {
                self.generation = NONE;
            }
        }
    }

    /// Joins and waits for what the group decides; how many members the leader sees, 0 for others.
    async fn join(&mut self) -> Result<usize> {
        loop {
            let request = JoinGroupRequest {
                group_id: self.group.clone(),
                session_timeout_ms: 30_000,
                rebalance_timeout_ms: 30_000,
                member_id: self.id.clone(),
                protocol_type: "consumer".into(),
                protocols: vec![JoinGroupRequestProtocol {
                    name: "range".into(),
                    ..JoinGroupRequestProtocol::default()
                }],
                ..JoinGroupRequest::default()
            };
            let joined = self.connection.call(&request, JOIN_VERSION).await?;
            match ErrorCode(joined.error_code) {
                ErrorCode::NONE => {}
                ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_LOAD_IN_PROGRESS => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
                error => bail!("a member cannot join: {}", error.text()),
            }
            self.id = joined.member_id;
            self.generation = joined.generation_id;
            let seen = joined.members.len();
            let assignment = |member_id| SyncGroupRequestAssignment {
                member_id,
                ..SyncGroupRequestAssignment::default()
            };
            let members = joined
                .members
                .into_iter()
                .map(|it| assignment(it.member_id));
            let request = SyncGroupRequest {
                group_id: self.group.clone(),
                generation_id: self.generation,
                member_id: self.id.clone(),
                assignments: members.collect(),
                ..SyncGroupRequest::default()
            };
            let synced = self.connection.call(&request, SYNC_VERSION).await?;
            match ErrorCode(synced.error_code) {
                ErrorCode::NONE => return Ok(seen),
                ErrorCode::REBALANCE_IN_PROGRESS | ErrorCode::ILLEGAL_GENERATION => {}
                error => bail!("a member gets no assignment: {}", error.text()),
            }
        }
    }

    /// One heartbeat in a group that is stable.
    async fn beat(mut self) -> Result<Self> {
        match self.is_current().await? {
            true => Ok(self),
            false => bail!("a group that was stable begins anew"),
        }
    }

    /// Asks by a heartbeat whether the group is still what it was.
    async fn is_current(&mut self) -> Result<bool> {
        let request = HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            ..HeartbeatRequest::default()
        };
        let answer = self.connection.call(&request, HEARTBEAT_VERSION).await?;
        match ErrorCode(answer.error_code) {
            ErrorCode::NONE => Ok(true),
            ErrorCode::REBALANCE_IN_PROGRESS | ErrorCode::ILLEGAL_GENERATION => Ok(false),
            error => bail!("a heartbeat was refused: {}", error.text()),
        }
    }
}
