//! What a domain is opened with: TOML or JSON, in the names of the program's own arguments, and the same that
//! `app/client/src/deploy/config.ts` reads. Every key is checked by name, so a typing error stops a deployment instead of
//! being ignored by it.

use std::{cell::RefCell, collections::BTreeSet, path::Path};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::bulkhead::instructions::{
    AmountConfig, ByteFilterConfig, CouncilConfig, ExportConfig, MemberConfig, OpenBreakerArgs, OpenDomainArgs,
    OpenPriceBreakerArgs, OpenVaultArgs, PolicyConfig, PriceRulesConfig, PriceSource, RegisterLedgerArgs, ScaleConfig,
    SlotTableConfig, TotalConfig,
};
use bulkhead_guard::action::{self, DEFAULT_EMERGENCY};
use bulkhead_interface::constants::{
    BPS, MAX_AMOUNTS, MAX_COMPARTMENTS, MAX_EXPORT_ACCOUNTS, MAX_FILTERS, MAX_MEMBERS, MAX_SUB_WINDOWS,
    MAX_TOTAL_TOLERANCE_BPS, MIN_SUB_WINDOWS, SCOPE_DOMAIN, amount_flag, length_rule, role,
};
use serde_json::{Map, Value};

use crate::files;

const FILTER_BYTES: usize = 32;

/// The configuration cannot be used as it is.
#[derive(Debug, thiserror::Error)]
#[error("BadConfig: {0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// What is wrong at a key.
    pub(super) fn at(key: &str, told: &str) -> Self {
        Self(format!("{key}: {told}"))
    }
}

/// A configuration.
pub struct DomainConfig {
    /// Token whose holders vote.
    pub governance_mint: Pubkey,
    /// The domain itself.
    pub domain: OpenDomainArgs,
    /// Breakers of hosts with custody of their own.
    pub breakers: Vec<OpenBreakerArgs>,
    /// Vaults, each with its breaker.
    pub vaults: Vec<VaultConfig>,
    /// Ledgers.
    pub ledgers: Vec<RegisterLedgerArgs>,
    /// Price breakers.
    pub price_breakers: Vec<OpenPriceBreakerArgs>,
    /// End set-up when all is there.
    pub activate: bool,
}

/// A vault comes with the breaker that meters it.
pub struct VaultConfig {
    /// Its arguments; the breaker's address is not known yet.
    pub args: OpenVaultArgs,
    /// The breaker's; its authority is not known yet.
    pub breaker: OpenBreakerArgs,
    /// The one token account it can be evacuated to.
    pub route: Option<Pubkey>,
}

/// Reads a configuration from one file or several: their lists are joined, everything else may be in one of them only.
///
/// # Errors
/// [`ConfigError`] by key.
pub fn read(files: &[impl AsRef<Path>]) -> Result<DomainConfig, ConfigError> {
    let mut all = Map::new();
    for file in files {
        let (file, name) = (file.as_ref(), file.as_ref().display());
        let text = files::read_text(file, files::LONG)
            .map_err(|error| ConfigError(format!("{name} cannot be read: {error}")))?;
        let is_json = file.extension().is_some_and(|extension| extension == "json");
        let values: Map<String, Value> = if is_json {
            once(&text).map_err(|error| ConfigError(format!("{name}: {error}")))?
        } else {
            toml::from_str(&text).map_err(|error| ConfigError(format!("{name}: {error}")))?
        };
        for (key, value) in values {
            match (all.get_mut(&key), value) {
                (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
                (Some(_), _) => return Err(ConfigError(format!("{name}: {key} is in another file already"))),
                (None, value) => {
                    all.insert(key, value);
                }
            }
        }
    }
    read_domain(&Section::new(String::new(), &all))
}

/// JSON in which every key stands once, as TOML wants it too.
fn once(text: &str) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_value(bulkhead_snapshot::json::from_slice(text.as_bytes())?)
}

