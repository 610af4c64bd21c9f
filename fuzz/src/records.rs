//! Records: batches of magic 2, message sets of magic 0 and 1, the four codecs, and the conversions between them.
//!
//! CRCs are mended before the bytes are looked at (but for one input in four), or nothing behind them would ever be
//! reached. Laws: decompression stops at its limit; what was read can be built again and reads the same; a converted batch
//! is whole and holds the same records.

use bytes::Bytes;
use rdkafka_records::legacy::{DownConvert, MessageFormat, UpConvert, down_convert, up_convert};
use rdkafka_records::{
    BATCH_HEADER_LEN, BatchBuilder, BatchHeader, Compression, EndTxnMarker, RecordBatch,
    RecordBatches, RecordCursor, Seal, TransactionResult, patch_base_offset, patch_log_append_time,
    patch_max_timestamp, patch_partition_leader_epoch, patch_producer, validate_produced,
    verify_crc,
};

use crate::input::{Input, Seed};
use crate::target::{Budget, Target};

/// What one batch may decompress to here.
const BYTES_MAX: usize = 256 * 1024;

/// The table.
pub const TARGETS: &[Target] = &[
    Target {
        name: "batches",
        covers: "fetched or stored bytes as batches: headers, CRCs, records, headers of records, markers, patches",
        run: batches,
        seeds: batch_seeds,
        budget: BUDGET,
        input_bytes_max: 4096,
    },
    Target {
        name: "message-sets",
        covers: "message sets of magic 0 and 1, nested and compressed, read and converted up and down again",
        run: message_sets,
        seeds: message_set_seeds,
        budget: BUDGET,
        input_bytes_max: 4096,
    },
    Target {
        name: "conversions",
        covers: "produced bytes converted up, stored bytes converted down, for every format and codec",
        run: conversions,
        seeds: conversion_seeds,
        budget: BUDGET,
        input_bytes_max: 4096,
    },
    Target {
        name: "codecs",
        covers: "compressed bytes of gzip, snappy (both framings), lz4 and zstd, bombs among them",
        run: codecs,
        seeds: codec_seeds,
        budget: BUDGET,
        input_bytes_max: 4096,
    },
];

/// Several copies of what one batch may decompress to, and a codec's window (zstd's is 8 MiB at most).
const BUDGET: Budget = Budget {
    bytes: 32 * BYTES_MAX as u64 + (20 << 20),
    per_input_byte: 64,
};

/// A record, owned: what must survive.
type Owned = (i64, Option<Vec<u8>>, Option<Vec<u8>>);

/// Walks everything; the records of the batches that could be read to their end.
fn walk(bytes: &Bytes) -> Vec<Owned> {
    let mut all = Vec::new();
    let mut batches = RecordBatches::new(bytes.clone());
    for batch in &mut batches {
        let Ok(batch) = batch else { break };
        all.extend(open(&batch).unwrap_or_default());
    }
    assert!(batches.position() <= bytes.len());
    all
}

/// Asks a batch everything; its records when they are all right.
fn open(batch: &RecordBatch) -> Option<Vec<Owned>> {
    let _ = (
        batch.verify_crc(),
        batch.record_count(),
        batch.next_offset(),
        batch.timestamp_type(),
        batch.max_timestamp_ms(),
        EndTxnMarker::from_batch(batch),
    );
    let plain = batch.decompress(BYTES_MAX).ok()?;
    let is_packed = batch.compression() != Ok(Compression::None);
    assert!(!is_packed || plain.body().len() <= BYTES_MAX);
    let is_valid = plain.validate().is_ok();
    let mut cursor = RecordCursor::default();
    let mut records = Vec::new();
    let mut is_whole = true;
    while let Some(record) = cursor.next(&plain) {
        let Ok(record) = record else {
            is_whole = false;
            break;
        };
        let headers: usize = record
            .headers
            .map(|it| it.0.len() + it.1.map_or(0, <[u8]>::len))
            .sum();
        assert!(headers <= plain.body().len());
        records.push((
            record.timestamp_ms,
            record.key.map(<[u8]>::to_vec),
            record.value.map(<[u8]>::to_vec),
        ));
    }
    assert!(
        !is_valid || is_whole,
        "validated, but a record cannot be read"
    );
    is_whole.then_some(records)
}

