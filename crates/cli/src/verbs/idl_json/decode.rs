//! Borsh into JSON, by a type of the IDL: the arguments of a proposal that exists, to be edited.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::payload::hex;
use serde_json::{Map, Value, json};

use super::{Fields, Idl, Shape, Type};

/// The bytes that are left.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl Bytes<'_> {
    fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken.to_vec())
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn length(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.first_chunk().copied()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }
}

/// The next value of type `of`. `None` if the bytes are of something else.
pub(super) fn value(idl: &Idl, of: &Type, bytes: &mut Bytes) -> Option<Value> {
    match of {
        Type::Plain(name) => plain(name, bytes),
        Type::Array { array: (of, count) } if of.is_byte() => Some(json!(hex(&bytes.take(*count)?))),
        Type::Array { array: (of, count) } => list(idl, of, *count, bytes),
        Type::Vec { vec } if vec.is_byte() => plain("bytes", bytes),
        Type::Vec { vec } => {
            let count = bytes.length()?;
            list(idl, vec, count, bytes)
        }
        Type::Option { option } => match bytes.byte()? {
            0 => Some(Value::Null),
            1 => value(idl, option, bytes),
            _ => None,
        },
        Type::Defined { defined } => match &idl.find(&defined.name)?.r#type {
            Shape::Struct { fields } => structure(idl, fields, bytes),
            Shape::Enum { variants } => {
                let variant = variants.get(usize::from(bytes.byte()?))?;
                match &variant.fields {
                    Fields::Named(fields) if fields.is_empty() => Some(json!(variant.name)),
                    fields => Some(json!({ &variant.name: structure(idl, fields, bytes)? })),
                }
            }
        },
    }
}

fn list(idl: &Idl, of: &Type, count: usize, bytes: &mut Bytes) -> Option<Value> {
    let items = (0..count).map(|_| value(idl, of, bytes));
    items.collect::<Option<Vec<_>>>().map(Value::Array)
}

fn structure(idl: &Idl, fields: &Fields, bytes: &mut Bytes) -> Option<Value> {
    match fields {
        Fields::Named(fields) => {
            let mut map = Map::new();
            for field in fields {
                map.insert(field.name.clone(), value(idl, &field.r#type, bytes)?);
            }
            Some(Value::Object(map))
        }
        Fields::Unnamed(types) => {
            let items = types.iter().map(|of| value(idl, of, bytes));
            items.collect::<Option<Vec<_>>>().map(Value::Array)
        }
    }
}

fn plain(name: &str, bytes: &mut Bytes) -> Option<Value> {
    Some(match name {
        "bool" => match bytes.byte()? {
            0 => json!(false),
            1 => json!(true),
            _ => return None,
        },
        "pubkey" => json!(Pubkey::new_from_array(bytes.take(32)?.try_into().ok()?).to_string()),
        "bytes" => {
            let length = bytes.length()?;
            json!(hex(&bytes.take(length)?))
        }
        "string" => {
            let length = bytes.length()?;
            json!(String::from_utf8(bytes.take(length)?).ok()?)
        }
        "u8" => json!(bytes.byte()?),
        "u16" => json!(u16::from_le_bytes(bytes.take(2)?.try_into().ok()?)),
        "u32" => json!(u32::from_le_bytes(bytes.take(4)?.try_into().ok()?)),
        "i8" => json!(i8::from_le_bytes(bytes.take(1)?.try_into().ok()?)),
        "i16" => json!(i16::from_le_bytes(bytes.take(2)?.try_into().ok()?)),
        "i32" => json!(i32::from_le_bytes(bytes.take(4)?.try_into().ok()?)),
        // Text: readers of JSON may round what has 64 bits.
        "u64" => json!(u64::from_le_bytes(bytes.take(8)?.try_into().ok()?).to_string()),
        "i64" => json!(i64::from_le_bytes(bytes.take(8)?.try_into().ok()?).to_string()),
        _ => return None,
    })
}
