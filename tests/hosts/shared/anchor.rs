//! A host with Anchor: a vault of one owner's lamports, guarded and metered. The same text for every version from 0.27
//! on; its manifest alone says which.
#![deny(unused_must_use)]
// The macros of old versions ask for settings that their compilers did not check, and say what is deprecated today.
#![allow(unexpected_cfgs, deprecated)]

use anchor_lang::prelude::*;
use bulkhead_cpi::{MeterOutflow, Metered, Permit};
use bulkhead_guard::{action, check_account};

bulkhead_cpi::calls!(anchor_lang::solana_program);

declare_id!("HostsWithAnchor1111111111111111111111111111");

#[program]
pub mod host {
    use super::*;

    /// Opens the owner's vault. The board and the breaker are fixed for good.
    pub fn initialize(ctx: Context<Initialize>, board: Pubkey, breaker: Pubkey, compartment: u8) -> Result<()> {
        let owner = ctx.accounts.owner.key();
        let vault = &mut ctx.accounts.vault;
        vault.bump = Pubkey::find_program_address(&[b"vault", owner.as_ref()], &ID).1;
        vault.owner = owner;
        vault.board = board;
        vault.breaker = breaker;
        vault.compartment = compartment;
        Ok(())
    }

    /// Pays the owner as far as the breaker lets it go.
    pub fn withdraw(ctx: Context<Withdraw>, lamports: u64) -> Result<()> {
        let accounts = &ctx.accounts;
        require_open(&accounts.vault, &accounts.board, action::WITHDRAW)?;
        match accounts.meter(lamports)? {
            Metered::Allowed(permit) => pay(permit, &accounts.vault.to_account_info(), &accounts.owner),
            Metered::Refused(refused) => refused.finish(),
        }
    }
}

impl<'info> Withdraw<'info> {
    /// Asks Bulkhead whether the vault may pay.
    fn meter(&self, lamports: u64) -> Result<Metered> {
        let authority = self.vault.to_account_info();
        let outflow: MeterOutflow<AccountInfo> = MeterOutflow {
            breaker: &self.breaker,
            board: &self.board,
            authority: &authority,
        };
        let seeds: &[&[u8]] = &[b"vault", self.vault.owner.as_ref(), &[self.vault.bump]];
        Ok(meter_outflow(&outflow, lamports, &[seeds])?)
    }
}

/// Stops a paused action.
fn require_open(vault: &Vault, board: &AccountInfo, action: u32) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let (key, owner, data) = (board.key, board.owner, board.try_borrow_data());
    check_account(&vault.board, key, owner, data, vault.compartment, action, now)
        .map_err(|error| ProgramError::Custom(error as u32).into())
}

/// The only way out for lamports.
fn pay(permit: Permit, vault: &AccountInfo, owner: &AccountInfo) -> Result<()> {
    let lamports = permit.into_amount();
    let left = vault
        .lamports()
        .checked_sub(lamports)
        .ok_or(ProgramError::InsufficientFunds)?;
    let grown = owner
        .lamports()
        .checked_add(lamports)
        .ok_or(ProgramError::InvalidArgument)?;
    **vault.try_borrow_mut_lamports()? = left;
    **owner.try_borrow_mut_lamports()? = grown;
    Ok(())
}

/// A vault of one owner's lamports.
#[account]
pub struct Vault {
    /// Who may withdraw.
    pub owner: Pubkey,
    /// Bulkhead's board.
    pub board: Pubkey,
    /// The breaker that meters what leaves.
    pub breaker: Pubkey,
    /// Row of the board.
    pub compartment: u8,
    /// Bump of the PDA, which signs to Bulkhead.
    pub bump: u8,
}

#[derive(Accounts)]
pub struct Initialize<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(init, payer = owner, space = 8 + 3 * 32 + 2, seeds = [b"vault", owner.key().as_ref()], bump)]
    pub vault: Account<'info, Vault>,
    pub system_program: Program<'info, System>,
}

#[derive(Accounts)]
pub struct Withdraw<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut, has_one = owner)]
    pub vault: Account<'info, Vault>,
    /// CHECK: the guard compares it with the one that the vault stores.
    pub board: UncheckedAccount<'info>,
    /// CHECK: the one that the vault stores.
    #[account(mut, address = vault.breaker)]
    pub breaker: UncheckedAccount<'info>,
    /// CHECK: Bulkhead, which is called by its id.
    pub bulkhead: UncheckedAccount<'info>,
}
