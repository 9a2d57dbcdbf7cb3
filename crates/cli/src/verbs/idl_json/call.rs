//! An instruction in the IDL's words: the names of its accounts, and every argument.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ArgumentError, Fields, Idl, Named, Shape, Type, decode};
use crate::proposal::CLASSES;

/// Spaces by which the arguments inside an argument are set in.
const INDENT: usize = 2;

/// An instruction of the program, as the IDL describes it.
#[derive(Deserialize)]
pub(super) struct Instruction {
    name: String,
    discriminator: Vec<u8>,
    accounts: Vec<Accounts>,
    args: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Accounts {
    Group { accounts: Vec<Accounts> },
    One { name: String },
}

/// An instruction that was decoded.
pub struct Call {
    /// Names of its accounts, in order.
    pub accounts: Vec<String>,
    /// Every argument. If the instruction takes one structure, its fields.
    pub arguments: Value,
    /// The same as lines, each argument of an argument set in below it, in the order in which they are encoded.
    pub lines: Vec<String>,
}

/// Decodes an instruction's data by the IDL.
///
/// # Errors
/// [`ArgumentError::Idl`]
pub fn call(data: &[u8]) -> Result<Call, ArgumentError> {
    let idl = Idl::read()?;
    let is_it = |instruction: &&Instruction| {
        !instruction.discriminator.is_empty() && data.starts_with(&instruction.discriminator)
    };
    let found = idl.instructions.iter().find(is_it);
    let found = found.ok_or_else(|| ArgumentError::Idl("it has no instruction with this data".into()))?;
    let broken = || ArgumentError::Idl(format!("{}: the program encodes something else", found.name));
    let mut bytes = decode::Bytes(data.get(found.discriminator.len()..).unwrap_or_default());
    let mut map = Map::new();
    for argument in &found.args {
        let value = decode::value(&idl, &argument.r#type, &mut bytes).ok_or_else(broken)?;
        map.insert(argument.name.clone(), value);
    }
    if !bytes.0.is_empty() {
        return Err(broken());
    }
    let mut lines = Vec::new();
    // One structure is what the instruction takes, whatever the name of the argument.
    let arguments = match (found.args.as_slice(), idl.structure(&found.args)) {
        ([only], Some(fields)) => {
            let value = map.remove(&only.name).unwrap_or_default();
            idl.object_lines(fields, &value, 0, &mut lines);
            value
        }
        (all, _) => {
            let value = Value::Object(map);
            idl.object_lines(all, &value, 0, &mut lines);
            value
        }
    };
    let mut accounts = Vec::new();
    flatten(&found.accounts, &mut accounts);
    Ok(Call {
        accounts,
        arguments,
        lines,
    })
}

fn flatten(accounts: &[Accounts], names: &mut Vec<String>) {
    for account in accounts {
        match account {
            Accounts::Group { accounts } => flatten(accounts, names),
            Accounts::One { name } => names.push(name.clone()),
        }
    }
}

impl Idl {
    /// The fields of the one structure that these arguments are.
    fn structure(&self, args: &[Named]) -> Option<&[Named]> {
        match args {
            [only] => self.fields_of(&only.r#type),
            _ => None,
        }
    }

    fn fields_of(&self, of: &Type) -> Option<&[Named]> {
        let Type::Defined { defined } = of else {
            return None;
        };
        match &self.find(&defined.name)?.r#type {
            Shape::Struct {
                fields: Fields::Named(fields),
            } => Some(fields),
            _ => None,
        }
    }

    fn object_lines(&self, fields: &[Named], value: &Value, depth: usize, lines: &mut Vec<String>) {
        for field in fields {
            self.value_lines(&field.name, &field.r#type, &value[&field.name], depth, lines);
        }
    }

    /// `name = value`, or the name with what is inside below it.
    fn value_lines(&self, name: &str, of: &Type, value: &Value, depth: usize, lines: &mut Vec<String>) {
        let pad = " ".repeat(depth * INDENT);
        match (of, value) {
            (Type::Option { option }, value) if !value.is_null() => {
                self.value_lines(name, option, value, depth, lines);
            }
            (Type::Array { array: (of, _) } | Type::Vec { vec: of }, Value::Array(list)) if !list.is_empty() => {
                lines.push(format!("{pad}{name}"));
                for (at, each) in list.iter().enumerate() {
                    self.value_lines(&place(name, at), of, each, depth + 1, lines);
                }
            }
            (of, Value::Object(_)) if self.fields_of(of).is_some() => {
                lines.push(format!("{pad}{name}"));
                let fields = self.fields_of(of).unwrap_or_default();
                self.object_lines(fields, value, depth + 1, lines);
            }
            (_, value) => lines.push(format!("{pad}{name} = {}", plain(value))),
        }
    }
}

/// The name of a place in a list. Policies are those of the classes of proposals.
fn place(list: &str, at: usize) -> String {
    let class = CLASSES.get(at).filter(|_| list == "policies");
    class.map_or_else(|| format!("[{at}]"), |class| format!("[{at}] {class}"))
}

/// A value without parts, and a variant of an enum as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        other => other.to_string(),
    }
}
