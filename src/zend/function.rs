//! The engine's own functions, called by name.

use std::ffi::CStr;
use std::panic::AssertUnwindSafe;
use std::ptr;

use super::ffi::{
    ZEND_INTERNAL_FUNCTION, Zval, zend_call_known_function, zend_fetch_function_str, zend_function,
};

/// Calls a function that the server interface or another extension brings, without arguments;
/// `false` when there is none. What it throws or ends is swallowed: only for the end of a request,
/// where nobody is left to tell.
pub(crate) fn call_internal(name: &CStr) -> bool {
    let mut result = Zval::UNDEF;
    let Some(function) = internal(name) else {
        return false;
    };
    // SAFETY: the function lives as long as its module. The call may end by a jump, which is
    // caught here.
    unsafe {
        let call = || {
            zend_call_known_function(
                function,
                ptr::null_mut(),
                ptr::null_mut(),
                (&raw mut result).cast(),
                0,
                ptr::null_mut(),
                ptr::null_mut(),
            );
        };
        _ = ext_php_rs::zend::try_catch(AssertUnwindSafe(call));
        result.release();
    }
    true
}

/// Whether there is such a function, and it is not PHP code's own.
pub(crate) fn has_internal(name: &CStr) -> bool {
    internal(name).is_some()
}

fn internal(name: &CStr) -> Option<*mut zend_function> {
    // SAFETY: the name is NUL-terminated and its length given; every function has a type.
    unsafe {
        let function = zend_fetch_function_str(name.as_ptr(), name.count_bytes());
        let is_internal =
            !function.is_null() && u32::from((*function).type_) == ZEND_INTERNAL_FUNCTION;
        is_internal.then_some(function)
    }
}
