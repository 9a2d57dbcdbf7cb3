//! The smallest host there can be. Its operations differ in nothing but the guard's check, so the
//! difference of their compute units is what the check costs.
//!
//! Account 0 is the board. Instruction data: [`encode`]. To meter, accounts 1 to 3 are the breaker,
//! its authority, which signs, and Bulkhead; what `meter_outflow` takes follows the request.

mod cpi;

use bulkhead_guard::{BULKHEAD_ID, GuardError, check, check_account};
use bulkhead_interface::constants::verdict::ALLOWED;
use solana_account_info::AccountInfo;
use solana_instruction::AccountMeta;
use solana_program_error::{ProgramError, ProgramResult};

/// What the last byte of the instruction data asks for.
pub mod op {
    /// Everything around the check and no check: the zero of the measurement.
    pub const NOTHING: u8 = 0;
    /// `check`, over raw bytes.
    pub const CHECK: u8 = 1;
    /// `check_account`, over what an `AccountInfo` gives.
    pub const CHECK_ACCOUNT: u8 = 2;
    /// `meter_outflow` by CPI, its verdict read.
    pub const METER: u8 = 3;
    /// Any instruction of Bulkhead by CPI, as a host could send it from the middle of its own.
    pub const FORWARD: u8 = 4;
}

const LEN: usize = 46;

/// `expected board ‖ now ‖ action ‖ compartment ‖ op`, integers little endian.
pub fn encode(op: u8, compartment: u8, action: u32, now: i64, expected_board: &[u8; 32]) -> [u8; LEN] {
    let mut data = [0; LEN];
    data[..32].copy_from_slice(expected_board);
    data[32..40].copy_from_slice(&now.to_le_bytes());
    data[40..44].copy_from_slice(&action.to_le_bytes());
    data[44] = compartment;
    data[45] = op;
    data
}

/// What [`encode`] packs.
struct Request<'a> {
    expected_board: &'a [u8; 32],
    now: i64,
    action: u32,
    compartment: u8,
    op: u8,
}

#[inline(always)]
fn decode(data: &[u8]) -> Option<Request<'_>> {
    let data: &[u8; LEN] = data.first_chunk()?;
    let (expected_board, rest) = data.split_first_chunk()?;
    let (now, rest) = rest.split_first_chunk()?;
    let (action, rest) = rest.split_first_chunk()?;
    let [compartment, op] = rest.try_into().ok()?;
    let (now, action) = (i64::from_le_bytes(*now), u32::from_le_bytes(*action));
    Some(Request {
        expected_board,
        now,
        action,
        compartment,
        op,
    })
}

/// Does what the request asks for.
pub fn run(accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let request = decode(data).ok_or(ProgramError::InvalidInstructionData)?;
    let board = accounts.first().ok_or(ProgramError::NotEnoughAccountKeys)?;
    if request.op == op::METER {
        return meter(accounts, data.get(LEN..).unwrap_or_default());
    }
    if request.op == op::FORWARD {
        return forward(accounts, data.get(LEN..).unwrap_or_default());
    }
    let answer = match request.op {
        op::CHECK => bytes(board, &request),
        op::CHECK_ACCOUNT => account(board, &request),
        _ => nothing(board, &request),
    };
    answer.map_err(|error| ProgramError::Custom(error as u32))
}

// A function each, as a host's handlers are: in one, the operations would fight for its registers.

#[inline(never)]
fn nothing(board: &AccountInfo, request: &Request) -> Result<(), GuardError> {
    core::hint::black_box((board, request));
    Ok(())
}

#[inline(never)]
fn bytes(board: &AccountInfo, request: &Request) -> Result<(), GuardError> {
    let (key, owner, data) = (board.key.as_array(), board.owner.as_array(), board.data.borrow());
    check(
        request.expected_board,
        key,
        owner,
        &data,
        request.compartment,
        request.action,
        request.now,
    )
}

#[inline(never)]
fn account(board: &AccountInfo, request: &Request) -> Result<(), GuardError> {
    check_account(
        request.expected_board,
        board.key,
        board.owner,
        board.try_borrow_data(),
        request.compartment,
        request.action,
        request.now,
    )
}

/// A host's metering: only an answer that Bulkhead itself gave to this very call counts.
#[inline(never)]
fn meter(accounts: &[AccountInfo], call: &[u8]) -> ProgramResult {
    let [board, breaker, authority, bulkhead, ..] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    if bulkhead.key.as_array() != &BULKHEAD_ID {
        return Err(ProgramError::IncorrectProgramId);
    }
    let metas = [
        AccountMeta::new(*breaker.key, false),
        AccountMeta::new_readonly(*board.key, false),
        AccountMeta::new_readonly(*authority.key, true),
    ];
    // The runtime finds an instruction's accounts by key: those at hand serve, in their order.
    cpi::invoke(bulkhead.key, &metas, call, accounts.get(..3).unwrap_or_default())?;
    match cpi::answer() {
        Some((program, ALLOWED)) if program == BULKHEAD_ID => Ok(()),
        _ => Err(ProgramError::InvalidAccountData),
    }
}

/// Bulkhead is the last account; those between the board and it are the instruction's own.
#[inline(never)]
fn forward(accounts: &[AccountInfo], call: &[u8]) -> ProgramResult {
    let [_, between @ .., bulkhead] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let meta = |account: &AccountInfo| AccountMeta {
        pubkey: *account.key,
        is_signer: account.is_signer,
        is_writable: account.is_writable,
    };
    let metas: Vec<_> = between.iter().map(meta).collect();
    cpi::invoke(bulkhead.key, &metas, call, between)
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
