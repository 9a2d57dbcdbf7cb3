//! One target under libFuzzer: the one that `BULKHEAD_FUZZ_TARGET` names. scripts/fuzz.sh builds and runs it.
#![no_main]

use std::{env, sync::LazyLock};

use bulkhead_fuzz::TARGETS;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = env::var("BULKHEAD_FUZZ_TARGET").expect("BULKHEAD_FUZZ_TARGET is set");
    TARGETS.iter().find(|(each, _)| *each == name).expect("a target").1
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET(bytes));
