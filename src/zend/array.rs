//! PHP arrays: built by us, or given as an argument.

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::Php;
use super::exception::check;
use super::ffi::{
    _zend_new_array, HashTable, T_STRING, T_UNDEF, Zval, peek, zend_array,
    zend_hash_get_current_data_ex, zend_hash_get_current_key_ex, zend_hash_index_update,
    zend_hash_internal_pointer_reset_ex, zend_hash_move_forward_ex, zend_hash_next_index_insert,
    zend_hash_str_update, zend_string, zval, zval_get_string_func,
};
use super::string::{Str, ZString};
use super::value::Value;

/// A new array, not yet shared with PHP code.
pub(crate) struct Array(NonNull<zend_array>);

impl Array {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let capacity = u32::try_from(capacity).unwrap_or(0).max(8);
        // SAFETY: returns a new array with one reference, never null.
        Self(unsafe { NonNull::new_unchecked(_zend_new_array(capacity)) })
    }

    pub(crate) fn push(&mut self, value: impl Into<Value>) {
        let mut raw = value.into().into_raw();
        // SAFETY: the array is ours alone and takes over the value's reference.
        unsafe { zend_hash_next_index_insert(self.0.as_ptr(), (&raw mut raw).cast()) };
    }

    /// Sets a key as PHP code would: one that spells an integer becomes one.
    pub(crate) fn set(&mut self, key: &[u8], value: impl Into<Value>) {
        let mut raw = value.into().into_raw();
        let value = (&raw mut raw).cast();
        // SAFETY: the array is ours alone and takes over the value's reference; the key is
        // copied.
        unsafe {
            match integer_key(key) {
                Some(index) => zend_hash_index_update(self.0.as_ptr(), index as u64, value),
                None => {
                    zend_hash_str_update(self.0.as_ptr(), key.as_ptr().cast(), key.len(), value)
                }
            };
        }
    }

    pub(super) fn into_raw(self) -> *mut zend_array {
        std::mem::ManuallyDrop::new(self).0.as_ptr()
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        // SAFETY: the array owns its reference.
        unsafe { Zval::array(self.0.as_ptr()).release() };
    }
}

/// The integer that an array key spells in canonical form, as the engine decides it.
#[inline]
fn integer_key(key: &[u8]) -> Option<i64> {
    let starts_like_one = matches!(key.first(), Some(b'0'..=b'9' | b'-'));
    if !starts_like_one {
        return None;
    }
    let number: i64 = std::str::from_utf8(key).ok()?.parse().ok()?;
    (number.to_string().as_bytes() == key && number != i64::MIN).then_some(number)
}

/// `HASH_FLAG_PACKED`: a list without keys.
const HASH_FLAG_PACKED: u32 = 1 << 2;

/// Twin of the engine's `Bucket` without `Drop`.
#[repr(C)]
struct Bucket {
    value: Zval,
    hash: u64,
    /// Null for an integer key.
    name: *mut zend_string,
}

const _: () = assert!(size_of::<Bucket>() == size_of::<super::ffi::Bucket>());

/// `HASH_KEY_IS_STRING`, what the engine answers for a key that is not an integer.
const HASH_KEY_IS_STRING: u32 = 1;

/// An array that is an argument of the running call.
#[derive(Clone, Copy)]
pub(crate) struct ArrayArg<'a> {
    raw: NonNull<HashTable>,
    _alive: PhantomData<&'a ()>,
}

/// The key of an element.
#[derive(Clone, Copy)]
pub(crate) enum Key<'a> {
    /// An integer.
    Index,
    Name(Str<'a>),
}

impl<'a> ArrayArg<'a> {
    /// # Safety
    /// `raw` must point to an array that lives for `'a`.
    pub(super) unsafe fn from_raw(raw: *mut HashTable) -> Self {
        Self {
            // SAFETY: not null, by contract.
            raw: unsafe { NonNull::new_unchecked(raw) },
            _alive: PhantomData,
        }
    }

    pub(crate) fn len(self) -> usize {
        // SAFETY: the array is alive.
        unsafe { (*self.raw.as_ptr()).nNumOfElements as usize }
    }

