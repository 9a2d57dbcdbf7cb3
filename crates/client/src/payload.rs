//! What a proposal would do, in words: for whoever is asked to approve it.
//!
//! Every field of every kind is told; a field that is added to a kind's arguments does not compile until it is told too.

use std::fmt;

use anchor_lang::{AnchorDeserialize, prelude::Pubkey};
use bulkhead::{call::StoredInstruction, instructions::*};
use bulkhead_interface::constants::{SCOPE_DOMAIN, kind, role};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// The arguments a proposal holds, by kind.
#[derive(Clone)]
pub enum Payload {
    /// Lift the pause of an incident that needs no restoration.
    Resume(ResumeArgs),
    /// Replace the council, its thresholds and its delays.
    ChangeCouncil(CouncilConfig),
    /// Set the one place a vault can be evacuated to.
    RegisterRoute(RegisterRouteArgs),
    /// Restart from the state the ballot chose.
    ChooseRestoration(ChooseRestorationArgs),
    /// Reopen after a restoration, or raise the stage of a reopening.
    Reopen(ReopenArgs),
    /// Create an outflow breaker.
    OpenBreaker(OpenBreakerArgs),
    /// Create a custody vault.
    OpenVault(OpenVaultArgs),
    /// Register where a ledger's positions lie in the host's accounts.
    RegisterLedger(RegisterLedgerArgs),
    /// Set a breaker's limits.
    SetLimit(SetLimitArgs),
    /// Give pause rights back.
    GrantRights(GrantRightsArgs),
    /// Register an instruction for guardians to run at once.
    RegisterPlaybook(RegisterPlaybookArgs),
    /// Run an instruction as the domain's PDA.
    RunInstruction(StoredInstruction),
    /// Create a price breaker.
    OpenPriceBreaker(OpenPriceBreakerArgs),
    /// Create a solvency breaker.
    OpenSolvencyBreaker(OpenSolvencyBreakerArgs),
    /// Register who may hold an authority.
    OpenAuthorityWatch(OpenAuthorityWatchArgs),
    /// Close a detector.
    CloseDetector(CloseDetectorArgs),
    /// Say which compartments an upstream's pause closes.
    SetLink(SetLinkArgs),
    /// Seal a snapshot whose sum is not the host's total.
    OverrideSeal(OverrideSealArgs),
    /// Open a ledger's checkpoint log, or change its rules.
    OpenCheckpointLog(OpenCheckpointLogArgs),
    /// A kind that this version of the client does not know.
    Unknown {
        /// Its number.
        kind: u8,
        /// The payload as it is.
        bytes: Vec<u8>,
    },
}

/// The payload is not the Borsh form of what its kind needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadError {
    /// The kind it should have been of.
    pub kind: u8,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the payload does not decode as one of kind {}", self.kind)
    }
}

impl std::error::Error for PayloadError {}

