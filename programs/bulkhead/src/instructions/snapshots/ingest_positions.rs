//! Reads positions from the host's accounts and appends them to a shard.
//!
//! The shard's cranker signs. The positions follow as remaining accounts, in ascending order of their keys; of a linked
//! ledger, with what they refer to (`ingest_linked.rs`). The program
//! reads owner and amount itself, so nothing can be added that the host does not state, and ascending keys make every
//! position count once. A position that is left out shows at the seal, where the sum must be the host's own total. Like
//! every observation, the instruction must be standalone in its transaction: what was borrowed for the length of a
//! transaction is never a position.
//!
//! It emits no event. The shard itself stores how many positions and how much have been read, and an event would cost
//! more than reading a position.

use anchor_lang::prelude::*;
use bulkhead_core::{
    CoreError,
    acts::{self, ReaderKeys},
    snapshots::{
        frontier::Intake,
        layout::{self, linked},
    },
    words::same_key,
};
use bulkhead_interface::{
    constants::{ledger_mode, shard_flag},
    layout::{Domain, Ledger, SnapshotShard},
};

use super::ingest_linked::ingest_linked;
use crate::{authority::*, current::Current, curve::Syscalls, error::BulkheadError};

#[derive(Accounts)]
pub struct IngestPositions<'info> {
    pub cranker: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(mut)]
    pub shard: AccountLoader<'info, SnapshotShard>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_ingest_positions<'info>(ctx: Context<'info, IngestPositions<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (domain, ledger) = (accounts.domain.current()?, accounts.ledger.current()?);
    if linked::is_linked(&ledger) {
        drop((domain, ledger));
        return ingest_linked(accounts, ctx.remaining_accounts);
    }
    require!(ledger.mode == ledger_mode::BYTES, BulkheadError::WrongLedgerMode);
    let head = IngestAccounts {
        cranker: accounts.cranker.key,
        domain: (accounts.domain.as_ref().key, &domain),
        ledger: (accounts.ledger.as_ref().key, &ledger),
        shard: (accounts.shard.as_ref().key, &mut *accounts.shard.current_mut()?),
        instructions: (accounts.instructions.key, &accounts.instructions.try_borrow_data()?),
    };
    if is_accumulating(head.shard.1) {
        head.ingest::<true>(|reader| take_all(reader, ctx.remaining_accounts))
    } else {
        head.ingest::<false>(|reader| take_all(reader, ctx.remaining_accounts))
    }
}

/// Does every position also enter the shard's accumulator?
#[inline(always)]
pub fn is_accumulating(shard: &SnapshotShard) -> bool {
    shard.flags & shard_flag::ACCUMULATES != 0
}

fn take_all<'key, const ACCUMULATES: bool>(
    reader: &mut Reader<'_, 'key, ACCUMULATES>,
    positions: &'key [AccountInfo],
) -> Result<()> {
    for account in positions {
        reader.take(account.key, account.owner, &account.try_borrow_data()?)?;
    }
    Ok(())
}

/// The accounts before the positions, with their addresses. The cranker has already signed.
pub struct IngestAccounts<'a> {
    pub cranker: &'a Pubkey,
    pub domain: (&'a Pubkey, &'a Domain),
    pub ledger: (&'a Pubkey, &'a Ledger),
    pub shard: (&'a Pubkey, &'a mut SnapshotShard),
    pub instructions: (&'a Pubkey, &'a [u8]),
}

impl IngestAccounts<'_> {
    /// Checks who may read which ledger into which shard, and then lets `positions` pass the positions in. The caller has
    /// checked that the ledger is read by its bytes, and whether the shard accumulates.
    #[inline(always)]
    pub fn ingest<'key, const ACCUMULATES: bool>(
        self,
        positions: impl FnOnce(&mut Reader<'_, 'key, ACCUMULATES>) -> Result<()>,
    ) -> Result<()> {
        let ((domain_key, domain), (ledger_key, ledger), (_, shard)) = (self.domain, self.ledger, self.shard);
        require_standalone_in(self.instructions.0, self.instructions.1)?;
        let keys = ReaderKeys {
            cranker: self.cranker,
            domain: domain_key,
            ledger: ledger_key,
        };
        acts::require_reader(domain, shard, &keys).map_err(core_error)?;
        let layout = layout::Reader::new(ledger);
        positions(&mut Reader {
            program: &ledger.program,
            layout: &layout,
            intake: Intake::new(shard).map_err(core_error)?,
        })
    }
}

/// Appends positions of one ledger to one shard. Whether it accumulates is decided once a call: a position would pay ten
/// units for looking.
pub struct Reader<'shard, 'key, const ACCUMULATES: bool> {
    program: &'shard Pubkey,
    layout: &'shard layout::Reader<'shard>,
    intake: Intake<'shard, 'key>,
}

impl<'key, const ACCUMULATES: bool> Reader<'_, 'key, ACCUMULATES> {
    /// Appends the next position: an account's address, its owner program and its data.
    #[inline(always)]
    pub fn take(&mut self, key: &'key Pubkey, program: &Pubkey, data: &[u8]) -> Result<()> {
        if !same_key(program.as_array(), self.program.as_array()) {
            return Err(core_error(CoreError::NotAPosition));
        }
        // The quick way passes no account of a layout that has more than one number.
        let Ok((owner, amount)) = self.layout.read_plain(data) else {
            return self.take_any(key, data);
        };
        self.append(key, owner, amount)
    }

    #[inline(always)]
    fn append(&mut self, key: &'key Pubkey, owner: &[u8; 32], amount: u64) -> Result<()> {
        let appended = self.intake.append(key.as_array(), owner, amount).map_err(core_error);
        if !ACCUMULATES {
            return appended;
        }
        appended?;
        self.intake
            .accumulate(key.as_array(), owner, amount, &Syscalls)
            .map_err(core_error)
    }

    /// The same for every layout, with the reason of a refusal.
    #[inline(never)]
    fn take_any(&mut self, key: &'key Pubkey, data: &[u8]) -> Result<()> {
        let position = self.layout.read(data).map_err(core_error)?;
        self.append(key, position.owner, position.amount)?;
        if self.layout.counts_host_units() {
            self.intake.add_host_amount(position.host_amount).map_err(core_error)?;
        }
        Ok(())
    }
}
