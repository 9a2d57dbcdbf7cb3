//! The rules of a domain's recovery and the terms of claims, against those that are there.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::*;
use bulkhead_interface::layout::{ClaimTerms, Domain, Restoration};

use super::{Changes, Direction, alike};
use crate::{payload::words::duration, pda};

impl Changes<'_> {
    pub(super) fn recovery_rules(&mut self, args: &SetRecoveryRulesArgs, domain: &Pubkey) {
        let Some(now) = self.load::<Domain>(domain) else { return };
        // Never is later than any time, for the escape and for the age of a check.
        let order = |seconds: i64| if seconds == 0 { i64::MAX } else { seconds };
        let show = |seconds: i64, none: &str| match seconds {
            0 => none.to_owned(),
            _ => duration(seconds),
        };
        let mut compare = |what: &str, from: i64, to: i64, none: &str| {
            if from != to {
                // Paying without a vote sooner is looser, and so is reopening by an older check.
                let is_sooner = order(to) < order(from);
                let is_looser = if what.starts_with("escape") {
                    is_sooner
                } else {
                    !is_sooner
                };
                let direction = if is_looser {
                    Direction::Looser
                } else {
                    Direction::Tighter
                };
                self.push(what, show(from, none), show(to, none), direction);
            }
        };
        compare(
            "escape after a freeze of",
            now.escape_seconds,
            args.escape_seconds,
            "never",
        );
        compare(
            "oldest restart check at a reopening",
            now.restart_check_seconds,
            args.restart_check_seconds,
            "none required",
        );
    }

    pub(super) fn claim_terms(&mut self, args: &SetClaimTermsArgs, domain: &Pubkey) {
        let now = self.load::<ClaimTerms>(&pda::claim_terms(domain, args.ledger_index));
        let now = now.map_or_else(Default::default, |now| (now.claim_days, now.rest_owner, now.successor));
        let (days, owner, successor) = now;
        let index = args.ledger_index;
        if days != args.claim_days {
            let what = format!("claims of later restorations of ledger {index} run");
            let is_shorter = args.claim_days != 0 && (days == 0 || args.claim_days < days);
            let direction = if is_shorter {
                Direction::Looser
            } else {
                Direction::Tighter
            };
            self.push(what, run(days), run(args.claim_days), direction);
        }
        let show = |key: &Pubkey| match *key == Pubkey::default() {
            true => "nobody".to_owned(),
            false => key.to_string(),
        };
        if successor != args.successor {
            let to = format!("{}{}", show(&args.successor), alike(&args.successor, [successor]));
            let what = format!("who may consume what owners of ledger {index} do not claim within their notice");
            let direction = if args.successor == Pubkey::default() {
                Direction::Tighter
            } else {
                Direction::Looser
            };
            self.push(what, show(&successor), to, direction);
        }
        if owner != args.rest_owner {
            let to = format!("{}{}", show(&args.rest_owner), alike(&args.rest_owner, [owner]));
            let what = format!("who receives what is not claimed of ledger {index}");
            self.push(what, show(&owner), to, Direction::Looser);
        }
    }

    pub(super) fn claims_extended(&mut self, args: &ExtendClaimsArgs) {
        let now = self.load::<Restoration>(&args.restoration);
        let from = now.map_or_else(|| "?".to_owned(), |now| run(now.claim_days));
        let what = format!("claims of the restoration {} run", args.restoration);
        self.push(what, from, run(args.claim_days), Direction::Tighter);
    }

    pub(super) fn restart_override(&mut self, args: &OverrideRestartCheckArgs) {
        let to = match args.max_shortfall {
            u64::MAX => "accepted whatever it is, also if the total cannot be read".to_owned(),
            most => format!("accepted up to {most} native units"),
        };
        let what = format!(
            "what the host owes in ledger {} above what the vaults hold",
            args.ledger_index
        );
        self.push(what, "prevents the reopening", to, Direction::Looser);
    }
}

/// How long claims run.
fn run(days: u16) -> String {
    match days {
        0 => "without an end".to_owned(),
        days => format!("{days} days"),
    }
}
