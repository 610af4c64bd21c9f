//! The fuzzer of the targets in `log`; the variable `FUZZ_TARGET` says which.
#![no_main]

use rdkafka_fuzz::{log, target};

libfuzzer_sys::fuzz_target!(
    init: target::begin(log::TARGETS),
    |data: &[u8]| target::run(data)
);
