//! The call that a handler serves: its object and its arguments.
//!
//! Arguments are read from the engine's frame. The common type is taken at once; anything else
//! goes through the engine, so that coercion, strict types and messages are PHP's own.

use std::ffi::c_char;
use std::marker::PhantomData;

use super::Php;
use super::api::Class;
use super::array::ArrayArg;
use super::callable::Callable;
use super::exception::{Stop, in_constructor};
use super::ffi::{
    _zend_expected_type, _zend_expected_type_Z_EXPECTED_ARRAY,
    _zend_expected_type_Z_EXPECTED_ARRAY_OR_NULL, _zend_expected_type_Z_EXPECTED_BOOL,
    _zend_expected_type_Z_EXPECTED_LONG, _zend_expected_type_Z_EXPECTED_LONG_OR_NULL,
    _zend_expected_type_Z_EXPECTED_STRING, _zend_expected_type_Z_EXPECTED_STRING_OR_NULL,
    _zend_reference, Frame, T_ARRAY, T_FALSE, T_LONG, T_NULL, T_OBJECT, T_REFERENCE, T_STRING,
    T_TRUE, Zval, peek, write, zend_parse_arg_bool_slow, zend_parse_arg_long_slow,
    zend_parse_arg_str_slow, zend_try_assign_typed_ref_long, zend_wrong_parameter_class_error,
    zend_wrong_parameter_class_or_null_error, zend_wrong_parameter_type_error,
    zend_wrong_parameters_count_error, zval,
};
use super::object::{Native, Object};
use super::string::Str;
use super::value::Value;

/// Slots that the frame itself takes; the arguments follow it.
const FRAME_SLOTS: usize = size_of::<Frame>().div_ceil(size_of::<zval>());

/// A running call. `'a` is the time until the handler returns: the frame keeps the object and
/// the arguments alive for it, whatever PHP code runs meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    frame: *mut Frame,
    _running: PhantomData<&'a ()>,
}

impl<'a> Call<'a> {
    /// # Safety
    /// `frame` must be the frame of the handler that runs, for `'a`.
    pub(super) unsafe fn new(frame: *mut Frame) -> Self {
        Self {
            frame,
            _running: PhantomData,
        }
    }

