//! Anchor's IDLs: of 0.29 and before, and of 0.30 to 1.x.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Result, bytes, define, list, name, once, shown, size, text};
use crate::{
    error::AdoptError,
    model::{AccountType, Argument, Body, Count, Encoding, FieldDef, Form, Idl, Instruction, Meta, Type, TypeDef},
    names::pascal,
};

/// Bytes of the discriminator that Anchor computes.
const COMPUTED: usize = 8;
/// Bytes of the number in front of a list.
const LENGTH: usize = 4;
/// Most groups of accounts within groups.
const MAX_GROUPS: usize = 16;

pub fn read(value: &Value) -> Result<Idl> {
    // The newer form has the address at the top and discriminators everywhere.
    let is_new = value["metadata"]["spec"].is_string()
        || value["address"].is_string()
        || value["instructions"][0]["discriminator"].is_array();
    let metadata = &value["metadata"];
    let named = if value["name"].is_string() {
        &value["name"]
    } else {
        &metadata["name"]
    };
    let address = if is_new {
        &value["address"]
    } else {
        &metadata["address"]
    };
    let mut idl = Idl {
        form: if is_new { Form::Anchor } else { Form::AnchorLegacy },
        name: name(&Value::from(text(named, "name")?.replace('-', "_")), "name")?,
        address: address
            .as_str()
            .filter(|address| !address.is_empty())
            .map(str::to_owned),
        types: BTreeMap::new(),
        accounts: Vec::new(),
        instructions: Vec::new(),
    };
    for (i, ty) in list(&value["types"], "types")?.iter().enumerate() {
        let at = format!("types[{i}]");
        // Names of the newer form may be paths, when two crates have one name.
        let called = type_name(text(&ty["name"], &at)?, &at)?;
        let def = def(ty, is_new, &at)?;
        define(&mut idl, called, def)?;
    }
    for (i, account) in list(&value["accounts"], "accounts")?.iter().enumerate() {
        let at = format!("accounts[{i}]");
        let called = type_name(text(&account["name"], &at)?, &at)?;
        once(&idl.accounts, &called)?;
        let account = if is_new {
            listed(account, called, &idl, &at)?
        } else {
            AccountType {
                filters: vec![(0, computed(&called))],
                start: COMPUTED,
                def: def(account, false, &at)?,
                name: called,
            }
        };
        idl.accounts.push(account);
    }
    for (i, instruction) in list(&value["instructions"], "instructions")?.iter().enumerate() {
        let at = format!("instructions[{i}]");
        let mut accounts = Vec::new();
        metas(&instruction["accounts"], "", &at, 0, &mut accounts)?;
        idl.instructions.push(Instruction {
            name: name(&instruction["name"], &at)?,
            accounts,
        });
    }
    Ok(idl)
}

/// A type's name. Of a path, `crate::module::Type`, what is behind the last colon and, if it is not alone, its module.
fn type_name(text: &str, at: &str) -> Result<String> {
    name(&Value::from(text.replace("::", "_")), at)
}

/// An account of the newer form: its fields are among the types.
fn listed(account: &Value, called: String, idl: &Idl, at: &str) -> Result<AccountType> {
    let discriminator = bytes(&account["discriminator"], at)?;
    let mut def = match idl.types.get(&called) {
        Some(def) => def.clone(),
        // Early files of the newer form have them in place.
        None if account["type"].is_object() => def(account, true, at)?,
        None => return Err(AdoptError::bad(at, format!("there is no type {called}"))),
    };
    let (start, filters) = match discriminator.len() {
        0 => {
            let computed = computed(&called);
            (COMPUTED, vec![(0, computed)])
        }
        length => (length, vec![(0, discriminator)]),
    };
    if !def.generics.is_empty() {
        def.body = Body::Alias(Type::Unknown("a generic account".into()));
    }
    Ok(AccountType {
        name: called,
        filters,
        start,
        def,
    })
}

