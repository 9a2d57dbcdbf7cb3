//! IDLs that are wrong, or that mean harm: a named error and nothing else, never a panic, and nothing of theirs in code.

use bulkhead_adopt::{AdoptError, Options, adopt};
use serde_json::{Value, json};

fn read(value: &Value) -> Result<bulkhead_adopt::Adoption, AdoptError> {
    adopt(&value.to_string(), &Options::default())
}

/// An IDL of one account with these fields.
fn idl(fields: Value) -> Value {
    json!({
        "version": "0.1.0",
        "name": "host",
        "instructions": [],
        "accounts": [{ "name": "Position", "type": { "kind": "struct", "fields": fields } }],
        "types": [],
    })
}

fn plain() -> Value {
    idl(json!([{ "name": "owner", "type": "publicKey" }, { "name": "amount", "type": "u64" }]))
}

#[test]
fn what_is_no_idl_has_a_name() {
    assert!(matches!(adopt("{", &Options::default()), Err(AdoptError::NotJson(_))));
    assert_eq!(read(&json!({})).err(), Some(AdoptError::UnknownForm));
    assert_eq!(read(&json!([])).err(), Some(AdoptError::UnknownForm));
    let without = json!({ "version": "1", "name": "host", "instructions": [] });
    assert_eq!(read(&without).err(), Some(AdoptError::NoAccounts));
    let mut idl = plain();
    idl["metadata"] = json!({ "address": "not an address" });
    assert!(matches!(read(&idl), Err(AdoptError::BadAddress(_))));
    let options = Options {
        program: Some("1".into()),
        ..Options::default()
    };
    assert!(matches!(
        adopt(&plain().to_string(), &options),
        Err(AdoptError::BadAddress(_))
    ));
    let mut idl = plain();
    idl["accounts"][0]["type"]["kind"] = json!("union");
    assert!(matches!(read(&idl), Err(AdoptError::Bad { .. })));
}

/// Names are written into Rust, TOML and a guide.
#[test]
fn a_name_cannot_leave_its_place() {
    for name in ["a\"; loop {} //", "a\nb = 1", "../../etc", "a`b", "", "a b", "💥"] {
        let fields = json!([{ "name": name, "type": "publicKey" }, { "name": "amount", "type": "u64" }]);
        assert!(
            matches!(read(&idl(fields)), Err(AdoptError::BadName { .. })),
            "{name:?}"
        );
        let mut whole = plain();
        whole["name"] = json!(name);
        assert!(read(&whole).is_err(), "{name:?}");
        let mut account = plain();
        account["accounts"][0]["name"] = json!(name);
        assert!(read(&account).is_err(), "{name:?}");
    }
    // A type that is not known is told, without what could end a comment.
    let fields = json!([
        { "name": "owner", "type": "publicKey" },
        { "name": "amount", "type": "u64" },
        { "name": "rest", "type": "evil\"\nactivate = true\n" },
    ]);
    let draft = read(&idl(fields)).expect("it is read").draft();
    let domain = &draft
        .files
        .iter()
        .find(|file| file.path == "domain.toml")
        .expect("there")
        .text;
    assert!(!domain.contains("\nactivate = true"), "{domain}");
}

#[test]
fn two_of_one_name_are_refused() {
    let mut idl = plain();
    let again = idl["accounts"][0].clone();
    idl["accounts"].as_array_mut().expect("a list").push(again.clone());
    assert!(matches!(read(&idl), Err(AdoptError::Bad { .. })));
    let mut idl = plain();
    idl["types"] = json!([again, again]);
    assert!(matches!(read(&idl), Err(AdoptError::Bad { .. })));
}

/// Types that contain themselves end, in every form, with the part in front of them still read.
#[test]
fn types_that_contain_themselves_end() {
    let mut idl = idl(json!([
        { "name": "owner", "type": "publicKey" },
        { "name": "amount", "type": "u64" },
        { "name": "next", "type": { "defined": "Node" } },
    ]));
    idl["types"] = json!([{ "name": "Node", "type": { "kind": "struct", "fields": [
        { "name": "left", "type": { "defined": "Node" } },
        { "name": "right", "type": { "defined": "Node" } },
    ] } }]);
    let adoption = read(&idl).expect("it is read");
    assert_eq!(adoption.positions[0].owner.place.fixed(), Some(8));
    let mut deep = json!("u8");
    for _ in 0..100 {
        deep = json!({ "option": deep });
    }
    let fields = json!([{ "name": "owner", "type": deep }]);
    assert!(matches!(read(&self::idl(fields)), Err(AdoptError::TooDeep(_))));
}