fn read_domain(domain: &Section<'_>) -> Result<DomainConfig, ConfigError> {
    let config = DomainConfig {
        governance_mint: domain.address("governance_mint")?,
        domain: OpenDomainArgs {
            host_program: domain.address("host_program")?,
            vote_seconds: domain.seconds("vote_seconds")?,
            quorum_bps: domain.integer("quorum_bps", 1, u64::from(BPS), None)?,
            council: read_council(&domain.section("council")?)?,
        },
        breakers: domain.each("breakers", read_breaker)?,
        vaults: domain.each("vaults", read_vault)?,
        ledgers: domain.each("ledgers", read_ledger)?,
        price_breakers: domain.each("price_breakers", read_price_breaker)?,
        activate: domain.flag("activate")?,
    };
    domain.done(config)
}

fn read_council(council: &Section<'_>) -> Result<CouncilConfig, ConfigError> {
    let members = council.each("members", |member| {
        member.done(MemberConfig {
            key: member.address("key")?,
            roles: u8::try_from(member.names("roles", &ROLES)?).unwrap_or(u8::MAX),
        })
    })?;
    if members.is_empty() || members.len() > MAX_MEMBERS {
        return Err(ConfigError(format!(
            "council.members: 1 to {MAX_MEMBERS}, not {}",
            members.len()
        )));
    }
    let policies = council.section("policies")?;
    let policy = |name| read_policy(&policies.section(name)?);
    let config = CouncilConfig {
        members,
        hold_threshold: council.integer("hold_threshold", 1, MAX_MEMBERS as u64, None)?,
        pause_rights: council.integer("pause_rights", 1, 255, None)?,
        veto_rights: council.integer("veto_rights", 0, 255, None)?,
        contain_seconds: council.seconds("contain_seconds")?,
        trip_seconds: council.seconds("trip_seconds")?,
        heartbeat_seconds: council.seconds("heartbeat_seconds")?,
        contains_per_day: council.integer("contains_per_day", 1, 255, None)?,
        contains_in_a_row: council.integer("contains_in_a_row", 1, 255, None)?,
        fallback: council.address("fallback")?,
        fallback_seconds: council.seconds("fallback_seconds")?,
        default_mask: if council.has("default_mask") {
            council.names("default_mask", &ACTIONS)?
        } else {
            DEFAULT_EMERGENCY
        },
        policies: [
            policy("loosen")?,
            policy("constitution")?,
            policy("custody")?,
            policy("restoration")?,
        ],
    };
    policies.done(())?;
    council.done(config)
}

const ROLES: [(&str, u32); 4] = [
    ("guardian", role::GUARDIAN as u32),
    ("approver", role::APPROVER as u32),
    ("vetoer", role::VETOER as u32),
    ("attester", role::ATTESTER as u32),
];

const ACTIONS: [(&str, u32); 10] = [
    ("deposit", action::DEPOSIT),
    ("withdraw", action::WITHDRAW),
    ("borrow", action::BORROW),
    ("repay", action::REPAY),
    ("trade", action::TRADE),
    ("cancel", action::CANCEL),
    ("liquidate", action::LIQUIDATE),
    ("settle", action::SETTLE),
    ("claim", action::CLAIM),
    ("admin", action::ADMIN),
];

fn read_policy(policy: &Section<'_>) -> Result<PolicyConfig, ConfigError> {
    policy.done(PolicyConfig {
        threshold: policy.integer("threshold", 1, MAX_MEMBERS as u64, None)?,
        delay_seconds: policy.seconds("delay_seconds")?,
        expiry_seconds: policy.seconds("expiry_seconds")?,
    })
}

fn read_breaker(breaker: &Section<'_>) -> Result<OpenBreakerArgs, ConfigError> {
    breaker.done(OpenBreakerArgs {
        compartment: breaker.compartment("compartment")?,
        mint: breaker.address("mint")?,
        authority: breaker.address("authority")?,
        ..read_limits(breaker)?
    })
}

