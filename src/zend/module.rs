//! The module entry: what the engine calls when it loads, starts, ends and unloads us.

use std::cell::UnsafeCell;
use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::api::FUNCTIONS;
use super::ffi::{
    ZEND_MODULE_API_NO, display_ini_entries, ext_php_rs_php_build_id, php_info_print_table_end,
    php_info_print_table_row, php_info_print_table_start, zend_module_entry, zend_result,
};
use super::{ini, table};

/// The version of php-rdkafka whose API and behaviour this is: what `phpversion('rdkafka')` and
/// Composer's `ext-rdkafka` see.
const COMPATIBLE_WITH: &CStr = c"6.0.4";

struct Module(UnsafeCell<zend_module_entry>);

// SAFETY: written by `get_module` only, which the engine calls once, on one thread.
unsafe impl Sync for Module {}

static MODULE: Module =
    // SAFETY: all zero is a module entry without anything in it.
    Module(UnsafeCell::new(unsafe { std::mem::zeroed() }));

/// What `extension=rdkafka.so` looks for.
#[unsafe(no_mangle)]
extern "C" fn get_module() -> *mut zend_module_entry {
    let module = MODULE.0.get();
    // SAFETY: called once, before anything else of ours runs.
    unsafe {
        (*module).size = size_of::<zend_module_entry>() as u16;
        (*module).zend_api = ZEND_MODULE_API_NO;
        (*module).zend_debug = u8::from(cfg!(php_debug));
        (*module).zts = u8::from(cfg!(php_zts));
        (*module).name = c"rdkafka".as_ptr();
        (*module).version = COMPATIBLE_WITH.as_ptr();
        (*module).functions = FUNCTIONS.0.as_ptr();
        (*module).module_startup_func = Some(module_startup);
        (*module).module_shutdown_func = Some(module_shutdown);
        (*module).request_shutdown_func = Some(request_shutdown);
        (*module).post_deactivate_func = Some(request_over);
        (*module).info_func = Some(info);
        (*module).build_id = ext_php_rs_php_build_id();
    }
    module
}

const SUCCESS: zend_result = 0;
const FAILURE: zend_result = -1;

/// Runs one of our hooks; a panic must not cross into C.
fn guarded(hook: impl FnOnce()) -> zend_result {
    match catch_unwind(AssertUnwindSafe(hook)) {
        Ok(()) => SUCCESS,
        Err(_) => FAILURE,
    }
}

unsafe extern "C" fn module_startup(_kind: i32, module: i32) -> zend_result {
    guarded(|| {
        // SAFETY: the engine calls this once.
        unsafe {
            table::register(module);
            ini::register(module);
        }
        crate::class::attach();
        crate::engine::module_started();
    })
}

unsafe extern "C" fn module_shutdown(_kind: i32, module: i32) -> zend_result {
    guarded(|| {
        crate::engine::module_stopping();
        // SAFETY: the engine calls this once.
        unsafe { ini::unregister(module) };
    })
}

unsafe extern "C" fn request_shutdown(_kind: i32, _module: i32) -> zend_result {
    guarded(crate::engine::request_ending)
}

unsafe extern "C" fn request_over() -> zend_result {
    guarded(crate::engine::request_ended)
}

unsafe extern "C" fn info(module: *mut zend_module_entry) {
    // SAFETY: rows of two NUL-terminated strings each.
    unsafe {
        php_info_print_table_start();
        for (name, value) in crate::engine::info() {
            php_info_print_table_row(2, name.as_ptr(), value.as_ptr());
        }
        php_info_print_table_end();
        display_ini_entries(module);
    }
}
