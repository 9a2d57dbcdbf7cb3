//! Ledgers whose positions say less than all: the owner holds a token, the amount is in shares, or many positions lie in
//! one account. Read by the built program, with tokens of the real token programs.

mod checkpoints;
mod doubles;
mod factors;
mod holders;
mod known;
mod lockstep;
mod nft;
mod records;
mod refused_factors;
mod thieves;
mod whole_way;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{FactorConfig, LinkConfig};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::constants::snapshot_state;
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::keypair;
use bulkhead_tests::frozen::{Frozen, NUMBER};
use solana_instruction::Instruction;
use solana_signer::Signer;

/// The shard of [`key`].
const SHARD: u8 = 5;

/// Keys of shard [`SHARD`], ascending.
fn key(number: u8) -> Pubkey {
    let mut key = named("position").to_bytes();
    (key[0], key[1]) = (SHARD << 4, number);
    key.into()
}

fn owner(number: u8) -> Pubkey {
    named(&format!("owner {number}"))
}

fn named(name: &str) -> Pubkey {
    keypair(name).pubkey()
}

/// With these flags, and factors in accounts of `program`: account, offset, width and flags of each.
fn link(flags: u8, program: Pubkey, factors: &[(Pubkey, u32, u8, u8)]) -> LinkConfig {
    let factor = |(account, offset, width, flags): &(Pubkey, u32, u8, u8)| FactorConfig {
        account: *account,
        offset: *offset,
        width: *width,
        flags: *flags,
    };
    LinkConfig {
        flags,
        program: if factors.is_empty() { Pubkey::default() } else { program },
        factors: factors.iter().map(factor).collect(),
    }
}

/// `ingest_positions` of a ledger with factors: those that the snapshot was opened with.
fn ingest_rated(frozen: &Frozen, accounts: &[Pubkey]) -> Instruction {
    frozen.ingest(SHARD, &[&[frozen.snapshot], accounts].concat())
}

/// A small transfer, which has nothing to do with Bulkhead.
fn company(frozen: &Frozen) -> Instruction {
    let payer = frozen.machine.payer.pubkey();
    anchor_lang::solana_program::system_instruction::transfer(&payer, &payer, 1)
}

/// Another cranker reads into a shard of their own.
fn take_over(frozen: &mut Frozen) {
    frozen.cranker = keypair("another cranker");
    frozen.must(frozen.open_shard(SHARD));
}

/// Seals the one shard that everything here lies in.
fn seal(frozen: &Frozen) -> Instruction {
    frozen.seal(&[frozen.shard(SHARD)])
}

/// The snapshot is sealed, and is the tree of these positions.
#[track_caller]
fn assert_sealed_as(frozen: &Frozen, positions: Vec<Position>) {
    let tag = merkle::tag(&bulkhead::ID, &frozen.snapshot, NUMBER);
    let tree = Tree::build(tag, positions).expect("a ledger");
    let sealed = frozen.snapshot();
    assert_eq!(sealed.state, snapshot_state::SEALED);
    assert_eq!((sealed.root, sealed.total), (tree.root().hash, tree.root().sum));
    assert_eq!(sealed.count, tree.count());
}
