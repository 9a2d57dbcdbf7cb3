//! The program's entry point: Anchor's, and shorter paths for `ingest_positions` and the calls of `short`.
//!
//! Anchor creates an `AccountInfo` for every account, which costs more than reading a position. A snapshot reads a
//! million positions, so this path reads them where the runtime put them. Checks and effects are the instruction's own.
//! Any input that is not clearly an ingestion or a short call takes Anchor's path.

mod account;
mod release;
mod short;
mod transfer;

use std::slice;

use anchor_lang::{
    Discriminator,
    prelude::*,
    solana_program::entrypoint::{self, ProgramResult, SUCCESS},
};
use bulkhead_interface::{
    constants::ledger_mode,
    layout::{Domain, Ledger, SnapshotShard},
};

use account::Header;

use crate::{
    error::BulkheadError,
    instruction,
    instructions::{IngestAccounts, is_accumulating},
};

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
            Some(ingestion) => Some(ingestion.run()),
            None => short::run(input),
        }
    };
    let result = match result {
        Some(result) => result.map_err(refused),
        // SAFETY: as above; nothing has been written.
        None => unsafe { through_anchor(input) },
    };
    match result {
        Ok(()) => SUCCESS,
        Err(error) => error.into(),
    }
}

/// Logs an error as Anchor does.
#[cold]
#[inline(never)]
fn refused(error: Error) -> ProgramError {
    error.log();
    error.into()
}

/// Number of accounts of `ingest_positions` before its positions.
const HEADS: usize = 5;
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
                    header.info()
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
            let is_other = layout.mode != ledger_mode::BYTES || is_accumulating(tree);
            if cranker.is_signer == 0 || shard.is_writable == 0 || is_other {
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
        self.head.ingest::<false>(|reader| {
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
