//! Reads an IDL of any form.

mod anchor;
mod codama;

use serde_json::Value;

use crate::{
    error::AdoptError,
    model::{AccountType, Idl, TypeDef},
    names::{is_address, is_identifier},
};

type Result<T> = std::result::Result<T, AdoptError>;

/// Reads an IDL, in whatever form it is.
///
/// # Errors
/// [`AdoptError`] with the place in the file.
pub fn read(text: &str) -> Result<Idl> {
    let value: Value = serde_json::from_str(text).map_err(|error| AdoptError::NotJson(error.to_string()))?;
    let idl = if value["kind"] == "rootNode" {
        codama::read(&value)?
    } else if value["instructions"].is_array() {
        anchor::read(&value)?
    } else {
        return Err(AdoptError::UnknownForm);
    };
    if let Some(address) = idl.address.as_ref().filter(|address| !is_address(address)) {
        return Err(AdoptError::BadAddress(address.clone()));
    }
    if idl.accounts.is_empty() {
        return Err(AdoptError::NoAccounts);
    }
    Ok(idl)
}

/// The elements of a list that may be absent.
fn list<'a>(value: &'a Value, at: &str) -> Result<&'a [Value]> {
    match value {
        Value::Null => Ok(&[]),
        Value::Array(list) => Ok(list),
        _ => Err(AdoptError::bad(at, "not a list")),
    }
}

/// A text.
fn text<'a>(value: &'a Value, at: &str) -> Result<&'a str> {
    value.as_str().ok_or_else(|| AdoptError::bad(at, "not a text"))
}

/// A name that may be written into Rust, TOML and commands.
fn name(value: &Value, at: &str) -> Result<String> {
    let name = text(value, at)?;
    if is_identifier(name) {
        return Ok(name.to_owned());
    }
    Err(AdoptError::BadName {
        at: at.to_owned(),
        name: name.chars().take(80).collect(),
    })
}

/// A size or a count.
fn size(value: &Value, at: &str) -> Result<usize> {
    let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| AdoptError::bad(at, "not a whole number"))
}

/// Bytes, as a list of numbers.
fn bytes(value: &Value, at: &str) -> Result<Vec<u8>> {
    let all = list(value, at)?.iter();
    all.map(|byte| {
        let byte = byte.as_u64().and_then(|byte| u8::try_from(byte).ok());
        byte.ok_or_else(|| AdoptError::bad(at, "not a byte"))
    })
    .collect()
}

/// No two types and no two accounts have one name: a reference would have two meanings.
fn once(accounts: &[AccountType], seen: &str) -> Result<()> {
    if accounts.iter().any(|account| account.name == seen) {
        return Err(AdoptError::bad(format!("accounts.{seen}"), "is there twice"));
    }
    Ok(())
}

/// Puts a type among the others.
fn define(idl: &mut Idl, name: String, def: TypeDef) -> Result<()> {
    let at = format!("types.{name}");
    match idl.types.insert(name, def) {
        None => Ok(()),
        Some(_) => Err(AdoptError::bad(at, "is there twice")),
    }
}

/// A word of the file as it may be shown: nothing that ends a line, a comment or a string.
fn shown(text: &str) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || "_<>:,.-".contains(*letter);
    text.chars().filter(is_plain).take(40).collect()
}