fn read_limits(breaker: &Section<'_>) -> Result<OpenBreakerArgs, ConfigError> {
    Ok(OpenBreakerArgs {
        compartment: 0,
        mint: Pubkey::default(),
        authority: Pubkey::default(),
        shard: breaker.integer("shard", 0, 255, Some(0))?,
        shards: breaker.integer("shards", 1, 255, Some(1))?,
        sub_windows: breaker.integer("sub_windows", u64::from(MIN_SUB_WINDOWS), MAX_SUB_WINDOWS as u64, None)?,
        trip_scope: breaker.scope("trip_scope")?,
        window_seconds: breaker.seconds("window_seconds")?,
        limit: breaker.amount("limit")?,
        slot_limit: breaker.amount("slot_limit")?,
        latch_seconds: breaker.seconds("latch_seconds")?,
        limit_bps: breaker.integer("limit_bps", 0, u64::from(BPS), Some(0))?,
        slot_bps: breaker.integer("slot_bps", 0, u64::from(BPS), Some(0))?,
        reference: breaker.optional("reference", Section::address)?.unwrap_or_default(),
        inflow_credit: breaker.optional("inflow_credit", Section::amount)?.unwrap_or(0),
        trip_limit: breaker.optional("trip_limit", Section::amount)?.unwrap_or(0),
        trip_bps: breaker.integer("trip_bps", 0, u64::from(u16::MAX), Some(0))?,
    })
}

fn read_vault(vault: &Section<'_>) -> Result<VaultConfig, ConfigError> {
    let breaker = vault.section("breaker")?;
    let (mint, compartment) = (vault.address("mint")?, vault.compartment("compartment")?);
    let config = VaultConfig {
        args: OpenVaultArgs {
            index: vault.integer("index", 0, 255, Some(0))?,
            compartment,
            operator: vault.address("operator")?,
            breaker: Pubkey::default(),
            mint,
            queue_seconds: vault.seconds("queue_seconds")?,
            ledger: vault.integer("ledger", 0, 255, None)?,
        },
        breaker: OpenBreakerArgs {
            compartment,
            mint,
            ..read_limits(&breaker)?
        },
        route: vault.optional("route", Section::address)?,
    };
    breaker.done(())?;
    vault.done(config)
}

fn read_ledger(ledger: &Section<'_>) -> Result<RegisterLedgerArgs, ConfigError> {
    let program = ledger.address("program")?;
    let data_len = ledger.integer("data_len", 0, u64::from(u32::MAX), Some(0))?;
    let usual_rule = if data_len == 0 {
        length_rule::AT_LEAST
    } else {
        length_rule::EXACT
    };
    let is_exported = ledger.has("export");
    ledger.done(RegisterLedgerArgs {
        index: ledger.integer("index", 0, 255, None)?,
        program,
        mint: ledger.address("mint")?,
        total: TotalConfig {
            account: ledger.address("total_account")?,
            program: ledger.optional("total_program", Section::address)?.unwrap_or(program),
            offset: ledger.integer("total_offset", 0, u64::from(u32::MAX), None)?,
            width: ledger.integer("total_width", 8, 16, Some(8))?,
            unit: ledger.integer("total_unit", 0, 1, Some(0))?,
            shortfall_bps: ledger.integer("total_shortfall_bps", 0, MAX_TOTAL_TOLERANCE_BPS.into(), Some(0))?,
            excess_bps: ledger.integer("total_excess_bps", 0, MAX_TOTAL_TOLERANCE_BPS.into(), Some(0))?,
        },
        length_rule: ledger.integer(
            "length_rule",
            length_rule::EXACT.into(),
            length_rule::TOKEN_ACCOUNT.into(),
            Some(usual_rule.into()),
        )?,
        data_len,
        filters: at_most(MAX_FILTERS, ledger, "filters", read_filter)?,
        owner_offset: ledger.integer("owner_offset", 0, u64::from(u32::MAX), is_exported.then_some(0))?,
        amounts: if is_exported { vec![] } else { read_amounts(ledger)? },
        scale: (ledger.has("scale"))
            .then(|| read_scale(&ledger.section("scale")?))
            .transpose()?
            .unwrap_or(ScaleConfig {
                multiplier: 1,
                divisor: 1,
                shift: 0,
            }),
        slots: (ledger.has("slots"))
            .then(|| read_slots(&ledger.section("slots")?))
            .transpose()?,
        export: is_exported
            .then(|| read_export(&ledger.section("export")?))
            .transpose()?,
    })
}