/// Reads the payload of a proposal of `kind`.
///
/// # Errors
/// [`PayloadError`] when it does not decode, or has bytes behind.
pub fn decode(kind: u8, payload: &[u8]) -> Result<Payload, PayloadError> {
    fn read<A: AnchorDeserialize>(kind: u8, payload: &[u8]) -> Result<A, PayloadError> {
        A::try_from_slice(payload).map_err(|_| PayloadError { kind })
    }
    Ok(match kind {
        kind::RESUME => Payload::Resume(read(kind, payload)?),
        kind::CHANGE_COUNCIL => Payload::ChangeCouncil(read(kind, payload)?),
        kind::REGISTER_ROUTE => Payload::RegisterRoute(read(kind, payload)?),
        kind::CHOOSE_RESTORATION => Payload::ChooseRestoration(read(kind, payload)?),
        kind::REOPEN => Payload::Reopen(read(kind, payload)?),
        kind::OPEN_BREAKER => Payload::OpenBreaker(read(kind, payload)?),
        kind::OPEN_VAULT => Payload::OpenVault(read(kind, payload)?),
        kind::REGISTER_LEDGER => Payload::RegisterLedger(read(kind, payload)?),
        kind::SET_LIMIT => Payload::SetLimit(read(kind, payload)?),
        kind::GRANT_RIGHTS => Payload::GrantRights(read(kind, payload)?),
        kind::REGISTER_PLAYBOOK => Payload::RegisterPlaybook(read(kind, payload)?),
        kind::RUN_INSTRUCTION => Payload::RunInstruction(read(kind, payload)?),
        kind::OPEN_PRICE_BREAKER => Payload::OpenPriceBreaker(read(kind, payload)?),
        kind::OPEN_SOLVENCY_BREAKER => Payload::OpenSolvencyBreaker(read(kind, payload)?),
        kind::OPEN_AUTHORITY_WATCH => Payload::OpenAuthorityWatch(read(kind, payload)?),
        kind::CLOSE_DETECTOR => Payload::CloseDetector(read(kind, payload)?),
        kind::SET_LINK => Payload::SetLink(read(kind, payload)?),
        kind::OVERRIDE_SEAL => Payload::OverrideSeal(read(kind, payload)?),
        kind::OPEN_CHECKPOINT_LOG => Payload::OpenCheckpointLog(read(kind, payload)?),
        _ => Payload::Unknown {
            kind,
            bytes: payload.to_vec(),
        },
    })
}

/// One thing a payload says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is about.
    pub name: String,
    /// What it says.
    pub value: Value,
}

/// What a field says. Shown in words, serialised as numbers and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An address, in base58.
    Key(Pubkey),
    /// A number, or an amount in native units.
    Number(u64),
    /// A time span.
    Seconds(i64),
    /// Words.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "{key}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Seconds(seconds) => f.write_str(&duration(*seconds)),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Key(key) => serializer.collect_str(key),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Seconds(seconds) => serializer.serialize_i64(*seconds),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// A map of `kind` and the fields, in order.
impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.fields();
        let mut map = serializer.serialize_map(Some(fields.len() + 1))?;
        map.serialize_entry("kind", self.name())?;
        for Field { name, value } in &fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The kind, then one line a field.
impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())?;
        for Field { name, value } in self.fields() {
            write!(f, "\n  {name}: {value}")?;
        }
        Ok(())
    }
}

