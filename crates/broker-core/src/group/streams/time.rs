//! What time does to streams groups.

use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::super::classic::Group;
use super::super::{GroupConfig, Turn};
use super::{Draft, MemberState};

impl Group {
    /// Until when a new group waits for more members.
    pub(crate) fn streams_deadline(&self) -> Option<Duration> {
        self.streams.as_ref()?.live.delay_until
    }

    /// Tasks are assigned to those who came while more members were waited for.
    pub(crate) fn end_streams_delay(&mut self, turn: &mut Turn<'_>) {
        if self.streams_deadline().is_none_or(|it| it > turn.now.mono) {
            return;
        }
        let mut draft = Draft::of(self.streams.as_deref());
        draft.group.live.delay_until = None;
        if !draft.group.is_empty() && draft.group.epoch > draft.group.assignment_epoch {
            draft.assign(turn);
        }
        if let Err(code) = self.commit_streams(draft, turn) {
            tracing::warn!(group = %self.id, error = %code.name(), "tasks are assigned later");
            if let Some(group) = &mut self.streams {
                // The next heartbeat tries again.
                group.live.delay_until = None;
            }
        }
    }

    /// Takes members out, for whatever reason.
    pub(crate) fn remove_streams_members(
        &mut self,
        members: &[StrBytes],
        turn: &mut Turn<'_>,
    ) -> Result<(), ErrorCode> {
        let mut draft = Draft::of(self.streams.as_deref());
        draft.remove(members);
        self.commit_streams(draft, turn)?;
        for id in members {
            self.timers.remove(id);
        }
        Ok(())
    }

    /// After a start: every member has one session to show up, and one that must give up tasks its time for that.
    pub(crate) fn resume_streams(&mut self, config: &GroupConfig, now: Duration) {
        let Some(group) = &self.streams else { return };
        let session = config.streams_session_timeout(&self.id);
        for (id, member) in &group.members {
            let is_revoking = member.state == MemberState::Revoking;
            let timeout = super::super::millis(member.about.rebalance_timeout_ms);
            let timers = super::super::Timers {
                session: now + session,
                rebalance: is_revoking.then_some(now + timeout),
            };
            self.timers.insert(id.clone(), timers);
        }
    }
}
