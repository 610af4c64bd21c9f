//! The fuzzer of the targets in `records`; the variable `FUZZ_TARGET` says which.
#![no_main]

use rdkafka_fuzz::{records, target};

libfuzzer_sys::fuzz_target!(
    init: target::begin(records::TARGETS),
    |data: &[u8]| target::run(data)
);
