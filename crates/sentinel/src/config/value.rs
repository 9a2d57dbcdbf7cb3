//! Values of the file.

use std::{fmt, fs, path::PathBuf, time::Duration};

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::constants::{MAX_COMPARTMENTS, SCOPE_DOMAIN};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::ConfigError;

/// An address in base58.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(pub Pubkey);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let key = text
            .parse()
            .map_err(|_| D::Error::custom(format!("{text:?} is not an address in base58")))?;
        Ok(Self(key))
    }
}

/// A duration such as `90s`, `15m` or `1h 30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// Whole seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        crate::clock::seconds(self.0)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = humantime::parse_duration(&text)
            .map_err(|error| D::Error::custom(format!("{text:?} is not a duration such as 90s, 15m or 6h: {error}")))?;
        Ok(Self(time))
    }
}

/// A compartment, or the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope(pub u8);

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = u8;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "\"domain\" or a compartment from 0 to {}", MAX_COMPARTMENTS - 1)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<u8, E> {
                if text == "domain" {
                    return Ok(SCOPE_DOMAIN);
                }
                Err(E::custom(format!("{text:?} is not \"domain\" or a compartment")))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<u8, E> {
                let fits = u8::try_from(number)
                    .ok()
                    .filter(|number| usize::from(*number) < MAX_COMPARTMENTS);
                fits.ok_or_else(|| {
                    E::custom(format!(
                        "{number} is not a compartment from 0 to {}",
                        MAX_COMPARTMENTS - 1
                    ))
                })
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<u8, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
        deserializer.deserialize_any(Either).map(Self)
    }
}

/// A text that may be secret: in the file itself, in another file, or in the environment.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Secret {
    /// The text itself.
    Plain(String),
    /// The first line of a file.
    File {
        /// The file.
        file: PathBuf,
    },
    /// A variable of the environment.
    Env {
        /// Its name.
        env: String,
    },
}

// Never shows the text: it may be a key.
impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(_) => out.write_str("Plain(..)"),
            Self::File { file } => write!(out, "File({})", file.display()),
            Self::Env { env } => write!(out, "Env({env})"),
        }
    }
}

impl Secret {
    /// The text. `place` is the key of the file that it belongs to.
    ///
    /// # Errors
    /// [`ConfigError::SecretMissing`]
    pub fn read(&self, place: &str) -> Result<String, ConfigError> {
        let missing = |from: String, reason: String| ConfigError::SecretMissing {
            place: place.into(),
            from,
            reason,
        };
        let text = match self {
            Self::Plain(text) => text.clone(),
            Self::File { file } => {
                let text = fs::read_to_string(file);
                let text = text.map_err(|error| missing(format!("file {}", file.display()), error.to_string()))?;
                text.lines().next().unwrap_or_default().trim().to_owned()
            }
            Self::Env { env } => {
                std::env::var(env).map_err(|error| missing(format!("variable {env}"), error.to_string()))?
            }
        };
        if text.is_empty() {
            return Err(missing("the value".into(), "it is empty".into()));
        }
        Ok(text)
    }
}
