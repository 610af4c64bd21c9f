//! The fuzzer of the targets in `broker`; the variable `FUZZ_TARGET` says which.
#![no_main]

use rdkafka_fuzz::{broker, target};

libfuzzer_sys::fuzz_target!(
    init: target::begin(broker::TARGETS),
    |data: &[u8]| target::run(data)
);
