//! What an unpause opens, and whether it decides an incident.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::*;
use bulkhead_interface::layout::{Domain, PauseBoard};

use super::{Changes, Direction, More};
use crate::{
    payload::{unpause::lines, words::duration},
    pda,
};

impl Changes<'_> {
    /// What a reopening unpauses, and the ramp and the grace that it sets.
    pub(super) fn reopen(&mut self, args: &ReopenArgs, domain: &Pubkey) {
        let ReopenArgs {
            incident,
            ramp_bps,
            grace_seconds,
        } = args;
        self.unpause(domain, *incident, &format!("reopens at a ramp of {ramp_bps} bps"));
        if let Some(board) = self.load::<PauseBoard>(&pda::board(domain)) {
            let stage = (board.domain_row.ramp_bps, *ramp_bps);
            self.number("ramp", stage, More::Looser, |bps| format!("{bps} bps"));
            let left = board.grace_until.saturating_sub(self.when.now).max(0);
            self.number(
                "liquidations stay closed for",
                (left, *grace_seconds),
                More::Tighter,
                |time| duration(*time),
            );
        }
    }

    /// Lists every pause that the unpause opens, and every pause that stays.
    pub(super) fn unpause(&mut self, domain: &Pubkey, incident: Pubkey, opens: &str) {
        self.decide(domain, incident, opens);
        let board = self.load::<PauseBoard>(&pda::board(domain));
        for (what, from, to, direction) in board.map(|board| lines(&board, self.when)).unwrap_or_default() {
            self.push(what, from, to, direction);
        }
    }

    pub(super) fn decide(&mut self, domain: &Pubkey, incident: Pubkey, opens: &str) {
        let open = self.load::<Domain>(domain).map(|domain| domain.open_incident);
        let from = match open {
            Some(open) if open == incident => "closed".to_owned(),
            Some(open) if open == Pubkey::default() => "no incident is open".to_owned(),
            Some(open) => format!("another incident is open, {open}"),
            None => "?".to_owned(),
        };
        self.push(format!("incident {incident}"), from, opens, Direction::Looser);
    }
}
