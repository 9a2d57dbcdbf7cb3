//! The format of the file that opens a domain: TOML or JSON, with the names of the program's own arguments. These types
//! define the format. The schema for other readers, `app/client/src/deploy/domain.schema.json`, and
//! `docs/domain-file.md` are generated from them. An unknown key stops a deployment.

mod breaker;
mod council;
mod ledger;
mod price;
mod value;

use std::path::Path;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::bulkhead::instructions::{
    OpenBreakerArgs, OpenDomainArgs, OpenPriceBreakerArgs, RegisterLedgerArgs,
};
use bulkhead_interface::constants::BPS;
use schemars::{JsonSchema, r#gen::SchemaSettings};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::{
    breaker::{Breaker, Vault},
    council::Council,
    ledger::Ledger,
    price::PriceBreaker,
    value::{Key, Seconds, Whole},
};
use crate::files;

pub use breaker::VaultConfig;

/// The configuration is invalid.
#[derive(Debug, thiserror::Error)]
#[error("BadConfig: {0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// An error at a key.
    pub(super) fn at(key: &str, message: &str) -> Self {
        Self(format!("{key}: {message}"))
    }
}

/// The file that opens a domain. Amounts are in native token units and times are in whole seconds; both may be strings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainFile {
    /// Program id of the protected host.
    host_program: Key,
    /// Mint of the governance token, whose holders vote.
    governance_mint: Key,
    /// Duration of a vote.
    vote_seconds: Seconds,
    /// Quorum: share of the votes that must be cast.
    quorum_bps: Whole<u16, 1, { BPS as u64 }>,
    /// End set-up after the last step. From then on every change needs a proposal.
    #[serde(default)]
    activate: bool,
    /// The council: members, thresholds and delays.
    council: Council,
    /// Breakers of hosts that keep their own tokens.
    #[serde(default)]
    breakers: Vec<Breaker>,
    /// Vaults, each with the breaker that meters it.
    #[serde(default)]
    vaults: Vec<Vault>,
    /// Ledgers: where the positions are in the host's accounts.
    #[serde(default)]
    ledgers: Vec<Ledger>,
    /// Breakers that observe prices. `bulkhead init` opens them; `migrations/deploy.ts` does not support them yet.
    #[serde(default)]
    price_breakers: Vec<PriceBreaker>,
}

/// A configuration.
pub struct DomainConfig {
    /// Mint of the governance token, whose holders vote.
    pub governance_mint: Pubkey,
    /// The domain itself.
    pub domain: OpenDomainArgs,
    /// Breakers of hosts that keep their own tokens.
    pub breakers: Vec<OpenBreakerArgs>,
    /// Vaults, each with the breaker that meters it.
    pub vaults: Vec<VaultConfig>,
    /// Ledgers.
    pub ledgers: Vec<RegisterLedgerArgs>,
    /// Price breakers.
    pub price_breakers: Vec<OpenPriceBreakerArgs>,
    /// End set-up after the last step.
    pub activate: bool,
    /// Keys of the file whose values `bulkhead adopt` wrote for a person to replace.
    pub placeholders: Vec<String>,
}

