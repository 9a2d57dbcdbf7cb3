//! Bytes and amounts as the text that manifests hold: hexadecimal, and decimal strings that no reader rounds.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub(crate) fn write(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exactly N bytes.
pub(crate) fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_chunks().0) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

pub(crate) fn serialize<S: Serializer>(bytes: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&write(bytes))
}

pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(from)?;
    read(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not 64 hexadecimal digits")))
}

/// Amounts of 64 bits.
pub(crate) mod decimal {
    use super::{Deserialize, Deserializer, Error, Serializer};
    use crate::position::parse_amount;

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
    use crate::position::parse_key;

    pub(crate) fn serialize<S: Serializer>(key: &Pubkey, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(key)
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Pubkey, D::Error> {
        parse_key(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
