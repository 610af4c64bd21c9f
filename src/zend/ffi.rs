//! Declarations of the engine's C interface that ext-php-rs does not bind, and a twin of `zval`
//! that can be copied.

pub(super) use ext_php_rs::ffi::*;

use std::ffi::{c_char, c_int, c_void};

/// A frame of the engine: the call that a handler serves.
pub(super) type Frame = zend_execute_data;

#[repr(C)]
pub(super) struct ErrorHandling {
    pub(super) handling: c_int,
    pub(super) exception: *mut zend_class_entry,
}

/// `EH_THROW`: warnings become exceptions while it is in force.
pub(super) const ERROR_HANDLING_THROW: c_int = 1;

#[repr(C)]
pub(super) struct GcTable {
    pub(super) current: *mut zval,
    pub(super) end: *mut zval,
    pub(super) start: *mut zval,
}

unsafe extern "C" {
    pub(super) fn zend_declare_typed_property(
        class: *mut zend_class_entry,
        name: *mut zend_string,
        default: *mut zval,
        flags: c_int,
        doc: *mut zend_string,
        kind: zend_type,
    ) -> *mut c_void;
    pub(super) fn zend_class_implements(class: *mut zend_class_entry, count: c_int, ...);
    pub(super) fn zend_parse_arg_long_slow(arg: *mut zval, out: *mut i64, number: u32) -> bool;
    pub(super) fn zend_parse_arg_bool_slow(arg: *mut zval, out: *mut bool, number: u32) -> bool;
    pub(super) fn zend_parse_arg_str_slow(
        arg: *mut zval,
        out: *mut *mut zend_string,
        number: u32,
    ) -> bool;
    pub(super) fn zend_wrong_parameter_type_error(
        number: u32,
        expected: _zend_expected_type,
        arg: *mut zval,
    );
    pub(super) fn zend_wrong_parameter_class_error(
        number: u32,
        class: *const c_char,
        arg: *mut zval,
    );
    pub(super) fn zend_wrong_parameter_class_or_null_error(
        number: u32,
        class: *const c_char,
        arg: *mut zval,
    );
    pub(super) fn zend_exception_save();
    pub(super) fn zend_exception_restore();
    pub(super) fn zend_is_unwind_exit(exception: *const zend_object) -> bool;
    pub(super) fn zend_wrong_callback_error(number: u32, error: *mut c_char);
    pub(super) fn zend_fcall_info_init(
        callable: *mut zval,
        flags: u32,
        info: *mut zend_fcall_info,
        cache: *mut zend_fcall_info_cache,
        name: *mut *mut zend_string,
        error: *mut *mut c_char,
    ) -> c_int;
    pub(super) fn zend_release_fcall_info_cache(cache: *mut zend_fcall_info_cache);
    pub(super) fn zend_call_function(
        info: *mut zend_fcall_info,
        cache: *mut zend_fcall_info_cache,
    ) -> c_int;
    pub(super) fn zend_update_property(
        scope: *mut zend_class_entry,
        object: *mut zend_object,
        name: *const c_char,
        length: usize,
        value: *mut zval,
    );
    pub(super) fn zend_read_property(
        scope: *mut zend_class_entry,
        object: *mut zend_object,
        name: *const c_char,
        length: usize,
        silent: bool,
        out: *mut zval,
    ) -> *mut zval;
    pub(super) fn zend_error(kind: c_int, format: *const c_char, ...);
    pub(super) fn zend_try_assign_typed_ref_long(
        reference: *mut _zend_reference,
        value: i64,
    ) -> c_int;
    pub(super) fn zend_replace_error_handling(
        kind: c_int,
        class: *mut zend_class_entry,
        saved: *mut ErrorHandling,
    );
    pub(super) fn zend_restore_error_handling(saved: *mut ErrorHandling);
    pub(super) fn zend_get_gc_buffer_create() -> *mut GcTable;
    pub(super) fn zend_get_gc_buffer_grow(buffer: *mut GcTable);
    pub(super) fn zval_get_string_func(value: *mut zval) -> *mut zend_string;
    pub(super) fn zend_zval_type_name(value: *const zval) -> *const c_char;
    pub(super) fn zend_hash_internal_pointer_reset_ex(
        array: *mut HashTable,
        position: *mut HashPosition,
    );
    pub(super) fn zend_hash_get_current_key_ex(
        array: *const HashTable,
        name: *mut *mut zend_string,
        index: *mut u64,
        position: *const HashPosition,
    ) -> c_int;
    pub(super) fn zend_unregister_ini_entries(module: c_int);
    pub(super) fn zend_ini_long(name: *mut c_char, length: usize, original: c_int) -> i64;
    pub(super) fn zend_ini_string_ex(
        name: *mut c_char,
        length: usize,
        original: c_int,
        exists: *mut bool,
    ) -> *mut c_char;
    pub(super) fn display_ini_entries(module: *mut zend_module_entry);
    pub(super) static spl_ce_InvalidArgumentException: *mut zend_class_entry;
}

