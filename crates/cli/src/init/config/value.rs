//! Values of the file, with their ranges, for the parser and for the schema.

use std::{fmt, marker::PhantomData};

use anchor_lang::prelude::Pubkey;
use bulkhead_guard::action;
use bulkhead_interface::constants::{SCOPE_DOMAIN, role};
use schemars::{JsonSchema, r#gen::SchemaGenerator, schema::Schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};
use serde_json::{Value, json};

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub struct Whole<T, const LEAST: u64, const MOST: u64>(pub T);

/// A number that fits into one byte.
pub type Byte = Whole<u8, 0, 255>;
/// A number that fits into one byte and is not 0.
pub type Count = Whole<u8, 1, 255>;
/// A share in basis points.
pub type Bps = Whole<u16, 0, 10_000>;
/// An offset in an account, or any other 32-bit number.
pub type Word = Whole<u32, 0, { u32::MAX as u64 }>;

impl<'de, T: TryFrom<u64>, const LEAST: u64, const MOST: u64> Deserialize<'de> for Whole<T, LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wanted = || format!("a whole number from {LEAST} to {MOST}");
        let number = deserializer.deserialize_any(Number {
            wanted: wanted(),
            or_text: false,
        })?;
        let fits = Some(number).filter(|number| (LEAST..=MOST).contains(number));
        fits.and_then(|number| T::try_from(number).ok())
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{number} is not {}", wanted())))
    }
}

impl<T, const LEAST: u64, const MOST: u64> JsonSchema for Whole<T, LEAST, MOST> {
    fn is_referenceable() -> bool {
        false
    }

    fn schema_name() -> String {
        format!("From{LEAST}To{MOST}")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema(json!({ "type": "integer", "minimum": LEAST, "maximum": MOST }))
    }
}

/// A number that is not negative. A 64-bit number may also be a string, for formats with smaller numbers.
struct Number {
    wanted: String,
    or_text: bool,
}

impl Visitor<'_> for Number {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.wanted)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        u64::try_from(number).map_err(|_| E::custom(format!("{number} is not {}", self.wanted)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        let is_number = self.or_text && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_number { text.parse().ok() } else { None };
        number.ok_or_else(|| E::custom(format!("{text:?} is not {}", self.wanted)))
    }
}

/// An amount in native units. A string if the format's numbers are too small.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub struct Amount(pub u64);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visitor = Number {
            wanted: "an amount in native units".into(),
            or_text: true,
        };
        deserializer.deserialize_any(visitor).map(Self)
    }
}

/// A duration in whole seconds.
#[derive(Clone, Copy, Debug)]
pub struct Seconds(pub i64);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visitor = Number {
            wanted: "seconds".into(),
            or_text: true,
        };
        let number = deserializer.deserialize_any(visitor)?;
        i64::try_from(number)
            .map(Self)
            .map_err(|_| D::Error::custom(format!("{number} is not a number of seconds")))
    }
}

/// A JSON value as a schema.
fn schema(value: Value) -> Schema {
    serde_json::from_value(value).unwrap_or(Schema::Bool(true))
}

/// The schema of a number that may also be a string of digits.
fn digits(format: &str, most: u64) -> Schema {
    schema(json!({
        "format": format,
        "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": most },
            { "type": "string", "pattern": "^[0-9]+$", "maxLength": 20 },
        ],
    }))
}

impl JsonSchema for Amount {
    fn schema_name() -> String {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        digits("amount", u64::MAX)
    }
}

impl JsonSchema for Seconds {
    fn schema_name() -> String {
        "Seconds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        digits("seconds", i64::MAX.unsigned_abs())
    }
}

/// An address in base58.
#[derive(Clone, Copy, Debug)]
pub struct Key(pub Pubkey);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let key = text.parse().map_err(|_| format!("{text:?} is not an address"));
        key.map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for Key {
    fn schema_name() -> String {
        "Address".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema(json!({ "type": "string", "format": "address", "pattern": "^[1-9A-HJ-NP-Za-km-z]{32,44}$" }))
    }
}

/// `LEAST` to `MOST` bytes in hex.
#[derive(Clone, Debug)]
pub struct Hex<const LEAST: usize, const MOST: usize>(pub Vec<u8>);

impl<'de, const LEAST: usize, const MOST: usize> Deserialize<'de> for Hex<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").unwrap_or(&text);
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && digits.len() % 2 == 0;
        if !is_hex || !(2 * LEAST..=2 * MOST).contains(&digits.len()) {
            return Err(D::Error::custom(format!(
                "{text:?} is not {LEAST} to {MOST} bytes in hex"
            )));
        }
        let bytes = (0..digits.len()).step_by(2).map(|at| {
            let pair = digits.get(at..at + 2).unwrap_or_default();
            u8::from_str_radix(pair, 16)
        });
        bytes.collect::<Result<_, _>>().map(Self).map_err(D::Error::custom)
    }
}

impl<const LEAST: usize, const MOST: usize> JsonSchema for Hex<LEAST, MOST> {
    fn is_referenceable() -> bool {
        false
    }

