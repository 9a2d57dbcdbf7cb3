//! Computes what the program would answer from account data, without a transaction.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::OutflowView;
use bulkhead_core::breakers::window::Moment;
use bulkhead_guard::{action::WITHDRAW, read_board};
use bulkhead_interface::{
    constants::VERSION,
    layout::{OutflowBreaker, PauseBoard},
};

use crate::decode;

/// A fetched account.
#[derive(Clone, Copy, Debug)]
pub struct Fetched<'a> {
    /// Address of the account.
    pub key: &'a Pubkey,
    /// The program that owns the account.
    pub owner: &'a Pubkey,
    /// Data of the account.
    pub data: &'a [u8],
}

/// The answer of `view_outflow` at `slot` and `now`. `None` if the program would refuse: the accounts are not a
/// Bulkhead breaker and its own board.
#[must_use]
pub fn outflow(breaker: &Fetched, board: &Fetched, slot: u64, now: i64) -> Option<OutflowView> {
    if *breaker.owner != bulkhead::ID {
        return None;
    }
    let state: OutflowBreaker = decode::account(breaker.data)?;
    if state.version != VERSION {
        return None;
    }
    let standing = read_board(
        state.board.as_array(),
        board.key.as_array(),
        board.owner.as_array(),
        board.data,
        state.compartment,
        now,
    )
    .ok()?;
    let typed: PauseBoard = decode::account(board.data)?;
    let moment = Moment {
        slot,
        now,
        ramp_bps: standing.ramp_bps,
        unpaused_slot: typed.unpaused_slot,
    };
    Some(OutflowView::of(&state, &moment, standing.mask & WITHDRAW != 0))
}
