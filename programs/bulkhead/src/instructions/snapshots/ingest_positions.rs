//! Reads positions out of the host's accounts and appends them to a shard.
//!
//! The shard's cranker signs; the positions follow as remaining accounts, in ascending order of
//! their keys. The program reads owner and amount itself, so nothing can be put in that the host
//! does not say, and ascending keys make every position count once. What is left out shows at the
//! seal, where the sum has to be the host's own total.

use anchor_lang::prelude::*;
use bulkhead_core::{frontier, layout, words};
use bulkhead_interface::layout::{Domain, Ledger, SnapshotShard};

use super::{frontier_error, layout_error, require_held};
use crate::{authority::require_version, error::BulkheadError, events::PositionsIngested};

#[derive(Accounts)]
pub struct IngestPositions<'info> {
    pub cranker: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(mut)]
    pub shard: AccountLoader<'info, SnapshotShard>,
}

pub fn handle_ingest_positions<'info>(ctx: Context<'info, IngestPositions<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let mut shard = accounts.shard.load_mut()?;
    require_version(shard.version)?;
    require_keys_eq!(shard.domain, accounts.domain.key(), BulkheadError::ForeignAccount);
    require_keys_eq!(shard.ledger, accounts.ledger.key(), BulkheadError::ForeignAccount);
    require_keys_eq!(shard.cranker, accounts.cranker.key(), BulkheadError::NotShardCranker);
    require_held(&*accounts.domain.load()?, &shard.incident)?;
    let ledger = accounts.ledger.load()?;
    require_version(ledger.version)?;
    for account in ctx.remaining_accounts {
        if !words::same(account.owner.as_ref(), ledger.program.as_ref()) {
            return err!(BulkheadError::NotAPosition);
        }
        let data = account.try_borrow_data()?;
        let position = layout::read_position(&ledger, &data).map_err(layout_error)?;
        frontier::append(&mut shard, account.key.as_array(), position.owner, position.amount)
            .map_err(frontier_error)?;
    }
    emit!(PositionsIngested {
        shard: accounts.shard.key(),
        seen: shard.seen,
        count: shard.count,
        sum: shard.sum,
    });
    Ok(())
}