/// Reads a configuration from one or more files. Lists are concatenated; any other key may occur in one file only.
///
/// # Errors
/// [`ConfigError`] with the key.
pub fn read(files: &[impl AsRef<Path>]) -> Result<DomainConfig, ConfigError> {
    let mut all = Map::new();
    for file in files {
        let (file, name) = (file.as_ref(), file.as_ref().display());
        for (key, value) in values(file)? {
            match (all.get_mut(&key), value) {
                (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
                (Some(_), _) => return Err(ConfigError(format!("{name}: {key} is in another file already"))),
                (None, value) => {
                    all.insert(key, value);
                }
            }
        }
    }
    let mut placeholders = Vec::new();
    for (key, value) in &all {
        find_placeholders(key, value, &mut placeholders);
    }
    let file: DomainFile = typed(Value::Object(all))?;
    let config = file.config()?;
    Ok(DomainConfig { placeholders, ..config })
}

/// Reads the descriptions of ledgers: those of a domain file, or the only one of a file with nothing else.
///
/// # Errors
/// [`ConfigError`] with the key.
pub fn read_ledgers(file: &Path) -> Result<Vec<RegisterLedgerArgs>, ConfigError> {
    let mut all = values(file)?;
    let ledgers = match all.remove("ledgers") {
        Some(Value::Array(list)) => list,
        Some(_) => return Err(ConfigError::at("ledgers", "it is a list of tables")),
        None => vec![Value::Object(all)],
    };
    let args = |value| {
        let ledger: Ledger = typed(value)?;
        ledger.args().map_err(|(key, message)| ConfigError::at(key, message))
    };
    ledgers.into_iter().map(args).collect()
}

/// The keys of a file, TOML or JSON.
fn values(file: &Path) -> Result<Map<String, Value>, ConfigError> {
    let name = file.display();
    let text =
        files::read_text(file, files::LONG).map_err(|error| ConfigError(format!("{name} cannot be read: {error}")))?;
    if file.extension().is_some_and(|extension| extension == "json") {
        once(&text).map_err(|error| ConfigError(format!("{name}: {error}")))
    } else {
        toml::from_str(&text).map_err(|error| ConfigError(format!("{name}: {error}")))
    }
}

fn typed<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let message = error.inner().to_string();
        match error.path().to_string().as_str() {
            "." => ConfigError(message),
            key => ConfigError::at(key, &message),
        }
    })
}

/// Notes every value below a key that stands for an address, as text or as the bytes of a filter.
fn find_placeholders(key: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if stands_for_another(text) => found.push(key.to_owned()),
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                find_placeholders(&format!("{key}[{at}]"), value, found);
            }
        }
        Value::Object(table) => {
            for (name, value) in table {
                find_placeholders(&format!("{key}.{name}"), value, found);
            }
        }
        _ => {}
    }
}

fn stands_for_another(text: &str) -> bool {
    let bytes = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
    let of_hex = || {
        bytes
            .collect::<Option<Vec<u8>>>()
            .map(|bytes| bs58::encode(bytes).into_string())
    };
    bulkhead_adopt::is_placeholder(text)
        || text.len() == 64 && of_hex().is_some_and(|address| bulkhead_adopt::is_placeholder(&address))
}

/// Parses JSON and rejects a repeated key, as TOML does.
fn once(text: &str) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_value(bulkhead_snapshot::json::from_slice(text.as_bytes())?)
}

impl DomainFile {
    /// The format as a JSON schema.
    #[must_use]
    pub fn schema() -> Value {
        let settings = SchemaSettings::draft2019_09().with(|settings| {
            // An optional key is absent, not null: TOML has no null.
            settings.option_nullable = false;
            settings.option_add_null_type = false;
        });
        let mut schema = serde_json::json!(settings.into_generator().into_root_schema_for::<Self>());
        let together = [
            ("Ledger", Ledger::together()),
            ("PriceBreaker", PriceBreaker::together()),
        ];
        for (table, rules) in together {
            if let (Some(table), Value::Object(rules)) = (schema["definitions"][table].as_object_mut(), rules) {
                table.extend(rules);
            }
        }
        schema
    }

    fn config(self) -> Result<DomainConfig, ConfigError> {
        Ok(DomainConfig {
            governance_mint: self.governance_mint.0,
            domain: OpenDomainArgs {
                host_program: self.host_program.0,
                vote_seconds: self.vote_seconds.0,
                quorum_bps: self.quorum_bps.0,
                council: self.council.into(),
            },
            breakers: self.breakers.into_iter().map(Into::into).collect(),
            vaults: self.vaults.into_iter().map(Into::into).collect(),
            ledgers: each("ledgers", self.ledgers, Ledger::args)?,
            price_breakers: each("price_breakers", self.price_breakers, PriceBreaker::args)?,
            activate: self.activate,
            placeholders: Vec::new(),
        })
    }
}

/// Converts the tables of a list. An error names the table and the key.
fn each<T, U>(
    list: &str,
    tables: Vec<T>,
    args: impl Fn(T) -> Result<U, (&'static str, &'static str)>,
) -> Result<Vec<U>, ConfigError> {
    let named =
        |(at, table)| args(table).map_err(|(key, message)| ConfigError::at(&format!("{list}[{at}].{key}"), message));
    tables.into_iter().enumerate().map(named).collect()
}
