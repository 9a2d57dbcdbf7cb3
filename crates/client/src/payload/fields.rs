//! Every field of every kind.

use anchor_lang::prelude::Pubkey;
use bulkhead::{call::StoredInstruction, instructions::*};

use super::{
    Field, Payload, Value, call,
    words::{filter_text, hex, mask, numbers, roles_of, scope},
};

impl Payload {
    /// Everything it says.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut told = Told::default();
        match self.clone() {
            Self::Resume(ResumeArgs { incident }) => {
                told.key("incident", incident);
            }
            Self::ChangeCouncil(council) => told.council(council),
            Self::RegisterRoute(RegisterRouteArgs { vault, destination }) => {
                told.key("vault", vault);
                told.key("destination", destination);
            }
            Self::ChooseRestoration(ChooseRestorationArgs {
                incident,
                snapshot,
                ledger_index,
                root,
            }) => {
                told.key("incident", incident);
                told.key("snapshot", snapshot);
                told.number("ledger_index", ledger_index);
                told.text("root", hex(&root));
            }
            Self::Reopen(ReopenArgs {
                incident,
                stage_bps,
                grace_seconds,
            }) => {
                told.key("incident", incident);
                told.number("stage_bps", stage_bps);
                told.seconds("grace_seconds", grace_seconds);
            }
            Self::OpenBreaker(OpenBreakerArgs {
                compartment,
                shard,
                mint,
                authority,
                sub_windows,
                trip_scope,
                window_seconds,
                limit,
                slot_limit,
                latch_seconds,
                shards,
                limit_bps,
                slot_bps,
                reference,
                inflow_credit,
                trip_limit,
                trip_bps,
            }) => {
                told.number("compartment", compartment);
                told.number("shard", shard);
                told.key("mint", mint);
                told.key("authority", authority);
                told.number("sub_windows", sub_windows);
                told.text("trip_scope", scope(trip_scope));
                told.seconds("window_seconds", window_seconds);
                told.amount("limit", limit);
                told.amount("slot_limit", slot_limit);
                told.seconds("latch_seconds", latch_seconds);
                told.number("shards", shards);
                told.number("limit_bps", limit_bps);
                told.number("slot_bps", slot_bps);
                told.key("reference", reference);
                told.amount("inflow_credit", inflow_credit);
                told.amount("trip_limit", trip_limit);
                told.number("trip_bps", trip_bps);
            }
            Self::OpenVault(OpenVaultArgs {
                index,
                compartment,
                operator,
                breaker,
                mint,
                queue_seconds,
                ledger,
            }) => {
                told.number("index", index);
                told.number("compartment", compartment);
                told.key("operator", operator);
                told.key("breaker", breaker);
                told.key("mint", mint);
                told.seconds("queue_seconds", queue_seconds);
                told.number("ledger", ledger);
            }
            Self::RegisterLedger(ledger) => told.ledger(ledger),
            Self::SetLimit(SetLimitArgs {
                breaker,
                limit,
                slot_limit,
                limit_bps,
                slot_bps,
                inflow_credit,
                trip_limit,
                trip_bps,
            }) => {
                told.key("breaker", breaker);
                told.amount("limit", limit);
                told.amount("slot_limit", slot_limit);
                told.number("limit_bps", limit_bps);
                told.number("slot_bps", slot_bps);
                told.amount("inflow_credit", inflow_credit);
                told.amount("trip_limit", trip_limit);
                told.number("trip_bps", trip_bps);
            }
            Self::GrantRights(GrantRightsArgs { member, pause_rights }) => {
                told.key("member", member);
                told.number("pause_rights", pause_rights);
            }
            Self::RegisterPlaybook(RegisterPlaybookArgs { index, instruction }) => {
                told.number("index", index);
                told.instruction(instruction);
            }
            Self::RunInstruction(instruction) => told.instruction(instruction),
            Self::OpenPriceBreaker(OpenPriceBreakerArgs {
                compartment,
                trip_scope,
                latch_seconds,
                source,
                rules,
            }) => {
                told.trip(compartment, trip_scope, latch_seconds);
                told.price_source(source);
                told.price_rules(rules);
            }
            Self::OpenSolvencyBreaker(OpenSolvencyBreakerArgs {
                compartment,
                trip_scope,
                latch_seconds,
                liabilities,
                program,
                offset,
                width,
                tolerance_bps,
                tolerance,
                min_age_seconds,
                reserves,
            }) => {
                told.trip(compartment, trip_scope, latch_seconds);
                told.key("liabilities", liabilities);
                told.key("program", program);
                told.number("offset", offset);
                told.number("width", width);
                told.number("tolerance_bps", tolerance_bps);
                told.amount("tolerance", tolerance);
                told.seconds("min_age_seconds", min_age_seconds);
                for (index, reserve) in reserves.into_iter().enumerate() {
                    told.key(format!("reserve_{index}"), reserve);
                }
            }
            Self::OpenAuthorityWatch(OpenAuthorityWatchArgs {
                compartment,
                trip_scope,
                latch_seconds,
                kind,
                account,
                program,
                offset,
                watches_upgrades,
                expected,
            }) => {
                told.trip(compartment, trip_scope, latch_seconds);
                told.number("kind_of_account", kind);
                told.key("account", account);
                told.key("program", program);
                told.number("offset", offset);
                told.text("watches_upgrades", watches_upgrades.to_string());
                for (index, key) in expected.into_iter().enumerate() {
                    told.key(format!("expected_{index}"), key);
                }
            }
            Self::CloseDetector(CloseDetectorArgs { detector, receiver }) => {
                told.key("detector", detector);
                told.key("receiver", receiver);
            }
            Self::SetLink(SetLinkArgs {
                upstream,
                upstream_scope,
                upstream_mask,
                compartments,
                mask: closed,
            }) => {
                told.key("upstream", upstream);
                told.text("upstream_scope", scope(upstream_scope));
                told.text("upstream_mask", mask(upstream_mask));
                told.text("compartments", numbers(compartments));
                told.text("mask", mask(closed));
            }
            Self::RedirectClaims(RedirectClaimsArgs {
                restoration,
                owner,
                destination,
                holder,
            }) => {
                told.key("restoration", restoration);
                told.key("owner", owner);
                told.key("destination", destination);
                told.key("holder", holder);
            }
            Self::CancelReleases(CancelReleasesArgs { vault, root }) => {
                told.key("vault", vault);
                told.text("list", hex(&root));
            }
            Self::OverrideSeal(OverrideSealArgs {
                snapshot,
                root,
                total,
                count,
                max_excess,
                max_shortfall,
            }) => {
                told.key("snapshot", snapshot);
                told.text("root", hex(&root));
                told.amount("total", total);
                told.amount("count", count);
                // What is being accepted, by name.
                told.amount("max_excess", max_excess);
                told.amount("max_shortfall", max_shortfall);
            }
            Self::OpenCheckpointLog(OpenCheckpointLogArgs {
                ledger_index,
                threshold,
                min_interval_slots,
                keep_seconds,
                tolerance_bps,
                published_only,
            }) => {
                told.number("ledger_index", ledger_index);
                told.number("threshold", threshold);
                told.amount("min_interval_slots", min_interval_slots);
                told.seconds("keep_seconds", keep_seconds);
                told.number("tolerance_bps", tolerance_bps);
                told.text("published_only", published_only.to_string());
            }
            Self::Unknown { kind, bytes } => {
                told.number("number", kind);
                told.text("bytes", hex(&bytes));
            }
        }
        told.0
    }
}

