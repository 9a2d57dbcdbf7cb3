//! The configuration file: TOML with durations in words. A key that is not known stops the daemon, because a rule that
//! is misspelled protects nobody.

mod check;
mod file;
mod rule;
mod value;

use std::{fs, path::Path};

use anchor_lang::prelude::Pubkey;

pub use file::{
    Close, Duties, EndpointEntry, Fees, File, Keys, LogFormat, LogLevel, Pausing, Reading, Schedule, WebhookEntry,
    WebhookKind,
};
pub use rule::{PriceEntry, Response, RuleEntry, RuleKind, Severity, unhex};
pub use value::{Address, Scope, Secret, Span};

/// Longest file that is read.
const LONGEST: u64 = 1 << 20;

/// Why a configuration is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("ConfigUnreadable: {path}: {reason}; name a file that this user may read")]
    Unreadable {
        /// The file.
        path: String,
        /// What went wrong.
        reason: String,
    },
    /// A key is unknown, missing or has a value of another kind.
    #[error("ConfigInvalid: {path}: {place}{reason}; docs/sentinel.md lists every key")]
    Invalid {
        /// The file.
        path: String,
        /// The key, with a colon, or nothing.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// No domain is named.
    #[error("NoDomains: `domains` is empty; name the domains to watch")]
    NoDomains,
    /// A list names something twice.
    #[error("NamedTwice: {what} {name} is in the file twice; remove one")]
    NamedTwice {
        /// What it is.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// No endpoint is named.
    #[error("NoEndpoints: there is no [[endpoint]]; name at least one RPC node, better three of different operators")]
    NoEndpoints,
    /// A URL has another scheme.
    #[error("UrlUnusable: endpoint {endpoint}: the {key} URL has to begin with {schemes}; correct it")]
    UrlUnusable {
        /// The endpoint.
        endpoint: String,
        /// The key.
        key: &'static str,
        /// What it may begin with.
        schemes: &'static str,
    },
    /// The build has no Geyser source.
    #[error(
        "GeyserNotBuilt: endpoint {endpoint}: this build has no Geyser source; remove `geyser`, or build with the feature \
         `geyser`"
    )]
    GeyserNotBuilt {
        /// The endpoint.
        endpoint: String,
    },
    /// The Geyser source of an endpoint cannot be used.
    #[error("GeyserUnusable: endpoint {endpoint}: {reason}")]
    GeyserUnusable {
        /// The endpoint.
        endpoint: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// More endpoints would have to agree than there are.
    #[error("QuorumImpossible: quorum is {quorum} and there are {endpoints} endpoints; choose 1 to {endpoints}")]
    QuorumImpossible {
        /// The quorum.
        quorum: usize,
        /// The endpoints.
        endpoints: usize,
    },
    /// A key file is not one.
    #[error("KeyUnreadable: keys.{key}: {path}: {reason}; name a file that `solana-keygen new` wrote")]
    KeyUnreadable {
        /// The key of the file.
        key: &'static str,
        /// The file.
        path: String,
        /// What went wrong.
        reason: String,
    },
    /// One key has two purposes.
    #[error(
        "KeyShared: keys.{first} and keys.{second} are the same key; the guardian's key must be able to do nothing else"
    )]
    KeyShared {
        /// One purpose.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A text that the file refers to is not there.
    #[error("SecretMissing: {place}: {from}: {reason}; set it, or write the value into the file")]
    SecretMissing {
        /// The key.
        place: String,
        /// Where it should be.
        from: String,
        /// What went wrong.
        reason: String,
    },
    /// A rule lacks a key that its kind needs.
    #[error("RuleIncomplete: rule {rule}: a rule of kind {kind} needs `{missing}`; add it")]
    RuleIncomplete {
        /// The rule.
        rule: String,
        /// Its kind.
        kind: &'static str,
        /// The missing key.
        missing: &'static str,
    },
    /// A rule has a key that its kind does not use.
    #[error("RuleKeyUnused: rule {rule}: `{key}` has no meaning for a rule of kind {kind}; remove it")]
    RuleKeyUnused {
        /// The rule.
        rule: String,
        /// Its kind.
        kind: &'static str,
        /// The key.
        key: &'static str,
    },
    /// A rule names a domain that is not watched.
    #[error("RuleForeign: rule {rule}: domain {domain} is not among `domains`; add it there or remove it here")]
    RuleForeign {
        /// The rule.
        rule: String,
        /// The domain.
        domain: Pubkey,
    },
    /// A value is out of its range.
    #[error("OutOfRange: {place} is {value}; choose {range}")]
    OutOfRange {
        /// The key.
        place: String,
        /// Its value.
        value: String,
        /// What it may be.
        range: String,
    },
    /// A webhook lacks a key that its kind needs.
    #[error("WebhookIncomplete: webhook {name}: {reason}")]
    WebhookIncomplete {
        /// The webhook.
        name: String,
        /// What is missing, and what to do.
        reason: String,
    },
    /// A canary's file is not a list of instructions.
    #[error("CanaryUnreadable: rule {rule}: {path}: {reason}; docs/sentinel.md shows the format")]
    CanaryUnreadable {
        /// The rule.
        rule: String,
        /// The file.
        path: String,
        /// What went wrong.
        reason: String,
    },
}

/// Reads and checks a configuration.
///
/// # Errors
/// [`ConfigError`]
pub fn load(path: &Path) -> Result<File, ConfigError> {
    let unreadable = |reason: String| ConfigError::Unreadable {
        path: path.display().to_string(),
        reason,
    };
    let length = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if length > LONGEST {
        return Err(unreadable(format!(
            "it has {length} bytes, and at most {LONGEST} are read"
        )));
    }
    let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    parse(&text, path)
}

/// Parses and checks a configuration. `path` is for messages.
///
/// # Errors
/// [`ConfigError`]
pub fn parse(text: &str, path: &Path) -> Result<File, ConfigError> {
    let invalid = |place: String, reason: String| ConfigError::Invalid {
        path: path.display().to_string(),
        place,
        reason: reason.trim().to_owned(),
    };
    let table = toml::Deserializer::parse(text).map_err(|error| invalid(String::new(), error.to_string()))?;
    let file: File = serde_path_to_error::deserialize(table).map_err(|error| {
        let place = match error.path().to_string().as_str() {
            "." => String::new(),
            key => format!("{key}: "),
        };
        invalid(place, error.inner().message().to_owned())
    })?;
    check::check(&file)?;
    Ok(file)
}
