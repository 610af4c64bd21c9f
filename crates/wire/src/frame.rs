//! Whole frames: length, header, body.
//!
//! Owns which header version goes with which request and response, and the rule that a frame ends where its message
//! ends. Leaves reading a frame off a socket (and the limit on its length) to the shells.

use bytes::Bytes;

use crate::api_key::ApiKey;
use crate::error_code::ErrorCode;
use crate::message::{Message, Request};
use crate::messages::header::{RequestHeader, ResponseHeader};
use crate::reader::{DecodeError, FrameReader};
use crate::types::StrBytes;
use crate::writer::{FrameWriter, concatenate};

/// Room for the small fields of most messages.
const CAPACITY: usize = 256;

/// A frame ready for the socket: four bytes of length, header, message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The bytes in order. Large record data are chunks of their own: write them vectored. Where records are elsewhere
    /// ([`crate::types::Records::elsewhere`]) the chunk is empty, and only there.
    pub chunks: Vec<Bytes>,
}

impl Frame {
    /// The number of bytes, the length's own four included.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(Bytes::len).sum()
    }

    /// Whether there is not a single byte; no frame made here is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The frame in one piece; copies if it has several chunks.
    pub fn into_bytes(self) -> Bytes {
        let len = self.len();
        concatenate(self.chunks, len)
    }
}

/// Writes a request with its header.
pub fn encode_request<R: Request>(
    request: &R,
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
) -> Frame {
    let header = RequestHeader {
        request_api_key: R::KEY.code(),
        request_api_version: version,
        correlation_id,
        client_id: client_id.map(StrBytes::from),
    };
    frame(
        &header,
        R::KEY.request_header_version(version),
        request,
        version,
    )
}

/// Writes a response with its header.
pub fn encode_response<M: Message>(
    key: ApiKey,
    response: &M,
    version: i16,
    correlation_id: i32,
) -> Frame {
    let header = ResponseHeader { correlation_id };
    frame(
        &header,
        key.response_header_version(version),
        response,
        version,
    )
}

fn frame<H: Message, M: Message>(
    header: &H,
    header_version: i16,
    message: &M,
    version: i16,
) -> Frame {
    let mut w = FrameWriter::with_capacity(CAPACITY);
    w.put_i32(0);
    header.encode(&mut w, header_version);
    message.encode(&mut w, version);
    w.patch_length_at_start();
    Frame {
        chunks: w.into_chunks(),
    }
}

/// Reads the header of a request from a frame (without the length) and leaves the reader at the body.
///
/// An unknown API key is an error: its header cannot be told from its body. A version outside the table is not: the
/// caller answers it, with UNSUPPORTED_VERSION for ApiVersions, by closing the connection otherwise.
pub fn decode_request_header(frame: Bytes) -> Result<(RequestHeader, FrameReader), DecodeError> {
    let mut r = FrameReader::new(frame);
    let mut start = r.clone();
    let key = ApiKey::try_from(start.i16()?).map_err(|_| r.error("the API key is unknown"))?;
    let version = start.i16()?;
    let header = RequestHeader::decode(&mut r, key.request_header_version(version))?;
    Ok((header, r))
}

/// Reads the body of a request; it must end with the frame.
pub fn decode_request<R: Request>(mut body: FrameReader, version: i16) -> Result<R, DecodeError> {
    let request = R::decode(&mut body, version)?;
    body.finish()?;
    Ok(request)
}

/// Reads a response from a frame (without the length). Bytes behind it are ignored, as by librdkafka and the Java client:
/// librdkafka's mock cluster sends some (a field of Metadata that version 11 dropped).
///
/// A broker that does not know the version ApiVersions was asked with answers UNSUPPORTED_VERSION in version 0, whatever
/// was asked; that answer is read as what it is.
pub fn decode_response<M: Message>(
    frame: Bytes,
    key: ApiKey,
    version: i16,
) -> Result<(i32, M), DecodeError> {
    let mut r = FrameReader::new(frame);
    let header = ResponseHeader::decode(&mut r, key.response_header_version(version))?;
    let version = match key {
        ApiKey::ApiVersions if r.clone().i16() == Ok(ErrorCode::UNSUPPORTED_VERSION.code()) => 0,
        _ => version,
    };
    let response = M::decode(&mut r, version)?;
    Ok((header.correlation_id, response))
}

/// Reads the correlation id of a response before anything else is known about it.
pub fn peek_correlation_id(frame: &Bytes) -> Result<i32, DecodeError> {
    FrameReader::new(frame.clone()).i32()
}
