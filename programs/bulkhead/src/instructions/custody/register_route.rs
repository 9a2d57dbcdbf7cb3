//! Sets the one token account a vault can be evacuated to.
//!
//! During set-up by the namespace key, afterwards by a matured proposal: a route is chosen in peace,
//! and whoever holds every guardian key in an emergency still cannot choose another.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_interface::{constants::kind, layout::Vault};

use crate::{authority::*, current::Current, error::BulkheadError, events::RouteRegistered, token};

/// Payload of a `REGISTER_ROUTE` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct RegisterRouteArgs {
    /// The vault.
    pub vault: Pubkey,
    /// Token account of the same mint.
    pub destination: Pubkey,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterRouteArgs)]
pub struct RegisterRoute<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(
        mut,
        address = args.vault @ BulkheadError::ForeignAccount,
        constraint = vault.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount
    )]
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        address = args.destination @ BulkheadError::WrongDestination,
        constraint = !destination.is_frozen() @ BulkheadError::WrongDestination
    )]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
}

pub fn handle_register_route(ctx: Context<RegisterRoute>, args: RegisterRouteArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(kind::REGISTER_ROUTE, &args)?;
    let previous = {
        let mut vault = accounts.vault.current_mut()?;
        require_keys_neq!(args.destination, vault.custody, BulkheadError::WrongDestination);
        token::require_receiver(
            accounts.destination.as_ref().as_ref(),
            &vault.mint,
            &vault.token_program,
        )?;
        core::mem::replace(&mut vault.route, args.destination)
    };
    emit_cpi!(RouteRegistered {
        vault: args.vault,
        previous,
        destination: args.destination,
    });
    Ok(())
}