    fn schema_name() -> String {
        format!("Hex{LEAST}To{MOST}")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!("^(0x)?([0-9a-fA-F]{{2}}){{{LEAST},{MOST}}}$");
        schema(json!({ "type": "string", "format": "hex", "pattern": pattern }))
    }
}

/// A list of `LEAST` to `MOST` elements.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Few<T, const LEAST: usize, const MOST: usize>(pub Vec<T>);

impl<T, const LEAST: usize, const MOST: usize> Default for Few<T, LEAST, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const LEAST: usize, const MOST: usize> Deserialize<'de> for Few<T, LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = Vec::deserialize(deserializer)?;
        if (LEAST..=MOST).contains(&list.len()) {
            return Ok(Self(list));
        }
        Err(D::Error::custom(format!(
            "must have {LEAST} to {MOST} elements, not {}",
            list.len()
        )))
    }
}

impl<T: JsonSchema, const LEAST: usize, const MOST: usize> JsonSchema for Few<T, LEAST, MOST> {
    fn is_referenceable() -> bool {
        false
    }

    fn schema_name() -> String {
        format!("{}From{LEAST}To{MOST}", T::schema_name())
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        schema(json!({ "type": "array", "items": items, "minItems": LEAST, "maxItems": MOST }))
    }
}

/// The scope that a trip closes: `"domain"`, or a compartment number.
#[derive(Clone, Copy, Debug)]
pub struct Scope(pub u8);

impl Default for Scope {
    fn default() -> Self {
        Self(SCOPE_DOMAIN)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            SCOPE_DOMAIN => serializer.serialize_str(DOMAIN),
            compartment => serializer.serialize_u8(compartment),
        }
    }
}

/// The scope of the whole domain.
const DOMAIN: &str = "domain";

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Scope;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "\"{DOMAIN}\" or the number of a compartment")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Scope, E> {
                let scope = u8::try_from(number).ok();
                scope
                    .map(Scope)
                    .ok_or_else(|| E::custom(format!("{number} is not a compartment")))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Scope, E> {
                self.visit_u64(u64::try_from(number).unwrap_or(u64::MAX))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Scope, E> {
                match text {
                    DOMAIN => Ok(Scope::default()),
                    _ => Err(E::custom(format!("{text:?} is not \"{DOMAIN}\""))),
                }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Scope {
    fn schema_name() -> String {
        "Scope".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema(json!({
            "format": "scope",
            "anyOf": [{ "const": DOMAIN }, { "type": "integer", "minimum": 0, "maximum": SCOPE_DOMAIN }],
        }))
    }
}

/// Something with a name in the file and a bit in an account.
pub trait Bit: Copy + 'static {
    /// The schema's name for it.
    const FORMAT: &'static str;
    /// All names and bits.
    const ALL: &'static [(&'static str, u32)];
}

/// Roles of a member.
#[derive(Clone, Copy, Debug)]
pub struct Roles;

impl Bit for Roles {
    const FORMAT: &'static str = "roles";
    const ALL: &'static [(&'static str, u32)] = &[
        ("guardian", role::GUARDIAN as u32),
        ("approver", role::APPROVER as u32),
        ("vetoer", role::VETOER as u32),
        ("attester", role::ATTESTER as u32),
    ];
}

/// Actions of a host.
#[derive(Clone, Copy, Debug)]
pub struct Actions;

impl Bit for Actions {
    const FORMAT: &'static str = "actions";
    const ALL: &'static [(&'static str, u32)] = &[
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
        ("other", OTHER_ACTIONS),
    ];
}

/// The actions without a name of their own: the host's, and those that are not defined yet.
const OTHER_ACTIONS: u32 = action::ALL
    & !(action::DEPOSIT
        | action::WITHDRAW
        | action::BORROW
        | action::REPAY
        | action::TRADE
        | action::CANCEL
        | action::LIQUIDATE
        | action::SETTLE
        | action::CLAIM
        | action::ADMIN);

/// A list of names, stored as bits.
#[derive(Clone, Copy, Debug)]
pub struct Names<B: Bit>(pub u32, PhantomData<B>);

impl<B: Bit> Names<B> {
    /// These bits.
    pub const fn of(bits: u32) -> Self {
        Self(bits, PhantomData)
    }
}

impl<B: Bit> Serialize for Names<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = B::ALL.iter().filter(|(_, bit)| self.0 & bit != 0);
        serializer.collect_seq(names.map(|(name, _)| name))
    }
}

impl<'de, B: Bit> Deserialize<'de> for Names<B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names: Vec<String> = Vec::deserialize(deserializer)?;
        let bits = names.iter().try_fold(0, |bits, name| {
            let known = B::ALL.iter().find(|(known, _)| known == name);
            let (_, bit) = known.ok_or_else(|| {
                let all: Vec<_> = B::ALL.iter().map(|(name, _)| *name).collect();
                D::Error::custom(format!("{name:?} is none of {}", all.join(", ")))
            })?;
            Ok(bits | bit)
        });
        bits.map(Self::of)
    }
}

impl<B: Bit> JsonSchema for Names<B> {
    fn schema_name() -> String {
        B::FORMAT.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = B::ALL.iter().map(|(name, _)| *name).collect();
        schema(json!({ "type": "array", "format": B::FORMAT, "items": { "enum": names } }))
    }
}
