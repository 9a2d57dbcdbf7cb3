//! Says which compartments an upstream domain's pause closes; no compartments at all switch the link off.
//!
//! During set-up by the setup authority, afterwards by a matured proposal. A link gives the upstream's council and
//! detectors the say over these compartments while they last, so it is chosen as carefully as a guardian. Changing or
//! switching it off opens nothing: what was carried lapses by itself.

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
    /// Domain it depends on.
    pub upstream: Pubkey,
    /// What counts upstream beside the domain's own row: a compartment, or 255 for nothing else.
    pub upstream_scope: u8,
    /// Actions that count when they are closed upstream.
    pub upstream_mask: u32,
    /// Compartments it closes, bit by number; 0 switches it off.
    pub compartments: u64,
    /// Actions it closes here; 0 for the council's default.
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
    /// The same in the terms of the act.
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
