//! What a domain is opened with: TOML or JSON, in the names of the program's own arguments. These types are the format: the
//! schema that other readers go by, `app/client/src/deploy/domain.schema.json`, and `docs/domain-file.md` are written from
//! them. A key that nobody knows stops a deployment.

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

/// The file that opens a domain. Amounts are native token units, times are whole seconds; either may be written as text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainFile {
    /// Program of the host that is protected.
    host_program: Key,
    /// Token whose holders vote.
    governance_mint: Key,
    /// How long a vote takes.
    vote_seconds: Seconds,
    /// Share of the votes that has to be cast.
    quorum_bps: Whole<u16, 1, { BPS as u64 }>,
    /// End set-up when all is there. Afterwards every change takes a proposal.
    #[serde(default)]
    activate: bool,
    /// Who decides, and how fast.
    council: Council,
    /// Breakers of hosts that keep their tokens.
    #[serde(default)]
    breakers: Vec<Breaker>,
    /// Vaults, each with its breaker.
    #[serde(default)]
    vaults: Vec<Vault>,
    /// Where positions lie in the host's accounts.
    #[serde(default)]
    ledgers: Vec<Ledger>,
    /// Breakers that look at prices. `bulkhead init` opens them, `migrations/deploy.ts` does not yet.
    #[serde(default)]
    price_breakers: Vec<PriceBreaker>,
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
    let file: DomainFile = serde_path_to_error::deserialize(Value::Object(all)).map_err(|error| {
        let told = error.inner().to_string();
        match error.path().to_string().as_str() {
            "." => ConfigError(told),
            key => ConfigError::at(key, &told),
        }
    })?;
    file.config()
}

/// JSON in which every key stands once, as TOML wants it too.
fn once(text: &str) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_value(bulkhead_snapshot::json::from_slice(text.as_bytes())?)
}

impl DomainFile {
    /// The format as a JSON schema.
    #[must_use]
    pub fn schema() -> Value {
        let settings = SchemaSettings::draft2019_09().with(|settings| {
            // What may be left out is not there, rather than null: TOML has no null.
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
        })
    }
}

/// What the tables of a list mean; whose keys do not go together is named.
fn each<T, U>(
    list: &str,
    tables: Vec<T>,
    args: impl Fn(T) -> Result<U, (&'static str, &'static str)>,
) -> Result<Vec<U>, ConfigError> {
    let named = |(at, table)| args(table).map_err(|(key, told)| ConfigError::at(&format!("{list}[{at}].{key}"), told));
    tables.into_iter().enumerate().map(named).collect()
}
