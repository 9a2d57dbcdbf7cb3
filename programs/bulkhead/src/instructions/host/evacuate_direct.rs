//! Anyone has the host move the tokens of a direct vault to their route, once the guardians have confirmed.
//!
//! Bulkhead calls exactly the registered instruction, signed by the domain's PDA, and judges it by its effect. The route
//! has to gain exactly what the source loses, but for the mint's fee, and at least the declared share of the source's
//! balance; nobody else may have got power over the route. The callee is treated as hostile, for it has the domain's
//! signature: it can write the source, the route and accounts of its own program, and nothing else, so that nothing else
//! the domain has authority over can change. The runtime does not let it back into Bulkhead. It can be run again for what
//! arrives in the source later.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts,
    custody::migration::{Balances, Moved},
    mint::fee_bps,
    token::powers,
};
use bulkhead_interface::{
    constants::route_fault,
    layout::{DirectVault, Domain, Incident, Migration},
};

use crate::{
    authority::{clock, core_error},
    call::{Decided, StoredInstruction, stored_behind},
    current::Current,
    error::BulkheadError,
    events::DirectVaultEvacuated,
    token,
};

#[derive(Accounts)]
pub struct EvacuateDirect<'info> {
    #[account(constraint = migration.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub domain: AccountLoader<'info, Domain>,
    pub migration: AccountLoader<'info, Migration>,
    #[account(mut)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(mut)]
    pub direct_vault: AccountLoader<'info, DirectVault>,
    /// CHECK: matched by the address the direct vault stores.
    #[account(address = direct_vault.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the program that the stored instruction names.
    pub callee: UncheckedAccount<'info>,
}

pub fn handle_evacuate_direct<'info>(ctx: Context<'info, EvacuateDirect<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (source, route) = accounts.ends(ctx.remaining_accounts)?;
    let due = accounts.due(source, route)?;
    let moved = if due == 0 {
        None
    } else {
        Some(accounts.move_tokens(source, route, ctx.remaining_accounts)?)
    };
    let Some(moved) = moved else { return Ok(()) };
    emit!(DirectVaultEvacuated {
        incident: accounts.incident.key(),
        direct_vault: accounts.direct_vault.key(),
        destination: *route.key,
        before: moved.before,
        moved: moved.received,
        fee: moved.fee,
        after: moved.after,
    });
    Ok(())
}

impl<'info> EvacuateDirect<'info> {
    /// Source and route among the accounts of the host's instruction.
    fn ends(
        &self,
        given: &'info [AccountInfo<'info>],
    ) -> Result<(&'info AccountInfo<'info>, &'info AccountInfo<'info>)> {
        let vault = self.direct_vault.current()?;
        let find = |key: &Pubkey| given.iter().find(|account| account.key == key);
        let source = find(&vault.source).ok_or(BulkheadError::AccountsMismatch)?;
        let route = find(&vault.route).ok_or(BulkheadError::AccountsMismatch)?;
        Ok((source, route))
    }

    /// The amount that has to move.
    #[inline(never)]
    fn due(&self, source: &AccountInfo, route: &AccountInfo) -> Result<u64> {
        let fault = self.route_fault(route)?;
        let held = token::balance(route).unwrap_or(0);
        let mut vault = self.direct_vault.current_mut()?;
        let balance = token::holding(source, &vault.mint)?;
        let incident = self.incident.current()?;
        acts::evacuate_direct(
            &*self.domain.current()?,
            &*self.migration.current()?,
            (&self.incident.key(), &incident),
            &mut vault,
            (fault, held),
            balance,
        )
        .map_err(core_error)
    }

    fn route_fault(&self, route: &AccountInfo) -> Result<u8> {
        let vault = self.direct_vault.current()?;
        Ok(acts::direct_route_fault(&vault, route.owner, &route.try_borrow_data()?))
    }

    /// Calls the host, and records what it did.
    #[inline(never)]
    fn move_tokens(&self, source: &AccountInfo, route: &AccountInfo, given: &[AccountInfo<'info>]) -> Result<Moved> {
        let instruction: StoredInstruction = stored_behind::<DirectVault>(self.direct_vault.as_ref())?;
        let fee_bps = fee_bps(&self.mint.try_borrow_data()?).map_err(|_| BulkheadError::UnsafeTransferFee)?;
        let (source_before, destination_before) = (token::balance(source)?, token::balance(route)?);
        let powers_before = powers(&route.try_borrow_data()?);
        let decided = Decided::ByEvacuation {
            source: *source.key,
            route: *route.key,
        };
        instruction.run(&self.domain, &self.callee, given, decided)?;
        // The domain often holds the route, and the callee had its signature.
        let is_unchanged =
            powers(&route.try_borrow_data()?) == powers_before && self.route_fault(route)? == route_fault::NONE;
        require!(is_unchanged, BulkheadError::RouteChanged);
        let mut vault = self.direct_vault.current_mut()?;
        let balances = Balances {
            source_before,
            source_after: token::holding(source, &vault.mint)?,
            destination_before,
            destination_after: token::balance(route)?,
        };
        let mut incident = self.incident.current_mut()?;
        acts::evacuated_direct(&mut incident, &mut vault, &balances, fee_bps, clock()?).map_err(core_error)
    }
}
