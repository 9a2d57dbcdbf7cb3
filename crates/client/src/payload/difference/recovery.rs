//! Routes, claims and checkpoint logs, against those that are there.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::*;
use bulkhead_interface::{
    constants::log_flag,
    layout::{CheckpointLog, ClaimRedirect, Ledger, Vault},
};

use super::{Changes, Direction, More, alike};
use crate::{payload::words::duration, pda};

impl Changes<'_> {
    pub(super) fn route(&mut self, args: &RegisterEvacuationRouteArgs, domain: &Pubkey) {
        let vault = self.own::<Vault>("vault", (&args.vault, domain), |found| found.domain);
        let Some(Vault { route, .. }) = vault else { return };
        if route == args.destination {
            return;
        }
        let is_first = route == Pubkey::default();
        let from = if is_first { "none".to_owned() } else { route.to_string() };
        let to = format!("{}{}", args.destination, alike(&args.destination, [route]));
        let what = format!("evacuation route of the vault {}", args.vault);
        self.push(what, from, to, Direction::Looser);
    }

    pub(super) fn claims(&mut self, args: &RedirectClaimsArgs) {
        let RedirectClaimsArgs {
            restoration,
            owner,
            destination,
            holder,
        } = args;
        let now = self.load::<ClaimRedirect>(&pda::claim_redirect(restoration, owner));
        let from = now.map_or_else(
            || "its own account".to_owned(),
            |now| format!("{}, owned by {}", now.destination, now.holder),
        );
        let to = format!("{destination}, owned by {holder}{}", alike(holder, [*owner]));
        let what = format!("claims of {owner} in restoration {restoration}");
        self.push(what, from, to, Direction::Looser);
    }

    pub(super) fn interim_rule(&mut self, args: &SetInterimRuleArgs, domain: &Pubkey) {
        let SetInterimRuleArgs {
            ledger_index,
            bps,
            cap,
            age_seconds,
        } = args;
        let Some(now) = self.load::<Ledger>(&pda::ledger(domain, *ledger_index)) else {
            return self.added("interim share", format!("{bps} bps"), Direction::Looser);
        };
        let share = |bps: &u16| format!("{bps} bps");
        self.number(
            "share of custody that is paid before a vote",
            (now.interim_bps, *bps),
            More::Looser,
            share,
        );
        let most = (now.interim_cap, *cap);
        self.number(
            "the most that one position is paid before a vote",
            most,
            More::Looser,
            ToString::to_string,
        );
        let age = (now.interim_age_seconds, *age_seconds);
        self.number("minimum age of the checkpoint", age, More::Tighter, |time| {
            duration(*time)
        });
    }

    pub(super) fn checkpoint_log(&mut self, args: &OpenCheckpointLogArgs, domain: &Pubkey) {
        let OpenCheckpointLogArgs {
            ledger_index,
            threshold,
            min_interval_slots,
            keep_seconds,
            tolerance_bps,
            published_only,
        } = args;
        let Some(now) = self.load::<CheckpointLog>(&pda::checkpoint_log(domain, *ledger_index)) else {
            return self.added(
                "checkpoint log",
                format!("{threshold} attesters required"),
                Direction::Other,
            );
        };
        self.number(
            "attesters required",
            (now.threshold, *threshold),
            More::Tighter,
            ToString::to_string,
        );
        let slots = (now.min_interval_slots, *min_interval_slots);
        self.number("slots between checkpoints", slots, More::Tighter, ToString::to_string);
        let keep = (now.keep_seconds, *keep_seconds);
        self.number("checkpoint retention", keep, More::Tighter, |time| duration(*time));
        let tolerance = (now.tolerance_bps, *tolerance_bps);
        let bps = |bps: &u16| format!("{bps} bps");
        self.number(
            "tolerance of a checkpoint against the host's total",
            tolerance,
            More::Looser,
            bps,
        );
        let published = (now.flags & log_flag::PUBLISHED_ONLY != 0, *published_only);
        let show = |only: &bool| if *only { "only published" } else { "any" }.to_owned();
        self.number("checkpoints eligible for a ballot", published, More::Tighter, show);
    }
}