/// Fields as they are told.
#[derive(Default)]
struct Told(Vec<Field>);

impl Told {
    fn push(&mut self, name: impl Into<String>, value: Value) {
        self.0.push(Field {
            name: name.into(),
            value,
        });
    }

    fn key(&mut self, name: impl Into<String>, key: Pubkey) {
        self.push(name, Value::Key(key));
    }

    fn number(&mut self, name: impl Into<String>, number: impl Into<u32>) {
        self.push(name, Value::Number(number.into()));
    }

    fn amount(&mut self, name: impl Into<String>, amount: u64) {
        self.push(name, Value::Amount(amount));
    }

    fn seconds(&mut self, name: impl Into<String>, seconds: i64) {
        self.push(name, Value::Seconds(seconds));
    }

    fn text(&mut self, name: impl Into<String>, text: String) {
        self.push(name, Value::Text(text));
    }

    fn council(&mut self, council: CouncilConfig) {
        let CouncilConfig {
            members,
            hold_threshold,
            pause_rights,
            veto_rights,
            contain_seconds,
            trip_seconds,
            default_mask,
            policies,
            heartbeat_seconds,
            contains_per_day,
            contains_in_a_row,
            fallback,
            fallback_seconds,
        } = council;
        for (index, MemberConfig { key, roles }) in members.into_iter().enumerate() {
            self.text(format!("member_{index}"), format!("{key} {}", roles_of(roles)));
        }
        self.number("hold_threshold", hold_threshold);
        self.number("pause_rights", pause_rights);
        self.number("veto_rights", veto_rights);
        self.seconds("contain_seconds", contain_seconds);
        self.seconds("trip_seconds", trip_seconds);
        self.text("default_mask", mask(default_mask));
        let classes = ["loosen", "constitution", "custody", "restoration"];
        for (class, policy) in classes.into_iter().zip(policies) {
            let PolicyConfig {
                threshold,
                delay_seconds,
                expiry_seconds,
            } = policy;
            self.number(format!("{class}_threshold"), threshold);
            self.seconds(format!("{class}_delay_seconds"), delay_seconds);
            self.seconds(format!("{class}_expiry_seconds"), expiry_seconds);
        }
        self.seconds("heartbeat_seconds", heartbeat_seconds);
        self.number("contains_per_day", contains_per_day);
        self.number("contains_in_a_row", contains_in_a_row);
        self.key("fallback", fallback);
        self.seconds("fallback_seconds", fallback_seconds);
    }

