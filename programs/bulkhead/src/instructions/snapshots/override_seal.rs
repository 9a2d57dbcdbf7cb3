//! Seals a snapshot although its sum is not the host's total: the council has looked at both and
//! says which difference it accepts.
//!
//! A matured proposal, and only while the domain is held by the snapshot's incident. The proposal
//! names the root, so everybody's position in it: other shards, or the same shards of other
//! positions, are refused, and so is a host's total that has moved since. The difference stays in
//! the snapshot for everyone to see. Choosing the snapshot is still the vote's.

use anchor_lang::prelude::*;
use bulkhead_core::layout;
use bulkhead_interface::{
    constants::{kind, snapshot_flag},
    layout::{Incident, Ledger, Snapshot},
};

use super::{complete, host_total, require_held, seal};
use crate::{authority::*, current::Current, error::BulkheadError, events::SealOverridden};

/// Arguments of `override_seal`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct OverrideSealArgs {
    /// The snapshot, and with it incident and ledger.
    pub snapshot: Pubkey,
    /// Root the shards must give.
    pub root: [u8; 32],
    /// Sum of all leaves. Native units.
    pub total: u64,
    /// Leaves.
    pub count: u64,
    /// The host's own total. Native units, rounded down; 0 when it cannot be read, and
    /// `u64::MAX` when it does not fit.
    pub host_total: u64,
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
    /// CHECK: only read, through the layout.
    #[account(constraint = total_account.key() == ledger.current()?.total_account @ BulkheadError::ForeignAccount)]
    pub total_account: UncheckedAccount<'info>,
}

pub fn handle_override_seal<'info>(ctx: Context<'info, OverrideSeal<'info>>, args: OverrideSealArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let config = &accounts.config;
    config.authorize(kind::OVERRIDE_SEAL, &args)?;
    let event = {
        let mut snapshot = accounts.snapshot.current_mut()?;
        require_held(&*config.domain.current()?, &snapshot.incident)?;
        complete(&mut snapshot, accounts.snapshot.key(), ctx.remaining_accounts)?;
        let host_total = native_total(&*accounts.ledger.current()?, &accounts.total_account);
        require!(
            (snapshot.root, snapshot.total, snapshot.count, host_total)
                == (args.root, args.total, args.count, args.host_total),
            BulkheadError::OverrideMismatch
        );
        snapshot.flags |= snapshot_flag::OVERRIDDEN;
        snapshot.excess = args.total.saturating_sub(host_total);
        snapshot.shortfall = host_total.saturating_sub(args.total);
        seal(&mut snapshot, &mut *accounts.incident.current_mut()?)?;
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
        }
    };
    emit_cpi!(event);
    Ok(())
}

/// The host's total in the unit of the leaves. A robbed host may have lost it, or have nonsense in
/// it, and that must not stop the council: an account that is gone, that another program owns or that
/// is too short counts as 0, a number that does not fit as the greatest that does.
fn native_total(ledger: &Ledger, account: &AccountInfo) -> u64 {
    let Ok(total) = host_total(ledger, account) else {
        return 0;
    };
    let native = if layout::counts_host_units(ledger) {
        layout::native(&ledger.scale, total)
    } else {
        u64::try_from(total).ok()
    };
    native.unwrap_or(u64::MAX)
}
