//! The requests this client speaks, as one closed enum, and what became of one.
//!
//! One row of the table below per API: its message types and the versions this client is written for. The version
//! used on a connection is the highest that both this range and the broker's contain. Pure; driver thread.

mod old;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use rdkafka_wire::frame::{self, Frame};
use rdkafka_wire::messages::{
    add_offsets_to_txn, add_partitions_to_txn, api_versions, consumer_group_heartbeat, end_txn,
    fetch, find_coordinator, heartbeat, init_producer_id, join_group, leave_group, list_offsets,
    metadata, offset_commit, offset_fetch, offset_for_leader_epoch, produce, sasl_authenticate,
    sasl_handshake, sync_group, txn_offset_commit,
};
use rdkafka_wire::{ApiKey, DecodeError, ErrorCode, Uuid};

macro_rules! apis {
    ($( $name:ident: $module:ident :: $request:ident => $response:ident, $versions:expr; )*) => {
        /// A request of any API this client uses.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "named as the API keys")]
        pub enum Request {
            $( $name($module::$request), )*
            /// Of an API the client has no use for itself.
            Foreign(ForeignRequest),
            /// One that is to be asked in no newer version than this, whatever the broker speaks.
            UpTo(Box<Self>, i16),
        }

        /// A decoded response of any API this client uses.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "named as the API keys")]
        pub enum Response {
            $( $name($module::$response), )*
            /// The answer to a foreign request, not decoded.
            Foreign(ForeignResponse),
        }

        impl Request {
            /// The API it belongs to.
            #[must_use]
            pub fn key(&self) -> ApiKey {
                match self {
                    $( Self::$name(_) => ApiKey::$name, )*
                    Self::Foreign(request) => request.key,
                    Self::UpTo(request, _) => request.key(),
                }
            }

            /// The versions this client is written for.
            #[must_use]
            pub fn versions(&self) -> RangeInclusive<i16> {
                match self {
                    Self::Produce(request) if !produces_by_id(request) => 0..=12,
                    Self::Fetch(request) if !has_topic_ids(request) => 0..=12,
                    Self::OffsetCommit(request) if !commits_by_id(request) => 1..=9,
                    Self::OffsetFetch(request) if !asks_by_id(request) => 1..=9,
                    // Only these can ask for a new epoch (KIP-360).
                    Self::InitProducerId(request) if request.producer_id >= 0 => 3..=5,
                    Self::UpTo(request, max) => {
                        let versions = request.versions();
                        *versions.start()..=*versions.end().min(max)
                    }
                    $( Self::$name(_) => $versions, )*
                    Self::Foreign(request) => request.versions.clone(),
                }
            }

            /// This request, in no newer version than `version_max`.
            #[must_use]
            pub fn up_to(self, version_max: i16) -> Self {
                Self::UpTo(Box::new(self), version_max)
            }

            /// The frame on the wire.
            #[must_use]
            pub fn encode(&self, version: i16, correlation_id: i32, client_id: &str) -> Frame {
                if let Some(old) = old::as_of(self, version) {
                    return old.encode_as_is(version, correlation_id, client_id);
                }
                self.encode_as_is(version, correlation_id, client_id)
            }

            fn encode_as_is(&self, version: i16, correlation_id: i32, client_id: &str) -> Frame {
                match self {
                    $( Self::$name(request) => frame::encode_request(request, version, correlation_id, Some(client_id)), )*
                    Self::Foreign(request) => request.message.encode_frame(version, correlation_id, client_id),
                    Self::UpTo(request, _) => request.encode(version, correlation_id, client_id),
                }
            }
        }

        impl Response {
            /// Decode a frame (without its length) as the response to a request of `key` and `version`.
            ///
            /// # Errors
            /// When the bytes are no such response, or this client does not use the API.
            pub fn decode(key: ApiKey, version: i16, bytes: Bytes) -> Result<(i32, Self), DecodeError> {
                let refusal = refused_version(key, &bytes);
                let decoded = match key {
                    $( ApiKey::$name => frame::decode_response::<$module::$response>(bytes, key, version)
                        .map(|(correlation_id, response)| (correlation_id, Self::$name(response))), )*
                    _ => Err(DecodeError::new("an API this client does not use", 0)),
                };
                let decoded = decoded.map(|(id, response)| (id, old::modernised(response, version)));
                decoded.or_else(|error| refusal.ok_or(error))
            }
        }

        $(
            impl From<$module::$request> for Request {
                fn from(request: $module::$request) -> Self { Self::$name(request) }
            }
        )*
    };
}

