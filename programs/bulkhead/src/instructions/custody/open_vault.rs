//! Creates a custody vault and the token account that holds its funds.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. Its breaker already exists and names
//! the vault's PDA as its only meter authority. So no two vaults share a limit, and nobody else can use it up. The
//! instruction refuses mints that let someone else move, lock or burn the vault's tokens.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::VERSION,
    layout::{OutflowBreaker, Vault, space},
    seeds::{SEED_CUSTODY, SEED_VAULT},
};

use crate::{authority::*, current::Current, error::BulkheadError, events::VaultOpened, token};

/// Payload of an `OpenVault` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OpenVaultArgs {
    /// Number among the vaults of this mint.
    pub index: u8,
    /// Compartment of the vault; the same as the breaker's.
    pub compartment: u8,
    /// The host's signer PDA, which may release.
    pub operator: Pubkey,
    /// Breaker that meters releases.
    pub breaker: Pubkey,
    /// Token that it holds.
    pub mint: Pubkey,
    /// How long a queued release waits: from an hour, so that the guardians can answer, to 90 days.
    pub queue_seconds: i64,
    /// Number of the one ledger whose claims the vault's tokens pay after an evacuation; 255 for none.
    pub ledger: u8,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OpenVaultArgs)]
pub struct OpenVault<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        address = args.breaker @ BulkheadError::ForeignAccount,
        constraint = breaker.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount
    )]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    #[account(address = args.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        init,
        payer = payer,
        space = space::<Vault>(),
        seeds = [SEED_VAULT, config.domain.key().as_ref(), args.mint.as_ref(), &[args.index]],
        bump
    )]
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        init,
        payer = payer,
        seeds = [SEED_CUSTODY, vault.key().as_ref()],
        bump,
        token::mint = mint,
        token::authority = vault,
        token::token_program = token_program
    )]
    pub custody: Box<InterfaceAccount<'info, TokenAccount>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_vault(ctx: Context<OpenVault>, args: OpenVaultArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    token::require_safe_mint(accounts.mint.as_ref().as_ref())?;
    let (domain, vault_key, custody) = (
        accounts.config.domain.key(),
        accounts.vault.key(),
        accounts.custody.key(),
    );
    {
        let mut vault = accounts.vault.load_init()?;
        vault.version = VERSION;
        vault.bump = ctx.bumps.vault;
        vault.index = args.index;
        vault.compartment = args.compartment;
        vault.decimals = accounts.mint.decimals;
        vault.domain = domain;
        vault.mint = args.mint;
        vault.custody = custody;
        vault.token_program = accounts.token_program.key();
        vault.operator = args.operator;
        vault.breaker = args.breaker;
        vault.queue_seconds = args.queue_seconds;
        vault.ledger = args.ledger;
        acts::open_vault(&mut vault, &vault_key, &*accounts.breaker.current()?).map_err(core_error)?;
    }
    emit_cpi!(VaultOpened {
        domain,
        vault: vault_key,
        mint: args.mint,
        custody,
        operator: args.operator,
        breaker: args.breaker,
    });
    Ok(())
}

impl OpenVaultArgs {
    /// Checks whether a vault with these arguments could work.
    pub fn check(&self) -> Result<()> {
        acts::check_queue(self.queue_seconds).map_err(core_error)
    }
}
