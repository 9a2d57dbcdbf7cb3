//! Accounts to the byte: discriminators, offsets and sizes in Rust, in the IDL, and in
//! `docs/layouts.md`, which this writes when it is run with `BULKHEAD_WRITE_DOCS=1`.

mod expected;
mod page;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::PathBuf,
};

use anchor_lang::Discriminator;
use bulkhead_interface::{constants::VERSION, discriminator, layout::*};
use serde_json::Value;

use self::{expected::*, page::*};

/// The IDL, by name.
struct Idl {
    accounts: BTreeMap<String, Vec<u8>>,
    types: BTreeMap<String, Value>,
}

/// A field as the IDL has it.
struct Field {
    name: String,
    size: usize,
    kind: String,
    docs: String,
}

impl Idl {
    fn read() -> Self {
        let idl: Value = serde_json::from_str(include_str!("../../../../idl/bulkhead.json")).expect("JSON");
        let named = |list: &str| -> Vec<(String, Value)> {
            let rows = idl[list].as_array().expect("a list");
            rows.iter().map(|row| (text(&row["name"]), row.clone())).collect()
        };
        let bytes = |row: &Value| serde_json::from_value(row["discriminator"].clone()).expect("bytes");
        Self {
            accounts: named("accounts")
                .into_iter()
                .map(|(name, row)| (name, bytes(&row)))
                .collect(),
            types: named("types").into_iter().collect(),
        }
    }

    fn docs(&self, layout: &str) -> String {
        docs(&self.types[layout])
    }

    fn fields(&self, layout: &str) -> Vec<Field> {
        let layout = &self.types[layout];
        assert_eq!(
            (&layout["serialization"], &layout["repr"]["kind"]),
            (&"bytemuck".into(), &"c".into())
        );
        let fields = layout["type"]["fields"].as_array().expect("a struct");
        let field = |field: &Value| {
            let (size, kind) = self.measure(&field["type"]);
            Field {
                name: text(&field["name"]),
                size,
                kind,
                docs: docs(field),
            }
        };
        fields.iter().map(field).collect()
    }

