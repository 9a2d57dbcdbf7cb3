//! Generates Rust that names each constant of the interface: syn finds names and documentation, the compiler evaluates
//! the values. So no list is maintained by hand, and no expression is evaluated twice.
//! Also runs Anchor's lint of the programs. Its IDL build skips the lint if the macros were already expanded for the
//! tests.

use std::{env, fs, path::Path};

use anchor_syn::parser::context::CrateContext;
use syn::{Attribute, Expr, Item, ItemConst, ItemMod, Lit, Meta, Type, UseTree, Visibility};

fn main() {
    // Read at run time, because checkouts may share compiled artefacts.
    let manifest = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let root = Path::new(&manifest).join("../..");
    for program in ["bulkhead", "example-exchange"] {
        let source = root.join("programs").join(program).join("src");
        println!("cargo::rerun-if-changed={}", source.display());
        let safe = CrateContext::parse(source.join("lib.rs")).and_then(|program| program.safety_checks());
        if let Err(error) = safe {
            panic!("{error}");
        }
    }
    let crates = root.join("crates");
    let parse = |file: &str| {
        let path = crates.join(file);
        println!("cargo::rerun-if-changed={}", path.display());
        syn::parse_file(&fs::read_to_string(&path).expect(file)).expect(file)
    };
    let guard = parse("guard/src/guard.rs");
    let (board, action) = (module(&guard.items, "board"), module(&guard.items, "action"));
    let mut interface = parse("interface/src/constants.rs");
    for file in ["proofs", "recovery"] {
        let items = parse(&format!("interface/src/constants/{file}.rs")).items;
        interface.items.extend(items);
    }
    let seeds = parse("interface/src/seeds.rs");

    let single =
        constants(&interface.items, "bulkhead_interface::constants") + &re_exported(&interface.items, items(board));
    let mut sets = set("action", &action.attrs, items(action), "bulkhead_guard::action");
    for item in &interface.items {
        if let Item::Mod(module) = item {
            let name = module.ident.to_string();
            let path = format!("bulkhead_interface::constants::{name}");
            sets += &set(&name, &module.attrs, items(module), &path);
        }
    }
    let seeds: String = public(&seeds.items)
        .map(|seed| {
            let name = seed.ident.to_string();
            format!(
                "Seed {{ name: {name:?}, docs: &{:?}, value: bulkhead_interface::seeds::{name} }},",
                docs(&seed.attrs)
            )
        })
        .collect();
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("constants.rs");
    let table = format!(
        "pub(super) const CONSTANTS: &[Constant] = &[{single}];\npub(super) const SETS: &[Set] = &[{sets}];\npub(super) const SEEDS: &[Seed] = &[{seeds}];\n"
    );
    fs::write(out, table).expect("OUT_DIR");
}

/// The module of that name.
fn module<'a>(all: &'a [Item], name: &str) -> &'a ItemMod {
    let named = all.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => Some(module),
        _ => None,
    });
    named.expect(name)
}

/// What is inside a module.
fn items(module: &ItemMod) -> &[Item] {
    module.content.as_ref().map_or(&[], |(_, items)| items)
}

fn set(name: &str, attributes: &[Attribute], items: &[Item], path: &str) -> String {
    let constants = constants(items, path);
    if constants.is_empty() {
        return String::new();
    }
    format!(
        "Set {{ name: {name:?}, docs: &{:?}, constants: &[{constants}] }},",
        docs(attributes)
    )
}

fn constants(items: &[Item], path: &str) -> String {
    public(items).map(|constant| entry(constant, path)).collect()
}

/// The names that `pub use bulkhead_guard::board::{…}` imports from the guard.
fn re_exported(items: &[Item], board: &[Item]) -> String {
    let mut names = Vec::new();
    for item in items {
        if let Item::Use(item) = item {
            let is_of_guard = matches!(&item.tree, UseTree::Path(path) if path.ident == "bulkhead_guard");
            if is_of_guard {
                leaves(&item.tree, &mut names);
            }
        }
    }
    public(board)
        .filter(|constant| names.contains(&constant.ident.to_string()))
        .map(|constant| entry(constant, "bulkhead_interface::constants"))
        .collect()
}

fn leaves(tree: &UseTree, names: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
        UseTree::Name(name) => names.push(name.ident.to_string()),
        UseTree::Rename(_) | UseTree::Glob(_) => panic!("constants must be re-exported under their own names"),
    }
}

fn entry(constant: &ItemConst, path: &str) -> String {
    let name = constant.ident.to_string();
    let Type::Path(ty) = &*constant.ty else {
        panic!("{path}::{name} is not an integer");
    };
    let ty = ty.path.require_ident().expect("an integer").to_string();
    let docs = docs(&constant.attrs);
    format!("Constant {{ name: {name:?}, docs: &{docs:?}, ty: {ty:?}, value: {path}::{name} as i64 }},")
}

fn public(items: &[Item]) -> impl Iterator<Item = &ItemConst> {
    items.iter().filter_map(|item| match item {
        Item::Const(constant) if matches!(constant.vis, Visibility::Public(_)) => Some(constant),
        _ => None,
    })
}

fn docs(attributes: &[Attribute]) -> Vec<String> {
    let text = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_string()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(text).collect()
}
