//! The owner takes tokens out of Bulkhead's custody, to any token account.

use bulkhead_cpi::{Debit, Release, Released};
use bulkhead_guard::action;
use pinocchio::{AccountView, Address, ProgramResult, error::ProgramError};

use crate::{
    calls::release,
    state::{State, require_key},
};

pub fn process(program: &Address, accounts: &mut [AccountView], amount: u64, index: u64) -> ProgramResult {
    let [
        owner,
        vault,
        operator,
        custody_vault,
        breaker,
        board,
        custody,
        destination,
        mint,
        token_program,
        record,
        payer,
        system_program,
        _bulkhead,
    ] = accounts
    else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let state = State::load(program, vault, owner)?;
    state.require_open(board, action::WITHDRAW)?;
    require_key(custody_vault, &state.custody_vault)?;
    if amount > state.tokens {
        return Err(ProgramError::InsufficientFunds);
    }
    let accounts = Release {
        operator,
        vault: custody_vault,
        breaker,
        board,
        custody,
        destination,
        mint,
        token_program,
        release: record,
        payer,
        system_program,
        note: None,
    };
    let seeds = state.operator_seeds(vault.address());
    match release(&accounts, amount, index, &[seeds.as_slice().into()])? {
        Released::Paid(debit) | Released::Queued(debit) => book(debit, state, vault),
        Released::Denied(refused) => refused.finish(),
    }
}

/// The only way to debit tokens.
fn book(debit: Debit, mut state: State, vault: &mut AccountView) -> ProgramResult {
    state.tokens = state
        .tokens
        .checked_sub(debit.into_amount())
        .ok_or(ProgramError::InsufficientFunds)?;
    state.store(vault)
}
