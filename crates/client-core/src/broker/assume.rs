//! What old brokers speak that cannot be asked, or shall not be (`api.version.request=false`): by their release
//! (`broker.version.fallback`).
//!
//! A broker that hangs up on the oldest ApiVersions is taken for such a release too, for `api.version.fallback.ms`, or
//! for one connection. Driver thread.

use std::time::Duration;

use rdkafka_wire::ApiKey;

use super::Broker;
use crate::conf::{ClientConfig, DebugContexts};
use crate::connection::{ApiRanges, Connection};
use crate::effects::Effects;
use crate::io::Moment;

/// The newest version of each API, by release; the oldest is 0 everywhere. From 0.10.0 on brokers can be asked.
const RELEASES: [(&str, &[(ApiKey, i16)]); 4] = [
    (
        "0.9.0",
        &[
            (ApiKey::Produce, 1),
            (ApiKey::Fetch, 1),
            (ApiKey::ListOffsets, 0),
            (ApiKey::Metadata, 0),
            (ApiKey::OffsetCommit, 2),
            (ApiKey::OffsetFetch, 1),
            (ApiKey::FindCoordinator, 0),
            (ApiKey::JoinGroup, 0),
            (ApiKey::Heartbeat, 0),
            (ApiKey::LeaveGroup, 0),
            (ApiKey::SyncGroup, 0),
        ],
    ),
    (
        "0.8.2",
        &[
            (ApiKey::Produce, 0),
            (ApiKey::Fetch, 0),
            (ApiKey::ListOffsets, 0),
            (ApiKey::Metadata, 0),
            (ApiKey::OffsetCommit, 1),
            (ApiKey::OffsetFetch, 1),
            (ApiKey::FindCoordinator, 0),
        ],
    ),
    (
        "0.8.1",
        &[
            (ApiKey::Produce, 0),
            (ApiKey::Fetch, 0),
            (ApiKey::ListOffsets, 0),
            (ApiKey::Metadata, 0),
            (ApiKey::OffsetCommit, 1),
            (ApiKey::OffsetFetch, 0),
        ],
    ),
    (
        "0.8.0",
        &[
            (ApiKey::Produce, 0),
            (ApiKey::Fetch, 0),
            (ApiKey::ListOffsets, 0),
            (ApiKey::Metadata, 0),
        ],
    ),
];

impl Broker {
    /// What the broker speaks, where it is not to be asked.
    pub(super) fn assumed_versions(&self, now: Moment, conf: &ClientConfig) -> Option<ApiRanges> {
        let is_assumed = self.assumed_until.is_some_and(|until| now <= until);
        let is_wanted = is_assumed || !conf.socket.api_version_request;
        is_wanted.then(|| of_release(conf)).flatten()
    }

    /// The broker hung up on the question. Whether there is something to assume instead.
    pub(super) fn fall_back(&mut self, now: Moment, conf: &ClientConfig) -> bool {
        let ms = conf.socket.api_version_fallback_ms;
        // At least for the connection that is made next.
        let next = conf.socket.connection_setup_timeout_ms;
        self.assumed_until = Some(now + Duration::from_millis(u64::from(ms.max(next))));
        of_release(conf).is_some()
    }

    /// Go on without asking.
    pub(super) fn assume(
        &mut self,
        now: Moment,
        since: Moment,
        versions: ApiRanges,
        fx: &mut Effects,
    ) {
        self.debug(
            DebugContexts::FEATURE.and(DebugContexts::PROTOCOL),
            "APIVERSION",
            fx,
            || {
                let count = versions.len();
                format!("Not asked for its API versions: assuming {count} APIs")
            },
        );
        let mut connection = Connection::default();
        connection.set_versions(versions);
        self.negotiation_done(now, since, connection, fx);
    }
}

fn of_release(conf: &ClientConfig) -> Option<ApiRanges> {
    let wanted = conf.socket.broker_version_fallback.as_str();
    let is_it = |(release, _): &&(&str, _)| wanted.starts_with(release);
    let (_, apis) = RELEASES.iter().find(is_it)?;
    Some(ApiRanges::up_to(apis))
}
