//! A host pays a user out of custody: at once within limits, through the queue over them.
//!
//! Signed by the vault's operator. The return data is the verdict, one byte: `ALLOWED` has been
//! paid; `QUEUED` has not, and the release record is now the user's claim, payable after the
//! vault's `queue_seconds`. What the destination would not take, frozen or without the memo it wants, is queued as well: no
//! user stops a host that pays many, and who owns the claim may name another account. In both cases the host debits its own ledger. `DENIED` says that the
//! record's number is taken, or that the record's account is another number's: nothing moved, nobody owes more, and nothing
//! is counted or latched, so the host debits nothing. While WITHDRAW is paused the instruction fails and nothing is recorded.
//!
//! What who asks has brought in within the window leaves again to its owner and is counted nowhere; as long as a
//! note has any of that left, a release to anybody else waits. So nobody fills the window with the same tokens twice.
//!
//! A number is the asker's own where the host keeps notes: the record's address is made of the note's. So nobody takes
//! another's.
//!
//! What it can never do, whoever holds the operator key and however the host is exploited: move
//! more than the breaker allows, in a slot or in any window.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, NewRelease},
    breakers::{
        verdict::Verdict,
        window::{Asker, Moment},
    },
    custody::Receiver,
};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::{
    layout::{self, DepositNote, OutflowBreaker, Vault, space},
    seeds::SEED_RELEASE,
};

use super::{Payment, Signature};
use crate::{
    authority::core_error,
    current::Current,
    events::{ReleaseQueued, Released, log},
    gate::Gate,
    instructions::{breakers::report_latch, custody::note_of},
    pda, token,
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
    /// CHECK: what who asks has brought in lately: the note of this vault and that owner, also where none was made yet. The
    /// host picks it, never its user. None where the host keeps no notes.
    #[account(mut)]
    pub note: Option<UncheckedAccount<'info>>,
}

/// `index` names the record, if there will be one: of the note's owner where there is a note, else of the vault, and then
/// hosts derive it from the user, so that nobody can take another's number. The memo program may follow the accounts: then an account that wants a memo gets one.
pub fn handle_release<'info>(ctx: Context<'info, Release<'info>>, amount: u64, index: u64) -> Result<u8> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    let memo = token::memo_program(ctx.remaining_accounts);
    let receiver = token::receiver(&accounts.destination, memo)?;
    let payment = Payment {
        vault: accounts.vault.as_ref(),
        custody: &accounts.custody,
        destination: &accounts.destination,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
    };
    let breaker_key = accounts.breaker.as_ref().key;
    let vault = accounts.vault.current()?;
    acts::may_release(&vault, breaker_key, accounts.operator.key, amount).map_err(core_error)?;
    payment.check(&vault)?;
    let Gate { is_closed, moment } = Gate::read(&vault.board, &accounts.board, vault.compartment, WITHDRAW, &clock)?;
    {
        let mut note = note_of(accounts.note.as_deref(), accounts.vault.as_ref().key)?;
        let mut asker = note.as_deref_mut().map(|note| asker_of(note, &receiver));
        let verdict = acts::release(
            &vault,
            &mut *accounts.breaker.current_mut()?,
            asker.as_mut(),
            amount,
            &receiver,
            is_closed,
            &moment,
        )
        .map_err(core_error)?;
        if verdict != Verdict::Allowed {
            drop(note);
            return Ok(queue(accounts, &vault, &receiver, (amount, index), &moment)?.to_byte());
        }
    }
    let signature = Signature::of(&vault);
    drop(vault);
    let moved = payment.pay(&signature, amount, memo)?;
    log(&Released {
        vault: accounts.vault.key(),
        destination: receiver.key,
        amount: moved.sent,
        received: moved.received,
    })?;
    Ok(Verdict::Allowed.to_byte())
}

/// Who asks, by its note.
fn asker_of<'a>(note: &'a mut DepositNote, receiver: &Receiver) -> Asker<'a> {
    Asker {
        is_owner: note.owner == receiver.holder,
        note,
    }
}

/// Writes the record of a release that has to wait. A number that is taken and an account that is not the number's are an
/// answer and not an error, so that a host that pays many is not stopped by one. Nobody is debited then: whether there can
/// be a record is known before anything is counted or latched.
fn queue(
    accounts: &Release,
    vault: &Vault,
    receiver: &Receiver,
    (amount, index): (u64, u64),
    moment: &Moment,
) -> Result<Verdict> {
    let vault_key = accounts.vault.key();
    let whose = accounts.note.as_ref().map_or(vault_key, |note| *note.key);
    let number = index.to_le_bytes();
    let (address, bump) = Pubkey::find_program_address(&[SEED_RELEASE, whose.as_ref(), &number], &crate::ID);
    if address != *accounts.release.key || !accounts.release.data_is_empty() {
        return Ok(Verdict::Denied);
    }
    let new = NewRelease {
        bump,
        index,
        amount,
        vault: vault_key,
        payer: accounts.payer.key(),
    };
    let record = {
        let mut note = note_of(accounts.note.as_deref(), &vault_key)?;
        let mut asker = note.as_deref_mut().map(|note| asker_of(note, receiver));
        let mut breaker = accounts.breaker.current_mut()?;
        let before = breaker.latch.until;
        let record = acts::queue(vault, &mut breaker, asker.as_mut(), &new, receiver, moment).map_err(core_error)?;
        report_latch(&breaker, accounts.breaker.as_ref().key, before, moment);
        record
    };
    pda::create(
        &accounts.release,
        accounts.payer.as_ref(),
        accounts.system_program.key(),
        space::<layout::Release>(),
        &[SEED_RELEASE, whose.as_ref(), &number, &[bump]],
    )?;
    pda::write(&accounts.release, &record)?;
    emit!(ReleaseQueued {
        vault: vault_key,
        release: address,
        destination: record.destination,
        amount,
        payable_ts: record.payable_ts,
    });
    Ok(Verdict::Queued)
}
