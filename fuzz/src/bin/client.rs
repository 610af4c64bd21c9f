//! The fuzzer of the targets in `client`; the variable `FUZZ_TARGET` says which.
#![no_main]

use rdkafka_fuzz::{client, target};

libfuzzer_sys::fuzz_target!(
    init: target::begin(client::TARGETS),
    |data: &[u8]| target::run(data)
);
