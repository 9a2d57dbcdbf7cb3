//! The owner takes lamports out, as far as the breaker lets them go.

use bulkhead_cpi::{MeterOutflow, Metered, Permit};
use bulkhead_guard::action;
use pinocchio::{AccountView, Address, ProgramResult, error::ProgramError};

use crate::{
    calls::meter_outflow,
    state::{State, require_key},
};

pub fn process(program: &Address, accounts: &mut [AccountView], lamports: u64) -> ProgramResult {
    let [owner, vault, board, breaker, operator, _bulkhead] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let state = State::load(program, vault, owner)?;
    state.require_open(board, action::WITHDRAW)?;
    require_key(breaker, &state.breaker)?;
    if lamports > state.lamports {
        return Err(ProgramError::InsufficientFunds);
    }
    let outflow = MeterOutflow {
        breaker,
        board,
        authority: operator,
    };
    let seeds = state.operator_seeds(vault.address());
    match meter_outflow(&outflow, lamports, &[seeds.as_slice().into()])? {
        Metered::Allowed(permit) => pay(permit, state, vault, owner),
        Metered::Refused(refused) => refused.finish(),
    }
}

/// The only way out for lamports.
fn pay(permit: Permit, mut state: State, vault: &mut AccountView, owner: &mut AccountView) -> ProgramResult {
    let lamports = permit.into_amount();
    let less = |balance: u64| balance.checked_sub(lamports).ok_or(ProgramError::InsufficientFunds);
    let more = |balance: u64| balance.checked_add(lamports).ok_or(ProgramError::ArithmeticOverflow);
    state.lamports = less(state.lamports)?;
    vault.set_lamports(less(vault.lamports())?);
    owner.set_lamports(more(owner.lamports())?);
    state.store(vault)
}
