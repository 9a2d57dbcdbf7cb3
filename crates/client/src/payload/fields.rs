//! Every field of every kind.

mod detectors;
mod insurance;
mod messages;
mod setup;

use anchor_lang::prelude::Pubkey;
use bulkhead::{call::StoredInstruction, decision::Decision, instructions::*};

use super::{
    Field, Payload, Value, call,
    words::{hex, mask, numbers, scope, set_of},
};

impl Payload {
    /// All fields of the payload.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Fields::default();
        match self.clone() {
            Self::Known(decision) => fields.decision(decision),
            Self::Unknown { kind, bytes } => {
                fields.number("number", kind);
                fields.text("bytes", hex(&bytes));
            }
        }
        fields.0
    }
}

/// The fields to display.
#[derive(Default)]
struct Fields(Vec<Field>);

impl Fields {
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

    fn decision(&mut self, decision: Decision) {
        match decision {
            Decision::Resume(ResumeArgs { incident }) => {
                self.key("incident", incident);
            }
            Decision::ChangeCouncil(council) => self.council(council),
            Decision::RegisterEvacuationRoute(RegisterEvacuationRouteArgs { vault, destination }) => {
                self.key("vault", vault);
                self.key("destination", destination);
            }
            Decision::ChooseRestoration(ChooseRestorationArgs {
                incident,
                snapshot,
                ledger_index,
                root,
            }) => {
                self.key("incident", incident);
                self.key("snapshot", snapshot);
                self.number("ledger_index", ledger_index);
                self.text("root", hex(&root));
            }
            Decision::Reopen(ReopenArgs {
                incident,
                ramp_bps,
                grace_seconds,
            }) => {
                self.key("incident", incident);
                self.number("ramp_bps", ramp_bps);
                self.seconds("grace_seconds", grace_seconds);
            }
            Decision::OpenBreaker(OpenBreakerArgs {
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
                self.number("compartment", compartment);
                self.number("shard", shard);
                self.key("mint", mint);
                self.key("authority", authority);
                self.number("sub_windows", sub_windows);
                self.text("trip_scope", scope(trip_scope));
                self.seconds("window_seconds", window_seconds);
                self.amount("limit", limit);
                self.amount("slot_limit", slot_limit);
                self.seconds("latch_seconds", latch_seconds);
                self.number("shards", shards);
                self.number("limit_bps", limit_bps);
                self.number("slot_bps", slot_bps);
                self.key("reference", reference);
                self.amount("inflow_credit", inflow_credit);
                self.amount("trip_limit", trip_limit);
                self.number("trip_bps", trip_bps);
            }
            Decision::OpenVault(OpenVaultArgs {
                index,
                compartment,
                operator,
                breaker,
                mint,
                queue_seconds,
                ledger,
            }) => {
                self.number("index", index);
                self.number("compartment", compartment);
                self.key("operator", operator);
                self.key("breaker", breaker);
                self.key("mint", mint);
                self.seconds("queue_seconds", queue_seconds);
                self.number("ledger", ledger);
            }
            Decision::RegisterLedger(ledger) => self.ledger(ledger),
            Decision::SetLimit(SetLimitArgs {
                breaker,
                limit,
                slot_limit,
                limit_bps,
                slot_bps,
                inflow_credit,
                trip_limit,
                trip_bps,
            }) => {
                self.key("breaker", breaker);
                self.amount("limit", limit);
                self.amount("slot_limit", slot_limit);
                self.number("limit_bps", limit_bps);
                self.number("slot_bps", slot_bps);
                self.amount("inflow_credit", inflow_credit);
                self.amount("trip_limit", trip_limit);
                self.number("trip_bps", trip_bps);
            }
            Decision::GrantRights(GrantRightsArgs { member, pause_rights }) => {
                self.key("member", member);
                self.number("pause_rights", pause_rights);
            }
            Decision::RegisterEmergencyAction(RegisterEmergencyActionArgs { index, instruction }) => {
                self.number("index", index);
                self.instruction(instruction);
            }
            Decision::RunInstruction(instruction) => self.instruction(instruction),
            Decision::RegisterDirectVault(RegisterDirectVaultArgs {
                source,
                route,
                ledger,
                least_bps,
                instruction,
            }) => {
                self.key("source", source);
                self.key("route", route);
                self.number("ledger", ledger);
                self.number("least_bps", least_bps);
                self.instruction(instruction);
            }
            Decision::UpgradeHost(UpgradeHostArgs {
                program,
                buffer_hash,
                spill,
            }) => {
                self.key("program", program);
                self.text("buffer_hash", hex(&buffer_hash));
                self.key("spill", spill);
            }
            Decision::RegisterEmergencyBuild(RegisterEmergencyBuildArgs {
                program,
                build_hash,
                spill,
            }) => {
                self.key("program", program);
                self.text("build_hash", hex(&build_hash));
                self.key("spill", spill);
            }
            Decision::RegisterEmergencySteps(RegisterEmergencyStepsArgs {
                index,
                steps,
                first,
                whole_hash,
                instructions,
            }) => {
                self.number("index", index);
                self.number("steps", steps);
                self.number("first", first);
                self.text("whole_hash", hex(&whole_hash));
                for (step, instruction) in (u32::from(first)..).zip(instructions) {
                    let mut own = Fields::default();
                    own.instruction(instruction);
                    for Field { name, value } in own.0 {
                        self.push(format!("step_{step}_{name}"), value);
                    }
                }
            }
            Decision::OpenPriceBreaker(OpenPriceBreakerArgs {
                compartment,
                trip_scope,
                latch_seconds,
                source,
                rules,
            }) => {
                self.trip(compartment, trip_scope, latch_seconds);
                self.price_source(source);
                self.price_rules(rules);
            }
            Decision::OpenSolvencyBreaker(OpenSolvencyBreakerArgs {
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
                self.trip(compartment, trip_scope, latch_seconds);
                self.key("liabilities", liabilities);
                self.key("program", program);
                self.number("offset", offset);
                self.number("width", width);
                self.number("tolerance_bps", tolerance_bps);
                self.amount("tolerance", tolerance);
                self.seconds("min_age_seconds", min_age_seconds);
                for (index, reserve) in reserves.into_iter().enumerate() {
                    self.key(format!("reserve_{index}"), reserve);
                }
            }
            Decision::OpenAuthorityWatch(OpenAuthorityWatchArgs {
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
                self.trip(compartment, trip_scope, latch_seconds);
                self.number("kind_of_account", kind);
                self.key("account", account);
                self.key("program", program);
                self.number("offset", offset);
                self.text("watches_upgrades", watches_upgrades.to_string());
                for (index, key) in expected.into_iter().enumerate() {
                    self.key(format!("expected_{index}"), key);
                }
            }
            Decision::CloseDetector(CloseDetectorArgs { detector, receiver }) => {
                self.key("detector", detector);
                self.key("receiver", receiver);
            }
            Decision::SetLink(SetLinkArgs {
                upstream,
                upstream_scope,
                upstream_mask,
                compartments,
                mask: closed,
            }) => {
                self.key("upstream", upstream);
                self.text("upstream_scope", scope(upstream_scope));
                self.text("upstream_mask", mask(upstream_mask));
                self.text("compartments", numbers(compartments));
                self.text("mask", mask(closed));
            }
            Decision::RegisterPeer(args) => self.peer(args),
            Decision::RegisterVerifyingKey(RegisterVerifyingKeyArgs { id, accepts_insecure }) => {
                self.text("id", hex(&id));
                self.text("accepts_insecure", accepts_insecure.to_string());
            }
            Decision::RequireProofs(RequireProofsArgs { ledgers }) => self.text("ledgers", set_of(&ledgers)),
            Decision::OverrideProof(OverrideProofArgs { restoration }) => self.key("restoration", restoration),
            Decision::RedirectClaims(RedirectClaimsArgs {
                restoration,
                owner,
                destination,
                holder,
            }) => {
                self.key("restoration", restoration);
                self.key("owner", owner);
                self.key("destination", destination);
                self.key("holder", holder);
            }
            Decision::CancelReleases(CancelReleasesArgs { vault, root }) => {
                self.key("vault", vault);
                self.text("list", hex(&root));
            }
            Decision::SetRecoveryRules(SetRecoveryRulesArgs {
                escape_seconds,
                restart_check_seconds,
            }) => {
                self.seconds("escape_seconds", escape_seconds);
                self.seconds("restart_check_seconds", restart_check_seconds);
            }
            Decision::SetBallotRules(SetBallotRulesArgs {
                weight_program,
                weight_realm,
                max_weight_record,
                is_targeted,
                cool_off_seconds,
                dispute_seconds,
            }) => {
                self.key("weight_program", weight_program);
                self.key("weight_realm", weight_realm);
                self.key("max_weight_record", max_weight_record);
                self.text("is_targeted", is_targeted.to_string());
                self.seconds("cool_off_seconds", cool_off_seconds);
                self.seconds("dispute_seconds", dispute_seconds);
            }
            Decision::SetClaimTerms(SetClaimTermsArgs {
                ledger_index,
                claim_days,
                rest_owner,
                successor,
            }) => {
                self.number("ledger_index", ledger_index);
                self.number("claim_days", claim_days);
                self.key("rest_owner", rest_owner);
                self.key("successor", successor);
            }
            Decision::ExtendClaims(ExtendClaimsArgs {
                restoration,
                claim_days,
            }) => {
                self.key("restoration", restoration);
                self.number("claim_days", claim_days);
            }
            Decision::OverrideRestartCheck(OverrideRestartCheckArgs {
                incident,
                ledger_index,
                max_shortfall,
            }) => {
                self.key("incident", incident);
                self.number("ledger_index", ledger_index);
                // The finding that is accepted, by name.
                self.amount("max_shortfall", max_shortfall);
            }
            Decision::OverrideSeal(OverrideSealArgs {
                snapshot,
                root,
                total,
                count,
                max_excess,
                max_shortfall,
            }) => {
                self.key("snapshot", snapshot);
                self.text("root", hex(&root));
                self.amount("total", total);
                self.amount("count", count);
                // The finding that is accepted, by name.
                self.amount("max_excess", max_excess);
                self.amount("max_shortfall", max_shortfall);
            }
            Decision::SetInterimRule(SetInterimRuleArgs {
                ledger_index,
                bps,
                cap,
                age_seconds,
            }) => {
                self.number("ledger_index", ledger_index);
                self.number("bps", bps);
                self.amount("cap", cap);
                self.seconds("age_seconds", age_seconds);
            }
            Decision::OpenInsurance(args) => self.insurance(args),
            Decision::OpenCheckpointLog(OpenCheckpointLogArgs {
                ledger_index,
                threshold,
                min_interval_slots,
                keep_seconds,
                tolerance_bps,
                published_only,
            }) => {
                self.number("ledger_index", ledger_index);
                self.number("threshold", threshold);
                self.amount("min_interval_slots", min_interval_slots);
                self.seconds("keep_seconds", keep_seconds);
                self.number("tolerance_bps", tolerance_bps);
                self.text("published_only", published_only.to_string());
            }
        }
    }

    fn instruction(&mut self, instruction: StoredInstruction) {
        // The description precedes the bytes that it describes.
        for (index, line) in call::describe(&instruction).into_iter().enumerate() {
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