    /// Bytes of a type, and its name.
    fn measure(&self, kind: &Value) -> (usize, String) {
        if let Some(of) = kind["array"].as_array() {
            let (size, name) = self.measure(&of[0]);
            let count = of[1].as_u64().expect("a number");
            return (
                size * usize::try_from(count).expect("small"),
                format!("[{name}; {count}]"),
            );
        }
        if let Some(name) = kind["defined"]["name"].as_str() {
            let size = self.fields(name).iter().map(|field| field.size).sum();
            return (size, name.to_owned());
        }
        let name = text(kind);
        let size = match name.as_str() {
            "u8" => 1,
            "u16" => 2,
            "u32" => 4,
            "u64" | "i64" => 8,
            "pubkey" => 32,
            other => panic!("{other} has no place in an account"),
        };
        (size, name)
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn docs(value: &Value) -> String {
    let lines = value["docs"].as_array().expect("every layout and field is explained");
    lines.iter().map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn discriminators_are_the_interfaces_and_unique() {
    let idl = Idl::read();
    let mut seen = BTreeSet::new();
    for layout in accounts() {
        let (anchor, interface, _) = layout.account.expect("an account");
        assert_eq!(anchor, interface, "{}", layout.name);
        assert_eq!(idl.accounts[layout.name], interface, "{}", layout.name);
        assert!(interface.starts_with(b"bh") && interface.is_ascii(), "{}", layout.name);
        assert!(seen.insert(interface), "{} is taken for another account", layout.name);
    }
}

#[test]
fn no_account_of_the_idl_is_forgotten() {
    let idl = Idl::read();
    let names: BTreeSet<_> = accounts().iter().map(|layout| layout.name.to_owned()).collect();
    assert_eq!(names, idl.accounts.keys().cloned().collect());
    let names: BTreeSet<_> = accounts()
        .iter()
        .chain(&parts())
        .map(|layout| layout.name.to_owned())
        .collect();
    let plain = idl
        .types
        .iter()
        .filter(|(_, layout)| layout["serialization"] == "bytemuck");
    assert_eq!(names, plain.map(|(name, _)| name.clone()).collect());
}

#[test]
fn fields_lie_where_the_idl_says_without_gaps() {
    let idl = Idl::read();
    for layout in accounts().iter().chain(&parts()) {
        let mut end = 0;
        let mut wanted = Vec::new();
        let fields = idl.fields(layout.name);
        for field in &fields {
            wanted.push((field.name.as_str(), end));
            end += field.size;
        }
        assert_eq!(layout.fields, wanted, "{}", layout.name);
        assert_eq!(layout.size, end, "{}", layout.name);
    }
}

#[test]
fn every_account_begins_alike() {
    for layout in accounts() {
        let head = [("version", 0), ("bump", 1), ("state", 2), ("flags", 3)];
        assert_eq!(layout.fields[..4], head, "{}", layout.name);
        assert_eq!(layout.size % 4, 0, "{}", layout.name);
    }
}

/// An account byte for byte, once: what a reader without any of our code sees.
#[test]
fn a_release_byte_for_byte() {
    let release = Release {
        version: VERSION,
        bump: 254,
        state: 1,
        flags: 0,
        evacuations: 3,
        index: 0x0102_0304_0506_0708,
        amount: 1_000_000,
        paid: 999,
        requested_ts: -2,
        payable_ts: 1_770_000_000,
        requested_slot: 400_000_000,
        vault: [0xAA; 32].into(),
        destination: [0xBB; 32].into(),
        owner: [0xCC; 32].into(),
        payer: [0xDD; 32].into(),
    };
    let mut image = b"bhReleas\x01\xFE\x01\x00\x03\x00\x00\x00".to_vec();
    image.extend_from_slice(&[8, 7, 6, 5, 4, 3, 2, 1]);
    image.extend_from_slice(&[0x40, 0x42, 0x0F, 0, 0, 0, 0, 0]);
    image.extend_from_slice(&[0xE7, 3, 0, 0, 0, 0, 0, 0]);
    image.extend_from_slice(&[0xFE, 255, 255, 255, 255, 255, 255, 255]);
    image.extend_from_slice(&[0x80, 0x0E, 0x80, 0x69, 0, 0, 0, 0]);
    image.extend_from_slice(&[0, 0x84, 0xD7, 0x17, 0, 0, 0, 0]);
    for key in [0xAA, 0xBB, 0xCC, 0xDD] {
        image.extend_from_slice(&[key; 32]);
    }
    let mut bytes = Release::DISCRIMINATOR.to_vec();
    bytes.extend_from_slice(bytemuck::bytes_of(&release));
    assert_eq!(bytes, image);
    let back: Release = bulkhead_client::decode::account(&image).expect("a release");
    assert_eq!(bytemuck::bytes_of(&back), bytemuck::bytes_of(&release));
}

/// The page that tells by hand where fields lie says the same.
#[test]
fn the_snapshot_format_has_these_offsets() {
    let page = include_str!("../../../../docs/snapshot-format.md");
    let mut found_layouts = 0;
    for layout in accounts() {
        let Some((_, section)) = page.split_once(&format!("\n`{}`, ", layout.name)) else {
            continue;
        };
        found_layouts += 1;
        let (size, section) = section.split_once(" bytes").expect("a size");
        assert_eq!(size.replace(',', ""), space_of(&layout).to_string(), "{}", layout.name);
        let rows = section.lines().skip(4).map_while(|line| line.strip_prefix("| "));
        let printed: Vec<_> = rows.filter_map(|row| row.split_once(" | `")).collect();
        assert!(printed.len() > 10, "{}", layout.name);
        for (offset, rest) in printed {
            let name = rest.split('`').next().expect("a name");
            let field = layout.fields.iter().find(|(field, _)| *field == name);
            let start = space_of(&layout) - layout.size;
            let found = field.map(|(_, offset)| (start + offset).to_string());
            assert_eq!(found.as_deref(), Some(offset), "{}.{name}", layout.name);
        }
    }
    assert_eq!(found_layouts, 3, "ledger, snapshot and shard");
}

#[test]
fn the_page_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/layouts.md");
    let page = page();
    if std::env::var_os("BULKHEAD_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/layouts.md is stale: run BULKHEAD_WRITE_DOCS=1 cargo test --workspace --test layouts"
    );
}
