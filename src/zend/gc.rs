//! What an object tells the cycle collector: every value its native state owns, each once.

use super::ffi::{
    GcTable, T_OBJECT, Zval, write, zend_get_gc_buffer_create, zend_get_gc_buffer_grow, zval,
};
use super::object::ObjectRef;
use super::value::Value;

/// The list that the collector is given.
pub(crate) struct GcBuffer(*mut GcTable);

impl GcBuffer {
    pub(super) fn new() -> Self {
        // SAFETY: returns the engine's own buffer, emptied; never null.
        Self(unsafe { zend_get_gc_buffer_create() })
    }

    pub(crate) fn value(&mut self, value: &Value) {
        let raw = value.raw();
        if raw.is_refcounted() {
            self.push(raw);
        }
    }

    pub(crate) fn object(&mut self, object: &ObjectRef) {
        let raw = Zval::object(object.as_object().as_raw());
        debug_assert_eq!(raw.tag(), T_OBJECT);
        self.push(raw);
    }

    fn push(&mut self, raw: Zval) {
        // SAFETY: the buffer is the engine's; there is room for one more after growing.
        unsafe {
            if (*self.0).current == (*self.0).end {
                zend_get_gc_buffer_grow(self.0);
            }
            write((*self.0).current, raw);
            (*self.0).current = (*self.0).current.add(1);
        }
    }

    /// The values as the engine wants them: where they start, and how many there are.
    pub(super) fn finish(self) -> (*mut zval, i32) {
        // SAFETY: both point into the same buffer.
        unsafe {
            let count = (*self.0).current.offset_from((*self.0).start);
            ((*self.0).start, i32::try_from(count).unwrap_or(0))
        }
    }
}
