//! Asks the host for the value of a position whose bytes alone do not state it, and appends the answer to a shard.
//!
//! The shard's cranker signs, and only while the domain is frozen. As everywhere, owner program, length and filters
//! decide which accounts are positions; only owner and amount come from the call. The call gets no signature and no
//! writable account, the runtime does not let it re-enter this program, and its answer counts only if the registered
//! program itself returned it. A call cannot be skipped: a failing call fails the transaction, and a position that is
//! left out shows at the seal. The instruction must be standalone in its transaction, so that nobody can manipulate
//! what the host values a position by.
//!
//! Remaining accounts: those that the ledger names, then each position with as many accounts of its own as the ledger
//! says. The cranker chooses these last ones, so the called program has to check every one of them.

use anchor_lang::{
    prelude::*,
    solana_program::{
        instruction::Instruction,
        program::{get_return_data, invoke},
    },
};
use bulkhead_core::{
    acts::{self, ReaderKeys},
    snapshots::{frontier::Intake, layout},
    words::same_key,
};
use bulkhead_interface::{
    constants::ledger_mode,
    layout::{Domain, Export, Ledger, SnapshotShard},
};

use crate::{authority::*, current::Current, curve::Syscalls, error::BulkheadError, events::PositionsIngested};

/// Length of an answer in bytes: owner, then amount.
const ANSWER: usize = 32 + 8;

#[derive(Accounts)]
pub struct IngestExport<'info> {
    pub cranker: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut)]
    pub shard: AccountLoader<'info, SnapshotShard>,
    pub ledger: AccountLoader<'info, Ledger>,
    /// CHECK: the program that the ledger names.
    #[account(constraint = export_program.key() == ledger.current()?.export.program @ BulkheadError::ForeignAccount)]
    pub export_program: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_ingest_export<'info>(ctx: Context<'info, IngestExport<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let keys = ReaderKeys {
        cranker: accounts.cranker.key,
        domain: accounts.domain.as_ref().key,
        ledger: accounts.ledger.as_ref().key,
    };
    acts::require_reader(&*accounts.domain.current()?, &*accounts.shard.current()?, &keys).map_err(core_error)?;
    let ledger = accounts.ledger.current()?;
    require!(ledger.mode == ledger_mode::EXPORT, BulkheadError::WrongLedgerMode);
    let fixed = usize::from(ledger.export.account_count);
    let (fixed, positions) = ctx
        .remaining_accounts
        .split_at_checked(fixed)
        .ok_or(BulkheadError::ForeignAccount)?;
    for (given, named) in fixed.iter().zip(&ledger.export.accounts) {
        require_keys_eq!(given.key(), *named, BulkheadError::ForeignAccount);
    }
    // The position, and accounts of its own that the cranker has chosen for it.
    let each = layout::linked::accounts_each(&ledger);
    for group in positions.chunks(each) {
        let (position, own) = group.split_first().ok_or(BulkheadError::LinkedAccountMissing)?;
        require!(group.len() == each, BulkheadError::LinkedAccountMissing);
        let is_position = same_key(position.owner.as_array(), ledger.program.as_array())
            && layout::accepts(&ledger, &position.try_borrow_data()?);
        require!(is_position, BulkheadError::NotAPosition);
        // Only the ledger stays borrowed over the call; the call does not receive it.
        let (owner, amount) = ask(&ledger.export, accounts.export_program.as_ref(), position, [fixed, own])?;
        let mut shard = accounts.shard.current_mut()?;
        let mut intake = Intake::new(&mut shard).map_err(core_error)?;
        intake
            .append(position.key.as_array(), &owner, amount)
            .map_err(core_error)?;
        intake
            .accumulate(position.key.as_array(), &owner, amount, &Syscalls)
            .map_err(core_error)?;
    }
    let shard = accounts.shard.current()?;
    emit!(PositionsIngested {
        shard: accounts.shard.key(),
        seen: shard.seen,
        count: shard.count,
        sum: shard.sum,
    });
    Ok(())
}

/// Calls the export for one position. Every account is passed read-only and as a non-signer, whatever it is in this
/// transaction.
fn ask<'info>(
    export: &Export,
    program: &AccountInfo<'info>,
    position: &AccountInfo<'info>,
    [fixed, own]: [&[AccountInfo<'info>]; 2],
) -> Result<([u8; 32], u64)> {
    let given = || std::iter::once(position).chain(fixed).chain(own);
    let name = export.data.get(..usize::from(export.data_len));
    let call = Instruction {
        program_id: export.program,
        accounts: given()
            .map(|info| AccountMeta::new_readonly(*info.key, false))
            .collect(),
        data: name.ok_or(BulkheadError::BadExport)?.to_vec(),
    };
    let infos: Vec<_> = given().chain([program]).cloned().collect();
    invoke(&call, &infos)?;
    // The runtime clears the return data before the call, so this is the call's own.
    let (answered, answer) = get_return_data().ok_or(BulkheadError::BadExport)?;
    require_keys_eq!(answered, export.program, BulkheadError::BadExport);
    let answer: [u8; ANSWER] = answer.try_into().map_err(|_| BulkheadError::BadExport)?;
    let (owner, amount) = answer.split_first_chunk().ok_or(BulkheadError::BadExport)?;
    let amount = amount.first_chunk().ok_or(BulkheadError::BadExport)?;
    Ok((*owner, u64::from_le_bytes(*amount)))
}
