//! A bank of one token as it was deployed years ago, for good: no guard, no meter, no word of Bulkhead. It has an admin,
//! a limit for each withdrawal, and a bug: it pays whoever asks and never looks whether they are owed anything.
//!
//! Its state is one account: admin, token account, limit. Tests show what a domain can do for such a host.

use solana_program::{
    account_info::AccountInfo,
    entrypoint::ProgramResult,
    instruction::{AccountMeta, Instruction},
    program::invoke_signed,
    program_error::ProgramError,
    pubkey::Pubkey,
};

/// Seed of the PDA that holds the tokens.
pub const SEED: &[u8] = b"holder";
/// Bytes of the bank's account: admin, token account, limit.
pub const LEN: usize = 72;
/// Offset of `admin` in it.
pub const ADMIN: usize = 0;
/// Offset of `limit` in it.
pub const LIMIT: usize = 64;
/// Offset of the amount in a token account.
const AMOUNT: usize = 64;
/// `Transfer` of a token program.
const TRANSFER: u8 = 3;

/// First byte of the instruction data.
pub mod op {
    /// `amount: u64`. Accounts: bank, tokens, destination, holder, token program.
    pub const WITHDRAW: u8 = 0;
    /// `limit: u64`. Accounts: bank, admin.
    pub const SET_LIMIT: u8 = 1;
    /// `admin: Pubkey`. Accounts: bank, admin.
    pub const SET_ADMIN: u8 = 2;
    /// Moves everything. Accounts: bank, tokens, destination, holder, token program, admin.
    pub const SWEEP: u8 = 3;
}

/// The PDA that holds the tokens.
#[must_use]
pub fn holder(program: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED], program).0
}

/// The bytes of a bank's account.
#[must_use]
pub fn bank(admin: &Pubkey, tokens: &Pubkey, limit: u64) -> Vec<u8> {
    [admin.as_ref(), tokens.as_ref(), &limit.to_le_bytes()].concat()
}

/// Decodes the instruction and carries it out.
///
/// # Errors
/// The runtime's.
pub fn process(program: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let (op, request) = data.split_first().ok_or(ProgramError::InvalidInstructionData)?;
    let (account, rest) = accounts.split_first().ok_or(ProgramError::NotEnoughAccountKeys)?;
    if account.owner != program {
        return Err(ProgramError::IllegalOwner);
    }
    match (*op, rest) {
        (op::WITHDRAW, [tokens, destination, holder, _token_program]) => {
            let amount = word(request)?;
            if amount > word(field(account, LIMIT..LEN)?.as_slice())? {
                return Err(ProgramError::InvalidArgument);
            }
            pay(program, account, [tokens, destination, holder], amount, accounts)
        }
        (op::SET_LIMIT, [admin]) => {
            require_admin(account, admin)?;
            write(account, LIMIT, &word(request)?.to_le_bytes())
        }
        (op::SET_ADMIN, [admin]) if request.len() == 32 => {
            require_admin(account, admin)?;
            write(account, ADMIN, request)
        }
        (op::SWEEP, [tokens, destination, holder, _token_program, admin]) => {
            require_admin(account, admin)?;
            let all = word(field(tokens, AMOUNT..AMOUNT + 8)?.as_slice())?;
            pay(program, account, [tokens, destination, holder], all, accounts)
        }
        _ => Err(ProgramError::InvalidInstructionData),
    }
}

fn require_admin(account: &AccountInfo, admin: &AccountInfo) -> ProgramResult {
    if !admin.is_signer || field(account, ADMIN..ADMIN + 32)? != admin.key.as_ref() {
        return Err(ProgramError::MissingRequiredSignature);
    }
    Ok(())
}

/// Pays out of the bank's token account to wherever it says.
fn pay(
    program: &Pubkey,
    account: &AccountInfo,
    [tokens, destination, holder]: [&AccountInfo; 3],
    amount: u64,
    accounts: &[AccountInfo],
) -> ProgramResult {
    if field(account, 32..LIMIT)? != tokens.key.as_ref() {
        return Err(ProgramError::InvalidArgument);
    }
    let transfer = Instruction {
        program_id: *tokens.owner,
        accounts: vec![
            AccountMeta::new(*tokens.key, false),
            AccountMeta::new(*destination.key, false),
            AccountMeta::new_readonly(*holder.key, true),
        ],
        data: [&[TRANSFER][..], &amount.to_le_bytes()].concat(),
    };
    let (_, bump) = Pubkey::find_program_address(&[SEED], program);
    invoke_signed(&transfer, accounts, &[&[SEED, &[bump]]])
}

fn field(account: &AccountInfo, range: core::ops::Range<usize>) -> Result<Vec<u8>, ProgramError> {
    let data = account.try_borrow_data()?;
    let bytes = data.get(range).ok_or(ProgramError::InvalidAccountData)?;
    Ok(bytes.to_vec())
}

fn write(account: &AccountInfo, from: usize, bytes: &[u8]) -> ProgramResult {
    let mut data = account.try_borrow_mut_data()?;
    let place = data
        .get_mut(from..from + bytes.len())
        .ok_or(ProgramError::InvalidAccountData)?;
    place.copy_from_slice(bytes);
    Ok(())
}

fn word(bytes: &[u8]) -> Result<u64, ProgramError> {
    let bytes = bytes.try_into().map_err(|_| ProgramError::InvalidInstructionData)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(not(feature = "no-entrypoint"))]
solana_program::entrypoint!(process);
