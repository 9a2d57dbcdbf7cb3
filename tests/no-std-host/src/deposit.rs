//! The owner puts lamports in. What came in may leave again within the window, up to a bound.

use bulkhead_cpi::RecordInflow;
use bulkhead_guard::action;
use pinocchio::{
    AccountView, Address, ProgramResult,
    cpi::invoke,
    error::ProgramError,
    instruction::{InstructionAccount, InstructionView},
};

use crate::{
    calls::record_inflow,
    state::{State, require_key},
};

/// The System program, and its instruction `Transfer`.
const SYSTEM_PROGRAM: Address = Address::new_from_array([0; 32]);
const TRANSFER: [u8; 4] = 2u32.to_le_bytes();

pub fn process(program: &Address, accounts: &mut [AccountView], lamports: u64) -> ProgramResult {
    let [owner, vault, board, breaker, operator, bulkhead, _system_program] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let mut state = State::load(program, vault, owner)?;
    state.require_open(board, action::DEPOSIT)?;
    require_key(breaker, &state.breaker)?;
    state.lamports = state
        .lamports
        .checked_add(lamports)
        .ok_or(ProgramError::ArithmeticOverflow)?;
    let mut data = [0; 12];
    let (instruction, amount) = data.split_at_mut(TRANSFER.len());
    instruction.copy_from_slice(&TRANSFER);
    amount.copy_from_slice(&lamports.to_le_bytes());
    let transfer = InstructionView {
        program_id: &SYSTEM_PROGRAM,
        accounts: &[
            InstructionAccount::writable_signer(owner.address()),
            InstructionAccount::writable(vault.address()),
        ],
        data: &data,
    };
    invoke(&transfer, &[&*owner, &*vault])?;
    let inflow = RecordInflow {
        breaker,
        authority: operator,
        vault: bulkhead,
    };
    let seeds = state.operator_seeds(vault.address());
    record_inflow(&inflow, lamports, &[seeds.as_slice().into()])?;
    state.store(vault)
}
