//! The short path of `release`: what a host pays for every withdrawal of its users.
//!
//! It recognizes a clearly good call for a plain token, as `super::short` does, decides by the handler's own
//! functions, and moves the tokens without Anchor's accounts. Extensions of Token-2022, the memo program and everything
//! that is not clearly good take Anchor's path.

use anchor_lang::{Discriminator, prelude::*, solana_program::program::set_return_data, system_program};
use bulkhead_core::{
    acts,
    breakers::verdict::Verdict,
    custody::{
        Receiver,
        migration::{Balances, conserve},
    },
    token,
    words::{same_key, word},
};
use bulkhead_interface::{
    layout::{DepositNote, OutflowBreaker, Vault},
    seeds::SEED_VAULT,
};

use super::{
    account::{Header, arguments},
    transfer::TransferChecked,
};
use crate::{
    error::BulkheadError,
    events::{Released, log},
    instruction,
    instructions::{Asked, Record},
};

/// Number of accounts of `release`.
pub const ACCOUNTS: usize = 12;

/// # Safety
/// [`ACCOUNTS`] accounts begin at `at`, then the instruction's data with its length; nothing else borrows them.
#[inline(always)]
pub unsafe fn release(at: *mut u8) -> Option<Result<()>> {
    // SAFETY: no account is read beyond their number, and none that repeats another is borrowed.
    unsafe {
        let operator = Header::read(at)?;
        let vault = Header::read(operator.next())?;
        let breaker = Header::read(vault.next())?;
        let board = Header::read(breaker.next())?;
        let custody = Header::read(board.next())?;
        let destination = Header::read(custody.next())?;
        let mint = Header::read(destination.next())?;
        let token_program = Header::read(mint.next())?;
        let record = Header::read(token_program.next())?;
        let payer = Header::read(record.next())?;
        let system = Header::read(payer.next())?;
        let note = Header::read(system.next())?;
        let arguments: &[u8; 16] = arguments(note.next(), instruction::Release::DISCRIMINATOR)?;
        let (amount, number) = arguments.split_first_chunk::<8>()?;
        let (amount, number) = (word(amount), *number.first_chunk::<8>()?);

        let signs = operator.is_signer & payer.is_signer;
        let writable = vault.is_writable
            & breaker.is_writable
            & custody.is_writable
            & destination.is_writable
            & record.is_writable
            & payer.is_writable;
        if signs & writable == 0 || !same_key(system.key.as_array(), system_program::ID.as_array()) {
            return None;
        }
        let state = vault.load(|vault: &Vault| vault.version)?;
        let meter = breaker.load(|breaker: &OutflowBreaker| breaker.version)?;
        let is_linked = same_key(custody.key.as_array(), state.custody.as_array())
            && same_key(mint.key.as_array(), state.mint.as_array())
            && same_key(token_program.key.as_array(), state.token_program.as_array())
            && same_key(destination.owner.as_array(), state.token_program.as_array());
        if !is_linked || mint.len != token::MINT_LEN {
            return None;
        }
        let holder = {
            let data = plain(destination)?;
            let is_of_mint = same_key(data.first_chunk()?, state.mint.as_array());
            if !is_of_mint || token::is_frozen(data) {
                return None;
            }
            Pubkey::new_from_array(token::holder(data)?)
        };
        plain(custody)?;
        let is_none = same_key(note.key.as_array(), crate::ID.as_array());
        let deposits = if is_none {
            None
        } else if note.is_writable == 0 {
            return None;
        } else if note.len == 0 {
            // The address of a note that does not exist yet: nothing was deposited.
            None
        } else {
            let deposits = note.load(|note: &DepositNote| note.version)?;
            if !same_key(deposits.vault.as_array(), vault.key.as_array()) {
                return None;
            }
            Some(deposits)
        };
        if acts::may_release(state, &breaker.key, &operator.key, amount).is_err() {
            return None;
        }
        let receiver = Receiver {
            key: destination.key,
            holder,
            takes: true,
        };
        let mut asked = Asked {
            vault: (&vault.key, state),
            breaker: (&breaker.key, meter),
            board: &board.shown(),
            note: deposits,
            receiver: &receiver,
            amount,
        };
        let (verdict, moment) = match asked.decide() {
            Ok(decided) => decided,
            Err(error) => return Some(Err(error)),
        };
        if verdict == Verdict::Allowed {
            let paid = pay(vault, custody, mint, destination, amount);
            return Some(paid.map(|()| set_return_data(&[verdict.to_byte()])));
        }
        let whose = if is_none { vault.key } else { note.key };
        let (record, payer) = (record.info(), payer.info());
        let record = Record {
            release: &record,
            payer: &payer,
            system_program: system_program::ID,
            vault: vault.key,
            whose,
            number,
        };
        let written = asked.wait(&record, &moment).and_then(|waiting| record.write(waiting));
        Some(written.map(|verdict| set_return_data(&[verdict.to_byte()])))
    }
}

/// Moves the tokens, signed by the vault, and checks both balances as `token::transfer` does.
///
/// # Safety
/// The headers must lie in the runtime's input, and nothing else may borrow their data.
#[inline(always)]
unsafe fn pay(
    vault: &mut Header,
    custody: &mut Header,
    mint: &mut Header,
    destination: &mut Header,
    amount: u64,
) -> Result<()> {
    // SAFETY: as above; no data is borrowed while the tokens move.
    unsafe {
        let (domain, token, index, bump, decimals) = {
            let state = vault
                .load(|vault: &Vault| vault.version)
                .ok_or(BulkheadError::ForeignAccount)?;
            (state.domain, state.mint, [state.index], [state.bump], state.decimals)
        };
        let (source_before, destination_before) = (balance(custody)?, balance(destination)?);
        require!(amount <= source_before, BulkheadError::BalanceTooSmall);
        let seeds: [&[u8]; 5] = [SEED_VAULT, domain.as_array(), token.as_array(), &index, &bump];
        let transfer = TransferChecked {
            program: destination.owner,
            from: custody,
            mint,
            to: destination,
            authority: vault,
        };
        transfer.invoke(amount, decimals, &seeds)?;
        let balances = Balances {
            source_before,
            source_after: balance(custody)?,
            destination_before,
            destination_after: balance(destination)?,
        };
        let moved = conserve(amount, 0, &balances).map_err(|_| BulkheadError::ConservationBroken)?;
        log(&Released {
            vault: vault.key,
            destination: destination.key,
            amount: moved.sent,
            received: moved.received,
        })
    }
}

/// The data of a token account without extensions.
///
/// # Safety
/// As for [`Header::data`].
#[inline(always)]
unsafe fn plain(account: &mut Header) -> Option<&'static mut [u8]> {
    // SAFETY: as above.
    (account.len == token::BASE_LEN as usize).then(|| unsafe { account.data() })
}

/// # Safety
/// As for [`Header::data`].
#[inline(always)]
unsafe fn balance(account: &mut Header) -> Result<u64> {
    // SAFETY: as above.
    let amount = unsafe { plain(account) }.and_then(|data| token::amount(data));
    amount.ok_or_else(|| BulkheadError::WrongDestination.into())
}
