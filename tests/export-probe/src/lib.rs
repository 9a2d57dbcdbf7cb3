//! What a host's export can do, well or badly. The first byte of the instruction data says which.
//!
//! Account 0 is the position: 8 bytes of name, its owner, a u64. What it is worth is that and the u64
//! at the start of account 1, where there is one.

use solana_account_info::AccountInfo;
use solana_cpi::{invoke, set_return_data};
use solana_instruction::{AccountMeta, Instruction};
use solana_program_error::{ProgramError, ProgramResult};

/// What the first byte of the instruction data asks for.
pub mod op {
    /// The truth.
    pub const ANSWER: u8 = 0;
    /// Nothing.
    pub const SAY_NOTHING: u8 = 1;
    /// A byte too few.
    pub const SAY_TOO_LITTLE: u8 = 2;
    /// A byte too many.
    pub const SAY_TOO_MUCH: u8 = 3;
    /// The truth, after changing the position.
    pub const WRITE_POSITION: u8 = 4;
    /// The truth, after changing account 1.
    pub const WRITE_OTHER: u8 = 5;
    /// A call to the program in account 1, with the position, that leaves its answer standing.
    pub const LET_ANOTHER_ANSWER: u8 = 6;
    /// A call to the program in account 1, with no more than its name, for which byte 1 onwards serve.
    pub const CALL: u8 = 7;
    /// An error of its own.
    pub const FAIL: u8 = 8;
}

/// The error of [`op::FAIL`].
pub const FAILED: u32 = 77;
/// The error of an account that was passed with more rights than to be read.
pub const TOO_MANY_RIGHTS: u32 = 78;

/// Does what the data ask for.
///
/// # Errors
/// What the operation is about, and an error for accounts that are not as described.
pub fn run(accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let (op, rest) = data.split_first().ok_or(ProgramError::InvalidInstructionData)?;
    let (position, others) = accounts.split_first().ok_or(ProgramError::NotEnoughAccountKeys)?;
    if accounts.iter().any(|account| account.is_signer || account.is_writable) {
        return Err(ProgramError::Custom(TOO_MANY_RIGHTS));
    }
    let other = || others.first().ok_or(ProgramError::NotEnoughAccountKeys);
    match *op {
        op::SAY_NOTHING => return Ok(()),
        op::FAIL => return Err(ProgramError::Custom(FAILED)),
        op::WRITE_POSITION => spoil(position)?,
        op::WRITE_OTHER => spoil(other()?)?,
        op::LET_ANOTHER_ANSWER => return call(other()?, Some(position), &[op::ANSWER]),
        op::CALL => call(other()?, None, rest)?,
        _ => {}
    }
    let answer = answer(position, others.first())?;
    match *op {
        op::SAY_TOO_LITTLE => set_return_data(answer.get(..answer.len() - 1).unwrap_or_default()),
        op::SAY_TOO_MUCH => set_return_data(&[&answer[..], &[1]].concat()),
        _ => set_return_data(&answer),
    }
    Ok(())
}

/// Owner, then amount.
fn answer(position: &AccountInfo, other: Option<&AccountInfo>) -> Result<[u8; 40], ProgramError> {
    let data = position.try_borrow_data()?;
    let mut answer = [0; 40];
    let bytes = data.get(8..48).ok_or(ProgramError::AccountDataTooSmall)?;
    answer.copy_from_slice(bytes);
    let number = |bytes: &[u8]| bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let bonus = match other {
        Some(account) => number(&account.try_borrow_data()?).unwrap_or(0),
        None => 0,
    };
    let amount = number(&bytes[32..]).unwrap_or(0).wrapping_add(bonus);
    answer[32..].copy_from_slice(&amount.to_le_bytes());
    Ok(answer)
}

/// Writes where nothing may be written: past the library's own check, as a malicious program would.
fn spoil(account: &AccountInfo) -> ProgramResult {
    if let Some(byte) = account.try_borrow_mut_data()?.last_mut() {
        *byte ^= 1;
    }
    Ok(())
}

fn call<'a>(program: &AccountInfo<'a>, account: Option<&AccountInfo<'a>>, data: &[u8]) -> ProgramResult {
    let given: Vec<_> = account.into_iter().cloned().collect();
    let call = Instruction {
        program_id: *program.key,
        accounts: given
            .iter()
            .map(|info| AccountMeta::new_readonly(*info.key, false))
            .collect(),
        data: data.to_vec(),
    };
    invoke(&call, &[&given[..], std::slice::from_ref(program)].concat())
}

#[cfg(not(feature = "no-entrypoint"))]
mod entrypoint {
    use solana_account_info::AccountInfo;
    use solana_program_entrypoint::{ProgramResult, entrypoint};
    use solana_pubkey::Pubkey;

    entrypoint!(process_instruction);

    fn process_instruction(_: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
        super::run(accounts, data)
    }
}
