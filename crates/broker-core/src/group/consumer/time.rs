//! What time does to members of the next-generation protocol, and of streams groups.

use std::time::Duration;

use rdkafka_wire::types::StrBytes;

use super::super::Turn;
use super::super::classic::Group;
use super::Draft;

/// When a member is taken for dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timers {
    /// Without a heartbeat.
    pub(crate) session: Duration,
    /// Without having given up what it must, or without having joined again.
    pub(crate) rebalance: Option<Duration>,
}

impl Timers {
    fn next(&self) -> Duration {
        self.rebalance
            .map_or(self.session, |it| it.min(self.session))
    }
}

impl Group {
    /// When a member of the next-generation or the streams protocol next runs out of time.
    pub(crate) fn next_consumer_deadline(&self) -> Option<Duration> {
        self.timers.values().map(Timers::next).min()
    }

    /// Members whose time is over are out; the others take over what they had.
    pub(crate) fn expire_consumers(&mut self, turn: &mut Turn<'_>) {
        let now = turn.now.mono;
        let gone = self.timers.iter().filter(|(_, it)| it.next() <= now);
        let gone: Vec<StrBytes> = gone.map(|(id, _)| id.clone()).collect();
        if gone.is_empty() {
            return;
        }
        tracing::info!(group = %self.id, members = gone.len(), "members of the group ran out of time");
        let removed = match self.streams {
            Some(_) => self.remove_streams_members(&gone, turn),
            None => self.remove_consumers(&gone, turn),
        };
        if let Err(code) = removed {
            tracing::warn!(group = %self.id, error = %code.name(), "silent members stay for now");
            for id in &gone {
                if let Some(timers) = self.timers.get_mut(id) {
                    timers.session = now + RETRY;
                    timers.rebalance = None;
                }
            }
        }
    }

    /// Takes members out, for whatever reason.
    pub(super) fn remove_consumers(
        &mut self,
        members: &[StrBytes],
        turn: &mut Turn<'_>,
    ) -> Result<(), rdkafka_wire::ErrorCode> {
        let mut draft = Draft::of(self.consumer.as_deref());
        let mut is_changed = false;
        for id in members {
            if draft.group.members.contains_key(id) {
                draft.remove(id);
                is_changed = true;
            }
        }
        if is_changed {
            draft.drop_unused_regexes();
            let hash = draft.group.hash_of_topics(turn.journal);
            draft.bump(hash);
        }
        if self.wants_downgrade(&draft.group, turn) {
            return self.downgrade(draft, turn);
        }
        self.persist_consumer(draft.records, turn)?;
        for id in members {
            self.timers.remove(id);
        }
        Ok(())
    }

    /// Counts the time of a member, also of a streams group, from now on.
    pub(crate) fn touch_consumer(
        &mut self,
        member_id: &StrBytes,
        session: Duration,
        rebalance: RebalanceTimer,
        turn: &Turn<'_>,
    ) {
        let now = turn.now.mono;
        let before = self.timers.get(member_id).and_then(|it| it.rebalance);
        let rebalance = match rebalance {
            RebalanceTimer::Keep => before,
            RebalanceTimer::Stop => None,
            RebalanceTimer::Start(timeout) => Some(now + timeout),
            RebalanceTimer::Ensure(timeout) => before.or(Some(now + timeout)),
        };
        let timers = Timers {
            session: now + session,
            rebalance,
        };
        self.timers.insert(member_id.clone(), timers);
    }

    /// After a start: every member has one session to show up.
    pub(crate) fn resume_consumers(&mut self, config: &super::super::GroupConfig, now: Duration) {
        let Some(group) = &self.consumer else { return };
        let session = config.session_timeout(&self.id);
        for (id, member) in &group.members {
            let own = member
                .about
                .classic
                .as_ref()
                .map(|it| millis(it.session_timeout_ms));
            let timers = Timers {
                session: now + own.unwrap_or(session),
                rebalance: None,
            };
            self.timers.insert(id.clone(), timers);
        }
    }
}

/// What becomes of the time a member has for a rebalance.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RebalanceTimer {
    Keep,
    Stop,
    Start(Duration),
    Ensure(Duration),
}

/// A timeout of the protocol.
pub(crate) fn millis(value: i32) -> Duration {
    Duration::from_millis(u64::try_from(value).unwrap_or(0))
}

const RETRY: Duration = Duration::from_secs(1);
