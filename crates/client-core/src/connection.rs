//! One connection's requests: correlation ids, versions, deadlines.
//!
//! Owns what was sent and not answered. A broker answers in the order it was asked, so an answer that matches no
//! request, or bytes that are not the answer they should be, end the connection ([`ProtocolError`]). Driver thread.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::{Buf, Bytes};
use rdkafka_wire::messages::api_versions::{ApiVersion, ApiVersionsResponse};
use rdkafka_wire::messages::produce::ProduceResponse;
use rdkafka_wire::{ApiKey, DecodeError, Frame};

use crate::context::Route;
use crate::io::Moment;
use crate::request::{ForeignResponse, Request, Response};

/// The versions a broker knows, by API key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ApiRanges(HashMap<i16, (i16, i16)>);

impl ApiRanges {
    pub(crate) fn new(response: &ApiVersionsResponse) -> Self {
        let range = |api: &ApiVersion| (api.api_key, (api.min_version, api.max_version));
        Self(response.api_keys.iter().map(range).collect())
    }

    /// Each of these APIs from version 0 up to the one beside it.
    pub(crate) fn up_to(apis: &[(ApiKey, i16)]) -> Self {
        Self(
            apis.iter()
                .map(|&(key, max)| (key.code(), (0, max)))
                .collect(),
        )
    }

    /// How many APIs the broker names.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The highest version of ApiVersions itself.
    pub(crate) fn api_versions_max(&self) -> Option<i16> {
        self.0.get(&ApiKey::ApiVersions.code()).map(|&(_, max)| max)
    }

    /// The highest version both sides speak.
    fn pick(&self, request: &Request) -> Option<i16> {
        let ours = request.versions();
        let &(min, max) = self.0.get(&request.key().code())?;
        let version = max.min(*ours.end());
        (version >= min.max(*ours.start())).then_some(version)
    }
}

/// Who gets an answer.
#[derive(Debug)]
pub(crate) enum Asker {
    /// The connection itself: its negotiation, its authentication.
    Own,
    /// A sub-machine.
    Route(Route),
}

/// A request on its way.
#[derive(Debug)]
struct InFlight {
    correlation_id: i32,
    key: ApiKey,
    version: i16,
    /// The answer is handed on undecoded.
    is_foreign: bool,
    asker: Asker,
    deadline: Moment,
    sent: Moment,
    /// How long the broker may sit on it.
    parks: Duration,
}

/// What a frame turned out to be.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) asker: Asker,
    pub(crate) response: Response,
    pub(crate) key: ApiKey,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    /// When the request was sent.
    pub(crate) sent: Moment,
}

/// Why a connection cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProtocolError {
    /// The frame is shorter than a correlation id, or answers a request that was never sent.
    Correlation,
    /// The frame is not the response it should be.
    Decode(ApiKey, i16, DecodeError),
}

/// A frame to write, and whether to tell when it was.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) frame: Frame,
    pub(crate) notify: Option<i32>,
    pub(crate) key: ApiKey,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
}

/// The state of one connection.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    versions: ApiRanges,
    next_correlation_id: i32,
    in_flight: VecDeque<InFlight>,
    /// Requests that have no answer: done once written.
    unanswered: VecDeque<(i32, Route)>,
    /// Requests whose way into the socket is measured: since when each waits.
    unwritten: VecDeque<(i32, Moment)>,
    /// When bytes came last.
    heard: Moment,
    /// Not later than the earliest deadline in flight.
    expiry: Option<Moment>,
}

impl Connection {
    pub(crate) fn set_versions(&mut self, versions: ApiRanges) {
        self.versions = versions;
    }

    /// Bytes arrived.
    pub(crate) fn heard(&mut self, now: Moment) {
        self.heard = now;
    }

    /// When bytes came last, and since when the broker owes an answer (that may be yet to come); `None` when it owes
    /// none.
    pub(crate) fn silence(&self) -> Option<(Moment, Moment)> {
        let next = self.in_flight.front()?;
        Some((self.heard, self.heard.max(next.sent + next.parks)))
    }