/// One number at `amount_offset`, or a list of numbers that are added up.
fn read_amounts(ledger: &Section<'_>) -> Result<Vec<AmountConfig>, ConfigError> {
    if ledger.has("amount_offset") {
        return Ok(vec![AmountConfig {
            offset: ledger.integer("amount_offset", 0, u64::from(u32::MAX), None)?,
            width: ledger.integer("amount_width", 1, 16, Some(8))?,
            flags: 0,
        }]);
    }
    at_most(MAX_AMOUNTS, ledger, "amounts", |amount| {
        amount.done(AmountConfig {
            offset: amount.integer("offset", 0, u64::from(u32::MAX), None)?,
            width: amount.integer("width", 1, 16, Some(8))?,
            flags: amount.integer("flags", 0, amount_flag::ALL.into(), Some(0))?,
        })
    })
}

fn read_scale(scale: &Section<'_>) -> Result<ScaleConfig, ConfigError> {
    scale.done(ScaleConfig {
        multiplier: scale.optional("multiplier", Section::amount)?.unwrap_or(1),
        divisor: scale.optional("divisor", Section::amount)?.unwrap_or(1),
        shift: scale.integer("shift", 0, 127, Some(0))?,
    })
}

fn read_slots(slots: &Section<'_>) -> Result<SlotTableConfig, ConfigError> {
    slots.done(SlotTableConfig {
        offset: slots.integer("offset", 0, u64::from(u32::MAX), None)?,
        stride: slots.integer("stride", 1, u64::from(u32::MAX), None)?,
        count: slots.integer("count", 1, u64::from(u16::MAX), None)?,
        used_offset: slots.integer("used_offset", 0, u64::from(u32::MAX), Some(0))?,
        used_width: slots.integer("used_width", 0, 8, Some(0))?,
        filter: (slots.has("filter"))
            .then(|| read_filter(&slots.section("filter")?))
            .transpose()?,
    })
}

fn read_export(export: &Section<'_>) -> Result<ExportConfig, ConfigError> {
    export.done(ExportConfig {
        program: export.address("program")?,
        data: export.hex("hex")?,
        accounts: at_most(MAX_EXPORT_ACCOUNTS, export, "accounts", |account| {
            account.done(account.address("address")?)
        })?,
    })
}

fn read_filter(filter: &Section<'_>) -> Result<ByteFilterConfig, ConfigError> {
    filter.done(ByteFilterConfig {
        offset: filter.integer("offset", 0, u64::from(u32::MAX), None)?,
        bytes: filter.hex("hex")?,
    })
}

