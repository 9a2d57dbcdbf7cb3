//! The tables of rules. Each kind uses some of the keys; the others are refused.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::detectors::oracle::NO_CONFIDENCE;
use bulkhead_interface::{
    constants::{price_flag, price_source},
    ids::PYTH_RECEIVER,
    layout::PriceBreaker,
};
use bytemuck::Zeroable;
use serde::{Deserialize, Serialize};

use super::{Address, ConfigError, Scope, Span};

/// A rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    /// Its name.
    pub name: String,
    /// What it looks for.
    pub kind: RuleKind,
    /// The domains that it holds for. All of them if it is not given.
    #[serde(default)]
    pub domains: Option<Vec<Address>>,
    /// What happens when a quorum finds it.
    #[serde(default)]
    pub act: Response,
    /// What is paused. The whole domain if it is not given.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// Bits of the actions that are paused. The council's default if it is not given.
    #[serde(default)]
    pub mask: Option<u32>,
    /// How long it has to be found before it acts.
    #[serde(default)]
    pub stands: Option<Span>,
    /// How bad it is. Critical if it pauses, a warning otherwise.
    #[serde(default)]
    pub severity: Option<Severity>,

    /// The accounts it looks at.
    #[serde(default)]
    pub accounts: Option<Vec<Address>>,
    /// The programs it looks at.
    #[serde(default)]
    pub programs: Option<Vec<Address>>,
    /// The greatest fall that is in order, in native units.
    #[serde(default)]
    pub amount: Option<u64>,
    /// The greatest fall that is in order, in basis points of the highest balance.
    #[serde(default)]
    pub share_bps: Option<u16>,
    /// The window.
    #[serde(default)]
    pub window: Option<Span>,
    /// Offset of 32 bytes.
    #[serde(default)]
    pub offset: Option<u32>,
    /// The authority that is in order. What was first seen if it is not given.
    #[serde(default)]
    pub expect: Option<Address>,
    /// SHA-256 of the program that is in order, in hex. What was first seen if it is not given.
    #[serde(default)]
    pub hash: Option<String>,
    /// A price.
    #[serde(default)]
    pub price: Option<PriceEntry>,
    /// The price that it is compared with.
    #[serde(default)]
    pub other: Option<PriceEntry>,
    /// The greatest distance that is in order, in basis points.
    #[serde(default)]
    pub max_bps: Option<u32>,
    /// A price older than this is not compared.
    #[serde(default)]
    pub max_age: Option<Span>,
    /// A file with instructions.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// Time between two simulations.
    #[serde(default)]
    pub every: Option<Span>,
    /// Simulations that have to fail in a row.
    #[serde(default)]
    pub after: Option<u32>,
    /// The program's error number with which the transaction is expected to fail. Success if it is not given.
    #[serde(default)]
    pub expect_error: Option<u32>,
}

/// What a rule looks for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// A balance that falls by more than an amount within a window.
    Outflow,
    /// A program that was upgraded, or whose upgrade authority changed.
    Upgraded,
    /// An authority that changed.
    Authority,
    /// A price away from a second source.
    Price,
    /// An account that shrank or is gone.
    Shrank,
    /// A transaction that fails in simulation.
    Canary,
}

impl RuleKind {
    /// Its name in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outflow => "outflow",
            Self::Upgraded => "upgraded",
            Self::Authority => "authority",
            Self::Price => "price",
            Self::Shrank => "shrank",
            Self::Canary => "canary",
        }
    }

    /// The keys that it needs, and those that it may have.
    const fn keys(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Outflow => (&["window"], &["accounts", "amount", "share_bps"]),
            Self::Upgraded => (&["programs"], &["expect", "hash"]),
            Self::Authority => (&["accounts"], &["offset", "expect"]),
            Self::Price => (&["price", "other", "max_bps"], &["max_age"]),
            Self::Shrank => (&["accounts"], &[]),
            Self::Canary => (&["file"], &["every", "after", "expect_error"]),
        }
    }
}

