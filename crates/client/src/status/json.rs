//! How addresses and amounts are serialised: as strings. JSON parsers may round a number of 64 bits.

use anchor_lang::prelude::Pubkey;
use serde::{Serializer, ser::SerializeMap};

use crate::payload::Field;

/// An address.
pub(crate) fn key<S: Serializer>(key: &Pubkey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(key)
}

/// An address, or null.
pub(crate) fn maybe_key<S: Serializer>(key: &Option<Pubkey>, serializer: S) -> Result<S::Ok, S::Error> {
    match key {
        Some(key) => serializer.collect_str(key),
        None => serializer.serialize_none(),
    }
}

/// Addresses.
pub(crate) fn keys<S: Serializer>(keys: &[Pubkey], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(keys.iter().map(ToString::to_string))
}

/// An amount in native units.
pub(crate) fn amount<S: Serializer>(amount: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// A sum of amounts.
pub(crate) fn wide<S: Serializer>(amount: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// The fields of a payload, as a map in their order.
pub(crate) fn fields<S: Serializer>(fields: &[Field], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(fields.len()))?;
    for Field { name, value } in fields {
        map.serialize_entry(name, value)?;
    }
    map.end()
}
