//! Seals a snapshot whose sum is not the host's total: the council has examined both and states which difference it
//! accepts.
//!
//! It requires a matured proposal and a domain frozen by the snapshot's incident. The proposal names the root, and
//! thereby everyone's position: other shards, or the same shards with other positions, are refused. The host's total
//! may change in the meantime, within the bounds the proposal states, because anyone may be able to change it. The
//! override replaces any earlier seal by crank, until the ledger is restored: a wrong seal is never final. Of two
//! overrides the one that was proposed later wins, whichever is cranked first. The difference stays in the snapshot for
//! everyone to see. Choosing the snapshot is still up to the vote.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Sealing, Stated};
use bulkhead_interface::{
    layout::{Incident, Ledger, Snapshot},
    seeds::SEED_RESTORATION,
};

use super::{frozen_factors, gather, host_total, is_restored};
use crate::{authority::*, current::Current, error::BulkheadError, events::SealOverridden};

/// Arguments of `override_seal`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct OverrideSealArgs {
    /// The snapshot, and with it incident and ledger.
    pub snapshot: Pubkey,
    /// Root that the shards must produce.
    pub root: [u8; 32],
    /// Sum of all leaves. Native units.
    pub total: u64,
    /// Number of leaves.
    pub count: u64,
    /// The most that `total` may exceed the host's own total at the seal. Native units; the host's total counts as 0
    /// when it cannot be read, and as `u64::MAX` when it does not fit.
    pub max_excess: u64,
    /// The most that `total` may fall short of the host's own total at the seal.
    pub max_shortfall: u64,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OverrideSealArgs)]
pub struct OverrideSeal<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub incident: AccountLoader<'info, Incident>,
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(
        mut,
        constraint = snapshot.key() == args.snapshot @ BulkheadError::ForeignAccount,
        constraint = snapshot.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount,
        constraint = snapshot.current()?.incident == incident.key() @ BulkheadError::ForeignAccount,
        constraint = snapshot.current()?.ledger == ledger.key() @ BulkheadError::ForeignAccount
    )]
    pub snapshot: AccountLoader<'info, Snapshot>,
    /// CHECK: read only, through the layout.
    #[account(constraint = total_account.key() == ledger.current()?.total_account @ BulkheadError::ForeignAccount)]
    pub total_account: UncheckedAccount<'info>,
    /// CHECK: address of the ledger's restoration in this incident; it may not exist yet.
    #[account(seeds = [SEED_RESTORATION, incident.key().as_ref(), &[ledger.current()?.index]], bump)]
    pub restoration: UncheckedAccount<'info>,
}

pub fn handle_override_seal<'info>(ctx: Context<'info, OverrideSeal<'info>>, args: OverrideSealArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let config = &accounts.config;
    require_standalone(&config.instructions)?;
    config.authorize(&args)?;
    let key = accounts.snapshot.key();
    let factors = frozen_factors(&*accounts.ledger.current()?, accounts.snapshot.as_ref())?;
    let event = {
        let mut snapshot = accounts.snapshot.current_mut()?;
        let gathered = gather((&key, &snapshot), ctx.remaining_accounts)?;
        let ledger = accounts.ledger.current()?;
        let sealing = Sealing {
            domain: &*config.domain.current()?,
            ledger: &ledger,
            host_total: host_total(&ledger, &accounts.total_account)?,
            factors,
            is_restored: is_restored(&accounts.restoration),
            at: clock()?,
        };
        let host_total = acts::override_seal(
            &mut snapshot,
            &mut *accounts.incident.current_mut()?,
            gathered,
            &args.stated(),
            config.proposal_slot()?.unwrap_or_default(),
            &sealing,
        )
        .map_err(core_error)?;
        SealOverridden {
            snapshot: args.snapshot,
            incident: snapshot.incident,
            ledger: snapshot.ledger,
            root: snapshot.root,
            total: snapshot.total,
            count: snapshot.count,
            host_total,
            excess: snapshot.excess,
            shortfall: snapshot.shortfall,
            seals: snapshot.seals,
        }
    };
    emit_cpi!(event);
    Ok(())
}

impl OverrideSealArgs {
    fn stated(&self) -> Stated {
        Stated {
            root: self.root,
            total: self.total,
            count: self.count,
            max_excess: self.max_excess,
            max_shortfall: self.max_shortfall,
        }
    }
}
