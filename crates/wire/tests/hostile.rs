//! Bytes no honest peer sends: cut short, made up, or asking for more memory than there is.
#![allow(clippy::unwrap_used, reason = "tests")]

mod messages;

use std::fmt::Debug;

use bytes::{BufMut, Bytes, BytesMut};
use rdkafka_wire::arbitrary::{Arbitrary, Random};
use rdkafka_wire::frame::{decode_request, decode_request_header, decode_response, encode_request};
use rdkafka_wire::messages::api_versions::ApiVersionsRequest;
use rdkafka_wire::messages::fetch::FetchRequest;
use rdkafka_wire::messages::metadata::{MetadataRequest, MetadataResponse};
use rdkafka_wire::{ApiKey, DecodeError, FrameReader, FrameWriter, Message};

fn encode<M: Message>(message: &M, version: i16) -> Bytes {
    let mut w = FrameWriter::new();
    message.encode(&mut w, version);
    w.into_bytes()
}

fn decode_all<M: Message>(bytes: Bytes, version: i16) -> Result<M, DecodeError> {
    let mut r = FrameReader::new(bytes);
    let message = M::decode(&mut r, version)?;
    r.finish()?;
    Ok(message)
}

/// In every version: what was written reads back, and no proper beginning of it does.
fn survives_only_whole<M: Message + Arbitrary + PartialEq + Debug>() {
    for version in M::VERSIONS {
        for seed in 0..4 {
            let message = M::arbitrary(&mut Random::new(seed), M::encoding(version));
            let bytes = encode(&message, version);
            assert_eq!(
                decode_all::<M>(bytes.clone(), version).as_ref(),
                Ok(&message)
            );
            // Long record data would only repeat the same cut many times.
            let step = bytes.len() / 400 + 1;
            for len in (0..bytes.len()).step_by(step) {
                let cut = decode_all::<M>(bytes.slice(..len), version);
                assert!(
                    cut.is_err(),
                    "{} v{version} seed {seed} cut to {len}: {cut:?}",
                    M::NAME
                );
            }
        }
    }
}

macro_rules! truncations {
    ($($test:ident: $module:ident::$name:ident,)*) => {$(
        #[test]
        fn $test() {
            super::survives_only_whole::<rdkafka_wire::messages::$module::$name>();
        }
    )*};
}

mod cut_short {
    crate::for_each_message!(truncations);
    crate::for_each_newer_message!(truncations);
}

#[test]
fn a_small_frame_that_announces_gigabytes_fails_at_the_length() {
    // Metadata v1: an array of 2147483647 topics in 20 bytes.
    let mut classic = BytesMut::new();
    classic.put_i32(i32::MAX);
    classic.put_bytes(0, 16);
    let error = decode_all::<MetadataRequest>(classic.freeze(), 1).unwrap_err();
    assert_eq!(
        error,
        DecodeError::new("an array has more than 1000000 elements", 0)
    );

    // Below the cap, but still more elements than bytes.
    let mut classic = BytesMut::new();
    classic.put_i32(999_999);
    classic.put_bytes(0, 16);
    let error = decode_all::<MetadataRequest>(classic.freeze(), 1).unwrap_err();
    assert_eq!(
        error,
        DecodeError::new("an array is longer than the frame", 0)
    );

    // Metadata v9: the same in a varint.
    let compact = Bytes::from_static(b"\xff\xff\xff\xff\x0f................");
    let error = decode_all::<MetadataRequest>(compact, 9).unwrap_err();
    assert_eq!(
        error,
        DecodeError::new("an array has more than 1000000 elements", 0)
    );

    // Fetch v12: two gigabytes of tagged fields.
    let mut body = BytesMut::from(&encode(&FetchRequest::default(), 12)[..]);
    body.truncate(body.len() - 1);
    body.put_slice(b"\xff\xff\xff\xff\x07");
    let error = decode_all::<FetchRequest>(body.freeze(), 12).unwrap_err();
    assert_eq!(error.what, "a struct has more than 10000 tagged fields");
}