fn at_most<T>(
    most: usize,
    section: &Section<'_>,
    key: &str,
    read: impl Fn(&Section<'_>) -> Result<T, ConfigError>,
) -> Result<Vec<T>, ConfigError> {
    let list = section.each(key, read)?;
    if list.len() > most {
        return Err(ConfigError(format!("{}.{key}: at most {most}", section.path)));
    }
    Ok(list)
}

fn read_price_breaker(breaker: &Section<'_>) -> Result<OpenPriceBreakerArgs, ConfigError> {
    let number = |key, otherwise| breaker.integer::<u32>(key, 0, u64::from(u32::MAX), otherwise);
    let rules = PriceRulesConfig {
        max_age_seconds: number("max_age_seconds", None)?,
        max_ahead_seconds: number("max_ahead_seconds", Some(30))?,
        min_interval_seconds: number("min_interval_seconds", Some(1))?,
        stale_seconds: number("stale_seconds", Some(0))?,
        max_confidence_bps: number("max_confidence_bps", Some(0))?,
        warmup: number("warmup", Some(0))?,
        deviation_bps: number("deviation_bps", Some(0))?,
        twap_seconds: number("twap_seconds", Some(0))?,
        tau_seconds: number("tau_seconds", Some(0))?,
        floor_ppm: number("floor_ppm", Some(0))?,
        cap_ppm: number("cap_ppm", Some(0))?,
        z_milli: number("z_milli", Some(0))?,
        cusum_h_milli: number("cusum_h_milli", Some(0))?,
        cusum_k_milli: number("cusum_k_milli", Some(0))?,
        cusum_clip_milli: number("cusum_clip_milli", Some(0))?,
    };
    let source = match (breaker.has("pyth"), breaker.has("host")) {
        (true, false) => read_pyth(&breaker.section("pyth")?)?,
        (false, true) => read_host(&breaker.section("host")?)?,
        _ => {
            return Err(ConfigError(format!(
                "{}: needs a source: either pyth = {{ feed_id = \"...\" }} or a host table",
                breaker.path
            )));
        }
    };
    breaker.done(OpenPriceBreakerArgs {
        compartment: breaker.compartment("compartment")?,
        trip_scope: breaker.scope("trip_scope")?,
        latch_seconds: breaker.seconds("latch_seconds")?,
        source,
        rules,
    })
}

fn read_pyth(pyth: &Section<'_>) -> Result<PriceSource, ConfigError> {
    let feed_id = <[u8; 32]>::try_from(pyth.hex("feed_id")?)
        .map_err(|_| ConfigError(format!("{}.feed_id: 32 bytes in hex", pyth.path)))?;
    pyth.done(PriceSource::Pyth {
        feed_id,
        account: pyth.optional("account", Section::address)?,
    })
}

fn read_host(host: &Section<'_>) -> Result<PriceSource, ConfigError> {
    let offset = |key| host.integer(key, 0, u64::from(u32::MAX), None);
    let exponent = host.signed("exponent")?;
    host.done(PriceSource::Host {
        account: host.address("account")?,
        program: host.address("program")?,
        price_offset: offset("price_offset")?,
        width: host.integer("width", 8, 16, Some(8))?,
        is_signed: host.flag("is_signed")?,
        exponent,
        time_offset: offset("time_offset")?,
        confidence_offset: host.optional("confidence_offset", |host, key| {
            host.integer(key, 0, u64::from(u32::MAX), None)
        })?,
    })
}

/// One table of the file. Remembers what was read, so that what nobody reads is an error.
struct Section<'a> {
    path: String,
    values: &'a Map<String, Value>,
    known: RefCell<BTreeSet<String>>,
}

impl<'a> Section<'a> {
    const fn new(path: String, values: &'a Map<String, Value>) -> Self {
        Self {
            path,
            values,
            known: RefCell::new(BTreeSet::new()),
        }
    }

    /// `value`, once every key of the table has been asked for.
    fn done<T>(&self, value: T) -> Result<T, ConfigError> {
        let known = self.known.borrow();
        let unknown: Vec<_> = self.values.keys().filter(|key| !known.contains(*key)).collect();
        if unknown.is_empty() {
            return Ok(value);
        }
        let names: Vec<_> = unknown.into_iter().map(|key| self.at(key)).collect();
        Err(ConfigError(format!("unknown: {}", names.join(", "))))
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.known.borrow_mut().insert(key.to_owned());
        self.values.get(key)
    }

    fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    fn at(&self, key: &str) -> String {
        if self.path.is_empty() {
            return key.to_owned();
        }
        format!("{}.{key}", self.path)
    }

    fn wrong(&self, key: &str, wanted: &str) -> ConfigError {
        let told = if self.has(key) { "has to be" } else { "is missing:" };
        ConfigError(format!("{}: {told} {wanted}", self.at(key)))
    }

