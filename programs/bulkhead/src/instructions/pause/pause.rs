//! One guardian closes actions of a compartment or of the whole domain immediately.
//!
//! The pause lapses automatically after the council's `guardian_pause_seconds`, burns one of the guardian's pause
//! rights and counts towards their limits per day and in a row. It can never open anything.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, PauseBoard};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::Paused,
};

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
    let at = clock()?;
    let guardian = ctx.accounts.guardian.key();
    let mut council = ctx.accounts.council.current_mut()?;
    require_keys_eq!(council.board, ctx.accounts.board.key(), BulkheadError::WrongBoard);
    let mut board = ctx.accounts.board.current_mut()?;
    let acts::Paused {
        mask,
        until,
        rights_left,
    } = acts::pause(&mut council, &mut board, &guardian, scope, mask, at).map_err(core_error)?;
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
