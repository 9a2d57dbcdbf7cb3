//! JSON into Borsh, by a type of the IDL.

use anchor_lang::prelude::Pubkey;
use serde_json::{Map, Value};

use super::{Fields, Idl, Named, Shape, Type, Variant, by_name};

/// A value that does not fit its type. The path is collected on the way out.
pub(super) struct Wrong {
    /// Steps from the value to the root: `[2]`, `.policies`.
    steps: Vec<String>,
    pub(super) reason: String,
}

impl Wrong {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            steps: Vec::new(),
            reason: reason.into(),
        }
    }

    fn within(mut self, step: String) -> Self {
        self.steps.push(step);
        self
    }

    /// `policies[2].threshold`
    pub(super) fn path(&self) -> String {
        let path: String = self.steps.iter().rev().map(String::as_str).collect();
        let path = path.trim_start_matches('.');
        if path.is_empty() { "arguments" } else { path }.to_owned()
    }
}

/// Appends `value` as one of type `of`.
pub(super) fn value(idl: &Idl, of: &Type, value: &Value, out: &mut Vec<u8>) -> Result<(), Wrong> {
    match of {
        Type::Plain(name) => plain(name, value, out),
        Type::Array { array: (of, count) } if of.is_byte() => {
            let bytes = fixed(value, *count)?;
            out.extend(bytes);
            Ok(())
        }
        Type::Array { array: (of, count) } => {
            let list = list(value, &of.words())?;
            if list.len() != *count {
                return Err(Wrong::new(format!("has {} elements, not {count}", list.len())));
            }
            each(idl, of, list, out)
        }
        Type::Vec { vec } if vec.is_byte() => bytes(value, out),
        Type::Vec { vec } => {
            let list = list(value, &vec.words())?;
            length(list.len(), out)?;
            each(idl, vec, list, out)
        }
        Type::Option { option } => {
            if value.is_null() {
                out.push(0);
                return Ok(());
            }
            out.push(1);
            self::value(idl, option, value, out)
        }
        Type::Defined { defined } => {
            let found = idl.find(&defined.name);
            match found.map(|found| &found.r#type) {
                Some(Shape::Struct { fields }) => structure(idl, fields, value, out),
                Some(Shape::Enum { variants }) => variant(idl, variants, value, out),
                None => Err(Wrong::new(format!("the IDL has no type {}", defined.name))),
            }
        }
    }
}

fn each(idl: &Idl, of: &Type, list: &[Value], out: &mut Vec<u8>) -> Result<(), Wrong> {
    list.iter()
        .enumerate()
        .try_for_each(|(at, item)| value(idl, of, item, out).map_err(|wrong| wrong.within(format!("[{at}]"))))
}

fn structure(idl: &Idl, fields: &Fields, value: &Value, out: &mut Vec<u8>) -> Result<(), Wrong> {
    match fields {
        Fields::Named(fields) => named(idl, fields, object(value)?, out),
        Fields::Unnamed(types) => {
            let list = list(value, "values")?;
            if list.len() != types.len() {
                return Err(Wrong::new(format!("has {} elements, not {}", list.len(), types.len())));
            }
            let pairs = types.iter().zip(list).enumerate();
            for (at, (of, item)) in pairs {
                self::value(idl, of, item, out).map_err(|wrong| wrong.within(format!("[{at}]")))?;
            }
            Ok(())
        }
    }
}

fn named(idl: &Idl, fields: &[Named], given: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let known = by_name(fields);
    if let Some(unknown) = given.keys().find(|name| !known.contains_key(name.as_str())) {
        let all: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        let wrong = Wrong::new(format!("there is no such field; the fields are {}", all.join(", ")));
        return Err(wrong.within(format!(".{unknown}")));
    }
    let missing = fields.iter().map(|field| field.name.as_str());
    let missing: Vec<_> = missing.filter(|name| !given.contains_key(*name)).collect();
    if !missing.is_empty() {
        return Err(Wrong::new(format!("missing: {}", missing.join(", "))));
    }
    for field in fields {
        let item = given.get(&field.name).unwrap_or(&Value::Null);
        value(idl, &field.r#type, item, out).map_err(|wrong| wrong.within(format!(".{}", field.name)))?;
    }
    Ok(())
}

/// `"Name"` for a variant without fields, `{"Name": {…}}` for one with fields.
fn variant(idl: &Idl, variants: &[Variant], value: &Value, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let nothing = Value::Object(Map::new());
    let (name, inner) = match value {
        Value::String(name) => (name, &nothing),
        Value::Object(map) if map.len() == 1 => map.iter().next().ok_or_else(|| Wrong::new("is empty"))?,
        _ => return Err(Wrong::new(format!("give one of {}", choices(variants)))),
    };
    let place = variants
        .iter()
        .position(|variant| variant.name.eq_ignore_ascii_case(name));
    let found = place.and_then(|place| Some((u8::try_from(place).ok()?, variants.get(place)?)));
    let Some((number, found)) = found else {
        return Err(Wrong::new(format!("{name:?} is none of {}", choices(variants))));
    };
    out.push(number);
    structure(idl, &found.fields, inner, out).map_err(|wrong| wrong.within(format!(".{}", found.name)))
}

fn choices(variants: &[Variant]) -> String {
    let choice = |variant: &Variant| match &variant.fields {
        Fields::Named(fields) if fields.is_empty() => format!("\"{}\"", variant.name),
        _ => format!("{{\"{}\": …}}", variant.name),
    };
    variants.iter().map(choice).collect::<Vec<_>>().join(", ")
}

fn object(value: &Value) -> Result<&Map<String, Value>, Wrong> {
    value.as_object().ok_or_else(|| Wrong::new("must be an object: { … }"))
}

fn list<'a>(value: &'a Value, of: &str) -> Result<&'a [Value], Wrong> {
    let list = value.as_array().map(Vec::as_slice);
    list.ok_or_else(|| Wrong::new(format!("must be a list of {of}: [ … ]")))
}

