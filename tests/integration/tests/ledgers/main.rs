//! Ledgers of every layout, read on chain: what counts, what does not pass, and what cannot be cheated.

mod attacks;
mod borrowed;
mod depth;
mod duplicates;
mod exports;
mod layouts;
mod lockstep;
mod overrides;
mod protocols;
mod tokens;
mod wrong_seals;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{AmountConfig, ScaleConfig};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::constants::snapshot_state;
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::keypair;
use bulkhead_tests::frozen::{Frozen, NUMBER};
use solana_signer::Signer;

/// The shard of [`key`].
const SHARD: u8 = 5;

/// Keys of shard [`SHARD`], ascending.
fn key(number: u8) -> Pubkey {
    let mut key = keypair("position").pubkey().to_bytes();
    (key[0], key[1]) = (SHARD << 4, number);
    key.into()
}

fn owner(number: u8) -> Pubkey {
    keypair(&format!("owner {number}")).pubkey()
}

fn amount(offset: u32, width: u8, flags: u8) -> AmountConfig {
    AmountConfig { offset, width, flags }
}

fn scale(multiplier: u64, divisor: u64, shift: u8) -> ScaleConfig {
    ScaleConfig {
        multiplier,
        divisor,
        shift,
    }
}

/// The snapshot is sealed, and is the tree of these positions.
fn assert_sealed_as(frozen: &Frozen, positions: Vec<Position>) {
    let tag = merkle::tag(&bulkhead::ID, &frozen.snapshot, NUMBER);
    let tree = Tree::build(tag, positions).expect("a ledger");
    let sealed = frozen.snapshot();
    assert_eq!(sealed.state, snapshot_state::SEALED);
    assert_eq!((sealed.root, sealed.total), (tree.root().hash, tree.root().sum));
    assert_eq!(sealed.count, tree.count());
}