impl RuleEntry {
    /// The keys of its kind's own that it has.
    fn given(&self) -> Vec<&'static str> {
        let all = [
            ("accounts", self.accounts.is_some()),
            ("programs", self.programs.is_some()),
            ("amount", self.amount.is_some()),
            ("share_bps", self.share_bps.is_some()),
            ("window", self.window.is_some()),
            ("offset", self.offset.is_some()),
            ("expect", self.expect.is_some()),
            ("hash", self.hash.is_some()),
            ("price", self.price.is_some()),
            ("other", self.other.is_some()),
            ("max_bps", self.max_bps.is_some()),
            ("max_age", self.max_age.is_some()),
            ("file", self.file.is_some()),
            ("every", self.every.is_some()),
            ("after", self.after.is_some()),
            ("expect_error", self.expect_error.is_some()),
        ];
        all.into_iter().filter(|(_, is)| *is).map(|(key, _)| key).collect()
    }

    /// Checks that it has the keys of its kind and no others.
    pub(super) fn check_keys(&self) -> Result<(), ConfigError> {
        let (needs, may) = self.kind.keys();
        let given = self.given();
        let missing = |missing| ConfigError::RuleIncomplete {
            rule: self.name.clone(),
            kind: self.kind.name(),
            missing,
        };
        if let Some(key) = needs.iter().find(|key| !given.contains(key)) {
            return Err(missing(key));
        }
        if let Some(key) = given.into_iter().find(|key| !needs.contains(key) && !may.contains(key)) {
            return Err(ConfigError::RuleKeyUnused {
                rule: self.name.clone(),
                kind: self.kind.name(),
                key,
            });
        }
        if self.kind == RuleKind::Outflow && self.amount.is_none() && self.share_bps.is_none() {
            return Err(missing("amount` or `share_bps"));
        }
        Ok(())
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let default = match self.act {
            Response::Alarm => Severity::Warning,
            Response::Pause | Response::Incident => Severity::Critical,
        };
        self.severity.unwrap_or(default)
    }
}

/// What happens when a quorum finds something.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Response {
    /// A notice.
    #[default]
    Alarm,
    /// A notice and a guardian's pause, which lapses.
    Pause,
    /// A notice, and an incident: the pause of the domain, and a timeline that the council can confirm.
    Incident,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    #[default]
    Info,
    /// Somebody should look today.
    Warning,
    /// Somebody should look now.
    Critical,
}

impl Severity {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// Where a price is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceEntry {
    /// The account.
    pub account: Address,
    /// Pyth's feed id in hex, if the account is an update of Pyth's receiver.
    #[serde(default)]
    pub pyth_feed: Option<String>,
    /// The account's program, otherwise.
    #[serde(default)]
    pub program: Option<Address>,
    /// Offset of the price.
    #[serde(default)]
    pub price_offset: u32,
    /// Bytes of the price: 8 or 16.
    #[serde(default)]
    pub width: Option<u8>,
    /// Whether it is a signed number.
    #[serde(default)]
    pub signed: bool,
    /// The price is a multiple of ten to this power.
    #[serde(default)]
    pub exponent: i64,
    /// Offset of its time: unix seconds, 8 bytes.
    #[serde(default)]
    pub time_offset: u32,
}

impl PriceEntry {
    /// The source as a price breaker reads it.
    ///
    /// # Errors
    /// [`ConfigError::OutOfRange`]
    pub fn source(&self, place: &str) -> Result<PriceBreaker, ConfigError> {
        let out_of_range = |key: &str, value: String, range: &str| ConfigError::OutOfRange {
            place: format!("{place}.{key}"),
            value,
            range: range.into(),
        };
        let mut source = PriceBreaker::zeroed();
        source.account = self.account.0;
        if let Some(feed) = &self.pyth_feed {
            let feed = unhex(feed).ok_or_else(|| out_of_range("pyth_feed", feed.clone(), "32 bytes in hex"))?;
            (source.kind, source.width) = (price_source::PYTH, 8);
            (source.program, source.source) = (PYTH_RECEIVER, Pubkey::new_from_array(feed));
        } else {
            let program = self.program.ok_or_else(|| {
                out_of_range(
                    "program",
                    "missing".into(),
                    "the account's program, or give `pyth_feed`",
                )
            })?;
            (source.kind, source.width) = (price_source::HOST, self.width.unwrap_or(8));
            (source.program, source.source) = (program.0, self.account.0);
            source.flags = if self.signed { price_flag::SIGNED } else { 0 };
            (source.price_offset, source.time_offset) = (self.price_offset, self.time_offset);
            (source.confidence_offset, source.exponent) = (NO_CONFIDENCE, self.exponent);
        }
        bulkhead_core::detectors::oracle::check(&source).map_err(|_| {
            out_of_range(
                "width",
                format!("{self:?}"),
                "offsets, width and exponent that a price breaker takes",
            )
        })?;
        Ok(source)
    }
}

/// 32 bytes in hex.
#[must_use]
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let text = text.strip_prefix("0x").unwrap_or(text);
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}
