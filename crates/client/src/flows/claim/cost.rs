//! What it costs to pay claims.

use std::ops::Range;

use anchor_lang::prelude::Pubkey;
use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use bulkhead::instructions::{BatchLeaf, ClaimBatchArgs};
use bulkhead_core::{checkpoints::checkpoint::canopy_height, snapshots::merkle::NODE_BYTES};
use bulkhead_interface::{
    constants::{CLAIMS_PER_PAGE, SHARDS},
    layout::{ClaimPage, space},
};
use solana_instruction::Instruction;

use crate::{
    flows::snapshot::{Cost, Pace, rent, size::fits},
    instructions as ix,
};

/// Compute units of a leaf in a batch, by the limit that the compute table keeps to.
const LEAF_UNITS: u64 = 10_000;
/// Compute units of creating an associated token account.
const ACCOUNT_UNITS: u64 = 30_000;
/// Compute units of opening a page.
const PAGE_UNITS: u64 = 12_000;
/// Size of a token account.
const TOKEN_ACCOUNT: usize = 165;

/// What it costs to pay so many claims of different owners, of whom `new_accounts` have no associated token account of
/// the mint yet. The rent of pages comes back when the restoration is settled and they are closed; that of token
/// accounts is their owners'.
#[must_use]
pub fn claim_cost(claims: u64, new_accounts: u64, pace: &Pace) -> Cost {
    let new_accounts = new_accounts.min(claims);
    let per_shard = u32::try_from(claims.div_ceil(SHARDS as u64)).unwrap_or(u32::MAX);
    let height = canopy_height(per_shard).map_or(0, usize::from);
    let (plain, creating) = (Groups::of(height, false), Groups::of(height, true));
    let pages = claims.div_ceil(CLAIMS_PER_PAGE.into());
    let full = (CLAIMS_PER_PAGE as usize).saturating_mul(8);
    let page_rent = rent(space::<ClaimPage>() + full).saturating_mul(pages);
    let all = if new_accounts == claims { &creating } else { &plain };
    let mut cost = Cost {
        per_transaction: all.most,
        rent: page_rent.saturating_add(rent(TOKEN_ACCOUNT).saturating_mul(new_accounts)),
        ..Cost::default()
    };
    cost.add(pages, PAGE_UNITS, 1, pace.unit_price);
    let with = creating.transactions(new_accounts);
    let units = (LEAF_UNITS + ACCOUNT_UNITS).saturating_mul(creating.most);
    cost.add(with, units, 1, pace.unit_price);
    let without = plain.transactions(claims - new_accounts);
    cost.add(without, LEAF_UNITS.saturating_mul(plain.most), 1, pace.unit_price);
    // A page is paid before the next one is opened.
    let steps = (with + without)
        .div_ceil(pace.parallel.max(1))
        .saturating_add(pages.saturating_mul(2));
    cost.slots = steps.saturating_mul(pace.slots_per_transaction);
    cost
}

/// Neighbours that groups are counted over.
const NEIGHBOURS: u32 = 64;

/// How neighbours of different owners are grouped into transactions.
struct Groups {
    /// Transactions for [`NEIGHBOURS`].
    count: u64,
    /// Claims in the fullest of them.
    most: u64,
}

impl Groups {
    /// Below a canopy node of this height. As many in each as fit; how long their proof is depends on where they begin.
    fn of(height: usize, creates: bool) -> Self {
        let payer = key(1);
        let (mut count, mut most, mut first) = (0, 1, 0);
        while first < NEIGHBOURS {
            // One always fits: what does not fit beside it is sent before.
            let mut end = first + 1;
            while end < NEIGHBOURS && fits(&payer, &batch(&payer, first..end + 1, height, creates)) {
                end += 1;
            }
            most = most.max(u64::from(end - first));
            (count, first) = (count + 1, end);
        }
        Self { count, most }
    }

    /// Transactions for so many claims. Groups end with their shard.
    fn transactions(&self, claims: u64) -> u64 {
        let groups = claims.saturating_mul(self.count).div_ceil(NEIGHBOURS.into());
        groups.saturating_add(SHARDS as u64).min(claims)
    }
}

/// Nodes of the proof of neighbours.
fn proof_len(neighbours: &Range<u32>, height: usize) -> usize {
    let (mut low, mut high) = (neighbours.start, neighbours.end.saturating_sub(1));
    let mut nodes = 0;
    for _ in 0..height {
        nodes += usize::from(low & 1 == 1) + usize::from(high & 1 == 0);
        (low, high) = (low >> 1, high >> 1);
    }
    nodes
}

fn batch(payer: &Pubkey, neighbours: Range<u32>, height: usize, creates: bool) -> Vec<Instruction> {
    let keys = ix::RestorationKeys {
        restoration: key(2),
        mint: key(3),
        token_program: key(4),
    };
    let owners: Vec<_> = neighbours
        .clone()
        .map(|place| key(16 + u8::try_from(place).unwrap_or(u8::MAX)))
        .collect();
    let create = |owner| create_associated_token_account_idempotent(payer, owner, &keys.mint, &keys.token_program);
    let made: Vec<Instruction> = owners.iter().map(create).collect();
    let account = |made: &Instruction| made.accounts.get(1).map(|meta| meta.pubkey);
    let mut payees = owners
        .iter()
        .zip(&made)
        .map(|(owner, made)| (*owner, account(made).unwrap_or_default()));
    let (owner, destination) = payees.next().unwrap_or_default();
    let claim = ix::ClaimKeys {
        snapshot: key(5),
        shard: key(6),
        page: 0,
        owner,
        owner_signs: false,
        destination,
    };
    let leaf = BatchLeaf {
        key: key(7),
        amount: 0,
        destination_bump: 0,
    };
    let args = ClaimBatchArgs {
        first: 0,
        leaves: vec![leaf; owners.len()],
        proof: vec![0; proof_len(&neighbours, height) * NODE_BYTES],
    };
    let claims = ix::claim_batch(keys, claim, payees, args);
    made.into_iter().filter(|_| creates).chain([claims]).collect()
}

const fn key(number: u8) -> Pubkey {
    Pubkey::new_from_array([number; 32])
}
