//! The executor's state that handlers look at.

use std::ffi::CStr;
use std::panic::AssertUnwindSafe;

use super::Php;
use super::exception::{Stop, check};
use super::ffi::{
    zend_exception_restore, zend_exception_save, zend_executor_globals, zend_interrupt_function,
    zend_is_unwind_exit,
};

#[cfg(not(php_zts))]
#[inline(always)]
fn executor() -> *mut zend_executor_globals {
    &raw mut super::ffi::executor_globals
}

#[cfg(php_zts)]
#[inline(always)]
fn executor() -> *mut zend_executor_globals {
    // SAFETY: on a PHP thread this is always set.
    unsafe { super::ffi::ext_php_rs_executor_globals() }
}

/// An exception waits to be thrown when the running handler returns.
#[inline(always)]
pub(crate) fn has_exception() -> bool {
    // SAFETY: the executor globals live as long as the process.
    unsafe { !(*executor()).exception.is_null() }
}

/// A signal arrived whose PHP handler should run: blocking calls return early. A byte in every
/// version, atomic or not.
#[inline(always)]
pub(crate) fn is_interrupted() -> bool {
    // SAFETY: as above.
    unsafe { std::ptr::read_volatile((&raw const (*executor()).vm_interrupt).cast::<u8>()) != 0 }
}

/// Runs the PHP handlers of the signals that arrived. `false` when the request's time is up: the
/// engine must end it, so whatever waits has to return.
pub(crate) fn run_interrupt_handlers() -> Php<bool> {
    // SAFETY: both flags are single bytes; the hook is called as the engine's own loop does, on the
    // frame that runs. The signals' handlers may end by a jump, which is caught.
    let ended = unsafe {
        let globals = executor();
        if std::ptr::read_volatile((&raw const (*globals).timed_out).cast::<u8>()) != 0 {
            return Ok(false);
        }
        std::ptr::write_volatile((&raw mut (*globals).vm_interrupt).cast::<u8>(), 0);
        let Some(handlers) = zend_interrupt_function else {
            return Ok(true);
        };
        let frame = (*globals).current_execute_data;
        ext_php_rs::zend::try_catch(AssertUnwindSafe(|| handlers(frame)))
    };
    match ended {
        Ok(()) => check(true),
        Err(_) => Err(Stop::Bailout),
    }
}

/// As [`run_interrupt_handlers`], where a handler of ours ends in an exception. The engine calls nothing while one is
/// pending: it would take the signals that arrived during the call off its list, and forget them.
#[cold]
pub(super) fn run_interrupt_handlers_before_exception() -> Php<()> {
    if !is_interrupted() {
        return Ok(());
    }
    // SAFETY: the engine's own pair for running PHP code between a throw and its catch; what that code throws gets
    // the saved one as its previous. A script on its way out is let go.
    unsafe {
        let pending = (*executor()).exception;
        if pending.is_null() || zend_is_unwind_exit(pending) {
            return Ok(());
        }
        zend_exception_save();
    }
    let ran = run_interrupt_handlers();
    // SAFETY: as above, also where the handlers ended the script.
    unsafe { zend_exception_restore() };
    match ran {
        Err(Stop::Bailout) => Err(Stop::Bailout),
        Ok(_) | Err(Stop::Exception) => Ok(()),
    }
}

/// The name of the server interface: `cli`, `fpm-fcgi`, ...
pub(crate) fn sapi_name() -> &'static str {
    // SAFETY: set before any module starts, and never changed.
    let name = unsafe {
        let name = super::ffi::sapi_module.name;
        (!name.is_null()).then(|| CStr::from_ptr(name))
    };
    name.and_then(|name| name.to_str().ok()).unwrap_or_default()
}

/// The operating system's error number on this thread.
pub(crate) fn errno() -> i64 {
    // SAFETY: always points to this thread's errno.
    i64::from(unsafe { *libc::__errno_location() })
}
