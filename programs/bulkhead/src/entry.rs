//! The program's entry point: Anchor's, and a shorter path for `ingest_positions`.
//!
//! Anchor creates an `AccountInfo` for every account, which costs more than reading a position. A snapshot reads a
//! million positions, so this path reads them where the runtime put them. Checks and effects are the instruction's own.
//! Any input that is not clearly an ingestion takes Anchor's path.

use std::slice;

use anchor_lang::{
    Discriminator, ZeroCopy,
    prelude::*,
    solana_program::entrypoint::{self, MAX_PERMITTED_DATA_INCREASE, NON_DUP_MARKER, ProgramResult, SUCCESS},
};
use bulkhead_core::words::{same_key, word};
use bulkhead_interface::{
    constants::{VERSION, ledger_mode},
    layout::{Domain, Ledger, SnapshotShard},
};

use crate::{error::BulkheadError, instruction, instructions::IngestAccounts};

entrypoint::custom_heap_default!();
entrypoint::custom_panic_default!();

/// The function that the runtime calls.
///
/// # Safety
/// `input` is the runtime's serialized input.
#[cfg_attr(target_os = "solana", unsafe(no_mangle))]
pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
    // SAFETY: `input` is the runtime's, as above.
    let result = unsafe {
        match Ingestion::find(input) {
            Some(ingestion) => ingestion.run().map_err(|error| {
                error.log();
                error.into()
            }),
            None => through_anchor(input),
        }
    };
    match result {
        Ok(()) => SUCCESS,
        Err(error) => error.into(),
    }
}

/// Number of accounts of `ingest_positions` before its positions.
const HEADS: usize = 5;
/// Bytes after an account's data: room to grow, and its rent epoch.
const TRAILER: usize = MAX_PERMITTED_DATA_INCREASE + 8;

/// An account as the runtime serializes it, followed by its data.
#[repr(C)]
struct Header {
    marker: u8,
    is_signer: u8,
    is_writable: u8,
    executable: u8,
    original_len: u32,
    key: Pubkey,
    owner: Pubkey,
    lamports: u64,
    len: usize,
}

const _: () = assert!(size_of::<Header>() == 88 && align_of::<Header>() == 8);

impl Header {
    /// The account at `at`, unless it repeats an earlier one.
    ///
    /// # Safety
    /// An account must begin at `at` in the runtime's input, and nothing else may borrow it.
    #[inline(always)]
    unsafe fn read(at: *mut u8) -> Option<&'static mut Self> {
        // SAFETY: accounts begin at multiples of eight, and the input outlives the program.
        unsafe { (*at == NON_DUP_MARKER).then(|| &mut *at.cast::<Self>()) }
    }

    /// Offset where the data begins.
    #[inline(always)]
    fn start(&mut self) -> *mut u8 {
        std::ptr::from_mut(self).wrapping_add(1).cast()
    }

    /// Offset where the next account begins, or the instruction's data: after the data, padded to eight bytes, and the
    /// trailer.
    #[inline(always)]
    fn next(&mut self) -> *mut u8 {
        let len = self.len.wrapping_add(7) & !7;
        self.start().wrapping_add(len.wrapping_add(TRAILER))
    }

    /// The data.
    ///
    /// # Safety
    /// The header must lie in the runtime's input, and nothing else may borrow the data.
    #[inline(always)]
    unsafe fn data(&mut self) -> &'static mut [u8] {
        // SAFETY: the runtime puts `len` bytes behind the header.
        unsafe { slice::from_raw_parts_mut(self.start(), self.len) }
    }

    /// The account as a Bulkhead account, if it clearly is one: owned by this program, of that type and version.
    ///
    /// # Safety
    /// As for [`Header::data`].
    #[inline(always)]
    unsafe fn load<T: ZeroCopy>(&mut self, version: impl FnOnce(&T) -> u8) -> Option<&'static mut T> {
        if !same_key(self.owner.as_array(), crate::ID.as_array()) {
            return None;
        }
        // SAFETY: as above.
        let (discriminator, rest) = unsafe { self.data() }.split_first_chunk_mut()?;
        if word(discriminator) != word(T::DISCRIMINATOR.first_chunk()?) {
            return None;
        }
        let account: &mut T = bytemuck::try_from_bytes_mut(rest.get_mut(..size_of::<T>())?).ok()?;
        (version(account) == VERSION).then_some(account)
    }

    /// The account in the form Anchor works with.
    ///
    /// # Safety
    /// As for [`Header::data`].
    #[inline(always)]
    unsafe fn info(&'static mut self) -> Result<AccountInfo<'static>> {
        // The runtime's own deserialization keeps the length here too.
        self.original_len = u32::try_from(self.len).map_err(|_| ProgramError::InvalidAccountData)?;
        // SAFETY: as above.
        let data = unsafe { self.data() };
        Ok(AccountInfo::new(
            &self.key,
            self.is_signer != 0,
            self.is_writable != 0,
            &mut self.lamports,
            data,
            &self.owner,
            self.executable != 0,
        ))
    }
}

