//! A pinocchio host over `AccountView`, of 0.10 to 0.12: a vault of one owner's lamports, guarded and metered. No
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
    cpi::Seed,
    error::ProgramError,
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};
use vault::{amount, Vault, OPERATOR};

bulkhead_cpi::calls!(pinocchio::AccountView);

/// Until 0.10 a program shared its accounts, and owners were read by an unsafe function.
#[cfg(feature = "until-0-10")]
type Accounts<'a> = &'a [AccountView];
#[cfg(not(feature = "until-0-10"))]
type Accounts<'a> = &'a mut [AccountView];

mod entrypoint {
    pinocchio::program_entrypoint!(crate::process, 8);
    pinocchio::nostd_panic_handler!();
    pinocchio::no_allocator!();
}

/// Decodes the instruction and hands it on.
pub fn process(program: &Address, accounts: Accounts<'_>, data: &[u8]) -> ProgramResult {
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

fn open(program: &Address, accounts: Accounts<'_>, request: &[u8]) -> ProgramResult {
    let [owner, account] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    if !account.owned_by(program) || !account.is_signer() || !owner.is_signer() {
        return Err(ProgramError::MissingRequiredSignature);
    }
    let mut data = account.try_borrow_mut()?;
    Vault::open(&mut data, owner.address().as_ref(), request).ok_or(ProgramError::InvalidInstructionData)
}

fn withdraw(program: &Address, accounts: Accounts<'_>, lamports: u64) -> ProgramResult {
    let [owner, account, board, breaker, operator, _bulkhead] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let vault = Vault::load(&account.try_borrow()?).ok_or(ProgramError::InvalidAccountData)?;
    if !account.owned_by(program) || !owner.is_signer() || owner.address().as_ref() != vault.owner {
        return Err(ProgramError::MissingRequiredSignature);
    }
    require_open(&vault, board, action::WITHDRAW)?;
    if breaker.address().as_ref() != vault.breaker {
        return Err(ProgramError::InvalidArgument);
    }
    let outflow = MeterOutflow {
        breaker: &*breaker,
        board: &*board,
        authority: &*operator,
    };
    let bump = [vault.bump];
    let seeds: [Seed; 3] = [OPERATOR.into(), account.address().as_ref().into(), (&bump).into()];
    match meter_outflow(&outflow, lamports, &[(&seeds).into()])? {
        Metered::Allowed(permit) => {
            let lamports = permit.into_amount();
            account.set_lamports(
                account
                    .lamports()
                    .checked_sub(lamports)
                    .ok_or(ProgramError::InsufficientFunds)?,
            );
            owner.set_lamports(
                owner
                    .lamports()
                    .checked_add(lamports)
                    .ok_or(ProgramError::ArithmeticOverflow)?,
            );
            Ok(())
        }
        Metered::Refused(refused) => refused.finish(),
    }
}

/// Stops a paused action.
fn require_open(vault: &Vault, board: &AccountView, action: u32) -> ProgramResult {
    let now = Clock::get()?.unix_timestamp;
    #[cfg(feature = "until-0-10")]
    // SAFETY: nobody assigns the board to another program in between.
    let owner = unsafe { board.owner() };
    #[cfg(not(feature = "until-0-10"))]
    let owner = board.owner();
    let (key, data) = (board.address(), board.try_borrow());
    check_account(&vault.board, key, owner, data, vault.compartment, action, now)
        .map_err(|error| ProgramError::Custom(error as u32))
}