impl Payload {
    /// The name of the instruction that executes it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Resume(_) => "resume",
            Self::ChangeCouncil(_) => "change_council",
            Self::RegisterRoute(_) => "register_route",
            Self::ChooseRestoration(_) => "choose_restoration",
            Self::Reopen(_) => "reopen",
            Self::OpenBreaker(_) => "open_breaker",
            Self::OpenVault(_) => "open_vault",
            Self::RegisterLedger(_) => "register_ledger",
            Self::SetLimit(_) => "set_limit",
            Self::GrantRights(_) => "grant_rights",
            Self::RegisterPlaybook(_) => "register_playbook",
            Self::RunInstruction(_) => "run_instruction",
            Self::OpenPriceBreaker(_) => "open_price_breaker",
            Self::OpenSolvencyBreaker(_) => "open_solvency_breaker",
            Self::OpenAuthorityWatch(_) => "open_authority_watch",
            Self::CloseDetector(_) => "close_detector",
            Self::SetLink(_) => "set_link",
            Self::OverrideSeal(_) => "override_seal",
            Self::OpenCheckpointLog(_) => "open_checkpoint_log",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Everything it says.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut told = Told::default();
        match self.clone() {
            Self::Resume(ResumeArgs { incident, board_epoch }) => {
                told.key("incident", incident);
                told.number("board_epoch", board_epoch);
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
                min_tranche,
            }) => {
                told.key("incident", incident);
                told.key("snapshot", snapshot);
                told.number("ledger_index", ledger_index);
                told.number("min_tranche", min_tranche);
            }
            Self::Reopen(ReopenArgs {
                incident,
                board_epoch,
                stage_bps,
                grace_seconds,
            }) => {
                told.key("incident", incident);
                told.number("board_epoch", board_epoch);
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
                told.number("limit", limit);
                told.number("slot_limit", slot_limit);
                told.seconds("latch_seconds", latch_seconds);
                told.number("shards", shards);
                told.number("limit_bps", limit_bps);
                told.number("slot_bps", slot_bps);
                told.key("reference", reference);
                told.number("inflow_credit", inflow_credit);
                told.number("trip_limit", trip_limit);
                told.number("trip_bps", trip_bps);
            }
            Self::OpenVault(OpenVaultArgs {
                index,
                compartment,
                operator,
                breaker,
                mint,
                queue_seconds,
            }) => {
                told.number("index", index);
                told.number("compartment", compartment);
                told.key("operator", operator);
                told.key("breaker", breaker);
                told.key("mint", mint);
                told.seconds("queue_seconds", queue_seconds);
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
                told.number("limit", limit);
                told.number("slot_limit", slot_limit);
                told.number("limit_bps", limit_bps);
                told.number("slot_bps", slot_bps);
                told.number("inflow_credit", inflow_credit);
                told.number("trip_limit", trip_limit);
                told.number("trip_bps", trip_bps);
            }
            Self::GrantRights(GrantRightsArgs { member, rights }) => {
                told.key("member", member);
                told.number("rights", rights);
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
                told.number("tolerance", tolerance);
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
                told.number("total", total);
                told.number("count", count);
                // What is being accepted, by name.
                told.number("max_excess", max_excess);
                told.number("max_shortfall", max_shortfall);
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
                told.number("min_interval_slots", min_interval_slots);
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

    fn number(&mut self, name: impl Into<String>, number: impl Into<u64>) {
        self.push(name, Value::Number(number.into()));
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

/// `90061` is `1 day 1 hour 1 minute 1 second`.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let sign = if seconds < 0 { "minus " } else { "" };
    let mut rest = seconds.unsigned_abs();
    let mut parts = Vec::new();
    for (name, length) in [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)] {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            parts.push(format!("{count} {name}{plural}"));
        }
    }
    if parts.is_empty() {
        return "0 seconds".to_owned();
    }
    format!("{sign}{}", parts.join(" "))
}

fn scope(scope: u8) -> String {
    if scope == SCOPE_DOMAIN {
        "the whole domain".to_owned()
    } else {
        format!("compartment {scope}")
    }
}

/// The numbers of the bits that are set.
fn numbers(bits: u64) -> String {
    let set: Vec<_> = (0..64)
        .filter(|bit| bits >> bit & 1 == 1)
        .map(|bit| bit.to_string())
        .collect();
    if set.is_empty() {
        "none".to_owned()
    } else {
        set.join(", ")
    }
}

fn roles_of(roles: u8) -> String {
    let names = [
        (role::GUARDIAN, "guardian"),
        (role::APPROVER, "approver"),
        (role::VETOER, "vetoer"),
        (role::ATTESTER, "attester"),
    ];
    let mut held: Vec<_> = names
        .into_iter()
        .filter(|(bit, _)| roles & bit != 0)
        .map(|(_, name)| name.to_owned())
        .collect();
    if roles & !role::ALL != 0 {
        held.push(format!("unknown {:#x}", roles & !role::ALL));
    }
    held.join(" and ")
}

/// A mask, and the actions of Bulkhead's that it leaves open: in an emergency mask they are the few.
fn mask(mask: u32) -> String {
    use bulkhead_guard::action;
    let names = [
        (action::DEPOSIT, "deposit"),
        (action::WITHDRAW, "withdraw"),
        (action::BORROW, "borrow"),
        (action::REPAY, "repay"),
        (action::TRADE, "trade"),
        (action::CANCEL, "cancel"),
        (action::LIQUIDATE, "liquidate"),
        (action::SETTLE, "settle"),
        (action::CLAIM, "claim"),
        (action::ADMIN, "admin"),
    ];
    let open: Vec<_> = names
        .into_iter()
        .filter(|(bit, _)| mask & bit == 0)
        .map(|(_, name)| name)
        .collect();
    if open.is_empty() {
        return format!("{mask:#010x}: leaves nothing open");
    }
    format!("{mask:#010x}: leaves {} open", open.join(", "))
}

