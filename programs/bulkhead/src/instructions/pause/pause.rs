//! One guardian closes actions of a compartment or of the whole domain, at once.
//!
//! It lapses by itself after the council's `contain_seconds` and burns one of the guardian's
//! pause rights. It can never open anything.

use anchor_lang::prelude::*;
use bulkhead_core::board;
use bulkhead_interface::{
    constants::role,
    layout::{Council, PauseBoard},
};

use super::burn_pause_right;
use crate::{authority::require_member, current::Current, error::BulkheadError, events::Paused};

#[derive(Accounts)]
pub struct Pause<'info> {
    pub guardian: Signer<'info>,
    #[account(mut)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut)]
    pub board: AccountLoader<'info, PauseBoard>,
}

/// `scope`: a compartment, or 255 for the domain. `mask`: actions to close, 0 for the default.
pub fn handle_pause(ctx: Context<Pause>, scope: u8, mask: u32) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let guardian = ctx.accounts.guardian.key();
    let mut council = ctx.accounts.council.current_mut()?;
    require_keys_eq!(council.board, ctx.accounts.board.key(), BulkheadError::WrongBoard);
    let index = require_member(&council, &guardian, role::GUARDIAN)?;
    let rights_left = burn_pause_right(&mut council, index, now)?;
    let mask = if mask == 0 { council.default_mask } else { mask };
    let until = now
        .checked_add(council.contain_seconds)
        .ok_or(BulkheadError::Overflow)?;

    let mut board = ctx.accounts.board.current_mut()?;
    board::contain(&mut board, scope, mask, until, now).map_err(|_| BulkheadError::CompartmentOutOfRange)?;
    emit!(Paused {
        board: ctx.accounts.board.key(),
        guardian,
        scope,
        mask,
        until,
        rights_left,
    });
    Ok(())
}
