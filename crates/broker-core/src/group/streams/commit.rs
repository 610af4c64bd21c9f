//! Who may commit offsets in a streams group.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::super::offsets::Commit;
use super::topology::sources;
use super::{StreamsGroup, StreamsMember};

impl StreamsGroup {
    /// OffsetCommit: of members, in their epoch, or of tasks they have had since before; of anybody while there are no members.
    pub(crate) fn check_commit(&self, commit: &Commit) -> Result<(), ErrorCode> {
        if commit.generation < 0 && self.is_empty() {
            return Ok(());
        }
        let member = self.member(&commit.member_id)?;
        if !commit.knows_epochs {
            return Err(ErrorCode::UNSUPPORTED_VERSION);
        }
        self.check_epoch(member, commit)
    }

    /// TxnOffsetCommit, which knows no stale epochs.
    pub(crate) fn check_pending(&self, commit: &Commit) -> Result<(), ErrorCode> {
        let member = self.member(&commit.member_id)?;
        self.check_epoch(member, commit)
            .map_err(|_| ErrorCode::ILLEGAL_GENERATION)
    }

    /// OffsetFetch of a member.
    pub(crate) fn check_reader(&self, member_id: &str, epoch: i32) -> Result<(), ErrorCode> {
        match self.member(member_id)?.epoch == epoch {
            true => Ok(()),
            false => Err(ErrorCode::STALE_MEMBER_EPOCH),
        }
    }

    fn member(&self, id: &str) -> Result<&StreamsMember, ErrorCode> {
        self.members.get(id).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)
    }

    fn check_epoch(&self, member: &StreamsMember, commit: &Commit) -> Result<(), ErrorCode> {
        let epoch = commit.generation;
        let had = |(topic, partition, _): &(StrBytes, i32, _)| {
            let since = self.has_since(member, topic, *partition);
            since.is_some_and(|since| since <= epoch)
        };
        if epoch == member.epoch || (epoch < member.epoch && commit.offsets.iter().all(had)) {
            Ok(())
        } else {
            Err(ErrorCode::STALE_MEMBER_EPOCH)
        }
    }

    /// Since which epoch a member has the task that reads a partition, if it does.
    fn has_since(&self, member: &StreamsMember, topic: &StrBytes, partition: i32) -> Option<i32> {
        let topology = self.topology.as_ref()?;
        let mut subtopologies = topology.subtopologies.iter();
        let reader = subtopologies.find(|it| sources(it).any(|name| name == topic))?;
        let task = (reader.subtopology_id.clone(), partition);
        let owned = [&member.assigned, &member.revoking].into_iter();
        owned.filter_map(|it| it.since.get(&task)).copied().next()
    }
}