    /// Requests on their way.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.len() + self.unanswered.len()
    }

    /// Whether the broker names a version of this API.
    pub(crate) fn knows(&self, key: ApiKey) -> bool {
        self.versions.0.contains_key(&key.code())
    }

    /// The version to send a request in; `None` when there is no common one.
    pub(crate) fn version_of(&self, request: &Request) -> Option<i16> {
        self.versions.pick(request)
    }

    /// Send a request of the connection itself.
    pub(crate) fn ask(
        &mut self,
        request: &Request,
        version: i16,
        client_id: &str,
        now: Moment,
        timeout: Duration,
    ) -> Outgoing {
        let correlation_id = self.next_id();
        let frame = request.encode(version, correlation_id, client_id);
        self.track(correlation_id, request, version, Asker::Own, now, timeout);
        Outgoing {
            frame,
            notify: None,
            key: request.key(),
            version,
            correlation_id,
        }
    }

    /// Send a request; gives the route back when no version is common.
    pub(crate) fn send(
        &mut self,
        request: &Request,
        route: Route,
        client_id: &str,
        now: Moment,
        timeout: Duration,
    ) -> Result<Outgoing, Route> {
        let Some(version) = self.versions.pick(request) else {
            return Err(route);
        };
        let correlation_id = self.next_id();
        let frame = request.encode(version, correlation_id, client_id);
        if matches!(request, Request::Produce(produce) if produce.acks == 0) {
            self.unanswered.push_back((correlation_id, route));
            return Ok(Outgoing {
                frame,
                notify: Some(correlation_id),
                key: request.key(),
                version,
                correlation_id,
            });
        }
        self.track(
            correlation_id,
            request,
            version,
            Asker::Route(route),
            now,
            timeout,
        );
        Ok(Outgoing {
            frame,
            notify: None,
            key: request.key(),
            version,
            correlation_id,
        })
    }

    /// A frame arrived.
    pub(crate) fn receive(&mut self, bytes: Bytes, now: Moment) -> Result<Answer, ProtocolError> {
        self.heard(now);
        let correlation_id = bytes
            .clone()
            .try_get_i32()
            .map_err(|_| ProtocolError::Correlation)?;
        let position = self
            .in_flight
            .iter()
            .position(|request| request.correlation_id == correlation_id);
        let request = position
            .and_then(|position| self.in_flight.remove(position))
            .ok_or(ProtocolError::Correlation)?;
        let decoded = if request.is_foreign {
            Ok(Response::Foreign(ForeignResponse {
                key: request.key,
                version: request.version,
                frame: bytes,
            }))
        } else {
            Response::decode(request.key, request.version, bytes).map(|(_, response)| response)
        };
        match decoded {
            Ok(response) => Ok(Answer {
                asker: request.asker,
                response,
                key: request.key,
                version: request.version,
                correlation_id,
                sent: request.sent,
            }),
            Err(error) => {
                let (key, version) = (request.key, request.version);
                // Back in the queue, so that whoever asked is told when the connection is closed for this.
                self.in_flight.push_front(request);
                Err(ProtocolError::Decode(key, version, error))
            }
        }
    }

    /// Tell when this request, which waits since `queued`, is written.
    pub(crate) fn measure(&mut self, outgoing: &mut Outgoing, queued: Moment) {
        outgoing.notify = Some(outgoing.correlation_id);
        self.unwritten.push_back((outgoing.correlation_id, queued));
    }

    /// A measured request was written: since when it waited.
    pub(crate) fn measured(&mut self, correlation_id: i32) -> Option<Moment> {
        let position = self
            .unwritten
            .iter()
            .position(|&(id, _)| id == correlation_id)?;
        self.unwritten.remove(position).map(|(_, queued)| queued)
    }

    /// A request without an answer was written.
    pub(crate) fn written(&mut self, correlation_id: i32) -> Option<(Route, Response)> {
        let position = self
            .unanswered
            .iter()
            .position(|&(id, _)| id == correlation_id)?;
        let (_, route) = self.unanswered.remove(position)?;
        Some((route, Response::Produce(ProduceResponse::default())))
    }

    /// The connection is gone: who waits for answers that will not come.
    pub(crate) fn into_askers(self) -> impl Iterator<Item = Asker> {
        let unanswered = self
            .unanswered
            .into_iter()
            .map(|(_, route)| Asker::Route(route));
        self.in_flight
            .into_iter()
            .map(|request| request.asker)
            .chain(unanswered)
    }

    /// Requests whose time is over, taken out.
    pub(crate) fn take_expired(&mut self, now: Moment) -> Vec<(ApiKey, Asker)> {
        if self.expiry.is_none_or(|expiry| expiry > now) {
            return Vec::new();
        }
        let (expired, kept): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.in_flight)
            .into_iter()
            .partition(|request| request.deadline <= now);
        self.in_flight = kept;
        self.expiry = self.in_flight.iter().map(|request| request.deadline).min();
        expired
            .into_iter()
            .map(|request| (request.key, request.asker))
            .collect()
    }

    /// When [`Self::take_expired`] may find something.
    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        if self.in_flight.is_empty() {
            None
        } else {
            self.expiry
        }
    }

    fn track(
        &mut self,
        correlation_id: i32,
        request: &Request,
        version: i16,
        asker: Asker,
        now: Moment,
        timeout: Duration,
    ) {
        let deadline = now + timeout;
        if self.in_flight.is_empty() {
            self.expiry = None;
        }
        self.in_flight.push_back(InFlight {
            correlation_id,
            key: request.key(),
            version,
            is_foreign: matches!(request, Request::Foreign(_)),
            asker,
            deadline,
            sent: now,
            parks: request.parks(),
        });
        self.expiry = Some(self.expiry.map_or(deadline, |expiry| expiry.min(deadline)));
    }

    fn next_id(&mut self) -> i32 {
        self.next_correlation_id = self.next_correlation_id.checked_add(1).unwrap_or(1);
        self.next_correlation_id
    }
}
