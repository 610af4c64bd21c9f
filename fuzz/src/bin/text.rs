//! The fuzzer of the targets in `text`; the variable `FUZZ_TARGET` says which.
#![no_main]

use rdkafka_fuzz::{target, text};

libfuzzer_sys::fuzz_target!(
    init: target::begin(text::TARGETS),
    |data: &[u8]| target::run(data)
);