/// What Anchor puts in front of an account.
fn computed(name: &str) -> Vec<u8> {
    // Files that were converted have names in camel case; the hash is over the Rust name.
    let name = if name.starts_with(|first: char| first.is_ascii_lowercase()) {
        pascal(name)
    } else {
        name.to_owned()
    };
    let hash = Sha256::digest(format!("account:{name}"));
    hash.iter().take(COMPUTED).copied().collect()
}

fn def(value: &Value, is_new: bool, at: &str) -> Result<TypeDef> {
    let generics = list(&value["generics"], at)?
        .iter()
        .chain(list(&value["type"]["generics"], at)?);
    let generics = generics.map(|generic| name(if generic.is_string() { generic } else { &generic["name"] }, at));
    let ty = &value["type"];
    let body = match ty["kind"].as_str() {
        Some("struct") => Body::Struct(fields(&ty["fields"], at)?),
        Some("enum") => {
            let variants = list(&ty["variants"], at)?.iter();
            Body::Enum(
                variants
                    .map(|variant| fields(&variant["fields"], at))
                    .collect::<Result<_>>()?,
                1,
            )
        }
        Some("alias") => Body::Alias(type_of(&ty["value"], at, 0)?),
        Some("type") => Body::Alias(type_of(&ty["alias"], at, 0)?),
        _ => return Err(AdoptError::bad(at, "neither a struct nor an enum nor an alias")),
    };
    let is_packed = value["repr"]["packed"] == true || ty["repr"]["packed"] == true;
    let encoding = match value["serialization"].as_str() {
        Some("bytemuck" | "bytemuckunsafe") if is_packed => Encoding::Packed,
        Some("bytemuck" | "bytemuckunsafe") => Encoding::C,
        Some("borsh") => Encoding::Borsh,
        Some(_) => Encoding::Custom,
        None if value["serialization"].is_object() => Encoding::Custom,
        None if is_packed => Encoding::Packed,
        None if is_new => Encoding::Borsh,
        None => Encoding::Unsaid,
    };
    Ok(TypeDef {
        generics: generics.collect::<Result<_>>()?,
        encoding,
        align: value["repr"]["align"]
            .as_u64()
            .and_then(|align| usize::try_from(align).ok())
            .unwrap_or(1)
            .clamp(1, 64),
        body,
    })
}

/// Fields with names, or the types of a tuple.
fn fields(value: &Value, at: &str) -> Result<Vec<FieldDef>> {
    let all = list(value, at)?.iter().enumerate();
    all.map(|(i, field)| {
        let at = format!("{at}.fields[{i}]");
        if field["name"].is_string() && !field["type"].is_null() {
            return Ok(FieldDef {
                name: name(&field["name"], &at)?,
                ty: type_of(&field["type"], &at, 0)?,
            });
        }
        Ok(FieldDef {
            name: format!("_{i}"),
            ty: type_of(field, &at, 0)?,
        })
    })
    .collect()
}