    fn section(&self, key: &str) -> Result<Section<'a>, ConfigError> {
        match self.get(key) {
            Some(Value::Object(values)) => Ok(Section::new(self.at(key), values)),
            _ => Err(self.wrong(key, "a table")),
        }
    }

    fn each<T>(&self, key: &str, read: impl Fn(&Section<'a>) -> Result<T, ConfigError>) -> Result<Vec<T>, ConfigError> {
        let list = match self.get(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(self.wrong(key, "a list of tables")),
        };
        let tables = list.iter().enumerate().map(|(i, item)| match item {
            Value::Object(values) => read(&Section::new(format!("{}[{i}]", self.at(key)), values)),
            _ => Err(self.wrong(key, "a list of tables")),
        });
        tables.collect()
    }

    fn optional<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Self, &'static str) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        if self.has(key) {
            read(self, key).map(Some)
        } else {
            Ok(None)
        }
    }

    fn flag(&self, key: &str) -> Result<bool, ConfigError> {
        match self.get(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    fn address(&self, key: &'static str) -> Result<Pubkey, ConfigError> {
        let text = self.get(key).and_then(Value::as_str);
        text.and_then(|text| text.parse().ok())
            .ok_or_else(|| self.wrong(key, "an address"))
    }

    fn integer<T: TryFrom<u64>>(
        &self,
        key: &str,
        least: u64,
        most: u64,
        otherwise: Option<u64>,
    ) -> Result<T, ConfigError> {
        let number = match self.get(key) {
            None => otherwise,
            Some(value) => value.as_u64(),
        };
        number
            .filter(|number| (least..=most).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| self.wrong(key, &format!("a whole number from {least} to {most}")))
    }

    fn signed(&self, key: &str) -> Result<i32, ConfigError> {
        let number = self.get(key).and_then(Value::as_i64);
        number
            .and_then(|number| i32::try_from(number).ok())
            .ok_or_else(|| self.wrong(key, "a whole number"))
    }

    fn compartment(&self, key: &str) -> Result<u8, ConfigError> {
        self.integer(key, 0, MAX_COMPARTMENTS as u64 - 1, None)
    }

    /// `"domain"`, which is what is meant without it, or the number of a compartment.
    fn scope(&self, key: &str) -> Result<u8, ConfigError> {
        if self.get(key).and_then(Value::as_str) == Some("domain") {
            return Ok(SCOPE_DOMAIN);
        }
        self.integer(key, 0, u64::from(SCOPE_DOMAIN), Some(u64::from(SCOPE_DOMAIN)))
    }

    fn seconds(&self, key: &str) -> Result<i64, ConfigError> {
        let number = self.big(key);
        number
            .and_then(|number| i64::try_from(number).ok())
            .ok_or_else(|| self.wrong(key, "seconds"))
    }

    /// Native units. A string where the format's numbers are too small.
    fn amount(&self, key: &'static str) -> Result<u64, ConfigError> {
        self.big(key)
            .ok_or_else(|| self.wrong(key, "an amount in native units"))
    }

    fn big(&self, key: &str) -> Option<u64> {
        match self.get(key)? {
            Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            value => value.as_u64(),
        }
    }

    fn hex(&self, key: &str) -> Result<Vec<u8>, ConfigError> {
        let wrong = || self.wrong(key, "1 to 32 bytes in hex");
        let text = self.get(key).and_then(Value::as_str).ok_or_else(wrong)?;
        let text = text.strip_prefix("0x").unwrap_or(text);
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit()) && text.len() % 2 == 0;
        if !is_hex || !(2..=2 * FILTER_BYTES).contains(&text.len()) {
            return Err(wrong());
        }
        let bytes = (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16));
        bytes.collect::<Result<_, _>>().map_err(|_| wrong())
    }

    /// The bits of a list of names.
    fn names(&self, key: &str, known: &[(&str, u32)]) -> Result<u32, ConfigError> {
        let list = self.get(key).and_then(Value::as_array);
        let list = list.ok_or_else(|| self.wrong(key, "a list of names"))?;
        list.iter().try_fold(0, |mask, name| {
            let text = name.as_str().unwrap_or_default();
            let bit = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
            let (_, bit) = bit.ok_or_else(|| self.wrong(key, &format!("known names; {name} is none")))?;
            Ok(mask | bit)
        })
    }
}
