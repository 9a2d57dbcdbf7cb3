//! Registers how tokens that the host keeps itself are evacuated: by an instruction of the host, to one route.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. Instruction, route and least share are
//! chosen in peace. The route has to meet what a vault's evacuation route has to meet. Registering a source again
//! replaces everything but the record of what was moved.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::{
    acts::{self, DirectSource, Route},
    hash::sha256,
    mint::decimals,
    token::check_fit,
};
use bulkhead_interface::{
    constants::{MAX_PAYLOAD, VERSION},
    layout::{DirectVault, space},
    seeds::SEED_DIRECT_VAULT,
};

use crate::{
    authority::*, call::StoredInstruction, current::if_there, error::BulkheadError, events::DirectVaultRegistered,
    instructions::custody::is_own, pda, token,
};

/// Payload of a `RegisterDirectVault` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct RegisterDirectVaultArgs {
    /// The host's token account that is emptied.
    pub source: Pubkey,
    /// Token account of the same mint that receives an evacuation.
    pub route: Pubkey,
    /// Number of the only ledger whose claims its tokens pay after an evacuation, or 255 for none.
    pub ledger: u8,
    /// Least share of the source's balance that has to arrive, for hosts that take a fee. Basis points; 10000 for all.
    pub least_bps: u16,
    /// The host's instruction, called as the domain. It has to write the source and the route.
    pub instruction: StoredInstruction,
}

impl RegisterDirectVaultArgs {
    /// Does the instruction write this account?
    fn writes(&self, key: &Pubkey) -> bool {
        let accounts = &self.instruction.accounts;
        accounts
            .iter()
            .any(|account| account.pubkey == *key && account.is_writable)
    }

    /// Refuses what could never run.
    pub fn check(&self, domain: &Pubkey) -> Result<()> {
        let is_written = self.writes(&self.source) && self.writes(&self.route);
        require!(is_written, BulkheadError::WrongSource);
        self.instruction.check(domain)
    }
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterDirectVaultArgs)]
pub struct RegisterDirectVault<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: the direct vault's PDA, by its seeds; created by its first registration.
    #[account(mut, seeds = [SEED_DIRECT_VAULT, config.domain.key().as_ref(), args.source.as_ref()], bump)]
    pub direct_vault: UncheckedAccount<'info>,
    #[account(address = args.source @ BulkheadError::WrongSource)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(address = args.route @ BulkheadError::WrongDestination)]
    pub route: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the source's mint; whether it is safe is checked by its bytes.
    #[account(address = source.mint @ BulkheadError::ForeignAccount)]
    pub mint: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_register_direct_vault(ctx: Context<RegisterDirectVault>, args: RegisterDirectVaultArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let domain = accounts.config.domain.key();
    args.check(&domain)?;
    let mut bytes = Vec::new();
    args.instruction.serialize(&mut bytes)?;
    require!(bytes.len() <= MAX_PAYLOAD, BulkheadError::PayloadTooLong);
    let bump = ctx.bumps.direct_vault;
    let mut vault = Box::new(DirectVault {
        version: VERSION,
        bump,
        ledger: args.ledger,
        instruction_len: u16::try_from(bytes.len()).map_err(|_| BulkheadError::PayloadTooLong)?,
        domain,
        mint: accounts.mint.key(),
        instruction_hash: sha256(&[&bytes]),
        registered_ts: clock()?.now,
        ..if_there::<DirectVault>(&accounts.direct_vault)?
            .map(|earlier| *earlier)
            .unwrap_or(bytemuck::Zeroable::zeroed())
    });
    accounts.write_ends(&mut vault, &args)?;
    let seeds: &[&[u8]] = &[SEED_DIRECT_VAULT, domain.as_ref(), args.source.as_ref(), &[bump]];
    let account = accounts.direct_vault.as_ref();
    let space = space::<DirectVault>().saturating_add(bytes.len());
    pda::make_room(account, &accounts.payer, accounts.system_program.key(), space, seeds)?;
    pda::fill_with(account, &*vault, &bytes)?;
    emit_cpi!(DirectVaultRegistered {
        domain,
        direct_vault: account.key(),
        source: args.source,
        route: args.route,
        callee: args.instruction.program_id,
        instruction_hash: vault.instruction_hash,
    });
    Ok(())
}

impl RegisterDirectVault<'_> {
    /// Both ends of the evacuation, checked by their bytes.
    #[inline(never)]
    fn write_ends(&self, vault: &mut DirectVault, args: &RegisterDirectVaultArgs) -> Result<()> {
        token::require_safe_mint(&self.mint)?;
        vault.decimals = decimals(&self.mint.try_borrow_data()?).ok_or(BulkheadError::ForeignAccount)?;
        let (source, route): (&AccountInfo, &AccountInfo) = ((*self.source).as_ref(), (*self.route).as_ref());
        vault.token_program = *source.owner;
        token::require_receiver(route, &vault.mint, &vault.token_program)?;
        let (from, to) = (self.source.owner, self.route.owner);
        let source = DirectSource {
            key: args.source,
            holder: from,
            is_own: is_own(&args.source, &from),
            is_written: args.writes(&args.source) && args.writes(&args.route),
        };
        let route = Route {
            key: args.route,
            holder: to,
            is_fit: check_fit(&route.try_borrow_data()?).is_ok(),
            is_own: is_own(&args.route, &to),
        };
        let slot = self.config.proposal_slot()?;
        acts::register_direct_vault(vault, &source, &route, args.least_bps, slot).map_err(core_error)
    }
}
