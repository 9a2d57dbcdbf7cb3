//! Calls with `AccountView`, for pinocchio programs. They allocate nothing.
//!
//! None of the accounts passed to the call may be borrowed while it runs.

use bulkhead_guard::BULKHEAD_ID;
use pinocchio::{
    AccountView, Address,
    cpi::{ReturnData, Signer, get_return_data, invoke_signed},
    error::ProgramError,
    instruction::{InstructionAccount, InstructionView},
};

use crate::{
    Credit, MeterOutflow, Metered, ReceiveDeposit, RecordInflow, Release, Released, TakeBackRelease,
    call::Call,
    verdict::{metered, released, taken_back},
};

/// Asks Bulkhead whether `amount` may leave. `signers` are the PDAs that sign.
///
/// # Errors
/// Returns an error when the call cannot be made, and never because of the breaker's verdict.
#[inline(always)]
pub fn meter_outflow(
    accounts: &MeterOutflow<AccountView>,
    amount: u64,
    signers: &[Signer],
) -> Result<Metered, ProgramError> {
    let answer = ask(&accounts.call(amount), signers)?;
    Ok(metered(as_bytes(&answer), amount))
}

/// Makes Bulkhead pay `amount` out of custody, or queue it under the number `index`. `signers` are the PDAs that sign.
///
/// # Errors
/// Returns an error when the call cannot be made or returns no verdict, and never because of the breaker's verdict.
#[inline(always)]
pub fn release(
    accounts: &Release<AccountView>,
    amount: u64,
    index: u64,
    signers: &[Signer],
) -> Result<Released, ProgramError> {
    let answer = match accounts.note {
        None => ask(&accounts.call(amount, index), signers)?,
        Some(note) => ask(&accounts.call_noted(note, amount, index), signers)?,
    };
    released(as_bytes(&answer), amount)
}

/// Makes Bulkhead take `amount` of the owner's tokens into custody. To know what arrived, read custody's balance before
/// and after the call. `signers` are the PDAs that sign.
///
/// # Errors
/// Returns an error when the call cannot be made.
#[inline(always)]
pub fn receive_deposit(
    accounts: &ReceiveDeposit<AccountView>,
    amount: u64,
    signers: &[Signer],
) -> Result<(), ProgramError> {
    ask(&accounts.call(amount), signers).map(|_| ())
}

/// Reports to Bulkhead that `amount` came in. `signers` are the PDAs that sign.
///
/// # Errors
/// Returns an error when the call cannot be made.
#[inline(always)]
pub fn record_inflow(
    accounts: &RecordInflow<AccountView>,
    amount: u64,
    signers: &[Signer],
) -> Result<(), ProgramError> {
    ask(&accounts.call(amount), signers).map(|_| ())
}

/// Takes a cancelled release back and closes its record. Credit the amount to whomever the host debited when it was
/// queued. `signers` are the PDAs that sign.
///
/// # Errors
/// Returns an error when the call cannot be made, or the release is not cancelled.
#[inline(always)]
pub fn take_back_release(accounts: &TakeBackRelease<AccountView>, signers: &[Signer]) -> Result<Credit, ProgramError> {
    taken_back(as_bytes(&ask(&accounts.call(), signers)?))
}

#[inline(always)]
fn ask<const N: usize, const W: usize>(
    call: &Call<AccountView, N, W>,
    signers: &[Signer],
) -> Result<Option<ReturnData>, ProgramError> {
    let accounts = call
        .accounts
        .each_ref()
        .map(|(account, way)| InstructionAccount::new(account.address(), way.is_writable(), way.is_signer()));
    let instruction = InstructionView {
        program_id: &Address::new_from_array(BULKHEAD_ID),
        accounts: &accounts,
        data: call.words.as_flattened(),
    };
    invoke_signed(
        &instruction,
        &call.accounts.each_ref().map(|(account, _)| *account),
        signers,
    )?;
    Ok(get_return_data())
}

#[inline(always)]
fn as_bytes(answer: &Option<ReturnData>) -> Option<(&[u8; 32], &[u8])> {
    answer
        .as_ref()
        .map(|answer| (answer.program_id().as_array(), answer.as_slice()))
}
