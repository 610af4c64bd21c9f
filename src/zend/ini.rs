//! Settings of php.ini.

use std::ffi::{CStr, c_char, c_void};

use super::ffi::{
    _zend_ini_entry, PHP_INI_ALL, zend_ini_entry_def, zend_ini_long, zend_ini_string_ex,
    zend_register_ini_entries, zend_string, zend_unregister_ini_entries,
};
use super::string::Str;
use super::table::Table;

type OnModify = unsafe extern "C" fn(
    *mut _zend_ini_entry,
    *mut zend_string,
    *mut c_void,
    *mut c_void,
    *mut c_void,
    i32,
) -> i32;

const fn setting(
    name: &'static CStr,
    default: &'static CStr,
    check: OnModify,
) -> zend_ini_entry_def {
    // SAFETY: all zero means "nothing" for every field, and ends the table.
    let mut entry: zend_ini_entry_def = unsafe { std::mem::zeroed() };
    entry.name = name.as_ptr();
    entry.name_length = name.count_bytes() as u16;
    entry.value = default.as_ptr();
    entry.value_length = default.count_bytes() as u32;
    entry.on_modify = Some(check);
    entry.modifiable = PHP_INI_ALL as u8;
    entry
}

static SETTINGS: Table<[zend_ini_entry_def; 4]> = Table([
    // How long the end of a request, or of a producer, waits for messages that were produced but
    // not flushed, in milliseconds. 0 does not wait.
    setting(c"rdkafka.shutdown_flush_ms", c"3000", whole_number),
    // Whether log lines that no callback takes go to standard error: 1, 0, or auto: only on the
    // command line.
    setting(c"rdkafka.log_stderr", c"auto", switch),
    // Whether a response is completed before the end of its request waits for messages: 1, 0, or
    // auto, which is 1. Only where the server interface can (php-fpm, LiteSpeed, FrankenPHP).
    setting(c"rdkafka.finish_request", c"auto", switch),
    // SAFETY: ends the table.
    unsafe { std::mem::zeroed() },
]);

const SUCCESS: i32 = 0;
const FAILURE: i32 = -1;

unsafe extern "C" fn whole_number(
    _entry: *mut _zend_ini_entry,
    value: *mut zend_string,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    _stage: i32,
) -> i32 {
    let is_number = text(value).is_some_and(|text| text.trim().parse::<u32>().is_ok());
    if is_number { SUCCESS } else { FAILURE }
}

unsafe extern "C" fn switch(
    _entry: *mut _zend_ini_entry,
    value: *mut zend_string,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    _stage: i32,
) -> i32 {
    let known = [
        "auto", "0", "1", "", "on", "off", "yes", "no", "true", "false",
    ];
    let is_known =
        text(value).is_some_and(|text| known.contains(&text.to_ascii_lowercase().as_str()));
    if is_known { SUCCESS } else { FAILURE }
}

fn text(value: *mut zend_string) -> Option<String> {
    // SAFETY: the engine passes the new value, or null for none.
    (!value.is_null()).then(|| unsafe { Str::from_raw(value) }.to_text())
}

/// # Safety
/// Once, while the module starts.
pub(super) unsafe fn register(module: i32) {
    // SAFETY: a static table.
    unsafe { zend_register_ini_entries(SETTINGS.0.as_ptr(), module) };
}

/// # Safety
/// Once, while the module stops.
pub(super) unsafe fn unregister(module: i32) {
    // SAFETY: by contract.
    unsafe { zend_unregister_ini_entries(module) };
}

/// The current value of an integer setting.
pub(crate) fn ini_long(name: &CStr) -> i64 {
    // SAFETY: a NUL-terminated name with its length; it is only read.
    unsafe { zend_ini_long(name.as_ptr().cast_mut(), name.count_bytes(), 0) }
}

/// The current value of a switch; `auto` is `automatic`.
pub(crate) fn ini_bool(name: &CStr, automatic: bool) -> bool {
    // SAFETY: as above; the result is NUL-terminated and lives until the setting changes.
    let value = unsafe {
        let no_flag = std::ptr::null_mut();
        let name: *mut c_char = name.as_ptr().cast_mut();
        let length = CStr::from_ptr(name).count_bytes();
        let value = zend_ini_string_ex(name, length, 0, no_flag);
        (!value.is_null()).then(|| CStr::from_ptr(value).to_string_lossy().to_ascii_lowercase())
    };
    match value.as_deref() {
        Some("auto") => automatic,
        Some("1" | "on" | "yes" | "true") => true,
        _ => false,
    }
}
