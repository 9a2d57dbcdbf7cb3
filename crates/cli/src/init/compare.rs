//! Decides whether a step is done and whether the existing account matches the file. A breaker is compared with the
//! account that the program would open, built by the same acts. So any value that the acts default or round is
//! defaulted and rounded here too.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    bulkhead::instructions::{CouncilConfig, OpenBreakerArgs, OpenPriceBreakerArgs},
    decode, instructions as ix,
};
use bulkhead_core::{
    acts::{self, At, NewDetector},
    breakers::window::Limits,
};
use bulkhead_interface::{
    constants::phase,
    layout::{Council, Domain, Ledger, OutflowBreaker, PriceBreaker, Vault},
};
use bytemuck::Zeroable;
use solana_account::Account;

use super::plan::{Check, PlanError, Step};

impl Step {
    /// Is the step done, judging by its target account and the account beside it? An existing account that differs is
    /// an error.
    ///
    /// # Errors
    /// [`PlanError::Differs`], [`PlanError::NotOurs`].
    pub fn is_done(&self, account: Option<&Account>, beside: Option<&Account>) -> Result<bool, PlanError> {
        let Some(account) = account else { return Ok(false) };
        match &self.check {
            Check::Domain(wanted, council) => {
                let found: Domain = self.decode(account)?;
                self.same("host_program", found.host_program, wanted.host_program)?;
                self.same("governance_mint", found.governance_mint, wanted.governance_mint)?;
                self.same("vote_seconds", found.vote_seconds, wanted.vote_seconds)?;
                self.same("quorum_bps", found.quorum_bps, wanted.quorum_bps)?;
                if let Some(beside) = beside {
                    self.same_council(&self.decode(beside)?, council)?;
                }
                Ok(true)
            }
            Check::Breaker(wanted) => self.same_breaker(&self.decode(account)?, wanted),
            Check::Vault(wanted) => {
                let found: Vault = self.decode(account)?;
                self.same("compartment", found.compartment, wanted.compartment)?;
                self.same("operator", found.operator, wanted.operator)?;
                self.same("breaker", found.breaker, wanted.breaker)?;
                self.same("queue_seconds", found.queue_seconds, wanted.queue_seconds)?;
                self.same("ledger", found.ledger, wanted.ledger)?;
                Ok(true)
            }
            // A route is the one thing that set-up may change. The step is done when the route matches the file.
            Check::Route(destination) => Ok(self.decode::<Vault>(account)?.route == *destination),
            Check::Ledger(wanted) => {
                let found: Ledger = self.decode(account)?;
                let found = ix::ledger_args(found.index, &found);
                self.same("index", found.index, wanted.index)?;
                self.same("program", found.program, wanted.program)?;
                self.same("mint", found.mint, wanted.mint)?;
                self.same("total_account", found.total.account, wanted.total.account)?;
                // Ledgers are compared by every byte of their layout.
                self.same("layout", format!("{found:?}"), format!("{wanted:?}"))?;
                Ok(true)
            }
            Check::Price(wanted) => self.same_price(&self.decode(account)?, wanted),
            Check::Activated => Ok(self.decode::<Domain>(account)?.state != phase::SETUP),
        }
    }

    fn same_council(&self, found: &Council, wanted: &CouncilConfig) -> Result<(), PlanError> {
        let members = found.members.iter().take(usize::from(found.member_count));
        let has: Vec<_> = members
            .map(|member| format!("{} roles {}", member.key, member.roles))
            .collect();
        let wants: Vec<_> = wanted
            .members
            .iter()
            .map(|member| format!("{} roles {}", member.key, member.roles))
            .collect();
        self.same("council.members", has.join(", "), wants.join(", "))?;
        self.same(
            "council.freeze_threshold",
            found.freeze_threshold,
            wanted.freeze_threshold,
        )?;
        self.same("council.pause_rights", found.pause_rights, wanted.pause_rights)?;
        self.same("council.veto_rights", found.veto_rights, wanted.veto_rights)?;
        self.same(
            "council.guardian_pause_seconds",
            found.guardian_pause_seconds,
            wanted.guardian_pause_seconds,
        )?;
        self.same("council.trip_seconds", found.trip_seconds, wanted.trip_seconds)?;
        self.same(
            "council.heartbeat_seconds",
            found.heartbeat_seconds,
            wanted.heartbeat_seconds,
        )?;
        self.same(
            "council.guardian_pauses_per_day",
            found.guardian_pauses_per_day,
            wanted.guardian_pauses_per_day,
        )?;
        self.same(
            "council.guardian_pauses_in_a_row",
            found.guardian_pauses_in_a_row,
            wanted.guardian_pauses_in_a_row,
        )?;
        self.same("council.fallback", found.fallback, wanted.fallback)?;
        self.same(
            "council.fallback_seconds",
            found.fallback_seconds,
            wanted.fallback_seconds,
        )?;
        self.same("council.default_mask", found.default_mask, wanted.default_mask)?;
        for (has, wants) in found.policies.iter().zip(&wanted.policies) {
            self.same("council.policies threshold", has.threshold, wants.threshold)?;
            self.same("council.policies delay_seconds", has.delay_seconds, wants.delay_seconds)?;
            self.same(
                "council.policies expiry_seconds",
                has.expiry_seconds,
                wants.expiry_seconds,
            )?;
        }
        Ok(())
    }

