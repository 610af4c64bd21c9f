//! Values that belong to Rust: one zval with its reference.

use std::ffi::CStr;
use std::fmt;
use std::mem::ManuallyDrop;

use super::array::{Array, ArrayArg};
use super::ffi::{
    T_ARRAY, T_LONG, T_NULL, T_OBJECT, T_REFERENCE, T_STRING, Zval, peek, zend_zval_type_name, zval,
};
use super::object::{Object, ObjectRef};
use super::string::{Str, ZString};

/// A PHP value and one reference to it.
pub(crate) struct Value(Zval);

impl Value {
    pub(crate) const NULL: Self = Self(Zval::NULL);

    /// The empty array; allocates nothing.
    pub(crate) fn empty_array() -> Self {
        Self(Zval::empty_array())
    }

    /// Takes over the reference that `raw` holds.
    pub(super) fn from_raw(raw: Zval) -> Self {
        Self(raw)
    }

    /// Gives away the reference.
    #[inline(always)]
    pub(super) fn into_raw(self) -> Zval {
        ManuallyDrop::new(self).0
    }

    pub(super) fn raw(&self) -> Zval {
        self.0
    }

    /// The value behind a slot of the engine, with a reference of its own; PHP references are
    /// looked through.
    ///
    /// # Safety
    /// `source` must point to a live zval.
    pub(super) unsafe fn copy_from(source: *const zval) -> Self {
        // SAFETY: by contract.
        let raw = unsafe { look_through(source) };
        // SAFETY: a live zval keeps what it points to alive.
        unsafe { raw.add_reference() };
        Self(raw)
    }

    pub(crate) fn is_null(&self) -> bool {
        self.0.tag() <= T_NULL
    }

    pub(crate) fn as_long(&self) -> Option<i64> {
        (self.0.tag() == T_LONG).then_some(self.0.value as i64)
    }

    pub(crate) fn as_string(&self) -> Option<Str<'_>> {
        // SAFETY: the tag says what the pointer is, and `self` keeps it alive.
        (self.0.tag() == T_STRING).then(|| unsafe { Str::from_raw(self.0.value as *mut _) })
    }

    pub(crate) fn as_object(&self) -> Option<Object<'_>> {
        // SAFETY: as above.
        (self.0.tag() == T_OBJECT).then(|| unsafe { Object::from_raw(self.0.value as *mut _) })
    }

    /// What PHP calls a value like this in an error: its type, or the class of an object.
    pub(crate) fn type_name(&self) -> String {
        if let Some(object) = self.as_object() {
            return object.class_name();
        }
        // SAFETY: a well-formed zval; the result is a static string.
        let name = unsafe { CStr::from_ptr(zend_zval_type_name((&raw const self.0).cast())) };
        name.to_string_lossy().into_owned()
    }

    pub(crate) fn as_array(&self) -> Option<ArrayArg<'_>> {
        // SAFETY: as above.
        (self.0.tag() == T_ARRAY).then(|| unsafe { ArrayArg::from_raw(self.0.value as *mut _) })
    }
}

/// The zval itself, or the one behind a PHP reference.
///
/// # Safety
/// `source` must point to a live zval.
pub(super) unsafe fn look_through(source: *const zval) -> Zval {
    // SAFETY: by contract; a zval of type reference points to a live zend_reference.
    unsafe {
        let raw = peek(source);
        if raw.tag() == T_REFERENCE {
            let reference = raw.value as *const super::ffi::_zend_reference;
            return peek(&raw const (*reference).val);
        }
        raw
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: a `Value` owns its reference.
        unsafe { self.0.release() };
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value(type {})", self.0.tag())
    }
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::NULL
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self(Zval::long(value))
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self(Zval::long(i64::from(value)))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self(Zval::bool(value))
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        ZString::new(value).into()
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        value.as_bytes().into()
    }
}

impl From<ZString> for Value {
    fn from(value: ZString) -> Self {
        let is_interned = value.as_str().is_interned();
        Self(Zval::string(value.into_raw(), is_interned))
    }
}

impl From<Array> for Value {
    fn from(value: Array) -> Self {
        Self(Zval::array(value.into_raw()))
    }
}

impl From<ObjectRef> for Value {
    fn from(value: ObjectRef) -> Self {
        Self(Zval::object(value.into_raw()))
    }
}

impl From<Object<'_>> for Value {
    fn from(value: Object<'_>) -> Self {
        value.to_owned().into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::NULL, Into::into)
    }
}
