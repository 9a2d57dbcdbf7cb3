//! Says who owns a position of the host and how much it holds, for a Bulkhead ledger that asks by CPI.
//!
//! Bulkhead passes the position and the accounts that were registered with the ledger, all read-only, and two bytes: the
//! number of the account type in `layout::POSITIONS`, and that of its asset. The answer is the owner's 32 bytes and the
//! amount in the token's smallest unit, eight bytes, little endian. Anything else is an error, and the position is not
//! read: it can never be read wrong by accident.

#[rustfmt::skip]
pub mod layout;
pub mod reading;

use reading::{Error, Source};
use solana_account_info::AccountInfo;
use solana_cpi::set_return_data;
use solana_program_error::{ProgramError, ProgramResult};

/// Answers for the position in account 0.
///
/// # Errors
/// A position of another program, and every [`reading::Error`] as its number.
pub fn run(accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let (Some((position, others)), [position_number, asset_number]) = (accounts.split_first(), data) else {
        return Err(ProgramError::InvalidInstructionData);
    };
    // The other accounts are those of the registration, by address.
    if position.owner.to_bytes() != layout::HOST {
        return Err(ProgramError::IllegalOwner);
    }
    let (data, others) = (position.try_borrow_data()?, borrowed(others)?);
    let sources: Vec<Source> = others.iter().map(|(key, data)| Source { key: *key, data }).collect();
    let answer =
        reading::answer(layout::POSITIONS, *position_number, *asset_number, &data, &sources).map_err(number)?;
    set_return_data(&answer);
    Ok(())
}

type Borrowed<'a> = Vec<([u8; 32], std::cell::Ref<'a, &'a mut [u8]>)>;

fn borrowed<'a>(accounts: &'a [AccountInfo]) -> Result<Borrowed<'a>, ProgramError> {
    let each = accounts.iter();
    each.map(|account| Ok((account.key.to_bytes(), account.try_borrow_data()?)))
        .collect()
}

fn number(error: Error) -> ProgramError {
    ProgramError::Custom(error as u32)
}

#[cfg(not(feature = "no-entrypoint"))]
mod entrypoint {
    use solana_account_info::AccountInfo;
    use solana_program_entrypoint::{entrypoint, ProgramResult};
    use solana_pubkey::Pubkey;

    entrypoint!(process_instruction);

    fn process_instruction(_: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
        super::run(accounts, data)
    }
}