/// Anchor's path. It does what the runtime's own deserialization does, without checking additions that cannot overflow:
/// those checks are a tenth of the cost of a call with many accounts.
///
/// # Safety
/// `input` is the runtime's serialized input, and nothing else borrows it.
unsafe fn through_anchor(input: *mut u8) -> ProgramResult {
    // SAFETY: the input is the number of accounts, the accounts, the instruction's data with its length
    // in front, and the program's id. An account that repeats an earlier one is eight bytes, of which
    // the first is the earlier one's number.
    unsafe {
        let count = *input.cast::<usize>();
        let mut accounts: Vec<AccountInfo> = Vec::with_capacity(count);
        let mut at = input.add(8);
        for _ in 0..count {
            let account = match Header::read(at) {
                Some(header) => {
                    at = header.next();
                    header.info()?
                }
                None => {
                    let earlier = accounts.get(usize::from(*at)).cloned();
                    at = at.add(8);
                    earlier.ok_or(ProgramError::InvalidAccountData)?
                }
            };
            accounts.push(account);
        }
        let data = slice::from_raw_parts(at.add(8), *at.cast::<usize>());
        let program_id = &*data.as_ptr_range().end.cast::<Pubkey>();
        // The heap is discarded after the call, so accounts that are never dropped cost nothing.
        crate::entry(program_id, accounts.leak(), data)
    }
}

/// An `ingest_positions` call, recognized by the types of its accounts: no other instruction has a ledger and a shard
/// at these indices. The instruction's data lies behind the last position, so its discriminator is checked when it is
/// reached. If it is another instruction, everything is undone.
struct Ingestion {
    head: IngestAccounts<'static>,
    positions: usize,
    first: *mut u8,
}

impl Ingestion {
    /// Detects whether the input is such a call. Other instructions are rejected after three accounts.
    ///
    /// # Safety
    /// `input` is the runtime's serialized input.
    #[inline(always)]
    unsafe fn find(input: *mut u8) -> Option<Self> {
        // SAFETY: the input is the number of accounts, the accounts, and the instruction's data with
        // its length in front. No account is read beyond their number or borrowed twice.
        unsafe {
            let positions = (*input.cast::<usize>()).checked_sub(HEADS).filter(|count| *count > 0)?;
            let cranker = Header::read(input.add(8))?;
            let domain = Header::read(cranker.next())?;
            let ledger = Header::read(domain.next())?;
            let layout: &Ledger = ledger.load(|ledger: &Ledger| ledger.version)?;
            let shard = Header::read(ledger.next())?;
            let instructions = Header::read(shard.next())?;
            let first = instructions.next();
            let sysvar: &[u8] = instructions.data();
            let tree = shard.load(|shard: &SnapshotShard| shard.version)?;
            let state = domain.load(|domain: &Domain| domain.version)?;
            // A ledger that is read otherwise takes the long way, which also names what is wrong.
            if cranker.is_signer == 0 || shard.is_writable == 0 || layout.mode != ledger_mode::BYTES {
                return None;
            }
            Some(Self {
                head: IngestAccounts {
                    cranker: &cranker.key,
                    domain: (&domain.key, state),
                    ledger: (&ledger.key, layout),
                    shard: (&shard.key, tree),
                    instructions: (&instructions.key, sysvar),
                },
                positions,
                first,
            })
        }
    }

    /// Runs the call.
    ///
    /// # Safety
    /// It must have been found in the runtime's input.
    #[inline(always)]
    unsafe fn run(self) -> Result<()> {
        self.head.ingest(|reader| {
            let mut at = self.first;
            for _ in 0..self.positions {
                // SAFETY: the walk continues after `head`, account by account.
                let Some(account) = (unsafe { Header::read(at) }) else {
                    // SAFETY: as above; the byte says which account it repeats.
                    let is_head = usize::from(unsafe { *at }) < HEADS;
                    require!(!is_head, BulkheadError::NotAPosition);
                    return err!(BulkheadError::PositionsNotAscending);
                };
                // SAFETY: as above.
                let data = unsafe { account.data() };
                at = account.next();
                reader.take(&account.key, &account.owner, data)?;
            }
            // SAFETY: the instruction's data follows the accounts, preceded by its length.
            let data = unsafe { slice::from_raw_parts(at.wrapping_add(8), *at.cast::<usize>()) };
            require!(
                data.starts_with(instruction::IngestPositions::DISCRIMINATOR),
                ErrorCode::InstructionFallbackNotFound
            );
            Ok(())
        })
    }
}
