//! Opens an insurance pool of a ledger, or announces new terms of an existing pool.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. Only in peace. New terms apply after a
//! cooldown and a window, so everyone who is in can leave first. Pools of one ledger are opened in their order of loss.
//! The instruction refuses mints that let someone else move, lock or burn the pool's tokens.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::VERSION,
    layout::{InsurancePool, InsuranceTerms, Ledger, space},
    seeds::{SEED_INSURANCE, SEED_INSURANCE_TOKENS},
};
use bytemuck::Zeroable;

use crate::{authority::*, current::Current, error::BulkheadError, events::InsuranceOpened, pda, token};

/// Arguments of `open_insurance`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct OpenInsuranceArgs {
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Order of loss: 0 pays first. At most 7.
    pub order: u8,
    /// Largest part of the assets that one restoration may take, in bps.
    pub cap_bps: u16,
    /// How long staked shares stay after their cooldown began: 1 to 90 days.
    pub cooldown_seconds: i64,
    /// How long cooled shares may be unstaked afterwards: 1 to 30 days.
    pub window_seconds: i64,
    /// The longest time that incidents keep exits closed before exits are open for a whole window: 7 to 180 days.
    pub freeze_seconds: i64,
    /// How long a restoration may be funded otherwise before stakers are slashed: an hour to 30 days.
    pub funding_seconds: i64,
    /// Assets that no shortfall may take. At least 1.
    pub minimum_assets: u64,
    /// The vaults that back the ledger, at most 4.
    pub vaults: Vec<Pubkey>,
    /// Detectors whose latch closes exits before anybody propagates it, at most 4.
    pub detectors: Vec<Pubkey>,
}

impl OpenInsuranceArgs {
    /// The terms, if they are within their bounds.
    pub fn terms(&self) -> Result<InsuranceTerms> {
        let mut terms = InsuranceTerms::zeroed();
        terms.cap_bps = self.cap_bps;
        terms.cooldown_seconds = self.cooldown_seconds;
        terms.window_seconds = self.window_seconds;
        terms.freeze_seconds = self.freeze_seconds;
        terms.funding_seconds = self.funding_seconds;
        terms.minimum_assets = self.minimum_assets;
        let is_short = fill(&mut terms.vaults, &self.vaults) && fill(&mut terms.detectors, &self.detectors);
        require!(is_short, BulkheadError::InsuranceTermsInvalid);
        acts::check_insurance_terms(self.order, &terms).map_err(core_error)?;
        Ok(terms)
    }
}

/// Copies a list to the beginning of `rows`, if it is no longer.
fn fill(rows: &mut [Pubkey], list: &[Pubkey]) -> bool {
    for (row, key) in rows.iter_mut().zip(list) {
        *row = *key;
    }
    list.len() <= rows.len()
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OpenInsuranceArgs)]
pub struct OpenInsurance<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        constraint = ledger.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount,
        constraint = ledger.current()?.index == args.ledger_index @ BulkheadError::ForeignAccount
    )]
    pub ledger: AccountLoader<'info, Ledger>,
    /// The pool of the order before, which pays first; none for order 0.
    pub previous: Option<AccountLoader<'info, InsurancePool>>,
    #[account(address = ledger.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        init_if_needed, payer = payer, space = space::<InsurancePool>(),
        seeds = [SEED_INSURANCE, config.domain.key().as_ref(), &[args.ledger_index], &[args.order]], bump
    )]
    pub pool: AccountLoader<'info, InsurancePool>,
    #[account(
        init_if_needed, payer = payer,
        token::mint = mint, token::authority = pool, token::token_program = token_program,
        seeds = [SEED_INSURANCE_TOKENS, pool.key().as_ref()], bump
    )]
    pub tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_insurance(ctx: Context<OpenInsurance>, args: OpenInsuranceArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    token::require_safe_mint(accounts.mint.as_ref().as_ref())?;
    accounts.require_previous(&args)?;
    let event = accounts.open(&args, ctx.bumps.pool)?;
    emit_cpi!(event);
    Ok(())
}

impl OpenInsurance<'_> {
    /// Pools are opened in their order, so the pool of the order before always exists.
    fn require_previous(&self, args: &OpenInsuranceArgs) -> Result<()> {
        let Some(order) = args.order.checked_sub(1) else {
            return Ok(());
        };
        let previous = self.previous.as_ref().ok_or(BulkheadError::EarlierPoolFirst)?;
        let previous = previous.current()?;
        let is_it = previous.domain == self.config.domain.key()
            && previous.ledger_index == args.ledger_index
            && previous.order == order;
        require!(is_it, BulkheadError::EarlierPoolFirst);
        Ok(())
    }

    #[inline(never)]
    fn open(&self, args: &OpenInsuranceArgs, bump: u8) -> Result<InsuranceOpened> {
        let is_new = pda::is_new(self.pool.as_ref())?;
        let mut pool = if is_new {
            let mut pool = self.pool.load_init()?;
            pool.version = VERSION;
            pool.bump = bump;
            pool.ledger_index = args.ledger_index;
            pool.order = args.order;
            pool.decimals = self.mint.decimals;
            pool.domain = self.config.domain.key();
            pool.mint = self.mint.key();
            pool.tokens = self.tokens.key();
            pool.token_program = self.token_program.key();
            pool
        } else {
            self.pool.current_mut()?
        };
        let terms = args.terms()?;
        let domain = self.config.domain.current()?;
        let proposed_slot = self.config.proposal_slot()?;
        acts::open_insurance(&mut pool, &domain, &terms, is_new, proposed_slot, clock()?.now).map_err(core_error)?;
        Ok(InsuranceOpened {
            domain: pool.domain,
            pool: self.pool.key(),
            ledger_index: args.ledger_index,
            order: args.order,
            mint: pool.mint,
            cap_bps: args.cap_bps,
            cooldown_seconds: args.cooldown_seconds,
            window_seconds: args.window_seconds,
            freeze_seconds: args.freeze_seconds,
            funding_seconds: args.funding_seconds,
            minimum_assets: args.minimum_assets,
            from_ts: pool.terms_ts,
        })
    }
}