fn type_of(value: &Value, at: &str, depth: usize) -> Result<Type> {
    if depth > crate::layout::MAX_DEPTH {
        return Err(AdoptError::TooDeep(at.to_owned()));
    }
    let within = |value: &Value| type_of(value, at, depth + 1).map(Box::new);
    if let Some(text) = value.as_str() {
        return Ok(primitive(text));
    }
    let Some((kind, inner)) = value.as_object().and_then(|object| object.iter().next()) else {
        return Err(AdoptError::bad(at, "not a type"));
    };
    Ok(match kind.as_str() {
        "defined" => match inner {
            Value::String(text) => Type::Defined(type_name(text, at)?, Vec::new()),
            _ => {
                let called = type_name(text(&inner["name"], at)?, at)?;
                Type::Defined(called, arguments(&inner["generics"], at, depth)?)
            }
        },
        "definedWithTypeArgs" => {
            let called = type_name(text(&inner["name"], at)?, at)?;
            Type::Defined(called, arguments(&inner["args"], at, depth)?)
        }
        "generic" => Type::Generic(name(inner, at)?),
        "option" => Type::Option {
            item: within(inner)?,
            mark: 1,
            fixed: false,
        },
        "coption" => Type::Option {
            item: within(inner)?,
            mark: LENGTH,
            fixed: true,
        },
        "vec" => Type::List(within(inner)?, LENGTH),
        "array" => {
            let count = match &inner[1] {
                Value::Number(_) => Count::Of(size(&inner[1], at)?),
                Value::String(generic) => Count::Generic(shown(generic)),
                other if other["generic"].is_string() => Count::Generic(name(&other["generic"], at)?),
                other if other["value"].is_string() => {
                    let number = text(&other["value"], at)?.parse();
                    Count::Of(number.map_err(|_| AdoptError::bad(at, "not a whole number"))?)
                }
                _ => return Err(AdoptError::bad(at, "an array without a length")),
            };
            Type::Array(within(&inner[0])?, count)
        }
        "genericLenArray" => Type::Array(within(&inner[0])?, Count::Generic(shown(text(&inner[1], at)?))),
        "tuple" => {
            let items = list(inner, at)?.iter().enumerate();
            let items = items.map(|(i, item)| {
                Ok(FieldDef {
                    name: format!("_{i}"),
                    ty: *within(item)?,
                })
            });
            Type::Inline(Box::new(Body::Struct(items.collect::<Result<_>>()?)))
        }
        // Shank's maps and sets are lists.
        "hashSet" | "bTreeSet" => Type::List(within(inner)?, LENGTH),
        other => Type::Unknown(format!("a type `{}`", shown(other))),
    })
}

fn primitive(text: &str) -> Type {
    let int = |bits: &str, signed| {
        let width = bits
            .parse::<usize>()
            .ok()
            .filter(|bits| [8, 16, 32, 64, 128, 256].contains(bits));
        width.map(|bits| Type::Int {
            width: bits / 8,
            signed,
        })
    };
    let number = match text.split_at_checked(1) {
        Some(("u", bits)) => int(bits, false),
        Some(("i", bits)) => int(bits, true),
        _ => None,
    };
    match text {
        _ if number.is_some() => number.unwrap_or(Type::Bool),
        "bool" => Type::Bool,
        "f32" => Type::Float(4),
        "f64" => Type::Float(8),
        "usize" => Type::Int {
            width: 8,
            signed: false,
        },
        "publicKey" | "pubkey" => Type::Key,
        "string" | "bytes" => Type::List(
            Box::new(Type::Int {
                width: 1,
                signed: false,
            }),
            LENGTH,
        ),
        other => Type::Unknown(format!("a type `{}`", shown(other))),
    }
}

fn arguments(value: &Value, at: &str, depth: usize) -> Result<Vec<Argument>> {
    let all = list(value, at)?.iter();
    all.map(|argument| match argument["value"].as_str() {
        Some(text) => {
            let number = text.parse();
            Ok(Argument::Value(
                number.map_err(|_| AdoptError::bad(at, "not a whole number"))?,
            ))
        }
        None => Ok(Argument::Type(type_of(&argument["type"], at, depth + 1)?)),
    })
    .collect()
}

/// Accounts of an instruction. A group's name is in front of its accounts' names.
fn metas(value: &Value, group: &str, at: &str, depth: usize, all: &mut Vec<Meta>) -> Result<()> {
    if depth > MAX_GROUPS {
        return Err(AdoptError::TooDeep(at.to_owned()));
    }
    for account in list(value, at)? {
        let called = name(&account["name"], at)?;
        let called = if group.is_empty() {
            called
        } else {
            format!("{group}_{called}")
        };
        if account["accounts"].is_array() {
            metas(&account["accounts"], &called, at, depth + 1, all)?;
            continue;
        }
        let is = |old: &str, new: &str| account[old] == true || account[new] == true;
        let relations = list(&account["relations"], at)?.iter();
        all.push(Meta {
            name: called,
            is_writable: is("isMut", "writable"),
            is_signer: is("isSigner", "signer"),
            relations: relations.map(|relation| name(relation, at)).collect::<Result<_>>()?,
        });
    }
    Ok(())
}
