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
    acts::{self, NewRelease, Shown},
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
    authority::{core_error, shown},
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
    let memo = token::memo_program(ctx.remaining_accounts);
    let receiver = token::receiver(&accounts.destination, memo)?;
    let payment = Payment {
        vault: accounts.vault.as_ref(),
        custody: &accounts.custody,
        destination: &accounts.destination,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
    };
    let signature = {
        let mut vault = accounts.vault.current_mut()?;
        let breaker_key = accounts.breaker.as_ref().key;
        acts::may_release(&vault, breaker_key, accounts.operator.key, amount).map_err(core_error)?;
        payment.check(&vault)?;
        let board = accounts.board.try_borrow_data()?;
        let mut note = note_of(accounts.note.as_deref(), accounts.vault.as_ref().key)?;
        let mut asked = Asked {
            vault: (accounts.vault.as_ref().key, &mut vault),
            breaker: (breaker_key, &mut *accounts.breaker.current_mut()?),
            board: &shown(&accounts.board, &board),
            note: note.as_deref_mut(),
            receiver: &receiver,
            amount,
        };
        let (verdict, moment) = asked.decide()?;
        if verdict != Verdict::Allowed {
            let record = Record {
                release: &accounts.release,
                payer: accounts.payer.as_ref(),
                system_program: accounts.system_program.key(),
                vault: accounts.vault.key(),
                whose: accounts.note.as_ref().map_or(accounts.vault.key(), |note| *note.key),
                number: index.to_le_bytes(),
            };
            let waiting = asked.wait(&record, &moment)?;
            drop((note, board, vault));
            return Ok(record.write(waiting)?.to_byte());
        }
        Signature::of(&vault)
    };
    let moved = payment.pay(&signature, amount, memo)?;
    log(&Released {
        vault: accounts.vault.key(),
        destination: receiver.key,
        amount: moved.sent,
        received: moved.received,
    })?;
    Ok(Verdict::Allowed.to_byte())
}

/// A release that is asked for, and what decides about it. [`acts::may_release`] has accepted it, and the accounts that
/// tokens move through are the vault's.
pub(crate) struct Asked<'a> {
    pub vault: (&'a Pubkey, &'a mut Vault),
    pub breaker: (&'a Pubkey, &'a mut OutflowBreaker),
    pub board: &'a Shown<'a>,
    /// The requester's deposits, if there are any.
    pub note: Option<&'a mut DepositNote>,
    pub receiver: &'a Receiver,
    pub amount: u64,
}

impl Asked<'_> {
    /// Decides, and counts what may be paid now.
    #[inline(always)]
    pub fn decide(&mut self) -> Result<(Verdict, Moment)> {
        let (vault, breaker) = (&*self.vault.1, &mut *self.breaker.1);
        let clock = Clock::get()?;
        let Gate { is_closed, moment } =
            Gate::read_shown(&vault.board, self.board, vault.compartment, WITHDRAW, &clock)?;
        let mut asker = self.note.as_deref_mut().map(|note| asker_of(note, self.receiver));
        let asked = (self.amount, self.receiver);
        let verdict = acts::release(vault, breaker, asker.as_mut(), asked.0, asked.1, is_closed, &moment);
        Ok((verdict.map_err(core_error)?, moment))
    }

    /// Queues what has to wait. A taken number, or an account that does not match the number, is a verdict and not an
    /// error, so that one release cannot block a host that pays many; `None` then. Nobody is debited then: whether a
    /// record can be created is known before anything is counted or latched.
    #[inline(never)]
    pub fn wait(&mut self, record: &Record, moment: &Moment) -> Result<Option<layout::Release>> {
        let (address, bump) = Pubkey::find_program_address(&record.seeds(), &crate::ID);
        let is_free = address == *record.release.key && record.release.data_is_empty();
        if !is_free || !acts::has_room(self.vault.1, self.amount) {
            return Ok(None);
        }
        let new = NewRelease {
            bump,
            index: u64::from_le_bytes(record.number),
            amount: self.amount,
            vault: *self.vault.0,
            payer: *record.payer.key,
        };
        let before = self.breaker.1.latch.until;
        let mut asker = self.note.as_deref_mut().map(|note| asker_of(note, self.receiver));
        let (vault, breaker) = (&mut *self.vault.1, &mut *self.breaker.1);
        let release = acts::queue(vault, breaker, asker.as_mut(), &new, self.receiver, moment).map_err(core_error)?;
        report_latch(self.breaker.1, self.breaker.0, before, moment);
        Ok(Some(release))
    }
}

/// The requester, identified by their note.
fn asker_of<'a>(note: &'a mut DepositNote, receiver: &Receiver) -> Asker<'a> {
    Asker {
        is_owner: note.owner == receiver.holder,
        note,
    }
}

/// Where the record of a release that has to wait is written.
pub(crate) struct Record<'a, 'info> {
    pub release: &'a AccountInfo<'info>,
    pub payer: &'a AccountInfo<'info>,
    pub system_program: Pubkey,
    pub vault: Pubkey,
    /// The note or the vault that the record's number belongs to. A note need not exist, so the vault is one of the seeds
    /// in any case: with a vault of their own nobody takes numbers of another's.
    pub whose: Pubkey,
    /// The record's number, little endian.
    pub number: [u8; 8],
}

impl Record<'_, '_> {
    fn seeds(&self) -> [&[u8]; 4] {
        [SEED_RELEASE, self.vault.as_ref(), self.whose.as_ref(), &self.number]
    }

    /// Creates the record. Nothing may stay borrowed over this call.
    pub fn write(&self, waiting: Option<layout::Release>) -> Result<Verdict> {
        let Some(release) = waiting else {
            return Ok(Verdict::Denied);
        };
        let [prefix, vault, whose, number] = self.seeds();
        let seeds = [prefix, vault, whose, number, &[release.bump]];
        let space = space::<layout::Release>();
        pda::create(self.release, self.payer, self.system_program, space, &seeds)?;
        pda::write(self.release, &release)?;
        emit!(ReleaseQueued {
            vault: release.vault,
            release: *self.release.key,
            destination: release.destination,
            amount: release.amount,
            payable_ts: release.payable_ts,
        });
        Ok(Verdict::Queued)
    }
}
