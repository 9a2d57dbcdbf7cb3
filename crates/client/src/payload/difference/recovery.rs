//! Routes, claims and checkpoint logs, against those that are there.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::*;
use bulkhead_interface::{
    constants::log_flag,
    layout::{CheckpointLog, ClaimRedirect, Vault},
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
        let what = format!("where the vault {} is evacuated to", args.vault);
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
            |now| format!("{}, held by {}", now.destination, now.holder),
        );
        let to = format!("{destination}, held by {holder}{}", alike(holder, [*owner]));
        let what = format!("claims of {owner} in restoration {restoration}");
        self.push(what, from, to, Direction::Looser);
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
            return self.added("checkpoint log", format!("of {threshold} attesters"), Direction::Other);
        };
        self.number(
            "attesters needed",
            (now.threshold, *threshold),
            More::Tighter,
            ToString::to_string,
        );
        let slots = (now.min_interval_slots, *min_interval_slots);
        self.number("slots between checkpoints", slots, More::Tighter, ToString::to_string);
        let keep = (now.keep_seconds, *keep_seconds);
        self.number("a checkpoint is kept for", keep, More::Tighter, |time| duration(*time));
        let tolerance = (now.tolerance_bps, *tolerance_bps);
        let bps = |bps: &u16| format!("{bps} bps");
        self.number(
            "what a checkpoint may be off the host's total",
            tolerance,
            More::Looser,
            bps,
        );
        let published = (now.flags & log_flag::PUBLISHED_ONLY != 0, *published_only);
        let told = |only: &bool| if *only { "only published ones" } else { "any" }.to_owned();
        self.number("checkpoints that can be voted for", published, More::Tighter, told);
    }
}
