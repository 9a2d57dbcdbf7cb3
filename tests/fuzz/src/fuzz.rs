//! One target under libFuzzer: the one that `BULKHEAD_FUZZ_TARGET` names. scripts/fuzz.sh builds and runs it.
#![no_main]

use std::{env, sync::LazyLock};

static TARGET: LazyLock<String> =
    LazyLock::new(|| env::var("BULKHEAD_FUZZ_TARGET").expect("BULKHEAD_FUZZ_TARGET is set"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bulkhead_fuzz::run(&TARGET, bytes));
