//! A pinocchio host over `AccountInfo`, of 0.8 and 0.9: a vault of one owner's lamports, guarded and metered. No
//! allocation.
//!
//! Instruction data: `0`, board, breaker, compartment, bump opens the account that signs; `1` and an amount withdraws.
#![no_std]
#![deny(unused_must_use)]
#![allow(unexpected_cfgs)]

mod vault;

use bulkhead_cpi::{MeterOutflow, Metered};
use bulkhead_guard::{action, check_account};
use pinocchio::{
    account_info::AccountInfo,
    instruction::Seed,
    program_error::ProgramError,
    pubkey::Pubkey,
    sysvars::{clock::Clock, Sysvar},
    ProgramResult,
};
use vault::{amount, Vault, OPERATOR};

bulkhead_cpi::calls!(pinocchio::account_info::AccountInfo);

mod entrypoint {
    use super::process;

    pinocchio::program_entrypoint!(process, 8);
    pinocchio::nostd_panic_handler!();
    pinocchio::no_allocator!();
}

/// Decodes the instruction and hands it on.
pub fn process(program: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    match data.split_first() {
        Some((0, request)) => open(program, accounts, request),
        Some((1, request)) => withdraw(
            program,
            accounts,
            amount(request).ok_or(ProgramError::InvalidInstructionData)?,
        ),
        _ => Err(ProgramError::InvalidInstructionData),
    }
}

fn open(program: &Pubkey, accounts: &[AccountInfo], request: &[u8]) -> ProgramResult {
    let [owner, account] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    if !account.is_owned_by(program) || !account.is_signer() || !owner.is_signer() {
        return Err(ProgramError::MissingRequiredSignature);
    }
    let mut data = account.try_borrow_mut_data()?;
    Vault::open(&mut data, owner.key(), request).ok_or(ProgramError::InvalidInstructionData)
}

fn withdraw(program: &Pubkey, accounts: &[AccountInfo], lamports: u64) -> ProgramResult {
    let [owner, account, board, breaker, operator, _bulkhead] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let vault = Vault::load(&account.try_borrow_data()?).ok_or(ProgramError::InvalidAccountData)?;
    if !account.is_owned_by(program) || !owner.is_signer() || owner.key() != &vault.owner {
        return Err(ProgramError::MissingRequiredSignature);
    }
    require_open(&vault, board, action::WITHDRAW)?;
    if breaker.key() != &vault.breaker {
        return Err(ProgramError::InvalidArgument);
    }
    let outflow = MeterOutflow {
        breaker,
        board,
        authority: operator,
    };
    let bump = [vault.bump];
    let seeds: [Seed; 3] = [OPERATOR.into(), account.key().into(), (&bump).into()];
    match meter_outflow(&outflow, lamports, &[(&seeds).into()])? {
        Metered::Allowed(permit) => {
            let lamports = permit.into_amount();
            let left = account
                .lamports()
                .checked_sub(lamports)
                .ok_or(ProgramError::InsufficientFunds)?;
            let grown = owner
                .lamports()
                .checked_add(lamports)
                .ok_or(ProgramError::ArithmeticOverflow)?;
            *account.try_borrow_mut_lamports()? = left;
            *owner.try_borrow_mut_lamports()? = grown;
            Ok(())
        }
        Metered::Refused(refused) => refused.finish(),
    }
}

/// Stops a paused action.
fn require_open(vault: &Vault, board: &AccountInfo, action: u32) -> ProgramResult {
    let now = Clock::get()?.unix_timestamp;
    // SAFETY: nobody assigns the board to another program in between. Since 0.9 the function is safe.
    #[allow(unused_unsafe)]
    let owner = unsafe { board.owner() };
    let (key, data) = (board.key(), board.try_borrow_data());
    check_account(&vault.board, key, owner, data, vault.compartment, action, now)
        .map_err(|error| ProgramError::Custom(error as u32))
}
