//! A host that does with the signatures it gets whatever its instruction says: a script of calls of any program, signed by
//! whoever signed for it and by its own PDA. So tests try everything that an exploited host could.

use solana_program::{
    account_info::AccountInfo,
    entrypoint::ProgramResult,
    instruction::{AccountMeta, Instruction},
    program::invoke_signed,
    program_error::ProgramError,
    pubkey::Pubkey,
};

/// Seed of the PDA that holds the host's tokens.
pub const SEED: &[u8] = b"hostile";
/// No amount is filled in.
pub const AS_IT_IS: u8 = 255;
/// Offset of the amount in a token account.
const AMOUNT: usize = 64;

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The called program.
    pub program: u8,
    /// Its accounts: number among the instruction's accounts, whether it signs, whether it is writable.
    pub accounts: Vec<(u8, bool, bool)>,
    /// Its data.
    pub data: Vec<u8>,
    /// The token account whose balance is written into the data behind its first byte, or [`AS_IT_IS`].
    pub amount_of: u8,
}

/// The instruction data of a script.
///
/// # Panics
/// When a call has more than 255 accounts or bytes.
#[must_use]
pub fn script(calls: &[Call]) -> Vec<u8> {
    let short = |len: usize| u8::try_from(len).expect("a short script");
    let mut data = Vec::new();
    for call in calls {
        data.extend([call.program, call.amount_of, short(call.accounts.len())]);
        for (index, signs, writable) in &call.accounts {
            data.extend([*index, u8::from(*signs) | u8::from(*writable) << 1]);
        }
        data.push(short(call.data.len()));
        data.extend(&call.data);
    }
    data
}

/// The PDA that signs for the host.
#[must_use]
pub fn pda(program: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED], program).0
}

/// Runs a script.
///
/// # Errors
/// Whatever a call returns.
pub fn process(program_id: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let mut rest = data;
    while !rest.is_empty() {
        rest = run(program_id, accounts, rest).ok_or(ProgramError::InvalidInstructionData)??;
    }
    Ok(())
}

/// Runs the first call, and returns what follows it.
fn run<'d>(program_id: &Pubkey, accounts: &[AccountInfo], data: &'d [u8]) -> Option<Result<&'d [u8], ProgramError>> {
    let ([program, amount_of, count], rest) = data.split_first_chunk()?;
    let (places, rest) = rest.split_at_checked(usize::from(*count) * 2)?;
    let (len, rest) = rest.split_first()?;
    let (own, rest) = rest.split_at_checked(usize::from(*len))?;
    let meta = |place: &[u8]| {
        let account = accounts.get(usize::from(*place.first()?))?;
        let flags = place.get(1)?;
        Some(AccountMeta {
            pubkey: *account.key,
            is_signer: flags & 1 != 0,
            is_writable: flags & 2 != 0,
        })
    };
    let mut own = own.to_vec();
    if *amount_of != AS_IT_IS {
        let held = accounts.get(usize::from(*amount_of))?.try_borrow_data().ok()?;
        own.get_mut(1..9)?.copy_from_slice(held.get(AMOUNT..AMOUNT + 8)?);
    }
    let call = Instruction {
        program_id: *accounts.get(usize::from(*program))?.key,
        accounts: places.chunks(2).map(meta).collect::<Option<_>>()?,
        data: own,
    };
    let (_, bump) = Pubkey::find_program_address(&[SEED], program_id);
    Some(invoke_signed(&call, accounts, &[&[SEED, &[bump]]]).map(|()| rest))
}

#[cfg(not(feature = "no-entrypoint"))]
solana_program::entrypoint!(process);
