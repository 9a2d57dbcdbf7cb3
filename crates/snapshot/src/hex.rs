//! Bytes and amounts in the text form of manifests: hexadecimal, and decimal strings that no reader rounds.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

use crate::digits::{hex, unhex};

pub(crate) fn serialize<S: Serializer>(bytes: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&hex(bytes))
}

pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(from)?;
    unhex(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not 64 hexadecimal digits")))
}

/// 64-bit amounts.
pub(crate) mod decimal {
    use super::{Deserialize, Deserializer, Error, Serializer};
    use crate::digits::parse_amount;

    pub(crate) fn serialize<S: Serializer>(amount: &u64, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(amount)
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<u64, D::Error> {
        parse_amount(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Keys in Base58.
pub(crate) mod key {
    use bulkhead_interface::Pubkey;

    use super::{Deserialize, Deserializer, Error, Serializer};
    use crate::digits::parse_key;

    pub(crate) fn serialize<S: Serializer>(key: &Pubkey, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(key)
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Pubkey, D::Error> {
        parse_key(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
