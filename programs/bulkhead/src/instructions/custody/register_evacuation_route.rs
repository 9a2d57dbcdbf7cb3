//! Sets the one token account that a vault can be evacuated to.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. The route is chosen in peace, and
//! someone who holds every guardian key in an emergency still cannot choose another. The account's holder must have
//! sole control of it, and the account must accept any transfer. The program stores the holder and checks it again at
//! every use. Bulkhead's own accounts cannot be routes.

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

/// Is it the custody of a vault, the votes of a domain, or the pool of a restoration? Each address is derived from the
/// account's holder.
pub(in crate::instructions) fn is_own(account: &Pubkey, holder: &Pubkey) -> bool {
    [SEED_CUSTODY, SEED_VOTES, SEED_POOL]
        .into_iter()
        .any(|seed| Pubkey::find_program_address(&[seed, holder.as_ref()], &crate::ID).0 == *account)
}
