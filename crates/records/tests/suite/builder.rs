//! Building a batch: limits, reuse, and what its header says.

use rdkafka_records::{
    AppendError, Attributes, BatchBuilder, BatchHeader, Compression, RecordBatch, RecordCursor,
    Seal, SealError, patch_max_timestamp, patch_producer, validate_produced,
};

use crate::sample::{BYTES_MAX, golden, numbered, read_all, sealed};

#[test]
fn the_header_tells_offsets_timestamps_and_producer() {
    let seal = Seal {
        producer_id: 7,
        producer_epoch: 2,
        base_sequence: 11,
        transactional: true,
        ..Seal::default()
    };
    let batch = sealed(&golden(false), &seal);
    let header = BatchHeader::parse(&batch).unwrap();
    assert_eq!(header.encoded_len(), batch.len());
    assert_eq!(
        (
            header.base_offset,
            header.last_offset(),
            header.next_offset()
        ),
        (0, 2, 3)
    );
    assert_eq!(header.base_timestamp_ms, 1_700_000_000_000);
    assert_eq!(header.max_timestamp_ms, 1_700_000_000_123);
    assert_eq!(
        (
            header.producer_id,
            header.producer_epoch,
            header.base_sequence
        ),
        (7, 2, 11)
    );
    assert_eq!(header.last_sequence(), 13);
    assert_eq!(
        header.attributes,
        Attributes::default().with_transactional(true)
    );
    assert_eq!(header.record_count, 3);
}

#[test]
fn sequence_numbers_wrap_to_zero() {
    let seal = Seal {
        producer_id: 7,
        base_sequence: i32::MAX - 1,
        ..Seal::default()
    };
    let header = BatchHeader::parse(&sealed(&golden(false), &seal)).unwrap();
    assert_eq!(header.last_sequence(), 0);
}

#[test]
fn a_batch_without_records_cannot_be_sealed() {
    assert_eq!(
        BatchBuilder::new().seal(&Seal::default()),
        Err(SealError::Empty)
    );
}

#[test]
fn a_builder_is_empty_after_sealing_and_can_be_used_again() {
    let mut builder = BatchBuilder::with_capacity(100);
    for compression in [Compression::None, Compression::Lz4, Compression::None] {
        for sample in golden(true) {
            sample.append_to(&mut builder);
        }
        let batch = builder
            .seal(&Seal {
                compression,
                ..Seal::default()
            })
            .unwrap();
        assert_eq!(read_all(&batch), numbered(&golden(true), 0));
        assert!(builder.is_empty());
        assert_eq!(builder.encoded_len(), 61);
    }
}

#[test]
fn a_record_that_passes_the_limit_is_refused_and_leaves_the_batch_as_it_was() {
    let mut builder = BatchBuilder::new();
    builder.append(0, None, Some(b"first"), []).unwrap();
    let len = builder.encoded_len();
    let next = builder.record_len(0, None, Some(b"second"), []);
    let append = |builder: &mut BatchBuilder, limit| {
        builder.append_within(limit, 0, None, Some(b"second"), [])
    };
    assert_eq!(append(&mut builder, len + next - 1), Err(AppendError));
    assert_eq!((builder.encoded_len(), builder.record_count()), (len, 1));
    assert_eq!(append(&mut builder, len + next), Ok(1));
    assert_eq!(builder.encoded_len(), len + next);
}

#[test]
fn the_first_record_is_let_in_whatever_its_size() {
    let mut builder = BatchBuilder::new();
    assert_eq!(
        builder.append_within(16, 0, None, Some(&[7; 1000]), []),
        Ok(0)
    );
    assert_eq!(
        builder.append_within(16, 0, None, None, []),
        Err(AppendError)
    );
}

#[test]
fn records_that_do_not_compress_stay_as_they_are() {
    let mut builder = BatchBuilder::new();
    builder.append(0, None, Some(b"x"), []).unwrap();
    let batch = builder
        .seal(&Seal {
            compression: Compression::Zstd,
            ..Seal::default()
        })
        .unwrap();
    let batch = RecordBatch::parse(batch).unwrap();
    assert_eq!(batch.compression(), Ok(Compression::None));
    assert!(batch.verify_crc().is_ok());
}

#[test]
fn every_level_that_a_user_can_set_compresses() {
    let samples = golden(true);
    for compression in Compression::ALL {
        for level in [-1, 0, 1, 9, 12, 22, i32::MIN, i32::MAX] {
            let seal = Seal {
                compression,
                level: Some(level),
                ..Seal::default()
            };
            assert_eq!(read_all(&sealed(&samples, &seal)), numbered(&samples, 0));
        }
    }
}

#[test]
fn an_uncompressed_batch_is_opened_without_a_copy() {
    let batch = RecordBatch::parse(sealed(&golden(true), &Seal::default())).unwrap();
    let plain = batch.decompress(0).unwrap();
    assert_eq!(plain.body().as_ptr(), batch.raw()[61..].as_ptr());
}

#[test]
fn no_limit_is_a_limit_too() {
    let samples: Vec<_> = golden(true).into_iter().cycle().take(300).collect();
    for compression in Compression::ALL {
        let seal = Seal {
            compression,
            ..Seal::default()
        };
        let batch = RecordBatch::parse(sealed(&samples, &seal)).unwrap();
        assert!(batch.decompress(usize::MAX).is_ok(), "{compression:?}");
    }
}

#[test]
fn a_cursor_hands_out_one_record_at_a_time() {
    let batch = RecordBatch::parse(sealed(&golden(true), &Seal::default())).unwrap();
    let plain = batch.decompress(BYTES_MAX).unwrap();
    let mut cursor = RecordCursor::default();
    let mut offsets = Vec::new();
    while let Some(record) = cursor.next(&plain) {
        offsets.push(record.unwrap().offset);
        assert_eq!(cursor.index() as usize, offsets.len());
    }
    assert_eq!(offsets, [0, 1, 2]);
    assert!(cursor.next(&plain).is_none());
}

#[test]
fn duplicate_headers_keep_their_order_and_the_last_one_is_found() {
    let batch = RecordBatch::parse(sealed(&golden(true), &Seal::default())).unwrap();
    let plain = batch.decompress(0).unwrap();
    let headers = plain.records().next().unwrap().unwrap().headers;
    let all: Vec<_> = headers.clone().collect();
    assert_eq!(
        all,
        [(&b"k"[..], Some(&b"v"[..])), (b"k", None), (b"", Some(b""))]
    );
    assert_eq!(headers.last_with_key(b"k"), Some((&b"k"[..], None)));
    assert_eq!(headers.last_with_key(b"other"), None);
}

#[test]
fn patching_what_the_crc_covers_keeps_the_batch_valid() {
    let mut batch = sealed(&golden(true), &Seal::default()).to_vec();
    patch_producer(&mut batch, 5, 6, 7).unwrap();
    patch_max_timestamp(&mut batch, 8).unwrap();
    let header = validate_produced(&batch).unwrap();
    assert_eq!(
        (
            header.producer_id,
            header.producer_epoch,
            header.base_sequence
        ),
        (5, 6, 7)
    );
    assert_eq!(header.max_timestamp_ms, 8);
}
