//! Codama's root nodes, and Kinobi's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Result, define, list, name, once, shown, size, text};
use crate::{
    error::AdoptError,
    model::{AccountType, Body, Count, Encoding, FieldDef, Form, Idl, Instruction, Meta, Type, TypeDef},
};

/// Name of the field that Anchor's accounts begin with.
const DISCRIMINATOR: &str = "discriminator";

pub fn read(root: &Value) -> Result<Idl> {
    let program = &root["program"];
    if program["kind"] != "programNode" {
        return Err(AdoptError::bad("program", "not a program node"));
    }
    let mut idl = Idl {
        form: Form::Codama,
        name: name(&program["name"], "program.name")?,
        address: program["publicKey"]
            .as_str()
            .filter(|key| !key.is_empty())
            .map(str::to_owned),
        types: BTreeMap::new(),
        accounts: Vec::new(),
        instructions: Vec::new(),
    };
    for (i, ty) in list(&program["definedTypes"], "program.definedTypes")?
        .iter()
        .enumerate()
    {
        let at = format!("program.definedTypes[{i}]");
        let def = TypeDef {
            generics: Vec::new(),
            encoding: Encoding::Borsh,
            align: 1,
            body: match type_of(&ty["type"], &at, 0)? {
                Type::Inline(body) => *body,
                other => Body::Alias(other),
            },
        };
        define(&mut idl, name(&ty["name"], &at)?, def)?;
    }
    for (i, account) in list(&program["accounts"], "program.accounts")?.iter().enumerate() {
        let at = format!("program.accounts[{i}]");
        let called = name(&account["name"], &at)?;
        once(&idl.accounts, &called)?;
        let (filters, fields) = account_fields(account, &at)?;
        idl.accounts.push(AccountType {
            name: called,
            filters,
            start: 0,
            def: TypeDef {
                generics: Vec::new(),
                encoding: Encoding::Borsh,
                align: 1,
                body: Body::Struct(fields),
            },
        });
    }
    for (i, instruction) in list(&program["instructions"], "program.instructions")?
        .iter()
        .enumerate()
    {
        let at = format!("program.instructions[{i}]");
        let accounts = list(&instruction["accounts"], &at)?.iter().map(|account| {
            Ok(Meta {
                name: name(&account["name"], &at)?,
                is_writable: account["isWritable"] == true,
                is_signer: account["isSigner"] == true,
                relations: Vec::new(),
            })
        });
        idl.instructions.push(Instruction {
            name: name(&instruction["name"], &at)?,
            accounts: accounts.collect::<Result<_>>()?,
        });
    }
    Ok(idl)
}

type Filters = Vec<(usize, Vec<u8>)>;

/// What tells the account from others, and its fields, the discriminator among them.
fn account_fields(account: &Value, at: &str) -> Result<(Filters, Vec<FieldDef>)> {
    let data = struct_of(&account["data"]);
    let nodes = list(&data["fields"], at)?;
    let mut fields = struct_fields(nodes, at, 0)?;
    let mut filters = Vec::new();
    for node in list(&account["discriminators"], at)? {
        let found = match node["kind"].as_str() {
            Some("constantDiscriminatorNode") => constant(&node["constant"]["value"], &node["constant"]["type"], at)?,
            Some("fieldDiscriminatorNode") => {
                let field = nodes.iter().find(|field| field["name"] == node["name"]);
                match field {
                    Some(field) => constant(&field["defaultValue"], &field["type"], at)?,
                    None => None,
                }
            }
            // The size is compared anyhow.
            _ => None,
        };
        let offset = if node["offset"].is_null() {
            0
        } else {
            size(&node["offset"], at)?
        };
        filters.extend(found.map(|bytes| (offset, bytes)));
    }
    // How many bytes it takes is known from its value, when its type does not say.
    if let (Some(first), Some((0, bytes))) = (fields.first_mut(), filters.first())
        && first.name == DISCRIMINATOR
    {
        first.ty = Type::Bytes(bytes.len());
    }
    Ok((filters, fields))
}

/// The struct of an account's data, out of what may be around it.
fn struct_of(mut data: &Value) -> &Value {
    while matches!(data["kind"].as_str(), Some("fixedSizeTypeNode" | "sizePrefixTypeNode")) {
        data = &data["type"];
    }
    data
}

