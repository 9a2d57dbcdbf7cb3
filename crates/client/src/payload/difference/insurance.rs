//! The terms of an insurance pool, against those in force.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::OpenInsuranceArgs;
use bulkhead_interface::layout::InsurancePool;

use super::{Changes, Direction, More};
use crate::{instructions::insured_detectors, payload::words::duration, pda};

impl Changes<'_> {
    /// Looser is what lets stakers pay less or leave sooner: claims are covered by less.
    pub(super) fn insurance(&mut self, args: &OpenInsuranceArgs, domain: &Pubkey) {
        let key = pda::insurance_pool(domain, args.ledger_index, args.order);
        let Some(now) = self.load::<InsurancePool>(&key) else {
            let (ledger, order, cap) = (args.ledger_index, args.order, args.cap_bps);
            return self.added(
                format!("insurance of ledger {ledger}"),
                format!("order of loss {order}, at most {cap} bps of the stakes per restoration"),
                Direction::Other,
            );
        };
        let terms = &now.terms;
        let cap = (terms.cap_bps, args.cap_bps);
        let bps = |bps: &u16| format!("{bps} bps");
        self.number("most that one restoration takes", cap, More::Tighter, bps);
        let time = |seconds: &i64| duration(*seconds);
        let cooldown = (terms.cooldown_seconds, args.cooldown_seconds);
        self.number("cooldown", cooldown, More::Tighter, time);
        let window = (terms.window_seconds, args.window_seconds);
        self.number("window to unstake", window, More::Looser, time);
        let freeze = (terms.freeze_seconds, args.freeze_seconds);
        self.number("longest time that exits are closed", freeze, More::Tighter, time);
        let funding = (terms.funding_seconds, args.funding_seconds);
        self.number("time for other funds before a slash", funding, More::Looser, time);
        let minimum = (terms.minimum_assets, args.minimum_assets);
        self.number(
            "assets that no shortfall takes",
            minimum,
            More::Looser,
            ToString::to_string,
        );
        let vaults: Vec<_> = bulkhead_core::acts::insured(&terms.vaults).copied().collect();
        for (what, from, to) in [
            ("insured vaults", vaults, &args.vaults),
            ("detectors that close exits", insured_detectors(&now), &args.detectors),
        ] {
            if from != *to {
                self.push(what, words(&from), words(to), Direction::Other);
            }
        }
    }
}

fn words(keys: &[Pubkey]) -> String {
    if keys.is_empty() {
        return "none".to_owned();
    }
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