fn filter_text(ByteFilterConfig { offset, bytes }: &ByteFilterConfig) -> String {
    format!("{} at {offset}", hex(bytes))
}

/// Bytes in hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchor_lang::AnchorSerialize;

    fn bytes(args: &impl AnchorSerialize) -> Vec<u8> {
        let mut bytes = vec![];
        args.serialize(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_payload_is_told_field_by_field() {
        let args = OpenVaultArgs {
            index: 1,
            compartment: 2,
            operator: Pubkey::new_from_array([1; 32]),
            breaker: Pubkey::new_from_array([2; 32]),
            mint: Pubkey::new_from_array([3; 32]),
            queue_seconds: 90_061,
        };
        let payload = decode(kind::OPEN_VAULT, &bytes(&args)).unwrap();
        let text = payload.to_string();
        assert_eq!(text.lines().count(), 7);
        assert!(text.starts_with("open_vault\n  index: 1\n  compartment: 2\n  operator: 4vJ9JU1b"));
        assert!(text.ends_with("queue_seconds: 1 day 1 hour 1 minute 1 second"));
        let json = serde_json::to_value(&payload).unwrap();
        assert_eq!(
            (&json["kind"], &json["queue_seconds"]),
            (&"open_vault".into(), &90_061.into())
        );
    }

    #[test]
    fn a_council_is_told_with_roles_masks_and_delays() {
        let policy = PolicyConfig {
            threshold: 2,
            delay_seconds: 3_600,
            expiry_seconds: 7 * 86_400,
        };
        let council = CouncilConfig {
            members: vec![MemberConfig {
                key: Pubkey::new_from_array([1; 32]),
                roles: role::GUARDIAN | role::APPROVER,
            }],
            hold_threshold: 1,
            pause_rights: 3,
            contain_seconds: 6 * 3_600,
            trip_seconds: 72 * 3_600,
            default_mask: bulkhead_guard::action::DEFAULT_EMERGENCY,
            policies: [policy.clone(), policy.clone(), policy.clone(), policy],
            heartbeat_seconds: 30 * 86_400,
            contains_per_day: 2,
            contains_in_a_row: 2,
            fallback: Pubkey::new_from_array([9; 32]),
            fallback_seconds: 7 * 86_400,
        };
        let text = decode(kind::CHANGE_COUNCIL, &bytes(&council)).unwrap().to_string();
        for line in [
            "member_0: 4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi guardian and approver",
            "default_mask: 0xfffffed6: leaves deposit, repay, cancel, claim open",
            "constitution_delay_seconds: 1 hour",
            "trip_seconds: 3 days",
        ] {
            assert!(text.contains(line), "{line}\nis not in\n{text}");
        }
    }

    #[test]
    fn what_does_not_decode_is_an_error_and_what_is_not_known_is_shown_as_it_is() {
        assert_eq!(
            decode(kind::RESUME, &[1, 2]).err(),
            Some(PayloadError { kind: kind::RESUME })
        );
        let mut behind = bytes(&GrantRightsArgs {
            member: Pubkey::default(),
            rights: 1,
        });
        behind.push(0);
        assert!(decode(kind::GRANT_RIGHTS, &behind).is_err());
        let unknown = decode(200, &[0xab, 1]).unwrap();
        assert_eq!(unknown.to_string(), "unknown\n  number: 200\n  bytes: ab01");
    }

    #[test]
    fn durations_are_in_words() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (7_200, "2 hours"),
            (-60, "minus 1 minute"),
        ] {
            assert_eq!(duration(seconds), words);
        }
    }
}
