//! The strings that `produce()` was given to recognise messages by.
//!
//! They are PHP values and never leave the PHP thread: the client carries a number in their place.

use std::cell::RefCell;

use rdkafka_client::Opaque;

use crate::zend::ZString;

/// The strings of one producer's messages that have not been reported yet.
#[derive(Default)]
pub(crate) struct Opaques {
    slots: RefCell<Slots>,
}

#[derive(Default)]
struct Slots {
    strings: Vec<Option<ZString>>,
    free: Vec<u32>,
}

impl Opaques {
    /// Keeps `string` until it is taken.
    pub(crate) fn keep(&self, string: ZString) -> Opaque {
        let mut slots = self.slots.borrow_mut();
        let index = match slots.free.pop() {
            Some(index) => {
                slots.strings[index as usize] = Some(string);
                index
            }
            None => {
                slots.strings.push(Some(string));
                slots.strings.len() as u32 - 1
            }
        };
        // 0 stands for no string.
        Opaque(u64::from(index) + 1)
    }

    /// Takes a string out; there is none behind 0.
    pub(crate) fn take(&self, opaque: Opaque) -> Option<ZString> {
        let index = u32::try_from(opaque.0.checked_sub(1)?).ok()?;
        let mut slots = self.slots.borrow_mut();
        let string = slots.strings.get_mut(index as usize)?.take()?;
        slots.free.push(index);
        Some(string)
    }
}
