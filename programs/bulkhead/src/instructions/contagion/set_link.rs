//! Sets the compartments that an upstream domain's pause closes. An empty set disables the link.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. A link gives the upstream's council
//! and detectors power over these compartments while their pauses last, so choose an upstream as carefully as a
//! guardian. Changing or disabling the link opens nothing: a propagated pause lapses on its own.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, LinkEnds, LinkTerms};
use bulkhead_interface::{
    layout::{Domain, Link, PauseBoard, space},
    seeds::SEED_LINK,
};

use crate::{authority::*, current::Current, error::BulkheadError, events::LinkSet, pda};

/// Payload of a `SetLink` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct SetLinkArgs {
    /// The upstream domain.
    pub upstream: Pubkey,
    /// Upstream compartment that the link covers besides the upstream's domain row; 255 for none.
    pub upstream_scope: u8,
    /// Upstream actions that the link covers when they are closed.
    pub upstream_mask: u32,
    /// Compartments that the link closes, one bit per number; 0 disables the link.
    pub compartments: u64,
    /// Actions that the link closes here; 0 for the council's default.
    pub mask: u32,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: SetLinkArgs)]
pub struct SetLink<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(address = args.upstream @ BulkheadError::ForeignAccount)]
    pub upstream: AccountLoader<'info, Domain>,
    #[account(
        constraint = upstream_board.key() == upstream.current()?.board @ BulkheadError::WrongBoard,
        constraint = upstream_board.current()?.domain == upstream.key() @ BulkheadError::ForeignAccount
    )]
    pub upstream_board: AccountLoader<'info, PauseBoard>,
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<Link>(),
        seeds = [SEED_LINK, config.domain.key().as_ref(), args.upstream.as_ref()],
        bump
    )]
    pub link: AccountLoader<'info, Link>,
    pub system_program: Program<'info, System>,
}

pub fn handle_set_link(ctx: Context<SetLink>, args: SetLinkArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let config = &accounts.config;
    config.authorize(&args)?;
    let domain = config.domain.key();
    let ends = LinkEnds {
        bump: ctx.bumps.link,
        domain,
        board: config.domain.current()?.board,
        upstream_board: accounts.upstream_board.key(),
    };
    let previous_compartments = {
        let mut link = if pda::is_new(accounts.link.as_ref())? {
            accounts.link.load_init()?
        } else {
            accounts.link.current_mut()?
        };
        acts::set_link(&mut link, &ends, &args.terms(), config.proposal_slot()?).map_err(core_error)?
    };
    emit_cpi!(LinkSet {
        domain,
        upstream: args.upstream,
        link: accounts.link.key(),
        previous_compartments,
        compartments: args.compartments,
        upstream_scope: args.upstream_scope,
        upstream_mask: args.upstream_mask,
        mask: args.mask,
    });
    Ok(())
}

impl SetLinkArgs {
    /// The same configuration in the types of the act.
    pub fn terms(&self) -> LinkTerms {
        LinkTerms {
            upstream: self.upstream,
            upstream_scope: self.upstream_scope,
            upstream_mask: self.upstream_mask,
            compartments: self.compartments,
            mask: self.mask,
        }
    }
}
