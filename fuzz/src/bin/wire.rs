//! The fuzzer of the targets in `wire`; the variable `FUZZ_TARGET` says which.
#![no_main]

use rdkafka_fuzz::{target, wire};

libfuzzer_sys::fuzz_target!(
    init: target::begin(wire::TARGETS),
    |data: &[u8]| target::run(data)
);
