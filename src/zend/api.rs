//! The PHP API: classes, functions, constants. Written by build.rs from `stubs/`.

use std::ffi::CStr;

use super::handler::handler;
use super::table::{
    Argument, ClassDef, Entry, Interface, Parent, Property, Table, builtin_type, class_type, entry,
    flags, last_entry, mask, no_type, parameter, returns,
};

include!(concat!(env!("OUT_DIR"), "/api.rs"));
