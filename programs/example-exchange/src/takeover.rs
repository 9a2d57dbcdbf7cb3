//! The exchange as a successor: it takes over claims of the exchange before it, by CPI, and makes the positions anew.
//!
//! Anyone may crank it. Bulkhead asks whether the owner lets the exchange; the exchange books what arrived, and for the
//! owner whom Bulkhead names. So it owes no more than it got, whatever restoration, proof or owner the caller passes.

use anchor_lang::prelude::*;
use bulkhead_cpi::{ConsumeClaim, Leaf};

use crate::{
    bulkhead::Bulkhead,
    custody::{Asset, consume_claim},
    error::ExchangeError,
    state::{Exchange, Pool},
    tokens::balance,
};

/// A leaf of the restored state, and its proof.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct LeafArgs {
    /// Its index.
    pub index: u32,
    /// Key of the position before.
    pub key: Pubkey,
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Siblings up to the shard's canopy.
    pub proof: Vec<u8>,
}

/// The accounts of a claim that is taken over. Bulkhead checks all but the ones that the exchange stores.
#[derive(Accounts)]
pub struct Takeover<'info> {
    /// CHECK: the restoration; Bulkhead checks it.
    #[account(mut)]
    pub restoration: UncheckedAccount<'info>,
    /// CHECK: its snapshot; Bulkhead checks it.
    pub snapshot: UncheckedAccount<'info>,
    /// CHECK: the leaf's shard; Bulkhead checks it.
    pub shard: UncheckedAccount<'info>,
    /// CHECK: the leaf's page; Bulkhead checks it.
    #[account(mut)]
    pub claims: UncheckedAccount<'info>,
    /// CHECK: the restoration's pool; Bulkhead checks it.
    #[account(mut)]
    pub claim_pool: UncheckedAccount<'info>,
    /// CHECK: the token account that the exchange stores; compared by the handler.
    #[account(mut)]
    pub tokens: UncheckedAccount<'info>,
    /// CHECK: compared with the one the exchange stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the owner's wish; Bulkhead derives its address.
    pub wish: UncheckedAccount<'info>,
    /// CHECK: the terms of the ledger's claims; Bulkhead derives its address.
    pub terms: UncheckedAccount<'info>,
    pub bulkhead: Program<'info, Bulkhead>,
}

impl<'info> Takeover<'info> {
    /// Takes the claim of `owner` over into `pool`. Returns the amount that arrived.
    pub fn take(
        &self,
        exchange: &AccountLoader<'info, Exchange>,
        (asset, pool): (&Asset, &Pool),
        owner: &AccountInfo<'info>,
        token_program: &AccountInfo<'info>,
        leaf: &LeafArgs,
    ) -> Result<u64> {
        for (given, expected) in [
            (self.tokens.key, &pool.tokens),
            (self.mint.key, &asset.mint),
            (token_program.key, &asset.token_program),
        ] {
            require_keys_eq!(*given, *expected, ExchangeError::ForeignAccount);
        }
        let signature = exchange.load()?.signature();
        let accounts = ConsumeClaim {
            restoration: &*self.restoration,
            snapshot: &self.snapshot,
            shard: &self.shard,
            claims: &self.claims,
            pool: &self.claim_pool,
            destination: &self.tokens,
            owner,
            mint: &self.mint,
            token_program,
            consumer: exchange.as_ref(),
            wish: &self.wish,
            terms: &self.terms,
        };
        let proved = Leaf {
            index: leaf.index,
            key: leaf.key.as_array(),
            amount: leaf.amount,
            proof: &leaf.proof,
        };
        let before = balance(&self.tokens)?;
        let consumed = consume_claim(&accounts, proved, &[&signature.seeds()])?;
        require!(consumed.owner == owner.key.to_bytes(), ExchangeError::NotTheOwner);
        let arrived = balance(&self.tokens)?.checked_sub(before);
        arrived.ok_or_else(|| ExchangeError::Overflow.into())
    }
}

/// Was the account created in this instruction? Anchor writes discriminators only on exit.
pub fn is_new(account: &AccountInfo) -> Result<bool> {
    Ok(account.try_borrow_data()?.iter().take(8).all(|byte| *byte == 0))
}
