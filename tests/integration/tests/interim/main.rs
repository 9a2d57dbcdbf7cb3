//! Interim claims on the built program: what both states agree on is paid before the vote, and counts afterwards.

mod attacks;
mod ending;
mod paying;

use anchor_lang::prelude::Pubkey;
use bulkhead::error::BulkheadError;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_snapshot::Position;
use bulkhead_tests::{
    interim::{Shared, must, rule},
    recovery::{owner, positions},
    refused,
};
use solana_signer::Signer;

/// Positions of the ledger. In the snapshot the first is a thief's invention, the second is gone, and the third is what
/// somebody left who withdrew most of it.
fn three_states() -> (Vec<Position>, Vec<Position>, Vec<Position>) {
    let before = positions(40);
    let mut after = before.clone();
    after[2].amount = 100;
    after.remove(1);
    let mut older = before.clone();
    // The older checkpoint does not know the last position yet, and another had less.
    older[3].amount = 200;
    older.pop();
    let mut before = before;
    before.remove(0);
    (older, before, after)
}

fn shared() -> (Shared, [Vec<Position>; 3]) {
    let (older, before, after) = three_states();
    let mut shared = Shared::frozen(older.clone(), before.clone(), after.clone());
    shared.share_out();
    (shared, [older, before, after])
}

/// Of the positions, those that are leaves of the snapshot and of the checkpoint.
fn both(states: &[Vec<Position>; 3]) -> Vec<(Position, Position)> {
    let [_, before, after] = states;
    let other = |one: &Position| {
        before
            .iter()
            .find(|other| other.key == one.key)
            .map(|other| (*one, *other))
    };
    after.iter().filter_map(other).collect()
}

fn sum(positions: &[Position]) -> u64 {
    positions.iter().map(|position| position.amount).sum()
}

/// What is paid to all owners together.
fn paid(shared: &Shared) -> u64 {
    (0..10).map(|number| shared.balance(&owner(number).pubkey())).sum()
}

const fn key_of(position: &Position) -> Pubkey {
    position.key
}