#[test]
fn a_string_longer_than_the_frame_fails_at_the_length() {
    let mut r = FrameReader::new(Bytes::from_static(b"\x7f\xffabc"));
    assert_eq!(
        r.string(false),
        Err(DecodeError::new(
            "a length runs past the end of the frame",
            2
        ))
    );
}

#[test]
fn a_negative_length_other_than_null_is_an_error() {
    let mut r = FrameReader::new(Bytes::from_static(b"\xff\xfeabc"));
    assert_eq!(
        r.string(false),
        Err(DecodeError::new("the length of a string is negative", 0))
    );
    let mut r = FrameReader::new(Bytes::from_static(b"\xff\xff\xff\xfeabc"));
    assert_eq!(
        r.bytes(false),
        Err(DecodeError::new("a length is negative", 0))
    );
}

#[test]
fn a_string_that_is_not_utf8_is_an_error() {
    let mut r = FrameReader::new(Bytes::from_static(b"\x02\xff"));
    assert_eq!(
        r.string(true),
        Err(DecodeError::new("a string is not UTF-8", 0))
    );
}

#[test]
fn a_varint_that_does_not_end_is_an_error() {
    for bytes in [&b"\x80\x80\x80\x80\x80\x00"[..], b"\xff\xff\xff\xff\x1f"] {
        let mut r = FrameReader::new(Bytes::copy_from_slice(bytes));
        assert_eq!(
            r.unsigned_varint(),
            Err(DecodeError::new("a varint is longer than 32 bits", 0))
        );
    }
    let mut r = FrameReader::new(Bytes::from_static(b"\xff\xff\xff\xff\x0f"));
    assert_eq!(r.unsigned_varint(), Ok(u32::MAX));
}

#[test]
fn null_where_null_is_not_allowed_is_an_error() {
    let error = decode_all::<MetadataRequest>(Bytes::from_static(b"\xff\xff\xff\xff"), 0);
    assert_eq!(
        error.unwrap_err().what,
        "an array is null where null is not allowed"
    );
}

#[test]
fn bytes_after_a_request_are_an_error() {
    let mut frame = BytesMut::from(
        &encode_request(&ApiVersionsRequest::default(), 0, 7, None).into_bytes()[4..],
    );
    frame.put_u8(0);
    let (header, body) = decode_request_header(frame.freeze()).unwrap();
    assert_eq!(header.correlation_id, 7);
    let error = decode_request::<ApiVersionsRequest>(body, 0).unwrap_err();
    assert_eq!(error.what, "bytes left over after the message");
}

#[test]
fn bytes_after_a_response_are_ignored() {
    let mut frame = BytesMut::new();
    frame.put_i32(7);
    frame.put(encode(&MetadataResponse::default(), 0));
    frame.put_u8(0);
    let (correlation_id, response) =
        decode_response::<MetadataResponse>(frame.freeze(), ApiKey::Metadata, 0).unwrap();
    assert_eq!((correlation_id, response), (7, MetadataResponse::default()));
}

#[test]
fn an_unknown_api_key_is_an_error_and_not_a_guess() {
    let error = decode_request_header(Bytes::from_static(b"\x7f\x00\0\0\0\0\0\x01\xff\xff"));
    assert_eq!(
        error.unwrap_err(),
        DecodeError::new("the API key is unknown", 0)
    );
}

#[test]
fn an_unknown_version_is_an_error() {
    let error = decode_all::<MetadataRequest>(Bytes::from_static(&[0; 64]), 14).unwrap_err();
    assert_eq!(error.what, "the version is not supported");
    let error = decode_all::<MetadataRequest>(Bytes::from_static(&[0; 64]), -1).unwrap_err();
    assert_eq!(error.what, "the version is not supported");
}
