//! The form of the static tables that build.rs writes, and their registration.
//!
//! The same bytes as a C extension's arginfo: built by `const fn`s, no work at start-up.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::api::{CLASSES, CONSTANTS, Class};
use super::ffi::{
    CONST_CS, CONST_PERSISTENT, Frame, ZEND_ACC_ABSTRACT, Zval, zend_ce_countable,
    zend_ce_exception, zend_ce_iterator, zend_class_entry, zend_class_implements,
    zend_declare_typed_property, zend_function_entry, zend_internal_arg_info,
    zend_register_internal_class_ex, zend_register_long_constant, zend_string_init_interned,
    zend_type, zval,
};

pub(super) type Argument = zend_internal_arg_info;
pub(super) type Entry = zend_function_entry;
pub(super) type Handler = unsafe extern "C" fn(*mut Frame, *mut zval);

/// A table of raw pointers that may be `static`.
#[repr(transparent)]
pub(super) struct Table<T>(pub(super) T);

// SAFETY: the tables are never written.
unsafe impl<T> Sync for Table<T> {}

/// Bits of a type, by the name PHP gives it.
pub(super) mod mask {
    use super::super::ffi::{
        IS_ARRAY, IS_CALLABLE, IS_LONG, IS_NULL, IS_STRING, IS_VOID, MAY_BE_ANY, MAY_BE_BOOL,
    };

    pub(in super::super) const NULL: u32 = 1 << IS_NULL;
    pub(in super::super) const BOOL: u32 = MAY_BE_BOOL;
    pub(in super::super) const INT: u32 = 1 << IS_LONG;
    pub(in super::super) const STRING: u32 = 1 << IS_STRING;
    pub(in super::super) const ARRAY: u32 = 1 << IS_ARRAY;
    pub(in super::super) const CALLABLE: u32 = 1 << IS_CALLABLE;
    pub(in super::super) const VOID: u32 = 1 << IS_VOID;
    pub(in super::super) const MIXED: u32 = MAY_BE_ANY;
}

/// Flags of classes, methods and properties.
pub(super) mod flags {
    pub(in super::super) use super::super::ffi::{
        ZEND_ACC_ABSTRACT as ABSTRACT, ZEND_ACC_DEPRECATED as DEPRECATED,
        ZEND_ACC_PRIVATE as PRIVATE, ZEND_ACC_PUBLIC as PUBLIC,
    };
}

const _: () = assert!(
    ZEND_ACC_ABSTRACT == 1 << 6,
    "also the flag of an explicitly abstract class"
);

/// `_ZEND_IS_TENTATIVE_BIT`: two above the variadic bit, in every version so far.
const TENTATIVE: u32 = super::ffi::_ZEND_IS_VARIADIC_BIT << 2;
/// The type's pointer is a `const char *` class name.
#[cfg(not(php83))]
const CLASS_NAME: u32 = super::ffi::_ZEND_TYPE_NAME_BIT;
#[cfg(php83)]
const CLASS_NAME: u32 = super::ffi::_ZEND_TYPE_LITERAL_NAME_BIT;

#[derive(Clone, Copy)]
pub(super) struct TypeSpec {
    class: Option<&'static CStr>,
    mask: u32,
}

pub(super) const fn no_type() -> TypeSpec {
    TypeSpec {
        class: None,
        mask: 0,
    }
}

pub(super) const fn builtin_type(mask: u32) -> TypeSpec {
    TypeSpec { class: None, mask }
}

/// A class, perhaps in a union with builtin types.
pub(super) const fn class_type(class: &'static CStr, mask: u32) -> TypeSpec {
    TypeSpec {
        class: Some(class),
        mask,
    }
}

const fn type_word(spec: TypeSpec, flags: u32) -> zend_type {
    match spec.class {
        None => zend_type {
            ptr: ptr::null_mut(),
            type_mask: spec.mask | flags,
        },
        Some(class) => zend_type {
            ptr: class.as_ptr().cast_mut().cast::<c_void>(),
            type_mask: spec.mask | CLASS_NAME | flags,
        },
    }
}

/// The first row of an argument table: number of required arguments, and the return type.
pub(super) const fn returns(required: usize, spec: TypeSpec, is_tentative: bool) -> Argument {
    Argument {
        name: ptr::without_provenance::<c_char>(required),
        type_: type_word(spec, if is_tentative { TENTATIVE } else { 0 }),
        default_value: ptr::null(),
    }
}

pub(super) const fn parameter(
    name: &'static CStr,
    spec: TypeSpec,
    by_reference: bool,
    default: Option<&'static CStr>,
) -> Argument {
    Argument {
        name: name.as_ptr(),
        type_: type_word(
            spec,
            (by_reference as u32) << super::ffi::_ZEND_SEND_MODE_SHIFT,
        ),
        default_value: match default {
            Some(text) => text.as_ptr(),
            None => ptr::null(),
        },
    }
}

