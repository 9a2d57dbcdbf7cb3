//! A native host: a vault of one owner's lamports, guarded and metered. The same text for every solana-program.
//!
//! Instruction data: `0`, board, breaker, compartment, bump opens the account that signs; `1` and an amount withdraws.
#![deny(unused_must_use)]
// The entry points of old versions ask for settings that their compilers did not check.
#![allow(unexpected_cfgs)]

mod vault;

use bulkhead_cpi::{MeterOutflow, Metered, Permit};
use bulkhead_guard::{action, check_account};
use solana_program::{
    account_info::AccountInfo, clock::Clock, entrypoint::ProgramResult, program_error::ProgramError, pubkey::Pubkey,
    sysvar::Sysvar,
};
use vault::{amount, Vault, OPERATOR};

bulkhead_cpi::calls!(solana_program);

solana_program::entrypoint!(process);

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
    if account.owner != program || !account.is_signer || !owner.is_signer {
        return Err(ProgramError::MissingRequiredSignature);
    }
    let mut data = account.try_borrow_mut_data()?;
    Vault::open(&mut data, owner.key.as_ref(), request).ok_or(ProgramError::InvalidInstructionData)
}

fn withdraw(program: &Pubkey, accounts: &[AccountInfo], lamports: u64) -> ProgramResult {
    let [owner, account, board, breaker, operator, _bulkhead] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let vault = Vault::load(&account.try_borrow_data()?).ok_or(ProgramError::InvalidAccountData)?;
    if account.owner != program || !owner.is_signer || owner.key.as_ref() != vault.owner {
        return Err(ProgramError::MissingRequiredSignature);
    }
    require_open(&vault, board, action::WITHDRAW)?;
    if breaker.key.as_ref() != vault.breaker {
        return Err(ProgramError::InvalidArgument);
    }
    let outflow = MeterOutflow {
        breaker,
        board,
        authority: operator,
    };
    let seeds: &[&[u8]] = &[OPERATOR, account.key.as_ref(), &[vault.bump]];
    match meter_outflow(&outflow, lamports, &[seeds])? {
        Metered::Allowed(permit) => pay(permit, account, owner),
        Metered::Refused(refused) => refused.finish(),
    }
}

/// Stops a paused action.
fn require_open(vault: &Vault, board: &AccountInfo, action: u32) -> ProgramResult {
    let now = Clock::get()?.unix_timestamp;
    let (key, owner, data) = (board.key, board.owner, board.try_borrow_data());
    check_account(&vault.board, key, owner, data, vault.compartment, action, now)
        .map_err(|error| ProgramError::Custom(error as u32))
}

/// The only way out for lamports.
fn pay(permit: Permit, account: &AccountInfo, owner: &AccountInfo) -> ProgramResult {
    let lamports = permit.into_amount();
    let left = account
        .lamports()
        .checked_sub(lamports)
        .ok_or(ProgramError::InsufficientFunds)?;
    let grown = owner
        .lamports()
        .checked_add(lamports)
        .ok_or(ProgramError::InvalidArgument)?;
    **account.try_borrow_mut_lamports()? = left;
    **owner.try_borrow_mut_lamports()? = grown;
    Ok(())
}
