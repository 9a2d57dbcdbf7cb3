//! Sets the one token account a vault can be evacuated to.
//!
//! During set-up by the setup authority, afterwards by a matured proposal: a route is chosen in peace,
//! and whoever holds every guardian key in an emergency still cannot choose another. It has to be its holder's alone, and
//! take any transfer; who holds it is kept, and looked at again whenever it is used. Accounts of Bulkhead's own are no
//! routes.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::{
    acts::{self, Route},
    token::check_fit,
};
use bulkhead_interface::{
    layout::Vault,
    seeds::{SEED_CUSTODY, SEED_POOL, SEED_VOTES},
};

use crate::{authority::*, current::Current, error::BulkheadError, events::EvacuationRouteRegistered, token};

/// Payload of a `RegisterEvacuationRoute` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct RegisterEvacuationRouteArgs {
    /// The vault.
    pub vault: Pubkey,
    /// Token account of the same mint.
    pub destination: Pubkey,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterEvacuationRouteArgs)]
pub struct RegisterEvacuationRoute<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(
        mut,
        address = args.vault @ BulkheadError::ForeignAccount,
        constraint = vault.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount
    )]
    pub vault: AccountLoader<'info, Vault>,
    #[account(address = args.destination @ BulkheadError::WrongDestination)]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
}

pub fn handle_register_evacuation_route(
    ctx: Context<RegisterEvacuationRoute>,
    args: RegisterEvacuationRouteArgs,
) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let account: &AccountInfo = accounts.destination.as_ref().as_ref();
    let holder = accounts.destination.owner;
    let route = Route {
        key: args.destination,
        holder,
        is_fit: check_fit(&account.try_borrow_data()?).is_ok(),
        is_own: holder == args.vault || is_own(&args.destination, &holder),
    };
    let previous = {
        let mut vault = accounts.vault.current_mut()?;
        token::require_receiver(account, &vault.mint, &vault.token_program)?;
        acts::register_evacuation_route(&mut vault, &route, accounts.config.proposal_slot()?).map_err(core_error)?
    };
    emit_cpi!(EvacuationRouteRegistered {
        vault: args.vault,
        previous,
        destination: args.destination,
    });
    Ok(())
}

/// Is it custody of a vault, the votes of a domain, or the pool of a restoration? Each is derived from who holds it.
fn is_own(account: &Pubkey, holder: &Pubkey) -> bool {
    [SEED_CUSTODY, SEED_VOTES, SEED_POOL]
        .into_iter()
        .any(|seed| Pubkey::find_program_address(&[seed, holder.as_ref()], &crate::ID).0 == *account)
}