apis! {
    // Before 3 there are message sets, see `old`. 13 names topics by id; see `Request::versions`.
    Produce: produce::ProduceRequest => ProduceResponse, 0..=13;
    // 13 and later name topics by id; see `Request::versions`.
    Fetch: fetch::FetchRequest => FetchResponse, 0..=17;
    // 9 and later ask for tiered storage's offsets, which nothing here does.
    ListOffsets: list_offsets::ListOffsetsRequest => ListOffsetsResponse, 0..=8;
    Metadata: metadata::MetadataRequest => MetadataResponse, 0..=13;
    // 10 of both has ids in place of names; see `Request::versions`.
    OffsetCommit: offset_commit::OffsetCommitRequest => OffsetCommitResponse, 1..=10;
    OffsetFetch: offset_fetch::OffsetFetchRequest => OffsetFetchResponse, 1..=10;
    FindCoordinator: find_coordinator::FindCoordinatorRequest => FindCoordinatorResponse, 0..=6;
    JoinGroup: join_group::JoinGroupRequest => JoinGroupResponse, 0..=9;
    Heartbeat: heartbeat::HeartbeatRequest => HeartbeatResponse, 0..=4;
    LeaveGroup: leave_group::LeaveGroupRequest => LeaveGroupResponse, 0..=5;
    // Before version 1 the coordinator chose the member's id and knew no patterns.
    ConsumerGroupHeartbeat: consumer_group_heartbeat::ConsumerGroupHeartbeatRequest => ConsumerGroupHeartbeatResponse, 1..=1;
    SyncGroup: sync_group::SyncGroupRequest => SyncGroupResponse, 0..=5;
    SaslHandshake: sasl_handshake::SaslHandshakeRequest => SaslHandshakeResponse, 0..=1;
    SaslAuthenticate: sasl_authenticate::SaslAuthenticateRequest => SaslAuthenticateResponse, 0..=2;
    ApiVersions: api_versions::ApiVersionsRequest => ApiVersionsResponse, 0..=4;
    // 6 is for transactions in two phases (KIP-939).
    InitProducerId: init_producer_id::InitProducerIdRequest => InitProducerIdResponse, 0..=5;
    OffsetForLeaderEpoch: offset_for_leader_epoch::OffsetForLeaderEpochRequest => OffsetForLeaderEpochResponse, 2..=4;
    // 4 and later are for brokers among themselves.
    AddPartitionsToTxn: add_partitions_to_txn::AddPartitionsToTxnRequest => AddPartitionsToTxnResponse, 0..=3;
    AddOffsetsToTxn: add_offsets_to_txn::AddOffsetsToTxnRequest => AddOffsetsToTxnResponse, 0..=4;
    // 5, Produce 12 and TxnOffsetCommit 5 belong to `transaction.version` 2; the producer decides.
    EndTxn: end_txn::EndTxnRequest => EndTxnResponse, 0..=5;
    TxnOffsetCommit: txn_offset_commit::TxnOffsetCommitRequest => TxnOffsetCommitResponse, 0..=5;
}

/// A request of any API, for who administers a cluster: the client picks the version and the connection, and leaves
/// the answer undecoded.
#[derive(Debug, Clone)]
pub struct ForeignRequest {
    key: ApiKey,
    versions: RangeInclusive<i16>,
    message: Arc<dyn EncodeFrame>,
}

impl ForeignRequest {
    /// Wrap a request; its versions up to `version_max` may be used.
    pub fn up_to<R>(request: R, version_max: i16) -> Self
    where
        R: rdkafka_wire::Request + std::fmt::Debug + Send + Sync + 'static,
    {
        Self {
            key: R::KEY,
            versions: *R::VERSIONS.start()..=version_max.min(*R::VERSIONS.end()),
            message: Arc::new(request),
        }
    }

    /// The API it belongs to.
    #[must_use]
    pub fn key(&self) -> ApiKey {
        self.key
    }
}

impl PartialEq for ForeignRequest {
    /// Whether they are the same one.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.message, &other.message)
    }
}

/// The answer to a [`ForeignRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignResponse {
    /// The API it belongs to.
    pub key: ApiKey,
    /// The version it was asked in, and is written in.
    pub version: i16,
    /// The frame, without its length.
    pub frame: Bytes,
}

impl ForeignResponse {
    /// Decode it as the answer to a request of type `R`.
    ///
    /// # Errors
    /// When the bytes are no such response.
    pub fn decode<R: rdkafka_wire::Request>(self) -> Result<R::Response, DecodeError> {
        frame::decode_response(self.frame, self.key, self.version).map(|(_, response)| response)
    }
}

trait EncodeFrame: std::fmt::Debug + Send + Sync {
    fn encode_frame(&self, version: i16, correlation_id: i32, client_id: &str) -> Frame;
}

impl<R> EncodeFrame for R
where
    R: rdkafka_wire::Request + std::fmt::Debug + Send + Sync,
{
    fn encode_frame(&self, version: i16, correlation_id: i32, client_id: &str) -> Frame {
        frame::encode_request(self, version, correlation_id, Some(client_id))
    }
}

