//! Limits, detectors and links, against those that are there.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::*;
use bulkhead_core::breakers::window::{Limits, TripLimits};
use bulkhead_interface::layout::{Council, Detector, Link, OutflowBreaker};

use super::{Changes, Direction, More};
use crate::{
    payload::words::{mask, numbers, scope},
    pda,
};

impl Changes<'_> {
    pub(super) fn limits(&mut self, args: &SetLimitArgs, domain: &Pubkey) {
        let breaker = self.own::<OutflowBreaker>("breaker", (&args.breaker, domain), |found| found.domain);
        let Some(now) = breaker else { return };
        let mint = now.mint;
        // As in the program: the default of the trip limits is twice the limits.
        let trip = TripLimits {
            limit: args.trip_limit,
            bps: args.trip_bps,
        }
        .or_twice(&Limits {
            limit: args.limit,
            slot_limit: args.slot_limit,
            limit_bps: args.limit_bps,
            slot_bps: args.slot_bps,
            inflow_credit: args.inflow_credit,
        });
        // A limit that a guardian lowered is restored by itself, but the record remains afterwards. The proposal is
        // compared with the last value that a proposal set.
        let set = Limits::set_for(&now);
        if now.lowered_until != 0 {
            let from = format!("{} until {}", self.amount(now.limit, &mint), now.lowered_until);
            self.push("lowered by a guardian", from, "ended".to_owned(), Direction::Looser);
        }
        for (what, amounts) in [
            ("limit per window", (set.limit, args.limit)),
            ("limit per slot", (set.slot_limit, args.slot_limit)),
            ("inflow credit", (set.inflow_credit, args.inflow_credit)),
            ("trip limit", (now.trip_limit, trip.limit)),
        ] {
            if amounts.0 != amounts.1 {
                let direction = More::Looser.direction(&amounts.0, &amounts.1);
                let (from, to) = (self.amount(amounts.0, &mint), self.amount(amounts.1, &mint));
                self.push(what, from, to, direction);
            }
        }
        // 0 bps means unused, which is the loosest.
        let used = |bps: u16| if bps == 0 { u16::MAX } else { bps };
        let show = |bps: &u16| {
            if *bps == u16::MAX {
                "not used".to_owned()
            } else {
                format!("{bps} bps")
            }
        };
        let limit = (used(set.limit_bps), used(args.limit_bps));
        self.number("limit of the reference", limit, More::Looser, show);
        let slot = (used(set.slot_bps), used(args.slot_bps));
        self.number("slot limit of the reference", slot, More::Looser, show);
        let trip = (used(now.trip_bps), used(trip.bps));
        self.number("trip limit of the reference", trip, More::Looser, show);
    }

    pub(super) fn close(&mut self, args: &CloseDetectorArgs, domain: &Pubkey) {
        // All detectors begin with the same fields.
        let owner = (self.read)(&args.detector).and_then(|(owner, data)| {
            let is_one = Detectors::ALL.iter().any(|tag| data.starts_with(tag));
            (owner == bulkhead_interface::ID && is_one).then(|| Detectors::domain(&data))?
        });
        let what = format!("detector {}", args.detector);
        let to = format!("closed; its rent goes to {}", args.receiver);
        match owner {
            Some(owner) if owner == *domain => self.push(what, "active", to, Direction::Looser),
            _ => self.push(
                what,
                "does not belong to this domain",
                "the program refuses it",
                Direction::Looser,
            ),
        }
    }

    pub(super) fn link(&mut self, args: &SetLinkArgs, domain: &Pubkey) {
        let SetLinkArgs {
            upstream,
            upstream_scope,
            upstream_mask,
            compartments,
            mask: closed,
        } = args;
        let now = self.load::<Link>(&pda::link(domain, upstream));
        let from = now.map_or(0, |link| link.compartments);
        let loses = from & !compartments != 0;
        let direction = if loses { Direction::Looser } else { Direction::Other };
        if now.is_none() || from != *compartments {
            let what = format!("compartments that {upstream} closes");
            self.push(what, numbers(from), numbers(*compartments), direction);
        }
        let Some(link) = now else { return };
        if link.upstream_scope != *upstream_scope {
            // A compartment that was closed upstream before is no longer relevant.
            let (from, to) = (scope(link.upstream_scope), scope(*upstream_scope));
            self.push("upstream scope", from, to, Direction::Looser);
        }
        if link.upstream_mask != *upstream_mask {
            let loses = link.upstream_mask & !upstream_mask != 0;
            let direction = if loses { Direction::Looser } else { Direction::Tighter };
            let (from, to) = (mask(link.upstream_mask), mask(*upstream_mask));
            self.push("relevant upstream actions", from, to, direction);
        }
        if link.mask != *closed {
            // The default is what the council closes in an emergency, which may be more or less.
            let council = self.load::<Council>(&pda::council(domain));
            let usual = council.map(|council| council.default_mask);
            let meant = |mask: u32| if mask == 0 { usual } else { Some(mask) };
            let direction = match (meant(link.mask), meant(*closed)) {
                (Some(from), Some(to)) if from & !to == 0 => Direction::Tighter,
                _ => Direction::Looser,
            };
            let show = |closed: u32| match closed {
                0 => "the council's default".to_owned(),
                closed => mask(closed),
            };
            self.push("closed actions", show(link.mask), show(*closed), direction);
        }
    }
}

/// Offset of a detector's kind and domain.
struct Detectors;

impl Detectors {
    const ALL: [[u8; 8]; 4] = [
        bulkhead_interface::discriminator::OUTFLOW_BREAKER,
        bulkhead_interface::discriminator::PRICE_BREAKER,
        bulkhead_interface::discriminator::SOLVENCY_BREAKER,
        bulkhead_interface::discriminator::AUTHORITY_WATCH,
    ];

    fn domain(data: &[u8]) -> Option<Pubkey> {
        let at = 8 + core::mem::offset_of!(Detector, domain);
        data.get(at..)?.first_chunk().map(|key| Pubkey::new_from_array(*key))
    }
}