#[test]
fn sizes_beyond_every_account_are_no_offsets() {
    for count in [u64::MAX, u64::MAX / 2, 1 << 40] {
        let fields = json!([
            { "name": "huge", "type": { "array": [{ "array": ["u64", 1 << 20] }, count] } },
            { "name": "owner", "type": "publicKey" },
            { "name": "amount", "type": "u64" },
        ]);
        // Nothing behind it has an offset, so there is no position.
        let adoption = read(&idl(fields)).expect("it is read");
        assert!(adoption.positions.is_empty());
        assert!(adoption.rejected[0].is_suspect, "{:?}", adoption.rejected);
    }
}

/// A mint is nobody: a claim to it could never be signed for.
#[test]
fn a_mint_is_never_drafted_as_the_owner() {
    let fields = json!([
        { "name": "pool", "type": "publicKey" },
        { "name": "nftMint", "type": "publicKey" },
        { "name": "amount", "type": "u64" },
    ]);
    let adoption = read(&idl(fields)).expect("it is read");
    let ledger = &adoption.draft().ledgers[0];
    assert!(
        !ledger.is_live && ledger.is_valid(&adoption.program).is_none(),
        "{ledger:?}"
    );
}

/// Both readings are told where the IDL does not say which is right.
#[test]
fn offsets_that_depend_on_zero_copy_carry_a_warning() {
    let fields = json!([
        { "name": "bump", "type": "u8" },
        { "name": "owner", "type": "publicKey" },
        { "name": "amount", "type": "u64" },
    ]);
    let position = &read(&idl(fields)).expect("it is read").positions[0];
    assert_eq!(position.amounts[0].offset, 41);
    assert!(
        position
            .warnings
            .iter()
            .any(|warning| warning.contains("`amount` at 48")),
        "{:?}",
        position.warnings
    );
}

/// Discriminators by name, as Anchor computes them.
#[test]
fn legacy_discriminators_are_the_hash_of_the_name() {
    let position = &read(&plain()).expect("it is read").positions[0];
    assert_eq!(position.filters, [(0, vec![170, 188, 143, 228, 122, 64, 247, 208])]);
}

/// A file that was cut off, and one in which any value is another: a draft or a named error, never a panic.
#[test]
fn damaged_files_never_panic() {
    let folder = format!("{}/tests/idls", env!("CARGO_MANIFEST_DIR"));
    let odd = [
        json!(null),
        json!(-1),
        json!(u64::MAX),
        json!(""),
        json!([]),
        json!({}),
        json!([[]]),
    ];
    let mut count = 0;
    for file in std::fs::read_dir(folder).expect("IDLs") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a text");
        for part in 1..20 {
            let cut = text.len() * part / 20;
            let cut = (0..=cut).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            assert!(matches!(
                adopt(&text[..cut], &Options::default()),
                Err(AdoptError::NotJson(_))
            ));
        }
        let whole: Value = serde_json::from_str(&text).expect("JSON");
        let mut paths = Vec::new();
        walk(&whole, String::new(), &mut paths);
        let step = paths.len().div_ceil(60).max(1);
        for (at, path) in paths.iter().step_by(step).enumerate() {
            let mut damaged = whole.clone();
            *damaged.pointer_mut(path).expect("it is there") = odd[at % odd.len()].clone();
            if let Ok(adoption) = read(&damaged) {
                assert!(!adoption.draft().files.is_empty());
            }
            count += 1;
        }
    }
    assert!(count > 500, "only {count} files were damaged");
}

/// Where every value of a file is. Names of IDLs have nothing that a pointer would have to escape.
fn walk(value: &Value, at: String, paths: &mut Vec<String>) {
    match value {
        Value::Array(all) => {
            for (i, inner) in all.iter().enumerate() {
                walk(inner, format!("{at}/{i}"), paths);
            }
        }
        Value::Object(all) => {
            for (key, inner) in all.iter().filter(|(key, _)| !key.contains(['/', '~'])) {
                walk(inner, format!("{at}/{key}"), paths);
            }
        }
        _ => {}
    }
    paths.push(at);
}
