//! A token program's `TransferChecked`, called with the accounts where the runtime put them.
//!
//! The types are those of the runtime's interface for C, which copies nothing: `sol_invoke_signed_c`.

use anchor_lang::prelude::*;

use super::account::Header;

/// `TransferChecked` of both token programs.
const TRANSFER_CHECKED: u8 = 12;

/// The accounts of a transfer. `authority` is a PDA of this program.
pub struct TransferChecked<'a> {
    pub program: Pubkey,
    pub from: &'a mut Header,
    pub mint: &'a mut Header,
    pub to: &'a mut Header,
    pub authority: &'a mut Header,
}

#[repr(C)]
struct Meta {
    key: *const Pubkey,
    is_writable: bool,
    is_signer: bool,
}

#[repr(C)]
struct Instruction {
    program: *const Pubkey,
    accounts: *const Meta,
    accounts_len: u64,
    data: *const u8,
    data_len: u64,
}

#[repr(C)]
struct Info {
    key: *const Pubkey,
    lamports: *mut u64,
    data_len: u64,
    data: *mut u8,
    owner: *const Pubkey,
    rent_epoch: u64,
    is_signer: bool,
    is_writable: bool,
    executable: bool,
}

#[repr(C)]
struct Bytes {
    start: *const u8,
    len: u64,
}

#[repr(C)]
struct Seeds {
    start: *const Bytes,
    len: u64,
}

impl TransferChecked<'_> {
    /// Moves `amount`, signed by `authority` with its seeds.
    ///
    /// # Safety
    /// The headers must lie in the runtime's input, and nothing may borrow their data.
    #[inline(always)]
    pub unsafe fn invoke(self, amount: u64, decimals: u8, seeds: &[&[u8]; 5]) -> Result<()> {
        let [a, b, c, d, e, f, g, h] = amount.to_le_bytes();
        let data = [TRANSFER_CHECKED, a, b, c, d, e, f, g, h, decimals];
        let metas = [
            meta(self.from, true, false),
            meta(self.mint, false, false),
            meta(self.to, true, false),
            meta(self.authority, false, true),
        ];
        let instruction = Instruction {
            program: &raw const self.program,
            accounts: metas.as_ptr(),
            accounts_len: 4,
            data: data.as_ptr(),
            data_len: 10,
        };
        let infos = [info(self.from), info(self.mint), info(self.to), info(self.authority)];
        let seeds = seeds.map(|seed| Bytes {
            start: seed.as_ptr(),
            len: seed.len() as u64,
        });
        let signer = Seeds {
            start: seeds.as_ptr(),
            len: 5,
        };
        // SAFETY: everything pointed to outlives the call, and its layouts are the runtime's.
        let code = unsafe { call(&raw const instruction, infos.as_ptr(), 4, &raw const signer, 1) };
        match code {
            0 => Ok(()),
            code => Err(ProgramError::from(code).into()),
        }
    }
}

#[inline(always)]
fn meta(account: &Header, is_writable: bool, is_signer: bool) -> Meta {
    Meta {
        key: &raw const account.key,
        is_writable,
        is_signer,
    }
}

#[inline(always)]
fn info(account: &mut Header) -> Info {
    Info {
        key: &raw const account.key,
        lamports: &raw mut account.lamports,
        data_len: account.len as u64,
        data: account.start(),
        owner: &raw const account.owner,
        // Deprecated; the runtime reads it and uses it for nothing.
        rent_epoch: u64::MAX,
        is_signer: account.is_signer != 0,
        is_writable: account.is_writable != 0,
        executable: account.executable != 0,
    }
}

#[cfg(target_os = "solana")]
unsafe fn call(
    instruction: *const Instruction,
    infos: *const Info,
    infos_len: u64,
    signers: *const Seeds,
    signers_len: u64,
) -> u64 {
    use anchor_lang::solana_program::program::syscalls::sol_invoke_signed_c;
    // SAFETY: as for the caller.
    unsafe { sol_invoke_signed_c(instruction.cast(), infos.cast(), infos_len, signers.cast(), signers_len) }
}

/// Only the VM calls programs.
#[cfg(not(target_os = "solana"))]
unsafe fn call(_: *const Instruction, _: *const Info, _: u64, _: *const Seeds, _: u64) -> u64 {
    ProgramError::UnsupportedSysvar.into()
}
