//! The border to the Zend engine: the only module that may be unsafe.
//!
//! Everything the rest of the extension gets from here is safe to use on the PHP thread: frames
//! and arguments, strings, arrays, objects with native state, callables, exceptions. None of the
//! types is `Send`. A value that owns engine memory releases it when dropped, so none may be kept
//! beyond the request, except inside PHP objects, which the engine frees before it ends.

#![allow(unsafe_code, reason = "this module speaks to the engine")]

pub(crate) mod api;
mod array;
mod call;
mod callable;
mod exception;
mod ffi;
mod fork;
mod function;
mod gc;
mod globals;
mod handler;
mod ini;
mod module;
mod object;
mod string;
mod table;
mod value;

pub(crate) use api::{Class, slot};
pub(crate) use array::{Array, ArrayArg, Element, Key};
pub(crate) use call::Call;
pub(crate) use callable::Callable;
pub(crate) use exception::{Base, Stop, fatal, throw, throw_object, warning};
pub(crate) use fork::{generation, on_fork};
pub(crate) use function::{call_internal, has_internal};
pub(crate) use gc::GcBuffer;
pub(crate) use globals::{errno, is_interrupted, run_interrupt_handlers, sapi_name};
pub(crate) use ini::{ini_bool, ini_long};
pub(crate) use object::{Kind, Native, NewMessage, Object, ObjectRef, attach};
pub(crate) use string::{Str, ZString};
pub(crate) use value::Value;

/// Result of everything that may have made the engine throw.
pub(crate) type Php<T> = Result<T, Stop>;
