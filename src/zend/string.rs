//! PHP strings: bytes with a length, a reference count and a NUL behind them.

use std::alloc::Layout;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use super::ffi::zend_string;

/// A string that somebody else keeps alive for `'a`.
#[derive(Clone, Copy)]
pub(crate) struct Str<'a> {
    raw: NonNull<zend_string>,
    _alive: PhantomData<&'a [u8]>,
}

/// `GC_IMMUTABLE` of the type word: such a string is shared by all and never counted.
const INTERNED: u32 = 1 << 6;
/// Type word of a new string: `IS_STRING`, not collectable.
const STRING: u32 = 6 | (1 << 4);
const HEADER: usize = std::mem::offset_of!(zend_string, val);

impl<'a> Str<'a> {
    /// # Safety
    /// `raw` must point to a string that lives for `'a`.
    #[inline(always)]
    pub(super) unsafe fn from_raw(raw: *mut zend_string) -> Self {
        Self {
            // SAFETY: not null, by contract.
            raw: unsafe { NonNull::new_unchecked(raw) },
            _alive: PhantomData,
        }
    }

    #[inline(always)]
    pub(crate) fn as_bytes(self) -> &'a [u8] {
        let raw = self.raw.as_ptr();
        // SAFETY: the string is alive and holds `len` bytes from `val` on.
        unsafe { std::slice::from_raw_parts((&raw const (*raw).val).cast(), (*raw).len) }
    }

    /// The text, with what is not UTF-8 replaced.
    pub(crate) fn to_text(self) -> String {
        String::from_utf8_lossy(self.as_bytes()).into_owned()
    }

    /// The string up to the first NUL, as C code would see it: names end there, as upstream.
    pub(crate) fn until_nul(self) -> ZString {
        let bytes = self.as_bytes();
        match bytes.iter().position(|byte| *byte == 0) {
            Some(end) => ZString::new(&bytes[..end]),
            None => self.to_owned(),
        }
    }

    /// The text up to the first NUL, with what is not UTF-8 replaced.
    pub(crate) fn to_c_text(self) -> String {
        self.until_nul().as_str().to_text()
    }

    /// A reference of one's own to the same string.
    #[inline(always)]
    pub(crate) fn to_owned(self) -> ZString {
        if !self.is_interned() {
            // SAFETY: the string is alive and starts with its u32 count.
            unsafe { *self.raw.as_ptr().cast::<u32>() += 1 };
        }
        ZString(self.raw)
    }

    #[inline(always)]
    pub(super) fn is_interned(self) -> bool {
        // SAFETY: the string is alive; its second word is its type word.
        unsafe { (*self.raw.as_ptr().cast::<[u32; 2]>())[1] & INTERNED != 0 }
    }
}

/// A string and one reference to it.
pub(crate) struct ZString(NonNull<zend_string>);

impl ZString {
    /// Copies `bytes` into a new string of the request's heap.
    #[inline]
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let size = (HEADER + bytes.len() + 1 + 7) & !7;
        // SAFETY: the size is not zero and was rounded to the alignment; emalloc never returns
        // null. Every field of the header and the bytes with their NUL are written.
        unsafe {
            let layout = Layout::from_size_align_unchecked(size, 8);
            let raw = ext_php_rs::alloc::emalloc(layout).cast::<zend_string>();
            *raw.cast::<[u32; 2]>() = [1, STRING];
            (*raw).h = 0;
            (*raw).len = bytes.len();
            let target = (&raw mut (*raw).val).cast::<u8>();
            ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len());
            *target.add(bytes.len()) = 0;
            Self(NonNull::new_unchecked(raw))
        }
    }

    /// # Safety
    /// `raw` must carry a reference that is given over.
    pub(super) unsafe fn from_raw(raw: *mut zend_string) -> Self {
        // SAFETY: not null, by contract.
        Self(unsafe { NonNull::new_unchecked(raw) })
    }

    #[inline(always)]
    pub(super) fn into_raw(self) -> *mut zend_string {
        std::mem::ManuallyDrop::new(self).0.as_ptr()
    }

    #[inline(always)]
    pub(crate) fn as_str(&self) -> Str<'_> {
        Str {
            raw: self.0,
            _alive: PhantomData,
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.as_str().as_bytes()
    }
}

impl Clone for ZString {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.as_str().to_owned()
    }
}

impl Drop for ZString {
    #[inline]
    fn drop(&mut self) {
        if self.as_str().is_interned() {
            return;
        }
        let count = self.0.as_ptr().cast::<u32>();
        // SAFETY: a `ZString` owns its reference; the last one frees the string, which is on the
        // request's heap because persistent strings are interned or never get here.
        unsafe {
            *count -= 1;
            if *count == 0 {
                ext_php_rs::alloc::efree(self.0.as_ptr().cast());
            }
        }
    }
}
