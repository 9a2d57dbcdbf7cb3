//! `localnet.json`: what a localnet consists of, for people and scripts.

use std::{fmt, fs, str::FromStr};

use anchor_lang::prelude::Pubkey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    error::LocalnetError,
    place::{self, Place},
};

/// An address, in base58.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub Pubkey);

impl From<Pubkey> for Address {
    fn from(key: Pubkey) -> Self {
        Self(key)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Pubkey::from_str(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A key with its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyFile {
    /// Its address.
    pub key: Address,
    /// Its key file.
    pub file: String,
}

/// A council member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Number in the council.
    pub number: usize,
    /// Its roles: guardian, approver, vetoer, attester.
    pub roles: Vec<String>,
    /// Its address.
    pub key: Address,
    /// Its key file.
    pub file: String,
}

/// Who votes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Voter {
    /// Its address.
    pub key: Address,
    /// Its key file.
    pub file: String,
    /// Its token account, outside the escrow.
    pub tokens: Address,
    /// Governance tokens at the start. Native units.
    pub amount: u64,
}

/// The programs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Programs {
    /// Bulkhead.
    pub bulkhead: Address,
    /// The protected host.
    pub example_exchange: Address,
    /// Another host, native, of which the sample has no account.
    pub example_vault: Address,
    /// May upgrade them.
    pub upgrade_authority: KeyFile,
}

/// The host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// Its account.
    pub key: Address,
    /// The admin at the start. The attacker has a copy of its key.
    pub admin: KeyFile,
    /// A collateral whose price an oracle reports.
    pub collateral: Address,
    /// The oracle.
    pub oracle: Address,
    /// Publishes the price.
    pub publisher: KeyFile,
    /// Decimals of all tokens.
    pub decimals: u8,
}

/// The tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mints {
    /// The quote token, which is deposited, lent and restored.
    pub quote: Address,
    /// The governance token.
    pub governance: Address,
    /// Issues both.
    pub issuer: KeyFile,
}

/// A vault, and the breaker that meters it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vault {
    /// Number of the compartment, and of the vault.
    pub compartment: u8,
    /// What it holds.
    pub holds: String,
    /// Its address.
    pub key: Address,
    /// Its token account.
    pub custody: Address,
    /// Its outflow breaker.
    pub breaker: Address,
    /// The token account that an evacuation moves everything to.
    pub route: Address,
}

/// A ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ledger {
    /// Its number.
    pub index: u8,
    /// Its address.
    pub key: Address,
    /// What its positions are.
    pub of: String,
    /// Its checkpoint log.
    pub checkpoint_log: Address,
}

/// The detectors besides the outflow breakers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Detectors {
    /// Watches the oracle.
    pub price: Address,
    /// Compares the deposits with what the vault holds.
    pub solvency: Address,
    /// Watches the exchange's admin.
    pub authority: Address,
}

/// Limits of each outflow breaker. Native units of the quote token.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// The most that leaves in a window.
    pub limit: u64,
    /// The most that leaves in a slot.
    pub slot_limit: u64,
    /// Paid and queued together above this amount latch the breaker.
    pub trip_limit: u64,
    /// Length of the window.
    pub window_seconds: i64,
}

/// What has to be waited for, in seconds of the chain's clock. `warp` passes it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Timing {
    /// How long a guardian's pause lasts.
    pub guardian_pause_seconds: i64,
    /// Between a proposal and its execution.
    pub delay_seconds: i64,
    /// Between the opening of a ballot and its vote.
    pub nomination_seconds: i64,
    /// Length of a vote.
    pub vote_seconds: i64,
    /// How long a queued release waits.
    pub queue_seconds: i64,
}

/// An owner of a position whose key is in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Owner {
    /// Its address.
    pub key: Address,
    /// Its key file.
    pub file: String,
    /// Its margin account: the position.
    pub position: Address,
    /// The first deposit. Native units of the quote token.
    pub deposit: u64,
}

/// The positions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Positions {
    /// Number of margin accounts of honest owners.
    pub count: u32,
    /// How many of them were deposited by transactions. The rest was written as accounts.
    pub by_transaction: u32,
    /// Sum of the first deposits. Native units of the quote token.
    pub total: u64,
    /// The first owners.
    pub owners: Vec<Owner>,
}

/// Everything.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this file.
    pub version: u8,
    /// JSON-RPC.
    pub url: String,
    /// Websocket.
    pub ws: String,
    /// The domain.
    pub domain: Address,
    /// Its pause board.
    pub board: Address,
    /// Its council.
    pub council: Address,
    /// The key of `config.yml`, which is member 0.
    pub default_signer: KeyFile,
    /// Pays for the load and the set-up.
    pub payer: KeyFile,
    /// The council.
    pub members: Vec<Member>,
    /// Members that a confirmation of an incident and of an evacuation takes.
    pub guardian_threshold: u8,
    /// Approvals that a proposal takes.
    pub approval_threshold: u8,
    /// The council's fallback.
    pub fallback: KeyFile,
    /// Opened the domain, and has no rights any more.
    pub setup_authority: KeyFile,
    /// Who votes.
    pub voters: Vec<Voter>,
    /// The stolen key: that of the exchange's admin.
    pub attacker: KeyFile,
    /// Whom the attacker makes the exchange's admin.
    pub accomplice: KeyFile,
    /// The programs.
    pub programs: Programs,
    /// The host.
    pub exchange: Exchange,
    /// The tokens.
    pub mints: Mints,
    /// The vaults.
    pub vaults: Vec<Vault>,
    /// The ledgers.
    pub ledgers: Vec<Ledger>,
    /// The detectors.
    pub detectors: Detectors,
    /// The breakers' limits.
    pub limits: Limits,
    /// The delays.
    pub timing: Timing,
    /// The positions.
    pub positions: Positions,
}

impl Manifest {
    /// Reads the manifest of a localnet that was set up.
    ///
    /// # Errors
    /// [`LocalnetError::NoLocalnet`], [`LocalnetError::File`]
    pub fn read(place: &Place) -> Result<Self, LocalnetError> {
        let path = place.manifest();
        if !path.exists() {
            return Err(LocalnetError::NoLocalnet(path));
        }
        let text = fs::read_to_string(&path).map_err(|error| LocalnetError::file(&path, error))?;
        serde_json::from_str(&text).map_err(|error| LocalnetError::file(&path, error))
    }

    /// Writes `localnet.json`, and `config.yml` beside it.
    ///
    /// # Errors
    /// [`LocalnetError::File`]
    pub fn write(&self, place: &Place) -> Result<(), LocalnetError> {
        let config = format!(
            "---\njson_rpc_url: \"{}\"\nwebsocket_url: \"{}\"\nkeypair_path: \"{}\"\naddress_labels:\n  \
             \"11111111111111111111111111111111\": System Program\n  \"{}\": Bulkhead's domain\ncommitment: confirmed\n\
             bulkhead_domain: \"{}\"\n",
            self.url, self.ws, self.default_signer.file, self.domain, self.domain
        );
        place::write(&place.config(), &config, false)?;
        let path = place.manifest();
        let text = serde_json::to_string_pretty(self).map_err(|error| LocalnetError::file(&path, error))?;
        place::write(&path, &format!("{text}\n"), false)
    }
}
