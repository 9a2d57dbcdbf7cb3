//! Every target for a fixed number of inputs from a fixed seed. `BULKHEAD_FUZZ_INPUTS` takes more, `make fuzz` lets
//! coverage guide them.

use std::{env, panic};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

fn inputs(usual: u64) -> u64 {
    match env::var("BULKHEAD_FUZZ_INPUTS") {
        Ok(text) => text.parse().expect("BULKHEAD_FUZZ_INPUTS is a number"),
        Err(_) => usual,
    }
}

fn run(name: &str, usual: u64) {
    for seed in 0..inputs(usual) {
        let mut bytes = [0; 512];
        ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
        let broken = panic::catch_unwind(|| bulkhead_fuzz::run(name, &bytes)).is_err();
        assert!(!broken, "{name} breaks with the input of seed {seed}");
    }
}

#[test]
fn guard_bytes() {
    run("guard", 20_000);
}

#[test]
fn position_layouts() {
    run("layout", 20_000);
}

#[test]
fn proofs_of_leaves() {
    run("proof", 10_000);
}

#[test]
fn files_of_a_snapshot() {
    run("manifest", 300);
}

#[test]
fn the_programs_way_in() {
    run("entry", 2_000);
}