    /// Calls `each` with every element in order; stops when an exception is pending.
    #[inline]
    pub(crate) fn each(self, mut each: impl FnMut(Key<'a>, Element<'a>) -> Php<()>) -> Php<()> {
        let Some(buckets) = self.buckets() else {
            return self.each_by_position(&mut each);
        };
        for bucket in buckets {
            if bucket.value.tag() == T_UNDEF {
                continue;
            }
            let key = match NonNull::new(bucket.name) {
                // SAFETY: the array keeps its keys alive.
                Some(name) => Key::Name(unsafe { Str::from_raw(name.as_ptr()) }),
                None => Key::Index,
            };
            each(key, Element::new(NonNull::from(&bucket.value).cast()))?;
        }
        Ok(())
    }

    /// The elements of an array with keys, those that were removed included; `None` for a list, which the engine keeps
    /// in another form.
    #[inline]
    fn buckets(self) -> Option<&'a [Bucket]> {
        let array = self.raw.as_ptr();
        // SAFETY: the array is alive while the call's frame holds it, and nobody changes an array that others hold:
        // its first `nNumUsed` buckets stay where they are.
        unsafe {
            if (*array).u.flags & HASH_FLAG_PACKED != 0 {
                return None;
            }
            #[cfg(php82)]
            let first = (*array).__bindgen_anon_1.arData;
            #[cfg(not(php82))]
            let first = (*array).arData;
            let used = (*array).nNumUsed as usize;
            Some(std::slice::from_raw_parts(first.cast(), used))
        }
    }

    fn each_by_position(self, each: &mut dyn FnMut(Key<'a>, Element<'a>) -> Php<()>) -> Php<()> {
        let array = self.raw.as_ptr();
        let mut position = 0;
        // SAFETY: the array is alive while the call's frame holds it, and nothing below changes
        // it: the position, key and data stay valid until the next step.
        unsafe {
            zend_hash_internal_pointer_reset_ex(array, &mut position);
            loop {
                let data = zend_hash_get_current_data_ex(array, &mut position);
                let Some(data) = NonNull::new(data) else {
                    return Ok(());
                };
                let (mut name, mut index) = (std::ptr::null_mut(), 0);
                let found = zend_hash_get_current_key_ex(
                    array,
                    &raw mut name,
                    &raw mut index,
                    &raw const position,
                );
                let key = match found as u32 {
                    HASH_KEY_IS_STRING => Key::Name(Str::from_raw(name)),
                    _ => Key::Index,
                };
                each(key, Element::new(data))?;
                zend_hash_move_forward_ex(array, &mut position);
            }
        }
    }
}

/// One element of an array argument.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    raw: NonNull<zval>,
    _alive: PhantomData<&'a ()>,
}

impl<'a> Element<'a> {
    #[inline]
    fn new(raw: NonNull<zval>) -> Self {
        Self {
            raw,
            _alive: PhantomData,
        }
    }

    /// The value, with a reference of its own.
    pub(crate) fn value(self) -> Value {
        // SAFETY: the array is alive, and so are its elements.
        unsafe { Value::copy_from(self.raw.as_ptr()) }
    }

    /// The value if it is a string and nobody can change it: one that PHP code holds no reference (`&`) to.
    #[inline]
    pub(crate) fn as_string(self) -> Option<Str<'a>> {
        // SAFETY: the array is alive, and keeps the string alive for as long as it is.
        unsafe {
            let raw = peek(self.raw.as_ptr());
            (raw.tag() == T_STRING).then(|| Str::from_raw(raw.value as *mut _))
        }
    }

    /// The value as a string, converted as PHP does; may run PHP code (`__toString`).
    pub(crate) fn to_string(self) -> Php<ZString> {
        // SAFETY: as above; the function returns a string with a reference of its own.
        let string = unsafe {
            let held = Value::copy_from(self.raw.as_ptr());
            let mut raw = held.raw();
            ZString::from_raw(zval_get_string_func((&raw mut raw).cast()))
        };
        check(string)
    }
}