    fn ledger(&mut self, ledger: RegisterLedgerArgs) {
        let RegisterLedgerArgs {
            index,
            program,
            mint,
            total,
            length_rule,
            data_len,
            filters,
            owner_offset,
            amounts,
            scale,
            slots,
            export,
        } = ledger;
        let TotalConfig {
            account,
            program: total_program,
            offset,
            width,
            unit,
            shortfall_bps,
            excess_bps,
        } = total;
        self.number("index", index);
        self.key("program", program);
        self.key("mint", mint);
        self.key("total_account", account);
        self.key("total_program", total_program);
        self.number("total_offset", offset);
        self.number("total_width", width);
        self.number("total_unit", unit);
        self.number("total_shortfall_bps", shortfall_bps);
        self.number("total_excess_bps", excess_bps);
        self.number("length_rule", length_rule);
        self.number("data_len", data_len);
        for (number, filter) in filters.iter().enumerate() {
            self.text(format!("filter_{number}"), filter_text(filter));
        }
        self.number("owner_offset", owner_offset);
        for (number, AmountConfig { offset, width, flags }) in amounts.into_iter().enumerate() {
            self.text(
                format!("amount_{number}"),
                format!("{width} bytes at {offset}, flags {flags}"),
            );
        }
        let ScaleConfig {
            multiplier,
            divisor,
            shift,
        } = scale;
        self.text("scale", format!("times {multiplier}, by {divisor}, by 2^{shift}"));
        if let Some(SlotTableConfig {
            offset,
            stride,
            count,
            used_offset,
            used_width,
            filter,
        }) = slots
        {
            self.text("slots", format!("{count} of {stride} bytes at {offset}"));
            self.text("slots_used", format!("{used_width} bytes at {used_offset}"));
            let filter = filter.as_ref().map_or_else(|| "none".to_owned(), filter_text);
            self.text("slots_filter", filter);
        }
        if let Some(ExportConfig {
            program,
            data,
            accounts,
        }) = export
        {
            self.key("export_program", program);
            self.text("export_data", hex(&data));
            for (number, account) in accounts.into_iter().enumerate() {
                self.key(format!("export_account_{number}"), account);
            }
        }
    }

