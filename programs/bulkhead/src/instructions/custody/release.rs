//! A host pays a user out of custody: at once within limits, through the queue over them.
//!
//! Signed by the vault's operator. The return data is the verdict, one byte: `ALLOWED` has been
//! paid; `QUEUED` has not, and the release record is now the user's claim, payable after the
//! vault's `queue_seconds`. In both cases the host debits its own ledger. `DENIED` says that the
//! record's number is taken, or that the record's account is another number's: nothing moved and
//! nobody owes more, so the host debits nothing. While WITHDRAW is paused the instruction fails and nothing is recorded.
//!
//! What it can never do, whoever holds the operator key and however the host is exploited: move
//! more than the breaker allows, in a slot or in any window.

use anchor_lang::prelude::*;
use bulkhead_core::{custody::is_active, verdict::Verdict};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::{
    constants::{VERSION, release_state},
    layout::{self, OutflowBreaker, Vault, space},
    seeds::SEED_RELEASE,
};

use super::{Payment, Signature};
use crate::{
    current::Current,
    error::BulkheadError,
    events::{ReleaseQueued, Released, log},
    gate::Gate,
    instructions::breakers::meter,
    pda,
};

#[derive(Accounts)]
pub struct Release<'info> {
    pub operator: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    /// CHECK: the vault's board: the guard checks key, owner and bytes.
    pub board: UncheckedAccount<'info>,
    /// CHECK: by the address the vault stores.
    #[account(mut)]
    pub custody: UncheckedAccount<'info>,
    /// CHECK: any other token account of the vault's mint.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: by the address the vault stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: by the address the vault stores.
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: the record's PDA, derived when a record is made; not looked at otherwise.
    #[account(mut)]
    pub release: UncheckedAccount<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub system_program: Program<'info, System>,
}

/// `index` names the record, if there will be one. Hosts derive it from the user, so that nobody
/// can take another's number.
pub fn handle_release(ctx: Context<Release>, amount: u64, index: u64) -> Result<u8> {
    let accounts = &ctx.accounts;
    require!(amount > 0, BulkheadError::ZeroAmount);
    let clock = Clock::get()?;
    let payment = Payment {
        vault: accounts.vault.as_ref(),
        custody: &accounts.custody,
        destination: &accounts.destination,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
    };
    let (gate, signature, queue_seconds) = {
        let vault = accounts.vault.current()?;
        require_keys_eq!(vault.operator, *accounts.operator.key, BulkheadError::NotOperator);
        require_keys_eq!(vault.breaker, accounts.breaker.key(), BulkheadError::ForeignAccount);
        payment.check(&vault)?;
        let gate = Gate::read(&vault.board, &accounts.board, vault.compartment, WITHDRAW, &clock)?;
        require!(
            is_active(&vault, gate.moment.lifted_slot),
            BulkheadError::VaultEvacuated
        );
        (gate, Signature::of(&vault), vault.queue_seconds)
    };
    require!(!gate.is_closed, BulkheadError::ActionPaused);
    let breaker = accounts.breaker.as_ref().key;
    let verdict = meter(&mut *accounts.breaker.current_mut()?, breaker, amount, &gate.moment);
    if verdict == Verdict::Allowed {
        let moved = payment.pay(&signature, amount)?;
        log(&Released {
            vault: accounts.vault.key(),
            destination: accounts.destination.key(),
            amount: moved.sent,
            received: moved.received,
        })?;
        return Ok(Verdict::Allowed.to_byte());
    }
    Ok(queue(accounts, amount, index, queue_seconds, &clock)?.to_byte())
}

/// Writes the record of a release that has to wait. A number that is taken and an account that is not
/// the number's are an answer and not an error: an error would revert the latch, and whoever wants to
/// try limits in secret could.
fn queue(accounts: &Release, amount: u64, index: u64, queue_seconds: i64, clock: &Clock) -> Result<Verdict> {
    let vault = accounts.vault.key();
    let number = index.to_le_bytes();
    let (address, bump) = Pubkey::find_program_address(&[SEED_RELEASE, vault.as_ref(), &number], &crate::ID);
    if address != *accounts.release.key || !accounts.release.data_is_empty() {
        return Ok(Verdict::Denied);
    }
    let seeds: &[&[u8]] = &[SEED_RELEASE, vault.as_ref(), &number, &[bump]];
    let space = space::<layout::Release>();
    pda::create(
        &accounts.release,
        accounts.payer.as_ref(),
        accounts.system_program.key(),
        space,
        seeds,
    )?;
    let payable_ts = clock
        .unix_timestamp
        .checked_add(queue_seconds)
        .ok_or(BulkheadError::Overflow)?;
    let record = layout::Release {
        version: VERSION,
        bump,
        state: release_state::QUEUED,
        index,
        amount,
        requested_ts: clock.unix_timestamp,
        payable_ts,
        requested_slot: clock.slot,
        vault,
        destination: accounts.destination.key(),
        payer: accounts.payer.key(),
        ..bytemuck::Zeroable::zeroed()
    };
    pda::write(&accounts.release, &record)?;
    emit!(ReleaseQueued {
        vault,
        release: address,
        destination: record.destination,
        amount,
        payable_ts,
    });
    Ok(Verdict::Queued)
}
