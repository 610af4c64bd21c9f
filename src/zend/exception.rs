//! Exceptions, warnings, and how handlers stop.

use std::ffi::{CString, c_char};
use std::panic::AssertUnwindSafe;

use super::Php;
use super::api::Class;
use super::ffi::{
    ERROR_HANDLING_THROW, ErrorHandling, spl_ce_InvalidArgumentException, zend_ce_exception,
    zend_class_entry, zend_error, zend_replace_error_handling, zend_restore_error_handling,
    zend_throw_exception, zend_throw_exception_object,
};
use super::globals::has_exception;
use super::object::ObjectRef;
use super::value::Value;

/// Why a handler stops early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// An exception is pending: return, and the engine throws it.
    Exception,
    /// PHP code ended with a fatal error or `exit`: drop what is held, then unwind the engine.
    Bailout,
}

/// The class of an exception.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Base {
    /// `\Exception`
    Exception,
    /// `\InvalidArgumentException`
    InvalidArgument,
    /// One of ours.
    Own(Class),
}

impl Base {
    pub(super) fn entry(self) -> *mut zend_class_entry {
        // SAFETY: the engine sets these before any module starts.
        unsafe {
            match self {
                Self::Exception => zend_ce_exception,
                Self::InvalidArgument => spl_ce_InvalidArgumentException,
                Self::Own(class) => class.entry(),
            }
        }
    }
}

/// Throws; a NUL ends the message. Use as `return Err(throw(..))`.
#[cold]
pub(crate) fn throw(base: Base, message: &str, code: i64) -> Stop {
    let message = c_text(message);
    // SAFETY: a class that extends Exception, and a NUL-terminated message that is copied.
    unsafe { zend_throw_exception(base.entry(), message.as_ptr(), code) };
    Stop::Exception
}

/// Throws an exception that was made by hand.
#[cold]
pub(crate) fn throw_object(exception: ObjectRef) -> Stop {
    let mut raw = Value::from(exception).into_raw();
    // SAFETY: an object of a class that extends Exception; the engine takes over the reference.
    unsafe { zend_throw_exception_object((&raw mut raw).cast()) };
    Stop::Exception
}

/// `value`, unless an exception is pending.
#[inline(always)]
pub(super) fn check<T>(value: T) -> Php<T> {
    if has_exception() {
        Err(Stop::Exception)
    } else {
        Ok(value)
    }
}

const E_ERROR: i32 = 1;
const E_WARNING: i32 = 2;

/// An `E_WARNING`; may run PHP code (a user's error handler).
///
/// # Errors
/// When that code left an exception, or ended the request.
#[cold]
pub(crate) fn warning(message: &str) -> Php<()> {
    let message = c_text(message);
    // SAFETY: a format with one string argument. What a user's handler ends by a jump is caught
    // here, so that what the caller holds is dropped first.
    let ended = unsafe {
        let raise = || zend_error(E_WARNING, c"%s".as_ptr(), message.as_ptr().cast::<c_char>());
        ext_php_rs::zend::try_catch(AssertUnwindSafe(raise))
    };
    match ended {
        Ok(()) => check(()),
        Err(_) => Err(Stop::Bailout),
    }
}

/// An `E_ERROR`: ends the request.
#[cold]
pub(crate) fn fatal(message: &str) -> Stop {
    let message = c_text(message);
    // SAFETY: a format with one string argument. The engine leaves by a jump, which is caught so
    // that what the handler holds is dropped first.
    let ended = unsafe {
        let raise = || zend_error(E_ERROR, c"%s".as_ptr(), message.as_ptr().cast::<c_char>());
        ext_php_rs::zend::try_catch(AssertUnwindSafe(raise))
    };
    match ended {
        Ok(()) => Stop::Exception,
        Err(_) => Stop::Bailout,
    }
}

fn c_text(message: &str) -> CString {
    let end = message.find('\0').unwrap_or(message.len());
    CString::new(&message[..end]).unwrap_or_default()
}

/// Runs `parse` the way constructors parse their arguments: what would be a warning is thrown as
/// an InvalidArgumentException, and notices bypass the user's error handler.
pub(crate) fn in_constructor<T>(parse: impl FnOnce() -> T) -> T {
    let mut saved = ErrorHandling {
        handling: 0,
        exception: std::ptr::null_mut(),
    };
    // SAFETY: `saved` is filled here and put back below, on every way out of `parse`.
    unsafe {
        zend_replace_error_handling(
            ERROR_HANDLING_THROW,
            spl_ce_InvalidArgumentException,
            &raw mut saved,
        );
    }
    let result = parse();
    // SAFETY: as above.
    unsafe { zend_restore_error_handling(&raw mut saved) };
    result
}
