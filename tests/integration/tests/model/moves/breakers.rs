//! What is metered, and who lowers limits.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::LowerLimitArgs;
use bulkhead_client::instructions as ix;
use bulkhead_core::breakers::window::{self, Moment};
use bulkhead_guard::ramp_bps;
use bulkhead_interface::{constants::role, layout::OutflowBreaker};
use solana_signer::Signer;

use super::{Move, Table};
use crate::acts::Act;

impl Table<'_> {
    /// Mostly what the breaker still lets through, to the unit or a part of it; too much more often
    /// where a latch does not last.
    pub(super) fn amount(&mut self, breaker: &OutflowBreaker) -> u64 {
        let clock = self.machine.clock();
        let at = Moment {
            slot: clock.slot,
            now: clock.unix_timestamp,
            ramp_bps: ramp_bps(&self.now.board, breaker.compartment).unwrap_or(0),
            unpaused_slot: self.site.protocol.board(self.machine).unpaused_slot,
        };
        let room = window::remaining(breaker, &at);
        if breaker.latch.seconds < 3_600 && self.rng.percent(40) {
            return 1 + self.rng.below(breaker.slot_limit);
        }
        match self.rng.below(20) {
            0 => room + 1,
            1 => self.rng.below(400_000),
            2 => self.up_to(breaker.limit),
            3..9 => room,
            9..14 => room / 2,
            _ => 1 + self.rng.below(22_000).min(room),
        }
    }

    pub(super) fn breaker(&mut self) -> Option<(Pubkey, OutflowBreaker)> {
        let index = self.rng.index(self.now.breakers.len());
        self.now.breakers.get(index).copied()
    }

    pub(super) fn lower_limit(&mut self) -> Option<Move> {
        let (key, breaker) = self.breaker()?;
        let signer = self.member(role::GUARDIAN);
        let mut lower = |limit: u64| limit * (45 + self.rng.below(60)) / 100;
        let (limit, slot_limit) = (lower(breaker.limit), lower(breaker.slot_limit));
        let mut bps = |bps: u16| u16::try_from(lower(u64::from(bps))).unwrap_or(u16::MAX);
        let (limit_bps, slot_bps) = (bps(breaker.limit_bps), bps(breaker.slot_bps));
        let args = LowerLimitArgs {
            limit,
            slot_limit,
            limit_bps,
            slot_bps: slot_bps.min(limit_bps),
            inflow_credit: lower(breaker.inflow_credit).min(limit / u64::from(breaker.sub_windows)),
        };
        Some(Move {
            name: "lower_limit",
            instruction: ix::lower_limit(self.domain(), signer, key, args),
            signer,
            act: Act::Other,
        })
    }

    pub(super) fn meter_outflow(&mut self) -> Option<Move> {
        let (breaker, state) = self.breaker()?;
        let host = self.site.host.pubkey();
        if state.authority != host && !self.rng.percent(10) {
            return None;
        }
        let signer = self.one_of(&[host]);
        let amount = self.amount(&state);
        Some(Move {
            name: "meter_outflow",
            instruction: ix::meter_outflow(self.domain(), breaker, signer, amount),
            signer,
            act: Act::Meter(breaker, amount),
        })
    }

    pub(super) fn record_inflow(&mut self) -> Option<Move> {
        let (breaker, state) = self.breaker()?;
        let vault = self.now.vaults.iter().find(|(key, _)| *key == state.authority);
        let authority = vault.map_or(self.site.host.pubkey(), |(_, vault)| vault.operator);
        let vault = vault.map(|(key, _)| *key).filter(|_| !self.rng.percent(5));
        let signer = self.one_of(&[authority]);
        let amount = self.rng.pick(&[0, 1, 5_000, 200_000, u64::MAX]);
        Some(Move {
            name: "record_inflow",
            instruction: ix::record_inflow(breaker, signer, vault, amount),
            signer,
            act: Act::Other,
        })
    }

    pub(super) fn observe_reference(&mut self) -> Option<Move> {
        let (breaker, state) = self.breaker()?;
        let wrong = self.user();
        let reference = if self.rng.percent(5) { wrong } else { state.reference };
        Some(Move {
            name: "observe_reference",
            instruction: ix::observe_reference(breaker, reference),
            signer: self.payer(),
            act: Act::Other,
        })
    }
}