/// Gives every whole batch the CRC it should have.
fn mend(bytes: &[u8]) -> Bytes {
    let mut mended = bytes.to_vec();
    let mut at = 0;
    while let Some(rest) = mended.get_mut(at..) {
        let Some(length) = rest.get(8..12) else { break };
        let length = i32::from_be_bytes([length[0], length[1], length[2], length[3]]);
        let Some(end) = usize::try_from(length)
            .ok()
            .and_then(|it| it.checked_add(12))
        else {
            break;
        };
        let Some(batch) = rest.get_mut(..end) else {
            break;
        };
        match batch.get(16) {
            // Patching a timestamp writes the CRC; the same timestamp changes nothing else.
            Some(2) if end >= BATCH_HEADER_LEN => {
                let timestamp = batch.get(35..43).and_then(|it| it.first_chunk::<8>());
                let timestamp = timestamp.map_or(0, |it| i64::from_be_bytes(*it));
                let _ = patch_max_timestamp(batch, timestamp);
            }
            Some(0 | 1) if end >= 18 => {
                let crc = crc32(&batch[16..]);
                batch[12..16].copy_from_slice(&crc.to_be_bytes());
            }
            _ => {}
        }
        at += end.max(1);
    }
    mended.into()
}

/// The CRC-32 of the old formats, slowly.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// The byte that decides, and the rest of an input, mostly mended; after a walk through it.
fn walked(input: &[u8]) -> (u8, Bytes) {
    let mut input = Input::new(input);
    let how = input.byte();
    let bytes = match how % 4 {
        0 => Bytes::copy_from_slice(input.rest()),
        _ => mend(input.rest()),
    };
    walk(&bytes);
    (how, bytes)
}

fn batches(input: &[u8]) {
    let (_, bytes) = walked(input);
    let _ = verify_crc(&bytes);
    if let Ok(header) = BatchHeader::parse(&bytes) {
        assert_eq!(BatchHeader::parse(&header.to_bytes()), Ok(header));
    }
    let mut patched = bytes.to_vec();
    let _ = patch_base_offset(&mut patched, i64::MAX - 3);
    let _ = patch_partition_leader_epoch(&mut patched, 7);
    let _ = patch_log_append_time(&mut patched, 5);
    let _ = patch_producer(&mut patched, 1, 2, 3);
    let Ok(header) = validate_produced(&bytes) else {
        return;
    };
    assert_eq!(header.encoded_len(), bytes.len());
    let Ok(batch) = RecordBatch::parse(bytes) else {
        panic!("a valid batch cannot be parsed");
    };
    if let Some(records) = open(&batch) {
        rebuild(&batch, &records);
    }
}

/// What was read can be built, compressed and read again.
fn rebuild(batch: &RecordBatch, records: &[Owned]) {
    let codec = Compression::ALL[records.len() % Compression::ALL.len()];
    if let Ok(packed) = batch.recompress(codec, None, BYTES_MAX) {
        let packed = RecordBatch::parse(packed);
        let again = packed.ok().and_then(|it| open(&it));
        assert!(again.as_deref() == Some(records), "recompressed: {again:?}");
    }
    let mut builder = BatchBuilder::new();
    for (timestamp, key, value) in records {
        if builder
            .append(*timestamp, key.as_deref(), value.as_deref(), [])
            .is_err()
        {
            return;
        }
    }
    let Ok(built) = builder.seal(&Seal::default()) else {
        assert!(records.is_empty());
        return;
    };
    assert!(walk(&built) == records, "built again: {records:?}");
}

