//! Creates a voter's escrow record, empty at first. There is one per domain and voter.

use anchor_lang::prelude::*;
use bulkhead_interface::{
    constants::VERSION,
    layout::{Domain, VoterEscrow, space},
    seeds::SEED_ESCROW,
};

use crate::{current::Current, events::EscrowOpened};

#[event_cpi]
#[derive(Accounts)]
pub struct OpenEscrow<'info> {
    pub voter: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(
        init, payer = payer, space = space::<VoterEscrow>(),
        seeds = [SEED_ESCROW, domain.key().as_ref(), voter.key().as_ref()], bump
    )]
    pub escrow: AccountLoader<'info, VoterEscrow>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_escrow(ctx: Context<OpenEscrow>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.domain.current()?;
    {
        let mut escrow = accounts.escrow.load_init()?;
        escrow.version = VERSION;
        escrow.bump = ctx.bumps.escrow;
        escrow.domain = accounts.domain.key();
        escrow.voter = accounts.voter.key();
    }
    emit_cpi!(EscrowOpened {
        domain: accounts.domain.key(),
        voter: accounts.voter.key(),
        escrow: accounts.escrow.key(),
    });
    Ok(())
}
