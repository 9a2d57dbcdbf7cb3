//! Anyone moves a vault's whole balance to its evacuation route, once the guardians have confirmed.
//!
//! It can only move the whole balance, only to the route, only while the route still has its registered holder, and
//! only in the incident it was confirmed for. Afterwards the vault pays no release until an unpause that was proposed
//! later, and releases queued before stand still; both also hold for an empty vault. What they are owed is kept for them
//! out of what is moved, if the queue is a ledger, which must be passed then. Tokens that arrive in the vault later can be
//! moved again. Each move satisfies, in the vault: before = moved + fee + after. There may be any number of
//! vaults; the evacuation may stop anywhere and be resumed.
//!
//! Once the escape is due, it stops a queue also where nobody has confirmed, and moves nothing then.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, Queue},
    custody::{migration, route_fault},
};
use bulkhead_interface::layout::{Domain, Incident, Ledger, Migration, Vault};

use super::{Payment, Signature, of_queue_mut};
use crate::{
    authority::{clock, core_error},
    current::{Current, if_there},
    error::BulkheadError,
    events::VaultEvacuated,
    token,
};

#[derive(Accounts)]
pub struct Evacuate<'info> {
    #[account(address = vault.current()?.domain @ BulkheadError::ForeignAccount)]
    pub domain: AccountLoader<'info, Domain>,
    /// CHECK: the incident's migration; it need not exist where the escape is due, and then nothing is moved.
    pub migration: UncheckedAccount<'info>,
    #[account(mut)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: matched by the address the vault stores.
    #[account(mut)]
    pub custody: UncheckedAccount<'info>,
    /// CHECK: the vault's route.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    pub token_program: UncheckedAccount<'info>,
    /// The ledger of the vault's queue, if it has one.
    #[account(mut)]
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_evacuate(ctx: Context<Evacuate>) -> Result<()> {
    let accounts = &ctx.accounts;
    let at = clock()?;
    let (incident_key, destination) = (accounts.incident.key(), accounts.destination.key());
    let payment = Payment {
        vault: accounts.vault.as_ref(),
        custody: &accounts.custody,
        destination: &accounts.destination,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
    };
    let (amount, signature) = {
        let migration = if_there::<Migration>(&accounts.migration)?;
        let incident = accounts.incident.current()?;
        let mut vault = accounts.vault.current_mut()?;
        payment.check_linked(&vault)?;
        let balance = token::balance(payment.custody)?;
        // A route that cannot be read counts as faulty and receives nothing.
        let held = token::balance(payment.destination).unwrap_or(0);
        let fault = route_fault(
            &vault,
            payment.destination.owner,
            &payment.destination.try_borrow_data()?,
        );
        let incident = (&incident_key, &*incident);
        let route = (&destination, fault, held);
        let domain = accounts.domain.current()?;
        let mut ledger = of_queue_mut(&accounts.queue_ledger)?;
        let queue = Queue {
            key: accounts.vault.as_ref().key,
            vault: &mut vault,
            ledger: ledger.as_deref_mut(),
        };
        let amount = acts::evacuate(&domain, migration.as_deref(), incident, queue, route, balance, at.now)
            .map_err(core_error)?;
        (amount, Signature::of(&vault))
    };
    let moved = if amount == 0 {
        migration::nothing()
    } else {
        payment.pay(&signature, amount, None)?
    };
    {
        let mut incident = accounts.incident.current_mut()?;
        let mut vault = accounts.vault.current_mut()?;
        acts::evacuated(&mut incident, &mut vault, &moved, at).map_err(core_error)?;
    }
    emit!(VaultEvacuated {
        incident: incident_key,
        vault: accounts.vault.key(),
        destination,
        before: moved.before,
        moved: moved.received,
        fee: moved.fee,
        after: moved.after,
    });
    Ok(())
}