    /// The object that the method was called on. Methods only.
    #[inline(always)]
    pub(crate) fn this(&self) -> Object<'a> {
        // SAFETY: the handler of a method always runs with an object in `This`.
        unsafe { Object::from_raw(peek(&raw const (*self.frame).This).value as *mut _) }
    }

    /// The native state of the object; throws when its constructor has not run.
    #[inline(always)]
    pub(crate) fn native<T: Native>(&self) -> Php<&'a T> {
        self.this().native()
    }

    /// Number of arguments; throws unless it is in range.
    #[inline(always)]
    pub(crate) fn count(&self, least: u32, most: u32) -> Php<u32> {
        // SAFETY: the frame is alive; for a call, `u2` holds the number of arguments.
        let count = unsafe { (*self.frame).This.u2.num_args };
        if (least..=most).contains(&count) {
            return Ok(count);
        }
        // SAFETY: throws an ArgumentCountError for the running function.
        unsafe { zend_wrong_parameters_count_error(least, most) };
        Err(Stop::Exception)
    }

    /// Parses as constructors do; see [`in_constructor`].
    pub(crate) fn constructing<T>(&self, parse: impl FnOnce(&Self) -> T) -> T {
        in_constructor(|| parse(self))
    }

    #[inline(always)]
    fn argument(&self, index: u32) -> *mut zval {
        // SAFETY: callers stay below the number of arguments, which lie behind the frame.
        unsafe { self.frame.cast::<zval>().add(FRAME_SLOTS + index as usize) }
    }

    #[inline(always)]
    fn raw(&self, index: u32) -> Zval {
        // SAFETY: every argument is an initialised zval.
        unsafe { peek(self.argument(index)) }
    }

    /// Whether argument `index` was given at all.
    #[inline(always)]
    fn is_given(&self, index: u32) -> bool {
        // SAFETY: as in `count`.
        index < unsafe { (*self.frame).This.u2.num_args }
    }

    #[inline(always)]
    pub(crate) fn long(&self, index: u32) -> Php<i64> {
        let raw = self.raw(index);
        if raw.tag() == T_LONG {
            return Ok(raw.value as i64);
        }
        self.convert_long(index, _zend_expected_type_Z_EXPECTED_LONG)
    }

    /// An integer that may be left out or null.
    #[inline(always)]
    pub(crate) fn long_or_null(&self, index: u32) -> Php<Option<i64>> {
        if !self.is_given(index) || self.raw(index).tag() == T_NULL {
            return Ok(None);
        }
        let raw = self.raw(index);
        if raw.tag() == T_LONG {
            return Ok(Some(raw.value as i64));
        }
        self.convert_long(index, _zend_expected_type_Z_EXPECTED_LONG_OR_NULL)
            .map(Some)
    }

    /// An integer that may be left out.
    pub(crate) fn optional_long(&self, index: u32, default: i64) -> Php<i64> {
        if self.is_given(index) {
            self.long(index)
        } else {
            Ok(default)
        }
    }

    pub(crate) fn bool(&self, index: u32) -> Php<bool> {
        match self.raw(index).tag() {
            T_TRUE => return Ok(true),
            T_FALSE => return Ok(false),
            _ => {}
        }
        let mut value = false;
        // SAFETY: an argument of this call, and a place for the result.
        let is_bool =
            unsafe { zend_parse_arg_bool_slow(self.argument(index), &raw mut value, index + 1) };
        if is_bool {
            return Ok(value);
        }
        Err(self.wrong_type(index, _zend_expected_type_Z_EXPECTED_BOOL))
    }

    /// A boolean that may be left out.
    pub(crate) fn optional_bool(&self, index: u32) -> Php<bool> {
        if self.is_given(index) {
            self.bool(index)
        } else {
            Ok(false)
        }
    }

    #[inline(always)]
    pub(crate) fn string(&self, index: u32) -> Php<Str<'a>> {
        let raw = self.raw(index);
        if raw.tag() == T_STRING {
            // SAFETY: the frame keeps the string alive.
            return Ok(unsafe { Str::from_raw(raw.value as *mut _) });
        }
        self.convert_string(index, _zend_expected_type_Z_EXPECTED_STRING)
    }

    /// A string that may be left out or null.
    #[inline(always)]
    pub(crate) fn string_or_null(&self, index: u32) -> Php<Option<Str<'a>>> {
        if !self.is_given(index) {
            return Ok(None);
        }
        let raw = self.raw(index);
        match raw.tag() {
            // SAFETY: the frame keeps the string alive.
            T_STRING => Ok(Some(unsafe { Str::from_raw(raw.value as *mut _) })),
            T_NULL => Ok(None),
            _ => self
                .convert_string(index, _zend_expected_type_Z_EXPECTED_STRING_OR_NULL)
                .map(Some),
        }
    }

    pub(crate) fn array(&self, index: u32) -> Php<ArrayArg<'a>> {
        let raw = self.raw(index);
        if raw.tag() == T_ARRAY {
            // SAFETY: the frame keeps the array alive.
            return Ok(unsafe { ArrayArg::from_raw(raw.value as *mut _) });
        }
        Err(self.wrong_type(index, _zend_expected_type_Z_EXPECTED_ARRAY))
    }

    /// An array that may be left out.
    pub(crate) fn optional_array(&self, index: u32) -> Php<Option<ArrayArg<'a>>> {
        if self.is_given(index) {
            self.array(index).map(Some)
        } else {
            Ok(None)
        }
    }

    /// An array that may be left out or null.
    #[inline(always)]
    pub(crate) fn array_or_null(&self, index: u32) -> Php<Option<ArrayArg<'a>>> {
        if !self.is_given(index) {
            return Ok(None);
        }
        let raw = self.raw(index);
        match raw.tag() {
            // SAFETY: the frame keeps the array alive.
            T_ARRAY => Ok(Some(unsafe { ArrayArg::from_raw(raw.value as *mut _) })),
            T_NULL => Ok(None),
            _ => Err(self.wrong_type(index, _zend_expected_type_Z_EXPECTED_ARRAY_OR_NULL)),
        }
    }

    /// An instance of `class`.
    pub(crate) fn object(&self, index: u32, class: Class) -> Php<Object<'a>> {
        match self.instance(index, class) {
            Some(object) => Ok(object),
            None => {
                // SAFETY: throws a TypeError for an argument of this call.
                unsafe {
                    let name = class_name(class);
                    zend_wrong_parameter_class_error(index + 1, name, self.argument(index));
                }
                Err(Stop::Exception)
            }
        }
    }

    /// An instance of `class` that may be left out or null.
    pub(crate) fn object_or_null(&self, index: u32, class: Class) -> Php<Option<Object<'a>>> {
        if !self.is_given(index) || self.raw(index).tag() == T_NULL {
            return Ok(None);
        }
        if let Some(object) = self.instance(index, class) {
            return Ok(Some(object));
        }
        // SAFETY: throws a TypeError for an argument of this call.
        unsafe {
            let name = class_name(class);
            zend_wrong_parameter_class_or_null_error(index + 1, name, self.argument(index));
        }
        Err(Stop::Exception)
    }

    fn instance(&self, index: u32, class: Class) -> Option<Object<'a>> {
        let raw = self.raw(index);
        if raw.tag() != T_OBJECT {
            return None;
        }
        // SAFETY: the frame keeps the object alive.
        let object = unsafe { Object::from_raw(raw.value as *mut _) };
        object.is_instance_of(class).then_some(object)
    }

    pub(crate) fn callable(&self, index: u32) -> Php<Callable> {
        // SAFETY: an argument of this call.
        unsafe { Callable::from_argument(self.argument(index), index + 1) }
    }

    /// Any value that may be left out or null.
    pub(crate) fn value_or_null(&self, index: u32) -> Option<Value> {
        if !self.is_given(index) {
            return None;
        }
        // SAFETY: an argument of this call.
        let value = unsafe { Value::copy_from(self.argument(index)) };
        (!value.is_null()).then_some(value)
    }

    /// Gives a by-reference argument an integer, as an assignment in PHP code would.
    pub(crate) fn assign_long(&self, index: u32, value: i64) -> Php<()> {
        let raw = self.raw(index);
        if raw.tag() != T_REFERENCE {
            return Ok(());
        }
        let reference = raw.value as *mut _zend_reference;
        // SAFETY: the argument holds a live reference. A typed one checks the type itself; an
        // untyped one's old value is released after the new one is in place.
        unsafe {
            if !(*reference).sources.ptr.is_null() {
                zend_try_assign_typed_ref_long(reference, value);
            } else {
                let target = &raw mut (*reference).val;
                let old = peek(target);
                write(target, Zval::long(value));
                old.release();
            }
        }
        super::exception::check(())
    }

    #[cold]
    fn convert_long(&self, index: u32, expected: _zend_expected_type) -> Php<i64> {
        let mut value = 0;
        // SAFETY: an argument of this call, and a place for the result.
        let is_long =
            unsafe { zend_parse_arg_long_slow(self.argument(index), &raw mut value, index + 1) };
        if is_long {
            Ok(value)
        } else {
            Err(self.wrong_type(index, expected))
        }
    }

    #[cold]
    fn convert_string(&self, index: u32, expected: _zend_expected_type) -> Php<Str<'a>> {
        let mut string = std::ptr::null_mut();
        // SAFETY: an argument of this call, and a place for the result. The argument itself is
        // converted, so the frame owns the string.
        unsafe {
            if zend_parse_arg_str_slow(self.argument(index), &raw mut string, index + 1) {
                return Ok(Str::from_raw(string));
            }
        }
        Err(self.wrong_type(index, expected))
    }

    #[cold]
    fn wrong_type(&self, index: u32, expected: _zend_expected_type) -> Stop {
        // SAFETY: throws a TypeError for an argument of this call, unless one is pending.
        unsafe { zend_wrong_parameter_type_error(index + 1, expected, self.argument(index)) };
        Stop::Exception
    }
}

/// # Safety
/// Only after the classes are registered.
unsafe fn class_name(class: Class) -> *const c_char {
    // SAFETY: a registered class has a name, NUL-terminated as every zend_string.
    unsafe { (&raw const (*(*class.entry()).name).val).cast() }
}
