//! From the engine's calling convention to a handler's, and back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Php;
use super::call::Call;
use super::exception::Stop;
use super::ffi::{Frame, write, zend_throw_error, zval};
use super::globals::run_interrupt_handlers_before_exception;
use super::value::Value;

/// The engine's entry for a safe function `fn(&Call) -> Php<impl Into<Value>>`.
macro_rules! handler {
    ($function:path) => {{
        unsafe extern "C" fn enter(
            frame: *mut $crate::zend::ffi::Frame,
            result: *mut $crate::zend::ffi::zval,
        ) {
            // SAFETY: the engine calls with the frame of this call and a place for its result.
            unsafe { $crate::zend::handler::run(frame, result, $function) }
        }
        enter
    }};
}
pub(super) use handler;

/// Runs `function`; a panic becomes an Error instead of ending the process.
///
/// # Safety
/// `frame` must be the running frame, `result` its null result.
#[inline(always)]
pub(super) unsafe fn run<T: Into<Value>>(
    frame: *mut Frame,
    result: *mut zval,
    function: impl FnOnce(&Call<'_>) -> Php<T>,
) {
    // SAFETY: by contract.
    let call = unsafe { Call::new(frame) };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let result = function(&call).map(Into::into);
        match result {
            Err(Stop::Exception) => {
                run_interrupt_handlers_before_exception().and(Err(Stop::Exception))
            }
            result => result,
        }
    }));
    match outcome {
        // SAFETY: the result is null so far, and takes over the value's reference.
        Ok(Ok(value)) => unsafe { write(result, value.into_raw()) },
        Ok(Err(Stop::Exception)) => {}
        // SAFETY: everything this side of the call has been dropped; the jump goes on.
        Ok(Err(Stop::Bailout)) => unsafe { ext_php_rs::zend::bailout() },
        Err(panic) => panicked(&*panic),
    }
}

#[cold]
fn panicked(panic: &(dyn std::any::Any + Send)) {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown");
    let text = std::ffi::CString::new(text.replace('\0', "")).unwrap_or_default();
    // SAFETY: a format with one string argument; null is the base class Error.
    unsafe {
        let format = c"rdkafka: internal error: %s";
        zend_throw_error(std::ptr::null_mut(), format.as_ptr(), text.as_ptr());
    }
}
