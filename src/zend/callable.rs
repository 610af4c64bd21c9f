//! Callables that PHP code handed over, and calling them.

use std::cell::UnsafeCell;
use std::ffi::c_char;
use std::mem::ManuallyDrop;
use std::panic::AssertUnwindSafe;
use std::ptr;

use super::Php;
use super::exception::{Stop, check};
use super::ffi::{
    _zend_expected_type_Z_EXPECTED_FUNC, Zval, write, zend_call_function, zend_fcall_info,
    zend_fcall_info_cache, zend_fcall_info_init, zend_release_fcall_info_cache,
    zend_wrong_callback_error, zend_wrong_parameter_type_error, zval,
};
use super::gc::GcBuffer;
use super::value::Value;

/// A callable with its function looked up, so that a call costs no lookup.
pub(crate) struct Callable {
    value: Value,
    /// The engine fills in a `__call` trampoline anew for each call.
    cache: UnsafeCell<zend_fcall_info_cache>,
}

impl Callable {
    /// # Safety
    /// `argument` must be argument `number` of the running call.
    pub(super) unsafe fn from_argument(argument: *mut zval, number: u32) -> Php<Self> {
        // The bindings' zval has a Drop: what it is part of must not be dropped.
        // SAFETY: all zero is an empty `zend_fcall_info` and cache.
        let mut info: ManuallyDrop<zend_fcall_info> = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        let mut cache: zend_fcall_info_cache = unsafe { std::mem::zeroed() };
        let mut error: *mut c_char = ptr::null_mut();
        let no_name = ptr::null_mut();
        // SAFETY: a live argument and places for the results. The engine frees `error` when it
        // throws it. Releasing the cache frees a trampoline, which is looked up again per call.
        unsafe {
            let status = zend_fcall_info_init(
                argument,
                0,
                &raw mut *info,
                &raw mut cache,
                no_name,
                &raw mut error,
            );
            if status != 0 {
                if error.is_null() {
                    let expected = _zend_expected_type_Z_EXPECTED_FUNC;
                    zend_wrong_parameter_type_error(number, expected, argument);
                } else {
                    zend_wrong_callback_error(number, error);
                }
                return Err(Stop::Exception);
            }
            zend_release_fcall_info_cache(&raw mut cache);
            Ok(Self {
                value: Value::copy_from(argument),
                cache: UnsafeCell::new(cache),
            })
        }
    }

    /// Calls it and drops the result. PHP code runs: nothing may be borrowed or locked.
    ///
    /// # Errors
    /// When the callable left an exception, or ended the request.
    pub(crate) fn call<const N: usize>(&self, arguments: [Value; N]) -> Php<()> {
        let mut raw: [Zval; N] = std::array::from_fn(|index| arguments[index].raw());
        let mut result = Zval::UNDEF;
        // SAFETY: all zero is an empty `zend_fcall_info`.
        let mut info: ManuallyDrop<zend_fcall_info> = unsafe { std::mem::zeroed() };
        info.size = size_of::<zend_fcall_info>();
        // SAFETY: `function_name` borrows the callable, which `self` keeps alive.
        unsafe { write(&raw mut info.function_name, self.value.raw()) };
        info.retval = (&raw mut result).cast();
        info.params = raw.as_mut_ptr().cast();
        info.param_count = N as u32;
        let cache = self.cache.get();
        // SAFETY: the arguments and the result live until the call returns. `exit` and fatal
        // errors end the call by a jump, which is caught here so that what the caller holds is
        // dropped before the engine goes on with it.
        let ended = unsafe {
            let info = &raw mut *info;
            let call = AssertUnwindSafe(|| {
                zend_call_function(info, cache);
            });
            ext_php_rs::zend::try_catch(call)
        };
        // SAFETY: the result holds a reference that nobody else gives up; UNDEF holds none.
        unsafe { result.release() };
        match ended {
            Ok(()) => check(()),
            Err(_) => Err(Stop::Bailout),
        }
    }

    pub(crate) fn visit(&self, gc: &mut GcBuffer) {
        gc.value(&self.value);
    }
}

impl Clone for Callable {
    fn clone(&self) -> Self {
        // SAFETY: the callable is alive, and the copy takes a reference of its own. The cache is
        // plain data: class and function pointers that the callable keeps alive.
        unsafe {
            let raw = self.value.raw();
            raw.add_reference();
            Self {
                value: Value::from_raw(raw),
                cache: UnsafeCell::new(ptr::read(self.cache.get())),
            }
        }
    }
}
