//! The global functions.

use rdkafka_client::ErrorCode;

use crate::engine;
use crate::zend::{Array, Call, Php, Value, errno};

/// Offsets below this count back from the end of a partition.
const OFFSET_TAIL_BASE: i64 = -2000;

pub(crate) fn rd_kafka_get_err_descs(call: &Call<'_>) -> Php<Array> {
    call.count(0, 0)?;
    let rows = ErrorCode::table();
    let mut array = Array::with_capacity(rows.len());
    for row in rows {
        match row.code {
            // Upstream lists code 0 once: the unnamed row that its table has for the gap between
            // the client's last code in use and the end of their range.
            ErrorCode::NONE => continue,
            ErrorCode::_END => array.push(description(ErrorCode::NONE, None, None)),
            _ => {}
        }
        array.push(description(row.code, Some(row.name), row.text));
    }
    Ok(array)
}

fn description(code: ErrorCode, name: Option<&str>, text: Option<&str>) -> Array {
    let mut row = Array::with_capacity(3);
    row.set(b"code", i64::from(code.code()));
    row.set(b"name", name);
    row.set(b"desc", text);
    row
}

pub(crate) fn rd_kafka_err2name(call: &Call<'_>) -> Php<Value> {
    call.count(1, 1)?;
    let code = call.long(0)? as i32;
    Ok(match i16::try_from(code) {
        Ok(code) => ErrorCode(code).name().as_ref().into(),
        Err(_) => format!("ERR_{code}?").as_str().into(),
    })
}

pub(crate) fn rd_kafka_err2str(call: &Call<'_>) -> Php<Value> {
    call.count(1, 1)?;
    Ok(error_text(call.long(0)?))
}

/// What `code` means; any integer has a text. Upstream keeps 32 bits.
pub(crate) fn error_text(code: i64) -> Value {
    let code = code as i32;
    match i16::try_from(code) {
        Ok(code) => ErrorCode(code).text().as_ref().into(),
        Err(_) => format!("Err-{code}?").as_str().into(),
    }
}

pub(crate) fn rd_kafka_errno2err(call: &Call<'_>) -> Php<i64> {
    call.count(1, 1)?;
    let error = match i32::try_from(call.long(0)?).unwrap_or(0) {
        libc::EINVAL => ErrorCode::_INVALID_ARG,
        libc::EBUSY => ErrorCode::_CONFLICT,
        libc::ENOENT => ErrorCode::_UNKNOWN_TOPIC,
        libc::ESRCH => ErrorCode::_UNKNOWN_PARTITION,
        libc::ETIMEDOUT => ErrorCode::_TIMED_OUT,
        libc::EMSGSIZE => ErrorCode::MESSAGE_TOO_LARGE,
        libc::ENOBUFS => ErrorCode::_QUEUE_FULL,
        libc::ECANCELED => ErrorCode::_FATAL,
        _ => ErrorCode::_FAIL,
    };
    Ok(i64::from(error.code()))
}

pub(crate) fn rd_kafka_errno(call: &Call<'_>) -> Php<i64> {
    let errno = errno();
    call.count(0, 0)?;
    Ok(errno)
}

pub(crate) fn rd_kafka_offset_tail(call: &Call<'_>) -> Php<i64> {
    call.count(1, 1)?;
    Ok(OFFSET_TAIL_BASE.wrapping_sub(call.long(0)?))
}

pub(crate) fn rd_kafka_thread_cnt(call: &Call<'_>) -> Php<i64> {
    call.count(0, 0)?;
    Ok(engine::thread_count())
}
