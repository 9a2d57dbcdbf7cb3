//! Executes a proposal that restores the state the ballot chose: frozen -> recovering.
//!
//! Anyone may crank it once both proposal and ballot allow it. A proposal for anything but the winner can never be
//! executed, and a winner without a proposal cannot either. Further ledgers of the same incident follow one by one
//! while recovering. The ledger's log records the restoration: claims of an earlier checkpoint have been paid, so no
//! later incident can restore one.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Chosen, Plan};
use bulkhead_interface::layout::Ballot;

use super::{begin::*, copy_terms};
use crate::{authority::*, current::Current, error::BulkheadError, events::RestorationChosen};

/// Payload of a `ChooseRestoration` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ChooseRestorationArgs {
    /// The incident it ends.
    pub incident: Pubkey,
    /// The sealed snapshot that claims are paid by.
    pub snapshot: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// The snapshot's root: a snapshot that is sealed again with other leaves is a different state.
    pub root: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
pub struct ChooseRestoration<'info> {
    pub config: ConfigAuthority<'info>,
    pub begin: BeginRestoration<'info>,
    pub ballot: AccountLoader<'info, Ballot>,
}

pub fn handle_choose_restoration(ctx: Context<ChooseRestoration>, args: ChooseRestorationArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    require_keys_eq!(
        args.incident,
        accounts.begin.incident.key(),
        BulkheadError::IncidentNotOpen
    );
    require_keys_eq!(
        args.snapshot,
        accounts.begin.snapshot.key(),
        BulkheadError::ForeignAccount
    );
    let event = accounts.choose(&args, ctx.bumps.begin.restoration)?;
    accounts.begin.note()?;
    emit_cpi!(event);
    Ok(())
}

impl ChooseRestoration<'_> {
    #[inline(never)]
    fn choose(&self, args: &ChooseRestorationArgs, bump: u8) -> Result<RestorationChosen> {
        let (_, new) = self.begin.named(self.config.domain.key(), bump)?;
        let plan = Plan {
            incident: args.incident,
            snapshot: args.snapshot,
            root: args.root,
            ledger_index: args.ledger_index,
        };
        let mut domain = self.config.domain.current_mut()?;
        let mut restoration = self.begin.restoration.load_init()?;
        let snapshot = self.begin.snapshot.current()?;
        let previous_phase = domain.state;
        let chosen = Chosen {
            ballot: &*self.ballot.current()?,
            snapshot: &snapshot,
        };
        acts::choose_restoration(
            &mut domain,
            &mut *self.begin.incident.current_mut()?,
            &mut restoration,
            chosen,
            (&plan, &new),
            clock()?,
        )
        .map_err(core_error)?;
        copy_terms(&mut restoration, &self.begin.terms)?;
        Ok(RestorationChosen {
            domain: new.domain,
            incident: plan.incident,
            restoration: new.key,
            snapshot: plan.snapshot,
            pool: new.pool,
            total: snapshot.total,
            count: snapshot.count,
            previous_phase,
            phase: domain.state,
        })
    }
}