fn message_sets(input: &[u8]) {
    let (how, bytes) = walked(input);
    let up = UpConvert {
        compression: Some(Compression::ALL[usize::from(how >> 4) % 5]),
        level: None,
        bytes_max: BYTES_MAX,
    };
    let Ok(batch) = up_convert(&bytes, &up) else {
        return;
    };
    let records = walk(&batch);
    assert!(validate_produced(&batch).is_ok());
    let format = match how & 8 {
        0 => MessageFormat::V0,
        _ => MessageFormat::V1,
    };
    let down = DownConvert {
        format,
        first_offset: 0,
        bytes_max: BYTES_MAX,
    };
    let Ok(old) = down_convert(&batch, &down) else {
        return;
    };
    let again = walk(&old);
    let values = |records: &[Owned]| {
        let pairs = records
            .iter()
            .map(|(_, key, value)| (key.clone(), value.clone()));
        pairs.collect::<Vec<_>>()
    };
    assert!(
        values(&again) == values(&records),
        "down: {again:?}, up: {records:?}"
    );
}

fn conversions(input: &[u8]) {
    let mut input = Input::new(input);
    let how = input.byte();
    let bytes_max = usize::from(input.short());
    let bytes = mend(input.rest());
    let down = DownConvert {
        format: match how & 1 {
            0 => MessageFormat::V0,
            _ => MessageFormat::V1,
        },
        first_offset: i64::from(how >> 4),
        bytes_max,
    };
    if let Ok(old) = down_convert(&bytes, &down) {
        for message in RecordBatches::new(old) {
            assert!(message.is_ok_and(|it| it.magic() < 2 && it.verify_crc().is_ok()));
        }
    }
    let up = UpConvert {
        compression: Compression::from_id(how >> 1 & 7),
        level: None,
        bytes_max,
    };
    if let Ok(batch) = up_convert(&bytes, &up) {
        assert!(validate_produced(&batch).is_ok());
        assert!(walk(&batch).len() <= bytes.len() + bytes_max);
    }
}

/// Compressed bytes inside a batch whose header is all right, with the limit they must not pass.
fn codecs(input: &[u8]) {
    let mut input = Input::new(input);
    let how = input.byte();
    let bytes_max = usize::from(input.short());
    let codec = Compression::ALL[usize::from(how) % 5];
    let body = input.rest();
    let header = BatchHeader {
        attributes: Default::default(),
        ..template()
    };
    let mut batch = header.to_bytes().to_vec();
    batch.extend_from_slice(body);
    let length = (batch.len() - 12) as u32;
    batch[8..12].copy_from_slice(&length.to_be_bytes());
    batch[22] = codec.id();
    let batch = Bytes::from(batch);
    if let Ok(parsed) = RecordBatch::parse(batch)
        && let Ok(plain) = parsed.decompress(bytes_max)
    {
        assert!(codec == Compression::None || plain.body().len() <= bytes_max);
    }
    // The same in a message of the old formats, whose lz4 differs.
    let mut message = vec![0; 16];
    message.extend([how >> 4 & 1, codec.id()]);
    message.extend(&[0; 8][..usize::from(how >> 4 & 1) * 8]);
    message.extend((-1_i32).to_be_bytes());
    message.extend((body.len() as u32).to_be_bytes());
    message.extend_from_slice(body);
    let length = (message.len() - 12) as u32;
    message[8..12].copy_from_slice(&length.to_be_bytes());
    for parsed in RecordBatches::new(mend(&message)).flatten() {
        let _ = parsed.decompress(bytes_max);
    }
}

/// The header of a batch of one record.
fn template() -> BatchHeader {
    let batch = batch(Compression::None, &Seal::default(), 1);
    BatchHeader::parse(&batch).unwrap_or_else(|error| panic!("{error}"))
}

