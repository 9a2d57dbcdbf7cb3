//! A host pays a user out of custody: immediately within the limits, through the queue above them.
//!
//! Signed by the vault's operator. The return data is the verdict, one byte:
//!
//! `ALLOWED`: the release was paid, and the host debits its own ledger.
//!
//! `QUEUED`: the release was not paid. The release record is now the user's claim, payable after the vault's
//! `queue_seconds`, and the host debits its own ledger. A release whose destination cannot receive it, because it is
//! frozen or lacks the memo it requires, is queued as well: no single user can block a host that pays many, and the
//! owner of the claim may name another account.
//!
//! `DENIED`: the record's number is taken, or the record's account belongs to another number. Nothing moved, nobody
//! owes more, and nothing is counted or latched, so the host debits nothing.
//!
//! While WITHDRAW is paused the instruction fails and nothing is recorded.
//!
//! What the requester deposited within the window may leave again to its owner without being counted. While a note has
//! any of that amount left, a release to anyone else waits. So nobody can fill the window by cycling the same tokens.
//!
//! Where the host keeps notes, each requester has their own numbers: the record's address is derived from the note's
//! address. So nobody can take another's number.
//!
//! Whoever holds the operator key and however the host is exploited, the instruction can never move more than the
//! breaker allows, in a slot or in any window.
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
    /// Written only when the release has to wait.
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    /// CHECK: the vault's board; the guard checks its key, owner and bytes.
    pub board: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    #[account(mut)]
    pub custody: UncheckedAccount<'info>,
    /// CHECK: any other token account of the vault's mint.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: the record's PDA; derived when a record is created and unused otherwise.
    #[account(mut)]
    pub release: UncheckedAccount<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub system_program: Program<'info, System>,
    /// CHECK: the requester's recent deposits: the note of this vault and that owner, even if it does not exist yet.
    /// The host picks it, never its user. None where the host keeps no notes.
    #[account(mut)]
    pub note: Option<UncheckedAccount<'info>>,
}

/// `index` is the number of the record, if one is created. With a note it is one of the note owner's numbers. Without a
/// note it is one of the vault's, and hosts derive it from the user so that nobody can take another's number. The memo
/// program may follow the accounts, so that an account that requires a memo gets one.
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
            drop(vault);
            return Ok(queue(accounts, &receiver, (amount, index), &moment)?.to_byte());
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

/// The requester, identified by their note.
fn asker_of<'a>(note: &'a mut DepositNote, receiver: &Receiver) -> Asker<'a> {
    Asker {
        is_owner: note.owner == receiver.holder,
        note,
    }
}

/// Writes the record of a release that has to wait. A taken number, or an account that does not match the number, is a
/// verdict and not an error, so that one release cannot block a host that pays many. Nobody is debited then: whether a
/// record can be created is known before anything is counted or latched.
fn queue(accounts: &Release, receiver: &Receiver, (amount, index): (u64, u64), moment: &Moment) -> Result<Verdict> {
    let vault_key = accounts.vault.key();
    let whose = accounts.note.as_ref().map_or(vault_key, |note| *note.key);
    let number = index.to_le_bytes();
    let (address, bump) = Pubkey::find_program_address(&[SEED_RELEASE, whose.as_ref(), &number], &crate::ID);
    let has_room = acts::has_room(&*accounts.vault.current()?, amount);
    if address != *accounts.release.key || !accounts.release.data_is_empty() || !has_room {
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
        let (mut vault, mut breaker) = (accounts.vault.current_mut()?, accounts.breaker.current_mut()?);
        let before = breaker.latch.until;
        let record =
            acts::queue(&mut vault, &mut breaker, asker.as_mut(), &new, receiver, moment).map_err(core_error)?;
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