pub(super) const T_UNDEF: u8 = 0;
pub(super) const T_NULL: u8 = 1;
pub(super) const T_FALSE: u8 = 2;
pub(super) const T_TRUE: u8 = 3;
pub(super) const T_LONG: u8 = 4;
pub(super) const T_STRING: u8 = 6;
pub(super) const T_ARRAY: u8 = 7;
pub(super) const T_OBJECT: u8 = 8;
pub(super) const T_REFERENCE: u8 = 10;

const REFCOUNTED: u32 = 1 << 8;
const COLLECTABLE: u32 = 1 << 9;
/// The bits of a type word that say "refcounted".
const TYPE_FLAGS: u32 = 0xff00;

/// Twin of `zval` without `Drop`: the bindings' own type releases its value when it goes out of
/// scope, so it must never be held by value.
///
/// `extra` (`u2` in C) of a property slot must be 0, or a typed property counts as uninitialised.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Zval {
    pub(super) value: u64,
    pub(super) kind: u32,
    pub(super) extra: u32,
}

const _: () = assert!(size_of::<Zval>() == size_of::<zval>() && size_of::<Zval>() == 16);

impl Zval {
    pub(super) const UNDEF: Self = Self {
        value: 0,
        kind: T_UNDEF as u32,
        extra: 0,
    };
    pub(super) const NULL: Self = Self {
        value: 0,
        kind: T_NULL as u32,
        extra: 0,
    };

    #[inline(always)]
    pub(super) const fn long(value: i64) -> Self {
        Self {
            value: value as u64,
            kind: T_LONG as u32,
            extra: 0,
        }
    }

    #[inline(always)]
    pub(super) const fn bool(value: bool) -> Self {
        Self {
            value: 0,
            kind: T_FALSE as u32 + value as u32,
            extra: 0,
        }
    }

    /// Takes over one reference to the string, unless it is interned.
    #[inline(always)]
    pub(super) fn string(string: *mut zend_string, is_interned: bool) -> Self {
        let flags = if is_interned { 0 } else { REFCOUNTED };
        Self {
            value: string as u64,
            kind: T_STRING as u32 | flags,
            extra: 0,
        }
    }

    /// Takes over one reference to the array.
    #[inline(always)]
    pub(super) fn array(array: *mut zend_array) -> Self {
        let kind = T_ARRAY as u32 | REFCOUNTED | COLLECTABLE;
        Self {
            value: array as u64,
            kind,
            extra: 0,
        }
    }

    /// The engine's immutable empty array: costs nothing.
    #[inline(always)]
    pub(super) fn empty_array() -> Self {
        Self {
            value: &raw const zend_empty_array as u64,
            kind: T_ARRAY as u32,
            extra: 0,
        }
    }

    /// Takes over one reference to the object.
    #[inline(always)]
    pub(super) fn object(object: *mut zend_object) -> Self {
        let kind = T_OBJECT as u32 | REFCOUNTED | COLLECTABLE;
        Self {
            value: object as u64,
            kind,
            extra: 0,
        }
    }

    #[inline(always)]
    pub(super) fn tag(self) -> u8 {
        self.kind as u8
    }

    #[inline(always)]
    pub(super) fn is_refcounted(self) -> bool {
        self.kind & TYPE_FLAGS != 0
    }

    /// Adds a reference to what this points to, if it counts them.
    ///
    /// # Safety
    /// The value must be alive.
    #[inline(always)]
    pub(super) unsafe fn add_reference(self) {
        if self.is_refcounted() {
            // SAFETY: every refcounted value starts with its u32 count, and the caller says it
            // is alive.
            unsafe { *(self.value as *mut u32) += 1 };
        }
    }

    /// Gives up one reference.
    ///
    /// # Safety
    /// The value must be alive, and the reference must be the caller's.
    #[inline(always)]
    pub(super) unsafe fn release(mut self) {
        if self.is_refcounted() {
            // SAFETY: a well-formed zval that owns the reference that is given up.
            unsafe { zval_ptr_dtor((&raw mut self).cast()) };
        }
    }
}

/// Reads a zval without touching its reference count.
///
/// # Safety
/// `source` must point to an initialised zval.
#[inline(always)]
pub(super) unsafe fn peek(source: *const zval) -> Zval {
    // SAFETY: same layout, checked above.
    unsafe { *source.cast::<Zval>() }
}

/// Writes value and type of a zval whose old content needs no release; `u2` stays.
///
/// # Safety
/// `target` must point to writable zval memory.
#[inline(always)]
pub(super) unsafe fn write(target: *mut zval, value: Zval) {
    let target = target.cast::<Zval>();
    // SAFETY: same layout, checked above.
    unsafe {
        (*target).value = value.value;
        (*target).kind = value.kind;
    }
}