    fn same_breaker(&self, found: &OutflowBreaker, wanted: &OpenBreakerArgs) -> Result<bool, PlanError> {
        let wanted = opened(wanted);
        self.same("authority", found.authority, wanted.authority)?;
        self.same("shards", found.shards, wanted.shards)?;
        self.same("sub_windows", found.sub_windows, wanted.sub_windows)?;
        self.same("window_seconds", found.window_seconds, wanted.window_seconds)?;
        // A limit that a guardian has lowered for a time is restored by itself.
        let (has, wants) = (Limits::set_for(found), Limits::of(&wanted));
        self.same("limit", has.limit, wants.limit)?;
        self.same("slot_limit", has.slot_limit, wants.slot_limit)?;
        self.same("limit_bps", has.limit_bps, wants.limit_bps)?;
        self.same("slot_bps", has.slot_bps, wants.slot_bps)?;
        self.same("inflow_credit", has.inflow_credit, wants.inflow_credit)?;
        self.same("reference", found.reference, wanted.reference)?;
        self.same("trip_limit", found.trip_limit, wanted.trip_limit)?;
        self.same("trip_bps", found.trip_bps, wanted.trip_bps)?;
        self.same("trip_scope", found.latch.scope, wanted.latch.scope)?;
        self.same("latch_seconds", found.latch.seconds, wanted.latch.seconds)?;
        Ok(true)
    }

    fn same_price(&self, found: &PriceBreaker, wanted: &OpenPriceBreakerArgs) -> Result<bool, PlanError> {
        let wanted = price_opened(wanted);
        self.same("source", found.kind, wanted.kind)?;
        self.same("account", found.account, wanted.account)?;
        self.same("program", found.program, wanted.program)?;
        self.same("width", found.width, wanted.width)?;
        self.same("is_signed", found.flags, wanted.flags)?;
        self.same("price_offset", found.price_offset, wanted.price_offset)?;
        self.same("time_offset", found.time_offset, wanted.time_offset)?;
        self.same("confidence_offset", found.confidence_offset, wanted.confidence_offset)?;
        self.same("exponent", found.exponent, wanted.exponent)?;
        self.same("trip_scope", found.latch.scope, wanted.latch.scope)?;
        self.same("latch_seconds", found.latch.seconds, wanted.latch.seconds)?;
        let (has, wants) = (&found.rules, &wanted.rules);
        self.same("max_age_seconds", has.max_age_seconds, wants.max_age_seconds)?;
        self.same("max_ahead_seconds", has.max_ahead_seconds, wants.max_ahead_seconds)?;
        self.same(
            "min_interval_seconds",
            has.min_interval_seconds,
            wants.min_interval_seconds,
        )?;
        self.same("stale_seconds", has.stale_seconds, wants.stale_seconds)?;
        self.same("max_confidence_bps", has.max_confidence_bps, wants.max_confidence_bps)?;
        self.same("warmup", has.warmup, wants.warmup)?;
        self.same("twap_seconds", has.twap_seconds, wants.twap_seconds)?;
        self.same("tau_seconds", has.tau_seconds, wants.tau_seconds)?;
        self.same("z_milli", has.z_milli, wants.z_milli)?;
        self.same("cusum_h_milli", has.cusum_h_milli, wants.cusum_h_milli)?;
        self.same("cusum_k_milli", has.cusum_k_milli, wants.cusum_k_milli)?;
        self.same("cusum_clip_milli", has.cusum_clip_milli, wants.cusum_clip_milli)?;
        // The chain stores these in its own units.
        self.same("floor_ppm", has.variance_floor, wants.variance_floor)?;
        self.same("cap_ppm", has.variance_cap, wants.variance_cap)?;
        self.same("deviation_bps", has.deviation, wants.deviation)?;
        Ok(true)
    }

    fn decode<T: anchor_lang::ZeroCopy + anchor_lang::Discriminator>(&self, account: &Account) -> Result<T, PlanError> {
        let found = decode::owned(&account.owner, &account.data);
        found.ok_or(PlanError::NotOurs {
            name: self.name,
            target: self.target,
            owner: account.owner,
        })
    }

    fn same<T: PartialEq + ToString>(&self, field: &'static str, found: T, wanted: T) -> Result<(), PlanError> {
        if found == wanted {
            return Ok(());
        }
        Err(PlanError::Differs {
            name: self.name,
            target: self.target,
            field,
            found: found.to_string(),
            wanted: wanted.to_string(),
        })
    }
}

/// The breaker that the program would open. Arguments that the program refuses were rejected before the steps were
/// built.
fn opened(args: &OpenBreakerArgs) -> Box<OutflowBreaker> {
    let mut breaker = Box::new(OutflowBreaker::zeroed());
    let new = detector(args.compartment, args.trip_scope, args.latch_seconds);
    let _ = acts::open_breaker(&mut breaker, &new, &args.plan(), At { slot: 0, now: 0 });
    breaker
}

/// The same for a price breaker. Only the price account can be missing, and the program reads it last.
fn price_opened(args: &OpenPriceBreakerArgs) -> Box<PriceBreaker> {
    let mut breaker = Box::new(PriceBreaker::zeroed());
    let new = detector(args.compartment, args.trip_scope, args.latch_seconds);
    let (source, rules) = args.plan();
    let _ = acts::open_price_breaker(&mut breaker, &new, &source, &rules, None);
    breaker
}

/// Bump, domain and board follow from the address.
fn detector(compartment: u8, trip_scope: u8, latch_seconds: i64) -> NewDetector {
    NewDetector {
        bump: 0,
        domain: Pubkey::default(),
        board: Pubkey::default(),
        compartment,
        trip_scope,
        latch_seconds,
        proposed_slot: None,
    }
}