/// What a frame says that refuses the version ApiVersions was asked in, whatever its other bytes are. They should name
/// the versions that are known in the form of version 0, and do not where librdkafka's mock cluster answers.
fn refused_version(key: ApiKey, bytes: &Bytes) -> Option<(i32, Response)> {
    if key != ApiKey::ApiVersions {
        return None;
    }
    let mut head = bytes.clone();
    let correlation_id = head.try_get_i32().ok()?;
    let error_code = head.try_get_i16().ok()?;
    let response = api_versions::ApiVersionsResponse {
        error_code,
        ..Default::default()
    };
    (error_code == ErrorCode::UNSUPPORTED_VERSION.code())
        .then_some((correlation_id, Response::ApiVersions(response)))
}

/// What a join or a sync of a group may wait for the other members before anybody wonders.
const OTHER_MEMBERS: Duration = Duration::from_secs(2);

impl Request {
    /// How long a broker that is well may sit on this request, as a rule. Not a limit.
    pub(crate) fn parks(&self) -> Duration {
        match self {
            Self::Fetch(request) => {
                Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0))
            }
            Self::JoinGroup(_) | Self::SyncGroup(_) => OTHER_MEMBERS,
            Self::UpTo(request, _) => request.parks(),
            _ => Duration::ZERO,
        }
    }
}

/// Whether every topic can be named by its id; brokers before Kafka 2.8 give none.
fn has_topic_ids(request: &fetch::FetchRequest) -> bool {
    request
        .topics
        .iter()
        .all(|topic| topic.topic_id != Uuid::ZERO)
}

/// The same, of a commit.
fn commits_by_id(request: &offset_commit::OffsetCommitRequest) -> bool {
    request
        .topics
        .iter()
        .all(|topic| topic.topic_id != Uuid::ZERO)
}

/// The same, of a question for committed offsets.
fn asks_by_id(request: &offset_fetch::OffsetFetchRequest) -> bool {
    let mut topics = request.groups.iter().flat_map(|group| &group.topics);
    topics.all(|topics| topics.iter().all(|topic| topic.topic_id != Uuid::ZERO))
}

/// The same, of a request to produce.
fn produces_by_id(request: &produce::ProduceRequest) -> bool {
    let mut topics = request.topic_data.iter();
    topics.all(|topic| topic.topic_id != Uuid::ZERO)
}

/// Why a request has no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestError {
    /// The connection could not be made or ended before the answer. `sent` tells whether the broker may have seen it.
    Disconnected {
        /// Whether the request had been handed to the socket.
        sent: bool,
    },
    /// No answer in time. The broker may have seen the request when it had been sent.
    TimedOut {
        /// Whether the request had been handed to the socket.
        sent: bool,
    },
    /// The broker knows no version of this API that this client speaks.
    Unsupported,
    /// The coordinator could not be found; the broker's code.
    NoCoordinator(ErrorCode),
}

impl RequestError {
    /// The local error code that tells the application.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Disconnected { .. } => ErrorCode::_TRANSPORT,
            Self::TimedOut { .. } => ErrorCode::_TIMED_OUT,
            Self::Unsupported => ErrorCode::_UNSUPPORTED_FEATURE,
            Self::NoCoordinator(code) => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_version_is_understood_whatever_comes_behind_it() {
        // Correlation id 7, UNSUPPORTED_VERSION, and an array in the form of no version that was asked for.
        let bytes = Bytes::from_static(&[0, 0, 0, 7, 0, 35, 0x3f, 0, 0, 0, 0, 0, 0]);
        let (id, response) = Response::decode(ApiKey::ApiVersions, 4, bytes).unwrap();
        let Response::ApiVersions(response) = response else {
            panic!("{response:?}");
        };
        assert_eq!((id, response.error_code), (7, 35));
        assert!(response.api_keys.is_empty());
    }

    #[test]
    fn to_a_broker_without_transactions_the_end_of_the_log_is_the_end_of_what_is_stable() {
        for (version, stable) in [(0, 9), (3, 9), (4, 5)] {
            let data = fetch::PartitionData {
                high_watermark: 9,
                last_stable_offset: 5,
                ..Default::default()
            };
            let topic = fetch::FetchableTopicResponse {
                topic: "t".into(),
                partitions: vec![data],
                ..Default::default()
            };
            let response = fetch::FetchResponse {
                responses: vec![topic],
                ..Default::default()
            };
            let frame = frame::encode_response(ApiKey::Fetch, &response, version, 7);
            let bytes = frame.into_bytes().slice(4..);
            let (_, decoded) = Response::decode(ApiKey::Fetch, version, bytes).unwrap();
            let Response::Fetch(decoded) = decoded else {
                panic!("{decoded:?}");
            };
            let found = &decoded.responses[0].partitions[0];
            assert_eq!(
                (found.high_watermark, found.last_stable_offset),
                (9, stable)
            );
        }
    }
}
