//! Arguments of proposals as JSON, and of instructions in words, by the types that the program's IDL states.
//!
//! The names, types and explanations are the IDL's, so nothing here has to be changed when a kind gets a field. What is
//! encoded is decoded again by the program's own types before anything is sent.

mod call;
mod decode;
mod encode;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bulkhead_client::bulkhead::decision::{Decision, EncodedDecision};
use bulkhead_interface::ProposalKind;
use serde::Deserialize;
use serde_json::Value;

pub use self::call::{Call, call};

/// The IDL, as `make idl` writes it.
const TEXT: &str = include_str!("../../../../../idl/bulkhead.json");

/// Why arguments were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// A value is not of its field's type, or a field is missing or unknown.
    #[error("BadArguments: {path}: {reason}; `bulkhead propose {kind} --example` prints every field")]
    Bad {
        /// Where in the JSON.
        path: String,
        /// What is wrong.
        reason: String,
        /// The kind, as the command line writes it.
        kind: String,
    },
    /// The IDL inside this program does not describe the kind: a mistake of the build.
    #[error("BrokenIdl: {0}; build bulkhead again from a clean checkout")]
    Idl(String),
}

/// The kind's name on the command line: `set-limit`.
#[must_use]
pub fn dashed(kind: ProposalKind) -> String {
    kind.name().replace('_', "-")
}

/// The decision of `kind` that the JSON states.
///
/// # Errors
/// [`ArgumentError`]
pub fn decision(kind: ProposalKind, value: &Value) -> Result<Decision, ArgumentError> {
    let idl = Idl::read()?;
    let mut bytes = vec![kind.number()];
    encode::value(&idl, idl.arguments(kind)?, value, &mut bytes).map_err(|wrong| ArgumentError::Bad {
        path: wrong.path(),
        reason: wrong.reason,
        kind: dashed(kind),
    })?;
    // The program's own types have the last word.
    anchor_lang::AnchorDeserialize::try_from_slice(&bytes)
        .map_err(|error| ArgumentError::Idl(format!("{}: the program decodes something else: {error}", kind.name())))
}

/// The arguments of a decision as the JSON that [`decision`] reads.
///
/// # Errors
/// [`ArgumentError::Idl`]
pub fn arguments(decision: &Decision) -> Result<Value, ArgumentError> {
    let (idl, kind) = (Idl::read()?, decision.kind());
    let encoded = EncodedDecision::from(decision);
    let mut bytes = decode::Bytes(encoded.payload());
    let value = decode::value(&idl, idl.arguments(kind)?, &mut bytes).filter(|_| bytes.0.is_empty());
    value.ok_or_else(|| ArgumentError::Idl(format!("{}: the program encodes something else", kind.name())))
}

/// One field of a kind, for `--example --output json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldDoc {
    /// Where in the arguments: `rules.max_age_seconds`.
    pub path: String,
    /// Its type, in the IDL's words.
    pub r#type: String,
    /// What it means.
    pub doc: String,
}

/// A kind's arguments, explained.
pub struct Example {
    /// What the kind's arguments are.
    pub doc: String,
    /// Arguments that decode, with zeros and empty keys.
    pub value: Value,
    /// Every field.
    pub fields: Vec<FieldDoc>,
    /// The arguments with every field's explanation above it, each in a line that begins with `//`.
    pub text: String,
}

/// A template of a kind's arguments.
///
/// # Errors
/// [`ArgumentError::Idl`]
pub fn example(kind: ProposalKind) -> Result<Example, ArgumentError> {
    let idl = Idl::read()?;
    template::of(&idl, idl.arguments(kind)?)
}

/// JSON without the lines that begin with `//`, in which a template explains its fields.
#[must_use]
pub fn without_comments(text: &str) -> String {
    let kept = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    kept.collect::<Vec<_>>().join("\n")
}

/// The types of the program.
#[derive(Deserialize)]
struct Idl {
    instructions: Vec<call::Instruction>,
    types: Vec<TypeDef>,
}

#[derive(Deserialize)]
struct TypeDef {
    name: String,
    #[serde(default)]
    docs: Vec<String>,
    r#type: Shape,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Shape {
    Struct {
        #[serde(default)]
        fields: Fields,
    },
    Enum {
        variants: Vec<Variant>,
    },
}

#[derive(Deserialize)]
struct Variant {
    name: String,
    #[serde(default)]
    docs: Vec<String>,
    #[serde(default)]
    fields: Fields,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Fields {
    Named(Vec<Named>),
    Unnamed(Vec<Type>),
}

impl Default for Fields {
    fn default() -> Self {
        Self::Named(Vec::new())
    }
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    docs: Vec<String>,
    r#type: Type,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Type {
    Plain(String),
    Array { array: (Box<Type>, usize) },
    Vec { vec: Box<Type> },
    Option { option: Box<Type> },
    Defined { defined: Reference },
}

#[derive(Deserialize)]
struct Reference {
    name: String,
}

impl Idl {
    fn read() -> Result<Self, ArgumentError> {
        serde_json::from_str(TEXT).map_err(|error| ArgumentError::Idl(error.to_string()))
    }

    fn find(&self, name: &str) -> Option<&TypeDef> {
        self.types.iter().find(|found| found.name == name)
    }

    /// The type of a kind's arguments: what the variant of `Decision` at the kind's number contains.
    fn arguments(&self, kind: ProposalKind) -> Result<&Type, ArgumentError> {
        let broken = || ArgumentError::Idl(format!("it has no arguments for {}", kind.name()));
        let Some(Shape::Enum { variants }) = self.find("Decision").map(|found| &found.r#type) else {
            return Err(broken());
        };
        match variants.get(usize::from(kind.number())).map(|variant| &variant.fields) {
            Some(Fields::Unnamed(types)) => types.first().ok_or_else(broken),
            _ => Err(broken()),
        }
    }
}

impl Type {
    /// The type in words, for people who write JSON.
    fn words(&self) -> String {
        match self {
            Self::Plain(name) => match name.as_str() {
                "pubkey" => "address".to_owned(),
                "bytes" => "bytes in hex".to_owned(),
                name => name.to_owned(),
            },
            Self::Array { array: (of, count) } if of.is_byte() => format!("{count} bytes in hex"),
            Self::Array { array: (of, count) } => format!("list of {count}: {}", of.words()),
            Self::Vec { vec } => format!("list: {}", vec.words()),
            Self::Option { option } => format!("null or {}", option.words()),
            Self::Defined { defined } => defined.name.clone(),
        }
    }

    fn is_byte(&self) -> bool {
        matches!(self, Self::Plain(name) if name == "u8")
    }
}

/// Lines of documentation as one text, without the marks of Rust's documentation.
fn joined(docs: &[String]) -> String {
    docs.join(" ").replace('`', "")
}

/// What the names of an object are, to report those that are missing and those that are unknown.
fn by_name(fields: &[Named]) -> BTreeMap<&str, &Type> {
    fields
        .iter()
        .map(|field| (field.name.as_str(), &field.r#type))
        .collect()
}
