//! The format of the file that opens a domain is what `bulkhead init` reads. The schema, which TypeScript reads by, and the
//! page for people are written from it: `DOMAIN_FILE_WRITE=1` writes both.

mod common;

use std::{fmt::Write, fs};

use bulkhead_cli::init::config::DomainFile;
use common::checkout;
use serde_json::{Map, Value};

/// The table that a schema of a key leads to, by name, and whether it is a list of them.
fn table_of(schema: &Value) -> Option<(&str, bool)> {
    let own = target(schema).map(|name| (name, false));
    own.or_else(|| target(schema.get("items")?).map(|name| (name, true)))
}

fn target(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn kind(schema: &Value, definitions: &Map<String, Value>) -> String {
    if let Some((name, is_list)) = table_of(schema) {
        let target = &definitions[name];
        if target["type"] == "object" {
            return if is_list { "tables, below" } else { "table, below" }.into();
        }
        return kind(target, definitions);
    }
    let range = |schema: &Value| match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(least), Value::Number(most)) => format!("{least} to {most}"),
        _ => "whole number".into(),
    };
    match (schema["format"].as_str(), schema["type"].as_str()) {
        (Some("address"), _) => "address".into(),
        (Some("amount"), _) => "native units".into(),
        (Some("seconds"), _) => "seconds".into(),
        (Some("hex"), _) => "hex".into(),
        (Some("scope"), _) => "`\"domain\"` or compartment".into(),
        (Some("roles" | "actions"), _) => {
            let names = schema["items"]["enum"].as_array().into_iter().flatten();
            let names: Vec<_> = names.filter_map(Value::as_str).collect();
            format!("list of {}", names.join(", "))
        }
        (_, Some("boolean")) => "true or false".into(),
        (_, Some("array")) => "list".into(),
        _ => range(schema),
    }
}

fn page(schema: &Value) -> String {
    let definitions = schema["definitions"].as_object().expect("definitions");
    let mut text = String::from(
        "# The file that opens a domain\n\
         `bulkhead init` and `migrations/deploy.ts` read the same file, as TOML or as JSON; \
         [domain.example.toml](../migrations/domain.example.toml) is one. Amounts are native token units, times whole seconds, \
         and either may be written as text, for formats whose numbers are too small. A key that is not on this page is an error. \
         This page and `app/client/src/deploy/domain.schema.json` are written from the types in \
         `crates/cli/src/init/config`: `DOMAIN_FILE_WRITE=1 cargo test --workspace --test domain_file`.\n",
    );
    table(&mut text, "The file", schema, definitions);
    // Depth first, as the tables stand in each other.
    let mut waiting = vec![(String::new(), schema)];
    while let Some((path, parent)) = waiting.pop() {
        let properties = parent["properties"].as_object().into_iter().flatten();
        let mut inner = vec![];
        for (key, part) in properties {
            let Some((name, is_list)) = table_of(part) else {
                continue;
            };
            let target = &definitions[name];
            if target["type"] != "object" {
                continue;
            }
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            let shown = if is_list {
                format!("[[{path}]]")
            } else {
                format!("[{path}]")
            };
            inner.push((path, shown, target));
        }
        for (_, shown, target) in &inner {
            table(&mut text, &format!("`{shown}`"), target, definitions);
        }
        waiting.extend(inner.into_iter().rev().map(|(path, _, target)| (path, target)));
    }
    text
}

fn table(text: &mut String, title: &str, schema: &Value, definitions: &Map<String, Value>) {
    let about = schema["description"].as_str().unwrap_or_default();
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    write!(
        text,
        "\n## {title}\n{about}\n\n| key | what | left out | meaning |\n|---|---|---|---|\n"
    )
    .expect("written");
    for (key, part) in schema["properties"].as_object().expect("keys") {
        let left_out = match part.get("default") {
            _ if required.iter().any(|name| *name == key) => "never".into(),
            Some(Value::Array(list)) if list.is_empty() => "none".into(),
            Some(Value::Array(list)) => {
                let names: Vec<_> = list.iter().filter_map(Value::as_str).collect();
                names.join(", ")
            }
            Some(value) => value.to_string(),
            None => "none".into(),
        };
        let meaning = part["description"].as_str().unwrap_or_default().replace('\n', " ");
        writeln!(
            text,
            "| `{key}` | {} | {left_out} | {meaning} |",
            kind(part, definitions)
        )
        .expect("written");
    }
}

#[test]
fn schema_and_page_are_what_the_types_say() {
    let schema = DomainFile::schema();
    let files = [
        (
            "app/client/src/deploy/domain.schema.json",
            serde_json::to_string_pretty(&schema).expect("JSON") + "\n",
        ),
        ("docs/domain-file.md", page(&schema)),
    ];
    for (file, text) in files {
        let path = checkout(file);
        if std::env::var_os("DOMAIN_FILE_WRITE").is_some() {
            fs::write(&path, &text).expect("written");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "{file} is not what the types say; write it with DOMAIN_FILE_WRITE=1"
        );
    }
}

/// Whatever the format has is in the schema under no other name, and nothing unknown is let through.
#[test]
fn every_table_refuses_what_it_does_not_know() {
    fn tables<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
        match schema {
            Value::Object(object) => {
                if object.contains_key("properties") && object.get("type") == Some(&"object".into()) {
                    found.push(schema);
                }
                object.values().for_each(|part| tables(part, found));
            }
            Value::Array(list) => list.iter().for_each(|part| tables(part, found)),
            _ => {}
        }
    }
    let schema = DomainFile::schema();
    let mut found = vec![];
    tables(&schema, &mut found);
    assert!(found.len() >= 15, "{}", found.len());
    assert!(found.iter().all(|table| table["additionalProperties"] == false));
}
