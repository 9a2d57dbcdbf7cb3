//! Anyone restores a ledger without a vote, once the freeze has lasted for as long as was fixed in peace: frozen or
//! recovering -> recovering.
//!
//! Claims are paid by the state that was read in the incident and agrees with the host's total. Where none was sealed a
//! week after the escape is due, by the newest checkpoint that can be used and whose leaves are published, and without
//! such a checkpoint by what an override sealed. Each ledger has one restoration in an incident,
//! at one address: of an escape and a chosen state, the first one stays. It opens no action of the host, and the council
//! reopens the domain by a proposal as after any restoration.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, EscapeState};
use bulkhead_interface::{
    layout::{CheckpointLog, Domain, Snapshot},
    seeds::SEED_SNAPSHOT,
};

use crate::{
    authority::{clock, core_error},
    current::{Current, if_there},
    events::EscapeOpened,
    instructions::restoration::{begin::*, copy_terms},
};

#[event_cpi]
#[derive(Accounts)]
pub struct OpenEscape<'info> {
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    pub begin: BeginRestoration<'info>,
    /// CHECK: the snapshot read in the incident, by address; it may not exist.
    #[account(
        seeds = [SEED_SNAPSHOT, begin.incident.key().as_ref(), &[begin.snapshot.current()?.ledger_index]], bump
    )]
    pub own_snapshot: UncheckedAccount<'info>,
}

pub fn handle_open_escape(ctx: Context<OpenEscape>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = accounts.open(ctx.bumps.begin.restoration)?;
    accounts.begin.note()?;
    emit_cpi!(event);
    Ok(())
}

impl OpenEscape<'_> {
    #[inline(never)]
    fn open(&self, bump: u8) -> Result<EscapeOpened> {
        let begin = &self.begin;
        let (plan, new) = begin.named(self.domain.key(), bump)?;
        let snapshot = begin.snapshot.current()?;
        let own = if_there::<Snapshot>(&self.own_snapshot)?;
        let log = if_there::<CheckpointLog>(&begin.log)?;
        let state = EscapeState {
            snapshot: &snapshot,
            own: own.as_deref(),
            log: log.as_deref(),
        };
        let mut domain = self.domain.current_mut()?;
        let mut restoration = begin.restoration.load_init()?;
        let previous_phase = domain.state;
        acts::open_escape(
            &mut domain,
            &mut *begin.incident.current_mut()?,
            &mut restoration,
            &state,
            (&plan, &new),
            clock()?,
        )
        .map_err(core_error)?;
        copy_terms(&mut restoration, &begin.terms)?;
        Ok(EscapeOpened {
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