    fn trip(&mut self, compartment: u8, trip_scope: u8, latch_seconds: i64) {
        self.number("compartment", compartment);
        self.text("trip_scope", scope(trip_scope));
        self.seconds("latch_seconds", latch_seconds);
    }

    fn price_source(&mut self, source: PriceSource) {
        match source {
            PriceSource::Pyth { feed_id, account } => {
                self.text("feed_id", hex(&feed_id));
                self.text("account", account.map_or("any".to_owned(), |key| key.to_string()));
            }
            PriceSource::Host {
                account,
                program,
                price_offset,
                width,
                is_signed,
                exponent,
                time_offset,
                confidence_offset,
            } => {
                self.key("account", account);
                self.key("program", program);
                self.number("price_offset", price_offset);
                self.number("width", width);
                self.text("is_signed", is_signed.to_string());
                self.text("exponent", exponent.to_string());
                self.number("time_offset", time_offset);
                let none = || "none".to_owned();
                self.text(
                    "confidence_offset",
                    confidence_offset.map_or_else(none, |at| at.to_string()),
                );
            }
        }
    }

    fn price_rules(&mut self, rules: PriceRulesConfig) {
        let PriceRulesConfig {
            max_age_seconds,
            max_ahead_seconds,
            min_interval_seconds,
            stale_seconds,
            max_confidence_bps,
            warmup,
            deviation_bps,
            twap_seconds,
            tau_seconds,
            floor_ppm,
            cap_ppm,
            z_milli,
            cusum_h_milli,
            cusum_k_milli,
            cusum_clip_milli,
        } = rules;
        self.seconds("max_age_seconds", i64::from(max_age_seconds));
        self.seconds("max_ahead_seconds", i64::from(max_ahead_seconds));
        self.seconds("min_interval_seconds", i64::from(min_interval_seconds));
        self.seconds("stale_seconds", i64::from(stale_seconds));
        self.number("max_confidence_bps", max_confidence_bps);
        self.number("warmup", warmup);
        self.number("deviation_bps", deviation_bps);
        self.seconds("twap_seconds", i64::from(twap_seconds));
        self.seconds("tau_seconds", i64::from(tau_seconds));
        self.number("floor_ppm", floor_ppm);
        self.number("cap_ppm", cap_ppm);
        self.number("z_milli", z_milli);
        self.number("cusum_h_milli", cusum_h_milli);
        self.number("cusum_k_milli", cusum_k_milli);
        self.number("cusum_clip_milli", cusum_clip_milli);
    }

    fn instruction(&mut self, instruction: StoredInstruction) {
        // What it does comes before the bytes that say so.
        for (index, line) in call::told(&instruction).into_iter().enumerate() {
            let name = if index == 0 {
                "does".to_owned()
            } else {
                format!("does_{index}")
            };
            self.text(name, line);
        }
        let StoredInstruction {
            program_id,
            accounts,
            data,
        } = instruction;
        self.key("program_id", program_id);
        for (index, account) in accounts.into_iter().enumerate() {
            let signer = if account.is_signer { " signer" } else { "" };
            let writable = if account.is_writable { " writable" } else { "" };
            self.text(
                format!("account_{index}"),
                format!("{}{signer}{writable}", account.pubkey),
            );
        }
        self.text("data", hex(&data));
    }
}
