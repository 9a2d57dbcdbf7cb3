//! A template of a kind's arguments: every field with its explanation.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{ArgumentError, Example, FieldDoc, Fields, Idl, Named, Shape, Type, Variant, joined};

/// Width of a line of explanation.
const WIDTH: usize = 110;

/// The template of a type.
pub(super) fn of(idl: &Idl, of: &Type) -> Result<Example, ArgumentError> {
    let doc = match of {
        Type::Defined { defined } => idl
            .find(&defined.name)
            .map(|found| joined(&found.docs))
            .unwrap_or_default(),
        _ => String::new(),
    };
    let mut writer = Writer {
        idl,
        text: String::new(),
        fields: Vec::new(),
    };
    for line in wrapped(&doc) {
        // Writing to a string cannot fail.
        let _ = writeln!(writer.text, "// {line}");
    }
    let value = writer.value(of, 0, "")?;
    writer.text.push('\n');
    Ok(Example {
        doc,
        value,
        fields: writer.fields,
        text: writer.text,
    })
}

struct Writer<'a> {
    idl: &'a Idl,
    text: String,
    fields: Vec<FieldDoc>,
}

impl Writer<'_> {
    /// Writes a value at `depth` and returns it.
    fn value(&mut self, of: &Type, depth: usize, path: &str) -> Result<Value, ArgumentError> {
        match of {
            Type::Plain(name) => Ok(self.leaf(plain(name))),
            Type::Array { array: (of, count) } if of.is_byte() => Ok(self.leaf(json!("00".repeat(*count)))),
            Type::Array { array: (of, count) } => self.list(of, *count, depth, path),
            Type::Vec { vec } => self.list(vec, 1, depth, path),
            Type::Option { .. } => Ok(self.leaf(Value::Null)),
            Type::Defined { defined } => {
                let idl = self.idl;
                let found = idl.find(&defined.name);
                let found = found.ok_or_else(|| ArgumentError::Idl(format!("it has no type {}", defined.name)))?;
                match &found.r#type {
                    Shape::Struct { fields } => self.fields(fields, depth, path),
                    Shape::Enum { variants } => self.variant(variants, depth, path),
                }
            }
        }
    }

    fn leaf(&mut self, value: Value) -> Value {
        let _ = write!(self.text, "{value}");
        value
    }

    fn list(&mut self, of: &Type, count: usize, depth: usize, path: &str) -> Result<Value, ArgumentError> {
        let mut list = Vec::new();
        self.text.push_str("[\n");
        for at in 0..count {
            self.indent(depth + 1);
            // The fields of the first element explain those of the others.
            let known = self.fields.len();
            list.push(self.value(of, depth + 1, &format!("{path}[{at}]"))?);
            if at > 0 {
                self.fields.truncate(known);
            }
            self.text.push_str(if at + 1 < count { ",\n" } else { "\n" });
        }
        self.indent(depth);
        self.text.push(']');
        Ok(Value::Array(list))
    }

    fn fields(&mut self, fields: &Fields, depth: usize, path: &str) -> Result<Value, ArgumentError> {
        match fields {
            Fields::Named(fields) => self.object(fields, depth, path),
            Fields::Unnamed(types) => {
                let mut list = Vec::new();
                for (at, of) in types.iter().enumerate() {
                    self.text.push_str(if at == 0 { "[" } else { ", " });
                    list.push(self.value(of, depth, &format!("{path}[{at}]"))?);
                }
                self.text.push_str(if types.is_empty() { "[]" } else { "]" });
                Ok(Value::Array(list))
            }
        }
    }

    fn object(&mut self, fields: &[Named], depth: usize, path: &str) -> Result<Value, ArgumentError> {
        let mut map = Map::new();
        self.text.push_str("{\n");
        for (at, field) in fields.iter().enumerate() {
            let doc = joined(&field.docs);
            let words = self.words(&field.r#type);
            for line in wrapped(&format!("{doc} ({words})")) {
                self.indent(depth + 1);
                let _ = writeln!(self.text, "// {line}");
            }
            self.indent(depth + 1);
            let _ = write!(self.text, "\"{}\": ", field.name);
            let path = if path.is_empty() {
                field.name.clone()
            } else {
                format!("{path}.{}", field.name)
            };
            self.fields.push(FieldDoc {
                path: path.clone(),
                r#type: words,
                doc,
            });
            let value = self.value(&field.r#type, depth + 1, &path)?;
            map.insert(field.name.clone(), value);
            self.text.push_str(if at + 1 < fields.len() { ",\n" } else { "\n" });
        }
        self.indent(depth);
        self.text.push('}');
        Ok(Value::Object(map))
    }

    /// The first variant; the explanation of the field names them all.
    fn variant(&mut self, variants: &[Variant], depth: usize, path: &str) -> Result<Value, ArgumentError> {
        let first = variants
            .first()
            .ok_or_else(|| ArgumentError::Idl("an enum is empty".into()))?;
        match &first.fields {
            Fields::Named(fields) if fields.is_empty() => Ok(self.leaf(json!(first.name))),
            fields => {
                let _ = write!(self.text, "{{ \"{}\": ", first.name);
                let inner = self.fields(fields, depth, &format!("{path}.{}", first.name))?;
                self.text.push_str(" }");
                Ok(json!({ &first.name: inner }))
            }
        }
    }

    /// The type in words. Of an enum, every variant with its fields; of an option, what may stand in its place.
    fn words(&self, of: &Type) -> String {
        let inner = match of {
            Type::Option { option } => option,
            of => of,
        };
        let defined = match inner {
            Type::Defined { defined } => self.idl.find(&defined.name),
            _ => None,
        };
        let null = if matches!(of, Type::Option { .. }) {
            "null or "
        } else {
            ""
        };
        match defined.map(|found| &found.r#type) {
            Some(Shape::Enum { variants }) => {
                let all: Vec<_> = variants.iter().map(|variant| self.variant_words(variant)).collect();
                format!("{null}one of {}", all.join(" or "))
            }
            // What an option may contain is not in the template.
            Some(Shape::Struct { fields }) if !null.is_empty() => format!("{null}{}", self.fields_words(fields)),
            Some(Shape::Struct { .. }) => "object".to_owned(),
            None => of.words(),
        }
    }

    fn variant_words(&self, variant: &Variant) -> String {
        let docs = joined(&variant.docs);
        let docs = if docs.is_empty() { docs } else { format!(" ({docs})") };
        match &variant.fields {
            Fields::Named(fields) if fields.is_empty() => format!("\"{}\"{docs}", variant.name),
            fields => format!("{{\"{}\": {}}}{docs}", variant.name, self.fields_words(fields)),
        }
    }

    fn fields_words(&self, fields: &Fields) -> String {
        match fields {
            Fields::Named(fields) => {
                let all = fields
                    .iter()
                    .map(|field| format!("\"{}\": {}", field.name, self.words(&field.r#type)));
                format!("{{{}}}", all.collect::<Vec<_>>().join(", "))
            }
            Fields::Unnamed(types) => {
                let all = types.iter().map(|of| self.words(of));
                format!("[{}]", all.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn indent(&mut self, depth: usize) {
        self.text.push_str(&"  ".repeat(depth));
    }
}

/// A value of a plain type that decodes: zero, no, nobody.
fn plain(name: &str) -> Value {
    match name {
        "bool" => json!(false),
        "pubkey" => json!(anchor_lang::prelude::Pubkey::default().to_string()),
        "bytes" | "string" => json!(""),
        _ => json!(0),
    }
}

/// Text in lines of at most [`WIDTH`] characters.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