/// Bytes of a constant.
fn constant(value: &Value, ty: &Value, at: &str) -> Result<Option<Vec<u8>>> {
    match value["kind"].as_str() {
        Some("bytesValueNode") => {
            let data = text(&value["data"], at)?;
            let decoded = match value["encoding"].as_str() {
                Some("base16") => unhex(data),
                Some("base58") => bs58::decode(data).into_vec().ok(),
                Some("utf8") => Some(data.as_bytes().to_vec()),
                _ => None,
            };
            let bytes = decoded.ok_or_else(|| AdoptError::bad(at, "bytes in an encoding that is not known"))?;
            Ok((!bytes.is_empty()).then_some(bytes))
        }
        Some("numberValueNode") => {
            let Type::Int { width, .. } = type_of(ty, at, 0)? else {
                return Ok(None);
            };
            let number = value["number"].as_u64().unwrap_or_default().to_le_bytes();
            Ok(number.get(..width).map(<[u8]>::to_vec))
        }
        _ => Ok(None),
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

fn struct_fields(nodes: &[Value], at: &str, depth: usize) -> Result<Vec<FieldDef>> {
    let fields = nodes.iter().map(|field| {
        Ok(FieldDef {
            name: name(&field["name"], at)?,
            ty: type_of(&field["type"], at, depth + 1)?,
        })
    });
    fields.collect()
}

fn tuple_fields(nodes: &[Value], at: &str, depth: usize) -> Result<Vec<FieldDef>> {
    let fields = nodes.iter().enumerate().map(|(i, ty)| {
        Ok(FieldDef {
            name: format!("_{i}"),
            ty: type_of(ty, at, depth + 1)?,
        })
    });
    fields.collect()
}

fn type_of(node: &Value, at: &str, depth: usize) -> Result<Type> {
    if depth > crate::layout::MAX_DEPTH {
        return Err(AdoptError::TooDeep(at.to_owned()));
    }
    let within = |node: &Value| type_of(node, at, depth + 1);
    let width = |node: &Value, usual: usize| match within(node) {
        Ok(Type::Int { width, .. }) => width,
        _ => usual,
    };
    let kind = node["kind"].as_str().ok_or_else(|| AdoptError::bad(at, "not a node"))?;
    Ok(match kind {
        "numberTypeNode" => number(node, at)?,
        // The number is what is written; the rest is how it is shown.
        "amountTypeNode" | "solAmountTypeNode" | "dateTimeTypeNode" => within(&node["number"])?,
        "publicKeyTypeNode" => Type::Key,
        "booleanTypeNode" => match width(&node["size"], 1) {
            1 => Type::Bool,
            width => Type::Int { width, signed: false },
        },
        "definedTypeLinkNode" => Type::Defined(name(&node["name"], at)?, Vec::new()),
        "fixedSizeTypeNode" => fixed(node, within(&node["type"])?, size(&node["size"], at)?),
        "sizePrefixTypeNode" => match node["type"]["kind"].as_str() {
            Some("stringTypeNode" | "bytesTypeNode") => {
                let prefix = width(&node["prefix"], 4);
                Type::List(
                    Box::new(Type::Int {
                        width: 1,
                        signed: false,
                    }),
                    prefix,
                )
            }
            _ => Type::Unknown("a part with its size in front".into()),
        },
        "arrayTypeNode" => {
            let item = Box::new(within(&node["item"])?);
            match node["count"]["kind"].as_str() {
                Some("fixedCountNode") => Type::Array(item, Count::Of(size(&node["count"]["value"], at)?)),
                Some("prefixedCountNode") => Type::List(item, width(&node["count"]["prefix"], 4)),
                _ => Type::Unknown("a list to the end of the account".into()),
            }
        }
        "mapTypeNode" | "setTypeNode" => Type::Unknown("a map or a set".into()),
        "optionTypeNode" => Type::Option {
            item: Box::new(within(&node["item"])?),
            mark: width(&node["prefix"], 1),
            fixed: node["fixed"] == true,
        },
        "zeroableOptionTypeNode" => within(&node["item"])?,
        "structTypeNode" => {
            let fields = struct_fields(list(&node["fields"], at)?, at, depth)?;
            Type::Inline(Box::new(Body::Struct(fields)))
        }
        "tupleTypeNode" => {
            let fields = tuple_fields(list(&node["items"], at)?, at, depth)?;
            Type::Inline(Box::new(Body::Struct(fields)))
        }
        "enumTypeNode" => {
            let variants = list(&node["variants"], at)?
                .iter()
                .map(|variant| match variant["kind"].as_str() {
                    Some("enumStructVariantTypeNode") => {
                        let fields = list(&struct_of(&variant["struct"])["fields"], at)?;
                        struct_fields(fields, at, depth)
                    }
                    Some("enumTupleVariantTypeNode") => tuple_fields(list(&variant["tuple"]["items"], at)?, at, depth),
                    _ => Ok(Vec::new()),
                });
            Type::Inline(Box::new(Body::Enum(
                variants.collect::<Result<_>>()?,
                width(&node["size"], 1),
            )))
        }
        other => Type::Unknown(format!("a `{}`", shown(other))),
    })
}

fn number(node: &Value, at: &str) -> Result<Type> {
    let format = text(&node["format"], at)?;
    if node["endian"] == "be" {
        return Ok(Type::Unknown("a big-endian number".into()));
    }
    let (sign, bits) = format.split_at_checked(1).unwrap_or((format, ""));
    let width = bits
        .parse::<usize>()
        .ok()
        .filter(|bits| [8, 16, 32, 64, 128].contains(bits));
    Ok(match (sign, width) {
        ("u", Some(bits)) => Type::Int {
            width: bits / 8,
            signed: false,
        },
        ("i", Some(bits)) => Type::Int {
            width: bits / 8,
            signed: true,
        },
        ("f", Some(bits)) => Type::Float(bits / 8),
        _ => Type::Unknown(format!("a number `{}`", shown(format))),
    })
}

/// Something of a stated size: text, bytes, or a type that is known anyway.
fn fixed(node: &Value, inner: Type, size: usize) -> Type {
    match node["type"]["kind"].as_str() {
        Some("stringTypeNode" | "bytesTypeNode") => Type::Bytes(size),
        Some("publicKeyTypeNode") => inner,
        _ => Type::Bytes(size),
    }
}
