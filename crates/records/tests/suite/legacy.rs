//! Old message sets beyond what the golden bytes show.

use bytes::Bytes;
use rdkafka_records::legacy::{
    ConvertError, DownConvert, MessageFormat, UpConvert, down_convert, up_convert,
};
use rdkafka_records::{
    BatchError, Compression, CompressionError, RecordBatch, RecordBatches, Seal, patch_base_offset,
};

use crate::golden::vector;
use crate::sample::{BYTES_MAX, golden, read_all, sealed};

const UP: UpConvert = UpConvert {
    compression: None,
    level: None,
    bytes_max: BYTES_MAX,
};

fn down(format: MessageFormat, first_offset: i64) -> DownConvert {
    DownConvert {
        format,
        first_offset,
        bytes_max: BYTES_MAX,
    }
}

fn at_offset(base_offset: i64, compression: Compression) -> Bytes {
    let mut batch = sealed(
        &golden(true),
        &Seal {
            compression,
            ..Seal::default()
        },
    )
    .to_vec();
    patch_base_offset(&mut batch, base_offset).unwrap();
    batch.into()
}

fn offsets(fetched: &Bytes) -> Vec<i64> {
    read_all(fetched)
        .into_iter()
        .map(|sample| sample.offset)
        .collect()
}

#[test]
fn records_before_the_offset_asked_for_are_left_out() {
    for compression in Compression::ALL {
        for format in [MessageFormat::V0, MessageFormat::V1] {
            let old = down_convert(&at_offset(100, compression), &down(format, 101)).unwrap();
            assert_eq!(offsets(&old), [101, 102], "{compression} {format:?}");
        }
    }
}

#[test]
fn several_batches_become_one_message_set_and_the_partial_one_is_dropped() {
    let mut fetched = at_offset(0, Compression::None).to_vec();
    fetched.extend_from_slice(&at_offset(3, Compression::Gzip));
    fetched.extend_from_slice(&at_offset(6, Compression::Zstd)[..70]);
    let old = down_convert(&fetched.into(), &down(MessageFormat::V1, 0)).unwrap();
    assert_eq!(offsets(&old), [0, 1, 2, 3, 4, 5]);
    let kinds: Vec<_> = RecordBatches::new(old)
        .map(|batch| {
            batch
                .map(|batch| (batch.magic(), batch.record_count()))
                .unwrap()
        })
        .collect();
    assert_eq!(kinds, [(1, Some(1)), (1, Some(1)), (1, Some(1)), (1, None)]);
}

#[test]
fn zstandard_goes_out_as_gzip() {
    let old = down_convert(
        &at_offset(0, Compression::Zstd),
        &down(MessageFormat::V1, 0),
    )
    .unwrap();
    let message = RecordBatch::parse(old).unwrap();
    assert_eq!(message.compression(), Ok(Compression::Gzip));
}

#[test]
fn transaction_markers_are_not_shown_to_old_clients() {
    let old = down_convert(&vector("v2-commit"), &down(MessageFormat::V1, 0)).unwrap();
    assert!(old.is_empty());
}

#[test]
fn messages_that_are_old_enough_pass_as_they_are() {
    let set = vector("v1-lz4");
    assert_eq!(
        down_convert(&set, &down(MessageFormat::V1, 0)).unwrap(),
        set
    );
    let older = down_convert(&set, &down(MessageFormat::V0, 0)).unwrap();
    assert!(RecordBatches::new(older.clone()).all(|batch| batch.unwrap().magic() == 0));
    assert_eq!(offsets(&older), [5, 6, 7]);
}

#[test]
fn a_produced_message_set_becomes_one_batch_numbered_from_zero() {
    let mut set = vector("v1-none").to_vec();
    set.extend_from_slice(&vector("v1-snappy"));
    let batch = up_convert(&set.into(), &UP).unwrap();
    let parsed = RecordBatch::parse(batch.clone()).unwrap();
    assert_eq!(parsed.compression(), Ok(Compression::Snappy));
    assert_eq!(offsets(&batch), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn the_topics_codec_wins_over_the_producers() {
    let how = UpConvert {
        compression: Some(Compression::Zstd),
        level: Some(1),
        ..UP
    };
    let batch = RecordBatch::parse(up_convert(&vector("v1-gzip"), &how).unwrap()).unwrap();
    assert_eq!(batch.compression(), Ok(Compression::Zstd));
}

#[test]
fn what_an_old_producer_sends_is_checked() {
    let set = vector("v1-none");
    assert_eq!(up_convert(&Bytes::new(), &UP), Err(ConvertError::Empty));
    let cut = up_convert(&set.slice(..set.len() - 1), &UP);
    assert!(
        matches!(cut, Err(ConvertError::Batch(BatchError::Truncated { .. }))),
        "{cut:?}"
    );
    let newer = up_convert(&vector("v2-none"), &UP);
    assert_eq!(
        newer,
        Err(ConvertError::Batch(BatchError::UnsupportedMagic(2)))
    );
    let mut broken = set.to_vec();
    broken[40] ^= 1;
    let broken = up_convert(&broken.into(), &UP);
    assert!(matches!(
        broken,
        Err(ConvertError::Batch(BatchError::CrcMismatch { .. }))
    ));
}

#[test]
fn the_limit_holds_for_all_messages_of_a_set_together() {
    let mut set = vector("v1-gzip").to_vec();
    set.extend_from_slice(&vector("v1-gzip"));
    let inner = RecordBatch::parse(vector("v1-gzip")).unwrap();
    let inner_len = inner.decompress(BYTES_MAX).unwrap().body().len();
    let how = |bytes_max| UpConvert { bytes_max, ..UP };
    let set = Bytes::from(set);
    assert!(up_convert(&set, &how(2 * inner_len)).is_ok());
    assert!(matches!(
        up_convert(&set, &how(2 * inner_len - 1)),
        Err(ConvertError::Compression(CompressionError::TooLarge { .. }))
    ));
}

#[test]
fn a_compressed_message_inside_a_compressed_one_is_refused() {
    // A message of format v1 around `messages`, stored with snappy's raw format: one literal.
    let wrap = |messages: &[u8]| {
        let mut packed = vec![messages.len() as u8, (messages.len() as u8 - 1) << 2];
        packed.extend_from_slice(messages);
        let mut message = vec![0; 16];
        message.extend_from_slice(&[1, 2]);
        message.extend_from_slice(&[0; 8]);
        message.extend_from_slice(&(-1_i32).to_be_bytes());
        message.extend_from_slice(&(packed.len() as u32).to_be_bytes());
        message.extend_from_slice(&packed);
        let length = (message.len() - 12) as u32;
        message[8..12].copy_from_slice(&length.to_be_bytes());
        RecordBatch::parse(message.into()).unwrap()
    };
    let plain = {
        let mut message = vec![0; 34];
        message[8..12].copy_from_slice(&22_u32.to_be_bytes());
        message[16] = 1;
        message[26..34].fill(0xff);
        message
    };
    assert!(wrap(&plain).decompress(BYTES_MAX).is_ok());
    let mut compressed = plain.clone();
    compressed[17] = 1;
    let mut older = plain;
    older[16] = 0;
    for inner in [compressed, older] {
        let error = wrap(&inner).decompress(BYTES_MAX).unwrap_err();
        assert_eq!(error, CompressionError::BadInnerMessages);
    }
}