pub(super) const fn entry(
    name: &'static CStr,
    handler: Handler,
    arguments: &'static [Argument],
    flags: u32,
) -> Entry {
    let mut entry = last_entry();
    entry.fname = name.as_ptr();
    entry.handler = Some(handler);
    entry.arg_info = arguments.as_ptr();
    entry.num_args = (arguments.len() - 1) as u32;
    entry.flags = flags;
    entry
}

/// The row that ends a table.
pub(super) const fn last_entry() -> Entry {
    // SAFETY: all zero is the engine's own end mark; fields of later versions stay null.
    unsafe { std::mem::zeroed() }
}

pub(super) struct Property {
    pub(super) name: &'static CStr,
    pub(super) kind: TypeSpec,
    pub(super) flags: u32,
    /// Starts as null; otherwise uninitialised.
    pub(super) is_null: bool,
}

pub(super) enum Parent {
    None,
    Exception,
    Own(Class),
}

pub(super) enum Interface {
    Countable,
    Iterator,
}

pub(super) struct ClassDef {
    pub(super) class: Class,
    pub(super) name: &'static CStr,
    pub(super) flags: u32,
    pub(super) parent: Parent,
    pub(super) interfaces: &'static [Interface],
    pub(super) methods: &'static [Entry],
    pub(super) properties: &'static [Property],
}

// SAFETY: never written; the pointers inside are to static tables.
unsafe impl Sync for ClassDef {}

/// Written once per class, when the module starts.
static ENTRIES: [AtomicPtr<zend_class_entry>; CLASSES.len()] =
    [const { AtomicPtr::new(ptr::null_mut()) }; CLASSES.len()];

impl Class {
    #[inline(always)]
    pub(super) fn entry(self) -> *mut zend_class_entry {
        ENTRIES[self as usize].load(Ordering::Relaxed)
    }
}

/// Registers classes and constants.
///
/// # Safety
/// Once, while the module starts.
pub(super) unsafe fn register(module: i32) {
    for class in &CLASSES {
        // SAFETY: by contract; parents come before their children.
        let entry = unsafe { register_class(class) };
        ENTRIES[class.class as usize].store(entry, Ordering::Relaxed);
    }
    for (name, value) in &CONSTANTS {
        // SAFETY: a static name. From 8.5 on this returns something nobody needs.
        unsafe {
            let flags = (CONST_CS | CONST_PERSISTENT) as i32;
            zend_register_long_constant(name.as_ptr(), name.count_bytes(), *value, flags, module);
        }
    }
}

unsafe fn register_class(class: &'static ClassDef) -> *mut zend_class_entry {
    // SAFETY: all tables are static; the engine copies the class entry.
    unsafe {
        let mut template: zend_class_entry = std::mem::zeroed();
        template.name = interned(class.name);
        template.info.internal.builtin_functions = class.methods.as_ptr();
        let parent = match class.parent {
            Parent::None => ptr::null_mut(),
            Parent::Exception => zend_ce_exception,
            Parent::Own(parent) => parent.entry(),
        };
        let entry = zend_register_internal_class_ex(&raw mut template, parent);
        (*entry).ce_flags |= class.flags;
        for interface in class.interfaces {
            let interface = match interface {
                Interface::Countable => zend_ce_countable,
                Interface::Iterator => zend_ce_iterator,
            };
            zend_class_implements(entry, 1, interface);
        }
        for (index, property) in class.properties.iter().enumerate() {
            let offset = declare(entry, property);
            let expected = std::mem::offset_of!(super::ffi::zend_object, properties_table)
                + index * size_of::<zval>();
            // `slot::*` and `ObjectRef::message` rely on it.
            assert!(
                !parent.is_null() || offset == expected,
                "slots follow the declarations"
            );
        }
        entry
    }
}

/// Declares a property and returns where in the object it lies.
unsafe fn declare(entry: *mut zend_class_entry, property: &Property) -> usize {
    let mut default = if property.is_null {
        Zval::NULL
    } else {
        Zval::UNDEF
    };
    // SAFETY: the class is being registered; the returned info starts with the u32 offset.
    unsafe {
        let info = zend_declare_typed_property(
            entry,
            interned(property.name),
            (&raw mut default).cast(),
            property.flags as i32,
            ptr::null_mut(),
            type_word(property.kind, 0),
        );
        *info.cast::<u32>() as usize
    }
}

/// # Safety
/// While the module starts.
unsafe fn interned(name: &'static CStr) -> *mut super::ffi::zend_string {
    // SAFETY: the engine sets this function before modules start.
    unsafe {
        let init = zend_string_init_interned.unwrap_unchecked();
        init(name.as_ptr(), name.count_bytes(), true)
    }
}