/// A batch of a few records, of which some have keys and headers.
pub(crate) fn batch(compression: Compression, seal: &Seal, count: usize) -> Bytes {
    let mut builder = BatchBuilder::new();
    for number in 0..count {
        let key = (number % 2 == 0).then_some(&b"key"[..]);
        let value = (number % 5 != 4).then_some(&b"value value value value"[..]);
        let header = (&b"h"[..], (number % 3 == 0).then_some(&b"x"[..]));
        let headers = (number % 2 == 0).then_some(header);
        let timestamp_ms = 1_700_000_000_000 + number as i64;
        let appended = builder.append(timestamp_ms, key, value, headers);
        assert!(appended.is_ok(), "a small batch is full");
    }
    let seal = Seal {
        compression,
        ..seal.clone()
    };
    builder
        .seal(&seal)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn batch_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for compression in Compression::ALL {
        let one = batch(compression, &Seal::default(), 12);
        seeds.push([&[1], &one[..]].concat());
        seeds.push([&[0], &one[..], &one[..], &one[..20]].concat());
    }
    let seal = Seal {
        producer_id: 7,
        producer_epoch: 1,
        base_sequence: 3,
        transactional: true,
        ..Seal::default()
    };
    seeds.push([&[1], &batch(Compression::None, &seal, 2)[..]].concat());
    for result in [TransactionResult::Commit, TransactionResult::Abort] {
        let marker = EndTxnMarker {
            producer_id: 7,
            producer_epoch: 1,
            coordinator_epoch: 2,
            result,
        };
        if let Ok(marker) = marker.to_batch(5) {
            seeds.push([&[1], &marker[..]].concat());
        }
    }
    seeds
}

/// Old messages of every codec they know.
fn old_messages(format: MessageFormat) -> Vec<Bytes> {
    let how = DownConvert {
        format,
        first_offset: 0,
        bytes_max: BYTES_MAX,
    };
    let codecs = Compression::ALL.into_iter();
    codecs
        .filter_map(|codec| down_convert(&batch(codec, &Seal::default(), 8), &how).ok())
        .collect()
}

fn message_set_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (format, how) in [(MessageFormat::V0, 0), (MessageFormat::V1, 8)] {
        for (codec, message) in (0_u8..).zip(old_messages(format)) {
            seeds.push([&[how | 1 | codec << 4], &message[..]].concat());
        }
    }
    seeds
}

fn conversion_seeds() -> Vec<Vec<u8>> {
    let old = [MessageFormat::V0, MessageFormat::V1];
    let old = old.into_iter().flat_map(old_messages);
    let new = Compression::ALL.map(|codec| batch(codec, &Seal::default(), 6));
    let bytes = old.chain(new).zip(0_u8..);
    bytes
        .map(|(bytes, how)| Seed::new().byte(how).short(9000).rest(&bytes).done())
        .collect()
}

fn codec_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let body_of = |batch: &Bytes| batch.slice(BATCH_HEADER_LEN..);
    let large = {
        let mut builder = BatchBuilder::new();
        let appended = builder.append(0, None, Some(&vec![0; 3 << 20]), []);
        assert!(appended.is_ok());
        RecordBatch::parse(builder.seal(&Seal::default()).unwrap_or_default())
    };
    for (id, codec) in (0_u8..).zip(Compression::ALL) {
        let small = body_of(&batch(codec, &Seal::default(), 12));
        for limit in [9000, 100] {
            seeds.push(Seed::new().byte(id).short(limit).rest(&small).done());
            let old = Seed::new().byte(id | 16).short(limit);
            seeds.push(old.rest(&small).done());
        }
        // A bomb: 3 MiB of zeros in a few bytes. gzip's and lz4's are longer than an input, but begin as one.
        if codec != Compression::None
            && let Ok(large) = &large
            && let Ok(bomb) = large.recompress(codec, None, 8 << 20)
        {
            let bomb = body_of(&bomb);
            let bomb = bomb.slice(..bomb.len().min(4000));
            seeds.push(Seed::new().byte(id).short(60_000).rest(&bomb).done());
        }
    }
    // Snappy without the Java client's framing.
    seeds.push(
        Seed::new()
            .byte(2)
            .short(9000)
            .rest(b"\x05\x10hello")
            .done(),
    );
    seeds
}
