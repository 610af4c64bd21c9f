//! A group of many members, as the classic protocol has them.

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
        let mut members = Vec::with_capacity(self.members);
        for _ in 0..self.members {
            let mut connection = Connection::open(&self.target.broker).await?;
            connection.introduce().await?;
            members.push(Member {
                connection,
                group: group.clone(),
                id: StrBytes::default(),
                generation: -1,
            });
        }
        let mut process = Process::new(self.target.pid)?;
        let members = each(members, Member::join).await?;
        let joined = process.report(json!({}));
        process.restart();
        let mut members = members;
        for _ in 0..self.seconds {
            let pause = tokio::time::sleep(Duration::from_secs(1));
            members = each(members, Member::heartbeat).await?;
            pause.await;
        }
        let beats = (self.members as u64 * self.seconds).max(1);
        let cpu_us = process.cpu_ns() as f64 / 1e3 / beats as f64;
        Ok(process.report(json!({
            "members": members.len(),
            "stable_after_seconds": joined["seconds"],
            "join_cpu_seconds": joined["cpu_seconds"],
            "cpu_us_per_heartbeat": cpu_us,
        })))
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
    /// Joins, as often as the group begins anew, until it is stable.
    async fn join(mut self) -> Result<Self> {
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
                ErrorCode::NONE => return Ok(self),
                ErrorCode::REBALANCE_IN_PROGRESS | ErrorCode::ILLEGAL_GENERATION => {}
                error => bail!("a member gets no assignment: {}", error.text()),
            }
        }
    }

    async fn heartbeat(mut self) -> Result<Self> {
        let request = HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            ..HeartbeatRequest::default()
        };
        let answer = self.connection.call(&request, HEARTBEAT_VERSION).await?;
        match ErrorCode(answer.error_code) {
            ErrorCode::NONE => Ok(self),
            ErrorCode::REBALANCE_IN_PROGRESS => self.join().await,
            error => bail!("a heartbeat was refused: {}", error.text()),
        }
    }
}
