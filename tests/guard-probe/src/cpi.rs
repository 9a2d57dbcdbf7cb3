//! Calls as lean hosts make them: nothing is cloned or allocated, and only the byte that is wanted is
//! read back.

use solana_account_info::AccountInfo;
use solana_instruction::AccountMeta;
use solana_program_error::ProgramResult;
use solana_pubkey::Pubkey;

/// Calls `program`, with no seeds to sign for. The caller must hold no borrow of what `accounts` point at.
#[cfg(target_os = "solana")]
#[inline(always)]
pub fn invoke(program: &Pubkey, metas: &[AccountMeta], data: &[u8], accounts: &[AccountInfo]) -> ProgramResult {
    let instruction = RawInstruction {
        metas: RawVec::of(metas),
        data: RawVec::of(data),
        program: *program,
    };
    // SAFETY: what the call takes, in the layout it takes; it lasts until the call returns.
    let result = unsafe {
        sol_invoke_signed_rust(
            (&raw const instruction).cast(),
            accounts.as_ptr().cast(),
            accounts.len() as u64,
            core::ptr::null(),
            0,
        )
    };
    if result == SUCCESS { Ok(()) } else { Err(result.into()) }
}

/// The program that set the return data last, and its first byte.
#[cfg(target_os = "solana")]
#[inline(always)]
pub fn answer() -> Option<([u8; 32], u8)> {
    let (mut program, mut byte) = ([0; 32], 0);
    // SAFETY: room for one byte and for a key.
    let len = unsafe { sol_get_return_data(&raw mut byte, 1, program.as_mut_ptr()) };
    (len > 0).then_some((program, byte))
}

#[cfg(target_os = "solana")]
use {
    solana_define_syscall::definitions::{sol_get_return_data, sol_invoke_signed_rust},
    solana_program_entrypoint::SUCCESS,
};

/// An instruction in the layout that the runtime reads, that of `StableInstruction`.
#[cfg(target_os = "solana")]
#[repr(C)]
struct RawInstruction {
    metas: RawVec,
    data: RawVec,
    program: Pubkey,
}

/// A vector in that layout.
#[cfg(target_os = "solana")]
#[repr(C)]
struct RawVec {
    at: u64,
    capacity: usize,
    len: usize,
}

#[cfg(target_os = "solana")]
impl RawVec {
    #[inline(always)]
    fn of<T>(items: &[T]) -> Self {
        Self {
            at: items.as_ptr() as u64,
            capacity: items.len(),
            len: items.len(),
        }
    }
}

/// There is nobody to call outside the VM.
#[cfg(not(target_os = "solana"))]
pub fn invoke(_: &Pubkey, _: &[AccountMeta], _: &[u8], _: &[AccountInfo]) -> ProgramResult {
    Err(solana_program_error::ProgramError::InvalidArgument)
}

/// Nobody answers outside the VM.
#[cfg(not(target_os = "solana"))]
pub const fn answer() -> Option<([u8; 32], u8)> {
    None
}