fn length(length: usize, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let length = u32::try_from(length).map_err(|_| Wrong::new("the list is too long"))?;
    out.extend(length.to_le_bytes());
    Ok(())
}

fn plain(name: &str, value: &Value, out: &mut Vec<u8>) -> Result<(), Wrong> {
    match name {
        "bool" => {
            let bit = value.as_bool().ok_or_else(|| Wrong::new("must be true or false"))?;
            out.push(u8::from(bit));
        }
        "pubkey" => out.extend(key(value)?.to_bytes()),
        "bytes" => bytes(value, out)?,
        "string" => {
            let text = value.as_str().ok_or_else(|| Wrong::new("must be a text"))?;
            length(text.len(), out)?;
            out.extend(text.as_bytes());
        }
        _ => {
            let (width, is_signed) = width(name).ok_or_else(|| Wrong::new(format!("has the unknown type {name}")))?;
            out.extend(integer(value, width, is_signed)?);
        }
    }
    Ok(())
}

/// Bytes and sign of a type such as `u64`.
fn width(name: &str) -> Option<(u32, bool)> {
    let (sign, bits) = name.split_at_checked(1)?;
    let bits: u32 = bits.parse().ok()?;
    let is_signed = match sign {
        "u" => false,
        "i" => true,
        _ => return None,
    };
    [8, 16, 32, 64].contains(&bits).then_some((bits / 8, is_signed))
}

/// A whole number, little endian. A number, or a text of digits for readers whose numbers are too small.
fn integer(value: &Value, width: u32, is_signed: bool) -> Result<Vec<u8>, Wrong> {
    let number = match value {
        Value::Number(number) => number
            .as_u64()
            .map(i128::from)
            .or_else(|| number.as_i64().map(i128::from)),
        Value::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_plain.then(|| text.parse().ok()).flatten()
        }
        _ => None,
    };
    let bits = width * 8;
    let (least, most) = if is_signed {
        (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1)
    } else {
        (0, (1_i128 << bits) - 1)
    };
    let fits = number.filter(|number| (least..=most).contains(number));
    let number = fits.ok_or_else(|| Wrong::new(format!("{value} is not a whole number from {least} to {most}")))?;
    Ok(number.to_le_bytes().into_iter().take(width as usize).collect())
}

fn key(value: &Value) -> Result<Pubkey, Wrong> {
    let text = value
        .as_str()
        .ok_or_else(|| Wrong::new("must be an address in base58"))?;
    text.parse()
        .map_err(|_| Wrong::new(format!("{text:?} is not an address in base58")))
}

/// Exactly `count` bytes: hex, a list of numbers, or for 32 bytes base58.
fn fixed(value: &Value, count: usize) -> Result<Vec<u8>, Wrong> {
    let wanted = || {
        let or_key = if count == 32 { ", base58" } else { "" };
        Wrong::new(format!("must be {count} bytes: hex{or_key} or a list of numbers"))
    };
    let bytes = match value {
        Value::String(text) => match hex(text) {
            Some(bytes) if bytes.len() == count => bytes,
            _ if count == 32 => text.parse::<Pubkey>().map_err(|_| wanted())?.to_bytes().to_vec(),
            _ => return Err(wanted()),
        },
        _ => numbers(value).ok_or_else(wanted)?,
    };
    if bytes.len() == count { Ok(bytes) } else { Err(wanted()) }
}

/// Any number of bytes, with their length.
fn bytes(value: &Value, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let bytes = value.as_str().and_then(hex).or_else(|| numbers(value));
    let bytes = bytes.ok_or_else(|| Wrong::new("must be bytes: hex or a list of numbers"))?;
    length(bytes.len(), out)?;
    out.extend(bytes);
    Ok(())
}

fn numbers(value: &Value) -> Option<Vec<u8>> {
    let byte = |item: &Value| u8::try_from(item.as_u64()?).ok();
    value.as_array()?.iter().map(byte).collect()
}

/// Hexadecimal digits, after `0x` or without.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.iter().map(byte).collect()
}
