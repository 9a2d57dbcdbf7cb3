//! An owner deposits tokens into custody, through the host or directly, and Bulkhead notes the amount that arrived.
//!
//! The owner signs, and the tokens go from the owner's account to the vault's. Within the window of the vault's breaker
//! the same amount may leave again to that owner without counting against any limit, so nobody can fill the window by
//! cycling the same tokens. The note is worth nothing by itself: the host must credit the deposit, and a release must
//! be requested. Checking whether deposits are paused is up to the host, because repayments arrive this way too. Refused
//! after an evacuation. The instruction can never move anything out.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_guard::action::DEPOSIT;
use bulkhead_interface::{
    constants::VERSION,
    layout::{DepositNote, OutflowBreaker, Vault, space},
    seeds::SEED_DEPOSIT,
};

use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::DepositReceived,
    gate::Gate,
    token::{self, Transfer},
};

#[derive(Accounts)]
pub struct ReceiveDeposit<'info> {
    /// Owner of the tokens.
    pub owner: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(address = vault.current()?.breaker @ BulkheadError::ForeignAccount)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    /// CHECK: the vault's board; the guard checks its key, owner and bytes.
    pub board: UncheckedAccount<'info>,
    /// CHECK: the token program checks it.
    #[account(mut)]
    pub source: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    #[account(mut, address = vault.current()?.custody @ BulkheadError::ForeignAccount)]
    pub custody: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    #[account(address = vault.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    #[account(address = vault.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: UncheckedAccount<'info>,
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<DepositNote>(),
        seeds = [SEED_DEPOSIT, vault.key().as_ref(), owner.key().as_ref()],
        bump
    )]
    pub note: AccountLoader<'info, DepositNote>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub system_program: Program<'info, System>,
}

/// Returns the amount that arrived: a token with its own transfer fee withholds some.
pub fn handle_receive_deposit(ctx: Context<ReceiveDeposit>, amount: u64) -> Result<u64> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    let decimals = {
        let vault = accounts.vault.current()?;
        let gate = Gate::read(&vault.board, &accounts.board, vault.compartment, DEPOSIT, &clock)?;
        acts::may_deposit(&vault, accounts.source.key, amount, gate.moment.unpaused_slot).map_err(core_error)?;
        vault.decimals
    };
    let transfer = Transfer {
        program: &accounts.token_program,
        from: &accounts.source,
        mint: &accounts.mint,
        to: &accounts.custody,
        authority: &accounts.owner,
        decimals,
    };
    let moved = token::transfer(&transfer, amount, &[])?;
    let is_new = accounts
        .note
        .as_ref()
        .try_borrow_data()?
        .iter()
        .take(8)
        .all(|byte| *byte == 0);
    {
        let (vault, breaker) = (accounts.vault.current()?, accounts.breaker.current()?);
        let mut note = if is_new {
            let mut note = accounts.note.load_init()?;
            note.version = VERSION;
            note.bump = ctx.bumps.note;
            note.vault = accounts.vault.key();
            note.owner = accounts.owner.key();
            note.payer = accounts.payer.key();
            note
        } else {
            accounts.note.current_mut()?
        };
        acts::note_deposit(&vault, &breaker, &mut note, moved.received, clock.unix_timestamp);
    }
    emit!(DepositReceived {
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        amount: moved.sent,
        received: moved.received,
    });
    Ok(moved.received)
}
