//! What it costs to pay claims.

use anchor_lang::prelude::Pubkey;
use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use bulkhead::instructions::ClaimArgs;
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

/// Compute units of a claim, by the limit that the compute table keeps to.
const CLAIM_UNITS: u64 = 10_000;
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
    let (plain, creating) = (per_transaction(height, false), per_transaction(height, true));
    let pages = claims.div_ceil(CLAIMS_PER_PAGE.into());
    let full = (CLAIMS_PER_PAGE as usize).saturating_mul(8);
    let page_rent = rent(space::<ClaimPage>() + full).saturating_mul(pages);
    let mut cost = Cost {
        per_transaction: if new_accounts == claims { creating } else { plain },
        rent: page_rent.saturating_add(rent(TOKEN_ACCOUNT).saturating_mul(new_accounts)),
        ..Cost::default()
    };
    cost.add(pages, PAGE_UNITS, 1, pace.unit_price);
    let with = new_accounts.div_ceil(creating);
    cost.add(with, (CLAIM_UNITS + ACCOUNT_UNITS) * creating, 1, pace.unit_price);
    let without = (claims - new_accounts).div_ceil(plain);
    cost.add(without, CLAIM_UNITS * plain, 1, pace.unit_price);
    // A page is paid before the next one is opened.
    let steps = (with + without)
        .div_ceil(pace.parallel.max(1))
        .saturating_add(pages.saturating_mul(2));
    cost.slots = steps.saturating_mul(pace.slots_per_transaction);
    cost
}

/// Claims of different owners that fit one transaction.
fn per_transaction(height: usize, creates: bool) -> u64 {
    let payer = key(1);
    let mut instructions = Vec::new();
    // No more than a few fit, because each has accounts of its own.
    for owner in 0..64 {
        instructions.extend(steps(&payer, 16 + owner, height, creates));
        if !fits(&payer, &instructions) {
            return u64::from(owner).max(1);
        }
    }
    64
}

fn steps(payer: &Pubkey, owner: u8, height: usize, creates: bool) -> Vec<Instruction> {
    let keys = ix::RestorationKeys {
        restoration: key(2),
        mint: key(3),
        token_program: key(4),
    };
    let create = creates
        .then(|| create_associated_token_account_idempotent(payer, &key(owner), &keys.mint, &keys.token_program));
    let destination = create
        .as_ref()
        .and_then(|create| create.accounts.get(1))
        .map(|meta| meta.pubkey);
    let claim = ix::ClaimKeys {
        snapshot: key(5),
        shard: key(6),
        page: 0,
        owner: key(owner),
        owner_signs: false,
        destination: destination.unwrap_or(key(owner.wrapping_add(128))),
    };
    let args = ClaimArgs {
        index: 0,
        key: key(7),
        amount: 0,
        destination_bump: 0,
        proof: vec![0; height * NODE_BYTES],
    };
    create.into_iter().chain([ix::claim(keys, claim, args)]).collect()
}

const fn key(number: u8) -> Pubkey {
    Pubkey::new_from_array([number; 32])
}
