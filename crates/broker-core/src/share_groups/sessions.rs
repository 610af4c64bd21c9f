//! Share sessions: which partitions a member fetches, remembered, so that it need not say it each time (KIP-932).
//!
//! Owns: [`ShareSessions`], bounded by `group.share.max.share.sessions` and by how many partitions they name in all. Guarantees: a member's requests hold in their order, by
//! the session's epoch; the end of its connection is the end of a session. Leaves to others: giving back what the member had.

use std::collections::{BTreeMap, HashMap};

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::request::ConnectionId;

/// A member of a group.
pub(crate) type Who = (StrBytes, StrBytes);

/// A partition.
pub(crate) type Place = (Uuid, i32);

/// The epoch that opens a session.
pub(crate) const INITIAL_EPOCH: i32 = 0;
/// The epoch that closes it.
pub(crate) const FINAL_EPOCH: i32 = -1;

#[derive(Debug)]
struct Session {
    next_epoch: i32,
    connection: ConnectionId,
    /// Whether the member was told of it yet.
    places: BTreeMap<Place, bool>,
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct ShareSessions {
    sessions: HashMap<Who, Session>,
    /// How many partitions they name in all.
    remembered: usize,
}

impl ShareSessions {
    /// Opens a session, in the place of the member's last one if it had one.
    pub(crate) fn open(
        &mut self,
        who: Who,
        places: impl Iterator<Item = Place>,
        connection: ConnectionId,
        max: usize,
    ) -> Result<(), ErrorCode> {
        self.close(&who);
        let places: BTreeMap<Place, bool> = places.map(|it| (it, true)).collect();
        if self.sessions.len() >= max || self.remembered + places.len() > REMEMBERED_MAX {
            return Err(ErrorCode::SHARE_SESSION_LIMIT_REACHED);
        }
        self.remembered += places.len();
        let session = Session {
            next_epoch: 1,
            connection,
            places,
        };
        self.sessions.insert(who, session);
        Ok(())
    }

    /// Whether a member has a session.
    pub(crate) fn has(&self, who: &Who) -> bool {
        self.sessions.contains_key(who)
    }

    /// The next request of a session; the final one does not count.
    pub(crate) fn follow(&mut self, who: &Who, epoch: i32) -> Result<(), ErrorCode> {
        let session = self.sessions.get_mut(who);
        let session = session.ok_or(ErrorCode::SHARE_SESSION_NOT_FOUND)?;
        if epoch == FINAL_EPOCH {
            return Ok(());
        }
        if session.next_epoch != epoch {
            return Err(ErrorCode::INVALID_SHARE_SESSION_EPOCH);
        }
        session.next_epoch = epoch.checked_add(1).unwrap_or(1);
        Ok(())
    }

    /// Partitions that come to a session and go from it. Without room for them the session stays as it was.
    pub(crate) fn update(
        &mut self,
        who: &Who,
        added: impl Iterator<Item = Place>,
        forgotten: impl Iterator<Item = Place>,
    ) -> Result<(), ErrorCode> {
        let (mut added, mut forgotten) = (added.peekable(), forgotten.peekable());
        let is_same = added.peek().is_none() && forgotten.peek().is_none();
        let Some(session) = self.sessions.get_mut(who).filter(|_| !is_same) else {
            return Ok(());
        };
        let others = self.remembered - session.places.len();
        let room = REMEMBERED_MAX.saturating_sub(others);
        let mut places = session.places.clone();
        for place in added {
            places.entry(place).or_insert(false);
        }
        for place in forgotten {
            places.remove(&place);
        }
        if places.len() > room {
            return Err(ErrorCode::SHARE_SESSION_LIMIT_REACHED);
        }
        self.remembered = others + places.len();
        session.places = places;
        Ok(())
    }

    /// What a session fetches, beginning elsewhere each time so that no partition starves.
    pub(crate) fn places(&self, who: &Who) -> Vec<Place> {
        let Some(session) = self.sessions.get(who) else {
            return Vec::new();
        };
        let mut places: Vec<Place> = session.places.keys().copied().collect();
        if !places.is_empty() {
            let turn = usize::try_from(session.next_epoch).unwrap_or(0) % places.len();
            places.rotate_left(turn);
        }
        places
    }

    /// Whether an answer has something to say about a partition: records, an error, or that it was added.
    pub(crate) fn is_news(
        &mut self,
        who: &Who,
        place: Place,
        says_something: bool,
        is_error: bool,
    ) -> bool {
        let session = self.sessions.get_mut(who);
        let known = session.and_then(|it| it.places.get_mut(&place));
        let Some(was_told) = known else {
            return true;
        };
        let is_news = says_something || is_error || !*was_told;
        *was_told = !is_error;
        is_news
    }

    /// Closes a session; whether there was one.
    pub(crate) fn close(&mut self, who: &Who) -> bool {
        let session = self.sessions.remove(who);
        self.remembered -= session.as_ref().map_or(0, |it| it.places.len());
        session.is_some()
    }

    /// Closes those of a connection that is gone.
    pub(crate) fn disconnected(&mut self, connection: ConnectionId) -> Vec<Who> {
        let gone = self
            .sessions
            .iter()
            .filter(|(_, it)| it.connection == connection);
        let mut gone: Vec<Who> = gone.map(|(who, _)| who.clone()).collect();
        gone.sort();
        for who in &gone {
            self.close(who);
        }
        gone
    }
}

/// How many partitions all sessions name, at about 40 bytes each.
const REMEMBERED_MAX: usize = 500_000;
